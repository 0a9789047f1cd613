"""From a provider's preset to addresses, and from an address to its provider."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile, Provider
from ccflow_tui.models.provider import ProviderForm
from ccflow_tui.models.provider_forms import PROVIDER_FORMS, derives_api, inputs_of
from ccflow_tui.oauth import presets_platforms, presets_services
from ccflow_tui.oauth.field_findings import Findings, error, url_findings
from ccflow_tui.oauth.presets import UUID, ProviderPreset
from ccflow_tui.oauth.url_validation import MAX_URL_LENGTH, check_endpoint_url, origin_of

PRESETS: Mapping[Provider, ProviderPreset] = MappingProxyType(
    {
        Provider.PINGONE: presets_services.PINGONE,
        Provider.OKTA_ORG: presets_services.OKTA_ORG,
        Provider.OKTA_CUSTOM: presets_services.OKTA_CUSTOM,
        Provider.AUTH0: presets_services.AUTH0,
        Provider.ENTRA: presets_platforms.ENTRA,
        Provider.KEYCLOAK: presets_platforms.KEYCLOAK,
        Provider.COGNITO: presets_platforms.COGNITO,
        Provider.HYDRA: presets_platforms.HYDRA,
        Provider.GENERIC: ProviderPreset(),
    }
)


def is_uuid(text: str) -> bool:
    """Whether ``text`` has the shape of a UUID, as PingOne's environment ids have."""
    return re.fullmatch(UUID, text.strip(), re.IGNORECASE) is not None


def derive(profile: Profile) -> Profile:
    """Return the profile with issuer, token endpoint and API base as its preset gives them.

    Without usable inputs they are empty, so that an address from an earlier choice is never used by
    mistake. Profiles of the other modes come back unchanged.
    """
    if profile.endpoint_mode is not EndpointMode.PRESET:
        return profile
    preset, values = PRESETS[profile.provider], _template_values(profile)
    follows_api = derives_api(profile)
    if values is None:
        api_base = "" if follows_api else profile.api_base
        return replace(
            profile, issuer="", token_endpoint="", api_base=api_base, endpoint_source=EndpointSource.NONE
        )
    issuer = preset.issuer.format(**values)
    return replace(
        profile,
        **_own_attributes(profile),
        issuer=issuer,
        token_endpoint=preset.token_endpoint.format(issuer=issuer, **values),
        api_base=preset.api_base.format(**values) if follows_api else profile.api_base,
        endpoint_source=EndpointSource.DERIVED,
    )


def _own_attributes(profile: Profile) -> dict[str, Any]:
    return {item.key: item.trimmed(profile) for item in inputs_of(profile) if item.own_attribute}


def _template_values(profile: Profile) -> dict[str, str] | None:
    """Return what stands for the names in the templates; ``None`` while an input is missing or wrong."""
    preset, values = PRESETS[profile.provider], dict[str, str]()
    for item in inputs_of(profile):
        match = re.fullmatch(item.pattern, item.trimmed(profile))
        if match is None:
            return None
        values |= match.groupdict()
    values |= {name: table[values[group]] for name, (group, table) in preset.names.items()}
    is_usable = bool(preset.token_endpoint) and origin_of(
        preset.token_endpoint.format(issuer=preset.issuer.format(**values), **values)
    )
    return values if is_usable else None


def check_inputs(profile: Profile) -> Findings:
    """Report what a preset lacks, or what is wrong with it; nothing in the other endpoint modes."""
    wrong = False
    for item in inputs_of(profile):
        if not item.trimmed(profile):
            yield error(item.field, f"{item.label} is required.", item.where or item.remedy)
        elif not re.fullmatch(item.pattern, item.trimmed(profile)):
            yield error(item.field, item.problem, item.remedy)
        else:
            continue
        wrong = True
    if profile.endpoint_mode is EndpointMode.PRESET and profile.provider is Provider.GENERIC:
        yield error("endpoint_mode", "Another server has no preset.", "Give its issuer or token endpoint.")
    elif profile.endpoint_mode is EndpointMode.PRESET and not wrong and profile.token_endpoint:
        yield from url_findings(check_endpoint_url, profile.token_endpoint, inputs_of(profile)[0].field)


def provider_of(profile: Profile) -> Provider:
    """Return whose server the profile is for, by its preset or by an address that leaves no doubt."""
    if profile.endpoint_mode is EndpointMode.PRESET:
        return profile.provider
    for address in (profile.token_endpoint, profile.issuer):
        for provider, preset in PRESETS.items():
            if any(_matched(pattern, address) for pattern in preset.addresses):
                return provider
    return Provider.GENERIC


def preset_of(profile: Profile) -> ProviderPreset:
    """Return the preset of ``provider_of``; one without any quirk for a server of another kind."""
    return PRESETS[provider_of(profile)]


def form_of(profile: Profile) -> ProviderForm:
    """Return how the provider of ``provider_of`` presents itself."""
    return PROVIDER_FORMS[provider_of(profile)]


def recognise(text: str, profile: Profile) -> Mapping[str, Any]:
    """Return the changes to ``profile`` that a pasted address of a known provider stands for.

    Nothing when it is no address, or when it could be anybody's. An address that gives only some of the
    provider's inputs leaves the others as they are.
    """
    for provider, preset in PRESETS.items():
        for pattern in preset.addresses:
            if match := _matched(pattern, text.strip()):
                found = {name: value for name, value in match.groupdict().items() if value}
                return {"provider": provider, **_changes(provider, preset, found, profile)}
    return {}


def _matched(pattern: str, address: str) -> re.Match[str] | None:
    return re.fullmatch(pattern, address, re.IGNORECASE) if len(address) <= MAX_URL_LENGTH else None


def _changes(
    provider: Provider, preset: ProviderPreset, found: dict[str, str], profile: Profile
) -> dict[str, Any]:
    for name, (group, table) in preset.names.items():
        by_shown = {shown: value for value, shown in table.items()}
        found[group] = by_shown[found.pop(name).lower()]
    own = {item.key for item in PROVIDER_FORMS[provider].inputs if item.own_attribute}
    if own:
        return {key: value.lower() for key, value in found.items() if key in own}
    kept = dict(profile.provider_inputs) if profile.provider is provider else {}
    return {"provider_inputs": tuple({**kept, **found}.items())}

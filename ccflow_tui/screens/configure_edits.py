"""What an edit of the form makes of the profile: pure rules, loaded after the first paint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ccflow_tui.models.parameters import parse_parameters
from ccflow_tui.models.profile import (
    AssertionAudience,
    AuthMethod,
    BasicEncoding,
    EndpointMode,
    EndpointSource,
    Profile,
    Provider,
    ServerFacts,
)
from ccflow_tui.models.provider import INPUT_PREFIX
from ccflow_tui.models.provider_forms import derives_api, starting_values
from ccflow_tui.screens.configure_form import CERTIFICATE_PARTS, OWN_AUDIENCE, has_own_audience

LONGEST_NUMBER = 6
"""Digits that are read; more are no number of seconds."""

_CONVERTERS: Mapping[str, Callable[[str], object]] = {
    "resources": lambda text: tuple(text.split()),
    "extra_parameters": parse_parameters,
    "scope": str,
    "dpop": lambda text: text == "on",
    "production": lambda text: text == "on",
    "dpop_allow_bearer": lambda text: text == "on",
    "mtls_enabled": lambda text: text == "on",
    "endpoint_mode": EndpointMode,
    "provider": Provider,
    "basic_encoding": BasicEncoding,
    "assertion_audience": lambda text: "" if text == OWN_AUDIENCE else AssertionAudience(text),
    "proactive_refresh_seconds": lambda text: _whole_seconds(text.strip()),
}


def as_value(name: str, text: str) -> object:
    """Return a field's text as the type that its profile attribute has."""
    return _CONVERTERS.get(name, str.strip)(text)


def _whole_seconds(text: str) -> int:
    """Return the number typed, the default for an empty field, and one that is out of range for no number."""
    if not text:
        return Profile().proactive_refresh_seconds
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0


class _Target(NamedTuple):
    """Where a profile pointed in one endpoint mode and with one provider."""

    issuer: str
    token_endpoint: str
    endpoint_source: EndpointSource
    api_base: str
    provider_inputs: tuple[tuple[str, str], ...]

    def changes(self) -> dict[str, Any]:
        return self._asdict()


class Edits:
    """Applies edits, and keeps what was entered for a mode, provider or method while another is tried out."""

    def __init__(
        self, derive: Callable[[Profile], Profile], unconfirmed: Callable[[Profile], str] = lambda _: ""
    ) -> None:
        self._derive, self._unconfirmed = derive, unconfirmed
        self._left: dict[tuple[EndpointMode, Provider], _Target] = {}
        self._left_algs: dict[bool, str] = {}
        """The algorithms chosen last: for a secret (``True``) and for a private key."""
        self._left_audience = ""
        """The user's own audience of the assertion, entered last."""

    def forget(self) -> None:
        """Start anew with another profile."""
        self._left.clear()
        self._left_algs.clear()
        self._left_audience = ""

    def apply(self, profile: Profile, changes: Mapping[str, Any]) -> Profile:
        """Return the profile after an edit.

        An endpoint never outlives the issuer it was found for.
        """
        changes = _with_certificate(profile, _with_inputs(profile, self._with_audience(profile, changes)))
        after = replace(profile, **changes)
        if (after.endpoint_mode, after.provider) != (profile.endpoint_mode, profile.provider):
            changes = {**self._switch(profile, after), **_other_start(profile, after), **changes}
        elif "issuer" in changes:
            changes |= {"token_endpoint": "", "endpoint_source": EndpointSource.NONE}
        elif "token_endpoint" in changes:
            changes["endpoint_source"] = EndpointSource.TYPED
        if "auth_method" in changes:
            alg = changes.get("assertion_alg", profile.assertion_alg)
            changes["assertion_alg"] = self._fitting_alg(changes["auth_method"], alg)
        return _still_discovered(profile, self._derive(replace(profile, **changes)))

    def _with_audience(self, profile: Profile, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Take the user's own audience, and bring back the one entered last when it is chosen again."""
        changed = dict(changes)
        if OWN_AUDIENCE in changed:
            changed["assertion_audience"] = changed.pop(OWN_AUDIENCE)
        elif "assertion_audience" in changed:
            if has_own_audience(profile):
                self._left_audience = profile.assertion_audience
            changed["assertion_audience"] = changed["assertion_audience"] or self._left_audience
        return changed

    def _switch(self, profile: Profile, after: Profile) -> dict[str, Any]:
        self._left[profile.endpoint_mode, profile.provider] = _Target(
            profile.issuer,
            profile.token_endpoint,
            profile.endpoint_source,
            profile.api_base,
            profile.provider_inputs,
        )
        if found := self._left.get((after.endpoint_mode, after.provider)):
            return found.changes()
        if profile.provider is not after.provider:
            return _Target("", "", EndpointSource.NONE, "", ()).changes()
        # The preset's API belongs to the preset's server: a token of another one must not go there.
        api_base, inputs = "" if derives_api(profile) else profile.api_base, profile.provider_inputs
        if after.endpoint_mode is EndpointMode.MANUAL:
            # An endpoint that waits for the user's word must not pass for one that the user typed; nor one
            # whose word was not needed as long as requests went to its alias for mutual TLS instead.
            plain = replace(profile, server=ServerFacts())
            endpoint = "" if self._unconfirmed(plain) else profile.token_endpoint
            source = EndpointSource.TYPED if endpoint else EndpointSource.NONE
            return _Target(profile.issuer, endpoint, source, api_base, inputs).changes()
        return _Target(profile.issuer, "", EndpointSource.NONE, api_base, inputs).changes()

    def _fitting_alg(self, method: AuthMethod, alg: str) -> str:
        """Return an algorithm of the method's own kind: a secret signs by HS*, a private key by any other.

        The arrow keys pass one method on their way to another, which must not lose what was chosen there.
        """
        by_secret = method is AuthMethod.CLIENT_SECRET_JWT
        if alg.startswith("HS") is by_secret:
            return alg
        self._left_algs[not by_secret] = alg
        return self._left_algs.get(by_secret, "HS256" if by_secret else Profile().assertion_alg)


def _with_inputs(profile: Profile, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Put edits of single provider inputs together."""
    single = {name: value for name, value in changes.items() if name.startswith(INPUT_PREFIX)}
    if not single:
        return dict(changes)
    inputs = dict(profile.provider_inputs)
    inputs |= {name.removeprefix(INPUT_PREFIX): value for name, value in single.items()}
    rest = {name: value for name, value in changes.items() if name not in single}
    return {**rest, "provider_inputs": tuple((name, value) for name, value in inputs.items() if value)}


def _with_certificate(profile: Profile, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Put edits of what names the client certificate together."""
    parts = {CERTIFICATE_PARTS[name]: value for name, value in changes.items() if name in CERTIFICATE_PARTS}
    rest = {name: value for name, value in changes.items() if name not in CERTIFICATE_PARTS}
    return {**rest, "mtls": replace(profile.mtls, **parts)} if parts else rest


def _other_start(before: Profile, after: Profile) -> dict[str, Any]:
    """Return the values that the other provider starts from, for fields that nobody has changed."""
    plain, old, new = Profile(), starting_values(before), starting_values(after)
    return {
        name: new.get(name, getattr(plain, name))
        for name in {**old, **new}
        if getattr(before, name) == old.get(name, getattr(plain, name))
    }


def _still_discovered(before: Profile, after: Profile) -> Profile:
    """Keep the label of an endpoint that was discovered and that the preset would derive all the same."""
    same = (before.issuer, before.token_endpoint) == (after.issuer, after.token_endpoint)
    if same and before.endpoint_source is EndpointSource.DISCOVERED:
        return replace(after, endpoint_source=EndpointSource.DISCOVERED)
    return after

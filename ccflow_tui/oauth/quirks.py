"""What a provider will not do with, told before it is tried; the quirks are data in the presets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ccflow_tui.models.parameters import joined
from ccflow_tui.models.problems import FieldProblem, InputProblem
from ccflow_tui.models.profile import AssertionAudience, Profile
from ccflow_tui.oauth.audience import assertion_audience
from ccflow_tui.oauth.explanation import Case, Remedy
from ccflow_tui.oauth.field_findings import Findings, warning
from ccflow_tui.oauth.providers import PRESETS, form_of, preset_of
from ccflow_tui.oauth.url_validation import MAX_URL_LENGTH


def quirk_findings(profile: Profile) -> Findings:
    """Report what this provider's documentation says against; warnings, for the server has the last word."""
    preset, label = preset_of(profile), form_of(profile).label
    for rule in preset.rules:
        if rule.methods and profile.auth_method not in rule.methods:
            continue
        value = getattr(profile, rule.field)
        if re.search(rule.pattern, joined(value) if isinstance(value, tuple) else str(value)):
            yield warning(rule.field, rule.problem, rule.remedy)
    if preset.methods and profile.auth_method not in preset.methods:
        names = " or ".join(preset.methods)
        yield warning("auth_method", f"{label} does not take {profile.auth_method} here.", f"Choose {names}.")
    if profile.auth_method.signs and profile.token_endpoint:
        yield from _check_addressee(profile, preset.assertion_audience, label)


def issuer_quirk(asked: str, stated: str) -> FieldProblem | None:
    """Return why a provider's metadata names the issuer ``stated`` and not ``asked``, where that is known."""
    if max(len(asked), len(stated)) > MAX_URL_LENGTH:
        return None
    for quirk in (each for preset in PRESETS.values() for each in preset.issuer_quirks):
        ours = re.fullmatch(quirk.asked, asked, re.IGNORECASE)
        theirs = re.fullmatch(quirk.stated, stated, re.IGNORECASE)
        if ours and theirs:
            remedy = quirk.remedy.format(**ours.groupdict(), **theirs.groupdict())
            return FieldProblem(quirk.field, quirk.problem, remedy, kind=quirk.name)
    return None


def _check_addressee(profile: Profile, wanted: AssertionAudience | None, label: str) -> Findings:
    """Report an assertion that would be addressed in another way than the provider documents."""
    documented = {
        AssertionAudience.ISSUER: profile.issuer,
        AssertionAudience.TOKEN_ENDPOINT: profile.token_endpoint,
    }
    try:
        audience, _ = assertion_audience(profile)
    except InputProblem:
        return  # told by the check of the credentials
    if wanted is not None and audience != documented[wanted]:
        name = wanted.replace("_", " ")
        yield warning(
            "assertion_audience",
            f"{label} wants the assertion addressed to its {name}.",
            f"Choose {name}, unless you know better.",
        )


def provider_hints(code: str, case: Case) -> Iterator[Remedy]:
    """Yield what helps at this provider against an OAuth error."""
    for hint in preset_of(case.profile).hints:
        if code in hint.codes and re.search(hint.scope, case.profile.scope):
            yield hint.remedy

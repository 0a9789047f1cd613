"""What was granted, held against what was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.grant_report import grant_report
from tests.oauth.signed_tokens import API, CLAIMS, unchecked
from tests.support.fakes import EPOCH
from tests.support.verdicts import worst

PROFILE = Profile(audience=API)
JKT, X5T = {"cnf": {"jkt": "x"}}, {"cnf": {"x5t#S256": "x"}}


def jwt(**changes: Any) -> str:
    claims = CLAIMS | changes
    return unchecked(**{name: value for name, value in claims.items() if value is not None})


def report(text: str = "", profile: Profile = PROFILE, **changes: Any) -> dict[str, Finding]:
    token = AccessToken(
        Secret(text or jwt()), "Bearer", EPOCH, 1.0, 3600, scope="read", requested_scope="read"
    )
    return {finding.topic: finding for finding in grant_report(profile, replace(token, **changes))}


def test_B7_what_was_asked_for_and_granted_is_green() -> None:
    found = report()
    assert worst(found.values()) is Verdict.GOOD
    assert [finding.text for finding in found.values()] == [
        "read, as asked.",
        f"{API}, as asked.",
        "3600 s, as the token's own exp says.",
    ]


SCOPES: dict[str, tuple[str | None, str, dict[str, Any], Verdict, str]] = {
    "in another order": ("b a", "a b", {}, Verdict.GOOD, "b a, as asked."),
    "part of it": ("a", "a b", {}, Verdict.DOUBT, "not granted: b; granted: a."),
    "nothing of it": ("x", "a b", {}, Verdict.BAD, "not granted: a b; granted: x."),
    "empty": ("", "a", {}, Verdict.BAD, "not granted: a; granted: none."),
    "more": ("a b", "a", {}, Verdict.DOUBT, "more than was asked: b."),
    "none asked": ("a", "", {}, Verdict.GOOD, "a."),
    "none at all": (None, "", {"scope": None}, Verdict.GOOD, "none asked for."),
    "unsaid": (None, "a", {"scope": None}, Verdict.DOUBT, "did not say"),
    "unsaid, but in the token": (None, "read", {}, Verdict.GOOD, "read, as asked."),
    "unsaid, but in scp": (None, "a", {"scope": None, "scp": ["a", "b"]}, Verdict.DOUBT, "more than"),
    "unsaid, scp as a text": (None, "a", {"scope": None, "scp": "a"}, Verdict.GOOD, "a, as asked."),
    "unsaid, scp odd": (None, "a", {"scope": None, "scp": [7]}, Verdict.DOUBT, "did not say"),
}


@pytest.mark.parametrize("case", SCOPES)
def test_B7_scopes_are_compared_as_sets(case: str) -> None:
    granted, asked, claims, verdict, words = SCOPES[case]
    finding = report(jwt(**claims), scope=granted, requested_scope=asked)["Scope"]
    assert (finding.verdict, words in finding.text) == (verdict, True), finding


def test_G9_another_audience_than_asked_for_is_red() -> None:
    assert report(jwt(aud="https://other"))["Audience"].verdict is Verdict.BAD
    resource = replace(PROFILE, audience="", resources=("https://other",))
    assert report(profile=resource)["Audience"].verdict is Verdict.DOUBT


def test_G11_an_opaque_token_cannot_tell_its_audience() -> None:
    assert "Introspect" in report("opaque")["Audience"].text
    assert "Audience" not in report("opaque", Profile())


LIFETIMES: dict[str, tuple[dict[str, Any], dict[str, Any], Verdict, str]] = {
    "exp earlier": ({}, {"expires_in": 300, "stated_expires_in": 3600}, Verdict.DOUBT, "3600 s"),
    "exp later": ({"exp": int(EPOCH) + 9000}, {}, Verdict.DOUBT, "9000 s; the earlier one counts"),
    "unstated": ({}, {"expires_in": None}, Verdict.DOUBT, "own exp gives it 3600 s"),
}


@pytest.mark.parametrize("case", LIFETIMES)
def test_G12_expires_in_and_exp_are_both_shown(case: str) -> None:
    claims, changes, verdict, words = LIFETIMES[case]
    finding = report(jwt(**claims), **changes)["Lifetime"]
    assert (finding.verdict, words in finding.text) == (verdict, True), finding


def test_G12_without_an_exp_the_stated_lifetime_stands_unquestioned() -> None:
    assert "Lifetime" not in report(jwt(exp=None))
    assert "Lifetime" not in report(jwt(exp=None), expires_in=None)


CERTIFICATE = replace(PROFILE, mtls=MutualTls(enabled=True))
BINDINGS: dict[str, tuple[dict[str, Any], str, Profile, Verdict | None]] = {
    "none": ({}, "Bearer", PROFILE, None),
    "DPoP": (JKT, "DPoP", PROFILE, Verdict.GOOD),
    "DPoP whose key only the server can tell": ({}, "DPoP", PROFILE, Verdict.DOUBT),
    "a DPoP token typed Bearer": (JKT, "Bearer", PROFILE, Verdict.BAD),
    "certificate": (X5T, "Bearer", CERTIFICATE, Verdict.GOOD),
    "certificate asked for, not bound": ({}, "Bearer", CERTIFICATE, Verdict.DOUBT),
    "H5 Bearer where DPoP was asked": ({}, "Bearer", replace(PROFILE, dpop=True), Verdict.DOUBT),
    "no cnf that an API could check": ({"cnf": ["jkt"]}, "Bearer", PROFILE, Verdict.BAD),
    "both": ({"cnf": {**JKT["cnf"], **X5T["cnf"]}}, "DPoP", CERTIFICATE, Verdict.GOOD),
    "DPoP, but not the certificate": (JKT, "DPoP", CERTIFICATE, Verdict.DOUBT),
}


@pytest.mark.parametrize("case", BINDINGS)
def test_F4_H6_the_binding_is_compared_with_the_type(case: str) -> None:
    claims, token_type, profile, verdict = BINDINGS[case]
    finding = report(jwt(**claims), profile, token_type=token_type).get("Binding")
    assert (finding.verdict if finding else None) is verdict


def test_F4_the_certificate_in_use_is_compared_with_the_one_that_the_token_names() -> None:
    def binding(claims: dict[str, Any], x5t: str) -> Finding:
        token = AccessToken(Secret(jwt(**claims)), "Bearer", EPOCH, 1.0, 3600)
        return next(f for f in grant_report(CERTIFICATE, token, x5t=x5t) if f.topic == "Binding")

    assert binding(X5T, "x") == Finding(
        Verdict.GOOD, "Binding", "bound to the client certificate in use (x)."
    )
    assert binding(X5T, "").text == "bound to a client certificate."
    for odd, shown in (("y\x1b[2J", "y"), (7, "not a text")):
        found = binding({"cnf": {"x5t#S256": odd}}, "x")
        assert found.verdict is Verdict.BAD
        assert found.text.startswith("bound to another client certificate than the one in use")
        assert shown in found.text
        assert "\x1b" not in found.text
    assert binding({}, "x").verdict is Verdict.DOUBT


def test_H5_an_opaque_bound_token_is_not_suspected() -> None:
    assert "Binding" not in report("opaque", token_type="DPoP")


def test_what_the_server_wrote_is_scrubbed() -> None:
    found = report(jwt(aud=["a\x1b[2J"]), Profile(), scope="a\u202eb", requested_scope="")
    assert "\x1b" not in found["Audience"].text
    assert "\u202e" not in found["Scope"].text

"""Answers about a token that come as a JWT (RFC 9701): believed when verified, not used otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.models.inspection import Introspection
from ccflow_tui.oauth.introspection_jwt import parse_signed_answer
from ccflow_tui.oauth.jws import SignedToken
from ccflow_tui.oauth.token_answer import TokenAnswer
from ccflow_tui.services.ports import WireResponse
from tests.oauth.signed_tokens import CLIENT, ISSUER, jwk, jwks, key, sign
from tests.services.inspection_bench import METADATA, PROFILE, SECRET, Bench
from tests.support.fakes import EPOCH, json_response

TYPE = "application/token-introspection+jwt"
TOLD = {"active": True, "scope": "read", "client_id": CLIENT}
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": CLIENT, "iat": int(EPOCH), "token_introspection": TOLD}


def answer(text: str, content_type: str = TYPE, status: int = 200) -> WireResponse:
    return WireResponse(status, (("content-type", content_type),), text.encode(), EPOCH)


def signed(changes: Mapping[str, Any] | None = None, **options: Any) -> str:
    """Sign an answer; ``None`` takes a claim out."""
    claims = {name: value for name, value in (CLAIMS | (changes or {})).items() if value is not None}
    return sign(claims, **{"typ": "token-introspection+jwt", **options})


async def asked(response: WireResponse, bench: Bench | None = None) -> Introspection:
    bench = bench or Bench()
    bench.server.answers["introspect"] = response
    found: Introspection = await bench.inspector.introspect(PROFILE, bench.token())
    return found


@pytest.mark.parametrize("alg", ["RS256", "PS512", "ES256", "Ed25519", "EdDSA"])
async def test_G7_a_verified_answer_tells_about_the_token(alg: str) -> None:
    kind = {"RS256": "RSA", "PS512": "RSA", "ES256": "P-256"}.get(alg, "Ed25519")
    bench = Bench(jwks=json_response(jwks(jwk(key(kind))).decode()))
    found = await asked(answer(signed(alg=alg)), bench)
    assert (found.active, dict(found.claims)) == (True, {"scope": "read", "client_id": CLIENT})
    [finding] = found.findings
    assert finding == Finding(
        Verdict.GOOD, "Answer", f"a JWT, verified with the server's key ({alg}, kid k1)."
    )


@pytest.mark.parametrize(
    ("changes", "options", "content_type"),
    [
        ({"aud": ["another", CLIENT]}, {}, TYPE),
        ({"iat": int(EPOCH) - 299}, {}, TYPE),
        ({"iat": int(EPOCH) + 299}, {}, TYPE),
        ({}, {"typ": TYPE}, TYPE),
        ({}, {"typ": "Token-Introspection+JWT"}, f"{TYPE.upper()}; charset=utf-8"),
        ({}, {"kid": None}, TYPE),
    ],
)
async def test_G7_what_the_rfc_leaves_open_is_taken(
    changes: dict[str, Any], options: dict[str, Any], content_type: str
) -> None:
    assert (await asked(answer(signed(changes, **options), content_type))).active is True


async def test_G7_an_inactive_token_is_an_answer_here_too() -> None:
    found = await asked(answer(signed({"token_introspection": {"active": False}})))
    assert (found.active, found.problem) == (False, "")


UNTRUSTED: dict[str, tuple[str, str]] = {
    "not signed": (signed(alg="none", signer=key("oct")), "it is not signed"),
    "no signature": (signed().rpartition(".")[0] + ".", "it is not signed"),
    "a shared secret": (signed(alg="HS256"), "shared secret (HS256)"),
    "another's key": (signed(signer=key("RSA", serial=1)), "does not fit the server's key (RS256, kid k1)"),
    "an unknown key": (signed(kid="other"), "publishes no key that fits it (RS256, kid other)"),
    "a key of another kind": (signed(alg="ES256"), "publishes no key that fits it (ES256, kid k1)"),
    "an extension": (signed(crit=["x"], x=1), "extensions that ccflow does not know (x)"),
    "an access token": (signed(typ="at+jwt"), "its typ is at+jwt"),
    "no typ": (signed(typ=None), "its typ is missing"),
    "another issuer": (signed({"iss": "https://evil.example"}), "its issuer is https://evil.example"),
    "no issuer": (signed({"iss": None}), "its issuer is missing"),
    "another client": (signed({"aud": "another"}), "it is for another and not for this client"),
    "no audience": (signed({"aud": None}), "it is for missing"),
    "old": (signed({"iat": int(EPOCH) - 301}), "issued 301 s ago"),
    "of the future": (signed({"iat": int(EPOCH) + 301}), "issued 301 s in the future"),
    "no date": (signed({"iat": None}), "when it was issued"),
    "a date that is none": (signed({"iat": "now"}), "when it was issued"),
    "nothing told": (signed({"token_introspection": None}), "no token_introspection"),
    "told as a text": (signed({"token_introspection": '{"active":true}'}), "no token_introspection"),
    "claims outside": (signed({"token_introspection": None, "active": True}), "no token_introspection"),
    "no object": (sign(b"[]", typ="token-introspection+jwt"), "claims cannot be read"),
    "JSON": (json.dumps(TOLD), "not made as one"),
    "empty": ("", "not made as one"),
    "not ASCII": ("ü.ü.ü", "not made as one"),
    "encrypted": ("a.b.c.d.e", "encrypted its answer"),
}


@given(st.one_of(st.binary(), st.text(".abc-_=", max_size=40).map(str.encode)))
def test_G7_any_body_of_that_type_is_told(body: bytes) -> None:
    found = parse_signed_answer(TokenAnswer(200, (("content-type", TYPE),), body, EPOCH, 1.0))
    assert isinstance(found, SignedToken) or (found.active is None and found.problem and found.remedy)


@pytest.mark.parametrize("case", UNTRUSTED)
async def test_G7_an_answer_that_is_not_verified_is_not_used(case: str) -> None:
    text, words = UNTRUSTED[case]
    found = await asked(answer(text))
    assert (found.active, dict(found.claims), found.findings) == (None, {}, ())
    assert words in found.problem
    assert found.remedy


async def test_G7_a_verified_answer_must_still_say_whether_the_token_is_active() -> None:
    found = await asked(answer(signed({"token_introspection": {"active": "true"}})))
    assert (found.active, '"active"' in found.problem) == (None, True)


async def test_E12_a_rotated_key_is_looked_for_once_more() -> None:
    sets = [jwks(jwk(key("RSA", serial=1), kid="old")), jwks(jwk(key("RSA")))]
    bench = Bench(jwks=lambda _: json_response(sets.pop(0).decode()))
    assert (await asked(answer(signed()), bench)).active is True
    assert len(bench.server.asked("jwks")) == 2


UNCHECKED: dict[str, tuple[Callable[[], Bench], str]] = {
    "no keys named": (lambda: Bench(METADATA | {"jwks_uri": None}), "names no keys"),
    "no keys there": (lambda: Bench(jwks=WireResponse(500, (), b"", 0.0)), "HTTP 500"),
}


@pytest.mark.parametrize("case", UNCHECKED)
async def test_G7_without_keys_the_answer_is_not_used(case: str) -> None:
    make, words = UNCHECKED[case]
    found = await asked(answer(signed()), make())
    assert (found.active, words in found.problem, "could not be checked" in found.problem) == (
        None,
        True,
        True,
    )
    assert found.remedy


async def test_D20_a_key_that_the_answer_names_is_not_fetched() -> None:
    bench = Bench()
    stranger = key("RSA", serial=1)
    own = {"jku": "https://evil.example/k", "jwk": jwk(stranger)}
    found = await asked(answer(signed(signer=stranger, **own)), bench)
    assert found.active is None
    assert not [request for request in bench.server.requests if "evil" in request.url]


async def test_G7_what_a_signed_answer_says_is_scrubbed_and_redacted() -> None:
    told = {"active": True, "scope": "a\x1b[2Jb", "echo": SECRET}
    found = await asked(answer(signed({"token_introspection": told})))
    assert found.claims["scope"] == "a[2Jb"
    assert SECRET not in repr(found)
    odd = await asked(answer(signed({"iss": "x\x1b[2J" + "y" * 500})))
    assert "\x1b" not in odd.problem and len(odd.problem) < 400
    for echo in (signed({"iss": SECRET}), signed({"aud": SECRET}), signed(typ=SECRET), signed(kid=SECRET)):
        assert SECRET not in repr(await asked(answer(echo)))


async def test_G7_a_refusal_of_that_type_is_still_a_refusal() -> None:
    found = await asked(answer('{"error":"invalid_client"}', status=401))
    assert (found.active, "invalid_client" in found.problem) == (None, True)


LISTS = {"introspection_endpoint_auth_methods_supported": ["private_key_jwt"]}
REVOKING = {"revocation_endpoint_auth_methods_supported": ["private_key_jwt"]}


async def test_E8_a_method_that_the_endpoint_does_not_list_is_told_beside_the_answer() -> None:
    bench = Bench(METADATA | LISTS)
    found: Introspection = await bench.inspector.introspect(PROFILE, bench.token())
    [finding] = found.findings
    assert (found.active, finding.verdict, finding.topic) == (True, Verdict.DOUBT, "Authentication")
    assert "does not list client_secret_post for introspection; it lists private_key_jwt." in finding.text
    assert any("for introspection" in entry.message for entry in bench.logger.entries()), "before the call"


async def test_E8_a_method_that_the_endpoint_does_not_list_is_told_first_where_it_refuses() -> None:
    refusal = json_response('{"error":"invalid_client"}', 401)
    bench = Bench(METADATA | LISTS | REVOKING, introspect=refusal, revoke=refusal)
    found = await bench.inspector.introspect(PROFILE, bench.token())
    assert found.remedy.startswith("The server does not list client_secret_post for introspection;")
    given_back = await bench.inspector.revoke(PROFILE, bench.token())
    assert given_back.remedy.startswith("The server does not list client_secret_post for revocation;")
    basic = Bench(METADATA, introspect=refusal)
    assert "list" not in (await basic.inspector.introspect(PROFILE, basic.token())).remedy


async def test_E8_a_listed_method_needs_no_word() -> None:
    methods = {name: [PROFILE.auth_method.value] for name in (*LISTS, *REVOKING)}
    bench = Bench(METADATA | methods)
    found = await bench.inspector.introspect(PROFILE, bench.token())
    assert (found.active, found.findings) == (True, ())
    assert (await bench.inspector.revoke(PROFILE, bench.token())).revoked
    assert not any("does not list" in entry.message for entry in bench.logger.entries())

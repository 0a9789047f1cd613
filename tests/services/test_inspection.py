"""Questions about a token: what is sent for them, what the answers mean, and what follows."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from ccflow_tui.models.finding import Verdict
from ccflow_tui.models.outcome import Phase
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod, MutualTls, Profile
from ccflow_tui.oauth.introspection import read_introspection
from ccflow_tui.oauth.token_answer import TokenAnswer
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.services.transport_faults import TransportFault
from tests.oauth.signed_tokens import CLAIMS, CLIENT, ISSUER, jwk, jwks, key, sign
from tests.services.inspection_bench import METADATA, PROFILE, SECRET, Bench
from tests.support.fakes import EPOCH, json_response
from tests.support.manual_clock import settle
from tests.support.verdicts import worst

FAULT = TransportFault(Phase.CONNECT, "refused", "The server refused the connection.")
NO_ISSUER = replace(PROFILE, issuer="")


async def test_G7_the_client_authenticates_as_at_the_token_endpoint() -> None:
    bench = Bench()
    token = bench.token()
    found = await bench.inspector.introspect(PROFILE, token)
    assert found.active is True
    assert bench.server.form("introspect") == {
        "token": token.value.reveal(),
        "token_type_hint": "access_token",
        "client_id": CLIENT,
        "client_secret": SECRET,
    }
    (request,) = bench.server.asked("introspect")
    assert request.method == "POST"
    assert ("Accept", "application/json") in request.headers
    assert ("Content-Type", "application/x-www-form-urlencoded") in request.headers


async def test_G7_basic_stands_in_the_header_and_the_token_in_the_body() -> None:
    bench = Bench()
    profile = replace(PROFILE, auth_method=AuthMethod.CLIENT_SECRET_BASIC)
    await bench.inspector.introspect(profile, bench.token())
    (request,) = bench.server.asked("introspect")
    basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    assert dict(request.headers)["Authorization"] == f"Basic {basic}"
    assert set(bench.server.form("introspect")) == {"token", "token_type_hint"}


async def test_G7_D9_each_question_signs_an_assertion_of_its_own_for_the_issuer() -> None:
    bench = Bench()
    profile = replace(
        PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="env:KEY", assertion_alg="ES256"
    )
    for _ in range(2):
        await bench.inspector.introspect(profile, bench.token())
    claims = [json.loads(_payload(request)) for request in bench.server.asked("introspect")]
    assert [one["aud"] for one in claims] == [ISSUER, ISSUER]
    assert claims[0]["jti"] != claims[1]["jti"]


def _payload(request: WireRequest) -> bytes:
    part = parse_qs(request.body.decode())["client_assertion"][0].split(".")[1]
    return base64.urlsafe_b64decode(part + "==")


async def test_G7_what_the_server_says_is_scrubbed_and_redacted() -> None:
    bench = Bench(
        introspect=lambda request: json_response(
            json.dumps({"active": True, "scope": "a\x1b[2Jb", "echo": [{"secret": SECRET}], "exp": 7})
        )
    )
    found = await bench.inspector.introspect(PROFILE, bench.token())
    assert found.claims["scope"] == "a[2Jb"
    assert found.claims["exp"] == 7
    assert SECRET not in repr(found)


async def test_G7_an_inactive_token_is_an_answer_and_no_error() -> None:
    found = await Bench(introspect=json_response('{"active":false}')).inspector.introspect(
        PROFILE, Bench().token()
    )
    assert (found.active, found.problem, dict(found.claims)) == (False, "", {})


MALFORMED = [
    '{"active":"true"}',
    '{"active":1}',
    '{"active":null}',
    "{}",
    "[]",
    "",
    "<html>",
    '{"active":true,"active":false}',
]


@pytest.mark.parametrize("body", MALFORMED)
def test_G7_active_must_be_a_boolean(body: str) -> None:
    found = read_introspection(TokenAnswer(200, (), body.encode(), EPOCH, 1.0))
    assert found.active is None
    assert found.problem
    assert found.remedy


REFUSALS: dict[str, tuple[WireResponse | Exception, str, str]] = {
    "invalid_client": (json_response('{"error":"invalid_client"}', 401), "invalid_client", "registered"),
    "401 alone": (WireResponse(401, (), b"", 0.0), "HTTP 401", "registered"),
    "403 alone": (WireResponse(403, (), b"", 0.0), "HTTP 403", "registered"),
    "404": (WireResponse(404, (), b"", 0.0), "HTTP 404", "nothing"),
    "200 with an error": (json_response('{"error":"access_denied"}'), "access_denied", "operator"),
    "a redirect": (WireResponse(302, (("location", "https://evil/"),), b"", 0.0), "redirect", "operator"),
    "no network": (FAULT, "refused the connection", "network"),
    "busy": (WireResponse(503, (("retry-after", "7"),), b"", 0.0), "HTTP 503", "again in 7 s"),
    "busy, no hint": (WireResponse(503, (), b"", 0.0), "HTTP 503", "again later"),
    "wrong hint": (json_response('{"error":"unsupported_token_type"}', 400), "unsupported", "by itself"),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_G7_G8_a_refusal_says_why_and_what_to_do(case: str) -> None:
    answer, problem, remedy = REFUSALS[case]
    bench = Bench(introspect=answer, revoke=answer)
    asked = await bench.inspector.introspect(PROFILE, bench.token())
    assert (asked.active, problem in asked.problem, remedy in asked.remedy) == (None, True, True)
    if case == "200 with an error":  # a revocation's body does not matter (RFC 7009, section 2.2)
        return
    given_back = await bench.inspector.revoke(PROFILE, bench.token())
    assert (given_back.revoked, problem in given_back.problem, remedy in given_back.remedy) == (
        False,
        True,
        True,
    )


async def test_G8_retry_after_is_told_in_seconds() -> None:
    bench = Bench(revoke=WireResponse(503, (("retry-after", "7"),), b"", 0.0))
    assert (await bench.inspector.revoke(PROFILE, bench.token())).retry_after == 7


@pytest.mark.parametrize("status", [201, 202, 204])
async def test_G8_only_200_says_that_the_token_is_revoked(status: int) -> None:
    bench = Bench(revoke=WireResponse(status, (), b"", 0.0))
    outcome = await bench.inspector.revoke(PROFILE, bench.token())
    assert (outcome.revoked, f"HTTP {status}" in outcome.problem) == (False, True)


async def test_G8_after_a_revocation_the_token_is_gone_from_cache_and_store() -> None:
    bench = Bench()
    await bench.engine.save_secret(PROFILE)
    token = await bench.granted()
    await settle()
    assert any("token" in name for name in bench.store.secrets)
    outcome = await bench.inspector.revoke(PROFILE, token)
    assert outcome.revoked
    assert await bench.engine.stored_token(PROFILE) is None
    assert not any(token.value == secret for secret in bench.store.secrets.values())
    before = len(bench.server.asked("token"))
    await bench.engine.call_resource(replace(PROFILE, api_base="https://api.example/v1/x"))
    assert len(bench.server.asked("token")) == before + 1
    await bench.engine.close()


async def test_G8_a_failed_revocation_keeps_the_token() -> None:
    bench = Bench(revoke=FAULT)
    token = await bench.granted()
    await bench.inspector.revoke(PROFILE, token)
    await bench.engine.call_resource(PROFILE)
    assert len(bench.server.asked("token")) == 1
    await bench.engine.close()


async def test_G8_a_store_that_cannot_delete_is_told_and_the_token_is_revoked_all_the_same() -> None:
    bench = Bench()
    token = await bench.granted()
    await settle()
    bench.store.problem = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it.")
    outcome = await bench.inspector.revoke(PROFILE, token)
    assert (outcome.revoked, outcome.problem, outcome.remedy) == (
        True,
        "The keyring is locked.",
        "Unlock it.",
    )
    bench.store.problem = None
    await bench.engine.close()


async def test_G8_revoking_another_token_leaves_the_one_in_use() -> None:
    bench = Bench()
    await bench.granted()
    await bench.inspector.revoke(PROFILE, bench.token("another-token"))
    await bench.engine.call_resource(PROFILE)
    assert len(bench.server.asked("token")) == 1
    await bench.engine.close()


NO_METADATA: dict[str, tuple[Profile, dict[str, Any] | None, str]] = {
    "no issuer": (NO_ISSUER, None, "names no issuer"),
    "an issuer that is none": (replace(PROFILE, issuer="nonsense"), None, "There is no metadata."),
    "nothing published": (replace(PROFILE, issuer="https://as.example/other"), None, "publishes no metadata"),
    "no endpoint": (PROFILE, {"issuer": ISSUER, "token_endpoint": f"{ISSUER}/token"}, "names no "),
}


@pytest.mark.parametrize("case", NO_METADATA)
async def test_G7_without_metadata_nothing_is_sent_and_the_way_out_is_told(case: str) -> None:
    profile, metadata, words = NO_METADATA[case]
    bench = Bench(metadata)
    for found in (
        await bench.inspector.introspect(profile, bench.token()),
        await bench.inspector.revoke(profile, bench.token()),
        await bench.inspector.verify(profile, bench.token()),
    ):
        said = found.problem if hasattr(found, "problem") else found.findings[0].text
        assert words in said
        assert found.remedy
    assert not [request for request in bench.server.requests if request.method == "POST"]
    assert not bench.inspector.can_revoke(profile)


async def test_G7_credentials_go_to_the_token_endpoints_host_only() -> None:
    elsewhere = {
        "introspection_endpoint": "https://evil.example/i",
        "revocation_endpoint": "https://evil.example/r",
    }
    bench = Bench(METADATA | elsewhere)
    for found in (
        await bench.inspector.introspect(PROFILE, bench.token()),
        await bench.inspector.revoke(PROFILE, bench.token()),
    ):
        assert "another host" in found.problem
    assert not bench.inspector.can_revoke(PROFILE)
    assert not [request for request in bench.server.requests if "evil" in request.url]


async def test_without_a_credential_nothing_is_asked() -> None:
    bench = Bench()
    found = await bench.inspector.introspect(replace(PROFILE, client_id="another"), bench.token())
    assert found.problem
    bench.store.problem = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it.")
    found = await bench.inspector.introspect(replace(PROFILE, client_id="another"), bench.token())
    assert (found.problem, found.remedy) == ("The keyring is locked.", "Unlock it.")
    assert not bench.server.asked("introspect")


async def test_E12_metadata_is_learnt_once_and_then_at_hand() -> None:
    bench = Bench()
    assert not bench.inspector.can_revoke(PROFILE)
    assert await bench.inspector.learn(PROFILE) == ""
    assert bench.inspector.can_revoke(PROFILE)
    await bench.clock.advance(999)
    assert await bench.inspector.learn(PROFILE) == ""
    assert len(bench.server.asked("oauth-authorization-server/tenant/as")) == 1
    await bench.inspector.introspect(PROFILE, bench.token())
    assert len(bench.server.asked("oauth-authorization-server/tenant/as")) == 2
    assert await bench.inspector.learn(NO_ISSUER) == (
        "There is no metadata: this profile names no issuer. Give an issuer in step 1."
    )


async def test_G9_a_token_is_verified_with_the_servers_key() -> None:
    bench = Bench()
    found = await bench.inspector.verify(PROFILE, bench.token())
    assert worst(found.findings) is Verdict.GOOD
    assert found.findings[0].topic == "Signature"


async def test_E12_an_unknown_kid_is_looked_for_once_more() -> None:
    sets = [jwks(jwk(key("RSA", serial=1), kid="old")), jwks(jwk(key("RSA")))]
    bench = Bench(jwks=lambda _: json_response(sets.pop(0).decode()))
    found = await bench.inspector.verify(PROFILE, bench.token())
    assert found.findings[0].verdict is Verdict.GOOD
    assert len(bench.server.asked("jwks")) == 2
    await bench.inspector.verify(PROFILE, bench.token())
    assert len(bench.server.asked("jwks")) == 2


async def test_E12_a_kid_that_stays_unknown_is_looked_for_no_more_than_once() -> None:
    bench = Bench()
    found = await bench.inspector.verify(PROFILE, bench.token(sign(kid="x")))
    assert "no key with the id x" in found.findings[0].text
    assert len(bench.server.asked("jwks")) == 2


async def test_E12_a_key_set_is_kept_for_a_while() -> None:
    bench = Bench()
    await bench.inspector.verify(PROFILE, bench.token())
    await bench.inspector.verify(PROFILE, bench.token())
    assert len(bench.server.asked("jwks")) == 1
    await bench.clock.advance(301)
    await bench.inspector.verify(PROFILE, bench.token())
    assert len(bench.server.asked("jwks")) == 2


UNFETCHED: dict[str, tuple[WireResponse | Exception, str]] = {
    "HTTP 500": (WireResponse(500, (), b"", 0.0), "HTTP 500"),
    "a redirect": (WireResponse(302, (), b"", 0.0), "HTTP 302"),
    "no network": (FAULT, "refused the connection"),
    "no set": (json_response("{}"), "no list of keys"),
}


@pytest.mark.parametrize("case", UNFETCHED)
async def test_E12_keys_that_cannot_be_had_leave_the_signature_unchecked(case: str) -> None:
    answer, words = UNFETCHED[case]
    found = await Bench(jwks=answer).inspector.verify(PROFILE, Bench().token())
    assert (found.findings[0].verdict, words in found.findings[0].text) == (Verdict.DOUBT, True)
    assert found.findings[0].text.startswith("Not checked.")
    assert found.remedy
    assert "RFC 9068" in {finding.topic for finding in found.findings}


async def test_D20_nothing_that_the_token_names_is_fetched() -> None:
    bench = Bench()
    await bench.inspector.verify(
        PROFILE, bench.token(sign(jku="https://evil/k", x5u="https://evil/c", kid="x"))
    )
    assert not [request for request in bench.server.requests if "evil" in request.url]


async def test_G11_an_opaque_token_is_told_and_nothing_is_fetched() -> None:
    bench = Bench()
    found = await bench.inspector.verify(PROFILE, bench.token("opaque"))
    assert "introspection" in found.findings[0].text
    assert bench.server.requests == []


async def test_a_client_certificate_is_not_shown_to_a_foreign_key_server() -> None:
    certificate = MutualTls(enabled=True, cert_ref="cert.pem")
    bench = Bench(METADATA | {"jwks_uri": "https://keys.example/jwks"})
    await bench.inspector.verify(replace(PROFILE, mtls=certificate), bench.token())
    assert bench.made == [certificate, MutualTls()]
    (request,) = bench.server.asked("jwks")
    assert request.url == "https://keys.example/jwks"


async def test_L1_neither_token_nor_secret_reaches_the_log() -> None:
    bench = Bench(introspect=json_response(json.dumps({"error": SECRET}), 400))
    token = bench.token()
    await bench.inspector.introspect(PROFILE, token)
    await bench.inspector.revoke(PROFILE, token)
    written = "\n".join(entry.message for entry in bench.logger.entries())
    assert "token introspected no answer" in written
    assert "token revoked=true" in written
    assert SECRET not in written
    assert token.value.reveal() not in written


def test_the_comparison_asks_nobody() -> None:
    bench = Bench()
    found = bench.inspector.compare(PROFILE, bench.token(requested_scope="read"))
    assert worst(found) is Verdict.GOOD
    assert bench.server.requests == []
    assert CLAIMS["aud"] in found[1].text

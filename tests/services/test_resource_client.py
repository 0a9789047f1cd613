"""The sample call: where the token may go, how often, and what the answer is made into."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Phase, ResourceResult
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.refused_token import Presented
from ccflow_tui.services.ports import WireResponse
from ccflow_tui.services.resource_answer import BODY_LIMIT, explain_status, snippet
from ccflow_tui.services.resource_client import ResourceCall, call_resource
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from tests.support.fakes import EPOCH, FakeClock, ScriptedTransport, json_response
from tests.support.fault_server import FaultServer, answers, http_answer

URL = "https://api.example/v1/environments/1"


def token(value: str = "stale.token", **changes: object) -> AccessToken:
    return replace(AccessToken(Secret(value), "Bearer", EPOCH, 1_000.0, 3600, scope="a"), **changes)  # type: ignore[arg-type]


def explained(response: WireResponse, shown: AccessToken | None = None) -> tuple[str, str]:
    return explain_status(response, Presented(token=shown or token(), url=URL, now=EPOCH), redact)


def redact(text: str) -> str:
    return text.replace("fresh.token", "[redacted]").replace("stale.token", "[redacted]")


class Bench:
    """A call over a scripted transport; ``fetched`` counts the fresh tokens."""

    def __init__(self, *script: object, fresh: AccessToken | None = None) -> None:
        self.transport = ScriptedTransport(*script)  # type: ignore[arg-type]
        self.fetched = 0
        self._fresh = fresh

    async def fetch(self) -> AccessToken | None:
        self.fetched += 1
        return self._fresh

    async def run(self, **changes: object) -> ResourceResult:
        call = ResourceCall(self.transport, FakeClock(), URL, token(), self.fetch, redact)
        return await call_resource(replace(call, **changes))  # type: ignore[arg-type]

    @property
    def bearers(self) -> list[str]:
        return [dict(request.headers)["Authorization"] for request in self.transport.requests]


async def test_a_success_shows_status_type_and_indented_body() -> None:
    bench = Bench(json_response('{"id":"1","_links":{}}'))
    result = await bench.run()
    assert result == ResourceResult(
        "GET", URL, 200, content_type="application/json", body='{\n  "id": "1",\n  "_links": {}\n}'
    )
    assert bench.transport.requests[0].headers == (
        ("Host", "api.example"),
        ("User-Agent", "ccflow/0.1.0"),
        ("Accept", "application/json"),
        ("Authorization", "Bearer stale.token"),
        ("Accept-Encoding", "identity"),
        ("Connection", "keep-alive"),
    )


async def test_elapsed_spans_the_whole_call() -> None:
    clock = FakeClock()

    def slow(_: object) -> WireResponse:
        clock.advance(1.5)
        return json_response("{}", 401)

    result = await Bench(slow, fresh=token("fresh.token")).run(clock=clock)
    assert result.elapsed == 3.0


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("abcXYZ019-._~+/==", True),
        ("a", True),
        ("a b", False),
        ("a\nb", False),
        ("a\n", False),
        ("a=b", False),
        ("a,b", False),
        ("秘", False),
        ("", False),
    ],
)
async def test_G3_only_a_b64token_is_sent(value: str, good: bool) -> None:
    bench = Bench(json_response("{}"))
    result = await bench.run(token=token(value))
    assert (len(bench.transport.requests), bool(result.problem)) == ((1, False) if good else (0, True))
    assert result.status == (200 if good else None)


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER"])
async def test_B2_bearer_is_spelled_in_any_case(token_type: str) -> None:
    assert (await Bench(json_response("{}")).run(token=token(token_type=token_type))).status == 200


async def test_B2_a_token_of_another_type_stays_here() -> None:
    bench = Bench(json_response("{}"))
    result = await bench.run(token=token(token_type="DPoP"))
    assert "DPoP" in result.problem
    assert bench.transport.requests == []


async def test_G5_a_401_fetches_one_token_and_asks_once_more() -> None:
    bench = Bench(json_response("{}", 401), json_response("{}"), fresh=token("fresh.token"))
    result = await bench.run()
    assert (result.status, result.fresh_token_used, bench.fetched) == (200, True, 1)
    assert bench.bearers == ["Bearer stale.token", "Bearer fresh.token"]


async def test_G5_a_server_that_always_says_401_is_asked_exactly_twice() -> None:
    bench = Bench(json_response("{}", 401), fresh=token("fresh.token"))
    result = await bench.run()
    assert (len(bench.bearers), bench.fetched) == (2, 1)
    assert (result.status, result.fresh_token_used) == (401, True)
    assert result.remedy


@pytest.mark.parametrize("fresh", [None, token("not a token")])
async def test_G5_without_a_usable_fresh_token_the_401_stands(fresh: AccessToken | None) -> None:
    bench = Bench(json_response("{}", 401), fresh=fresh)
    result = await bench.run()
    assert (result.status, result.fresh_token_used, len(bench.bearers)) == (401, False, 1)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_G5_other_refusals_fetch_no_token(status: int) -> None:
    bench = Bench(json_response("{}", status), fresh=token("fresh.token"))
    assert (await bench.run()).status == status
    assert bench.fetched == 0


@pytest.mark.parametrize(
    "url", ["http://api.example/v1", "https://u:p@api.example/", "https://a\\@b/", "", "api"]
)
async def test_G6_the_token_never_goes_in_the_clear(url: str) -> None:
    bench = Bench(json_response("{}"))
    result = await bench.run(url=url)
    assert result.status is None
    assert result.problem
    assert result.remedy
    assert bench.transport.requests == []


@pytest.mark.parametrize(
    ("location", "shown"),
    [("https://evil.example/x", "evil.example"), ("/v2", "another path"), ("http://[x", "unreadable")],
)
async def test_G6_a_redirect_is_told_and_not_followed(location: str, shown: str) -> None:
    bench = Bench(json_response("", 307, [("location", location)]))
    result = await bench.run()
    assert shown in result.problem
    assert result.status == 307
    assert len(bench.transport.requests) == 1


async def test_no_answer_is_a_problem_with_a_remedy() -> None:
    result = await Bench(TransportFault(Phase.CONNECT, "refused", "Refused.")).run()
    assert (result.status, result.problem, bool(result.remedy)) == (None, "Refused.", True)


async def test_an_unusable_client_certificate_is_a_problem_with_a_remedy() -> None:
    result = await Bench(InputProblem("mtls", "No file.", "Add it.")).run()
    assert (result.status, result.problem, result.remedy) == (None, "No file.", "Add it.")


def refusal(status: int, body: str = "", *challenges: str) -> WireResponse:
    return json_response(body, status, [("www-authenticate", value) for value in challenges])


PINGONE = {
    "id": "6f2a-11",
    "code": "ACCESS_FAILED",
    "message": "The request could not be completed.",
    "details": [{"code": "INSUFFICIENT_PERMISSIONS", "message": "You do not have access."}, "odd", {}],
}


def test_G4_pingones_error_body_becomes_problem_and_role_hint() -> None:
    problem, remedy = explained(refusal(403, json.dumps(PINGONE)))
    assert problem == (
        "The API answered HTTP 403: The request could not be completed (ACCESS_FAILED); "
        "You do not have access; reference 6f2a-11."
    )
    assert "role" in remedy


def test_G4_a_pingone_error_without_details_is_read_too() -> None:
    body = '{"code":"INVALID_TOKEN","message":"Bad.","details":"none"}'
    assert explained(refusal(401, body))[0] == ("The API answered HTTP 401: Bad (INVALID_TOKEN).")


@pytest.mark.parametrize(
    "challenges",
    [
        ('Bearer realm="x", error="insufficient_scope", scope="read write"',),
        ('Bearer error=insufficient_scope scope="read write"',),
        ('Basic realm="y", bearer error="insufficient_scope",scope = "read write"',),
        ('Basic realm="y"', 'BEARER scope="read write", error="insufficient_scope"'),
    ],
)
def test_G4_a_missing_scope_is_set_against_the_granted_one(challenges: tuple[str, ...]) -> None:
    remedy = explained(refusal(403, "", *challenges))[1]
    assert remedy == "The call needs the scope read write; the token has: a. Request it in step 1."


REMEDIES = {
    (401, 'Bearer error="invalid_token"'): "revoked, or too old",
    (401, 'Basic realm="x", Bearer error="invalid_token"'): "revoked, or too old",
    (401, "Bearer"): "as if no token had come",
    (401, 'Basic realm="x", Negotiate'): "wants basic, negotiate authentication",
    (401, "DPoP algs=ES256"): "bound to a key by DPoP",
    (401, 'Bearer error="invalid_token", DPoP algs=ES256'): "revoked, or too old",
    (400, 'Bearer error="invalid_request"'): "could not make sense",
    (400, 'Bearer error="something_new"'): "Check the API address",
    (403, "Bearer"): "another scope, audience or role",
    (403, 'Bearer error="insufficient_scope"'): "another scope than the token has: a.",
    (403, 'Bearer error="insufficient_scope", scope="a"'): "The token has the scope a that the call needs.",
    (503, 'Bearer error="invalid_token"'): "Try again later",
}


@pytest.mark.parametrize("told", REMEDIES)
def test_G4_the_challenge_decides_about_the_remedy(told: tuple[int, str]) -> None:
    status, challenge = told
    assert REMEDIES[told] in explained(refusal(status, "", challenge))[1]


DPOP_REMEDIES = {
    'DPoP error="use_dpop_nonce"': "nonce",
    'DPoP error="invalid_dpop_proof"': "proof",
    'Bearer error="insufficient_scope", DPoP error="invalid_token"': "revoked, or too old",
}


@pytest.mark.parametrize("challenge", DPOP_REMEDIES)
def test_G4_a_bound_token_is_told_of_the_dpop_challenge(challenge: str) -> None:
    bound = token(token_type="DPoP")
    assert DPOP_REMEDIES[challenge] in explained(refusal(401, "", challenge), bound)[1]


@pytest.mark.parametrize(
    ("status", "challenge", "calls"),
    [
        (401, "", 2),
        (401, "Bearer", 2),
        (401, 'Bearer error="invalid_token"', 2),
        (401, 'Basic realm="x", bearer error="invalid_token"', 2),
        (401, 'Bearer error="invalid_request"', 1),
        (401, 'Bearer error="insufficient_scope"', 1),
        (401, 'Basic realm="x"', 1),
        (401, 'DPoP error="use_dpop_nonce"', 1),
        (403, 'Bearer error="invalid_token"', 1),
        (403, "", 1),
        (400, 'Bearer error="invalid_token"', 1),
    ],
)
async def test_G5_a_fresh_token_is_fetched_only_where_it_may_help(
    status: int, challenge: str, calls: int
) -> None:
    challenges = (challenge,) if challenge else ()
    bench = Bench(refusal(status, "", *challenges), fresh=token("fresh.token"))
    result = await bench.run()
    assert (len(bench.bearers), bench.fetched, result.status) == (calls, calls - 1, status)


def test_G4_a_token_whose_scope_is_not_known_has_the_one_it_asked_for() -> None:
    challenge = 'Bearer error="insufficient_scope", scope="b"'
    for granted, shown in ((token(scope=None, requested_scope="q"), "q"), (token(scope=""), "none")):
        assert f"the token has: {shown}." in explained(refusal(403, "", challenge), granted)[1]


def test_G4_the_challenge_says_why_where_the_body_does_not() -> None:
    challenge = 'Bearer error="invalid_token", error_description="The \\"token\\" expired."'
    assert "expired" in explained(refusal(401, "<html>", challenge))[0]
    assert "invalid_token" in explained(refusal(401, "", 'Bearer error="invalid_token"'))[0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 429, 500, 503])
def test_every_refusal_has_a_remedy(status: int) -> None:
    problem, remedy = explained(refusal(status, '{"title":"No.\\u001b[2J"}'))
    assert problem == f"The API answered HTTP {status}: No.[2J."
    assert remedy


def test_an_odd_status_without_words_still_makes_a_sentence() -> None:
    assert explained(refusal(418, "[]")) == ("The API answered HTTP 418.", "")


async def test_the_tokens_value_is_taken_out_of_what_is_shown() -> None:
    body = json.dumps({"code": "X", "message": "token stale.token is bad", "seen": "stale.token"})
    result = await Bench(json_response(body, 403)).run()
    assert "stale.token" not in result.problem + result.body
    assert "[redacted]" in result.problem
    assert "[redacted]" in result.body


async def test_a_large_body_is_cut_after_it_was_redacted() -> None:
    body = json.dumps({"pad": "x" * (BODY_LIMIT - 20), "seen": "stale.token" * 9_000})
    result = await Bench(json_response(body)).run()
    assert len(result.body) == BODY_LIMIT
    assert "stale" not in result.body


def test_of_a_huge_body_only_the_start_is_looked_at() -> None:
    looked_at: list[int] = []

    def redact(text: str) -> str:
        looked_at.append(len(text))
        return text

    body = json.dumps(["x"] * 300_000).encode()
    assert len(snippet(body, redact)) == BODY_LIMIT
    assert max(looked_at) <= 64 * 1024


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", ""),
        (b"plain\x1b[2J text", "plain[2J text"),
        (b"\xef\xbb\xbf{}", "{}"),
        (b"\xff\xfe", ""),
        ("\u202eevil".encode(), "evil"),
        (b"[" * 100_000, "[" * (BODY_LIMIT - 1) + "…"),
        (b'{"n":' + b"9" * 5_000 + b"}", '{"n":' + "9" * (BODY_LIMIT - 6) + "…"),
        (b'{"a":"\\u001b\\ud800b"}', '{\n  "a": "\\u001bb"\n}'),
    ],
)
def test_a_body_is_made_harmless(body: bytes, shown: str) -> None:
    assert snippet(body, str) == shown


@given(st.binary(max_size=200))
def test_no_body_can_break_the_screen(body: bytes) -> None:
    shown = snippet(body, redact)
    assert len(shown) <= BODY_LIMIT
    assert all(character == "\n" or character >= " " for character in shown)


async def test_the_call_over_a_real_socket() -> None:
    transport = HttpTransport(clock=FakeClock())
    async with FaultServer(answers(http_answer("401 No", b"{}"), http_answer(body=b"{}"))) as server:
        bench = Bench(fresh=token("fresh.token"))
        result = await bench.run(transport=transport, url=server.url)
        await transport.close()
    assert (result.status, result.fresh_token_used) == (200, True)
    assert b"\r\nAuthorization: Bearer fresh.token\r\n" in server.requests[1]

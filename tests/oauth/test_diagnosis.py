from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import (
    Cancelled,
    Exchange,
    Granted,
    Malformed,
    Outcome,
    Phase,
)
from ccflow_tui.models.profile import (
    BasicEncoding,
    EndpointMode,
    MutualTls,
    Profile,
)
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth import diagnosis_http, diagnosis_network, diagnosis_oauth
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.oauth.diagnosis_clues import CLUES
from ccflow_tui.oauth.explanation import ENDPOINT, duration
from tests.oauth.failures import BASIC, JWT, PINGONE, POST, SERVER, http_error, network, refusal, told

CODES = sorted(diagnosis_oauth.CODES)
KINDS = sorted({*diagnosis_network.KINDS, *diagnosis_http.KINDS})


@pytest.mark.parametrize("outcome", [Granted(AccessToken(Secret("t"), "Bearer", 0, 0)), Cancelled()])
def test_good_news_and_a_cancel_need_no_advice(outcome: Outcome) -> None:
    assert advise(outcome, JWT) is None


@pytest.mark.parametrize("profile", [JWT, BASIC, POST, PINGONE], ids=["jwt", "basic", "post", "pingone"])
@pytest.mark.parametrize("code", [*CODES, "use_dpop_nonce", "vendor_code"])
def test_every_oauth_error_has_its_own_advice(code: str, profile: Profile) -> None:
    advice = refusal(code, profile, said="the server's words")
    assert advice.reason.startswith(f"{code}: HTTP 401, ")
    assert advice.server_said == "the server's words"
    assert 1 <= len(advice.what_to_do) <= 4
    assert ("OAuth error", code) in advice.details
    assert ("HTTP status", "401") in advice.details


def test_the_codes_do_not_share_their_titles() -> None:
    titles = {refusal(code).title for code in [*CODES, "use_dpop_nonce", "vendor_code"]}
    assert len(titles) == len(CODES) + 2


@pytest.mark.parametrize("kind", [*KINDS, "something-new"])
def test_every_kind_of_failure_has_its_own_advice(kind: str) -> None:
    for advice in (network(kind), told(Malformed("The reason.", kind))):
        assert advice.title
        assert advice.reason
        assert 1 <= len(advice.what_to_do) <= 4


@pytest.mark.parametrize("status", [*sorted(diagnosis_http.STATUSES), 402, 500, 501, 599])
def test_every_http_status_has_advice_that_names_it(status: int) -> None:
    advice = http_error(status)
    assert str(status) in advice.reason or status == 407
    assert advice.what_to_do
    assert ("HTTP status", str(status)) in advice.details


def all_texts() -> Iterator[str]:
    tables = (diagnosis_oauth.CODES, diagnosis_network.KINDS, diagnosis_http.KINDS, diagnosis_http.STATUSES)
    for explanation in (found for table in tables for found in table.values()):
        yield from (explanation.title, explanation.reason, *(r.text for r in explanation.remedies))
    yield from (clue.remedy.text for clue in CLUES)
    for code in CODES:
        for profile in (JWT, BASIC, POST, PINGONE, replace(BASIC, basic_encoding=BasicEncoding.RAW)):
            yield from refusal(code, profile).what_to_do


def test_texts_are_calm_and_whole_sentences() -> None:
    blame = re.compile(
        r"\b(wrongly|you (?:forgot|failed|must)|illegal|bad|fatal|oops|sorry|please|invalid)\b|!",
        re.I,
    )
    for text in filter(None, all_texts()):
        assert not blame.search(text), text
        assert len(text) <= 170, text
        assert "  " not in text
    remedies = [r for advice in map(refusal, CODES) for r in advice.what_to_do]
    assert all(text.endswith((".", ".)")) and text[0].isupper() for text in remedies)


def test_every_field_that_advice_points_to_exists() -> None:
    known = {field.name for field in fields(Profile)} | {"client_secret", ENDPOINT, ""}
    tables = (diagnosis_oauth.CODES, diagnosis_network.KINDS, diagnosis_http.KINDS, diagnosis_http.STATUSES)
    pointed = {r.field for table in tables for found in table.values() for r in found.remedies}
    assert pointed | {clue.remedy.field for clue in CLUES} <= known


@pytest.mark.parametrize(("status", "can_retry"), [(400, False), (429, True), (503, True)])
def test_a_busy_server_can_be_asked_again(status: int, can_retry: bool) -> None:
    assert refusal("invalid_request", status=status).can_retry is can_retry


@pytest.mark.parametrize("code", ["temporarily_unavailable", "server_error"])
def test_the_wait_a_server_asks_for_is_told(code: str) -> None:
    assert (
        refusal(code, status=503, retry_after=30.0).what_to_do[0]
        == "Wait 30 seconds, as the server asks, then retry."
    )
    assert refusal(code, status=503).what_to_do[0] == "Wait a minute, then retry."


def test_429_tells_the_wait_too() -> None:
    advice = http_error(429, retry_after=120.0)
    assert "2 minutes, as the server asks" in advice.what_to_do[0]
    assert ("Asks to wait", "2 minutes") in advice.details


def test_404_in_a_preset_points_to_environment_and_region() -> None:
    advice = http_error(404, PINGONE)
    assert advice.field == "environment_id"
    assert "Region" in advice.what_to_do[1]
    assert http_error(404).field == "token_endpoint"
    assert http_error(404, replace(JWT, endpoint_mode=EndpointMode.ISSUER)).field == "issuer"


def test_a_name_that_is_derived_is_not_called_misspelled() -> None:
    assert "network connection" in network("name-not-found", Phase.DNS, PINGONE).what_to_do[0]
    assert network("name-not-found", Phase.DNS).field == "token_endpoint"
    assert network("name-not-found", Phase.DNS).title == "as.example was not found"


@pytest.mark.parametrize("server", ["127.0.0.1:8080", "localhost:9", "[::1]:9"])
def test_a_local_server_may_not_be_running(server: str) -> None:
    assert "--demo" in network("refused", server=server).what_to_do[0]
    assert "--demo" not in network("refused", server="as.example").what_to_do[0]
    assert "--demo" in network("timed-out", Phase.CONNECT, server=server).what_to_do[0]
    assert "--demo" not in network("timed-out", Phase.RECEIVE, server=server).what_to_do[0]


def test_a_time_out_says_whether_anything_was_sent() -> None:
    assert "Nothing was sent" in network("timed-out", Phase.CONNECT).reason
    assert "Nothing was sent" not in network("timed-out", Phase.RECEIVE).reason


@pytest.mark.parametrize("kind", ["tls-failed", "reset"])
def test_a_client_certificate_is_suspected_where_one_is_sent(kind: str) -> None:
    assert network(kind, Phase.TLS, replace(JWT, mtls=MutualTls(True, "c.pem"))).field == "mtls"
    assert network(kind, Phase.TLS).field != "mtls"


def test_F3_a_certificate_that_is_wanted_is_named_where_none_is_sent() -> None:
    wanted = "localhost refused the TLS handshake over the client certificate: it wants one that it trusts."
    advice = network("tls-failed", Phase.TLS, detail=wanted)
    assert (advice.field, advice.what_to_do[0]) == (
        "mtls",
        "The server wants a client certificate. Turn on mutual TLS and name it.",
    )
    vague = network("tls-failed", Phase.TLS, detail="failed (sslv3 alert handshake failure).")
    assert vague.field != "mtls"
    assert "mutual TLS" in vague.what_to_do[1]
    assert "mutual TLS" not in " ".join(network("tls-failed", Phase.TLS).what_to_do)


def test_B22_tls_failures_are_told_apart() -> None:
    kinds = ("tls-expired", "tls-self-signed", "tls-wrong-host", "tls-unknown-ca", "tls-failed")
    advices = [network(kind, Phase.TLS) for kind in kinds]
    assert len({advice.title for advice in advices}) == 5
    assert all("no credentials were sent" in advice.reason for advice in advices)


def test_B23_a_certificate_that_strict_python_refuses_is_explained() -> None:
    detail = "certificate verify failed: Missing Authority Key Identifier"
    assert "RFC 5280" in network("tls-failed", Phase.TLS, detail=detail).what_to_do[0]
    assert "RFC 5280" not in network("tls-failed", Phase.TLS).what_to_do[0]


def test_a_request_that_could_not_be_prepared_names_why() -> None:
    advice = network("input", Phase.PREPARE, detail="The key file is missing.")
    assert advice.reason == "The key file is missing. Nothing was sent."
    assert not advice.can_retry


def test_B17_a_redirect_keeps_the_reason_and_cannot_be_retried() -> None:
    advice = told(Malformed("It points to {evil}.", "redirect"))
    assert advice.reason == "It points to {evil}."
    assert (advice.field, advice.can_retry) == ("token_endpoint", False)


def test_the_details_hold_what_an_operator_asks_for() -> None:
    exchange = Exchange(
        attempts=3,
        elapsed=4.25,
        http_status=500,
        server=SERVER,
        content_type="text/html",
        correlation_id="abc",
    )
    details = dict(told(Malformed("Why.", "html", "<p>start</p>", exchange)).details)
    assert details == {
        "Ended at": "parse",
        "Kind": "html",
        "Reason": "Why.",
        "Answer starts": "<p>start</p>",
        "HTTP status": "500",
        "Server": SERVER,
        "Attempts": "3",
        "Elapsed": "4.2 s",
        "Content type": "text/html",
        "Correlation ID": "abc",
        "Token endpoint": "https://as.example/token",
        "Client ID": "client-1",
        "Authentication method": "private_key_jwt",
    }


def test_a_server_that_is_not_known_is_called_the_server() -> None:
    assert network("reset", profile=Profile()).title == "The connection to the server was cut off"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (1, "1 second"),
        (45, "45 seconds"),
        (119, "119 seconds"),
        (600, "10 minutes"),
        (86_400, "24 hours"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@given(st.text(), st.text(), st.sampled_from([JWT, BASIC, POST, PINGONE]), st.none() | st.floats(-1e9, 1e9))
def test_any_refusal_is_explained(code: str, said: str, profile: Profile, skew: float | None) -> None:
    advice = refusal(code, replace(profile, client_id=said, scope=said), said, clock_skew=skew)
    assert advice.what_to_do
    assert code in advice.reason


@given(st.text(), st.sampled_from(Phase), st.text())
def test_any_failure_is_explained(kind: str, phase: Phase, detail: str) -> None:
    assert network(kind, phase, detail=detail).what_to_do
    assert told(Malformed(detail, kind)).what_to_do

"""Refusals that say nothing but an HTTP status, as servers and the gateways before them give them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.outcome import Advice, Exchange, Malformed
from ccflow_tui.models.profile import EndpointMode, MutualTls, Profile
from tests.oauth.failures import BASIC, JWT, POST, refusal, told

NETWORK, GATEWAY = "admits your network only", "A gateway in front"


def answered(status: int, profile: Profile, *, page: str = "", body: str = "") -> Advice:
    """Return the advice on an answer with a page of that title, another body, or none at all."""
    said = f': a web page titled "{page}"' if page else f": {body}" if body else ""
    kind = "text/html" if page else "application/json" if body else ""
    reason = f"The server answered HTTP {status} without an OAuth error{said}."
    exchange = Exchange(http_status=status, content_type=kind)
    return told(Malformed(reason, "http-error", snippet=page or body, exchange=exchange), profile)


def rank(advice: Advice, words: str) -> int:
    return next((place for place, text in enumerate(advice.what_to_do) if words in text), 99)


@pytest.mark.parametrize("status", [401, 403])
def test_a_silent_refusal_is_looked_for_in_the_credentials(status: int) -> None:
    basic = answered(status, replace(BASIC, scope="a"))
    assert basic.field == "client_secret"
    assert rank(basic, "Basic encoding to raw") < 4  # a server that decodes nothing may say no more
    signed = answered(status, JWT)
    assert signed.field == "key_reference"
    assert rank(signed, "Set the assertion's audience") < 4
    for advice in (basic, signed):
        assert rank(advice, NETWORK) == rank(advice, GATEWAY) == 99


def test_a_silent_403_may_ask_for_a_scope_where_there_is_none() -> None:
    assert rank(answered(403, BASIC), "need a scope") == 1
    assert rank(answered(403, replace(BASIC, scope="a")), "need a scope") == 99


def test_a_forbidding_page_points_to_the_network_and_an_answer_in_json_to_both() -> None:
    page = answered(403, BASIC, page="Request blocked")
    assert rank(page, NETWORK) == 0
    assert rank(page, "client secret") == 99
    json = answered(403, BASIC, body="Forbidden")
    assert (rank(json, NETWORK), rank(json, "client secret again")) == (0, 1)


def test_a_page_of_a_401_points_to_the_gateway_first() -> None:
    assert rank(answered(401, POST, page="401 Authorization Required"), GATEWAY) == 0
    assert rank(answered(401, POST, body="Unauthorized"), "client secret again") == 0


@pytest.mark.parametrize(
    ("page", "field", "words"),
    [
        ("400 The plain HTTP request was sent to HTTPS port", "token_endpoint", "https://"),
        ("You're speaking plain HTTP to an SSL-enabled server port", "token_endpoint", "https://"),
        ("400 No required SSL certificate was sent", "mtls", "Turn on mutual TLS"),
        ("400 The SSL certificate error", "mtls", "does not accept this client certificate"),
        ("Client certificate verification failed", "mtls", "does not accept this client certificate"),
    ],
)
def test_F3_pages_about_tls_are_understood(page: str, field: str, words: str) -> None:
    profile = replace(BASIC, mtls=MutualTls(True, "c.pem", "k.pem")) if "accept" in words else BASIC
    advice = answered(400, profile, page=page)
    assert advice.field == field
    assert words in advice.what_to_do[0]
    assert words not in answered(500, profile, page=page).what_to_do[0]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/o/token", "have it with a slash at its end"),
        ("/o/token/", "have it without the slash at its end"),
        ("/o/authorize", "often ends in /token"),
    ],
)
def test_a_missing_path_is_compared_with_what_is_usual(path: str, words: str) -> None:
    profile = replace(BASIC, token_endpoint=f"https://as.example{path}")
    advice = answered(404, profile)
    assert (advice.field, len(advice.what_to_do)) == ("token_endpoint", 1)
    assert words in advice.what_to_do[0]
    assert answered(404, replace(profile, endpoint_mode=EndpointMode.ISSUER)).field == "issuer"


def test_an_address_that_wants_a_token_is_not_the_token_endpoint() -> None:
    for said in ("Token parameter is missing.", "missing required parameter 'token'"):
        advice = refusal("invalid_request", BASIC, said, status=400)
        assert advice.field == "token_endpoint"
        assert "introspection or revocation" in advice.what_to_do[0]
    other = refusal("invalid_request", BASIC, "missing required parameter 'token_type_hint'", status=400)
    assert "introspection" not in other.what_to_do[0]


def test_A4_an_id_with_a_colon_may_only_fit_the_body_of_a_server_that_decodes_nothing() -> None:
    advice = refusal("invalid_client", replace(BASIC, client_id="a:b"))
    assert rank(advice, "client_secret_post") < 4
    assert rank(advice, "encoding to raw") == 99


@pytest.mark.parametrize(("encoded", "place"), [(True, 0), (None, 3), (False, 99)])
def test_A1_raw_basic_is_proposed_where_it_would_differ(encoded: bool | None, place: int) -> None:
    advice = refusal("invalid_client", BASIC, basic_encoded=encoded)
    assert rank(advice, "switch the Basic encoding to raw") == place
    assert (advice.field == "basic_encoding") is bool(encoded)


def test_A5_a_secret_that_is_called_malformed_is_looked_at() -> None:
    advice = refusal("invalid_request", POST, "Invalid parameter: `client_secret`", status=400)
    assert advice.field == "client_secret"
    assert "A.2" in advice.what_to_do[0]
    assert "A.2" not in refusal("invalid_request", JWT, "Invalid parameter: `client_secret`").what_to_do[0]

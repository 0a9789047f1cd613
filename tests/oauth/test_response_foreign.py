"""Answers outside the letter of RFC 6749, sections 5.1 and 5.2, as servers give them all the same."""

from __future__ import annotations

import pytest

from tests.oauth.test_response import TOKEN, granted, malformed, refused


@pytest.mark.parametrize("token_type", [" Bearer", "bearer\t", "BEARER\r\n"])
def test_B2_space_around_the_token_type_changes_nothing(token_type: str) -> None:
    assert granted({**TOKEN, "token_type": token_type}).token.token_type == "Bearer"


def test_B14_an_error_in_latin_1_keeps_its_code() -> None:
    body = '{"error":"invalid_client","error_description":"Schlüssel ungültig"}'.encode("latin-1")
    outcome = refused(body, status=401)
    assert (outcome.code, outcome.description) == ("invalid_client", "Schlüssel ungültig")


def test_B14_a_token_in_latin_1_is_refused() -> None:
    body = '{"access_token":"tok-1","token_type":"Bearer","note":"für Sie"}'.encode("latin-1")
    assert malformed(body).kind == "bad-json"


def test_B14_an_error_that_is_no_json_in_any_encoding_stays_what_it_is() -> None:
    assert malformed(b'{"error":"\xfc"', status=400).kind == "http-error"
    assert malformed('{"error":"invalid_client"}'.encode("utf-16"), status=400).kind == "http-error"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"invalid client.\n", "text/plain", ": invalid client"),
        (
            b"error=invalid_client&error_description=no",
            "application/x-www-form-urlencoded",
            ": error=invalid_client&error_description=no",
        ),
        (b"<error>invalid_client</error>", "application/xml", ": <error>invalid_client</error>"),
        (b'["scope is required"]', "application/json", ': ["scope is required"]'),
        (b"no\x1b[2J way", "text/plain", ": no[2J way"),
        (b"x" * 201, "text/plain", ""),
        (b"<html><p>no", "text/html", ""),
    ],
)
def test_B9_a_short_error_in_another_format_is_told(body: bytes, kind: str, words: str) -> None:
    outcome = malformed(body, status=400, headers=(("content-type", kind),))
    assert outcome.reason == f"The server answered HTTP 400 (Bad Request) without an OAuth error{words}."


def test_L1_a_short_error_tells_no_secret() -> None:
    outcome = malformed(
        b"bad: client_secret=hunter2, CANARY", status=400, redact=lambda text: text.replace("CANARY", "***")
    )
    assert "hunter2" not in outcome.reason and "CANARY" not in outcome.reason
    assert "bad: client_secret=" in outcome.reason


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, "resource not found"),
        (404, "Not Found"),
        (401, "unauthorized"),
        (403, "Access is denied"),
        (400, "Bad Request"),
    ],
)
def test_B9_the_phrase_of_a_framework_is_no_oauth_error(status: int, error: str) -> None:
    outcome = malformed({"error": error}, status=status)
    assert outcome.kind == "http-error"
    assert outcome.reason.endswith(f"without an OAuth error: {error}.")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "Client unknown"),
        (401, "bad_credentials"),
        (403, "https://as.example/locked"),
        (200, "not found"),
    ],
)
def test_B9_a_code_outside_the_standard_is_still_one(status: int, error: str) -> None:
    assert refused({"error": error}, status=status).code == error


def test_B9_a_phrase_with_a_description_is_the_servers_own_error() -> None:
    outcome = refused({"error": "unauthorized", "error_description": "Bad credentials"}, status=401)
    assert (outcome.code, outcome.description) == ("unauthorized", "Bad credentials")


def test_B9_a_challenge_counts_where_the_body_holds_a_phrase_only() -> None:
    headers = (("www-authenticate", 'Bearer error="invalid_client"'),)
    assert refused({"error": "Unauthorized"}, status=401, headers=headers).code == "invalid_client"

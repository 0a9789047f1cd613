from __future__ import annotations

import codecs
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.outcome import Exchange, Granted, Malformed, Outcome, Phase, Refused
from ccflow_tui.oauth.response import TokenAnswer, parse_token_response

SENT = 1_800_000_000.0
LINTED = (("content-type", "application/json"), ("cache-control", "no-store"))
TOKEN = {"access_token": "tok-1", "token_type": "Bearer", "expires_in": 3600, "scope": "a b"}


def answer(
    body: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = LINTED, **more: Any
) -> TokenAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = {"requested_scope": "a b", "exchange": Exchange(server="as.example"), **more}
    return TokenAnswer(status, headers, raw, requested_at=SENT, requested_at_monotonic=7.0, **more)


def parse(
    body: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = LINTED, **more: Any
) -> Outcome:
    return parse_token_response(answer(body, status, headers, **more))


def granted(body: Any, **more: Any) -> Granted:
    outcome = parse(body, **more)
    assert isinstance(outcome, Granted), outcome
    return outcome


def refused(body: Any, status: int = 400, **more: Any) -> Refused:
    outcome = parse(body, status, **more)
    assert isinstance(outcome, Refused), outcome
    return outcome


def malformed(body: Any, status: int = 200, **more: Any) -> Malformed:
    outcome = parse(body, status, **more)
    assert isinstance(outcome, Malformed), outcome
    return outcome


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in TOKEN.items() if name not in names}


def test_a_clean_answer_is_granted_without_notes() -> None:
    outcome = granted(TOKEN)
    token = outcome.token
    assert (token.value.reveal(), token.token_type, token.scope) == ("tok-1", "Bearer", "a b")
    assert (token.requested_at, token.requested_at_monotonic) == (SENT, 7.0)
    assert token.requested_scope == "a b"
    assert outcome.exchange == Exchange(http_status=200, server="as.example", content_type="application/json")
    assert outcome.notes == ()


@pytest.mark.parametrize("name", ["access_token", "token_type"])
@pytest.mark.parametrize(
    ("value", "why"), [(None, "missing"), ("", "empty"), (5, "not text"), (["x"], "not text")]
)
def test_B1_a_missing_member_is_named(name: str, value: object, why: str) -> None:
    outcome = malformed({**TOKEN, name: value})
    assert outcome.kind == "missing-field"
    assert f"{name} is {why}" in outcome.reason


@pytest.mark.parametrize("value", ["tok\n1", "tök", "t\ud800k"])
def test_B1_a_token_outside_vschar_is_refused(value: str) -> None:
    assert malformed({**TOKEN, "access_token": value}).kind == "missing-field"


@pytest.mark.parametrize("spelled", ["bearer", "BEARER", "bEaReR"])
def test_B2_bearer_in_any_case(spelled: str) -> None:
    assert granted({**TOKEN, "token_type": spelled}).token.token_type == "Bearer"


@pytest.mark.parametrize("other", ["mac", "N_A", "DPoP", "\x1b[2Jx"])
def test_B2_an_unknown_type_is_not_used(other: str) -> None:
    outcome = malformed({**TOKEN, "token_type": other})
    assert outcome.kind == "token-type"
    assert "\x1b" not in outcome.reason
    assert "tok-1" not in outcome.reason + outcome.snippet


@pytest.mark.parametrize("value", [3600, "3600", 3600.0, 3600.9])
def test_B3_a_lifetime_in_seconds(value: object) -> None:
    outcome = granted({**TOKEN, "expires_in": value})
    assert outcome.token.expires_in == 3600
    assert outcome.token.expires_at == SENT + 3600


@pytest.mark.parametrize(
    "raw", ['"soon"', '"3_600"', '" 3600 "', '"+3600"', '"٣٦٠٠"', "true", "[]", "{}", "1e309"]
)
def test_B3_an_unusable_lifetime_counts_as_not_stated(raw: str) -> None:
    outcome = granted(json.dumps(without("expires_in"))[:-1].encode() + f',"expires_in":{raw}}}'.encode())
    assert outcome.token.expires_in is None
    assert "counts as not stated" in outcome.notes[0]


def test_B3_a_missing_lifetime_is_not_stated() -> None:
    outcome = granted(without("expires_in"))
    assert outcome.token.expires_at is None
    assert "did not state a lifetime" in outcome.notes[0]


@pytest.mark.parametrize("value", [0, -5, "-5", -(10**50)])
def test_B4_zero_and_less_is_expired_on_arrival(value: object) -> None:
    outcome = granted({**TOKEN, "expires_in": value})
    assert outcome.token.expires_in == 0
    assert "expired on arrival" in outcome.notes[0]


@pytest.mark.parametrize("value", [10**12, 1e300, "9" * 100])
def test_B5_a_huge_lifetime_is_cut_to_a_year(value: object) -> None:
    outcome = granted({**TOKEN, "expires_in": value})
    assert outcome.token.expires_in == 31_536_000
    assert "longer than a year" in outcome.notes[0]


def test_B5_a_number_of_5000_digits_is_malformed() -> None:
    body = b'{"access_token":"tok-1","token_type":"Bearer","expires_in":' + b"9" * 5000 + b"}"
    assert malformed(body).kind == "bad-json"


@pytest.mark.parametrize(
    ("scope", "requested", "granted_scope", "note"),
    [
        ("a", "a b", "a", "not granted: b."),
        ("a b c", "a b", "a b c", "Granted more than you asked for: c."),
        ("b a", "a b", "b a", ""),
        ("x", "", "x", ""),
        (None, "a b", None, "did not say which scopes"),
        (None, "", None, ""),
        (["a", "b"], "a b", "a b", "came as a list"),
        (7, "a b", None, "is not text"),
        ("", "a", "", "not granted: a."),
    ],
)
def test_B7_granted_and_requested_scope_are_compared(
    scope: object, requested: str, granted_scope: str | None, note: str
) -> None:
    outcome = granted({**TOKEN, "scope": scope}, requested_scope=requested)
    assert outcome.token.scope == granted_scope
    assert any(note in found for found in outcome.notes) if note else outcome.notes == ()


def test_B8_a_missing_no_store_is_a_note_only() -> None:
    outcome = granted(TOKEN, headers=(("content-type", "application/json"),))
    assert "no-store" in outcome.notes[0]


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500, 503])
def test_B9_an_oauth_error_is_a_refusal_at_any_status(status: int) -> None:
    body = {
        "error": "invalid_client",
        "error_description": "no",
        "error_uri": "https://as.example/e1",
        **TOKEN,
    }
    outcome = refused(body, status)
    assert (outcome.code, outcome.description, outcome.phase) == ("invalid_client", "no", Phase.OAUTH)
    assert outcome.error_uri == "https://as.example/e1"
    assert outcome.exchange.http_status == status


def test_B9_a_null_error_beside_a_token_is_no_error() -> None:
    assert granted({**TOKEN, "error": None}).token.expires_in == 3600


def test_B9_an_error_object_beside_a_token_gives_no_token() -> None:
    outcome = malformed({**TOKEN, "error": {"code": 7, "message": "quota is used up"}})
    assert outcome.kind == "malformed"
    assert "quota is used up" in outcome.reason


def test_B9_the_challenge_names_the_error_when_the_body_does_not() -> None:
    challenge = ("www-authenticate", 'Basic realm="as", error="invalid_client"')
    assert refused(b"", 401, headers=(challenge,)).code == "invalid_client"
    assert refused({}, 401, headers=(challenge,)).code == "invalid_client"
    assert malformed(b"", 200, headers=(challenge,)).kind == "empty"


def test_B10_hostile_texts_are_shown_inert() -> None:
    outcome = refused(
        {"error": "bad\x1b[2J", "error_description": "\x07[red]\u202e" + "x" * 100_000, "error_uri": 5}
    )
    assert outcome.code == "bad[2J"
    assert outcome.description.startswith("[red]xxx")
    assert len(outcome.description) == 500
    assert outcome.error_uri == ""


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "file:///etc/passwd", "https://a b", ""])
def test_B11_only_web_addresses_are_kept(uri: str) -> None:
    assert refused({"error": "invalid_request", "error_uri": uri}).error_uri == ""


def test_B12_a_web_page_is_described() -> None:
    page = b"<!DOCTYPE html><title>Sign in &amp; wait &#27;[2J</title>" + b"<p>x</p>" * 600
    outcome = malformed(page, headers=(("content-type", "text/html; charset=utf-8"),))
    assert outcome.kind == "html"
    assert '5 KB, titled "Sign in & wait [2J"' in outcome.reason
    assert outcome.exchange.content_type == "text/html"


def test_B12_a_page_without_label_and_title_is_still_a_page() -> None:
    outcome = malformed(b"<html><body>hi</body></html>", headers=())
    assert (outcome.kind, "titled" in outcome.reason) == ("html", False)


@pytest.mark.parametrize("label", ["application/json; charset=utf-8", "Application/JSON;profile=x"])
def test_B13_json_with_any_parameters(label: str) -> None:
    assert granted(TOKEN, headers=(("content-type", label), ("cache-control", "no-store"))).notes == ()


@pytest.mark.parametrize(("label", "said"), [("text/plain", "labelled text/plain"), ("", "no content type")])
def test_B13_mislabelled_json_is_taken_with_a_note(label: str, said: str) -> None:
    assert said in granted(TOKEN, headers=(("content-type", label), ("cache-control", "No-Store"))).notes[0]


@pytest.mark.parametrize("label", ["application/x-www-form-urlencoded", "text/plain"])
def test_B13_a_form_body_is_recognised_explained_and_refused(label: str) -> None:
    outcome = malformed(b"access_token=CANARY&token_type=bearer", headers=(("content-type", label),))
    assert outcome.kind == "form-encoded"
    assert "JSON" in outcome.reason
    assert outcome.snippet == f"{label}, 37 bytes"


@pytest.mark.parametrize(
    ("body", "label", "shown"),
    [
        (b'{"access_token":["CANARY"]}', "application/json", "{access_token: [text]}"),
        (b'{"access_token":{"value":"CANARY"}}', "application/json", "{access_token: {value: text}}"),
        (
            b'{"jwt":"CANARY","expires_in":5,"x":null}',
            "text/html",
            "{jwt: text, expires_in: number, x: null}",
        ),
        (b'["CANARY"]', "application/json", "[text]"),
        (b'\xef\xbb\xbf["CANARY", true, "CANARY"]', "application/json", "[text, true or false]"),
        (b'{"CANARY token":1}', "application/json", "{(odd name): number}"),
        (b'{"a":{"b":{"c":{"CANARY":1}}}}', "application/json", "{a: {b: {c: {…}}}}"),
        (b'{"a":[[["CANARY"]]]}', "application/json", "{a: [[[…]]]}"),
        (b'{"access_token":"CANARY","access_token":"CANARY"}', "application/json", "{access_token: text}"),
        (b'"CANARY"', "application/json", "application/json, 8 bytes"),
        (b"CANARY", "text/plain", "text/plain, 6 bytes"),
        (b"CANARY", "text/html", "text/html, 6 bytes"),
        (b"<token>CANARY</token>", "application/xml", "application/xml, 21 bytes"),
        (b'{"access_token":"CANARY', "", "no content type, 23 bytes"),
        (b"[" * 100_000, "", "no content type, 98 KB"),
    ],
)
def test_L1_of_a_success_only_the_structure_is_shown(body: bytes, label: str, shown: str) -> None:
    outcome = malformed(body, headers=(("content-type", label),))
    assert outcome.snippet == shown
    assert "CANARY" not in repr(outcome)


def test_L1_a_structure_with_many_members_is_cut() -> None:
    body = {f"m{number}": number for number in range(21)}
    assert malformed(body).snippet.endswith("m19: number, …}")


def test_L1_what_a_failure_says_is_shown_without_what_looks_like_a_token() -> None:
    body = b'{"message":"no such client","token":"CANARY"} <access_token>CANARY</access_token>'
    snippet = malformed(body, 500).snippet
    assert "no such client" in snippet
    assert "CANARY" not in snippet


def test_B14_a_byte_order_mark_is_a_note() -> None:
    assert "byte order mark" in granted(codecs.BOM_UTF8 + json.dumps(TOKEN).encode()).notes[0]
    assert malformed(json.dumps(TOKEN).encode("utf-16")).kind == "bad-json"


@pytest.mark.parametrize(
    "body", [b'{"access_token":"CANARY-a","access_token":"CANARY-b"}', b"[" * 100_000, b"{NaN"]
)
def test_B15_B16_json_that_cannot_be_trusted_is_malformed(body: bytes) -> None:
    outcome = malformed(body)
    assert outcome.kind == "bad-json"
    assert "CANARY" not in outcome.reason + outcome.snippet


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_B17_a_redirect_is_never_followed(status: int) -> None:
    outcome = malformed(TOKEN, status, headers=(("location", "https://evil.example/x?secret=1"),))
    assert (outcome.kind, outcome.phase) == ("redirect", Phase.HTTP)
    assert f"HTTP {status}" in outcome.reason
    assert "another server, evil.example;" in outcome.reason


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/signin?state=1", "to /signin;"),
        ("https://as.example/new/token?x=1", "to https://as.example/new/token;"),
        ("https://u:p@evil.example:8443/x", "to another server, evil.example:8443;"),
        ("https://[broken", "to an unreadable address;"),
        ("https://as.example:99999/", "to an unreadable address;"),
        ("", "redirect (HTTP 302); ccflow"),
    ],
)
def test_B17_where_it_points_is_shown_without_query(location: str, shown: str) -> None:
    assert shown in malformed(b"", 302, headers=(("location", location),)).reason


@pytest.mark.parametrize("status", [200, 201, 204, 205])
def test_B21_a_success_without_body_is_empty(status: int) -> None:
    assert malformed(b"", status).kind == "empty"


@pytest.mark.parametrize("status", [100, 304, 404, 500, 799])
def test_B21_other_statuses_are_http_errors(status: int) -> None:
    outcome = malformed(b"", status)
    assert (outcome.kind, outcome.phase) == ("http-error", Phase.HTTP)
    assert f"HTTP {status}" in outcome.reason


def test_a_token_with_another_success_status_is_noted() -> None:
    assert "HTTP 201 instead of 200" in granted(TOKEN, status=201).notes[0]


def test_A14_other_tokens_are_neither_kept_nor_used() -> None:
    outcome = granted({**TOKEN, "refresh_token": "CANARY", "id_token": "CANARY"})
    assert len(outcome.notes) == 2
    assert "CANARY" not in repr(outcome)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"id": "p1-id", "code": "NOT_FOUND", "message": "no environment."}, ": no environment without"),
        ({"error": {"message": "inner"}}, ""),
        ({"errorSummary": "okta says"}, "okta says"),
        ({"timestamp": 1, "status": 404, "error": "Not Found", "path": "/t"}, "Not Found"),
        ({"nothing": 1}, "HTTP 404 (Not Found) without an OAuth error."),
        ([], "HTTP 404 (Not Found) without an OAuth error."),
        (b"<html><title>nginx 404</title>", 'a web page titled "nginx 404"'),
    ],
)
def test_an_http_error_says_what_the_body_says(body: Any, said: str) -> None:
    outcome = malformed(body, 404)
    assert outcome.kind == "http-error"
    assert said.removesuffix(" without").lstrip(": ") in outcome.reason


def test_L1_a_server_that_echoes_secrets_is_redacted() -> None:
    redact = {"redact": lambda text: text.replace("CANARY", "[redacted]")}
    echoed = refused({"error": "invalid_client", "error_description": "wrong CAN\u200bARY"}, **redact)
    page = malformed(
        b"<html><title>CANARY</title>client_secret=hunter2 eyJhbGciOiJIUzI1NiJ9.e30.c2ln", **redact
    )
    assert "CANARY" not in repr((echoed, page))
    assert "hunter2" not in page.snippet
    assert "eyJ" not in page.snippet


def test_L1_the_answer_itself_hides_body_and_headers() -> None:
    assert "tok-1" not in repr(answer(TOKEN))
    assert "no-store" not in repr(answer(TOKEN))


def test_a_refusal_without_readable_code_is_still_one() -> None:
    assert refused({"error": "\u200b\x1b"}).code == "unreadable"


@given(
    st.binary(max_size=120)
    | st.dictionaries(
        st.sampled_from(
            ["access_token", "token_type", "expires_in", "scope", "error", "error_uri", "id", "status"]
        ),
        st.text() | st.integers() | st.none() | st.lists(st.text()) | st.floats() | st.just("Bearer"),
    ),
    st.integers(100, 599),
    st.lists(
        st.tuples(
            st.sampled_from(["content-type", "date", "retry-after", "location", "www-authenticate"]),
            st.text() | st.sampled_from(["text/html", "Wed, 21 Oct 2026 07:28:00 GMT"]),
        ),
        max_size=3,
    ).map(tuple),
)
def test_parsing_never_raises_and_gives_exactly_one_outcome(
    body: Any, status: int, headers: tuple[tuple[str, str], ...]
) -> None:
    assert isinstance(parse(body, status, headers), Granted | Refused | Malformed)

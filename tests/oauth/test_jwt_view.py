from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.oauth.jwt_view import JWE_NOTE, JWT_NOTE, OPAQUE_NOTE, UNSIGNED_NOTE, view_token


def part(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_G10_a_jwt_is_decoded_and_labelled_for_debugging() -> None:
    claims = {"iss": "https://as.example", "scope": "a b", "exp": 1_800_000_000, "nested": {"list": [1, "x"]}}
    view = view_token(f"{part({'alg': 'RS256', 'typ': 'at+jwt'})}.{part(claims)}.c2ln")
    assert (view.kind, view.note) == ("jwt", JWT_NOTE)
    assert view.header == {"alg": "RS256", "typ": "at+jwt"}
    assert view.claims == claims
    assert "debugging" in view.note
    assert "opaque to the client" in view.note


@pytest.mark.parametrize(
    "token", [f"{part({'alg': 'none'})}.{part({})}.", f"{part({'alg': 'RS256'})}.{part({})}."]
)
def test_an_unsigned_jwt_says_so(token: str) -> None:
    assert view_token(token).note == UNSIGNED_NOTE


def test_G11_a_jwe_shows_its_header_only() -> None:
    view = view_token(f"{part({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.a.b.c.d")
    assert (view.kind, view.note, dict(view.claims)) == ("jwe", JWE_NOTE, {})
    assert view.header["enc"] == "A256GCM"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "opaque-reference-token",
        "a.b.c",
        "a.b.c.d.e",
        "....",
        "a.b.c.d.e.f",
        f"{part({'alg': 'RS256'})}.not-json.c",
        f"{part({'alg': 'RS256'})}.{part([1])}.c",
        f"{part({'typ': 'JWT'})}.{part({})}.c",
        f"{part({'alg': 5})}.{part({})}.c",
        f"{part({'alg': 'dir'})}.a.b.c.d",
        f"{part({'alg': 'RS256'})}=.{part({})}.c",
        f"{part({'alg': 'RS256'})}.A.c",
        f"{part({'alg': 'RS256'})}.é.c",
    ],
)
def test_G11_anything_else_is_opaque(token: str) -> None:
    view = view_token(token)
    assert (view.kind, view.note) == ("opaque", OPAQUE_NOTE)
    assert not view.header
    assert not view.claims


def test_claims_are_scrubbed_before_they_are_shown() -> None:
    claims = {"na\x1bme": "\x1b[2J\u202eevil", "list": ["\x07bell", {"in\u200bner": "\x9b"}], "n": None}
    header = {"alg": "ES256", "kid": "k\x1b]0;title"}
    view = view_token(f"{part(header)}.{part(claims)}.c2ln")
    assert view.claims == {"name": "[2Jevil", "list": ["bell", {"inner": ""}], "n": None}
    assert view.header["kid"] == "k]0;title"


@given(st.text() | st.builds(".".join, st.lists(st.text(alphabet="eyJhbGciOi-_=AQ"), min_size=2, max_size=6)))
def test_G11_viewing_never_raises(text: str) -> None:
    assert view_token(text).kind in {"jwt", "jwe", "opaque"}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))
def test_any_claims_are_decoded(claims: dict[str, Any]) -> None:
    assert view_token(f"{part({'alg': 'PS256'})}.{part(claims)}.c2ln").kind == "jwt"

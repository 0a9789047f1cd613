"""The preview of a request: the same text on screen, copied, and on the wire."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.models.token_request import DpopProof, Pair, TokenRequest
from ccflow_tui.widgets.color_coded_url import (
    BASE,
    NAME,
    PUNCTUATION,
    VALUE,
    ColorCodedUrl,
    url_pieces,
    url_text,
)
from ccflow_tui.widgets.request_preview import RequestPreview, plain_text
from ccflow_tui.widgets.time_text import time_of_day
from tests.support.fakes import EPOCH
from tests.ui.conftest import WidgetApp, screen_text
from tests.ui.samples import BASIC_REQUEST, JWT_REQUEST


def test_a_url_has_four_roles() -> None:
    pieces = [piece for piece in url_pieces("https://h/p?a=1&b") if piece[0]]
    assert pieces == [
        ("https://h/p", BASE),
        ("?", PUNCTUATION),
        ("a", NAME),
        ("=", PUNCTUATION),
        ("1", VALUE),
        ("&", PUNCTUATION),
        ("b", NAME),
    ]


@given(st.text())
def test_url_pieces_put_together_are_the_url(url: str) -> None:
    assert "".join(text for text, _ in url_pieces(url)) == url


async def test_color_coded_url_shows_and_changes() -> None:
    widget = ColorCodedUrl("https://one")
    app = WidgetApp(widget)
    async with app.run_test(size=(60, 4)) as pilot:
        assert "https://one" in screen_text(app)
        widget.show("https://two?[bold]=1")
        await pilot.pause()
        assert "https://two?[bold]=1" in screen_text(app)
        assert url_text("https://two?a=1").plain == "https://two?a=1"


def test_preview_masks_secrets_and_names_what_they_are() -> None:
    lines = plain_text(BASIC_REQUEST).splitlines()
    assert lines == [
        "POST https://auth.example.com/as/token?tenant=a&x",
        "Host: auth.example.com",
        f"Authorization: Basic {MASK}  (base64(client_id:client_secret))",
        "",
        "grant_type=client_credentials",
        "&scope=a%3Ab%20c",
    ]
    assert f"X-Secret: {MASK}\n" in plain_text(JWT_REQUEST)
    assert f"&client_assertion={MASK}  (signed JWT)" in plain_text(JWT_REQUEST)
    assert "aaa.bbb.ccc" not in plain_text(JWT_REQUEST)


def test_unmasked_preview_is_what_goes_over_the_wire() -> None:
    text = plain_text(BASIC_REQUEST, unmask=True)
    head, body = text.split("\n\n")
    headers = tuple(tuple(line.split(": ", 1)) for line in head.splitlines()[1:])
    assert headers == BASIC_REQUEST.wire_headers()
    assert body.replace("\n", "").encode() == BASIC_REQUEST.body()


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), min_size=1, max_size=4))
def test_body_lines_put_together_are_the_bytes_sent(fields: list[tuple[str, str]]) -> None:
    request = TokenRequest("https://h", (), tuple(Pair(name, value) for name, value in fields))
    body = plain_text(request).split("\n\n", 1)[1]
    assert body.replace("\n", "").encode() == request.body()


def test_assertion_is_explained_claim_by_claim_with_local_times() -> None:
    text = plain_text(JWT_REQUEST)
    assert "Client assertion header" in text
    assert '  alg: "RS256"  signature algorithm (RFC 7515, 4.1.1)' in text
    assert '  aud: "https://as"  meant for this authorization server only (RFC 7519, 4.1.3)' in text
    assert f"  exp: {EPOCH + 60}  {time_of_day(EPOCH + 60)}, worthless after this moment" in text
    assert "  x: [1]\n" in text
    assert "for every attempt" in text


def test_H1_a_dpop_proof_is_masked_as_sent_and_explained_claim_by_claim() -> None:
    proof = DpopProof(
        Secret("ddd.eee.fff"),
        {"typ": "dpop+jwt", "alg": "ES256", "jwk": {"kty": "EC", "x": "1"}},
        {"jti": "j", "htm": "POST", "htu": "https://as/t", "iat": EPOCH, "nonce": "n-1"},
        "thumb",
    )
    header = Pair("DPoP", proof.jwt, "signed JWT, good for one use", "$DPOP_PROOF")
    text = plain_text(replace(BASIC_REQUEST, headers=(*BASIC_REQUEST.headers, header), proof=proof))
    assert f"DPoP: {MASK}  (signed JWT, good for one use)" in text
    assert "ddd.eee.fff" not in text
    assert "DPoP proof header" in text
    assert '  jwk: {"kty": "EC", "x": "1"}  the public key that the token gets bound to' in text
    assert '  htu: "https://as/t"  for this address only (RFC 9449, 4.2)' in text
    assert '  nonce: "n-1"  what the server asked for' in text
    assert "Client assertion" not in text
    assert "Signed anew for every attempt" in text


async def test_preview_shows_the_text_and_starts_empty() -> None:
    preview = RequestPreview()
    app = WidgetApp(preview)
    async with app.run_test(size=(100, 40)) as pilot:
        assert "Nothing built yet" in screen_text(app)
        preview.show(JWT_REQUEST)
        await pilot.pause()
        shown = [line.strip() for line in screen_text(app).splitlines() if line.strip()]
        assert shown == [line.strip() for line in plain_text(JWT_REQUEST).splitlines() if line.strip()]
        preview.show(None)
        await pilot.pause()
        assert "Nothing built yet" in screen_text(app)

"""A token request as lines of text, each piece with its style: what the preview shows and what is copied."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ccflow_tui.models.secret import MASK, Secret, reveal
from ccflow_tui.models.token_request import (
    ClientAssertion,
    DpopProof,
    Pair,
    PresentedCertificate,
    TokenRequest,
)
from ccflow_tui.widgets.color_coded_url import NAME, PUNCTUATION, VALUE, Piece, parameter_pieces, url_pieces
from ccflow_tui.widgets.time_text import full_date_and_time, time_of_day

Line = tuple[Piece, ...]

_HEADING = "bold $text-primary"
_SECRET = "$text-warning"  # noqa: S105 - a style
_HINT = "$ccflow-muted"

_HEADER_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "alg": "signature algorithm (RFC 7515, 4.1.1)",
        "typ": "what kind of token this is (RFC 7515, 4.1.9)",
        "kid": "which of the client's keys signed it (RFC 7515, 4.1.4)",
        "x5t#S256": "thumbprint of the key's certificate (RFC 7515, 4.1.8)",
        "jwk": "the public key that the token gets bound to (RFC 9449, 4.2)",
    }
)
_CLAIM_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "iss": "issued by the client itself (RFC 7519, 4.1.1)",
        "sub": "about the client itself (RFC 7519, 4.1.2)",
        "aud": "meant for this authorization server only (RFC 7519, 4.1.3)",
        "exp": "worthless after this moment (RFC 7519, 4.1.4)",
        "nbf": "worthless before this moment (RFC 7519, 4.1.5)",
        "iat": "when it was made (RFC 7519, 4.1.6)",
        "jti": "used once, so it cannot be replayed (RFC 7519, 4.1.7)",
        "htm": "for this HTTP method only (RFC 9449, 4.2)",
        "htu": "for this address only (RFC 9449, 4.2)",
        "nonce": "what the server asked for, so it was made just now (RFC 9449, 8)",
    }
)
_MOMENTS = {"exp", "nbf", "iat"}


def request_lines(request: TokenRequest, *, unmask: bool = False) -> tuple[Line, ...]:
    """Return the request as it goes over the wire, then what is signed in it.

    The body is broken before each ``&``, so its lines put together are the bytes sent. ``unmask``
    shows secrets and is meant for tests that compare with what a server received.
    """
    lines: list[Line] = [((f"{request.method} ", "bold $text-success"), *url_pieces(request.url))]
    lines += [_header_line(pair, unmask=unmask) for pair in request.headers]
    lines.append(())
    lines += [_body_line(index, pair, unmask=unmask) for index, pair in enumerate(request.form)]
    if request.certificate is not None:
        lines += _certificate_lines(request.certificate)
    if request.assertion is not None:
        lines += _signed_lines("Client assertion", request.assertion)
    if request.proof is not None:
        lines += _signed_lines("DPoP proof", request.proof)
    if request.assertion is not None or request.proof is not None:
        lines += [(), (("↻ Signed anew for every attempt, with a jti of its own.", _HINT),)]
    return tuple(lines)


def plain_text(request: TokenRequest, *, unmask: bool = False) -> str:
    """Return what the preview shows as text."""
    return "\n".join("".join(text for text, _ in line) for line in request_lines(request, unmask=unmask))


def _masked(hint: str) -> Iterator[Piece]:
    yield MASK, _SECRET
    if hint:
        yield f"  ({hint})", _HINT


def _header_line(pair: Pair, *, unmask: bool) -> Line:
    start: Line = ((pair.name, NAME), (": ", PUNCTUATION))
    if not isinstance(pair.value, Secret) or unmask:
        return (*start, (reveal(pair.value), VALUE))
    scheme, space, rest = pair.hint.partition(" ")
    if pair.name.lower() == "authorization" and space:
        return (*start, (f"{scheme} ", VALUE), *_masked(rest))
    return (*start, *_masked(pair.hint))


def _as_sent(pair: Pair) -> str:
    """Return a form field percent-encoded by the code that encodes the body itself."""
    return TokenRequest(url="", headers=(), form=(pair,)).body().decode("ascii")


def _body_line(index: int, pair: Pair, *, unmask: bool) -> Line:
    joint: Line = (("&", PUNCTUATION),) if index else ()
    if not isinstance(pair.value, Secret) or unmask:
        return (*joint, *parameter_pieces(_as_sent(pair)))
    name = _as_sent(Pair(pair.name, "")).removesuffix("=")
    return (*joint, (name, NAME), ("=", PUNCTUATION), *_masked(pair.hint))


def _certificate_lines(certificate: PresentedCertificate) -> list[Line]:
    rows = (
        ("subject", certificate.subject, ""),
        ("kept in", certificate.reference, ""),
        ("x5t#S256", certificate.thumbprint, "its thumbprint; a bound token repeats it (RFC 8705, 3.1)"),
        ("not after", full_date_and_time(certificate.not_after), "servers refuse it from then on"),
    )
    return [
        (),
        (("Client certificate in the TLS handshake", _HEADING),),
        *(
            ((f"  {name}", "$ccflow-json-key"), (": ", PUNCTUATION), (text, VALUE), (f"  {hint}", _HINT))
            for name, text, hint in rows
        ),
    ]


def _signed_lines(name: str, signed: ClientAssertion | DpopProof) -> list[Line]:
    return [
        (),
        ((f"{name} header", _HEADING),),
        *_member_lines(signed.header, _HEADER_MEANINGS),
        (),
        ((f"{name} claims", _HEADING),),
        *_member_lines(signed.claims, _CLAIM_MEANINGS),
    ]


def _member_lines(members: Mapping[str, Any], meanings: Mapping[str, str]) -> Iterator[Line]:
    for name, value in members.items():
        is_number = isinstance(value, int | float)
        style = "$ccflow-json-number" if is_number else "$ccflow-json-string"
        moment = f"{time_of_day(value)}, " if name in _MOMENTS and is_number else ""
        yield (
            (f"  {name}", "$ccflow-json-key"),
            (": ", PUNCTUATION),
            (json.dumps(value, ensure_ascii=False), style),
            (f"  {moment}{meanings.get(name, '')}".rstrip(), _HINT),
        )

"""What servers answer that repeat what they were told: in every member, header and kind of page."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, unquote

from ccflow_tui.services.ports import WireRequest, WireResponse
from tests.canary.stage import Answer
from tests.support.fakes import EPOCH

JSON, HTML = "application/json", "text/html"


def response(status: int, body: str, kind: str = JSON, *headers: tuple[str, str]) -> WireResponse:
    return WireResponse(status, (("content-type", kind), *headers), body.encode(), EPOCH)


def told(request: WireRequest) -> str:
    """Return the credential of a request as its receiver reads it."""
    fields = dict(parse_qsl(request.body.decode()))
    named = fields.get("client_secret") or fields.get("client_assertion")
    scheme, _, value = dict(request.headers).get("Authorization", "").partition(" ")
    if scheme == "Basic":
        return unquote(base64.b64decode(value).decode()).partition(":")[2]
    return named or value


def everything(request: WireRequest) -> str:
    """Return the credential, raw and as it was sent, header and body."""
    headers = "; ".join(f"{name}: {value}" for name, value in request.headers)
    return f"no entry for {told(request)} [{headers}] [{request.body.decode()}]"


def granting(token: str, **more: object) -> Answer:
    """Answer token requests with ``token``, and calls of the API with what they brought along."""

    def answer(request: WireRequest) -> WireResponse:
        if request.method == "GET":
            return response(200, json.dumps({"you sent": everything(request), "token": told(request)}))
        members = {"access_token": token, "token_type": "Bearer", "expires_in": 3600, **more}
        return response(200, json.dumps(members))

    return answer


def refusing(echo: Callable[[WireRequest], str] = everything) -> Answer:
    """Refuse with an OAuth error whose every member repeats the request."""

    def answer(request: WireRequest) -> WireResponse:
        said = echo(request)
        members = {"error": "invalid_client", "error_description": said, "error_uri": f"https://x/?q={said}"}
        challenge = ("www-authenticate", f'Basic realm="{said}", error="{said}"')
        return response(401, json.dumps(members), JSON, challenge, ("x-correlation-id", said))

    return answer


def page(request: WireRequest) -> WireResponse:
    """Answer with a web page that repeats the request in title and text, escaped and not."""
    said = everything(request)
    body = (
        f"<html><head><title>No: {html.escape(told(request))}</title></head>"
        f"<body>{said}<input value='{html.escape(said)}'></body></html>"
    )
    return response(200, body, HTML)


def _thirds(said: str) -> list[tuple[str, int]]:
    length = len(said) // 3 + 1
    return [("code", 0), ("said", length), ("more", 2 * length)]


def _json(status: int, **members: object) -> Callable[[str], WireResponse]:
    return lambda said: response(status, json.dumps({k: said if v is ... else v for k, v in members.items()}))


ECHOES: dict[str, Callable[[str], WireResponse]] = {
    "error": _json(400, error=...),
    "error_description": _json(400, error="invalid_client", error_description=...),
    "halves of it in two members": lambda said: response(
        400,
        json.dumps({"error": said[: len(said) // 2], "x": 1, "error_description": said[len(said) // 2 :]}),
    ),
    "thirds of it in members that are not read": lambda said: response(
        500, json.dumps({name: said[at : at + len(said) // 3 + 1] for name, at in _thirds(said)})
    ),
    "cut after a line break": lambda said: response(
        400, json.dumps({"error": "invalid_client", "error_description": f"bad {said[:20]}\n{said[20:-6]}"})
    ),
    "pieces in a list": lambda said: response(
        500, f"failed: {[said[at : at + 5] for at in range(0, len(said), 5)]}", "text/plain"
    ),
    "error at the end of a long text": lambda said: response(
        400, json.dumps({"error": "invalid_client", "error_description": "x" * 490 + said})
    ),
    "error_uri": lambda said: response(
        400, json.dumps({"error": "invalid_client", "error_uri": f"https://x/{quote(said)}"})
    ),
    "id": _json(500, id=..., message=...),
    "nested error": _json(400, error={"message": "inner"}, detail=...),
    "token_type": _json(200, access_token="aVeryPlainToken", token_type=...),
    "token_type, cut": lambda said: response(
        200, json.dumps({"access_token": "aVeryPlainToken", "token_type": "x" * 24 + said})
    ),
    "scope": _json(200, access_token="aVeryPlainToken", token_type="Bearer", scope=...),
    "scope as list": lambda said: response(
        200, json.dumps({"access_token": "aVeryPlainToken", "token_type": "Bearer", "scope": [said]})
    ),
    "content type": lambda said: response(200, "{", said),
    "correlation id": lambda said: response(502, "", "text/plain", ("x-request-id", said)),
    "a header beyond its limit": lambda said: response(
        502, "", "text/plain", ("x-request-id", "x" * 110 + said)
    ),
    "location": lambda said: response(
        302, "", "text/plain", ("location", f"https://as.example/{quote(said)}?q={quote(said)}")
    ),
    "location's host": lambda said: response(302, "", "text/plain", ("location", f"https://{said}.example/")),
    "challenge": lambda said: response(401, "", "", ("www-authenticate", f'Bearer error="{said}"')),
    "title": lambda said: response(200, f"<html><title>{html.escape(said)}</title></html>", HTML),
    "page": lambda said: response(200, f"<html><body>{said}</body></html>", HTML),
    "escaped page": lambda said: response(200, f"<html><body>{html.escape(said)}</body></html>", HTML),
    "plain text": lambda said: response(500, f"failed for {said}", "text/plain"),
    "cut JSON": lambda said: response(200, json.dumps({"client": said, "more": said})[:-3]),
    "JSON in JSON": lambda said: response(500, json.dumps({"message": json.dumps({"was": said})})),
    "form": lambda said: response(200, f"error=x&was={quote(said)}", "application/x-www-form-urlencoded"),
}
"""Answers by the place in which they repeat a text."""

ISSUED: dict[str, Callable[[str], WireResponse]] = {
    "a token without a type": _json(200, access_token=...),
    "a token of a strange type": _json(200, access_token=..., token_type="mac"),
    "a token named otherwise": _json(200, accessToken=..., token_type="Bearer"),
    "a token in a web page": lambda said: response(200, f'<html>access_token="{said}"</html>', HTML),
    "a token in XML": lambda said: response(200, f"<r><access_token>{said}</access_token></r>", "text/xml"),
    "a token in a form": lambda said: response(
        200, f"access_token={said}&token_type=bearer", "application/x-www-form-urlencoded"
    ),
    "a token in cut JSON": lambda said: response(200, json.dumps({"access_token": said})[:-9]),
    "a token beside an error": _json(200, access_token=..., token_type="Bearer", error={"message": "no"}),
    "a token in its own type": _json(200, access_token=..., token_type=...),
    "a token in its own scope": _json(200, access_token=..., token_type="Bearer", scope=...),
    "other tokens": _json(
        200, access_token="aVeryPlainToken", token_type="Bearer", refresh_token=..., id_token=...
    ),
}
"""Answers that hold a new token which nobody knows yet, by where it stands."""

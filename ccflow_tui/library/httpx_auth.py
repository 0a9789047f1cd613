"""An ``httpx.Auth`` that keeps a token alive and asks for a new one when an API refuses it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING

import httpx

from ccflow_tui.library.parameter_kinds import check_kind, check_text
from ccflow_tui.library.target import Target, check_target
from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.token_request import DpopProof
from ccflow_tui.oauth.challenge_advice import fresh_token_may_help
from ccflow_tui.oauth.challenges import challenges_in
from ccflow_tui.oauth.dpop import DPOP_HEADER
from ccflow_tui.oauth.response_headers import Headers
from ccflow_tui.oauth.token_fields import DPOP, fits_header
from ccflow_tui.oauth.url_validation import check_endpoint_url, lone_origin
from ccflow_tui.services.dpop_prover import can_be_mended, was_refused

if TYPE_CHECKING:
    from ccflow_tui.library.client import TokenClient


class TokenAuth(httpx.Auth):
    """Puts ``Authorization: Bearer`` into each request (RFC 6750, section 2.1).

    A token that is bound to a key goes as ``DPoP`` with a proof (RFC 9449, section 7); a proof that the API
    refuses for want of its nonce is made anew once. A 401 is answered with one fresh token and one more try,
    never two, unless its challenge says that the token is not to blame (RFC 6750, section 3.1). A body that
    is a stream cannot be sent again, so then the 401 is returned as it is. The token goes to https or to this
    machine only, with ``origin`` (scheme, host and port) to that one only, and httpx itself takes the header
    away when a redirect leads to another origin. Raises ``InputProblem`` for another URL, and what
    ``TokenClient.get_token`` raises.
    """

    def __init__(self, client: TokenClient, target: Target | str | None = None, *, origin: str = "") -> None:
        check_kind(client, _client_class(), "client", "Give a TokenClient, or use its auth().")
        check_target(target)
        check_text(origin, "origin")
        self._client, self._target = client, target
        self._origin = lone_origin(origin)
        if origin and not self._origin:
            raise InputProblem(
                "origin", "This is no origin.", "Give scheme, host and port only: https://api.example"
            )

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send with a live token, and once more with a fresh one."""
        self._check(request.url)
        can_repeat = isinstance(request.stream, httpx.ByteStream)
        token = await self._client.get_token(self._target)
        for is_fresh in (False, True):
            if is_fresh:
                token = await self._client.replace_token(token, self._target)
            proof, sent_at = await self._authorize(request, token), self._client.clock.wall()
            response = yield request
            if _came_from_elsewhere(request, response):
                return
            if self._proof_can_be_mended(request, response, proof, sent_at) and can_repeat:
                proof, sent_at = await self._authorize(request, token), self._client.clock.wall()
                response = yield request
                self._proof_can_be_mended(request, response, proof, sent_at)
            if not can_repeat or not fresh_token_may_help(
                response.status_code, challenges_in(_headers_of(response))
            ):
                return

    def _check(self, url: httpx.URL) -> None:
        """Refuse to show the token to whom it is not meant for; raises ``InputProblem``.

        The origin decides that. Path and query are the program's own affair, and httpx has encoded them.
        """
        if url.userinfo:
            problem = "The URL holds a user name or password."
            raise InputProblem("url", problem, "Remove everything between // and @.")
        found = check_endpoint_url(_origin(url), field="url").origin
        if self._origin not in {"", found}:
            problem = f"The token is for {self._origin}, not for {found}."
            raise InputProblem("url", problem, "Use a client without this auth.")

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Refuse: the token may have to be fetched, which needs an event loop."""
        raise InputProblem("auth", "This auth works with httpx.AsyncClient only.", "Use httpx.AsyncClient.")
        yield request

    async def _authorize(self, request: httpx.Request, token: AccessToken) -> DpopProof | None:
        if not fits_header(token.value):
            raise InputProblem(
                "access_token", "The token holds characters that no header can carry (RFC 6750, section 2.1)."
            )
        request.headers["Authorization"] = f"{token.token_type} {token.value.reveal()}"
        if token.token_type != DPOP:
            return None
        target = str(request.url.copy_with(query=None, fragment=None))
        proof = await self._client.prove(request.method, target, token)
        request.headers[DPOP_HEADER] = proof.jwt.reveal()
        return proof

    def _proof_can_be_mended(
        self, request: httpx.Request, response: httpx.Response, proof: DpopProof | None, sent_at: float
    ) -> bool:
        """Take note of the API's nonce and clock; return whether a refused proof can be made better."""
        if proof is None:
            return False
        url, headers = _origin(request.url), _headers_of(response)
        servers = self._client.heard(url, headers, sent_at=sent_at)
        return was_refused(headers) and can_be_mended(proof, url, servers)


def _client_class() -> type[TokenClient]:
    from ccflow_tui.library.client import TokenClient  # which knows of this module

    return TokenClient


def _origin(url: httpx.URL) -> str:
    """Return where httpx sends a request, whatever path and query hold that RFC 3986 would encode."""
    return f"{url.scheme}://{url.netloc.decode()}"


def _came_from_elsewhere(request: httpx.Request, response: httpx.Response) -> bool:
    """Whether redirects led to another origin, which neither saw the token nor has a say about it."""
    return _origin(response.request.url) != _origin(request.url)


def _headers_of(response: httpx.Response) -> Headers:
    return tuple((name.lower(), value) for name, value in response.headers.multi_items())

"""An ``httpx.Auth`` that keeps a token alive and asks for a new one when an API refuses it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING

import httpx

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.oauth.challenge_advice import fresh_token_may_help
from ccflow_tui.oauth.challenges import challenges_in
from ccflow_tui.oauth.url_validation import check_endpoint_url

if TYPE_CHECKING:
    from ccflow_tui.library.client import Target, TokenClient


class TokenAuth(httpx.Auth):
    """Puts ``Authorization: Bearer`` into each request (RFC 6750, section 2.1).

    A 401 is answered with one fresh token and one more try, never two, unless its challenge says that the
    token is not to blame (RFC 6750, section 3.1). A body that is a stream cannot be sent again, so then the
    401 is returned as it is. The token goes to https or to this machine only, and httpx itself takes the
    header away when a redirect leads to another origin. Raises ``InputProblem`` for another URL, and what
    ``TokenClient.get_token`` raises.
    """

    def __init__(self, client: TokenClient, target: Target | str | None = None) -> None:
        self._client, self._target = client, target

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send with a live token, and once more with a fresh one."""
        check_endpoint_url(str(request.url), field="url")
        token = await self._client.get_token(self._target)
        _authorize(request, token)
        can_repeat = isinstance(request.stream, httpx.ByteStream)
        response = yield request
        if can_repeat and _fresh_token_may_help(response):
            _authorize(request, await self._client.replace_token(token, self._target))
            yield request

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Refuse: the token may have to be fetched, which needs an event loop."""
        raise InputProblem("auth", "This auth works with httpx.AsyncClient only.", "Use httpx.AsyncClient.")
        yield request


def _fresh_token_may_help(response: httpx.Response) -> bool:
    headers = tuple((name.lower(), value) for name, value in response.headers.multi_items())
    return fresh_token_may_help(response.status_code, challenges_in(headers))


def _authorize(request: httpx.Request, token: AccessToken) -> None:
    request.headers["Authorization"] = f"{token.token_type} {token.value.reveal()}"

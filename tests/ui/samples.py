"""Values that several tests of widgets show."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.history import HistoryEntry, HistoryKind
from ccflow_tui.models.outcome import Advice
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import ClientAssertion, Pair, TokenRequest
from tests.support.fakes import EPOCH

TOKEN_TEXT = "eyJhbGciOi" + "0123456789" * 12 + "tail-tail-"
TOKEN = AccessToken(Secret(TOKEN_TEXT), "Bearer", EPOCH, 1_000.0, 3600)

ASSERTION = ClientAssertion(
    Secret("aaa.bbb.ccc"),
    MappingProxyType({"alg": "RS256", "typ": "JWT", "kid": "key-1"}),
    MappingProxyType(
        {"iss": "cid", "sub": "cid", "aud": "https://as", "iat": EPOCH, "exp": EPOCH + 60, "x": [1]}
    ),
)

BASIC_REQUEST = TokenRequest(
    "https://auth.example.com/as/token?tenant=a&x",
    (
        Pair("Host", "auth.example.com"),
        Pair("Authorization", Secret("Basic Y2lkOnMzY3JldA=="), "Basic base64(client_id:client_secret)"),
    ),
    (Pair("grant_type", "client_credentials"), Pair("scope", "a:b c")),
)

JWT_REQUEST = TokenRequest(
    "https://auth.example.com/as/token",
    (Pair("Host", "auth.example.com"), Pair("X-Secret", Secret("hush"))),
    (Pair("grant_type", "client_credentials"), Pair("client_assertion", ASSERTION.jwt, "signed JWT")),
    ASSERTION,
)

ADVICE = Advice(
    "The client was refused",
    "HTTP 401, invalid_client.",
    "Denied [/oauth2/token] [@click=app.quit]now[/]",
    ("Check the method.", "Enter the secret again."),
    details=(("HTTP status", "401"), ("Correlation id", "1a2b")),
)


class CountingRows:
    """A history of any length that notes what was asked of it."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.asked: list[tuple[int, int]] = []

    def count(self) -> int:
        return self.length

    def page(self, offset: int, limit: int) -> Sequence[HistoryEntry]:
        self.asked.append((offset, limit))
        return [self.entry(index) for index in range(offset, min(self.length, offset + limit))]

    def entry(self, index: int) -> HistoryEntry:
        """Return the entry at a place, newest first; ids count up from the oldest."""
        kind = HistoryKind.GRANTED if index % 2 == 0 else HistoryKind.REFUSED
        return HistoryEntry(
            EPOCH - index,
            kind,
            "default",
            "cid",
            "auth.example.com",
            scope="p1:read:users",
            result=f"r{self.length - index}",
            http_status=200 if kind.succeeded else 401,
            fingerprint="a1b2c3d4e5f6",
            id=self.length - index,
        )

"""What prepared clients get instead of a token."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ccflow_tui.demo.clients import DemoClient, Fault

SLOW_SECONDS = 20.0
FAILURES_BEFORE_SUCCESS = 2
JSON_HEADERS = (("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache"))
SIGN_IN_PAGE = """<!DOCTYPE html>
<html><head><title>Sign in to the guest network</title></head>
<body><h1>Sign in</h1><p>Accept the terms of use to go on.</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer in the form that Authlib hands on."""

    status: int
    body: dict[str, Any] | str
    headers: tuple[tuple[str, str], ...] = JSON_HEADERS


def _error(code: str, description: str, status: int = 400, *more: tuple[str, str]) -> Answer:
    return Answer(status, {"error": code, "error_description": description}, (*JSON_HEADERS, *more))


UNAVAILABLE = _error("temporarily_unavailable", "The server is busy, try again", 503, ("Retry-After", "1"))
ALWAYS: Mapping[Fault, Answer] = MappingProxyType(
    {
        Fault.UNSUPPORTED_GRANT: _error(
            "unsupported_grant_type", "The server does not offer this grant type"
        ),
        Fault.INVALID_GRANT: _error("invalid_grant", "The grant is no longer valid for this client"),
        Fault.UNAVAILABLE: UNAVAILABLE,
        Fault.HTML: Answer(200, SIGN_IN_PAGE, (("Content-Type", "text/html; charset=utf-8"),)),
        Fault.REDIRECT: Answer(302, "", (("Location", "/login"), ("Content-Type", "text/plain"))),
    }
)


class Faults:
    """Decides what a client gets that authenticated well; one for all threads of a server."""

    def __init__(self, stopping: threading.Event, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self._stopping, self._slow_seconds = stopping, slow_seconds
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}

    def answer(self, client: DemoClient) -> Answer | None:
        """Return the answer to give in place of a token, or ``None`` when the client shall have one."""
        if client.fault is Fault.SLOW:
            self._stopping.wait(self._slow_seconds)
        if client.fault is Fault.UNAVAILABLE_TWICE:
            return UNAVAILABLE if self._fails_again(client.client_id) else None
        return ALWAYS.get(client.fault)

    def _fails_again(self, client_id: str) -> bool:
        with self._lock:
            failures = self._failures.get(client_id, 0)
            self._failures[client_id] = (failures + 1) % (FAILURES_BEFORE_SUCCESS + 1)
            return failures < FAILURES_BEFORE_SUCCESS

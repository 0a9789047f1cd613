"""The lines that the client credentials flow writes, each worded once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol

from ccflow_tui.models.discovery import DiscoveryAttempt
from ccflow_tui.models.log_entry import LogLevel
from ccflow_tui.models.outcome import Cancelled, Granted, Outcome, Refused
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.services.logger import iso_time
from ccflow_tui.services.standing_notes import StandingNotes


class LogWriter(Protocol):
    """Takes log lines, and masks what is secret in them."""

    def write(self, level: LogLevel, emoji: str, message: str, module: str = "CC") -> None:
        """Add a line."""
        ...


@dataclass(frozen=True, slots=True)
class FlowLog:
    """Writes the flow's log lines; what is secret in a value is masked by the logger."""

    logger: LogWriter
    _standing: StandingNotes = field(default_factory=StandingNotes, repr=False)

    def preparing(self, auth_method: str) -> None:
        """Say that a request is about to be built."""
        self._info("🏗️", f"Preparing client credentials request (auth_method={auth_method})")

    def credential_source(self, source: str) -> None:
        """Say where the secret or key was found."""
        self._info("🔑", f"Using credential source={source}")

    def discovery_attempt(self, attempt: DiscoveryAttempt) -> None:
        """Say which metadata document was asked for, and how that ended (RFC 8414, section 3)."""
        self._info("🔎", f"discovery {attempt.url}: {attempt.result}")

    def body_built(self, scopes: str, audience: str) -> None:
        """Say what the form body asks for."""
        self._info("🏗️", f'body built scopes="{scopes}" audience="{audience}"')

    def post(self, auth_method: str) -> None:
        """Say that the request leaves."""
        self._info("📤", f"POST /token method={auth_method}")

    def acquired(self, exp_iso: str, token_type: str) -> None:
        """Say that a token arrived; ``exp_iso`` is empty when the server did not state an expiry."""
        exp = exp_iso or "not-stated"
        self.logger.write(LogLevel.SUCCESS, "✅", f"token acquired exp={exp} token_type={token_type}")

    def cache_hit(self, ttl: float | None) -> None:
        """Say that a cached token served; ``ttl`` in seconds, ``None`` when the server stated no expiry."""
        self._info("🧊", "cache hit ttl=not-stated" if ttl is None else f"cache hit ttl={int(ttl)}s")

    def proactive_refresh(self, seconds: float) -> None:
        """Say in how many seconds a refresh is planned."""
        self._info("♻️", f"proactive refresh in {int(seconds)}s")

    def failed(self, code: str, http: int | None) -> None:
        """Say that there is no token; ``code`` is the OAuth error or a short name of the fault."""
        status = "none" if http is None else http
        self.logger.write(LogLevel.ERROR, "⛔", f"token request failed code={code or 'none'} http={status}")

    def not_refreshed(self, fault: BaseException) -> None:
        """Say that a background refresh could not even be tried; only texts made for it are told."""
        told = str(fault) if isinstance(fault, CcflowError) else type(fault).__name__
        self.warning(f"the token was not refreshed: {told}")

    def ended(self, outcome: Outcome, subject: Hashable = None) -> None:
        """Write the line that fits the way a request ended, and what is odd about a granted token.

        ``subject`` says what the token is for: what is odd about each of its tokens is told of the first.
        """
        if isinstance(outcome, Granted):
            expires_at = outcome.token.expires_at
            self.acquired("" if expires_at is None else iso_time(expires_at), outcome.token.token_type)
            for note in self._standing.news(subject, outcome.notes):
                self.warning(note)
        elif isinstance(outcome, Cancelled):
            self._info("⛔", "token request cancelled")
        else:
            code = outcome.code if isinstance(outcome, Refused) else outcome.kind
            self.failed(code, outcome.exchange.http_status)

    def introspected(self, active: bool | None) -> None:
        """Say what the server answered about a token; ``None`` when it did not."""
        told = "no answer" if active is None else f"active={str(active).lower()}"
        self._info("🔎", f"token introspected {told}")

    def revoked(self, revoked: bool) -> None:
        """Say whether the server took a token back."""
        self._info("🗑️", f"token revoked={str(revoked).lower()}")

    def warning(self, message: str) -> None:
        """Say what needs attention but stops nothing."""
        self.logger.write(LogLevel.WARNING, "⚠️", message)

    def _info(self, emoji: str, message: str) -> None:
        self.logger.write(LogLevel.INFO, emoji, message)

"""The vocabulary of the diagnosis: a case to explain, remedies with a weight, an explanation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ccflow_tui.models.outcome import Exchange
from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.provider_forms import inputs_of
from ccflow_tui.oauth.algorithms import chosen_alg
from ccflow_tui.oauth.url_validation import origin_of

ENDPOINT = "endpoint"
"""As a remedy's field: whichever field decides the token endpoint's address."""
MAX_REMEDIES = 4
"""More than four would not be read."""

_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to do; ``text`` may name facts of the case in braces."""

    text: str
    field: str = ""
    """The ``Profile`` attribute to edit for it, ``client_secret``, ``ENDPOINT``, or empty."""
    weight: int = 50
    """How likely it is to help; evidence in the answer weighs 90 and more."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened and what helps; the texts may name facts of the case in braces."""

    title: str
    reason: str = ""
    remedies: tuple[Remedy, ...] = ()
    can_retry: bool = True
    """Whether sending again without an edit can succeed."""


@dataclass(frozen=True, slots=True)
class Case:
    """A failed request with everything that may count as evidence."""

    profile: Profile
    exchange: Exchange
    said: str = ""
    """What the server wrote about it."""
    what: str = ""
    """The reason as the outcome states it."""
    cause: str = ""
    """What ccflow found out about a refusal itself, by its short name."""
    is_silent: bool = False
    """Whether the answer had no body."""

    @property
    def signs(self) -> bool:
        """Whether the client authenticates with a signed assertion."""
        return self.profile.auth_method.signs

    @property
    def clock_error(self) -> float:
        """Seconds by which the server's clock was ahead of the dates in the last request."""
        return (self.exchange.clock_skew or 0.0) - self.exchange.clock_correction

    @property
    def server(self) -> str:
        """Host and port that was asked."""
        return self.exchange.server or urlsplit(origin_of(self.profile.token_endpoint)).netloc or "the server"

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine."""
        return self.server.startswith(("127.", "localhost", "[::1]"))

    @property
    def endpoint_field(self) -> str:
        """The field that decides the token endpoint's address."""
        inputs = inputs_of(self.profile)
        if inputs:
            return inputs[0].field
        return "token_endpoint" if self.profile.endpoint_mode is EndpointMode.MANUAL else "issuer"

    def fill(self, text: str) -> str:
        """Put the facts of the case into a text of ours."""
        status = self.exchange.http_status
        return text.format(
            server=self.server,
            method=self.profile.auth_method,
            alg=chosen_alg(self.profile),
            kid=self.profile.assertion_kid,
            status="" if status is None else f"HTTP {status}",
            what=self.what,
            wait=f"Wait {self._wait()}, then retry.",
        )

    def _wait(self) -> str:
        wait = self.exchange.retry_after
        return "a minute" if not wait else f"{duration(wait)}, as the server asks"


def ranked(remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Return the remedies most likely first, each text once, no more than a card holds."""
    by_text = {remedy.text: remedy for remedy in sorted(remedies, key=lambda remedy: remedy.weight)}
    best_first = sorted(by_text.values(), key=lambda remedy: -remedy.weight)
    return tuple(best_first[:MAX_REMEDIES])


def duration(seconds: float) -> str:
    """Return a length of time in words, rounded to what matters."""
    for unit, name in ((_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= 2 * unit:
            return f"{round(seconds / unit)} {name}s"
    whole = max(1, round(seconds))
    return "1 second" if whole == 1 else f"{whole} seconds"

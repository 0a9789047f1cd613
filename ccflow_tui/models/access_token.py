"""An access token with everything the server said about it."""

from __future__ import annotations

from dataclasses import dataclass

from ccflow_tui.models.secret import Secret, mask_token


def compute_absolute_expiry(requested_at: float, expires_in: int | None) -> float | None:
    """Return the expiry in epoch seconds, or ``None`` when the server stated no lifetime.

    It counts from when the request was sent: the server's clock started before the answer arrived
    (RFC 6749, section 5.1).
    """
    return None if expires_in is None else requested_at + expires_in


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as granted (RFC 6749, section 5.1); times are epoch seconds unless they say monotonic.

    Raises ``TypeError`` for a value that is no ``Secret``, which every ``repr`` of the token would show.
    """

    value: Secret
    token_type: str
    requested_at: float
    """Wall clock at which the request was sent; the lifetime counts from here."""
    requested_at_monotonic: float
    expires_in: int | None = None
    """Lifetime in seconds; ``None`` when the server did not state one."""
    scope: str | None = None
    """Scope granted; ``None`` when the server left it out, which means as requested."""
    requested_scope: str = ""
    stated_expires_in: int | None = None
    """``expires_in`` as the server stated it, where the token's own ``exp`` is earlier and counts instead."""

    def __post_init__(self) -> None:
        """Refuse what would not stay hidden."""
        if not isinstance(self.value, Secret):
            raise TypeError(f"the value of an AccessToken is a Secret, not {type(self.value).__name__}")

    @property
    def expires_at(self) -> float | None:
        """Absolute expiry in epoch seconds, or ``None`` when not stated."""
        return compute_absolute_expiry(self.requested_at, self.expires_in)

    def seconds_left(self, wall: float, monotonic: float) -> float | None:
        """Return the seconds until expiry by whichever clock says less, or ``None`` when not stated.

        Two clocks, because the wall clock can be set and the monotonic one stops during suspend.
        """
        if self.expires_in is None:
            return None
        elapsed = max(wall - self.requested_at, monotonic - self.requested_at_monotonic)
        return self.expires_in - elapsed

    @property
    def masked(self) -> str:
        """The token with only its first and last ten characters shown."""
        return mask_token(self.value.reveal())

    @property
    def fingerprint(self) -> str:
        """The first 12 hex digits of the token's SHA-256."""
        return self.value.fingerprint()[:12]

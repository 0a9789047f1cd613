"""A value that must not be shown: masked wherever Python might print it."""

from __future__ import annotations

from typing import NoReturn

MASK = "••••••••"


class Secret:
    """Text that only an explicit call to ``reveal`` gives back.

    ``repr``, ``str`` and ``format`` are masked, comparison takes constant time, and pickling is
    refused, so a secret cannot reach a log, a traceback, a worker description or a file by accident.
    Raises ``TypeError`` for what is no text, such as bytes.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"a Secret holds a str, not {type(text).__name__}")
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; call this only where the value leaves for the wire or the clipboard."""
        return self._text

    def fingerprint(self) -> str:
        """Return the SHA-256 of the text in hex (64 characters), for comparing without storing.

        Safe to keep only for values with high entropy, such as tokens; a short client secret could be
        guessed from it.
        """
        import hashlib

        return hashlib.sha256(self._bytes()).hexdigest()

    def _bytes(self) -> bytes:
        # An environment variable may hold bytes that are no UTF-8; encoding must not raise with them aboard.
        return self._text.encode("utf-8", "surrogatepass")

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac

        return hmac.compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return f"Secret({MASK})" if self._text else "Secret(empty)"

    def __str__(self) -> str:
        return MASK if self._text else ""

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied into a file")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


def reveal(value: str | Secret) -> str:
    """Return the plain text of a value that may or may not be secret."""
    return value.reveal() if isinstance(value, Secret) else value


def is_encodable(secret: Secret) -> bool:
    """Tell lone surrogates early: the exception that encoding them raises carries the whole text."""
    return not any("\ud800" <= char <= "\udfff" for char in secret.reveal())


def mask_token(text: str, *, keep: int = 10) -> str:
    """Show the first and last ``keep`` characters of a token; mask a short one wholly.

    A token is short when less than half of it would stay hidden.
    """
    if len(text) < keep * 4:
        return MASK
    return f"{text[:keep]}…{text[-keep:]}"

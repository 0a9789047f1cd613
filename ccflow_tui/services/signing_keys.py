"""Private keys as they are used: read once, opened with their passphrase, parsed off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccflow_tui.models.problems import KeyProblem, PassphraseProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.services.key_reading import KeyReader

if TYPE_CHECKING:
    from ccflow_tui.oauth.signing_key import SigningKey


@dataclass(slots=True)
class SigningKeys:
    """Parses each key text once: an RSA key takes tens of milliseconds, a passphrase as long again.

    ``know`` is told every secret that opens or is a key, so that no log shows it.
    """

    reader: KeyReader
    know: Callable[[Secret], None]
    _parsed: dict[tuple[str, str], SigningKey] = field(default_factory=dict, repr=False)
    _parsing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def load(self, text: Secret, reference: str, *, kid: str = "") -> SigningKey:
        """Return the key in ``text``, which ``reference`` names; raises ``KeyProblem``.

        ``kid`` picks one of a JWK Set. The passphrase is only looked for when the key is encrypted.
        """
        self.know(text)
        name, parsed = (text.fingerprint(), kid), self._parsed
        if (known := parsed.get(name)) is not None:
            return known
        async with self._parsing:
            if name not in parsed:
                parsed[name] = await self._parse(text, reference, kid)
            return parsed[name]

    def forget(self) -> None:
        """Drop every parsed key, those that are being parsed too."""
        self._parsed = {}

    async def _parse(self, text: Secret, reference: str, kid: str) -> SigningKey:
        key, problem = await asyncio.to_thread(_load, text, None, kid)
        if isinstance(problem, PassphraseProblem):
            passphrase = await self.reader.passphrase(reference)
            if passphrase is not None:
                self.know(passphrase)
                key, problem = await asyncio.to_thread(_load, text, passphrase, kid)
        if key is None:
            assert problem is not None  # noqa: S101 - one of the two is there
            raise problem
        return key


def _load(text: Secret, passphrase: Secret | None, kid: str) -> tuple[SigningKey | None, KeyProblem | None]:
    """Return the key or the problem, which leaves the frames that hold the key's text behind."""
    try:
        return load_signing_key(text, passphrase=passphrase, kid=kid), None
    except KeyProblem as problem:
        return None, problem.with_traceback(None)

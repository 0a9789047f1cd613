"""Secrets that are easy to recognise, and a search that finds them whole, cut, encoded or in another case."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

WINDOW = 8
"""Characters that give a canary away; random ones do not stand anywhere by chance."""
CODED_WINDOW = 12
STRIDE = 4
_ALPHABET = string.ascii_letters + string.digits
_SVG_TEXT = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)


def noise(name: str, length: int = 24) -> str:
    """Return letters and digits that follow from ``name``, the same in each run."""
    digits: list[str] = []
    for block in range(length // 32 + 1):
        digits += [_ALPHABET[byte % 62] for byte in hashlib.sha256(f"{name}/{block}".encode()).digest()]
    return "".join(digits[:length])


@dataclass(frozen=True)
class Canary:
    """One secret; ``pieces`` are the parts of it that must be seen nowhere."""

    name: str
    text: str
    pieces: tuple[str, ...]

    @cached_property
    def plain_needles(self) -> frozenset[str]:
        """Return pieces of the pieces, in lower case."""
        return frozenset(chain.from_iterable(_windows(piece.lower(), WINDOW) for piece in self.pieces))

    @cached_property
    def coded_needles(self) -> frozenset[str]:
        """Return what base64 and hexadecimal text around a piece is bound to hold."""
        return frozenset(chain.from_iterable(_coded(piece) for piece in self.pieces))

    def __repr__(self) -> str:
        return f"Canary({self.name})"


def _windows(text: str, width: int) -> Iterator[str]:
    yield from (text[at : at + width] for at in range(len(text) - width + 1))


def _coded(piece: str) -> Iterator[str]:
    data = piece.encode()
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield from _windows(encode(b"\0" * offset + data).decode()[4:-4], CODED_WINDOW)
    yield from _windows(data.hex(), CODED_WINDOW)


def _views(text: str) -> frozenset[str]:
    """Return a text as it stands and without what may stand between its characters."""
    views = {text, "".join(text.split())}
    if "\0" in text:
        views.add(text.replace("\0", ""))
    if "&" in text:
        views.add(html.unescape(text))
    if "<svg" in text:
        views.add(_svg_rows(text))
    return frozenset(views)


def _stands_in(needles: frozenset[str], text: str, width: int) -> bool:
    # A needle for every place in a canary, and a look at every fourth place of the text, find each other.
    return not needles.isdisjoint(text[at : at + width] for at in range(0, len(text), STRIDE))


def secret(name: str) -> Canary:
    """Return a client secret with every character that some encoding changes."""
    left, right = noise(f"{name}<"), noise(f"{name}>")
    return Canary(name, f"{left}&<'\"%+ é/={right}", (left, right))


def token(name: str, length: int = 160) -> Canary:
    """Return an opaque token; its ends may be shown, its middle may not."""
    text = noise(name, length)
    return Canary(name, text, (text[12:-12],))


def private_key(name: str) -> Canary:
    """Return an RSA key in PEM; its first line is the same in every key.

    The numbers that a JWK has of it count as well.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from joserfc.jwk import RSAKey

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    members = RSAKey.import_key(pem).as_dict(private=True)
    return Canary(name, pem, (*pem.splitlines()[2:-2], *(str(members[part]) for part in ("d", "p", "q"))))


def jwk(name: str, text: str) -> Canary:
    """Return the key in a JWK that was made while a test ran, however base64 text may hold its number."""
    number = json.loads(text)["d"]
    raw = base64.urlsafe_b64decode(number + "==")
    inside = tuple(base64.b64encode(b"\0" * offset + raw).decode()[4:-4] for offset in range(3))
    return Canary(name, text, (number, *inside))


def jwt(name: str, text: str) -> Canary:
    """Return a JWT that was made while a test ran; its claims may be shown, its text may not."""
    _, payload, signature = text.split(".")
    return Canary(name, text, (payload[:-12], signature[:-12]))


class Searcher:
    """Looks for canaries in whatever a test hands it, and gathers where they were."""

    def __init__(self, *canaries: Canary) -> None:
        self.canaries: list[Canary] = []
        self._plain = self._coded = frozenset[str]()
        self.plant(*canaries)
        self.found: list[str] = []
        self.looked_at = 0
        self._clean: set[int] = set()
        """Of contents that were searched in vain, so that what stays the same is searched once."""

    def plant(self, *canaries: Canary) -> None:
        """Look for these as well."""
        self.canaries.extend(canaries)
        self._plain = self._plain.union(*(canary.plain_needles for canary in canaries))
        self._coded = self._coded.union(*(canary.coded_needles for canary in canaries))

    def names_in(self, content: str | bytes) -> frozenset[str]:
        """Return the names of the canaries that stand in ``content`` in any form."""
        views = _views(content.decode("latin-1") if isinstance(content, bytes) else content)
        lowered = {view.lower() for view in views}
        if not any(_stands_in(self._plain, view, WINDOW) for view in lowered) and not any(
            _stands_in(self._coded, view, CODED_WINDOW) for view in views
        ):
            return frozenset()
        return frozenset(
            canary.name
            for canary in self.canaries
            if any(_stands_in(canary.plain_needles, view, WINDOW) for view in lowered)
            or any(_stands_in(canary.coded_needles, view, CODED_WINDOW) for view in views)
        )

    def look(self, where: str, content: str | bytes, *, allowed: Iterable[str] = ()) -> None:
        """Take note of every canary in ``content`` that is not among the names ``allowed``."""
        self.looked_at += 1
        key = hash((content, len(self.canaries)))
        if key in self._clean:
            return
        found = self.names_in(content)
        if not found:
            self._clean.add(key)
        for name in sorted(found - set(allowed)):
            self.found.append(f"{name} in {where}")

    def check(self) -> None:
        """Fail when anything was found, or when nothing was looked at."""
        assert self.looked_at, "nothing was searched"
        assert not self.found, "\n".join(dict.fromkeys(self.found))


def _svg_rows(text: str) -> str:
    """Return the characters of a picture in order, since it cuts a word at every change of colour."""
    return "".join(html.unescape(cell) for cell in _SVG_TEXT.findall(text))

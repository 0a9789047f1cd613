"""What a JWK says of its key besides the numbers, in lines before its PEM block.

RFC 7468, section 2, lets any text stand before a block, and every reader skips it. So a key that came as JWK
can be kept as PEM, which is read without the slow check of an RSA key's numbers, and still has its key id.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote, unquote

from ccflow_tui.oauth.algorithms import RSA_ALGS
from ccflow_tui.oauth.signing_key import SigningKey

_HEADING = re.compile(r"^(kid|alg|x5t#S256): (\S.*)$", re.MULTILINE)
_UNQUOTED = "/:+=@"


def headings(key: SigningKey) -> str:
    """Return the lines for a key; ``kid``, ``alg`` and ``x5t#S256`` as RFC 7517, section 4, names them."""
    alg = key.algs[0] if key.kty == "RSA" and key.algs != RSA_ALGS else ""
    said = (("kid", key.kid), ("alg", alg), ("x5t#S256", key.x5t))
    # A key id may hold line ends; JSON lets lone surrogates through.
    lines = ((name, quote(text, safe=_UNQUOTED, errors="surrogatepass")) for name, text in said if text)
    return "".join(f"{name}: {text}\n" for name, text in lines)


def with_headings(key: SigningKey, text: str) -> SigningKey:
    """Return the key with what the lines in ``text`` say of it; an algorithm that does not fit is ignored."""
    said = {name: unquote(value, errors="surrogatepass") for name, value in _HEADING.findall(text)}
    alg = said.get("alg", "")
    return replace(
        key,
        kid=said.get("kid", ""),
        algs=(alg,) if alg in key.algs else key.algs,
        x5t=said.get("x5t#S256", ""),
    )

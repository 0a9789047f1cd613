"""The texts a secret turns into on its way through forms, JSON, headers and tracebacks."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote, quote_plus

from ccflow_tui.models.secret import MASK
from ccflow_tui.oauth.sanitize import scrub

SHORTEST = 4
"""Characters below which a text is too common to be looked for by itself."""
_SHORTEST_CORE = 8
_HTML_TABLES = tuple(
    str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"} | quotes)
    for quotes in ({}, {'"': "&quot;"}, {'"': "&quot;", "'": "&#x27;"}, {'"': "&#34;", "'": "&#39;"})
)
"""As templates escape: text, attributes, Python's ``html.escape``, and numerically."""
_LOWER_HEX = re.compile("%[0-9A-F]{2}")
_QUOTE = r"\\*+[\"']"
_NEXT_STRING = rf"(?<!\\){_QUOTE}\s*+[,+]?\s*+(?:{_QUOTE}[^\"'\\]{{1,40}}{_QUOTE}\s*+:\s*+)?b?{_QUOTE}"
GAP = re.compile(rf"(?:\s|\\[rn]|</?[A-Za-z]{{1,8}}\s?/?>|{_NEXT_STRING})+")
"""What a server, a gateway or a mail program puts between the parts of a long text.

That is also the end of a string and the beginning of the next one: in a list, in the next member of an
object, and where a program joins them or prints them one below the other.
"""
_KEY_MATERIAL = re.compile("[A-Za-z0-9+/=_-]{32,}")
_PLAIN = re.compile("[A-Za-z0-9._~-]+")
"""What most tokens consist of, and no form, URL, JSON or HTML writes otherwise (RFC 3986, section 2.3)."""
_URL_ALPHABET = str.maketrans("+/", "-_")


def exact_forms(text: str) -> frozenset[str]:
    """Return the secret as it stands and as URLs, forms, JSON, HTML, ``repr`` and base64 write it.

    A private key, PEM or JWK, also counts by each long run of base64 in it, any other text also without what
    ``scrub`` takes out of an answer, such as a line end that was pasted along. Texts below ``SHORTEST``
    characters are left out: masking each "ab" would make every message unreadable.
    """
    if _PLAIN.fullmatch(text):
        forms = {text, *_base64_forms(text.encode())}
        return frozenset(form for form in forms if len(form) >= SHORTEST)
    forms = _written(text)
    if _is_key(text):
        forms.update(_KEY_MATERIAL.findall(text))
    elif (scrubbed := scrub(text, limit=len(text) + 1)) != text:
        forms |= _written(scrubbed)
    # A form of bullets alone would match inside every mask.
    return frozenset(form for form in forms if len(form) >= SHORTEST and form.strip(MASK))


def _written(text: str) -> set[str]:
    data = text.encode("utf-8", "surrogatepass")
    # The last one is JSON inside JSON.
    forms = {text, repr(text)[1:-1], *_json_forms(text), json.dumps(json.dumps(text))[3:-3]}
    forms |= {text.translate(table) for table in _HTML_TABLES}
    percent = {quote(data, safe="-._~"), quote(data), quote_plus(data)}
    forms |= percent | {_LOWER_HEX.sub(lambda match: match[0].lower(), form) for form in percent}
    return forms | _base64_forms(data)


def _base64_forms(data: bytes) -> set[str]:
    encoded = base64.b64encode(data).decode()
    return {form for each in (encoded, encoded.rstrip("=")) for form in (each, each.translate(_URL_ALPHABET))}


def spelt_forms(text: str) -> frozenset[str]:
    """Return the forms that write each character by its number, in other cases, or from the end.

    Of a text that is too short to be looked for, none.
    """
    if len(text) < SHORTEST or not text.strip(MASK):
        return frozenset()
    forms = set()
    if len(text) >= _SHORTEST_CORE:
        forms |= {text.upper(), text.lower(), text.swapcase(), text[::-1]}
    octets = "%" + text.encode("utf-8", "surrogatepass").hex("%")
    units = "%" + text.encode("utf-16-be", "surrogatepass").hex("%", 2)
    for write in (str.lower, str.upper):
        bytewise = write(octets)
        forms |= {bytewise, bytewise.replace("%", ""), bytewise.replace("%", "\\x")}
        forms.add(write(units).replace("%", "\\u"))
        forms.add("".join(f"&#x{write(f'{ord(char):x}')};" for char in text))
    forms.add("".join(f"&#{ord(char)};" for char in text))
    return frozenset(forms)


def split_forms(text: str) -> frozenset[str]:
    """Return what is left of the secret, as it stands and in base64, where ``without_gaps`` joined its parts.

    Of a private key each line counts by itself, so none is needed.
    """
    if _is_key(text):
        return frozenset()
    data = text.encode("utf-8", "surrogatepass")
    # A tag of its own is none in the text while a string ends within it.
    found = {text, without_gaps(text), *_base64_forms(data), *_cores(data)}
    return frozenset(form for form in found if len(form) >= _SHORTEST_CORE and form.strip(MASK))


def without_gaps(text: str) -> str:
    """Return a text without what breaks it: white space, tags, escaped line ends, ends of strings."""
    return text if _PLAIN.fullmatch(text) else GAP.sub("", text)


def _is_key(text: str) -> bool:
    return "\n" in text.strip() or text.lstrip().startswith("{")


def base64_cores(text: str) -> frozenset[str]:
    """Return what any base64 text that has the secret somewhere inside is bound to contain.

    Basic credentials are such a text: the secret follows an id of any length, so it starts at one of three
    offsets, and the characters at its edges depend on its neighbours and are left out.
    """
    data = text.encode("utf-8", "surrogatepass")
    forms = (
        {data} if _PLAIN.fullmatch(text) else {data, quote(data, "-._~").encode(), quote_plus(data).encode()}
    )
    cores = {core for form in forms for core in _cores(form)}
    return frozenset(core for core in cores if len(core) >= _SHORTEST_CORE)


def _cores(data: bytes) -> set[str]:
    found = set()
    for offset in range(3):
        first = -(-offset * 8 // 6)
        whole = (offset + len(data)) * 8 // 6
        core = base64.b64encode(b"\0" * offset + data)[first:whole].decode()
        found |= {core, core.translate(_URL_ALPHABET)}
    return found


def _json_forms(text: str) -> tuple[str, str]:
    return json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]

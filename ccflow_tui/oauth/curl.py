"""A token request as a shell command to share: the same bytes on the wire, and no secret in the text."""

from __future__ import annotations

import re
import shlex

from ccflow_tui.models.profile import MutualTls
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import Pair, TokenRequest, percent_encode
from ccflow_tui.oauth.client_auth import SHELL_ENCODER

_COMPUTED_BY_CURL = frozenset({"host", "content-length"})
"""Left to curl: the length depends on the secret that the reader's own shell puts in."""
_NOT_CONFIDENTIAL = frozenset({"dpop"})
"""Good for one use and worthless without the token, so it may stand among curl's arguments."""
_NEEDS_NO_ENCODING = frozenset({"client_assertion"})
"""A JWT has only letters, digits, ``-``, ``_`` and dots."""
_PACKED = (".p12", ".pfx")
_ELSEWHERE = ("keyring:", "env:")
_BYTES_TO_PERCENT = (
    '{ for (i = 1; i <= NF; i++) { c = sprintf("%c", $i + 0); '
    'if (c ~ /[A-Za-z0-9._~-]/) printf "%s", c; else printf "%%%02X", $i } }'
)
_ENCODER = f"{SHELL_ENCODER}() {{ printf %s \"$1\" | od -An -v -tu1 | LC_ALL=C awk '{_BYTES_TO_PERCENT}'; }}"
"""Percent-encodes its first argument like ``percent_encode``, with POSIX tools only."""


def as_curl(request: TokenRequest) -> str:
    """Return a POSIX shell command that sends the same request.

    A secret stands as a variable of the reader's environment, such as ``$CLIENT_SECRET``. The shell pipes
    it into curl, so that it stays out of the list of processes, too. Raises ``ValueError`` for a request
    with more than one secret, which no authentication method makes.
    """
    lines = [f"curl {shlex.quote(request.url)}"]
    lines += [_header(pair) for pair in request.headers if pair.name.lower() not in _COMPUTED_BY_CURL]
    lines += [_field(pair) for pair in request.form]
    lines += _client_certificate(request.client_tls)
    command = " \\\n  ".join(lines)
    piped = [_piped_header(pair) for pair in request.headers if _is_piped(pair)]
    piped += [_piped_field(pair) for pair in request.form if isinstance(pair.value, Secret)]
    if len(piped) > 1:
        raise ValueError("a token request carries one secret at the most")
    command = " |\n".join([*piped, command])
    return f"{_ENCODER}\n{command}" if SHELL_ENCODER in command else command


def _is_piped(pair: Pair) -> bool:
    return isinstance(pair.value, Secret) and pair.name.lower() not in _NOT_CONFIDENTIAL


def _client_certificate(tls: MutualTls) -> list[str]:
    """Return curl's options for a client certificate; what is in no file becomes a variable."""
    if not tls.enabled:
        return []
    packed = tls.cert_ref.lower().endswith(_PACKED)
    options = ["--cert-type P12"] if packed else []
    # In this option, and in no other, a colon ends the path for curl, and a backslash escapes.
    escaped = tls.cert_ref.replace("\\", "\\\\").replace(":", "\\:")
    in_file = not tls.cert_ref.startswith(_ELSEWHERE)
    options.append(f"--cert {_path(escaped if in_file else tls.cert_ref, 'CLIENT_CERTIFICATE')}")
    if tls.key_ref:
        options.append(f"--key {_path(tls.key_ref, 'CLIENT_KEY')}")
    return options


def _path(reference: str, variable: str) -> str:
    """Return a path for the shell, or the variable for the path of what ccflow keeps elsewhere."""
    if reference.startswith(_ELSEWHERE):
        return f'"${variable}"'
    if reference.startswith("~/"):
        return f'"$HOME"/{shlex.quote(reference.removeprefix("~/"))}'
    return shlex.quote(reference)


def _header(pair: Pair) -> str:
    if _is_piped(pair):
        return "--header @-"
    if isinstance(pair.value, Secret):
        return f'--header "{pair.name}: {_stand_in(pair)}"'
    return f"--header {shlex.quote(f'{pair.name}: {pair.value}')}"


def _field(pair: Pair) -> str:
    if isinstance(pair.value, Secret):
        return "--data-binary @-"
    return f"--data-raw {shlex.quote(f'{percent_encode(pair.name)}={percent_encode(pair.value)}')}"


def _piped_header(pair: Pair) -> str:
    return f"printf '%s\\n' \"{pair.name}: {_stand_in(pair)}\""


def _piped_field(pair: Pair) -> str:
    stand_in = _stand_in(pair)
    value = stand_in if pair.name in _NEEDS_NO_ENCODING else f'$({SHELL_ENCODER} "{stand_in}")'
    return f'printf %s "{percent_encode(pair.name)}={value}"'


def _stand_in(pair: Pair) -> str:
    return pair.placeholder or "$" + re.sub(r"[^A-Za-z0-9]", "_", pair.name).upper()

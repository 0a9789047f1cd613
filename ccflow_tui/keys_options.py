"""The options of ``ccflow keys``."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ccflow_tui.models.kept_key import KeyExport, KeyKind

if TYPE_CHECKING:
    from argparse import _SubParsersAction

FORMS: Mapping[str, KeyExport] = MappingProxyType(
    {"jwks": KeyExport.JWKS, "pem": KeyExport.PEM, "certificate": KeyExport.CERTIFICATE}
)


def add_keys(commands: _SubParsersAction[ArgumentParser], shared: ArgumentParser) -> None:
    """Add the command with its jobs; without one it lists. ``shared`` holds what every command takes."""
    keys = commands.add_parser(
        "keys", parents=[shared], help="list the private keys that are kept; make one, export its public half"
    )
    keys.add_argument("--json", action="store_true", help="list as JSON")
    jobs = keys.add_subparsers(dest="keys_command", metavar="JOB")
    made = jobs.add_parser("generate", parents=[shared], help="make a key and keep it in the secret store")
    made.add_argument("name", metavar="NAME", help="profiles refer to it as keyring:NAME")
    kinds = ", ".join(kind.replace(" ", "-") for kind in KeyKind)
    made.add_argument("--kind", type=_kind, default=KeyKind.P_256, help=f"{kinds} (default: EC-P-256)")
    exported = jobs.add_parser("export", parents=[shared], help="print the public half of a key")
    exported.add_argument("name", metavar="NAME", help="the key's name, as the list shows it")
    exported.add_argument("--form", choices=tuple(FORMS), default="jwks", help="default: jwks")
    exported.add_argument("--alg", default="", help="the algorithm that the JWK Set names")
    exported.add_argument("--kid", default="", help="the key ID that the JWK Set names")


def _kind(text: str) -> KeyKind:
    """Return the kind of a name in any case and with any separators; ``EC`` may be left out."""
    found = next((kind for kind in KeyKind if _plain(kind) == _plain(text)), None)
    if found is None:
        raise ArgumentTypeError(f"give one of {', '.join(KeyKind)}")
    return found


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold())).removeprefix("ec")

"""The options of ``ccflow keys``."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ccflow_tui.exit_codes import EXIT_CODES_HELP
from ccflow_tui.models.kept_key import KeyExport, KeyKind

if TYPE_CHECKING:
    from argparse import _SubParsersAction

FORMS: Mapping[str, KeyExport] = MappingProxyType(
    {"jwks": KeyExport.JWKS, "pem": KeyExport.PEM, "certificate": KeyExport.CERTIFICATE}
)
_KINDS = ", ".join(kind.replace(" ", "-") for kind in KeyKind)
"""As they can be typed without quotes."""
_JOBS: Mapping[str, str] = MappingProxyType(
    {
        "list": "list every key with who uses it (default)",
        "show": "print what is known of one key",
        "generate": "make a key and keep it in the secret store",
        "import": "copy a key into the secret store",
        "export": "print the public half of a key",
        "rotate": "make the successor of a key; both are kept",
        "delete": "remove a key, after a question, and prove it by reading back",
    }
)
_IMPORT = (
    "An encrypted key needs its passphrase: of --passphrase-file, else of CCFLOW_KEY_PASSPHRASE, else it is "
    "asked for at the terminal. The key is stored opened, since the store protects it; its passphrase is not "
    "stored."
)
_DELETE = (
    "It asks first, and tells which profiles are left without the key. Without a terminal it needs --yes. "
    "Exit code 9 says that the key is still there."
)


def add_keys(commands: _SubParsersAction[ArgumentParser], shared: ArgumentParser) -> None:
    """Add the command with its jobs; without one it lists. ``shared`` holds what every command takes."""
    keys = commands.add_parser(
        "keys",
        parents=[shared],
        help="the private keys that are kept: list, show, generate, import, export, rotate, delete",
        description="Keep private keys in the secret store. No private half is ever printed.",
        epilog=EXIT_CODES_HELP,
        formatter_class=RawDescriptionHelpFormatter,
    )
    keys.add_argument("--json", action="store_true", help="answer as JSON")
    jobs = keys.add_subparsers(dest="keys_command", metavar="JOB")
    described = {"import": _IMPORT, "delete": _DELETE}
    parsers = {
        name: jobs.add_parser(name, parents=[shared], help=text, description=described.get(name))
        for name, text in _JOBS.items()
    }
    for name, parser in parsers.items():
        if name != "list":
            new = name in {"generate", "import"}
            text = "profiles refer to it as keyring:NAME" if new else "the key's name, as the list shows it"
            parser.add_argument("name", metavar="NAME", help=text)
        if name != "export":
            parser.add_argument("--json", action="store_true", default=SUPPRESS, help="answer as JSON")
    _add_own(parsers)


def _add_own(parsers: Mapping[str, ArgumentParser]) -> None:
    """Add what single jobs take."""
    for name, default, otherwise in (("generate", KeyKind.P_256, "EC-P-256"), ("rotate", None, "as before")):
        parsers[name].add_argument(
            "--kind", type=_kind, default=default, help=f"{_KINDS} (default: {otherwise})"
        )
    brought = parsers["import"]
    brought.add_argument(
        "key", metavar="KEY", help="a PEM, JWK or PKCS#12 file, or env:VARIABLE or keyring:NAME"
    )
    brought.add_argument("--kid", default="", help="the key ID of the one to take of a JWK Set")
    brought.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="holds the passphrase of the key in its one line"
    )
    public = parsers["export"]
    public.add_argument("--form", choices=tuple(FORMS), default="jwks", help="default: jwks")
    public.add_argument("--alg", default="", help="the algorithm that the JWK Set names")
    public.add_argument("--kid", default="", help="the key ID that the JWK Set names")
    parsers["delete"].add_argument("-y", "--yes", action="store_true", help="do not ask first")


def _kind(text: str) -> KeyKind:
    """Return the kind of a name in any case and with any separators; ``EC`` may be left out."""
    found = next((kind for kind in KeyKind if _plain(kind) == _plain(text)), None)
    if found is None:
        raise ArgumentTypeError(f"give one of {_KINDS}")
    return found


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold())).removeprefix("ec")

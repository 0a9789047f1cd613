"""The command line: ``ccflow`` opens the wizard, ``ccflow token`` gets a token without a screen.

Nothing of Textual is imported here, so that ``--help``, ``--version`` and scripts start at once.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ccflow_tui import __version__
from ccflow_tui.core_dumps import allow_no_core_dump
from ccflow_tui.exit_codes import CANCELLED, CRASHED, DECLINED, DISABLED, EXIT_CODES_HELP, UNUSABLE
from ccflow_tui.models.problems import CcflowError, FlowDisabled
from ccflow_tui.options import Options
from ccflow_tui.output import put_out, settle_stdout, tell

if TYPE_CHECKING:
    import argparse

_REMOVALS = {
    "sign-out": "remove a profile's stored token and secrets, and prove it by reading back",
    "forget": "the same, and remove the saved profile itself",
}
SHORTEST_LIFETIME, LONGEST_LIFETIME, DEMO_LIFETIME = 5, 86_400, 3600


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ccflow and return its exit code."""
    allow_no_core_dump()
    try:
        return _run(arguments)
    except FlowDisabled as disabled:
        return _complain(str(disabled), DISABLED)
    except CcflowError as problem:
        return _complain(str(problem), UNUSABLE)
    except KeyboardInterrupt:
        return CANCELLED
    except Exception as bug:
        from ccflow_tui.crash import crash_text

        tell(crash_text(bug))
        return CRASHED
    finally:
        settle_stdout()


def _run(arguments: Sequence[str] | None) -> int:
    if not (sys.argv[1:] if arguments is None else arguments):
        return _wizard(Options())  # nothing to parse, so the first paint does not wait for a parser
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if parsed.demo and parsed.settings is not None:
        parser.error("--demo brings its own profiles, so --settings cannot be used with it")
    if parsed.demo_lifetime and not parsed.demo:
        parser.error("--demo-lifetime is about the demo server's tokens and needs --demo")
    options = Options(
        profile=parsed.profile,
        settings=parsed.settings,
        log_file=parsed.log_file,
        demo=bool(parsed.demo),
        demo_lifetime=parsed.demo_lifetime or DEMO_LIFETIME,
        allow_endpoint=parsed.allow_endpoint,
        theme=parsed.theme,
    )
    if parsed.command is None:
        return _wizard(options)
    return _COMMANDS[parsed.command](parser, parsed, options)


def _token(_: argparse.ArgumentParser, parsed: argparse.Namespace, options: Options) -> int:
    from ccflow_tui.headless import print_token

    return print_token(options, as_json=parsed.json, verbose=parsed.verbose)


def _config(parser: argparse.ArgumentParser, parsed: argparse.Namespace, options: Options) -> int:
    if options.demo:
        parser.error("--demo brings its own profiles, which no file configures; leave it out")
    from ccflow_tui.config_command import print_explanation, print_schema, trust_settings

    if parsed.trust:
        return trust_settings(options)
    return print_schema() if parsed.schema else print_explanation(options, as_json=parsed.json)


def _keys(parser: argparse.ArgumentParser, parsed: argparse.Namespace, options: Options) -> int:
    if options.demo:
        parser.error("--demo makes keys of its own, which end with it; leave it out")
    from ccflow_tui.keys_command import run_keys

    return run_keys(options, parsed)


def _passphrase(_: argparse.ArgumentParser, __: argparse.Namespace, options: Options) -> int:
    from ccflow_tui.removal_command import change

    return change(options)


def _remove(parser: argparse.ArgumentParser, parsed: argparse.Namespace, options: Options) -> int:
    if options.demo:
        parser.error("--demo brings its own profiles, of which nothing is kept; leave it out")
    if parsed.name and options.profile not in {None, parsed.name}:
        parser.error("--profile names another profile than the command does; leave one out")
    name = parsed.name or options.profile
    if parsed.command == "forget" and not name:
        parser.error("name the profile to forget")
    from ccflow_tui.removal_command import Removal, remove

    return remove(replace(options, profile=name), Removal(parsed.command), yes=parsed.yes)


_COMMANDS: Mapping[str, Callable[[argparse.ArgumentParser, argparse.Namespace, Options], int]] = (
    MappingProxyType(
        {
            "token": _token,
            "config": _config,
            "keys": _keys,
            "passphrase": _passphrase,
            **dict.fromkeys(_REMOVALS, _remove),
        }
    )
)


def _wizard(options: Options) -> int:
    gc.disable()  # nothing made before the first paint is garbage; the app switches it on again
    from ccflow_tui.terminal import is_terminal, unfit_reason

    if reason := unfit_reason():
        refusal = f"{reason} Use `ccflow token` to get a token without the wizard."
        if is_terminal(sys.stdout) and not is_terminal(sys.stderr):
            put_out(f"ccflow: {refusal}")  # standard error is redirected: the person would see nothing
        return _complain(refusal, DECLINED)
    from ccflow_tui.wizard import run_wizard

    return run_wizard(options)


def _complain(text: str, code: int) -> int:
    tell(f"ccflow: {text}")
    return code


def _parser() -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="ccflow",
        parents=[_shared_options()],
        description="Get an OAuth 2.0 access token by the client credentials grant, step by step.",
        epilog=EXIT_CODES_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ccflow {__version__}")
    parser.add_argument("--theme", metavar="NAME", help="the theme to start with")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    token = commands.add_parser(
        "token",
        parents=[_shared_options(argparse.SUPPRESS)],
        help="get a token without a screen: token on stdout, everything else on stderr",
        epilog=EXIT_CODES_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    token.add_argument(
        "--json", action="store_true", help="print the token with its metadata as one JSON object"
    )
    token.add_argument("-v", "--verbose", action="store_true", help="log every step to stderr, redacted")
    _add_config(commands)
    from ccflow_tui.keys_options import add_keys

    add_keys(commands, _shared_options(argparse.SUPPRESS))
    _add_removals(commands)
    return parser


def _add_removals(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    import argparse

    shared = _shared_options(argparse.SUPPRESS)
    for name, text in _REMOVALS.items():
        command = commands.add_parser(name, parents=[shared], help=text)
        command.add_argument("name", metavar="PROFILE", nargs="?", help="the profile that is meant")
        command.add_argument("-y", "--yes", action="store_true", help="do not ask first")
    commands.add_parser(
        "passphrase", parents=[shared], help="change the passphrase of the encrypted file of secrets"
    )


def _add_config(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    import argparse

    config = commands.add_parser(
        "config",
        parents=[_shared_options(argparse.SUPPRESS)],
        help="show where every value comes from, without any secret; or the schema of the settings file",
    )
    wanted = config.add_mutually_exclusive_group()
    wanted.add_argument(
        "--explain",
        action="store_true",
        help="every field with value, source and what it stands before (default)",
    )
    wanted.add_argument("--schema", action="store_true", help="print the JSON Schema of settings.json")
    wanted.add_argument(
        "--trust",
        action="store_true",
        help="trust .env and settings of the working folder as they are now",
    )
    config.add_argument("--json", action="store_true", help="explain as one JSON object")


def _shared_options(default: object = None) -> argparse.ArgumentParser:
    """Make the options that stand before or after the command.

    The command's own parser gets ``SUPPRESS`` as default: an absent option must not overwrite a given one.
    """
    import argparse

    shared = argparse.ArgumentParser(add_help=False)
    for name, kind, metavar, text in (
        ("--profile", str, "NAME", "the profile to use"),
        ("--settings", Path, "FILE", "the settings file to use"),
        ("--log-file", Path, "FILE", "also write the redacted log to FILE"),
        ("--allow-endpoint", _origin, "ORIGIN", "where else than at the issuer its token endpoint may lie"),
    ):
        shared.add_argument(name, type=kind, metavar=metavar, help=text, default=default)
    shared.add_argument(
        "--demo",
        action="store_true",
        default=default,
        help="start an authorization server on loopback and use it",
    )
    shared.add_argument(
        "--demo-lifetime",
        metavar="SECONDS",
        type=_lifetime,
        default=default,
        help="how long the demo's tokens live",
    )
    return shared


def _origin(text: str) -> str:
    from argparse import ArgumentTypeError

    from ccflow_tui.oauth.url_validation import lone_origin

    if not lone_origin(text):
        raise ArgumentTypeError("give scheme, host and port only, such as https://as.example")
    return text


def _lifetime(text: str) -> int:
    from argparse import ArgumentTypeError

    seconds = int(text) if text.isascii() and text.isdigit() else 0
    if not SHORTEST_LIFETIME <= seconds <= LONGEST_LIFETIME:
        raise ArgumentTypeError(f"give whole seconds from {SHORTEST_LIFETIME} to {LONGEST_LIFETIME}")
    return seconds


if __name__ == "__main__":
    raise SystemExit(main())

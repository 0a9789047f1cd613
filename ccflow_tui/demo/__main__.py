"""``python -m ccflow_tui.demo``: the demo server as a process of its own.

It prints one line of JSON when it is ready and serves until its standard input ends, so that it cannot
outlive the program that started it, however that one dies.
"""

from __future__ import annotations

import argparse
import io
import signal
import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO, NoReturn, TextIO

MAX_LIFETIME = 30 * 24 * 3600
MAX_PORT = 65535


def _number(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}")
    return int(text)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; exits with a message when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m ccflow_tui.demo",
        description="Serve a demo authorization server and API on loopback until standard input ends. "
        "The line it prints carries the secrets of the prepared clients.",
    )
    parser.add_argument(
        "--port",
        type=lambda text: _number(text, 0, MAX_PORT),
        default=0,
        help="port to listen on (0: a free one)",
    )
    parser.add_argument(
        "--lifetime",
        type=lambda text: _number(text, 1, MAX_LIFETIME),
        default=3600,
        metavar="SECONDS",
        help="how long an access token lives (default: 3600)",
    )
    return parser.parse_args(argv)


def main(
    argv: Sequence[str] | None = None, stdin: BinaryIO | None = None, stdout: TextIO | None = None
) -> int:
    """Serve until ``stdin`` ends; return the exit status."""
    from ccflow_tui.demo.announcement import encode_announcement
    from ccflow_tui.demo.service import DemoService

    arguments = parse_arguments(argv)
    stdin = stdin or (sys.stdin.buffer if sys.stdin else io.BytesIO())
    stdout = stdout or sys.stdout
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)
    try:
        with DemoService(port=arguments.port, lifetime=arguments.lifetime) as service:
            stdout.write(encode_announcement(service.info) + "\n")
            stdout.flush()
            while stdin.read(4096):
                pass
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        sys.stderr.write(f"The demo server could not start on port {arguments.port}: {error.strerror}\n")
        return 1
    return 0


def _leave(signum: int, frame: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())

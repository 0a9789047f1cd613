"""Starts the demo server as a process of its own and stops it: the side of the wizard.

A process, because the server's work must never hold up the screen. Its standard input is the leash:
when it ends, by ``stop`` or by the death of this process, the server leaves; that works on every system.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ccflow_tui.demo.announcement import DemoInfo, decode_announcement
from ccflow_tui.models.problems import CcflowError

START_SECONDS = 20.0
"""How long the server may take to announce itself; a busy machine takes a second."""
STOP_SECONDS = 2.0
LINE_LIMIT = 1024 * 1024
KEPT_VARIABLES = frozenset(
    [
        "APPDATA",
        "DYLD_LIBRARY_PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHOME",
        "PYTHONNOUSERSITE",
        "PYTHONPATH",
        "PYTHONPYCACHEPREFIX",
        "PYTHONUSERBASE",
        "PYTHONUTF8",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "USERPROFILE",
        "VIRTUAL_ENV",
        "WINDIR",
    ]
)


@dataclass(frozen=True, slots=True)
class Child:
    """The running process and the task that reads its standard error."""

    process: asyncio.subprocess.Process
    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    last_words: asyncio.Task[str]

    async def end(self) -> str:
        """End the process, wait until it is gone and return the last line of its standard error."""
        self.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._kill()
        except BaseException:
            self._kill()
            raise
        await self.process.wait()
        return await self.last_words

    def _kill(self) -> None:
        with suppress(ProcessLookupError):  # it may have gone by itself just now
            self.process.kill()


class DemoServer:
    """One demo server process at a time; also usable with ``async with``."""

    def __init__(self, *, lifetime: int = 3600, port: int = 0) -> None:
        self._arguments = ("--port", str(port), "--lifetime", str(lifetime))
        self._child: Child | None = None

    async def start(self) -> DemoInfo:
        """Start the server and return where it is; raises ``CcflowError`` when it does not come up."""
        if self._child is not None:
            raise RuntimeError("the demo server runs already")
        try:
            self._child = child = await self._spawn()
        except OSError as error:
            raise CcflowError(f"The demo server could not be started: {error.strerror or error}.") from None
        try:
            line = await asyncio.wait_for(child.stdout.readline(), START_SECONDS)
            return decode_announcement(line.decode("ascii", "replace"))
        except TimeoutError:
            problem = f"The demo server did not come up within {START_SECONDS:.0f} s."
        except ValueError:
            problem = "The demo server stopped before it was ready."
        except BaseException:
            await self.stop()
            raise
        raise CcflowError(f"{problem} {await self.stop()}".strip())

    async def stop(self) -> str:
        """Stop the server and wait until it is gone; does nothing when it is not running.

        Returns the last line that it wrote to its standard error, if any.
        """
        child, self._child = self._child, None
        return "" if child is None else await child.end()

    async def __aenter__(self) -> DemoInfo:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _spawn(self) -> Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the working folder must not shadow a module
            "-m",
            "ccflow_tui.demo",
            *self._arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(os.environ),
            limit=LINE_LIMIT,
            # Ctrl+C in the terminal is for the wizard alone.
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert process.stdin and process.stdout and process.stderr  # noqa: S101 - all three are pipes
        last_words = asyncio.create_task(_last_line(process.stderr))
        return Child(process, process.stdin, process.stdout, last_words)


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a Python process needs of the environment, and none of the secrets that may be in it."""
    kept = {name: value for name, value in environ.items() if name.upper() in KEPT_VARIABLES}
    root = Path(__file__).resolve().parents[2]
    if root.name not in {"site-packages", "dist-packages"}:
        # Run from a source tree: -P hides the working folder, so the tree is named.
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), kept.get("PYTHONPATH", ""))))
    return kept


async def _last_line(stream: asyncio.StreamReader) -> str:
    """Read a stream to its end, so that it never fills, and return its last line in printable form."""
    lines: deque[bytes] = deque(maxlen=1)
    while line := await stream.readline():
        lines.append(line)
    text = lines[0].decode("utf-8", "replace").strip() if lines else ""
    return "".join(char for char in text if char.isprintable())[:300]

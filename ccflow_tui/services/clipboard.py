"""Copies text by a native tool where one works, else through the terminal, and says which it was."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import CopyReport, CopyRoute

Which = Callable[[str], str | None]

_KEPT_VARIABLES = frozenset(
    [
        "DBUS_SESSION_BUS_ADDRESS",
        "DISPLAY",
        "HOME",
        "LANG",
        "PATH",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "USER",
        "WAYLAND_DISPLAY",
        "WINDIR",
        "WSLENV",
        "WSL_DISTRO_NAME",
        "WSL_INTEROP",
        "XAUTHORITY",
        "XDG_RUNTIME_DIR",
    ]
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that takes text on its standard input, so that no process list shows it."""

    command: tuple[str, ...]
    name: str
    ascii_only: bool = False
    """Whether other text has to go as UTF-16, as Windows' ``clip`` wants it."""

    def encode(self, text: Secret) -> bytes:
        """Return the text as the tool reads it."""
        plain = text.reveal()
        return plain.encode("utf-16" if self.ascii_only and not plain.isascii() else "utf-8")


def native_tools(environment: Mapping[str, str], platform: str, which: Which) -> tuple[Tool, ...]:
    """Return the tools that reach the clipboard of the person at the keyboard, best first.

    Over SSH a tool would fill the clipboard of the remote machine, except for X11 tools, whose display is
    forwarded. ``platform`` is ``sys.platform``.
    """
    remote = bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))
    if platform == "win32":
        # By its full path: Windows would look for "clip" in the current folder first.
        root = environment.get("SystemRoot", r"C:\Windows")
        return () if remote else (Tool((rf"{root}\System32\clip.exe",), "clip", ascii_only=True),)
    wanted: list[Tool] = []
    if not remote and platform == "darwin":
        wanted.append(Tool(("pbcopy",), "pbcopy"))
    if not remote and environment.get("WAYLAND_DISPLAY"):
        wanted.append(Tool(("wl-copy", "--type", "text/plain"), "wl-copy"))
    if environment.get("DISPLAY"):
        wanted.append(Tool(("xclip", "-selection", "clipboard", "-in"), "xclip"))
        wanted.append(Tool(("xsel", "--clipboard", "--input"), "xsel"))
    if not remote and environment.get("WSL_DISTRO_NAME"):
        wanted.append(Tool(("clip.exe",), "clip.exe", ascii_only=True))
    found = ((tool, which(tool.command[0])) for tool in wanted)
    return tuple(Tool((path, *tool.command[1:]), tool.name, tool.ascii_only) for tool, path in found if path)


class SystemClipboard:
    """Implements ``ports.Clipboard``: native tools first, then the terminal (OSC 52).

    ``osc52`` writes the text to the terminal as an OSC 52 sequence; without it, only tools are tried.
    ``environment`` is the process's own by default; ``timeout`` is in seconds, for each tool.
    """

    def __init__(
        self,
        osc52: Callable[[str], None] | None,
        *,
        environment: Mapping[str, str] | None = None,
        platform: str = sys.platform,
        which: Which = shutil.which,
        timeout: float = 2.0,
    ) -> None:
        self._osc52, self._timeout = osc52, timeout
        self._environment = os.environ if environment is None else environment
        self._tools = native_tools(self._environment, platform, which)

    async def copy(self, text: Secret, *, label: str) -> CopyReport:
        """Copy ``text``; the report says who took it, and never more than is known."""
        for tool in self._tools:
            if await _fed(tool, text, self._environment, self._timeout):
                return CopyReport(CopyRoute.NATIVE, f"Copied {label} to the clipboard with {tool.name}.")
        if self._osc52 is None:
            return CopyReport(CopyRoute.NONE, f"Could not copy {label}: {self._want_of_tools()}")
        self._osc52(text.reveal())
        condition = " tmux passes it on if its set-clipboard is on." if self._environment.get("TMUX") else ""
        return CopyReport(
            CopyRoute.TERMINAL,
            f"Sent {label} to the terminal's clipboard (OSC 52), which does not confirm it.{condition}",
        )

    def _want_of_tools(self) -> str:
        if self._tools:
            return f"{' and '.join(tool.name for tool in self._tools)} failed."
        return "no clipboard tool was found. Install wl-clipboard (Wayland) or xclip (X11)."


async def _fed(tool: Tool, text: Secret, environment: Mapping[str, str], seconds: float) -> bool:
    """Run the tool with ``text`` on its standard input; return whether it said that it took it."""
    try:
        process = await _start(tool.command, environment)
    except (OSError, NotImplementedError, ValueError):  # gone, not allowed, or a loop without subprocesses
        return False
    try:
        async with asyncio.timeout(seconds):
            await process.communicate(tool.encode(text))
    except (TimeoutError, OSError, UnicodeEncodeError):
        return False
    finally:
        await _end(process)
    return process.returncode == 0


async def _start(command: Sequence[str], environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    # X11 and Wayland tools stay behind to serve the selection: outputs that nobody reads must not be
    # pipes, and the session is their own, so that they outlive this program's terminal.
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=_child_environment(environment, command),
        start_new_session=True,
    )


def _child_environment(environment: Mapping[str, str], command: Sequence[str]) -> dict[str, str]:
    """Return what a clipboard tool needs, and no client secret: it may outlive this program by hours."""
    kept = {
        name: value
        for name, value in environment.items()
        if name.upper() in _KEPT_VARIABLES or name.startswith("LC_")
    }
    return {**kept, "LC_CTYPE": "UTF-8"} if command[0].endswith("pbcopy") else kept


async def _end(process: asyncio.subprocess.Process) -> None:
    """Make sure that the tool is gone, also after a time-out or a cancelled copy."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

"""The clipboard: by a real tool where one works, else by the terminal, and never a word too many."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from ccflow_tui.models.secret import Secret
from ccflow_tui.services.clipboard import SystemClipboard, native_tools
from ccflow_tui.services.ports import CopyRoute
from tests.support.patience import LONGER_AND_LONGER

TEXT = Secret("CANARY-token")
LOCAL_X11 = {"DISPLAY": ":0", "PATH": os.environ.get("PATH", "")}
posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in tools are shell scripts")


def names(environment: dict[str, str], platform: str = "linux") -> list[str]:
    return [tool.name for tool in native_tools(environment, platform, lambda name: f"/bin/{name}")]


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", []),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", ["wl-copy"]),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux", ["wl-copy", "xclip", "xsel"]),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, "linux", ["clip.exe"]),
        ({}, "darwin", ["pbcopy"]),
        ({"SystemRoot": r"D:\Win"}, "win32", ["clip"]),
        ({"SSH_CONNECTION": "1 2 3 4"}, "darwin", []),
        ({"SSH_TTY": "/dev/pts/1", "WAYLAND_DISPLAY": "wayland-0"}, "linux", []),
        ({"SSH_TTY": "/dev/pts/1", "DISPLAY": "localhost:10"}, "linux", ["xclip", "xsel"]),
        ({"SSH_CONNECTION": "1 2 3 4"}, "win32", []),
    ],
)
def test_tools_reach_the_person_at_the_keyboard(
    environment: dict[str, str], platform: str, expected: list[str]
) -> None:
    assert names(environment, platform) == expected


def test_a_tool_that_is_not_installed_is_not_offered() -> None:
    found = native_tools({"DISPLAY": ":0"}, "linux", lambda name: "/usr/bin/xsel" if name == "xsel" else None)
    assert [tool.command for tool in found] == [("/usr/bin/xsel", "--clipboard", "--input")]


def test_windows_clip_is_named_by_its_full_path() -> None:
    (tool,) = native_tools({"SystemRoot": r"D:\Win"}, "win32", lambda _: None)
    assert tool.command == (r"D:\Win\System32\clip.exe",)
    assert tool.encode(TEXT) == b"CANARY-token"
    assert tool.encode(Secret("ü")).decode("utf-16") == "ü"


def install(folder: Path, script: str, name: str = "xclip") -> None:
    folder.mkdir(exist_ok=True)
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)


class Terminal:
    """Takes OSC 52 text."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text)


def clipboard(folder: Path, terminal: Terminal | None, **options: object) -> SystemClipboard:
    def which(name: str) -> str | None:
        return str(folder / name) if (folder / name).exists() else None

    values: dict[str, object] = {"environment": LOCAL_X11, "platform": "linux", "which": which, **options}
    return SystemClipboard(terminal.write if terminal else None, **values)  # type: ignore[arg-type]  # one dictionary


@posix_only
async def test_a_native_tool_gets_the_text_on_its_input_and_not_in_its_arguments(tmp_path: Path) -> None:
    folder, terminal = tmp_path / "bin", Terminal()
    install(folder, f'cat > "{tmp_path}/text"; echo "$@" > "{tmp_path}/arguments"')
    report = await clipboard(folder, terminal).copy(TEXT, label="the access token")
    assert (report.route, report.message) == (
        CopyRoute.NATIVE,
        "Copied the access token to the clipboard with xclip.",
    )
    assert (tmp_path / "text").read_text() == "CANARY-token"
    assert (tmp_path / "arguments").read_text() == "-selection clipboard -in\n"
    assert terminal.texts == []


@posix_only
async def test_the_next_tool_is_tried_when_the_first_fails(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    install(folder, "echo no display >&2; exit 1", "xclip")
    install(folder, "cat > /dev/null", "xsel")
    report = await clipboard(folder, None).copy(TEXT, label="the token")
    assert (report.route, report.message) == (
        CopyRoute.NATIVE,
        "Copied the token to the clipboard with xsel.",
    )


@posix_only
@pytest.mark.parametrize("script", ["exit 1", "exec 0<&-; exit 3", "kill -9 $$"])
async def test_the_terminal_is_used_when_every_tool_fails(tmp_path: Path, script: str) -> None:
    folder, terminal = tmp_path / "bin", Terminal()
    install(folder, script)
    report = await clipboard(folder, terminal).copy(TEXT, label="the token")
    assert report.route is CopyRoute.TERMINAL
    assert "does not confirm" in report.message and "copied" not in report.message
    assert terminal.texts == ["CANARY-token"]


@posix_only
async def test_a_tool_that_hangs_is_ended(tmp_path: Path) -> None:
    folder, terminal, pid = tmp_path / "bin", Terminal(), tmp_path / "pid"
    install(folder, f'echo $$ > "{pid}.new"; mv "{pid}.new" "{pid}"; exec sleep 60')
    for seconds in LONGER_AND_LONGER:
        report = await clipboard(folder, terminal, timeout=seconds).copy(TEXT, label="the token")
        assert report.route is CopyRoute.TERMINAL
        if pid.exists():
            break
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@posix_only
async def test_a_cancelled_copy_ends_its_tool(tmp_path: Path) -> None:
    folder, pid = tmp_path / "bin", tmp_path / "pid"
    install(folder, f'echo $$ > "{pid}.new"; mv "{pid}.new" "{pid}"; exec sleep 60')
    copying = asyncio.create_task(clipboard(folder, None, timeout=30.0).copy(TEXT, label="the token"))
    while not pid.exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.005)
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@posix_only
async def test_a_tool_that_stays_behind_to_serve_the_selection_does_not_hold_the_copy_up(
    tmp_path: Path,
) -> None:
    folder, pid = tmp_path / "bin", tmp_path / "pid"
    install(folder, f'cat > /dev/null; sleep 60 & echo $! > "{pid}"')
    report = await clipboard(folder, None, timeout=30.0).copy(TEXT, label="the token")
    os.kill(int(pid.read_text()), 9)
    assert report.route is CopyRoute.NATIVE


async def test_a_tool_that_cannot_be_started_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "xclip").write_text("not executable")
    report = await clipboard(tmp_path, None).copy(TEXT, label="the token")
    assert (report.route, report.message) == (CopyRoute.NONE, "Could not copy the token: xclip failed.")


async def test_without_any_road_the_report_says_what_to_install(tmp_path: Path) -> None:
    report = await clipboard(tmp_path, None).copy(TEXT, label="the token")
    assert report.route is CopyRoute.NONE
    assert "wl-clipboard" in report.message and "xclip" in report.message


async def test_tmux_is_named_as_a_condition(tmp_path: Path) -> None:
    terminal = Terminal()
    report = await clipboard(tmp_path, terminal, environment={"TMUX": "socket,1,0"}).copy(
        TEXT, label="the token"
    )
    assert report.route is CopyRoute.TERMINAL
    assert "set-clipboard" in report.message


async def test_no_report_repeats_the_text(tmp_path: Path) -> None:
    for terminal in (None, Terminal()):
        report = await clipboard(tmp_path, terminal).copy(TEXT, label="the token")
        assert "CANARY" not in repr(report)


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def which(name: str) -> None:
        asked.append(name)

    for name in ("SSH_CONNECTION", "SSH_TTY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":9")
    SystemClipboard(None, platform="linux", which=which)
    assert asked == ["xclip", "xsel"]

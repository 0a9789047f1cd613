"""The wizard as a real process in a terminal: it declines, it leaves in order, it takes its server along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ccflow_tui import exit_codes, terminal
from tests.support.patience import PATIENCE, patiently

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind"
)
if sys.platform != "win32":
    from tests.cli.pseudo_terminal import (
        ALT_SCREEN_OFF,
        ALT_SCREEN_ON,
        CURSOR_ON,
        MOUSE_OFF,
        PseudoTerminal,
        children_of,
        is_alive,
    )

CTRL_Q = b"\x11"
SECRET = "CANARY-in-a-local-variable"


def assert_restored(seen: PseudoTerminal) -> None:
    """Assert that the terminal was left as it was found."""
    last_draw = seen.shown.rindex(ALT_SCREEN_ON)
    rest = seen.shown[last_draw:]
    assert ALT_SCREEN_OFF in rest
    assert CURSOR_ON in rest
    assert all(code in rest for code in MOUSE_OFF)
    assert seen.modes == seen.modes_before


def wait_until_gone(process_ids: list[int]) -> None:
    for _ in patiently():
        if not any(map(is_alive, process_ids)):
            return
        time.sleep(0.02)
    raise AssertionError("the demo server was left behind")


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_the_wizard_declines_when_a_stream_is_no_terminal(stream: str) -> None:
    pipe = subprocess.DEVNULL if stream == "stdin" else subprocess.PIPE
    with PseudoTerminal(**{stream: pipe}) as seen:
        assert seen.end() == exit_codes.DECLINED
        assert b"ccflow token" in seen.shown, "the person at the terminal sees nothing"
        assert f"standard {stream.removeprefix('std')}".encode() in seen.shown
        assert ALT_SCREEN_ON not in seen.shown


def test_the_wizard_declines_on_a_dumb_terminal() -> None:
    with PseudoTerminal(env={"TERM": "dumb"}) as seen:
        assert seen.end() == exit_codes.DECLINED
        assert b"TERM=dumb" in seen.shown
        assert b"ccflow token" in seen.shown
        assert b"\x1b" not in seen.shown


def test_a_closed_stream_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, encoding="ascii") as closed:
        pass
    monkeypatch.setattr(sys, "__stdin__", None)
    monkeypatch.setattr(sys, "__stderr__", closed)
    reason = terminal.unfit_reason({"TERM": "xterm"})
    assert "standard input" in reason
    assert "standard error" in reason


def test_recorded_keys_are_told() -> None:
    assert terminal.recording_warning({}) == ""
    assert "RECORDED" in terminal.recording_warning({"TEXTUAL_LOG": "x"})
    assert "RECORDED" in terminal.recording_warning({"TEXTUAL": "debug,devtools"})


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_a_signal_restores_the_terminal(name: str, code: int) -> None:
    with PseudoTerminal() as seen:
        seen.read_until(b"Configure")
        seen.process.send_signal(getattr(signal, name))
        assert seen.end() == code
        assert_restored(seen)
        assert b"Traceback" not in seen.shown


def test_a_signal_in_the_first_moment_restores_the_terminal() -> None:
    with PseudoTerminal() as seen:
        seen.read_until(ALT_SCREEN_ON)
        seen.process.send_signal(signal.SIGTERM)
        assert seen.end() == 143
        assert_restored(seen)


def test_alt_with_a_digit_opens_a_step_and_types_nothing_into_a_field() -> None:
    with PseudoTerminal(env={"CCFLOW_CLIENT_ID": "orders"}) as seen:
        seen.read_until(b"Environment ID is required")  # the focus is in its field
        seen.press(b"\x1b3")
        seen.read_until(b"step 1 first: press")
        assert b"must be a UUID" not in seen.shown
        seen.press(CTRL_Q)
        seen.end()


def test_quitting_stops_the_demo_server() -> None:
    with PseudoTerminal(["--demo"]) as seen:
        seen.read_until(b"client_secret_basic")
        seen.read_until(b"127.0.0.1")
        servers = children_of(seen.process)
        assert servers
        seen.press(CTRL_Q)
        assert seen.end() == exit_codes.DONE
        assert_restored(seen)
        wait_until_gone(servers)


def test_closing_the_window_stops_everything() -> None:
    with PseudoTerminal(["--demo"]) as seen:
        seen.read_until(b"127.0.0.1")
        servers = children_of(seen.process)
        assert servers
        seen.hang_up()
        assert seen.process.wait(PATIENCE) == 129
        wait_until_gone(servers)


def test_a_window_that_closes_without_a_signal_is_noticed() -> None:
    """As under make, which gets the signal itself and then waits for the wizard."""
    deaf = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with PseudoTerminal(["--demo"], code=deaf) as seen:
        seen.read_until(b"127.0.0.1")
        servers = children_of(seen.process)
        seen.hang_up()
        assert seen.process.wait(PATIENCE) == 129
        wait_until_gone(servers)


def test_a_crash_restores_the_terminal_and_shows_no_values() -> None:
    bug = f"""
from ccflow_tui.app import CcflowApp
def crash(self):
    held = "{SECRET}"
    raise RuntimeError("Authorization: Bearer {SECRET}-token")
CcflowApp.action_help = crash
"""
    with PseudoTerminal(code=bug) as seen:
        seen.read_until(b"Configure")
        seen.press(b"\x1bOP")
        assert seen.end() == exit_codes.CRASHED
        assert_restored(seen)
        assert b"RuntimeError" in seen.shown
        assert b"report them" in seen.shown
        assert SECRET.encode() not in seen.shown


def test_a_demo_server_that_does_not_start_is_told_on_the_screen() -> None:
    bug = """
import ccflow_tui.demo.launcher as launcher
launcher.sys = type("Broken", (), {"executable": "no-such-python", "platform": launcher.sys.platform})
"""
    with PseudoTerminal(["--demo"], code=bug) as seen:
        seen.read_until(b"could not be started")
        seen.press(CTRL_Q)
        assert seen.end() == exit_codes.DONE
        assert_restored(seen)


def test_settings_that_cannot_be_used_are_told_before_anything_is_drawn(folder: Path) -> None:
    (folder / "settings.json").write_text("{", encoding="utf-8")
    with PseudoTerminal() as seen:
        assert seen.end() == exit_codes.UNUSABLE
        assert b"settings.json" in seen.shown
        assert ALT_SCREEN_ON not in seen.shown


def test_a_flow_that_is_off_opens_no_wizard() -> None:
    with PseudoTerminal(env={"CCFLOW_ENABLED": "0"}) as seen:
        assert seen.end() == exit_codes.DISABLED
        assert b"CCFLOW_ENABLED" in seen.shown
        assert ALT_SCREEN_ON not in seen.shown


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_still_opens_the_wizard(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o500)
    with PseudoTerminal() as seen:
        seen.read_until(b"Configure")
        seen.press(CTRL_Q)
        assert seen.end() == exit_codes.DONE


def test_a_home_that_is_a_file_still_opens_the_wizard(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with PseudoTerminal() as seen:
        seen.read_until(b"Configure")
        seen.press(CTRL_Q)
        assert seen.end() == exit_codes.DONE
        assert b"Traceback" not in seen.shown


def test_the_passphrase_of_the_encrypted_file_is_asked_for_on_the_screen(tmp_path: Path) -> None:
    variables = {
        "CCFLOW_SECRET_STORE": "file",
        "CCFLOW_HOME": str(tmp_path / "home"),
        "CCFLOW_TOKEN_ENDPOINT": "https://as.example/token",
        "CCFLOW_CLIENT_ID": "client-one",
        "CCFLOW_AUTH_METHOD": "client_secret_basic",
    }
    with PseudoTerminal(env=variables) as seen:
        seen.read_until(b"mype or paste; F7")  # the cursor stands on the first letter of the hint
        seen.press(b"typed-secret\x13")  # Ctrl+S
        seen.read_until(b"A new passphrase")
        seen.press(b"CANARY-passphrase\rCANARY-passphrase\r")
        seen.read_until(b"its client secret")
        seen.press(CTRL_Q)
        assert seen.end() == exit_codes.DONE
        assert b"CANARY" not in seen.shown and b"typed-secret" not in seen.shown
    assert b"typed-secret" not in (tmp_path / "home" / "secrets.encrypted").read_bytes()
    with PseudoTerminal(env=variables) as seen:
        seen.read_until(b"Its passphrase is")
        seen.press(b"CANARY-passphrase\r")
        seen.read_until(b"type to replace it")
        seen.press(CTRL_Q)
        assert seen.end() == exit_codes.DONE
        assert b"CANARY" not in seen.shown


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_wizard_back() -> None:
    script = 'set -m; {ccflow} --demo; echo "sto""pped $?"; read -r enter; fg; echo "en""ded $?"'
    with PseudoTerminal(script=script) as seen:
        seen.read_until(b"127.0.0.1")
        seen.read_until(b"More")  # the last to be drawn: from here on, nothing draws by itself
        seen.press(b"\x1a")
        seen.read_until(b"stopped ")
        assert_restored(seen)
        drawn = len(seen.shown)
        seen.press(b"\n")
        seen.read_until(ALT_SCREEN_ON, after=drawn)
        for text in (b"Configure", b"127.0.0.1", b"More"):
            seen.read_until(text, after=drawn)
        seen.press(CTRL_Q)
        seen.read_until(b"ended 0")
        seen.end()


def test_ctrl_z_without_a_shell_that_could_bring_it_back_is_told() -> None:
    with PseudoTerminal(["--demo"]) as seen:
        seen.read_until(b"127.0.0.1")
        seen.press(b"\x1a")
        seen.read_until(b"no shell here")
        seen.press(CTRL_Q)
        assert seen.end() == exit_codes.DONE

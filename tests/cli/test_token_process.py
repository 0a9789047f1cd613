"""``ccflow token`` as a process: pipes that close, signals while it waits, a resolver that hangs."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ccflow_tui import __version__, exit_codes
from tests.cli.program import SECRET, misbehaving, start, variables
from tests.support.fault_server import answers, hang, http_answer
from tests.support.patience import PATIENCE, patiently

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither these signals nor /dev")
PROMPT = 25.0
"""Seconds within which a process must be gone that would wait for half a minute and longer."""


def test_the_version_and_the_help() -> None:
    with start("--version") as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (out.decode().split(), err, process.returncode) == (["ccflow", __version__], b"", 0)
    with start("token", "--help") as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert b"exit codes:" in out
    assert process.returncode == 0


@pytest.mark.parametrize("arguments", [["--help"], ["token"]])
def test_a_reader_that_left_is_no_traceback(arguments: list[str]) -> None:
    with misbehaving(answers(http_answer())) as server:
        process = start(*arguments, env=variables(server.url))
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        err = process.stderr.read().decode()
        process.stderr.close()
        code = process.wait(PATIENCE)
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert code == (exit_codes.NOT_WRITTEN if arguments == ["token"] else 0)


@posix
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_told_by_the_exit_code(stream: str) -> None:
    with (
        misbehaving(answers(http_answer())) as server,
        open("/dev/full", "wb") as full,
        start("token", env=variables(server.url), **{stream: full}) as process,
    ):
        out, err = process.communicate(timeout=PATIENCE)
    if stream == "stdout":
        assert process.returncode == exit_codes.NOT_WRITTEN
        assert b"could not be written: No space left" in err
    else:
        assert process.returncode == exit_codes.DONE
        assert out == b"t\n"


@posix
def test_streams_closed_by_the_shell_are_no_crash() -> None:
    with misbehaving(answers(http_answer())) as server:
        command = [sys.executable, "-m", "ccflow_tui", "token"]
        with start(
            code=f"import os, sys; os.close(1); os.close(2); os.execv({command[0]!r}, {command!r})",
            env=variables(server.url),
        ) as process:
            process.communicate(timeout=PATIENCE)
    assert process.returncode == exit_codes.NOT_WRITTEN


@posix
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129)])
def test_a_signal_ends_the_wait_for_a_slow_server(name: str, code: int) -> None:
    with misbehaving(hang) as server, start("token", env=variables(server.url)) as process:
        wait_for(lambda: bool(server.requests))
        process.send_signal(getattr(signal, name))
        out, err = process.communicate(timeout=PROMPT)
    assert process.returncode == code
    assert out == b""
    assert err.decode().endswith("ccflow: cancelled\n")
    assert SECRET not in err.decode()


@posix
def test_a_signal_stops_the_demo_server_that_is_starting() -> None:
    late = """
import asyncio, sys, ccflow_tui.demo.launcher as launcher
async def spawn(self, original=launcher.DemoServer._spawn):
    child = await original(self)
    print(child.process.pid, file=sys.stderr, flush=True)
    return child
launcher.DemoServer._spawn = spawn
launcher.decode_announcement = lambda line: None
"""
    with start("token", "--demo", code=late) as process:
        assert process.stderr is not None
        server = int(process.stderr.readline())
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert err == b"ccflow: cancelled\n"
    assert not Path(f"/proc/{server}").exists()


@posix
def test_a_resolver_that_hangs_does_not_hold_up_leaving() -> None:
    slow = """
import socket, sys, time
def look_up(*_, **__):
    print("asked", file=sys.stderr, flush=True)
    time.sleep(60)
socket.getaddrinfo = look_up
"""
    with start("token", code=slow, env=variables("https://as.example/token")) as process:
        assert process.stderr is not None
        while process.stderr.readline() != b"asked\n":
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PROMPT)
    assert (process.returncode, err) == (143, b"ccflow: cancelled\n")


@posix
def test_hangups_stay_ignored_under_nohup() -> None:
    ignore = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with misbehaving(answers(http_answer())) as server:
        server.scripts = (hang,)
        with start("token", code=ignore, env=variables(server.url)) as process:
            wait_for(lambda: bool(server.requests))
            process.send_signal(signal.SIGHUP)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.3)
            process.terminate()
            process.communicate(timeout=PATIENCE)
    assert process.returncode == 143


def wait_for(happened: Callable[[], bool]) -> None:
    for _ in patiently():
        if happened():
            return
        time.sleep(0.02)
    raise AssertionError("it does not happen")

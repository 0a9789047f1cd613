from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.demo import launcher
from ccflow_tui.demo.launcher import DemoServer, child_environment
from ccflow_tui.models.problems import CcflowError
from tests.support.demo_server import request_token, send
from tests.support.patience import PATIENCE, patiently

HEAVY = {
    "authlib",
    "joserfc",
    "cryptography",
    "werkzeug",
    "httpx",
    "pydantic",
    "textual",
}
ROOT = Path(__file__).resolve().parents[2]


async def test_the_server_runs_as_a_process_and_is_gone_after_stop() -> None:
    server = DemoServer(lifetime=55)
    info = await server.start()
    reply = await asyncio.to_thread(request_token, info, "demo")
    await server.stop()
    await server.stop()

    assert reply.json["expires_in"] == 55
    with pytest.raises(ConnectionRefusedError):
        send("GET", info.issuer)


async def test_it_can_be_started_again_but_not_twice() -> None:
    server = DemoServer()
    async with server as first:
        with pytest.raises(RuntimeError, match="runs already"):
            await server.start()
    async with server as second:
        assert first.issuer != second.issuer


async def test_stop_before_start_does_nothing() -> None:
    await DemoServer().stop()


async def test_a_taken_port_is_told_in_plain_words() -> None:
    async with DemoServer() as info:
        port = int(info.issuer.split(":")[2].partition("/")[0])
        with pytest.raises(CcflowError) as told:
            await DemoServer(port=port).start()

    assert "The demo server stopped before it was ready." in str(told.value)
    assert f"could not start on port {port}" in str(told.value)


async def test_a_missing_interpreter_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(ROOT / "no-such-python"))

    with pytest.raises(CcflowError, match="The demo server could not be started: "):
        await DemoServer().start()


Spawn = Callable[..., Any]


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make the launcher run another Python program."""
    real = asyncio.create_subprocess_exec

    def use(code: str) -> None:
        async def spawn(*command: str, **options: Any) -> asyncio.subprocess.Process:
            return await real(sys.executable, "-c", code, **options)

        monkeypatch.setattr(asyncio, "create_subprocess_exec", spawn)

    return use


async def test_an_early_death_tells_the_last_words_without_control_characters(
    instead: Callable[[str], None],
) -> None:
    instead("import sys; sys.stderr.write('first\\n\\x1b[2Jbroken installation\\n'); sys.exit(3)")

    with pytest.raises(CcflowError) as told:
        await DemoServer().start()

    assert str(told.value) == "The demo server stopped before it was ready. [2Jbroken installation"


async def test_a_silent_early_death_is_told_too(instead: Callable[[str], None]) -> None:
    instead("raise SystemExit(3)")

    with pytest.raises(CcflowError, match=r"stopped before it was ready\.$"):
        await DemoServer().start()


async def test_another_program_that_talks_too_much_is_no_demo_server(
    instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "LINE_LIMIT", 100)
    instead("import sys; print('x' * 5000, flush=True); sys.stdin.read()")

    with pytest.raises(CcflowError, match="stopped before it was ready"):
        await DemoServer().start()


async def test_a_silent_program_is_given_up(
    instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "START_SECONDS", 0.02)
    instead("import sys; sys.stdin.read()")

    with pytest.raises(CcflowError, match="did not come up within"):
        await DemoServer().start()


async def test_a_program_that_will_not_leave_is_killed(
    instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "START_SECONDS", 0.02)
    monkeypatch.setattr(launcher, "STOP_SECONDS", 0.02)
    instead("import time; time.sleep(600)")
    started = time.monotonic()

    with pytest.raises(CcflowError, match="did not come up"):
        await DemoServer().start()

    assert time.monotonic() - started < PATIENCE


async def test_a_cancelled_start_leaves_no_process(
    instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    instead("import sys; sys.stdin.read()")
    server, spawned = DemoServer(), asyncio.Event()
    spawn, children = server._spawn, list[launcher.Child]()

    async def watched() -> launcher.Child:
        children.append(await spawn())
        spawned.set()
        return children[0]

    monkeypatch.setattr(server, "_spawn", watched)
    starting = asyncio.create_task(server.start())
    await spawned.wait()
    await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting

    assert children[0].process.returncode is not None


async def test_a_cancelled_stop_kills_the_process(
    instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "decode_announcement", lambda line: line)
    instead("import time; print('ready', flush=True); time.sleep(600)")
    server = DemoServer()
    await server.start()
    child = server._child
    assert child is not None
    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0.01)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping

    assert await asyncio.wait_for(child.process.wait(), PATIENCE) != 0
    await child.last_words


def test_L1_the_child_sees_no_secrets_of_the_environment() -> None:
    environ = {
        "PATH": "/bin",
        "SystemRoot": "C:\\Windows",
        "CCFLOW_CLIENT_SECRET": "CANARY",
        "AWS_SECRET_ACCESS_KEY": "CANARY",
        "PYTHONWARNINGS": "error",
        "PYTHONPATH": "elsewhere",
    }
    kept = child_environment(environ)

    assert "CANARY" not in str(kept)
    assert kept["PATH"] == "/bin"
    assert kept["SystemRoot"] == "C:\\Windows"
    assert kept["PYTHONPATH"].endswith("elsewhere")
    assert "PYTHONWARNINGS" not in kept


def test_a_source_tree_is_named_and_an_installation_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert child_environment({})["PYTHONPATH"] == str(ROOT)

    monkeypatch.setattr(
        launcher, "__file__", str(tmp_path / "site-packages" / "ccflow_tui" / "demo" / "x.py")
    )
    assert "PYTHONPATH" not in child_environment({})


def run(code: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True, **options
    )


def test_the_launcher_is_cheap_to_import() -> None:
    found = run(
        f"import sys, ccflow_tui.demo.launcher\nprint(sorted(set(sys.modules) & {HEAVY!r}))",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    assert found.stdout.strip() == "[]"


def test_the_working_folder_shadows_no_module_of_the_child(tmp_path: Path) -> None:
    (tmp_path / "authlib.py").write_text("raise SystemExit('shadowed')")
    code = (
        "import asyncio\nfrom ccflow_tui.demo.launcher import DemoServer\n"
        "async def main():\n    async with DemoServer() as info: print(len(info.profiles))\n"
        "asyncio.run(main())"
    )
    found = run(code, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})

    assert int(found.stdout) > 10
    assert found.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="looks for the child by its POSIX process id")
async def test_the_server_dies_with_a_killed_parent() -> None:
    code = (
        "import asyncio\nfrom ccflow_tui.demo.launcher import DemoServer\n"
        "async def main():\n    info = await DemoServer().start()\n"
        "    print(info.issuer, flush=True)\n    await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=subprocess.PIPE, env=environ
    )
    assert parent.stdout is not None
    issuer = (await parent.stdout.readline()).decode().strip()
    assert (await asyncio.to_thread(send, "GET", issuer)).status == 404
    parent.kill()
    await parent.wait()

    for _ in patiently():
        try:
            await asyncio.to_thread(send, "GET", issuer)
        except OSError:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the demo server outlived its parent")


def test_nothing_but_the_announcement_is_printed() -> None:
    found = subprocess.run(
        [sys.executable, "-W", "default", "-m", "ccflow_tui.demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    assert found.stdout.count("\n") == 1
    assert found.stderr == ""

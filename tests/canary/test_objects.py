"""Where a secret passes through in memory: futures, callbacks, reprs, child processes, the event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import stat
import threading
from pathlib import Path

import pytest

from ccflow_tui.config.layers import Layers
from ccflow_tui.crash import crash_text, report_background_faults
from ccflow_tui.models.problems import SecretStoreProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.clipboard import SystemClipboard
from ccflow_tui.services.credentials import Variables
from ccflow_tui.services.keyring_store import KeyringStore
from ccflow_tui.services.ports import CopyRoute
from ccflow_tui.terminal import RECORD_VARIABLE, recorders, recording_warning, stop_recording
from tests.canary.canaries import Searcher, secret, token
from tests.canary.keyrings import LoudKeyring, MemoryKeyring
from tests.canary.places import search_files, search_objects

SECRET, TOKEN = secret("client secret"), token("access token")


async def test_a_future_that_reads_the_keyring_holds_no_plain_text() -> None:
    """The ``repr`` of a future shows its result, and asyncio's debug mode logs it."""
    keyring, searcher = MemoryKeyring(), Searcher(SECRET, TOKEN)
    store = KeyringStore(backend=keyring)
    await store.put("name", Secret(SECRET.text))
    await store.put("long", Secret(TOKEN.text * 20))
    seen: list[object] = []
    loop = asyncio.get_running_loop()
    create = loop.create_future
    loop.create_future = lambda: seen.append(future := create()) or future  # type: ignore[method-assign]
    try:
        assert await store.get("name") == Secret(SECRET.text)
        assert await store.get("long") == Secret(TOKEN.text * 20)
    finally:
        loop.create_future = create  # type: ignore[method-assign]
    assert len(seen) >= 2
    for future in seen:
        searcher.look("a future", repr(future))
    search_objects(searcher, asyncio.Future, asyncio.Handle)
    searcher.check()


async def test_a_keyring_that_repeats_the_secret_in_its_fault_is_not_quoted() -> None:
    searcher = Searcher(SECRET)
    with pytest.raises(SecretStoreProblem) as caught:
        await KeyringStore(backend=LoudKeyring()).put("name", Secret(SECRET.text))
    gc.collect()
    searcher.look("the problem", f"{caught.value!r} {caught.value} {caught.value.__context__!r}")
    searcher.look("its traceback", crash_text(caught.value))
    searcher.check()


def test_what_holds_the_environment_does_not_show_it() -> None:
    variables = {"CCFLOW_CLIENT_SECRET": SECRET.text}
    searcher = Searcher(SECRET)
    searcher.look("Variables", repr(Variables(variables, variables)))
    searcher.look("Layers", repr(Layers(environment=variables, env_file=variables)))
    searcher.check()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in tool is a shell script")
async def test_a_clipboard_tool_gets_the_text_on_its_input_and_no_secret_otherwise(tmp_path: Path) -> None:
    tool, seen, taken = tmp_path / "bin" / "xclip", tmp_path / "seen", tmp_path / "taken"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\n(env; echo "$0 $@") > "{seen}"\ncat > "{taken}"\n')
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    environment = {
        "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}",
        "DISPLAY": ":7",
        "CCFLOW_CLIENT_SECRET": SECRET.text,
        "SIGNING_KEY": SECRET.text,
    }
    clipboard = SystemClipboard(
        None,
        environment=environment,
        platform="linux",
        which=lambda name: str(tool) if name == "xclip" else None,
    )
    report = await clipboard.copy(Secret(TOKEN.text), label="The token")
    assert report.route is CopyRoute.NATIVE
    assert taken.read_text() == TOKEN.text
    assert "DISPLAY=:7" in seen.read_text()
    searcher = Searcher(SECRET, TOKEN)
    search_files(searcher, tmp_path, planted=(taken,))
    searcher.look("the report", repr(report))
    searcher.check()


class Unclosable:
    """Fails where no caller can catch it."""

    def __repr__(self) -> str:
        return f"Unclosable({SECRET.text})"

    def __del__(self) -> None:
        raise ValueError(f"cannot close {SECRET.text}")


def test_L1_a_thread_that_outlives_the_event_loop_is_told_of_without_its_text(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def watch() -> None:
        report_background_faults(pytest.fail)

    asyncio.run(watch())
    Unclosable()
    printed = "".join(capfd.readouterr())
    assert "ccflow: unexpected error in the background: ValueError at " in printed
    searcher = Searcher(SECRET)
    searcher.look("the terminal", printed)
    searcher.check()


@pytest.mark.parametrize("report_fails", [False, True])
async def test_a_fault_that_nobody_waits_for_is_told_without_its_text(
    report_fails: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    told = list[str]()
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def report(text: str) -> None:
        told.append(text)
        if report_fails:
            raise OSError("nowhere to tell it")

    report_background_faults(report)

    async def fail() -> None:
        raise ValueError(f"cannot use {SECRET.text}")

    def call_back(text: str) -> None:
        raise ValueError(f"cannot use {text}")

    task = asyncio.create_task(fail())
    loop.call_soon(call_back, SECRET.text)
    thread = threading.Thread(target=call_back, args=(SECRET.text,), name=SECRET.text)
    thread.start()
    thread.join()
    Unclosable()
    await asyncio.wait({task})
    del task
    gc.collect()
    await asyncio.sleep(0)
    loop.set_exception_handler(before)
    line = "\n".join(sorted(told))
    assert re.fullmatch(
        r"(unexpected .*: ValueError at .*test_objects, line \d+, in (call_back|fail|__del__)\n?){4}", line
    ), line
    searcher = Searcher(SECRET)
    searcher.look("what was told", line)
    searcher.look("the terminal", "".join(capfd.readouterr()))
    searcher.check()


@pytest.mark.parametrize(
    ("environment", "is_recorded"),
    [
        ({}, False),
        ({"TEXTUAL_LOG": "keys.log"}, True),
        ({"TEXTUAL": "devtools"}, True),
        ({"TEXTUAL": "debug, DevTools"}, True),
        ({"TEXTUAL": "debug"}, False),
        ({"TEXTUAL_DEBUG": "1"}, True),
        ({"TEXTUAL_LOG": ""}, False),
    ],
)
def test_S7_recorded_keys_are_not_recorded_unless_confirmed(
    environment: dict[str, str], is_recorded: bool
) -> None:
    assert bool(recording_warning(environment)) is is_recorded
    confirmed = {**environment, RECORD_VARIABLE: "1"}
    assert stop_recording(confirmed) == "" and recorders(confirmed) == recorders(environment)
    notice = stop_recording(environment)
    assert bool(notice) is is_recorded and not recorders(environment)
    assert (RECORD_VARIABLE in notice) is is_recorded

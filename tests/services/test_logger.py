from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccflow_tui.models.log_entry import LogEntry, LogLevel
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.services.log_file import LogFileSink
from ccflow_tui.services.logger import FlowLogger, iso_time
from ccflow_tui.services.redaction import Redactor
from tests.support.fakes import EPOCH, FakeClock

CANARY = "CANARY-5f1c9e2b7a"


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.know(Secret(CANARY))
    return redactor


@pytest.fixture
def logger(redactor: Redactor) -> FlowLogger:
    return FlowLogger(redactor, FakeClock(), capacity=3)


def messages(logger: FlowLogger) -> list[str]:
    return [entry.message for entry in logger.entries()]


class TestFlowLogger:
    def test_entry_has_time_level_emoji_and_module(self, logger: FlowLogger) -> None:
        logger.write(LogLevel.INFO, "📤", "hello")
        logger.write(LogLevel.ERROR, "", "there", module="UI")
        first, second = logger.entries()
        assert first == LogEntry(EPOCH, LogLevel.INFO, "📤", "CC", "hello")
        assert (first.tag, second.tag) == ("[📤 CC]", "[UI]")

    def test_oldest_entries_make_room(self, logger: FlowLogger) -> None:
        for number in range(5):
            logger.write(LogLevel.INFO, "", f"{number}")
        assert messages(logger) == ["2", "3", "4"]
        logger.clear()
        assert logger.entries() == ()

    @pytest.mark.parametrize(
        "text",
        [
            CANARY,
            f"client_secret={CANARY}",
            f"{CANARY[:6]}\x00{CANARY[6:]}",
            f"{CANARY[:6]}\u200b{CANARY[6:]}",
            "x" * 990 + CANARY,
        ],
    )
    def test_L1_no_secret_is_kept_told_or_exported(self, logger: FlowLogger, text: str) -> None:
        told: list[LogEntry] = []
        logger.subscribe(told.append)
        logger.write(LogLevel.INFO, "📤", text)
        for shown in (messages(logger)[0], told[0].message, logger.export(), repr(logger.entries())):
            assert "CANARY" not in shown

    def test_B10_message_is_one_safe_line(self, logger: FlowLogger) -> None:
        logger.write(LogLevel.INFO, "", "a\x1b[2J\nb\u202ec" + "x" * 2000)
        (message,) = messages(logger)
        assert message.startswith("a[2J bcx") and len(message) == 1000

    def test_listeners_hear_until_they_unsubscribe(self, logger: FlowLogger) -> None:
        told: list[str] = []
        unsubscribe = logger.subscribe(lambda entry: told.append(entry.message))
        logger.write(LogLevel.INFO, "", "one")
        unsubscribe()
        unsubscribe()
        logger.write(LogLevel.INFO, "", "two")
        assert told == ["one"]

    def test_a_failing_listener_is_dropped_and_the_others_go_on(self, logger: FlowLogger) -> None:
        told: list[str] = []

        def fail(_: LogEntry) -> None:
            raise RuntimeError(CANARY)

        logger.subscribe(fail)
        logger.subscribe(lambda entry: told.append(entry.message))
        logger.write(LogLevel.INFO, "", "one")
        logger.write(LogLevel.INFO, "", "two")
        problem = "A log listener failed and was removed: RuntimeError."
        assert messages(logger) == ["one", problem, "two"]
        assert told == [problem, "one", "two"]

    def test_export_is_json_lines(self, logger: FlowLogger) -> None:
        logger.write(LogLevel.SUCCESS, "✅", f"got {CANARY}")
        logger.write(LogLevel.INFO, "🧊", "hit")
        first, second = (json.loads(line) for line in logger.export().splitlines())
        assert first == {
            "time": "2027-01-15T08:00:00.000Z",
            "level": "success",
            "emoji": "✅",
            "module": "CC",
            "message": f"got {MASK}",
        }
        assert second["message"] == "hit"

    def test_threads_may_write_at_once(self, redactor: Redactor) -> None:
        logger = FlowLogger(redactor, FakeClock(), capacity=1000)
        threads = [
            threading.Thread(target=lambda: [logger.write(LogLevel.INFO, "", "x") for _ in range(50)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(logger.entries()) == 200


@pytest.mark.parametrize(("epoch", "text"), [(0, "1970-01-01T00:00:00Z"), (1e18, "out of range")])
def test_iso_time(epoch: float, text: str) -> None:
    assert iso_time(epoch) == text


class TestLogFile:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "log.jsonl"

    @pytest.fixture
    def sink(self, path: Path) -> Iterator[LogFileSink]:
        sink = LogFileSink(path)
        yield sink
        sink.close()

    def test_entries_reach_the_file_in_order(self, logger: FlowLogger, sink: LogFileSink, path: Path) -> None:
        logger.subscribe(sink.write)
        for number in range(20):
            logger.write(LogLevel.INFO, "📤", f"{number} {CANARY}")
        sink.close()
        sink.close()
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert [line["message"] for line in lines] == [f"{number} {MASK}" for number in range(20)]
        logger.write(LogLevel.INFO, "", "after close")
        assert len(path.read_text(encoding="utf-8").splitlines()) == 20
        assert sink.dropped == 0 and not sink.problem

    @pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
    def test_file_is_private_and_old_lines_stay(self, path: Path) -> None:
        path.write_text("old\n")
        path.chmod(0o644)
        LogFileSink(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text() == "old\n"

    def test_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InputProblem, match=r"log_file: .*cannot be opened.*Name a file"):
            LogFileSink(tmp_path / "missing" / "log")

    def test_path_that_cannot_exist(self) -> None:
        with pytest.raises(InputProblem, match="cannot be opened"):
            LogFileSink(Path("nul\0byte"))

    @pytest.mark.skipif(not os.path.exists("/dev/null"), reason="this system has no device files")
    def test_device_is_refused(self) -> None:
        with pytest.raises(InputProblem, match="no regular file"):
            LogFileSink(Path("/dev/null"))

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_pipe_is_refused_without_waiting_for_a_reader(self, path: Path) -> None:
        os.mkfifo(path)
        with pytest.raises(InputProblem):
            LogFileSink(path)

    def test_a_full_queue_drops_lines_and_never_waits(self, path: Path) -> None:
        go_on = threading.Event()
        sink = LogFileSink(path, capacity=2)
        write_line = sink._write_line

        def slowly(*arguments: object) -> None:
            go_on.wait(5)
            write_line(*arguments)  # type: ignore[arg-type]  # passes on what it was given

        sink._write_line = slowly  # type: ignore[method-assign]  # a disk that stalls
        for number in range(10):
            sink.write(LogEntry(EPOCH, LogLevel.INFO, "", "CC", str(number)))
        assert sink.dropped >= 7
        go_on.set()
        sink.close()
        assert len(path.read_text().splitlines()) == 10 - sink.dropped

    def test_a_full_disk_is_told_and_the_flow_goes_on(self, sink: LogFileSink, path: Path) -> None:
        class FullDisk:
            def write(self, _: str) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

        entry = LogEntry(EPOCH, LogLevel.INFO, "", "CC", "x")
        for _ in range(2):
            sink._write_line(FullDisk(), entry)  # type: ignore[arg-type]  # a disk that is full
        assert sink.problem == f"The log file {path} cannot be written: No space left on device."
        assert sink.dropped == 2

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Iterator

import pytest

from ccflow_tui.demo import __main__ as program
from ccflow_tui.demo.announcement import decode_announcement
from ccflow_tui.demo.http_server import listen
from tests.support.demo_server import Reply, request_token, send
from tests.support.patience import PATIENCE


@pytest.fixture(autouse=True)
def keep_signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


class Leash(io.BytesIO):
    """Standard input that ends when told, after the announcement was read."""

    def __init__(self, ends_with: BaseException | None = None) -> None:
        super().__init__()
        self.announced = io.StringIO()
        self.replies: list[Reply] = []
        self._error = ends_with

    def read(self, size: int | None = -1) -> bytes:
        info = decode_announcement(self.announced.getvalue())
        self.replies.append(request_token(info, "demo"))
        if self._error is not None:
            raise self._error
        return b"" if len(self.replies) > 1 else b"ignored"


def test_it_announces_itself_and_serves_until_its_input_ends() -> None:
    leash = Leash()

    assert program.main(["--lifetime", "77"], stdin=leash, stdout=leash.announced) == 0

    assert leash.announced.getvalue().count("\n") == 1
    assert [reply.json["expires_in"] for reply in leash.replies] == [77, 77]
    with pytest.raises(ConnectionRefusedError):
        send("GET", decode_announcement(leash.announced.getvalue()).issuer)


def test_ctrl_c_ends_it_without_a_traceback() -> None:
    leash = Leash(KeyboardInterrupt())

    assert program.main([], stdin=leash, stdout=leash.announced) == 130


@pytest.mark.skipif(not hasattr(signal, "raise_signal"), reason="needs signal.raise_signal")
def test_sigterm_ends_it_cleanly() -> None:
    class Terminated(Leash):
        def read(self, size: int | None = -1) -> bytes:
            signal.raise_signal(signal.SIGTERM)
            return b""

    leash = Terminated()
    with pytest.raises(SystemExit) as leaving:
        program.main([], stdin=leash, stdout=leash.announced)

    assert leaving.value.code == 0


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    leash, statuses = Leash(), list[int]()
    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=lambda: statuses.append(program.main([], leash, leash.announced)))
    thread.start()
    thread.join(PATIENCE)

    assert statuses == [0]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_taken_port_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert program.main(["--port", str(port)], io.BytesIO(), io.StringIO()) == 1

    err = capsys.readouterr().err
    assert err.startswith(f"The demo server could not start on port {port}: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["--lifetime", "0"], "--lifetime"),
        (["--lifetime", "-1"], "--lifetime"),
        (["--lifetime", "soon"], "--lifetime"),
        (["--lifetime", "2592001"], "--lifetime"),
        (["--port", "65536"], "--port"),
        (["--port", "٣"], "--port"),
    ],
)
def test_bad_arguments_name_the_option_and_its_range(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        program.main(arguments)

    err = capsys.readouterr().err
    assert leaving.value.code == 2
    assert option in err
    assert "must be a whole number from" in err

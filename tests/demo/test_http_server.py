from __future__ import annotations

import http.client
import io
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.demo.clients import DemoClient, Fault
from ccflow_tui.demo.faults import Answer, Faults
from ccflow_tui.demo.http_server import MAX_BODY, DemoHttpServer, buffer_body, hold_closed_port, listen
from ccflow_tui.demo.service import DemoService
from ccflow_tui.models.profile import AuthMethod
from tests.support.demo_server import FORM, request_token, running_demo, send
from tests.support.patience import PATIENCE


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


def raw(demo: DemoInfo, *parts: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes."""
    host, _, port = urlsplit(demo.issuer).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        for part in parts:
            connection.sendall(part)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


def test_connections_stay_open_for_the_next_request(demo: DemoInfo) -> None:
    url = urlsplit(demo.token_endpoint)
    connection = http.client.HTTPConnection(url.netloc, timeout=PATIENCE)
    sockets = []
    for _ in range(3):
        body = urlencode({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"})
        connection.request("POST", url.path, body=body, headers={"Content-Type": FORM})
        response = connection.getresponse()
        assert response.status == 401
        assert response.version == 11
        assert response.read()
        sockets.append(connection.sock)
    connection.close()

    assert sockets[0] is not None
    assert sockets[0] is sockets[1] is sockets[2]


def test_an_unread_body_does_not_spoil_the_next_request(demo: DemoInfo) -> None:
    path = urlsplit(demo.issuer).path.encode()
    body = b"GET /nonsense HTTP/1.1\r\n\r\n"
    first = b"POST %s/jwks HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (path, len(body), body)
    second = b"GET %s/jwks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path
    answer = raw(demo, first, second)

    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"405", b"200"]


def test_a_chunked_body_is_understood(demo: DemoInfo) -> None:
    path = urlsplit(demo.token_endpoint).path.encode()
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n" % path
    answer = raw(
        demo, head, b"Content-Type: application/x-www-form-urlencoded\r\n\r\n", b"4\r\na=b&\r\n0\r\n\r\n"
    )

    assert b"Missing parameter: grant_type" in answer


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: %d\r\n" % (MAX_BODY + 1),
        b"Content-Length: -5\r\n",
        b"Content-Length: many\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ],
)
def test_an_unusable_body_ends_the_connection(demo: DemoInfo, head: bytes) -> None:
    # In one piece: a connection that ends while more comes in is reset, which may take the answer with it.
    answer = raw(demo, b"POST / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n" + b"zzz\r\n" * 3)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Connection: close" in answer


def test_a_chunked_body_is_bounded() -> None:
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(b"x" * (MAX_BODY + 5)), "wsgi.input_terminated": True}

    assert not buffer_body(environ)


def test_a_body_cut_short_is_not_used() -> None:
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(b"short"), "CONTENT_LENGTH": "10"}

    assert not buffer_body(environ)


def test_head_has_no_body(demo: DemoInfo) -> None:
    reply = send("HEAD", f"{demo.issuer}/jwks")

    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["Content-Length"]) > 100


def test_B26_answers_carry_a_date_and_say_little_about_the_server(demo: DemoInfo) -> None:
    reply = send("GET", f"{demo.issuer}/jwks")

    assert reply.headers["Date"].endswith("GMT")
    assert reply.headers["Server"] == "ccflow-demo"


def test_the_host_header_changes_no_address(demo: DemoInfo) -> None:
    reply = send("GET", demo.api_base, headers={"Host": "elsewhere.example"})

    assert reply.status == 401  # the API recognised its own address


def test_L1_nothing_is_printed_or_logged_by_default(
    demo: DemoInfo, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for name in ("demo", "demo-basic", "demo-post", "fail-wrong-secret", "fail-html"):
        request_token(demo, name)
    raw(demo, b"nonsense\r\n\r\n")

    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_a_slow_answer_holds_up_neither_others_nor_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, answer = threading.Event(), Faults.answer

    def watched(self: Faults, client: DemoClient) -> Answer | None:
        if client.fault is Fault.SLOW:
            under_way.set()
        return answer(self, client)

    def ask_slowly() -> None:
        with suppress(OSError, http.client.HTTPException):  # the server ends before it answers
            request_token(info, "slow")

    monkeypatch.setattr(Faults, "answer", watched)
    with DemoService() as service:
        info = service.info
        thread = threading.Thread(target=ask_slowly, daemon=True)
        thread.start()
        assert under_way.wait(PATIENCE)
        started = time.monotonic()
        assert request_token(info, "demo").status == 200
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert time.monotonic() - started < 15  # the slow answer alone takes 20 s


def test_a_slow_answer_is_a_token_in_the_end() -> None:
    client = DemoClient("slow", AuthMethod.PRIVATE_KEY_JWT, fault=Fault.SLOW)

    assert Faults(threading.Event(), slow_seconds=0.01).answer(client) is None


def test_stopping_closes_idle_connections() -> None:
    with DemoService() as service:
        netloc = urlsplit(service.info.issuer).netloc
        host, _, port = netloc.partition(":")
        idle = socket.create_connection((host, int(port)), timeout=PATIENCE)
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 404")

    assert idle.recv(1) == b""
    idle.close()


def served(app: Any, capfd: pytest.CaptureFixture[str]) -> tuple[bytes, str]:
    server = DemoHttpServer(listen("127.0.0.1", 0), app)
    server.start()
    try:
        with socket.create_connection((server.host, server.port), timeout=PATIENCE) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = connection.recv(65536)
    finally:
        server.stop()
    return answer, capfd.readouterr().err


def test_a_failing_application_is_named_without_its_message(capfd: pytest.CaptureFixture[str]) -> None:
    def app(environ: dict[str, Any], start_response: object) -> list[bytes]:
        raise LookupError("CANARY")

    answer, err = served(app, capfd)

    assert answer == b""
    assert err == "ccflow demo server: LookupError\n"


def test_a_fault_in_a_view_is_a_server_error_without_details(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from ccflow_tui.demo.authorization_server import TokenRequest

    def fail(self: TokenRequest) -> None:
        raise LookupError("CANARY")

    monkeypatch.setattr(TokenRequest, "check", fail)
    with running_demo() as info:
        reply = request_token(info, "demo-post")

    assert reply.error == (500, "server_error")
    assert b"CANARY" not in reply.body
    assert capfd.readouterr().err == "ccflow demo server: LookupError\n"


def test_a_taken_port_is_an_os_error() -> None:
    with listen("127.0.0.1", 0) as first:
        with pytest.raises(OSError):
            listen("127.0.0.1", first.getsockname()[1])
        with pytest.raises(OSError), DemoService(port=first.getsockname()[1]):
            pass


def test_the_closed_port_needs_an_address_of_this_machine() -> None:
    with pytest.raises(OSError):
        hold_closed_port("192.0.2.1")

"""Every exception on the way gets a name of its own, a phase, and a sentence without secrets."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Any

import httpx
import pytest

from ccflow_tui.models.outcome import Phase
from ccflow_tui.services.exchange_trail import Trail
from ccflow_tui.services.ports import WireRequest
from ccflow_tui.services.transport import HttpTransport, TransportFault
from ccflow_tui.services.transport_faults import explain, timed_out
from tests.support.fakes import FakeClock

HOST = "as.example"


def trail_in(phase: Phase) -> Trail:
    trail = Trail(HOST)
    trail.phase, trail.connected = phase, True
    return trail


def caused(by: BaseException) -> httpx.ConnectError:
    """Return what httpx raises: the cause some links down the chain, one of them a group."""
    try:
        try:
            raise OSError("All connection attempts failed") from ExceptionGroup("several", [ValueError(), by])  # type: ignore[list-item]
        except OSError as error:
            raise httpx.ConnectError("no") from error
    except httpx.ConnectError as error:
        return error


def certificate_error(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(message)
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("cause", "phase", "kind", "transient"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), Phase.DNS, "name-not-found", False),
        (socket.gaierror(socket.EAI_AGAIN, "x"), Phase.DNS, "name-not-found", True),
        (UnicodeError("label too long"), Phase.DNS, "name-not-found", False),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), Phase.CONNECT, "refused", True),
        (OSError(errno.ENETUNREACH, "x"), Phase.CONNECT, "unreachable-network", True),
        (OSError(errno.EHOSTUNREACH, "x"), Phase.CONNECT, "unreachable-network", True),
        (OSError(errno.EPERM, "Operation not permitted"), Phase.CONNECT, "unreachable-network", True),
        (TimeoutError(errno.ETIMEDOUT, "x"), Phase.CONNECT, "timed-out", True),
        (ConnectionResetError(errno.ECONNRESET, "x"), Phase.CONNECT, "reset", True),
        (certificate_error(9, "not yet valid"), Phase.TLS, "tls-failed", False),
        (certificate_error(10, "expired"), Phase.TLS, "tls-expired", False),
        (certificate_error(0, "The certificate has expired."), Phase.TLS, "tls-expired", False),
        (certificate_error(62, "x"), Phase.TLS, "tls-wrong-host", False),
        (certificate_error(0, "certificate name does not match input"), Phase.TLS, "tls-wrong-host", False),
        (certificate_error(19, "self-signed certificate in chain"), Phase.TLS, "tls-unknown-ca", False),
        (certificate_error(18, "self-signed certificate"), Phase.TLS, "tls-self-signed", False),
        (ssl.SSLError(1, "no reason given"), Phase.TLS, "tls-failed", False),
    ],
)
def test_causes_are_found_down_the_chain(
    cause: OSError | UnicodeError, phase: Phase, kind: str, transient: bool
) -> None:
    fault = explain(caused(cause), trail_in(Phase.CONNECT))
    assert (fault.phase, fault.kind, fault.transient) == (phase, kind, transient)
    assert HOST in fault.detail


@pytest.mark.parametrize(
    ("error", "phase", "kind", "transient"),
    [
        (httpx.ConnectTimeout("x"), Phase.CONNECT, "timed-out", True),
        (httpx.ConnectTimeout("x"), Phase.TLS, "timed-out", True),
        (httpx.ConnectError("x"), Phase.TLS, "tls-failed", False),
        (httpx.ConnectError("x"), Phase.CONNECT, "unreachable-network", True),
        (httpx.ReadError("x"), Phase.RECEIVE, "reset", True),
        (httpx.LocalProtocolError("Illegal header value b'hunter2'"), Phase.SEND, "protocol", False),
        (httpx.RemoteProtocolError("illegal status line: \x1b[2J"), Phase.RECEIVE, "protocol", False),
    ],
)
def test_what_has_no_cause_is_named_by_its_phase(
    error: Exception, phase: Phase, kind: str, transient: bool
) -> None:
    fault = explain(error, trail_in(phase))
    assert (fault.phase, fault.kind, fault.transient) == (phase, kind, transient)
    assert "hunter2" not in fault.detail
    assert fault.detail.isprintable()


def test_an_exception_that_is_its_own_context_ends_the_search() -> None:
    first, second = httpx.ReadError("a"), httpx.ReadError("b")
    first.__context__, second.__context__ = second, first
    assert explain(first, trail_in(Phase.RECEIVE)).kind == "reset"


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "was not found"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "refused the connection"),
        (OSError(errno.EPERM, "x"), "could not be used"),
    ],
)
async def test_a_fault_before_the_tunnel_stands_is_the_proxys(cause: OSError, text: str) -> None:
    trail = Trail(HOST)
    await trail("connection.connect_tcp.started", {"host": "proxy.example", "port": 8080})
    fault = explain(caused(cause), trail)
    assert (fault.phase, fault.kind) == (Phase.CONNECT, "proxy")
    assert f"proxy.example:8080 from the environment (HTTPS_PROXY, ALL_PROXY) {text}" in fault.detail


@pytest.mark.parametrize(
    ("phase", "text"),
    [
        (Phase.PREPARE, "the start of the request"),
        (Phase.CONNECT, "connecting to as.example"),
        (Phase.SEND, "sending the request"),
    ],
)
def test_B20_a_time_out_says_what_it_waited_for(phase: Phase, text: str) -> None:
    assert text in timed_out(trail_in(phase), 1.5).detail


async def test_closing_a_trail_without_a_socket_does_nothing() -> None:
    await Trail(HOST).close()


async def test_an_unknown_host_is_named_through_the_whole_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    transport = HttpTransport(clock=FakeClock())
    with pytest.raises(TransportFault) as caught:
        await transport.exchange(WireRequest("GET", f"https://{HOST}/t", (("Host", HOST),)), deadline=5)
    await transport.close()
    assert (caught.value.phase, caught.value.kind) == (Phase.DNS, "name-not-found")

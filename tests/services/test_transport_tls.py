"""TLS, client certificates and proxies, against servers whose certificates are wrong on purpose."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from ccflow_tui.models.outcome import Phase
from ccflow_tui.services.ports import WireRequest
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from tests.support import fault_server as faults
from tests.support.certificates import expired_context, self_signed_context, server_context
from tests.support.fakes import FakeClock
from tests.support.fault_server import FaultServer, answers, http_answer

pytestmark = pytest.mark.usefixtures("trust")


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    it = HttpTransport(clock=FakeClock())
    yield it
    await it.close()


def get(url: str) -> WireRequest:
    return WireRequest("GET", url, (("Host", url.split("/")[2]),))


async def fault_of(transport: HttpTransport, url: str, *, deadline: float = 5.0) -> TransportFault:
    with pytest.raises(TransportFault) as caught:
        await transport.exchange(get(url), deadline=deadline)
    return caught.value


async def test_B22_a_trusted_certificate_passes(transport: HttpTransport, authority: trustme.CA) -> None:
    tls = server_context(authority.issue_cert("127.0.0.1"))
    async with FaultServer(answers(http_answer(), http_answer()), tls=tls) as server:
        for _ in range(2):
            assert (await transport.exchange(get(server.url), deadline=5)).status == 200
        assert server.connections == 1


async def test_B22_four_bad_certificates_have_four_names(
    transport: HttpTransport, authority: trustme.CA, tmp_path: Path
) -> None:
    bad = {
        "tls-expired": (expired_context(authority), "expired"),
        "tls-self-signed": (self_signed_context(tmp_path), "signed by itself"),
        "tls-wrong-host": (server_context(authority.issue_cert("as.example")), "not for 127.0.0.1"),
        "tls-unknown-ca": (server_context(trustme.CA().issue_cert("127.0.0.1")), "authority not trusted"),
    }
    for kind, (tls, text) in bad.items():
        async with FaultServer(answers(http_answer()), tls=tls) as server:
            fault = await fault_of(transport, server.url)
            assert server.requests == []
        assert (fault.phase, fault.kind, fault.transient) == (Phase.TLS, kind, False)
        assert text in fault.detail


async def test_B22_a_name_that_the_certificate_lacks(transport: HttpTransport, authority: trustme.CA) -> None:
    tls = server_context(authority.issue_cert("as.example"))
    async with FaultServer(answers(http_answer()), tls=tls, host="localhost") as server:
        assert (await fault_of(transport, server.url)).kind == "tls-wrong-host"


async def test_B22_a_missing_client_certificate_is_named_though_the_alert_comes_late(
    transport: HttpTransport, authority: trustme.CA
) -> None:
    """In TLS 1.3 the client has finished its handshake when the server looks at its certificate."""
    tls = server_context(authority.issue_cert("127.0.0.1"), clients_of=authority)

    def serve(listener: socket.socket) -> None:
        raw = listener.accept()[0]
        with raw:
            with pytest.raises(ssl.SSLError):
                tls.wrap_socket(raw.dup(), server_side=True)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(asyncio.to_thread(serve, listener))
        fault = await fault_of(transport, f"https://127.0.0.1:{listener.getsockname()[1]}/token")
        await serving
    assert (fault.phase, fault.kind) == (Phase.TLS, "tls-failed")
    assert "client certificate" in fault.detail


async def test_B22_a_reset_right_after_the_handshake_hints_at_client_certificates(
    transport: HttpTransport, authority: trustme.CA
) -> None:
    tls = server_context(authority.issue_cert("127.0.0.1"))
    async with FaultServer(faults.reset_at_once, tls=tls) as server:
        fault = await fault_of(transport, server.url)
    assert fault.transient
    assert "client certificate" in fault.detail


async def test_plain_http_on_a_tls_port_is_explained(transport: HttpTransport) -> None:
    async def answer_at_once(connection: faults.Connection) -> None:
        await connection.send(http_answer("400 Bad Request", b""))
        await connection.wait_for_eof()

    async with FaultServer(answer_at_once) as server:
        fault = await fault_of(transport, server.url.replace("http:", "https:"))
    assert (fault.phase, fault.kind) == (Phase.TLS, "tls-failed")
    assert "does not speak TLS" in fault.detail


@pytest.mark.parametrize("cancel", [True, False])
async def test_B20_a_server_stuck_in_the_handshake_is_left_and_its_socket_closed(
    transport: HttpTransport, cancel: bool
) -> None:
    await transport.warm()
    async with FaultServer(faults.hang_at_once) as server:
        url = server.url.replace("http:", "https:")
        task = asyncio.create_task(fault_of(transport, url, deadline=30 if cancel else 0.3))
        if cancel:
            await server.greeted.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            fault = await task
            assert (fault.phase, fault.kind) == (Phase.TLS, "timed-out")
            assert "TLS handshake" in fault.detail
        await server.until_eof()


async def test_a_connection_closed_in_the_handshake_is_a_tls_fault(transport: HttpTransport) -> None:
    async def close(connection: faults.Connection) -> None:
        await connection.reader.read(1)

    async with FaultServer(close) as server:
        fault = await fault_of(transport, server.url.replace("http:", "https:"))
    assert fault.phase is Phase.TLS


async def test_cancelling_over_tls_closes_the_socket(transport: HttpTransport, authority: trustme.CA) -> None:
    tls = server_context(authority.issue_cert("127.0.0.1"))
    async with FaultServer(faults.hang, tls=tls) as server:
        task = asyncio.create_task(transport.exchange(get(server.url), deadline=30))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.until_eof()


async def test_the_event_loop_keeps_running_while_the_tls_context_is_built(transport: HttpTransport) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await asyncio.gather(transport.warm(), transport.warm())
    ticking.cancel()
    assert ticks > 1


# Proxies from the environment


async def test_a_proxy_of_the_environment_is_used_and_sees_no_secret(
    transport: HttpTransport, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = server_context(authority.issue_cert("as.example"))
    server = FaultServer(answers(http_answer()), tls=tls)
    proxy = FaultServer(faults.tunnel(server))
    async with server, proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass@127.0.0.1:{proxy.port}")
        request = WireRequest("GET", "https://as.example/t", (("Host", "as.example"), ("X-Secret", "s")))
        assert (await transport.exchange(request, deadline=5)).status == 200
        assert server.requests == [b"GET /t HTTP/1.1\r\nHost: as.example\r\nX-Secret: s\r\n\r\n"]
        assert proxy.requests[0].startswith(b"CONNECT as.example:443 HTTP/1.1\r\n")
        assert b"X-Secret" not in proxy.requests[0]


async def test_a_bad_certificate_behind_a_proxy_is_the_servers_fault(
    transport: HttpTransport, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FaultServer(answers(http_answer()), tls=server_context(authority.issue_cert("other.example")))
    proxy = FaultServer(faults.tunnel(server))
    async with server, proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        fault = await fault_of(transport, "https://as.example/t")
    assert (fault.phase, fault.kind) == (Phase.TLS, "tls-wrong-host")
    assert "as.example" in fault.detail


async def test_a_proxy_that_does_not_answer_is_left_in_time(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    await transport.warm()
    async with FaultServer(faults.hang) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        await transport.close()
        fault = await fault_of(transport, "https://as.example/t", deadline=0.5)
        await proxy.until_eof()
    assert fault.kind == "timed-out"
    assert f"proxy 127.0.0.1:{proxy.port}" in fault.detail


@pytest.mark.parametrize("secured", [False, True])
async def test_what_is_for_this_machine_never_passes_a_proxy(
    transport: HttpTransport, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, secured: bool
) -> None:
    tls = server_context(authority.issue_cert("127.0.0.1")) if secured else None
    async with FaultServer(answers(http_answer()), tls=tls) as server, FaultServer(faults.hang) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert (await transport.exchange(get(server.url), deadline=5)).status == 200
        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "407"),
        (b"", "could not be used"),
    ],
)
async def test_a_failing_proxy_is_told_apart_from_the_server(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch, reply: bytes, text: str
) -> None:
    async with FaultServer(faults.closes(reply)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:hunter2@127.0.0.1:{proxy.port}")
        fault = await fault_of(transport, "https://as.example/t")
    assert (fault.phase, fault.kind) == (Phase.CONNECT, "proxy")
    assert text in fault.detail
    assert "hunter2" not in fault.detail


async def test_a_proxy_that_is_not_there(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultServer(faults.hang) as proxy:
        pass
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    fault = await fault_of(transport, "https://as.example/t")
    assert fault.kind == "proxy"
    assert f"127.0.0.1:{proxy.port}" in fault.detail
    assert "refused" in fault.detail


@pytest.mark.parametrize(
    "value", ["socks5://127.0.0.1:1080", "gopher://user:hunter2@127.0.0.1", "http://h:port"]
)
async def test_an_unusable_proxy_setting_names_the_variables(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    fault = await fault_of(transport, "https://as.example/t")
    assert (fault.phase, fault.kind) == (Phase.PREPARE, "proxy")
    assert "HTTPS_PROXY" in fault.detail
    assert "hunter2" not in fault.detail

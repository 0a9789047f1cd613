"""The transport over real sockets: what leaves, what is refused, and that nothing hangs or leaks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.outcome import Phase
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.services.transport import MAX_BODY, HttpTransport
from ccflow_tui.services.transport_faults import TransportFault
from tests.support import fault_server as faults
from tests.support.fakes import EPOCH, FakeClock
from tests.support.fault_server import FaultServer, answers, http_answer
from tests.support.measures import in_some_round

BODY = b"grant_type=client_credentials"


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    it = HttpTransport(clock=FakeClock())
    await it.warm()
    yield it
    await it.close()


def post(url: str, *extra: tuple[str, str], body: bytes = BODY) -> WireRequest:
    host = url.split("/")[2]
    return WireRequest(
        "POST",
        url,
        (
            ("Host", host),
            ("User-Agent", "ccflow/test"),
            ("Accept", "application/json"),
            *extra,
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(body))),
            ("Accept-Encoding", "identity"),
            ("Connection", "keep-alive"),
        ),
        body,
    )


async def fault_of(transport: HttpTransport, server: FaultServer, *, deadline: float = 5.0) -> TransportFault:
    with pytest.raises(TransportFault) as caught:
        await transport.exchange(post(server.url), deadline=deadline)
    return caught.value


async def test_A15_the_bytes_on_the_wire_are_exactly_the_request(transport: HttpTransport) -> None:
    async with FaultServer(answers(http_answer())) as server:
        url = server.url + "?api-version=1&x=%2F"
        await transport.exchange(
            post(url, ("x-MiXed", "a b"), ("X-Twice", "1"), ("X-Twice", "2")), deadline=5
        )
        assert server.requests == [
            b"POST /token?api-version=1&x=%2F HTTP/1.1\r\n"
            + f"Host: 127.0.0.1:{server.port}\r\n".encode()
            + b"User-Agent: ccflow/test\r\nAccept: application/json\r\n"
            + b"x-MiXed: a b\r\nX-Twice: 1\r\nX-Twice: 2\r\n"
            + b"Content-Type: application/x-www-form-urlencoded\r\n"
            + b"Content-Length: 29\r\nAccept-Encoding: identity\r\nConnection: keep-alive\r\n\r\n"
            + BODY
        ]


async def test_A15_a_get_without_body_gains_no_header(transport: HttpTransport) -> None:
    async with FaultServer(answers(http_answer())) as server:
        await transport.exchange(WireRequest("GET", server.url, (("Host", "h"),)), deadline=5)
        assert server.requests == [b"GET /token HTTP/1.1\r\nHost: h\r\n\r\n"]


async def test_the_answer_comes_back_whole_with_lower_case_names(transport: HttpTransport) -> None:
    async with FaultServer(answers(http_answer("401 No", b"{}", "X-Two: a", "X-TWO: b"))) as server:
        response = await transport.exchange(post(server.url), deadline=5)
    assert response == WireResponse(
        401,
        (("content-type", "application/json"), ("content-length", "2"), ("x-two", "a"), ("x-two", "b")),
        b"{}",
        received_at=EPOCH,
    )


async def test_header_values_are_scrubbed(transport: HttpTransport) -> None:
    reply = http_answer().replace(b"\r\n\r\n", b"\r\nX-Evil: a\x9b2Jb\r\n\r\n", 1)
    async with FaultServer(answers(reply)) as server:
        response = await transport.exchange(post(server.url), deadline=5)
    assert response.header("x-evil") == "a2Jb"


async def test_one_connection_serves_many_exchanges(transport: HttpTransport) -> None:
    async with FaultServer(answers(*[http_answer()] * 3)) as server:
        for _ in range(3):
            await transport.exchange(post(server.url), deadline=5)
        assert (len(server.requests), server.connections) == (3, 1)


async def test_A16_cookies_are_never_sent_back(transport: HttpTransport) -> None:
    reply = http_answer("200 OK", b"{}", "Set-Cookie: session=1; Path=/")
    async with FaultServer(answers(reply, reply)) as server:
        await transport.exchange(post(server.url), deadline=5)
        await transport.exchange(post(server.url), deadline=5)
    assert not any(b"cookie" in request.lower() for request in server.requests)
    assert transport._clients is not None
    assert list(transport._clients.loopback.cookies.jar) == []


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
@pytest.mark.parametrize("location", ["https://evil.example/", "https://h:port/", "/token"])
async def test_B17_redirects_are_handed_back_unfollowed(
    transport: HttpTransport, status: str, location: str
) -> None:
    async with FaultServer(answers(http_answer(status, b"", f"Location: {location}"))) as server:
        response = await transport.exchange(post(server.url), deadline=5)
        assert (response.status, response.header("location")) == (int(status[:3]), location)
        assert len(server.requests) == 1


async def test_B18_a_body_of_2_mib_is_cut_off_and_the_connection_closed(transport: HttpTransport) -> None:
    async with FaultServer(faults.stream_forever) as server:
        fault = await fault_of(transport, server)
        await server.until_eof()
    assert (fault.phase, fault.kind, fault.transient) == (Phase.RECEIVE, "too-large", False)
    assert "1024 KiB" in fault.detail


async def test_B18_a_body_of_exactly_the_cap_passes(transport: HttpTransport) -> None:
    async with FaultServer(answers(http_answer(body=b" " * MAX_BODY))) as server:
        assert len((await transport.exchange(post(server.url), deadline=5)).body) == MAX_BODY


async def test_B19_a_compression_bomb_is_refused_unopened(transport: HttpTransport) -> None:
    async with FaultServer(answers(faults.gzip_bomb())) as server:
        tracemalloc.start()
        fault = await fault_of(transport, server)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (fault.phase, fault.kind) == (Phase.RECEIVE, "encoded")
    assert "gzip" in fault.detail
    assert peak < 2_000_000


async def test_identity_is_no_compression(transport: HttpTransport) -> None:
    async with FaultServer(answers(http_answer("200 OK", b"{}", "Content-Encoding: Identity"))) as server:
        assert (await transport.exchange(post(server.url), deadline=5)).body == b"{}"


DEADLINE = 1.0


async def test_B20_the_deadline_spans_the_whole_exchange(transport: HttpTransport) -> None:
    scripts = {
        "an answer": faults.hang,
        "the rest of the answer": faults.drip,
        "the rest of the answer ": faults.hang_after_headers,
    }

    async def sleep() -> float:
        """Return how long the deadline takes on this machine just now, however busy it is."""
        begun = time.monotonic()
        await asyncio.sleep(DEADLINE)
        return time.monotonic() - begun

    async def run(waiting: str, script: faults.Script) -> bool:
        async with FaultServer(script) as server:
            reference = asyncio.create_task(sleep())
            begun = time.monotonic()
            fault = await fault_of(transport, server, deadline=DEADLINE)
            elapsed = time.monotonic() - begun
            assert elapsed >= 0.99 * DEADLINE
            in_time = elapsed == pytest.approx(await reference, rel=0.1)
            assert (fault.phase, fault.kind, fault.transient) == (Phase.RECEIVE, "timed-out", False)
            assert fault.detail == f"Gave up after 1 s, waiting for {waiting.strip()}."
            if script is not faults.drip:
                await server.until_eof()
            return bool(in_time)

    async def run_all() -> bool:
        return all(await asyncio.gather(*(run(*pair) for pair in scripts.items())))

    assert await in_some_round(run_all)


@pytest.mark.parametrize("status", ["204 No Content", "205 Reset Content", "304 Not Modified"])
async def test_B21_answers_without_a_body_are_answers(transport: HttpTransport, status: str) -> None:
    reply = f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n".encode()
    async with FaultServer(faults.closes(reply)) as server:
        response = await transport.exchange(post(server.url), deadline=5)
    assert (response.status, response.body) == (int(status[:3]), b"")


async def test_B21_interim_answers_are_skipped(transport: HttpTransport) -> None:
    reply = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + http_answer()
    async with FaultServer(answers(reply)) as server:
        assert (await transport.exchange(post(server.url), deadline=5)).status == 200


@pytest.mark.parametrize(
    ("reply", "kind", "phase"),
    [
        (http_answer(length=500), "closed-early", Phase.RECEIVE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello", "protocol", Phase.RECEIVE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "closed-early", Phase.RECEIVE),
        (b"\x1b]0;evil\x07 220 smtp.example ESMTP\r\n\r\n", "protocol", Phase.RECEIVE),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "protocol", Phase.RECEIVE),
        (b"", "closed-early", Phase.RECEIVE),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n", "protocol", Phase.RECEIVE),
    ],
)
async def test_B21_broken_http_has_a_name(
    transport: HttpTransport, reply: bytes, kind: str, phase: Phase
) -> None:
    async with FaultServer(faults.closes(reply)) as server:
        fault = await fault_of(transport, server)
    assert (fault.kind, fault.phase) == (kind, phase)
    assert fault.transient is (reply == b"")
    assert fault.detail.isprintable()


async def test_B21_resets_are_told_apart_by_when_they_came(transport: HttpTransport) -> None:
    async with FaultServer(faults.reset_at_once, faults.reset_mid_body) as server:
        early, late = await fault_of(transport, server), await fault_of(transport, server)
    assert (early.kind, early.transient) == ("reset", True)
    assert (late.kind, late.phase, late.transient) == ("reset", Phase.RECEIVE, False)
    assert "middle" in late.detail


async def test_a_refused_connection_is_named_and_passing(transport: HttpTransport) -> None:
    async with FaultServer(faults.hang) as server:
        pass
    fault = await fault_of(transport, server)
    assert (fault.phase, fault.kind, fault.transient) == (Phase.CONNECT, "refused", True)


@pytest.mark.parametrize("script", [faults.hang, faults.hang_after_headers])
async def test_cancelling_closes_the_socket_at_once(transport: HttpTransport, script: faults.Script) -> None:
    async with FaultServer(script) as server:
        task = asyncio.create_task(transport.exchange(post(server.url), deadline=30))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.until_eof()


async def test_a_cancelled_exchange_leaves_the_transport_usable(transport: HttpTransport) -> None:
    async with FaultServer(faults.hang, answers(http_answer())) as server:
        task = asyncio.create_task(transport.exchange(post(server.url), deadline=30))
        await server.asked.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await transport.exchange(post(server.url), deadline=5)).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://u:hunter2@h.example/t",
        "https://as.example\\@evil.example/",
        "http://as.example/token",
        "http://127.0.0.1.nip.io/token",
        "https://h.example/t#fragment",
        "https://h.example/a b",
        "https://h.example/\r\nX: y",
        "ftp://h.example/",
        "h.example/token",
        "",
    ],
)
async def test_C1_unsafe_urls_never_leave(transport: HttpTransport, url: str) -> None:
    with pytest.raises(TransportFault) as caught:
        await transport.exchange(WireRequest("POST", url, (("Host", "h"),)), deadline=5)
    assert caught.value.phase is Phase.PREPARE
    assert not caught.value.transient
    assert "hunter2" not in str(caught.value)


@given(st.text("abcXYZ019-._~:@!$&'()*+,;=/?%[]", max_size=24))
async def test_A9_the_target_leaves_as_typed_or_not_at_all(tail: str) -> None:
    from ccflow_tui.services.exchange_trail import Trail
    from ccflow_tui.services.transport import _destination, _message

    url = f"https://h.example/{tail}"
    try:
        message = _message(post(url), _destination(url).url, Trail("h.example"))
    except TransportFault as fault:
        assert fault.phase is Phase.PREPARE
    else:
        assert message.url.raw_path.decode() == f"/{tail}"


def test_A9_a_rewritten_target_is_refused_with_the_spelling_that_works() -> None:
    from ccflow_tui.services.transport import _refuse_rewriting

    with pytest.raises(TransportFault, match=r"https://h\.example/b; write it like that"):
        _refuse_rewriting("https://h.example/a/../b", httpx.URL("https://h.example/a/../b"))


@pytest.mark.parametrize("value", ["Basic \u79d8", "Basic hunter2\r\nX: y", "Basic hunter2\x00"])
async def test_a_header_that_http_cannot_carry_is_not_repeated(transport: HttpTransport, value: str) -> None:
    async with FaultServer(answers(http_answer())) as server:
        with pytest.raises(TransportFault) as caught:
            await transport.exchange(post(server.url, ("Authorization", value)), deadline=5)
        assert server.requests == []
    assert caught.value.kind == "protocol"
    assert "hunter2" not in repr(caught.value)
    assert caught.value.__context__ is None


async def test_closing_twice_is_harmless_and_the_transport_opens_again() -> None:
    transport = HttpTransport(clock=SystemClock())
    await transport.close()
    async with FaultServer(answers(http_answer()), answers(http_answer())) as server:
        await transport.exchange(post(server.url), deadline=5)
        await transport.close()
        await server.until_eof()
        await transport.close()
        await transport.exchange(post(server.url), deadline=5)
        await transport.close()


def test_importing_the_clients_loads_no_http_machinery() -> None:
    program = (
        "import sys, ccflow_tui.services.token_client, ccflow_tui.services.transport;"
        "heavy = {'httpx', 'truststore', 'http.client', 'http.cookiejar', 'urllib.request', 'email'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

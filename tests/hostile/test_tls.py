"""TLS that fails, seen from the whole road: four bad certificates, and a client certificate refused late."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from ccflow_tui.models.outcome import Outcome, Phase, Unreachable
from ccflow_tui.models.profile import MutualTls
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.tls_context import build_tls_context
from ccflow_tui.services.transport import HttpTransport
from tests.hostile.replies import GOOD
from tests.hostile.road import get_token, profile_for
from tests.support.certificates import (
    bare_authority,
    expired_context,
    self_signed_context,
    server_context,
)
from tests.support.fault_server import FaultServer, answers


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def trusting(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[HttpTransport]:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    it = HttpTransport(clock=SystemClock())
    yield it
    await it.close()


def failed_in_tls(outcome: Outcome, kind: str, url: str, *, attempts: int = 1) -> None:
    assert isinstance(outcome, Unreachable)
    assert (outcome.phase, outcome.kind, outcome.exchange.attempts) == (Phase.TLS, kind, attempts)
    advice = advise(outcome, profile_for(url))
    assert advice is not None
    assert advice.what_to_do


async def test_B22_every_bad_certificate_ends_typed_before_a_credential_is_sent(
    trusting: HttpTransport, authority: trustme.CA, tmp_path: Path
) -> None:
    bad = {
        "tls-expired": expired_context(authority),
        "tls-self-signed": self_signed_context(tmp_path),
        "tls-wrong-host": server_context(authority.issue_cert("as.example")),
        "tls-unknown-ca": server_context(trustme.CA().issue_cert("127.0.0.1")),
    }
    for kind, context in bad.items():
        async with FaultServer(answers(GOOD), tls=context) as server:
            failed_in_tls((await get_token(trusting, server.url)).outcome, kind, server.url)
            assert server.requests == []


async def test_B22_a_client_certificate_refused_by_an_alert_on_the_first_read(
    trusting: HttpTransport, authority: trustme.CA
) -> None:
    """In TLS 1.3 our handshake is over, and the request sent, when the server says no."""
    context = server_context(authority.issue_cert("127.0.0.1"), clients_of=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3

    def refuse(listener: socket.socket) -> None:
        raw = listener.accept()[0]
        with raw:
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(raw.dup(), server_side=True)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/token"
        refusing = asyncio.create_task(asyncio.to_thread(refuse, listener))
        failed_in_tls((await get_token(trusting, url)).outcome, "tls-failed", url)
        await refusing


async def test_B22_an_old_version_of_tls_is_refused(trusting: HttpTransport, authority: trustme.CA) -> None:
    context = server_context(authority.issue_cert("127.0.0.1"))
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    async with FaultServer(answers(GOOD), tls=context) as server:
        failed_in_tls((await get_token(trusting, server.url)).outcome, "tls-failed", server.url)
        assert server.requests == []


async def test_B23_a_private_authority_that_strict_python_refuses_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.13 and later are strict by default; a platform's own checks can be, too."""
    authority, server_certificate = bare_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))

    def strict(mtls: MutualTls) -> ssl.SSLContext:
        context = build_tls_context(mtls)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr("ccflow_tui.services.transport.build_tls_context", strict)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_certificate)
    transport = HttpTransport(clock=SystemClock())
    async with FaultServer(answers(GOOD), tls=context) as server:
        outcome = (await get_token(transport, server.url)).outcome
    await transport.close()
    assert isinstance(outcome, Unreachable)
    assert outcome.phase is Phase.TLS
    advice = advise(outcome, profile_for(server.url))
    assert advice is not None
    assert "RFC 5280" in advice.what_to_do[0]


@pytest.mark.parametrize("bytes_sent", [b"\x16\x03\x03", b"\x15\x03\x03\x00\x02\x02\x28", b"\x00" * 300])
async def test_B22_garbage_in_the_handshake_ends_typed(trusting: HttpTransport, bytes_sent: bytes) -> None:
    async def play(connection: object) -> None:
        await connection.send(bytes_sent)  # type: ignore[attr-defined]

    async with FaultServer(play) as server:
        url = server.url.replace("http:", "https:")
        outcome = (await get_token(trusting, url)).outcome
        assert isinstance(outcome, Unreachable)
        assert outcome.phase is Phase.TLS
        assert server.requests == []

"""F3: a client certificate that is renewed in its place is taken up once the old one has expired."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import trustme

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import MutualTls
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.certificates import thumbprint
from ccflow_tui.services.client_certificates import ClientCertificates
from ccflow_tui.services.ports import WireRequest
from ccflow_tui.services.transport import HttpTransport
from tests.services.test_mutual_tls import Wallet, demanding, telling_the_thumbprint
from tests.support.client_certificates import NOW, YEAR, issue, write
from tests.support.fakes import FakeClock
from tests.support.fault_server import FaultServer

pytestmark = pytest.mark.usefixtures("trust")


async def test_F3_the_renewed_certificate_is_presented(authority: trustme.CA, tmp_path: Path) -> None:
    ca, clock = issue("clients' authority", usages=None), FakeClock()
    first, second = issue(issuer=ca, not_after=NOW + YEAR), issue(issuer=ca)
    certificates = ClientCertificates(Wallet().keys, clock)
    path = tmp_path / "client.pem"
    tls = MutualTls(True, write(path, first.pem(), first.key_pem()))
    transport = HttpTransport(clock=clock, mtls=tls, certificates=certificates.load)
    seen: list[str] = []
    async with FaultServer(telling_the_thumbprint(seen), tls=demanding(authority, ca)) as server:
        request = WireRequest("GET", server.url, (("Host", server.url.split("/")[2]),))
        await transport.exchange(request, deadline=5)
        write(path, second.pem(), second.key_pem())
        assert await certificates.thumbprint(tls) == thumbprint(first.der())  # it has not expired yet
        clock.advance(2 * YEAR.total_seconds())
        await transport.exchange(request, deadline=5)
        assert await certificates.thumbprint(tls) == thumbprint(second.der())
    await transport.close()
    assert seen == [thumbprint(first.der()), thumbprint(second.der())]


async def test_F3_one_that_expired_and_was_not_renewed_is_not_presented(tmp_path: Path) -> None:
    first, clock = issue(not_after=NOW + YEAR), FakeClock()
    certificates = ClientCertificates(Wallet().keys, clock)
    tls = MutualTls(True, write(tmp_path / "client.pem", first.pem(), first.key_pem()))
    assert await certificates.load(tls) is not None
    clock.advance(2 * YEAR.total_seconds())
    with pytest.raises(InputProblem, match="expired on"):
        await certificates.load(tls)


async def test_what_is_forgotten_while_it_is_read_is_not_kept(tmp_path: Path) -> None:
    own, keys = issue(), Wallet().keys
    certificates = ClientCertificates(keys, FakeClock())
    tls = MutualTls(True, write(tmp_path / "client.pem", own.pem(), own.key_pem()))
    loading = asyncio.create_task(certificates.load(tls))
    await asyncio.sleep(0)
    certificates.forget()
    assert await loading is not None
    assert certificates.known_thumbprint(tls) == ""
    key = Secret(own.key_pem().decode())
    parsing = asyncio.create_task(keys.load(key, "client.pem"))
    await asyncio.sleep(0)
    keys.forget()
    opened = await parsing
    assert await keys.load(key, "client.pem") is not opened

"""Client certificates over real sockets: read from every place, checked, sent, compared with the token."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
import truststore
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.problems import InputProblem, PassphraseProblem
from ccflow_tui.models.profile import (
    AuthMethod,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
    ServerFacts,
)
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.certificates import thumbprint
from ccflow_tui.oauth.key_pkcs12 import armour
from ccflow_tui.services import client_certificates, signing_keys
from ccflow_tui.services.client_certificates import ClientCertificates
from ccflow_tui.services.credential_names import passphrase_name, private_key_name
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.engine import Engine, EngineParts
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.key_reading import KeyReader
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.ports import WireRequest
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.signing_keys import SigningKeys
from ccflow_tui.services.transport import HttpTransport
from tests.oauth.key_material import native
from tests.support import fault_server as faults
from tests.support.client_certificates import NOW, SERVER, YEAR, Issued, issue, write
from tests.support.fakes import DictStore, FakeClock
from tests.support.fault_server import FaultServer, http_answer

pytestmark = pytest.mark.usefixtures("trust")
PASSPHRASE = "CANARY correct horse"


class Wallet:
    """A loader of certificates with a dictionary for a keyring and some variables."""

    def __init__(self, **variables: str) -> None:
        self.store, self.known, self.warnings = DictStore(), list[Secret](), list[str]()
        self.reader = KeyReader(self.store, Variables(variables, {}), self.warnings.append)
        self.keys = SigningKeys(self.reader, self.known.append)
        self.certificates = ClientCertificates(self.keys, FakeClock())

    def transport(self, mtls: MutualTls) -> HttpTransport:
        return HttpTransport(clock=FakeClock(), mtls=mtls, certificates=self.certificates.load)

    async def problem(self, mtls: MutualTls) -> InputProblem:
        with pytest.raises(InputProblem) as caught:
            await self.transport(mtls).warm()
        its_own_key = mtls.key_ref and mtls.key_ref in str(caught.value)
        assert caught.value.finding.field in ({"mtls.key_ref"} if its_own_key else {"mtls", "mtls.key_ref"})
        assert caught.value.finding.remedy
        return caught.value


def demanding(authority: trustme.CA, clients_of: Issued) -> ssl.SSLContext:
    """Return a server's context that takes certificates of one authority only, and no connection without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.load_verify_locations(cadata=clients_of.pem().decode())
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def telling_the_thumbprint(seen: list[str]) -> faults.Script:
    async def answer(connection: faults.Connection) -> None:
        der = connection.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        seen.append(thumbprint(der))
        await faults.answers(http_answer())(connection)

    return answer


async def seen_by_a_server(authority: trustme.CA, ca: Issued, transport: HttpTransport) -> str:
    seen: list[str] = []
    async with FaultServer(telling_the_thumbprint(seen), tls=demanding(authority, ca)) as server:
        request = WireRequest("GET", server.url, (("Host", server.url.split("/")[2]),))
        assert (await transport.exchange(request, deadline=5)).status == 200
    await transport.close()
    return seen[0]


@pytest.fixture(scope="module")
def ca() -> Issued:
    return issue("clients' authority", usages=None)


def left_behind() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("ccflow-*.pem"))


@pytest.fixture
def temp_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


PLACES: dict[str, Callable[[Path, Issued, Wallet], MutualTls]] = {
    "two files": lambda folder, c, _: MutualTls(
        True, write(folder / "c.pem", c.pem()), write(folder / "k.pem", c.key_pem())
    ),
    "one file, key first": lambda folder, c, _: MutualTls(
        True, write(folder / "c.pem", c.key_pem(), c.pem())
    ),
    "chain in any order": lambda folder, c, _: MutualTls(
        True, write(folder / "c.pem", c.issuer.pem() if c.issuer else b"", c.pem(), c.key_pem())
    ),
    "SEC1 key": lambda folder, c, _: MutualTls(
        True,
        write(folder / "c.pem", c.pem()),
        write(folder / "k.pem", c.key_pem(style="TraditionalOpenSSL")),
    ),
    "encrypted key": lambda folder, c, _: MutualTls(
        True, write(folder / "c.pem", c.pem()), write(folder / "k.pem", c.key_pem(PASSPHRASE))
    ),
    "PKCS#12": lambda folder, c, _: MutualTls(True, write(folder / "c.p12", c.pkcs12(PASSPHRASE))),
    "PKCS#12 without passphrase": lambda folder, c, _: MutualTls(True, write(folder / "c.pfx", c.pkcs12())),
    "key in the keyring": lambda folder, c, wallet: _kept(
        wallet, c.key_pem().decode(), MutualTls(True, write(folder / "c.pem", c.pem()), "keyring:mine")
    ),
    "PKCS#12 in the keyring": lambda folder, c, wallet: _kept(
        wallet, armour(c.pkcs12(PASSPHRASE)), MutualTls(True, "keyring:mine")
    ),
    "key in a variable": lambda folder, c, _: MutualTls(
        True, write(folder / "c.pem", c.pem()), "env:MTLS_KEY"
    ),
}


def _kept(wallet: Wallet, text: str, tls: MutualTls) -> MutualTls:
    wallet.store.secrets[private_key_name("mine")] = Secret(text)
    return tls


@pytest.mark.parametrize("place", PLACES)
async def test_F1_F6_a_certificate_from_every_place_is_presented_and_leaves_no_file(
    authority: trustme.CA, ca: Issued, tmp_path: Path, temp_folder: Path, place: str
) -> None:
    client = issue(issuer=ca)
    key_text = client.key_pem().decode().replace("\n", "\\n")
    wallet = Wallet(CCFLOW_KEY_PASSPHRASE=PASSPHRASE, MTLS_KEY=key_text)
    tls = PLACES[place](tmp_path, client, wallet)
    seen = await seen_by_a_server(authority, ca, wallet.transport(tls))
    digest = hashlib.sha256(client.der()).digest()
    assert seen == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert await wallet.certificates.thumbprint(tls) == seen
    assert left_behind() == []


@pytest.mark.parametrize(
    "make", [lambda: rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate]
)
async def test_F1_rsa_and_ed25519_certificates_are_presented(
    authority: trustme.CA, ca: Issued, tmp_path: Path, make: Callable[[], object]
) -> None:
    client = issue(issuer=ca, key=make())
    wallet = Wallet()
    tls = MutualTls(True, write(tmp_path / "c.pem", client.pem(), client.key_pem()))
    assert await seen_by_a_server(authority, ca, wallet.transport(tls)) == thumbprint(client.der())


async def test_F3_unusable_client_certificates_name_cause_and_way_out(ca: Issued, tmp_path: Path) -> None:
    good = issue(issuer=ca)
    certificate = write(tmp_path / "client.pem", good.pem())
    key = write(tmp_path / "client.key", good.key_pem())
    other = write(tmp_path / "other.key", issue().key_pem())
    weak = issue(key=native("RSA-1024"))
    past, future = issue(not_after=NOW - YEAR), issue(not_before=NOW + YEAR)
    server = issue(usages=(SERVER,))
    cases = {
        ("", ""): "none is named",
        (str(tmp_path / "absent.pem"), ""): "absent.pem cannot be read",
        (certificate, str(tmp_path / "absent.key")): "absent.key cannot be read",
        (certificate, other): "does not belong to the client certificate (CN=client.example)",
        (certificate, write(tmp_path / "locked.key", good.key_pem("p"))): "passphrase is not known",
        (write(tmp_path / "locked.p12", good.pkcs12("p")), ""): "passphrase is not known",
        (write(tmp_path / "half.p12", good.pkcs12("p")[:200]), ""): "nor a whole PKCS#12 file",
        (str(tmp_path), ""): "is not a file",
        ("~nosuchuser/client.pem", ""): "~nosuchuser/client.pem cannot be read",
        ("x" * 5000, ""): "cannot be read",
        ("nul\0.pem", ""): "cannot be read",
        (certificate, ""): "its private key is needed",
        (key, ""): "no certificate in it",
        (write(tmp_path / "noise", b"no PEM"), key): "no certificate in it",
        (write(tmp_path / "cut.pem", good.pem().replace(b"M", b"N", 3)), key): "certificate is damaged",
        (write(tmp_path / "weak.pem", weak.pem(), weak.key_pem()), ""): "1024 bits",
        (write(tmp_path / "past.pem", past.pem(), past.key_pem()), ""): "expired on 2026-01-15",
        (write(tmp_path / "new.pem", future.pem(), future.key_pem()), ""): "not valid before 2028-01-15",
        (write(tmp_path / "srv.pem", server.pem(), server.key_pem()), ""): "lacks clientAuth",
        ("keyring:nobody", ""): "no client certificate named 'nobody'",
        ("env:NOT_SET", ""): "NOT_SET is not set",
    }
    for (cert_ref, key_ref), text in cases.items():
        problem = await Wallet().problem(MutualTls(True, cert_ref, key_ref))
        assert text in problem.finding.problem, (cert_ref, str(problem))


async def test_D19_a_wrong_passphrase_of_a_client_key_is_told_apart(ca: Issued, tmp_path: Path) -> None:
    client = issue(issuer=ca)
    files = MutualTls(
        True, write(tmp_path / "c.pem", client.pem()), write(tmp_path / "k.pem", client.key_pem("right"))
    )
    packed = MutualTls(True, write(tmp_path / "c.p12", client.pkcs12("right")))
    for tls in (files, packed):
        problem = await Wallet(CCFLOW_KEY_PASSPHRASE="CANARY wrong").problem(tls)
        assert isinstance(problem, PassphraseProblem)
        assert "does not open" in problem.finding.problem
        assert "CANARY" not in str(problem)


async def test_D19_a_stored_and_a_typed_passphrase_open_the_key(ca: Issued, tmp_path: Path) -> None:
    client = issue(issuer=ca)
    path = write(tmp_path / "c.p12", client.pkcs12(PASSPHRASE))
    stored, typed = Wallet(), Wallet()
    stored.store.secrets[passphrase_name(path)] = Secret(PASSPHRASE)
    typed.reader.remember_passphrase(path, Secret(PASSPHRASE))
    for wallet in (stored, typed):
        assert await wallet.certificates.thumbprint(MutualTls(True, path)) == thumbprint(client.der())
        assert Secret(PASSPHRASE) in wallet.known, "or a log could show it"


async def test_F6_a_failure_in_the_middle_leaves_no_file(
    ca: Issued, tmp_path: Path, temp_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = issue(issuer=ca)
    held: list[tuple[bytes, int]] = []

    def refuse(_: object, path: Path, *, password: str) -> None:
        held.append((path.read_bytes(), path.stat().st_mode & 0o777))
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(truststore.SSLContext, "load_cert_chain", refuse)
    tls = MutualTls(True, write(tmp_path / "both.pem", client.pem(), client.key_pem()))
    assert "Permission denied" in (await Wallet().problem(tls)).finding.problem
    [(content, mode)] = held
    assert (mode, left_behind()) == (0o600, [])
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content and b"BEGIN PRIVATE KEY" not in content


async def test_F3_a_mended_file_is_read_again(ca: Issued, tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    wallet = Wallet()
    transport = wallet.transport(MutualTls(True, str(path)))
    with pytest.raises(InputProblem):
        await transport.warm()
    client = issue(issuer=ca)
    write(path, client.pem(), client.key_pem())
    await transport.warm()
    await transport.close()


async def test_certificate_and_key_are_parsed_once_and_off_the_event_loop(
    ca: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def noting(function: Callable[..., object]) -> Callable[..., object]:
        def noted(*args: object, **terms: object) -> object:
            threads.append(threading.current_thread().name)
            return function(*args, **terms)

        return noted

    monkeypatch.setattr(signing_keys, "load_signing_key", noting(signing_keys.load_signing_key))
    monkeypatch.setattr(client_certificates, "read_certificate", noting(client_certificates.read_certificate))
    client = issue(issuer=ca)
    wallet = Wallet()
    tls = MutualTls(True, write(tmp_path / "both.pem", client.pem(), client.key_pem()))
    await asyncio.gather(*(wallet.certificates.load(tls) for _ in range(5)))
    assert len(threads) == 2
    assert threading.main_thread().name not in threads


async def test_a_certificate_that_others_can_read_is_no_warning_but_a_key_is(
    ca: Issued, tmp_path: Path
) -> None:
    client = issue(issuer=ca)
    wallet = Wallet()
    certificate, key = write(tmp_path / "c.pem", client.pem()), write(tmp_path / "k.pem", client.key_pem())
    (tmp_path / "c.pem").chmod(0o644)
    await wallet.certificates.load(MutualTls(True, certificate, key))
    assert wallet.warnings == []
    (tmp_path / "k.pem").chmod(0o644)
    wallet.certificates.forget()
    await wallet.certificates.load(MutualTls(True, certificate, key))
    assert "k.pem" in wallet.warnings[0]


# The whole way of a token


def bound_token(x5t: str | None) -> bytes:
    claims = {"sub": "app"} if x5t is None else {"sub": "app", "cnf": {"x5t#S256": x5t}}
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims))
    token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + ".c2ln"
    return json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 600}).encode()


def make_engine(store: DictStore) -> Engine:
    clock, redactor = FakeClock(), Redactor()
    log = FlowLog(FlowLogger(redactor, clock))
    credentials = CredentialSource(store, Variables({}, {}), log.warning)
    certificates = ClientCertificates(SigningKeys(credentials.reader, redactor.know), clock)
    return Engine(
        EngineParts(
            clock=clock,
            transports=lambda mtls: HttpTransport(clock=clock, mtls=mtls, certificates=certificates.load),
            store=store,
            credentials=credentials,
            redactor=redactor,
            log=log,
            certificates=certificates,
        )
    )


@pytest.mark.parametrize("method", [AuthMethod.TLS_CLIENT_AUTH, AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH])
@pytest.mark.parametrize("bound_to", ["the certificate", "another one", "nothing"])
async def test_F1_F2_F4_a_token_by_certificate_comes_from_the_alias_and_its_binding_is_compared(
    authority: trustme.CA, ca: Issued, tmp_path: Path, method: AuthMethod, bound_to: str
) -> None:
    client = issue(issuer=ca)
    x5t = {"the certificate": thumbprint(client.der()), "another one": "x" * 43, "nothing": None}[bound_to]
    answer = http_answer("200 OK", bound_token(x5t))
    async with FaultServer(faults.answers(answer), tls=demanding(authority, ca)) as server:
        ordinary = server.url.replace("/token", "/ordinary")
        profile = Profile(
            endpoint_mode=EndpointMode.ISSUER,
            issuer=ordinary.removesuffix("/ordinary"),
            token_endpoint=ordinary,
            endpoint_source=EndpointSource.DISCOVERED,
            client_id="app",
            auth_method=method,
            mtls=MutualTls(cert_ref=write(tmp_path / "both.pem", client.pem(), client.key_pem())),
            server=ServerFacts(ordinary, server.url, certificate_bound_tokens=True),
        )
        engine = make_engine(DictStore())
        request = await engine.prepare(profile)
        assert request.facts["Client certificate"] and request.facts["Endpoint"]
        outcome = await engine.request_token(profile, request, lambda _: None)
        await engine.close()
    assert isinstance(outcome, Granted), outcome
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /token HTTP/1.1\r\n") and b"Authorization" not in head
    assert body == b"grant_type=client_credentials&client_id=app"
    notes = " ".join(outcome.notes)
    assert ("another client certificate" in notes) is (bound_to == "another one")
    assert ("not bound to the client certificate" in notes) is (bound_to == "nothing")


async def test_L4_tokens_of_two_certificates_are_kept_apart(ca: Issued, tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    keys = []
    for _ in range(2):
        client = issue(issuer=ca)
        write(path, client.pem(), client.key_pem())
        engine = make_engine(DictStore())
        profile = Profile(
            endpoint_mode=EndpointMode.MANUAL,
            token_endpoint="https://as.example/token",
            client_id="app",
            auth_method=AuthMethod.PRIVATE_KEY_JWT,
            key_reference=write(
                tmp_path / "k.pem", issue(key=ec.generate_private_key(ec.SECP256R1())).key_pem()
            ),
            mtls=MutualTls(True, str(path)),
        )
        found = await engine._keeper._find(replace(profile, auth_method=AuthMethod.TLS_CLIENT_AUTH))
        bound = await engine._keeper._find(profile)
        keys += [found.source.key, bound.source.key]
    assert len(set(keys)) == 4

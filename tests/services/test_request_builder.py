"""One request: its credential, its signature, and the key that is parsed once."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ccflow_tui.models.problems import InputProblem, KeyProblem
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.services import signing_keys
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.dpop_keys import DpopKeys
from ccflow_tui.services.dpop_prover import DpopProver
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.ports import Credential
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.request_builder import RequestBuilder, new_jti
from ccflow_tui.services.server_notes import ServerNotes
from tests.oauth.key_material import pem
from tests.support.certificates import private_pem
from tests.support.fakes import EPOCH, DictStore, FakeClock

SECRET = "CANARY-secret-1234567890"
PROFILE = Profile(
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    client_id="client-one",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
    scope="read write",
)
JWT = replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="env:KEY", assertion_alg="ES256")


class Bench:
    """A builder with a clock, a redactor and two variables."""

    def __init__(self, **variables: str) -> None:
        self.clock, self.redactor = FakeClock(), Redactor()
        self.logger = FlowLogger(self.redactor, self.clock)
        log = FlowLog(self.logger)
        self.credentials = CredentialSource(DictStore(), Variables(variables, {}), log.warning)
        self.servers = ServerNotes()
        prover = DpopProver(DpopKeys(DictStore(), log.warning), self.servers, self.clock)
        self.builder = RequestBuilder(self.clock, self.credentials, self.redactor, log, prover)


@pytest.mark.parametrize("method", [AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST])
async def test_a_secret_goes_where_its_method_says_and_is_known_to_the_log(method: AuthMethod) -> None:
    bench = Bench(CCFLOW_CLIENT_SECRET=SECRET, CCFLOW_TOKEN_ENDPOINT=PROFILE.token_endpoint)
    request = await bench.builder.build(replace(PROFILE, auth_method=method))
    headers = dict(request.wire_headers())
    assert ("Authorization" in headers) is (method is AuthMethod.CLIENT_SECRET_BASIC)
    assert (SECRET.encode() in request.body()) is (method is AuthMethod.CLIENT_SECRET_POST)
    shown = bench.redactor.redact(f"{headers} {request.body().decode()} {SECRET}")
    assert SECRET not in shown
    assert headers.get("Authorization", "Basic none").split()[1] not in shown
    assert SECRET not in bench.logger.export()
    assert "credential source=environment" in bench.logger.export()


async def test_an_assertion_is_signed_anew_each_time_with_its_own_jti() -> None:
    bench = Bench(KEY=pem("P-256"))
    first = (await bench.builder.build(JWT)).assertion
    bench.clock.advance(5)
    second = (await bench.builder.build(JWT)).assertion
    assert first is not None and second is not None
    assert first.jwt != second.jwt
    assert first.claims["jti"] != second.claims["jti"]
    assert second.issued_at - first.issued_at == 5
    assert first.expires_at <= EPOCH + 60
    assert len(first.claims["jti"]) == 22


def test_D1_ten_thousand_jti_are_distinct() -> None:
    assert len({new_jti() for _ in range(10_000)}) == 10_000


async def test_a_key_is_parsed_once_and_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []

    def load(text: Secret, **terms: Any) -> object:
        threads.append(threading.current_thread().name)
        return load_signing_key(text, **terms)

    monkeypatch.setattr(signing_keys, "load_signing_key", load)
    bench = Bench(KEY=pem("P-256"))
    await asyncio.gather(*(bench.builder.build(JWT) for _ in range(5)))
    assert len(threads) == 1
    assert threads[0] != threading.main_thread().name
    bench.builder.keys.forget()
    await bench.builder.build(JWT)
    assert len(threads) == 2


async def test_a_rotated_key_signs_the_next_request(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    profile = replace(JWT, key_reference=str(file))
    bench, keys = Bench(), []
    for text in (pem("P-256"), private_pem(ec.generate_private_key(ec.SECP256R1())).decode()):
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        assertion = (await bench.builder.build(profile)).assertion
        assert assertion is not None
        keys.append(assertion.header["kid"])
    assert keys[0] != keys[1]


async def test_a_key_that_is_no_key_is_refused_each_time() -> None:
    bench = Bench(KEY="no key at all")
    for _ in range(2):
        with pytest.raises(KeyProblem):
            await bench.builder.build(JWT)


@pytest.mark.parametrize(("profile", "field"), [(PROFILE, "client_secret"), (JWT, "key_reference")])
async def test_a_source_that_gives_nothing_is_no_request(
    profile: Profile, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: Profile) -> Credential:
        return Credential()

    bench = Bench()
    monkeypatch.setattr(bench.credentials, "credential", nothing)
    with pytest.raises(InputProblem) as caught:
        await bench.builder.build(profile)
    assert caught.value.finding.field == field
    assert caught.value.finding.remedy

"""The engine as its users see it: from a profile to a living token, and nothing left after signing out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from ccflow_tui.models.outcome import Granted, Outcome, Phase, Refused, Unreachable
from ccflow_tui.models.problems import InputProblem, KeyProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod, EndpointMode, MutualTls, Profile
from ccflow_tui.models.progress import AttemptStarted, Progress, RetryScheduled
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.engine import Engine, EngineParts
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.ports import StoreKind, Transport, WireResponse
from ccflow_tui.services.ports_removal import Subject
from ccflow_tui.services.redaction import Redactor
from tests.oauth.key_material import pem
from tests.support.client_certificates import issue, write
from tests.support.fakes import Answer, DictStore, FakeClock, ScriptedTransport, json_response
from tests.support.manual_clock import ManualClock, settle

SECRET = "CANARY-secret-1234567890"
TOKEN = "CANARY-token-0123456789abcdef0123456789"
GRANT = json_response(f'{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}')
REFUSAL = json_response('{"error":"invalid_client"}', 401)
BUSY = WireResponse(503, (), b"", 0.0)
PROFILE = Profile(
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    api_base="https://api.example/v1/things",
    client_id="client-one",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
)
JWT = replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="env:KEY", assertion_alg="ES256")
BROKEN = SecretStoreProblem(StoreFault.FAILED, "The keyring is broken.")


class Bench:
    """An engine whose network is scripted."""

    def __init__(
        self,
        *answers: Answer,
        clock: FakeClock | ManualClock | None = None,
        store: DictStore | None = None,
        **variables: str,
    ) -> None:
        self.transport = ScriptedTransport(*(answers or (GRANT,)))
        self.made: list[MutualTls] = []
        self.clock, self.redactor, self.store = clock or ManualClock(), Redactor(), store or DictStore()
        self.logger = FlowLogger(self.redactor, self.clock)
        log = FlowLog(self.logger)
        credentials = CredentialSource(self.store, Variables(variables, {}), log.warning)
        self.engine = Engine(
            EngineParts(
                clock=self.clock,
                transports=self.make,
                store=self.store,
                credentials=credentials,
                redactor=self.redactor,
                log=log,
                jitter=lambda: 0.0,
            )
        )
        self.engine.remember_secret(PROFILE, Secret(SECRET))
        self.progress: list[Progress] = []

    def make(self, mtls: MutualTls) -> Transport:
        self.made.append(mtls)
        return self.transport

    async def ask(self, profile: Profile = PROFILE, first: object = None) -> Outcome:
        return await self.engine.request_token(profile, first, self.progress.append)  # type: ignore[arg-type]

    def jtis(self) -> list[str]:
        found = []
        for request in self.transport.requests:
            assertion = parse_qs(request.body.decode())["client_assertion"][0]
            found.append(assertion)
        return found


def text_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Granted)
    return outcome.token.value.reveal()


async def test_a_token_is_fetched_kept_and_stored() -> None:
    bench = Bench()
    assert text_of(await bench.ask()) == TOKEN
    assert bench.progress == [AttemptStarted(1, 4)]
    await settle()
    assert not bench.store.secrets  # the secret was typed: the next run could not use the token
    await bench.engine.save_secret(PROFILE)
    await settle()
    assert any(TOKEN in secret.reveal() for secret in bench.store.secrets.values())
    assert TOKEN not in bench.logger.export()
    assert SECRET not in bench.logger.export()
    await bench.engine.close()
    assert bench.transport.closed


async def test_saving_the_secret_stores_the_kept_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    await bench.ask()
    await settle()  # the attempt to store it with the grant is over
    written: list[str] = []
    put = bench.store.put

    async def counted(name: str, secret: Secret) -> None:
        written.append(name.partition("/")[0])
        await put(name, secret)

    monkeypatch.setattr(bench.store, "put", counted)
    await bench.engine.save_secret(PROFILE)
    await settle()
    assert written == ["client-secret", "access-token"]
    await bench.engine.close()


async def test_the_headless_way_keeps_nothing() -> None:
    bench = Bench()
    assert text_of(await bench.engine.fetch_token(PROFILE, None, bench.progress.append)) == TOKEN
    await settle()
    assert not bench.store.secrets
    assert await bench.engine.stored_token(PROFILE) is None
    await bench.engine.close()


async def test_the_previewed_request_is_what_is_sent() -> None:
    bench = Bench()
    preview = await bench.engine.prepare(PROFILE)
    await bench.ask(first=preview)
    (sent,) = bench.transport.requests
    assert (sent.headers, sent.body) == (preview.wire_headers(), preview.body())
    assert "$CLIENT_SECRET" in bench.engine.as_curl(preview)
    await bench.engine.close()


async def test_C2_a_previewed_assertion_is_sent_once() -> None:
    bench = Bench(REFUSAL, KEY=pem("P-256"))
    preview = await bench.engine.prepare(JWT)
    assert preview.assertion is not None
    assert isinstance(await bench.ask(JWT, preview), Refused)
    assert isinstance(await bench.ask(JWT, preview), Refused)
    first, second = bench.jtis()
    assert first == preview.assertion.jwt.reveal()
    assert second != first
    await bench.engine.close()


async def test_C2_a_retry_is_signed_anew() -> None:
    bench = Bench(BUSY, BUSY, GRANT, clock=FakeClock(), KEY=pem("P-256"))
    preview = await bench.engine.prepare(JWT)
    assert text_of(await bench.ask(JWT, preview)) == TOKEN
    assert len(set(bench.jtis())) == 3
    assert [type(step) for step in bench.progress] == [
        AttemptStarted,
        RetryScheduled,
        AttemptStarted,
        RetryScheduled,
        AttemptStarted,
    ]
    await bench.engine.close()


@pytest.mark.parametrize("call", ["prepare", "ask"])
async def test_bad_input_is_refused_before_anything_is_sent(call: str) -> None:
    bench = Bench()
    bad = replace(PROFILE, client_id="")
    with pytest.raises(InputProblem) as caught:
        await (bench.engine.prepare(bad) if call == "prepare" else bench.ask(bad))
    assert caught.value.finding.field == "client_id"
    assert not bench.transport.requests


async def test_a_token_whose_credential_went_away_is_still_handed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()

    def forget(_: object) -> WireResponse:
        bench.engine.parts.credentials.forget(PROFILE)
        return GRANT

    bench.transport._answers = [forget]
    assert text_of(await bench.ask()) == TOKEN
    assert "not refreshed in the background" in bench.logger.export()
    await bench.engine.close()


async def test_a_background_fetch_without_a_credential_is_an_outcome() -> None:
    bench = Bench()
    outcome = await bench.engine._fetcher.fetch_unattended(replace(PROFILE, client_id="nobody"))
    assert isinstance(outcome, Unreachable)
    assert (outcome.phase, outcome.kind) == (Phase.PREPARE, "not-prepared")
    assert bench.engine.advise(outcome, PROFILE) is not None


async def test_a_rotated_secret_is_used_by_the_next_request() -> None:
    bench = Bench()
    await bench.ask()
    bench.engine.remember_secret(PROFILE, Secret("CANARY-rotated-secret-42"))
    await bench.ask()
    bodies = [request.body.decode() for request in bench.transport.requests]
    assert SECRET in bodies[0]
    assert "CANARY-rotated-secret-42" in bodies[1]
    await bench.engine.close()


async def test_the_credential_is_named_and_never_shown() -> None:
    bench = Bench()
    assert await bench.engine.credential_source(PROFILE) == "typed"
    assert await bench.engine.credential_source(replace(PROFILE, client_id="nobody")) == ""
    bench.store.problem = BROKEN
    assert await bench.engine.credential_source(replace(PROFILE, client_id="nobody")) == ""


async def test_a_typed_secret_is_saved_and_a_found_one_left_where_it_is() -> None:
    bench = Bench()
    assert (await bench.engine.save_secret(PROFILE)).kind is StoreKind.MEMORY
    assert [secret.reveal() for secret in bench.store.secrets.values()] == [SECRET]
    assert await bench.engine.credential_source(PROFILE) == "memory"
    await bench.engine.save_secret(PROFILE)
    assert len(bench.store.secrets) == 1


async def test_a_key_is_imported_once_it_has_proved_to_be_one() -> None:
    bench = Bench(KEY=pem("P-256"), NONE="no key")
    imported = await bench.engine.import_key(JWT)
    assert imported.key_reference == "keyring:default"
    assert isinstance(await bench.ask(imported), Granted)
    with pytest.raises(KeyProblem):
        await bench.engine.import_key(replace(JWT, key_reference="env:NONE"))
    with pytest.raises(InputProblem):
        await bench.engine.import_key(PROFILE)
    await bench.engine.close()


async def test_the_api_is_called_with_the_token_and_once_more_after_a_401() -> None:
    again = json_response('{"access_token":"CANARY-second-token","token_type":"Bearer","expires_in":60}')
    bench = Bench(GRANT, json_response("{}", 401), again, json_response('{"id":"e1"}'))
    heard: list[Outcome] = []
    bench.engine.on_refresh = lambda outcome, _: heard.append(outcome)
    await bench.ask()
    result = await bench.engine.call_resource(PROFILE)
    assert (result.status, result.fresh_token_used) == (200, True)
    assert [text_of(outcome) for outcome in heard] == ["CANARY-second-token"]
    await bench.engine.close()


async def test_a_401_and_no_new_token_is_told() -> None:
    bench = Bench(GRANT, json_response("{}", 401), REFUSAL)
    await bench.ask()
    result = await bench.engine.call_resource(PROFILE)
    assert (result.status, result.fresh_token_used) == (401, False)
    await bench.engine.close()


async def test_without_a_token_the_api_is_not_called() -> None:
    bench = Bench(REFUSAL)
    result = await bench.engine.call_resource(PROFILE)
    assert result.status is None
    assert result.problem.startswith("No token to call with.")
    nobody = await bench.engine.call_resource(replace(PROFILE, client_id="nobody"))
    assert "client secret" in nobody.problem
    await bench.engine.close()


async def test_signing_out_of_a_broken_store_still_forgets_what_is_in_memory() -> None:
    bench = Bench(KEY=pem("P-256"))
    await bench.ask(JWT)
    await settle()
    bench.store.problem = BROKEN
    assert (await bench.engine.removal.remove(Subject(PROFILE))).left
    assert not bench.engine._builder.keys._parsed
    bench.store.problem = None
    assert await bench.engine.credential_source(PROFILE) == ""
    await bench.engine.close()


async def test_a_token_of_an_earlier_run_is_found_and_let_go() -> None:
    bench = Bench()
    await bench.engine.save_secret(PROFILE)
    await bench.ask()
    await settle()
    await bench.engine.let_go()
    found = await bench.engine.stored_token(PROFILE)
    assert found is not None
    assert bench.engine.lifetime(found).seconds_left == 3600
    assert bench.engine.lifetime(found).refresh_in == 3510
    assert TOKEN not in bench.redactor.redact(f"x {TOKEN} y")
    assert not bench.engine.view_token(found).claims
    await bench.engine.close()


async def test_discovery_is_remembered_for_each_client_certificate() -> None:
    metadata = json_response('{"issuer":"https://as.example","token_endpoint":"https://as.example/token"}')
    bench = Bench(metadata)
    profile = replace(PROFILE, endpoint_mode=EndpointMode.ISSUER, issuer="https://as.example")
    unused = replace(profile, mtls=MutualTls(enabled=False, cert_ref="unused.pem"))
    mutual = replace(profile, mtls=MutualTls(enabled=True, cert_ref="client.pem"))
    for each in (profile, profile, unused, mutual):
        result = await bench.engine.discover(each)
        assert result.metadata is not None
    assert bench.made == [MutualTls(), mutual.mtls]
    assert len(bench.transport.requests) == 2
    await bench.engine.discover(profile, refetch=True)
    assert len(bench.transport.requests) == 3


async def test_signing_out_lets_go_of_the_connection_that_holds_the_certificate(
    tmp_path: Path,
) -> None:
    issued = issue()
    cert, key = (
        write(tmp_path / name, data) for name, data in (("c", issued.pem()), ("k", issued.key_pem()))
    )
    mutual, bench = replace(PROFILE, mtls=MutualTls(True, cert, key)), Bench()
    await bench.ask(mutual)
    assert (bench.made, bench.transport.closed) == ([mutual.mtls], False)
    await bench.engine.removal.remove(Subject(mutual))
    assert bench.transport.closed
    bench.engine.remember_secret(PROFILE, Secret(SECRET))
    await bench.ask(mutual)
    assert bench.made == [mutual.mtls, mutual.mtls]


def test_judging_a_certificate_that_is_being_typed_opens_nothing() -> None:
    bench = Bench()
    for end in range(1, 11):
        typed = MutualTls(True, "client.pem"[:end])
        bench.engine.check(replace(PROFILE, issuer="https://as.example", mtls=typed), secret_present=True)
    assert bench.made == []


async def test_warming_and_the_store_are_asked() -> None:
    bench = Bench()
    await bench.engine.warm()
    assert bench.transport.warmed
    assert (await bench.engine.store_status()).detail == "test"


def test_what_needs_no_waiting(tmp_path: Path) -> None:
    bench = Bench()
    engine, uuid = bench.engine, "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"
    assert engine.check(PROFILE, secret_present=True) == ()
    assert engine.check_secret(Secret(" padded "))
    preset = engine.derive(Profile(environment_id=uuid, region="eu"))
    assert uuid in preset.token_endpoint
    found = engine.recognise(preset.token_endpoint, Profile())
    assert (found["environment_id"], found["region"]) == (uuid, "eu")
    assert engine.lifetime(None).seconds_left is None


async def test_fifty_uses_at_once_make_one_request() -> None:
    bench = Bench(GRANT, json_response('{"id":"e1"}'))
    results = await asyncio.gather(*(bench.engine.call_resource(PROFILE) for _ in range(50)))
    assert {result.status for result in results} == {200}
    assert sum(request.url == PROFILE.token_endpoint for request in bench.transport.requests) == 1
    await bench.engine.close()


async def test_D5_F3_what_discovery_told_counts_whichever_certificate_is_named() -> None:
    issuer = "https://as.example"
    listed = f'"issuer":"{issuer}","token_endpoint":"{PROFILE.token_endpoint}"'
    methods = '"token_endpoint_auth_methods_supported":["none"]'
    algs = '"token_endpoint_auth_signing_alg_values_supported":["PS256"]'
    bench = Bench(json_response(f"{{{listed},{methods},{algs}}}"))
    profile = replace(JWT, issuer=issuer, assertion_alg="PS256")
    assert len(bench.engine.offered_algorithms(profile)["assertion_alg"]) > 1
    await bench.engine.discover(profile)
    typing = replace(profile, mtls=MutualTls(True, "~/half-a-pa"))
    assert bench.engine.offered_algorithms(typing)["assertion_alg"] == ("PS256",)
    assert any(
        "does not list private_key_jwt" in str(finding)
        for finding in bench.engine.check(typing, secret_present=True)
    )
    assert bench.made == [MutualTls()], "no connection is made for a path that is being typed"

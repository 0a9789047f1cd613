"""Requests by the methods beyond basic and post, with keys and certificates from where people keep them."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.models.problems import InputProblem, PassphraseProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod, MutualTls, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.certificates import thumbprint
from ccflow_tui.services.credential_names import passphrase_name, private_key_name
from ccflow_tui.services.ports_removal import Subject
from tests.oauth.key_material import PASSPHRASE, jwk, pem, signing_key
from tests.services.test_engine import JWT, PROFILE, Bench
from tests.support.client_certificates import issue, write

LONG_SECRET = "CANARY-" + "s" * 60
SECRET_JWT = replace(PROFILE, auth_method=AuthMethod.CLIENT_SECRET_JWT)
LOCKED = pem("P-256", passphrase=PASSPHRASE)


async def header_of(bench: Bench, profile: Profile) -> dict[str, Any]:
    request = await bench.engine.prepare(profile)
    assert request.assertion is not None
    encoded = request.assertion.jwt.reveal().partition(".")[0]
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=="))
    assert header == dict(request.assertion.header)
    return header


async def test_D11_client_secret_jwt_signs_and_sends_no_secret() -> None:
    bench = Bench()
    bench.engine.remember_secret(SECRET_JWT, Secret(LONG_SECRET))
    assert await header_of(bench, SECRET_JWT) == {"alg": "HS256", "typ": "JWT"}
    assert await bench.ask(SECRET_JWT)
    sent = bench.transport.requests[0]
    assert b"client_assertion=" in sent.body and b"client_secret" not in sent.body
    assert b"CANARY" not in sent.body
    assert "CANARY" not in bench.logger.export()


async def test_D11_a_short_secret_is_refused_before_anything_is_sent() -> None:
    bench = Bench()
    bench.engine.remember_secret(SECRET_JWT, Secret("CANARY-too-short"))
    with pytest.raises(InputProblem, match="128 bits, and HS256 needs") as caught:
        await bench.ask(SECRET_JWT)
    assert caught.value.finding.field == "client_secret"
    assert "CANARY" not in str(caught.value)
    assert bench.transport.requests == []


async def test_a_public_client_sends_its_id_alone() -> None:
    bench = Bench()
    public = replace(PROFILE, auth_method=AuthMethod.NONE)
    assert await bench.engine.credential_source(public) == "none"
    await bench.ask(public)
    assert bench.transport.requests[0].body == b"grant_type=client_credentials&client_id=client-one"


async def test_F1_a_client_by_certificate_sends_its_id_and_its_transport_presents(tmp_path: Path) -> None:
    bench = Bench()
    client = issue()
    path = write(tmp_path / "both.pem", client.pem(), client.key_pem())
    profile = replace(PROFILE, auth_method=AuthMethod.TLS_CLIENT_AUTH, mtls=MutualTls(cert_ref=path))
    assert await bench.engine.credential_source(profile) == "file"
    await bench.ask(profile)
    assert bench.transport.requests[0].body == b"grant_type=client_credentials&client_id=client-one"
    assert bench.made == [MutualTls(True, path)]
    missing = replace(profile, mtls=MutualTls(cert_ref="/nowhere.pem"))
    assert await bench.engine.credential_source(missing) == ""


# Keys


@pytest.mark.parametrize(("listed", "alg"), [((), "Ed25519"), (("EdDSA",), "EdDSA")])
async def test_D14_ed25519_signs_without_a_warning_by_the_name_the_server_lists(
    listed: tuple[str, ...], alg: str
) -> None:
    from ccflow_tui.models.discovery import ServerMetadata, with_metadata

    metadata = ServerMetadata("https://as.example", PROFILE.token_endpoint, signing_algs=listed)
    profile = with_metadata(replace(JWT, assertion_alg="Ed25519"), metadata)
    header = await header_of(Bench(KEY=pem("Ed25519")), profile)
    assert (header["alg"], header["kid"]) == (alg, signing_key("Ed25519").thumbprint)


async def test_D16_the_key_id_picks_from_a_jwk_set_and_is_sent() -> None:
    keys = json.dumps({"keys": [jwk("P-384", kid="a"), jwk("P-256", kid="b")]})
    bench = Bench(KEY=keys)
    assert (await header_of(bench, replace(JWT, assertion_kid="b")))["kid"] == "b"
    other = replace(JWT, assertion_kid="a", assertion_alg="ES384")
    assert (await header_of(bench, other))["kid"] == "a"


async def test_D19_a_passphrase_is_typed_or_comes_from_a_variable_or_the_store() -> None:
    typed, variable, stored = (
        Bench(KEY=LOCKED),
        Bench(KEY=LOCKED, CCFLOW_KEY_PASSPHRASE=PASSPHRASE),
        Bench(KEY=LOCKED),
    )
    typed.engine.remember_passphrase("env:KEY", Secret(PASSPHRASE))
    stored.store.secrets[passphrase_name("env:KEY")] = Secret(PASSPHRASE)
    for bench in (typed, variable, stored):
        assert (await header_of(bench, JWT))["kid"] == signing_key("P-256").thumbprint
        assert PASSPHRASE not in bench.redactor.redact(f"opened with {PASSPHRASE}")


async def test_D19_a_typed_passphrase_can_be_corrected_and_signing_out_forgets_it() -> None:
    bench = Bench(KEY=LOCKED)
    with pytest.raises(PassphraseProblem, match="not known"):
        await bench.engine.prepare(JWT)
    bench.engine.remember_passphrase("env:KEY", Secret("wrong"))
    with pytest.raises(PassphraseProblem, match="does not open"):
        await bench.engine.prepare(JWT)
    bench.engine.remember_passphrase("env:KEY", Secret(PASSPHRASE))
    await bench.engine.prepare(JWT)
    await bench.engine.removal.remove(Subject(JWT))
    with pytest.raises(PassphraseProblem, match="not known"):
        await bench.engine.prepare(JWT)


async def test_D19_a_broken_store_is_no_passphrase() -> None:
    bench = Bench(KEY=LOCKED)
    bench.store.problem = SecretStoreProblem(StoreFault.FAILED, "broken")
    with pytest.raises(PassphraseProblem, match="not known"):
        await bench.engine.prepare(JWT)


async def test_an_imported_key_needs_its_passphrase_no_more_and_outlives_a_removal(
    tmp_path: Path,
) -> None:
    client = issue()
    path = write(tmp_path / "key.p12", client.pkcs12(PASSPHRASE))
    bench = Bench()
    bench.engine.remember_passphrase(path, Secret(PASSPHRASE))
    imported = await bench.engine.import_key(replace(JWT, key_reference=path))
    assert imported.key_reference == "keyring:default"
    assert set(bench.store.secrets) == {private_key_name("default")}
    bench.engine.remember_passphrase(path, Secret(""))
    (tmp_path / "key.p12").unlink()
    assert (await header_of(bench, imported))["x5t#S256"] == thumbprint(client.der())
    bench.store.secrets[passphrase_name("keyring:default")] = Secret("of a key that was stored encrypted")
    report = await bench.engine.removal.remove(Subject(imported))
    assert "the passphrase of keyring:default (keyring)" in map(str, report.removed)
    assert set(bench.store.secrets) == {private_key_name("default")}


async def test_a_key_that_cannot_be_opened_is_not_imported() -> None:
    bench = Bench(KEY=LOCKED)
    with pytest.raises(PassphraseProblem):
        await bench.engine.import_key(JWT)
    assert bench.store.secrets == {}


# The certificate beside the key


async def test_D16_a_certificate_beside_the_key_puts_its_thumbprint_into_the_header(tmp_path: Path) -> None:
    client = issue()
    certificate = write(tmp_path / "c.pem", client.pem())
    bench = Bench(KEY=client.key_pem().decode())
    header = await header_of(bench, replace(JWT, assertion_certificate=certificate))
    assert header["x5t#S256"] == thumbprint(client.der())
    assert "x5t#S256" not in await header_of(bench, JWT)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (issue().pem(), "does not belong to the private key"),
        (b"no certificate", "no certificate in it"),
        (None, "cannot be read"),
    ],
    ids=["another key's", "none", "absent"],
)
async def test_D16_a_certificate_that_is_not_the_key_s_is_refused(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "c.pem"
    if content is not None:
        write(path, content)
    with pytest.raises(InputProblem, match=words) as caught:
        await Bench(KEY=pem("P-256")).engine.prepare(replace(JWT, assertion_certificate=str(path)))
    assert caught.value.finding.field == "assertion_certificate"


# L1


@pytest.mark.parametrize(
    "text",
    [pem("RSA")[:600], json.dumps(jwk("RSA", alg="RSA-OAEP")), LOCKED],
    ids=["damaged", "for encryption", "locked"],
)
async def test_L1_no_frame_of_a_refused_key_holds_its_text(text: str) -> None:
    with pytest.raises(InputProblem) as caught:
        await Bench().engine._builder.keys.load(Secret(f"{text}\n"), "env:KEY")
    trace, held = caught.value.__traceback__, []
    while trace is not None:
        held += [value for value in trace.tb_frame.f_locals.values() if isinstance(value, str)]
        trace = trace.tb_next
    assert caught.value.__context__ is None
    assert not any(text[60:90] in value for value in held if value is not text)

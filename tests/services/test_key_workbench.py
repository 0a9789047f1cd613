"""The key workbench as the wizard uses it: keys made, imported, listed, rotated, exported, deleted."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509.oid import NameOID
from joserfc.jwk import KeySet

from ccflow_tui.models.kept_key import KeptKey, KeyExport, KeyKind
from ccflow_tui.models.problems import KeyIdProblem, KeyProblem, PassphraseProblem
from ccflow_tui.models.profile import AuthMethod, EndpointMode, MutualTls, Profile, Provider
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import passphrase_name, private_key_name
from tests.oauth.key_material import as_secret, jwk, pem, public_pem
from tests.support.client_certificates import issue, write
from tests.support.fakes import EPOCH
from tests.support.key_bench import KeyBench, holds, private_needles

PASSPHRASE = "CANARY correct horse"
ORDERS = Profile(
    name="orders",
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    client_id="client-one",
    auth_method=AuthMethod.PRIVATE_KEY_JWT,
    key_reference="keyring:orders",
    assertion_alg="ES256",
)
P256 = KeyKind.P_256


async def names(bench: KeyBench) -> list[str]:
    return [key.name for key in await bench.workbench.keys()]


async def key_named(bench: KeyBench, name: str) -> KeptKey:
    return next(key for key in await bench.workbench.keys() if key.name == name)


@pytest.mark.parametrize("kind", list(KeyKind), ids=str)
async def test_a_generated_key_is_in_the_store_and_on_the_list(kind: KeyKind) -> None:
    bench = KeyBench(profiles=(ORDERS,))
    key = await bench.workbench.generate("billing", kind)
    assert (key.name, key.created, key.kid) == ("billing", EPOCH, key.thumbprint)
    assert bench.pem("billing").startswith("-----BEGIN PRIVATE KEY-----")
    assert await key_named(bench, "billing") == key
    assert "PRIVATE KEY" not in bench.redactor.redact(f"log {bench.pem('billing')}")


async def test_a_profile_signs_with_a_generated_key_until_it_is_deleted() -> None:
    bench = KeyBench()
    key = await bench.workbench.generate("orders", P256)
    request = await bench.engine.prepare(ORDERS)
    assert request.assertion is not None and request.assertion.header["kid"] == key.kid
    said = await bench.workbench.delete("orders")
    assert "“orders” was removed" in said and "Read back" in said
    assert bench.store.secrets == {} and await names(bench) == []
    with pytest.raises(KeyProblem, match="no private key named"):
        await bench.engine.prepare(ORDERS)


async def test_deleting_takes_the_passphrase_and_what_a_certificate_proves_along(tmp_path: Path) -> None:
    bench = KeyBench()
    path = write(tmp_path / "client.p12", issue().pkcs12())
    await bench.workbench.import_key("tls", path)
    tls = replace(
        ORDERS,
        auth_method=AuthMethod.TLS_CLIENT_AUTH,
        mtls=MutualTls(cert_ref="keyring:tls"),
        key_reference="",
    )
    await bench.engine.prepare(tls)
    await bench.engine.request_token(tls, None, lambda _: None)
    bench.store.secrets[passphrase_name("keyring:tls")] = Secret(PASSPHRASE)
    await bench.workbench.delete("tls")
    assert bench.store.secrets == {} and bench.transport.closed
    with pytest.raises(KeyProblem, match="named 'tls'"):
        await bench.engine.prepare(tls)


async def test_deleting_what_is_not_there_is_told() -> None:
    with pytest.raises(KeyProblem, match="no private key “ghost”"):
        await KeyBench().workbench.delete("ghost")


async def test_every_key_that_profiles_refer_to_is_listed_with_its_users() -> None:
    mtls = replace(
        ORDERS, name="mtls", key_reference="", mtls=MutualTls(cert_ref="c.pem", key_ref=" keyring:tls ")
    )
    certified = replace(ORDERS, name="certified", assertion_certificate="keyring:orders")
    lost = replace(ORDERS, name="lost", key_reference="keyring:gone")
    file = replace(ORDERS, name="file", key_reference="/keys/k.pem", mtls=MutualTls(cert_ref="keyring:"))
    bench = KeyBench(profiles=(ORDERS, mtls, certified, lost, file))
    bench.store.secrets[private_key_name("orders")] = Secret(pem("P-256"))
    bench.store.secrets[private_key_name("tls")] = Secret(pem("RSA", passphrase=PASSPHRASE))
    gone, orders, tls = await bench.workbench.keys()
    assert (orders.name, orders.label, orders.used_by) == ("orders", "EC P-256", ("orders", "certified"))
    assert (orders.missing, orders.created) == ("", None)
    assert (gone.name, gone.used_by, gone.label) == ("gone", ("lost",), "unknown")
    assert "not in the memory of this run" in gone.missing
    assert (tls.name, tls.used_by) == ("tls", ("mtls",)) and "passphrase is not known" in tls.missing


@pytest.mark.parametrize("by", ["keys", "rotate"])
async def test_a_key_that_was_seen_once_stays_listed_when_no_profile_refers_to_it(by: str) -> None:
    bench = KeyBench(profiles=(ORDERS,))
    bench.store.secrets[private_key_name("orders")] = Secret(pem("P-256"))
    await (bench.workbench.keys() if by == "keys" else bench.workbench.rotate("orders"))
    bench.profiles = ()
    assert "orders" in await names(bench)


async def test_a_key_that_was_replaced_by_other_means_is_shown_as_it_is() -> None:
    bench = KeyBench()
    await bench.workbench.generate("orders", P256)
    bench.store.secrets[private_key_name("orders")] = Secret(pem("RSA"))
    (key,) = await bench.workbench.keys()
    assert (key.label, key.created) == ("RSA 2048 bit", None)


FORMS = (
    *("pkcs8", "sec1", "pkcs1", "encrypted", "legacy"),
    *("pkcs12", "open-pkcs12", "pem-certificate", "jwk", "jwks"),
)


def forms(tmp_path: Path) -> dict[str, tuple[str, str, str]]:
    """Return each form with its reference, its passphrase and the label of the key."""
    client = issue("client-one")
    old_style = "TraditionalOpenSSL"
    files = {
        "pkcs8": (pem("P-384").encode(), "", "EC P-384"),
        "sec1": (pem("P-256", style=old_style).encode(), "", "EC P-256"),
        "pkcs1": (pem("RSA", style=old_style).encode(), "", "RSA 2048 bit"),
        "encrypted": (pem("RSA", passphrase=PASSPHRASE).encode(), PASSPHRASE, "RSA 2048 bit"),
        "legacy": (
            pem("RSA", style=old_style, passphrase=PASSPHRASE).encode(),
            PASSPHRASE,
            "RSA 2048 bit",
        ),
        "pkcs12": (client.pkcs12(PASSPHRASE), PASSPHRASE, "EC P-256"),
        "open-pkcs12": (client.pkcs12(), "", "EC P-256"),
        "pem-certificate": (client.key_pem() + client.pem(), "", "EC P-256"),
        "jwk": (as_secret(jwk("RSA", kid="k1")).reveal().encode(), "", "RSA 2048 bit"),
        "jwks": (json.dumps({"keys": [jwk("Ed25519", kid="k1")]}).encode(), "", "Ed25519"),
    }
    return {
        form: (write(tmp_path / f"{form}.key", content), passphrase, label)
        for form, (content, passphrase, label) in files.items()
    }


@pytest.mark.parametrize("form", FORMS)
async def test_a_key_of_each_form_is_described_then_imported_as_pem(form: str, tmp_path: Path) -> None:
    bench = KeyBench()
    reference, passphrase, label = forms(tmp_path)[form]
    if passphrase:
        with pytest.raises(PassphraseProblem, match="not known"):
            await bench.workbench.describe(reference)
        bench.workbench.remember_passphrase(reference, Secret("wrong"))
        with pytest.raises(PassphraseProblem, match="does not open"):
            await bench.workbench.import_key("orders", reference)
        bench.workbench.remember_passphrase(reference, Secret(passphrase))
    described = await bench.workbench.describe(f" {reference} ")
    assert bench.store.secrets == {} and await names(bench) == []
    assert (described.name, described.label, described.created) == (form, label, None)
    imported = await bench.workbench.import_key("orders", reference)
    assert imported == replace(described, name="orders", created=EPOCH, store="memory")
    assert set(bench.store.secrets) == {private_key_name("orders")}
    assert "BEGIN PRIVATE KEY" in bench.pem("orders")
    assert (imported.certificate is not None) == ("pkcs12" in form or "certificate" in form)
    assert imported.kid == ("k1" if "jwk" in form else imported.thumbprint)
    os.unlink(reference)
    assert await key_named(bench, "orders") == imported
    profile = replace(ORDERS, assertion_alg=imported.algs[0])
    request = await bench.engine.prepare(profile)
    assert request.assertion is not None and request.assertion.header["kid"] == imported.kid
    assert ("x5t#S256" in request.assertion.header) == (imported.certificate is not None)


async def test_the_passphrase_of_an_import_is_held_no_longer_than_it_is_needed(tmp_path: Path) -> None:
    reference, _, _ = forms(tmp_path)["encrypted"]
    user = replace(ORDERS, key_reference=reference)
    for profiles, is_held in (((), False), ((user,), True)):
        bench = KeyBench(profiles=profiles)
        bench.workbench.remember_passphrase(reference, Secret(PASSPHRASE))
        assert PASSPHRASE not in bench.redactor.redact(f"typed {PASSPHRASE}")
        await bench.workbench.import_key("billing", reference)
        assert (await bench.engine.parts.credentials.reader.passphrase(reference) is not None) is is_held


async def test_D16_the_key_id_picks_one_of_a_set_and_never_another_key() -> None:
    jwks = {"keys": [jwk("P-256", kid="a"), jwk("P-384", kid="b")]}
    variables = {
        "SET": json.dumps(jwks),
        "ONE": json.dumps({"keys": [jwk("P-256", kid="a")]}),
        "PEM": pem("RSA"),
    }
    bench = KeyBench(variables=variables)
    for refused, says in (
        (bench.workbench.describe("env:SET"), "2 private keys: “a”, “b”"),
        (bench.workbench.import_key("orders", "env:SET", kid="c"), "2 private keys: “a”, “b”"),
        (bench.workbench.import_key("orders", "env:ONE", kid="b"), "has the key ID “a”, not “b”"),
        (bench.workbench.describe("env:PEM", kid="b"), "has no key ID, not “b”"),
    ):
        with pytest.raises(KeyIdProblem, match=says):
            await refused
    assert bench.store.secrets == {} and await names(bench) == []
    described = await bench.workbench.describe("env:SET", kid="b")
    imported = await bench.workbench.import_key("orders", "env:SET", kid="b")
    assert (described.kid, imported.kid, imported.label) == ("b", "b", "EC P-384")
    assert (await bench.workbench.import_key("billing", "env:ONE", kid="a")).kid == "a"
    assert (await key_named(bench, "orders")).kid == "b"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("", "No private key is named"),
        ("/no/such/file.pem", "cannot be read"),
        ("env:NONE", "not set"),
        ("keyring:ghost", "no private key named"),
        ("-----BEGIN PRIVATE KEY-----", "key itself"),
        ("env:PUBLIC", "public key"),
        ("env:WEAK", "1024 bits"),
        ("env:CURVE", "secp256k1"),
    ],
)
async def test_D19_what_is_no_usable_key_is_neither_described_nor_imported(reference: str, says: str) -> None:
    public = public_pem("P-256")
    bench = KeyBench(variables={"PUBLIC": public, "WEAK": pem("RSA-1024"), "CURVE": pem("secp256k1")})
    with pytest.raises(KeyProblem, match=says):
        await bench.workbench.describe(reference)
    with pytest.raises(KeyProblem, match=says):
        await bench.workbench.import_key("orders", reference)
    assert bench.store.secrets == {} and await names(bench) == []


async def test_a_successor_stands_behind_its_key_and_both_are_exported_side_by_side() -> None:
    bench = KeyBench(profiles=(ORDERS,))
    old = await bench.workbench.generate("orders", P256)
    await bench.workbench.generate("a", KeyKind.ED25519)
    new = await bench.workbench.rotate("orders")
    assert (new.name, new.label, new.replaces) == ("orders-2", old.label, "orders")
    assert await names(bench) == ["a", "orders", "orders-2"]
    with pytest.raises(KeyProblem, match="“orders-2” takes over from “orders” already"):
        await bench.workbench.rotate("orders")
    third = await bench.workbench.rotate("orders-2", KeyKind.RSA_2048)
    assert (third.name, third.label) == ("orders-3", "RSA 2048 bit")
    for name, kids in (
        ("orders", [old.kid, new.kid]),
        ("orders-2", [old.kid, new.kid, third.kid]),
        ("orders-3", [new.kid, third.kid]),
    ):
        exported = await bench.workbench.export(name, KeyExport.JWKS)
        assert [key["kid"] for key in json.loads(exported.text)["keys"]] == kids
        assert "side by side" in exported.note
    (used,) = [key for key in await bench.workbench.keys() if key.used_by]
    assert (used.name, used.used_by) == ("orders", ("orders",))
    await bench.workbench.delete("orders")
    assert (await key_named(bench, "orders-2")).replaces == ""
    assert "keyring:orders" in ORDERS.key_reference and (await key_named(bench, "orders")).missing


async def test_a_successor_of_an_oddly_named_key_is_refused_with_the_reason() -> None:
    odd = "two\nlines"
    bench = KeyBench(profiles=(replace(ORDERS, key_reference=f"keyring:{odd}"),))
    bench.store.secrets[private_key_name(odd)] = Secret(pem("P-256"))
    with pytest.raises(KeyProblem, match="printable characters"):
        await bench.workbench.rotate(odd)


async def test_what_is_missing_cannot_be_rotated_or_exported_and_is_left_out_of_a_set() -> None:
    bench = KeyBench()
    await bench.workbench.generate("orders", P256)
    await bench.workbench.rotate("orders")
    del bench.store.secrets[private_key_name("orders")]
    for refused in (bench.workbench.rotate("orders"), bench.workbench.export("orders", KeyExport.PEM)):
        with pytest.raises(KeyProblem, match="“orders” is missing"):
            await refused
    exported = await bench.workbench.export("orders-2", KeyExport.JWKS)
    assert len(json.loads(exported.text)["keys"]) == 1 and "“orders” is not in it" in exported.note


async def test_a_set_carries_the_algorithm_and_key_id_that_assertions_carry(tmp_path: Path) -> None:
    bench = KeyBench(variables={"KEY": as_secret(jwk("RSA", kid="k1")).reveal()})
    await bench.workbench.import_key("orders", "env:KEY")
    await bench.workbench.rotate("orders")
    exported = await bench.workbench.export("orders-2", KeyExport.JWKS, alg="PS256", kid="mine")
    assert [(key["kid"], key["alg"]) for key in json.loads(exported.text)["keys"]] == [
        ("k1", "PS256"),
        ("mine", "PS256"),
    ]
    assert "PS256" in exported.note
    with pytest.raises(KeyProblem, match="ES256 does not fit this key"):
        await bench.workbench.export("orders", KeyExport.JWKS, alg="ES256")
    with pytest.raises(KeyProblem, match="Two keys would have one key ID"):
        await bench.workbench.export("orders-2", KeyExport.JWKS, kid="k1")


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.P_521, KeyKind.ED25519], ids=str)
async def test_L1_exports_parse_elsewhere_and_hold_no_private_number(kind: KeyKind) -> None:
    bench = KeyBench(profiles=(replace(ORDERS, key_reference="keyring:my key/é"),))
    await bench.workbench.generate("my key/é", kind)
    needles = private_needles(bench.pem("my key/é"))
    found = {form: await bench.workbench.export("my key/é", form) for form in KeyExport}
    for exported in found.values():
        assert not any(holds(exported.text + exported.note, needle) for needle in needles)
        assert "PRIVATE" not in exported.text and exported.text.endswith("\n")
        assert Path(exported.file_name).name == exported.file_name and exported.file_name.startswith(
            "my-key."
        )
    (key,) = KeySet.import_key_set(json.loads(found[KeyExport.JWKS].text))
    assert not key.is_private
    public = load_pem_public_key(found[KeyExport.PEM].text.encode())
    certificate = x509.load_pem_x509_certificate(found[KeyExport.CERTIFICATE].text.encode())
    assert certificate.public_key() == public
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "client-one"
    assert "2028-01-15" in found[KeyExport.CERTIFICATE].note
    assert ("EdDSA" in found[KeyExport.JWKS].note) == (kind is KeyKind.ED25519)


@pytest.mark.parametrize("count", [0, 2])
async def test_a_certificate_bears_the_keys_name_where_no_single_client_uses_it(count: int) -> None:
    users = tuple(replace(ORDERS, name=f"p{number}", client_id=f"c{number}") for number in range(count))
    bench = KeyBench(profiles=users)
    bench.store.secrets[private_key_name("orders")] = Secret(pem("P-256"))
    exported = await bench.workbench.export("orders", KeyExport.CERTIFICATE)
    assert "CN=orders" in x509.load_pem_x509_certificate(exported.text.encode()).subject.rfc4514_string()


@pytest.mark.parametrize("provider", [*Provider, "no such provider"], ids=str)
def test_each_provider_has_a_sentence_that_says_where_to_register(provider: str) -> None:
    said = KeyBench().workbench.register_at(provider)
    assert said.endswith(".") and said[0].isupper() and said.isprintable()
    named = {
        "pingone": "JWK Set and register that in PingOne",
        "entra": "self-signed certificate and register that in Entra",
        "auth0": "public key (PEM) and register that in Auth0",
        "cognito": "takes no keys",
        "generic": "where this client is registered",
        "no such provider": "where this client is registered",
    }
    assert named.get(provider, "Export it as a JWK Set and register that") in said


async def test_a_name_is_refused_before_anything_is_made() -> None:
    bench = KeyBench(profiles=(ORDERS,))
    assert bench.workbench.why_not_named("orders") == "", "the profile refers to it in vain"
    bench.store.secrets[private_key_name("orders")] = Secret(pem("P-256"))
    await bench.workbench.keys()
    assert "already" in bench.workbench.why_not_named("ORDERS")
    assert bench.workbench.why_not_named("billing") == ""
    with pytest.raises(KeyProblem, match="already"):
        await bench.workbench.generate("Orders", P256)
    with pytest.raises(KeyProblem, match="needs a name"):
        await bench.workbench.import_key("", "env:NONE")


async def test_a_key_in_the_store_that_nobody_knew_of_is_listed_and_not_overwritten() -> None:
    bench = KeyBench()
    bench.store.secrets[private_key_name("orders")] = Secret(pem("RSA"))
    with pytest.raises(KeyProblem, match="on the list from here on"):
        await bench.workbench.generate("orders", P256)
    (key,) = await bench.workbench.keys()
    assert (key.name, key.label) == ("orders", "RSA 2048 bit")
    assert bench.pem("orders") == pem("RSA")


async def test_what_is_no_key_in_the_store_is_not_overwritten() -> None:
    bench = KeyBench()
    bench.store.secrets[private_key_name("cert")] = Secret(issue().pem().decode())
    with pytest.raises(KeyProblem, match="holds something under “cert”"):
        await bench.workbench.generate("cert", P256)
    assert "CERTIFICATE" in bench.pem("cert")

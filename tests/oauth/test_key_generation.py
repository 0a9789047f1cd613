"""Generated keys: they sign what others verify, are kept as PEM, and only their public half leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc import jwt
from joserfc.jwk import KeySet

from ccflow_tui.models.kept_key import KeyKind
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth import key_jwk
from ccflow_tui.oauth.algorithms import RSA_ALGS
from ccflow_tui.oauth.assertion import AssertionTerms, sign_client_assertion
from ccflow_tui.oauth.certificates import check_client_certificate, public_der, read_certificate
from ccflow_tui.oauth.key_facts import kept_key, public_pem
from ccflow_tui.oauth.key_generation import generate_key, kept_pem, kind_of
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.oauth.public_jwks import joined_jwks, public_jwks
from ccflow_tui.oauth.self_signed import VALID_DAYS, self_signed_certificate
from ccflow_tui.oauth.signing_key import SigningKey
from tests.oauth.key_material import as_secret, jwk, native, pem
from tests.support.client_certificates import issue
from tests.support.fakes import EPOCH
from tests.support.key_bench import holds, private_needles

FACTS = {
    KeyKind.RSA_2048: ("RSA 2048 bit", "RS256", {"RS256", "PS512"}),
    KeyKind.RSA_3072: ("RSA 3072 bit", "RS256", {"RS384", "PS256"}),
    KeyKind.RSA_4096: ("RSA 4096 bit", "RS256", {"RS512", "PS384"}),
    KeyKind.P_256: ("EC P-256", "ES256", {"ES256"}),
    KeyKind.P_384: ("EC P-384", "ES384", {"ES384"}),
    KeyKind.P_521: ("EC P-521", "ES512", {"ES512"}),
    KeyKind.ED25519: ("Ed25519", "Ed25519", {"Ed25519", "EdDSA"}),
}
HASHES = {"EC P-384": "sha384", "EC P-521": "sha512"}


@pytest.fixture(scope="module", params=list(KeyKind), ids=str)
def made(request: pytest.FixtureRequest) -> tuple[KeyKind, SigningKey]:
    return request.param, generate_key(request.param)


def verified(assertion: str, jwks: dict[str, Any], alg: str) -> Any:
    return jwt.decode(assertion, KeySet.import_key_set(jwks), algorithms=[alg])  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_D12_each_kind_signs_an_assertion_that_its_exported_key_verifies(
    made: tuple[KeyKind, SigningKey],
) -> None:
    kind, key = made
    label, first, some = FACTS[kind]
    assert (key.label, key.algs[0], kind_of(key)) == (label, first, kind)
    assert some <= set(key.algs)
    for alg in key.algs:
        terms = AssertionTerms(client_id="c", token_endpoint="https://as.example/token", alg=alg)
        signed = sign_client_assertion(terms, key=key, now=EPOCH, jti="j" * 22)
        jwks = public_jwks(key, alg=alg)
        token = verified(signed.jwt.reveal(), jwks, alg)
        assert token.header["kid"] == jwks["keys"][0]["kid"] == key.thumbprint
        assert token.claims["sub"] == "c"


def test_a_generated_key_is_new_each_time() -> None:
    assert generate_key(KeyKind.P_256).thumbprint != generate_key(KeyKind.P_256).thumbprint


def test_a_kept_key_is_read_back_whole(made: tuple[KeyKind, SigningKey]) -> None:
    _, key = made
    text = kept_pem(key)
    assert text.reveal().startswith("-----BEGIN PRIVATE KEY-----")
    back = load_signing_key(text)
    assert back == key
    assert "PRIVATE" not in repr(text) + repr(back)


@pytest.mark.parametrize("kid", ["k1", "a b", "two\nlines", "ü/:%0A\\n", " spaced ", "-----BEGIN X-----"])
def test_D16_a_jwk_kept_as_pem_keeps_its_key_id_algorithm_and_certificate(kid: str) -> None:
    members = {"kid": kid, "alg": "PS256", "x5t#S256": "A" * 43}
    key = load_signing_key(as_secret(jwk("RSA", **members)))
    back = load_signing_key(kept_pem(key))
    assert (back.kid, back.algs, back.x5t) == (kid, ("PS256",), "A" * 43)
    assert back.thumbprint == key.thumbprint
    assert load_signing_key(kept_pem(back)) == back


def test_what_stands_before_a_pem_block_narrows_to_what_fits_only() -> None:
    key = load_signing_key(Secret(f"alg: ES256\nkid:\nnote: x\n{pem('RSA')}"))
    assert (key.algs, key.kid) == (RSA_ALGS, "")
    behind = load_signing_key(Secret(f"{pem('P-256')}kid: of something else\n"))
    assert behind.kid == ""


def test_the_slow_check_of_an_rsa_jwk_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = kept_pem(load_signing_key(as_secret(jwk("RSA"))))

    def refuse(*_: object) -> None:
        raise AssertionError("the numbers are checked again")

    monkeypatch.setattr(key_jwk, "_native_from_jwk", refuse)
    assert load_signing_key(text).kty == "RSA"


def test_certificates_are_kept_with_the_key_and_told(made: tuple[KeyKind, SigningKey]) -> None:
    authority = issue("An authority", usages=None)
    client = issue("client-one", issuer=authority)
    key = load_signing_key(Secret((client.key_pem() + client.pem() + authority.pem()).decode()))
    back = load_signing_key(kept_pem(key))
    assert back.certificates.count("BEGIN CERTIFICATE") == 2
    facts = kept_key("k", back)
    assert facts.certificate is not None
    assert facts.certificate.subject == "CN=client-one"
    assert facts.certificate.thumbprint == back.x5t
    assert kept_key("k", made[1]).certificate is None
    stranger = Secret((issue("one").key_pem() + issue("another").pem()).decode())
    assert kept_key("k", load_signing_key(stranger)).certificate is None


def test_D28_a_self_signed_certificate_is_one_for_tls_clients(made: tuple[KeyKind, SigningKey]) -> None:
    _, key = made
    text = self_signed_certificate(key, common_name="client-one", now=EPOCH)
    certificate = x509.load_pem_x509_certificate(text.encode())
    certificate.verify_directly_issued_by(certificate)
    assert certificate.subject == certificate.issuer
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "client-one"
    algorithm = certificate.signature_hash_algorithm
    assert (algorithm.name if algorithm else "") == (
        "" if key.kty == "OKP" else HASHES.get(key.label, "sha256")
    )
    extensions = certificate.extensions
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    ours = read_certificate(text, key=key)
    check_client_certificate(ours, key, EPOCH)
    assert ours.not_before == EPOCH - 3600
    assert ours.not_after == EPOCH + VALID_DAYS * 86_400
    other = x509.load_pem_x509_certificate(
        self_signed_certificate(key, common_name="client-one", now=EPOCH).encode()
    )
    assert other.serial_number != certificate.serial_number


@pytest.mark.parametrize("name", ["", "x" * 65, "漢" * 80, "a,b=c+d\\", "\x00\x1b[2J"])
def test_any_common_name_gives_a_certificate(name: str) -> None:
    text = self_signed_certificate(generate_key(KeyKind.P_256), common_name=name, now=EPOCH)
    subject = x509.load_pem_x509_certificate(text.encode()).subject
    (found,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert 1 <= len(found.value) <= 64 and str(found.value).isprintable()


def test_L1_no_private_number_of_a_key_stands_in_what_leaves(made: tuple[KeyKind, SigningKey]) -> None:
    _, key = made
    private = kept_pem(key).reveal()
    needles = private_needles(private)
    assert needles and all(holds(json.dumps(key.jose.as_dict(private=True)), each) for each in needles)
    leaving = (
        public_pem(key),
        self_signed_certificate(key, common_name="c", now=EPOCH),
        json.dumps(joined_jwks(public_jwks(key, alg=key.algs[0]))),
        repr(key),
        repr(kept_key("k", key)),
    )
    for text in leaving:
        assert not any(holds(text, needle) for needle in needles)
        assert "PRIVATE" not in text
    assert load_pem_public_key(leaving[0].encode())


def test_an_exported_set_names_public_members_only(made: tuple[KeyKind, SigningKey]) -> None:
    _, key = made
    (exported,) = public_jwks(key, alg=key.algs[0])["keys"]
    assert set(exported) <= {"kty", "n", "e", "crv", "x", "y", "kid", "use", "alg"}


def test_the_public_pem_is_that_of_the_key() -> None:
    for kind in ("RSA", "P-521", "Ed25519"):
        key = load_signing_key(Secret(pem(kind)))
        assert load_pem_public_key(public_pem(key).encode()) == native(kind).public_key()
        assert public_der(key)


@pytest.mark.parametrize(("bits", "kind"), [(2050, KeyKind.RSA_3072), (8192, KeyKind.RSA_4096)])
def test_the_successor_of_an_odd_rsa_key_is_no_weaker(bits: int, kind: KeyKind) -> None:
    key = SigningKey("RSA", "", bits, "", "", RSA_ALGS, None)  # type: ignore[arg-type]  # only its size is asked
    assert kind_of(key) is kind

"""Certificates of clients: thumbprints, whose they are, and what a server must refuse (RFC 8705)."""

from __future__ import annotations

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from ccflow_tui.models.problems import InputProblem, KeyProblem, PassphraseProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.certificates import check_client_certificate, read_certificate, thumbprint
from ccflow_tui.oauth.key_pkcs12 import ARMOUR, armour, as_text
from ccflow_tui.oauth.keys import load_signing_key
from tests.oauth.key_material import PASSPHRASE, native
from tests.support.client_certificates import CLIENT, NOW, SERVER, YEAR, Issued, issue
from tests.support.fakes import EPOCH

EXAMPLE = """-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----
"""
"""RFC 8705, appendix A."""


@pytest.fixture(scope="module")
def ca() -> Issued:
    return issue("an authority", usages=None)


def key_of(issued: Issued) -> Secret:
    return Secret(issued.key_pem().decode())


def test_F5_thumbprint_of_the_example_certificate() -> None:
    certificate = read_certificate(EXAMPLE)
    assert certificate.thumbprint == "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"
    assert certificate.subject == "CN=mtls"
    assert certificate.for_clients, "without an extended key usage every use is allowed"


def test_F1_the_own_certificate_leads_the_chain_whatever_its_place(ca: Issued) -> None:
    client = issue(issuer=ca)
    key = load_signing_key(key_of(client))
    certificate = read_certificate((ca.pem() + client.pem()).decode(), key=key)
    assert certificate.thumbprint == thumbprint(client.der())
    assert certificate.chain_pem == (client.pem() + ca.pem()).decode()
    escaped = (client.pem() + ca.pem()).decode().replace("\n", "\\n")
    assert read_certificate(escaped) == certificate


@pytest.mark.parametrize(
    ("issued", "words"),
    [
        (lambda: issue(not_after=NOW - YEAR), "expired on 2026-01-15 08:00 UTC"),
        (lambda: issue(not_before=NOW + YEAR), "is not valid before 2028-01-15 08:00 UTC"),
        (lambda: issue(usages=(SERVER,)), "lacks clientAuth"),
    ],
)
def test_F3_a_certificate_that_must_be_refused_is_not_sent(issued: object, words: str) -> None:
    made: Issued = issued()  # type: ignore[operator]
    key = load_signing_key(key_of(made))
    with pytest.raises(InputProblem, match=words) as caught:
        check_client_certificate(read_certificate(made.pem().decode()), key, EPOCH)
    assert caught.value.finding.field == "mtls"
    assert caught.value.finding.remedy


@pytest.mark.parametrize(
    "usages", [(CLIENT,), (SERVER, CLIENT), (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), None]
)
def test_F3_a_certificate_for_clients_passes(usages: object) -> None:
    made = issue(usages=usages)  # type: ignore[arg-type]
    check_client_certificate(read_certificate(made.pem().decode()), load_signing_key(key_of(made)), EPOCH)


def test_F3_another_key_is_told_by_the_certificate_s_name() -> None:
    made, other = issue("it's ünusual\n"), issue()
    with pytest.raises(InputProblem, match="does not belong") as caught:
        check_client_certificate(
            read_certificate(made.pem().decode()), load_signing_key(key_of(other)), EPOCH
        )
    assert "\n" not in caught.value.finding.problem


@pytest.mark.parametrize(
    "text", ["", "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----", "x" * 99]
)
def test_F3_what_is_no_certificate_is_told(text: str) -> None:
    with pytest.raises(InputProblem) as caught:
        read_certificate(text, field="assertion_certificate")
    assert caught.value.finding.field == "assertion_certificate"


# Keys that bring their certificates


def test_D16_a_certificate_in_the_key_s_file_gives_x5t(ca: Issued) -> None:
    client, stranger = issue(issuer=ca), issue("somebody else")
    together = Secret((ca.pem() + client.pem() + client.key_pem()).decode())
    assert load_signing_key(together).x5t == thumbprint(client.der())
    foreign = Secret((stranger.pem() + client.key_pem()).decode())
    assert load_signing_key(foreign).x5t == "", "a certificate of another key says nothing about this one"


@pytest.mark.parametrize("kind", ["RSA", "P-256", "P-384", "P-521", "Ed25519"])
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE, "pässwörd"])
def test_D19_pkcs12_of_every_kind_is_read_with_its_certificate(
    ca: Issued, kind: str, passphrase: str
) -> None:
    client = issue(issuer=ca, key=native(kind))
    text = Secret(as_text(client.pkcs12(passphrase)))
    assert text.reveal().startswith(ARMOUR)
    key = load_signing_key(text, passphrase=Secret(passphrase) if passphrase else None)
    assert key.x5t == thumbprint(client.der())
    assert key.thumbprint == load_signing_key(key_of(client)).thumbprint
    assert key.certificates == (client.pem() + ca.pem()).decode()


def test_D19_pkcs12_tells_needed_wrong_and_damaged_apart() -> None:
    content = issue().pkcs12(PASSPHRASE)
    with pytest.raises(PassphraseProblem, match="passphrase is not known"):
        load_signing_key(Secret(armour(content)))
    with pytest.raises(PassphraseProblem, match="does not open"):
        load_signing_key(Secret(armour(content)), passphrase=Secret("CANARY"))
    for damaged in (content[:100], b"0\x03abc", b"0", content[100:]):
        with pytest.raises(KeyProblem, match="nor a whole PKCS#12") as caught:
            load_signing_key(Secret(armour(damaged)), passphrase=Secret(PASSPHRASE))
        assert not isinstance(caught.value, PassphraseProblem)
    with pytest.raises(KeyProblem, match="nor a whole PKCS#12"):
        load_signing_key(Secret(f"{ARMOUR}\n!!!\n"))


def test_D19_a_passphrase_that_is_not_needed_does_no_harm() -> None:
    client = issue()
    for text in (key_of(client), Secret(armour(client.pkcs12()))):
        assert load_signing_key(text, passphrase=Secret("unused")).curve == "P-256"


def test_D10_a_weak_key_is_refused_in_pkcs12_too() -> None:
    with pytest.raises(KeyProblem, match="1024 bits"):
        load_signing_key(Secret(armour(issue(key=native("RSA-1024")).pkcs12())))


def test_D19_pkcs12_without_a_key_is_told() -> None:
    from cryptography.hazmat.primitives.serialization import NoEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

    content = serialize_key_and_certificates(b"x", None, issue().certificate, None, NoEncryption())
    with pytest.raises(KeyProblem, match="holds no private key"):
        load_signing_key(Secret(armour(content)))


def test_binary_that_is_no_der_is_no_key_text() -> None:
    with pytest.raises(ValueError, match="no PKCS#12"):
        as_text(b"\xff\xfe\x00")
    assert as_text(b"\xef\xbb\xbftext") == "text"

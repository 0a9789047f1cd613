"""Which published keys may check a signature, and which may not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.oauth.jwks import MAX_KEYS, VerificationKeys, parse_jwks
from ccflow_tui.oauth.rsa_strength import rsa_weakness
from tests.oauth.signed_tokens import encode, jwk, key, keys


@pytest.mark.parametrize(
    ("kind", "algs"),
    [
        ("RSA", ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        ("P-256", ("ES256",)),
        ("P-384", ("ES384",)),
        ("P-521", ("ES512",)),
        ("Ed25519", ("Ed25519", "EdDSA")),
        ("Ed448", ("Ed448", "EdDSA")),
    ],
)
def test_D12_the_kind_of_key_decides_about_its_algorithms(kind: str, algs: tuple[str, ...]) -> None:
    found = keys(jwk(key(kind)))
    assert (found.keys[0].algs, found.keys[0].kid, found.notes) == (algs, "k1", ())


def test_D12_a_key_that_names_its_algorithm_is_for_that_one() -> None:
    assert keys(jwk(key("RSA"), alg="PS256")).keys[0].algs == ("PS256",)


def without(**members: Any) -> dict[str, Any]:
    return jwk(key("P-256"), **members)


UNUSABLE: dict[str, tuple[Any, str]] = {
    "no object": ("key", "is no JSON object"),
    "no type": (without(kty=None), "a type that ccflow does not know"),
    "an odd type": (without(kty=["EC"]), "a type that ccflow does not know"),
    "a shared secret": ({"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}, "shared secret"),
    "an unknown curve": (without(crv="secp256k1"), "a curve that ccflow does not know"),
    "no curve": (without(crv=None), "a curve that ccflow does not know"),
    "an odd curve": (without(crv={}), "a curve that ccflow does not know"),
    "for encryption": (without(use="enc"), "not for signatures"),
    "for signing only": (without(key_ops=["sign"]), "not for signatures"),
    "odd operations": (without(key_ops="verify"), "not for signatures"),
    "another algorithm": (without(alg="ES384"), "does not fit it"),
    "an HMAC algorithm": (jwk(key("RSA"), alg="HS256"), "does not fit it"),
    "an odd algorithm": (without(alg=["ES256"]), "does not fit it"),
    "no x": (without(x=None), "has no readable x"),
    "an x that is a number": (without(x=1), "has no readable x"),
    "an x with padding": (without(x="AA=="), "has no readable x"),
    "a point off the curve": (without(y=encode(b"\x01" * 32)), "is damaged"),
    "half a point": (without(x=encode(b"\x01" * 5)), "is damaged"),
    "a base64 text of no length": (without(x="A"), "has no readable x"),
    "another curve's point": (without(crv="P-384"), "is damaged"),
    "a short Edwards key": ({"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "k1"}, "is damaged"),
    "1024 bits": (jwk(key("RSA"), n=encode(b"\xff" * 128)), "1024 bits, which is too weak"),
    "exponent one": (jwk(key("RSA"), e="AQ"), "exponent"),
    "an even exponent": (jwk(key("RSA"), e="AQAA"), "exponent"),
    "a modulus of no length": (jwk(key("RSA"), n="A"), "has no readable n"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_D10_a_key_that_cannot_be_trusted_is_left_out_with_the_reason(case: str) -> None:
    member, reason = UNUSABLE[case]
    found = parse_jwks(json.dumps({"keys": [member, jwk(key("P-384"), kid="good")]}).encode())
    assert [usable.kid for usable in found.keys] == ["good"]
    assert len(found.notes) == 1
    assert reason in found.notes[0]
    assert ("k1" if isinstance(member, dict) else "number 1") in found.notes[0]


def test_D10_weak_moduli_are_told_apart() -> None:
    assert "bits, more than" in rsa_weakness(1 << 20_000, 65_537)
    assert "exponent" in rsa_weakness((1 << 2048) + 1, (1 << 70) + 1)
    assert "ROCA" in rsa_weakness(65_537**140, 65_537)
    assert rsa_weakness(int(key("RSA").public_key.public_numbers().n), 65_537) == ""


def test_D18_a_published_private_key_is_told_and_its_private_half_never_read() -> None:
    private = {**key("P-256").as_dict(private=True), "kid": "k1"}
    found = keys(private)
    assert "private half" in found.notes[0]
    assert not found.keys[0].jose.is_private
    assert private["d"] not in repr(found)


def test_a_kid_is_shown_without_what_could_move_a_cursor() -> None:
    assert keys(without(kid="a\x1b[2J\u202e", use="enc")).notes[0].startswith("Key a[2J is left out")


def test_the_number_of_keys_is_bounded() -> None:
    assert len(keys(*[jwk(key("P-256"))] * (MAX_KEYS + 5)).keys) == MAX_KEYS


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[],"keys":[]}', b"\xff", b"<html>"]
)
def test_what_is_no_key_set_is_told(body: bytes) -> None:
    with pytest.raises(InputProblem) as caught:
        parse_jwks(body)
    assert caught.value.finding.field == "jwks_uri"
    assert caught.value.finding.remedy


def test_an_empty_set_is_a_set() -> None:
    assert parse_jwks(b'{"keys":[]}') == VerificationKeys()

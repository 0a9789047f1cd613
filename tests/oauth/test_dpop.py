"""DPoP proofs (RFC 9449): what they say, whom they are for, and what they never hold."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, import_key
from joserfc.jws import JWSRegistry

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointSource, Profile, ServerFacts
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import DpopProof
from ccflow_tui.oauth.algorithms import DPOP_ALGS, OKP_ALGS, chosen_dpop_alg
from ccflow_tui.oauth.dpop import (
    BACKDATE,
    MAX_AGE,
    ProofTerms,
    access_token_hash,
    is_proof_stale,
    offered_nonce,
    public_jwk,
    sign_proof,
    target_uri,
)
from tests.oauth.key_material import signing_key
from tests.support.fakes import EPOCH

ENDPOINT = "https://as.example/token?tenant=1#f"
TERMS = ProofTerms(method="POST", url=ENDPOINT, alg="ES256")
KEY_OF = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", **dict.fromkeys(OKP_ALGS, "Ed25519")}
MEMBERS = {"RSA": {"kty", "n", "e"}, "Ed25519": {"kty", "crv", "x"}}
"""Of the public key; those of the curves have y besides."""
RFC_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
RFC_KEY: dict[str, str | list[str]] = {
    "kty": "EC",
    "crv": "P-256",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
}


def prove(terms: ProofTerms = TERMS, *, now: float = EPOCH, jti: str = "j-1") -> DpopProof:
    return sign_proof(terms, key=signing_key(KEY_OF.get(terms.alg, "RSA")), now=now, jti=jti)


def decoded(proof: DpopProof) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = proof.jwt.reveal().split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))


@pytest.mark.parametrize("alg", DPOP_ALGS)
def test_H1_a_proof_verifies_by_the_key_in_its_own_header(alg: str) -> None:
    proof = prove(replace(TERMS, alg=alg))
    header, claims = decoded(proof)
    public = import_key(header["jwk"])
    assert (claims, header["alg"]) == (dict(proof.claims), alg)
    signed, _, signature = proof.jwt.reveal().rpartition(".")
    model = JWSRegistry.algorithms["Ed25519" if alg in OKP_ALGS else alg]
    assert model.verify(signed.encode(), base64.urlsafe_b64decode(signature + "=="), public)
    assert header == {"typ": "dpop+jwt", "alg": alg, "jwk": public_jwk(signing_key(KEY_OF.get(alg, "RSA")))}
    assert public.thumbprint() == proof.thumbprint


@pytest.mark.parametrize("alg", DPOP_ALGS)
def test_H1_the_key_in_the_header_is_public_only(alg: str) -> None:
    header, _ = decoded(prove(replace(TERMS, alg=alg)))
    assert set(header["jwk"]) == MEMBERS.get(KEY_OF.get(alg, "RSA"), {"kty", "crv", "x", "y"})


def test_H1_method_and_address_without_query_and_fragment() -> None:
    _, claims = decoded(prove())
    assert claims == {
        "jti": "j-1",
        "htm": "POST",
        "htu": "https://as.example/token",
        "iat": int(EPOCH) - BACKDATE,
    }


@pytest.mark.parametrize(
    ("url", "htu"),
    [
        ("https://AS.example:443/a/b;c?d=1", "https://as.example/a/b;c"),
        ("https://as.example", "https://as.example/"),
        ("https://as.example:8443/%7e?x", "https://as.example:8443/%7e"),
        ("http://[::1]:9/t#x", "http://[::1]:9/t"),
    ],
)
def test_H1_the_address_is_in_normal_form(url: str, htu: str) -> None:
    assert target_uri(url) == htu


@pytest.mark.parametrize("url", ["", "as.example/token", "ftp://as.example/", "https://"])
def test_H1_no_proof_for_what_is_no_web_address(url: str) -> None:
    with pytest.raises(InputProblem):
        prove(replace(TERMS, url=url))


def test_D6_a_proof_is_backdated_and_dated_by_whole_seconds() -> None:
    assert prove(now=EPOCH + 0.9).claims["iat"] == EPOCH - BACKDATE


def test_H2_the_nonce_goes_in_as_it_came() -> None:
    assert "nonce" not in prove().claims
    proof = prove(replace(TERMS, nonce="eyJ7S_zG.eyJH0-Z.HX4w-7v"))
    assert decoded(proof)[1]["nonce"] == proof.nonce == "eyJ7S_zG.eyJH0-Z.HX4w-7v"


@pytest.mark.parametrize(
    ("value", "nonce"),
    [
        ("abc-1", "abc-1"),
        (" abc ", "abc"),
        ("", ""),
        ("two words", ""),
        ('quo"te', ""),
        ("back\\slash", ""),
        ("ümlaut", ""),
        ("n" * 2048, "n" * 2048),
        ("n" * 2049, ""),
    ],
)
def test_H2_a_nonce_has_the_characters_that_one_may_have(value: str, nonce: str) -> None:
    assert offered_nonce([("date", "x"), ("dpop-nonce", value)]) == nonce


@given(st.text())
def test_H2_no_header_raises(value: str) -> None:
    assert offered_nonce([("dpop-nonce", value)]) in {"", value.strip()}


def test_H4_the_hash_of_a_token_is_that_of_the_rfc() -> None:
    assert access_token_hash(Secret(RFC_TOKEN)) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    proof = prove(replace(TERMS, method="GET", access_token=Secret(RFC_TOKEN)))
    assert decoded(proof)[1]["ath"] == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


def test_H6_the_thumbprint_is_that_of_the_rfc() -> None:
    key = replace(signing_key("P-256"), jose=ECKey.import_key(RFC_KEY))
    assert public_jwk(key) == RFC_KEY
    assert ECKey.import_key({**public_jwk(key)}).thumbprint() == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def test_H6_the_thumbprint_of_an_ed25519_key_is_that_of_rfc_8037() -> None:
    public: dict[str, str | list[str]] = {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
    key = replace(signing_key("Ed25519"), jose=OKPKey.import_key(public))
    assert public_jwk(key) == public
    assert (
        OKPKey.import_key({**public_jwk(key)}).thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )


@pytest.mark.parametrize(
    ("listed", "asked", "used"),
    [
        (("ES256", "EdDSA"), "Ed25519", "EdDSA"),
        (("ES256", "Ed25519"), "EdDSA", "Ed25519"),
        (("Ed25519", "EdDSA"), "EdDSA", "EdDSA"),
        ((), "Ed25519", "Ed25519"),
        (("ES256",), "Ed25519", "Ed25519"),
        (("EdDSA",), "ES256", "ES256"),
    ],
)
def test_D14_of_the_two_names_of_ed25519_the_listed_one_is_used(
    listed: tuple[str, ...], asked: str, used: str
) -> None:
    facts = ServerFacts("https://as.example/token", dpop_signing_algs=listed)
    profile = Profile(token_endpoint=facts.token_endpoint, dpop_alg=asked, server=facts)
    discovered = replace(profile, endpoint_source=EndpointSource.DISCOVERED)
    assert chosen_dpop_alg(discovered) == used
    assert chosen_dpop_alg(profile) == asked, "facts about another endpoint do not count"


@pytest.mark.parametrize("alg", ["HS256", "none", "ES384", "RS256", "Ed25519"])
def test_H1_an_algorithm_that_is_symmetric_or_does_not_fit_the_key_is_refused(alg: str) -> None:
    with pytest.raises(InputProblem) as caught:
        sign_proof(replace(TERMS, alg=alg), key=signing_key("P-256"), now=EPOCH, jti="j")
    assert caught.value.finding.field == "dpop_alg"
    assert alg in caught.value.finding.problem


def test_a_proof_grows_old_and_is_never_from_the_future() -> None:
    proof = prove()
    assert not is_proof_stale(proof, EPOCH)
    assert not is_proof_stale(proof, EPOCH - BACKDATE + MAX_AGE)
    assert is_proof_stale(proof, EPOCH - BACKDATE + MAX_AGE + 1)
    assert is_proof_stale(proof, EPOCH - BACKDATE - 1)


def test_L1_a_proof_is_masked_where_it_is_shown() -> None:
    proof = prove()
    assert proof.jwt.reveal() not in repr(proof)

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AssertionAudience, EndpointSource, MutualTls, Profile, ServerFacts
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import ClientAssertion
from ccflow_tui.oauth.algorithms import ASSERTION_ALGS, OKP_ALGS
from ccflow_tui.oauth.assertion import (
    MAX_LIFETIME,
    AssertionTerms,
    assertion_terms,
    check_freshness,
    is_stale,
    sign_client_assertion,
)
from ccflow_tui.oauth.audience import assertion_audience
from ccflow_tui.oauth.keys import load_signing_key
from tests.oauth.key_material import as_secret, jwk, native, signing_key
from tests.support.fakes import EPOCH

ENDPOINT = "https://as.example/token"
ISSUER = "https://as.example/"
TERMS = AssertionTerms(client_id="app", token_endpoint=ENDPOINT, alg="RS256")
KEY_OF = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "Ed25519": "Ed25519", "EdDSA": "Ed25519"}
HASHES: dict[str, type[SHA256 | SHA384 | SHA512]] = {"256": SHA256, "384": SHA384, "512": SHA512}


def sign(terms: AssertionTerms = TERMS, *, now: float = EPOCH, jti: str = "j-1") -> ClientAssertion:
    return sign_client_assertion(terms, key=signing_key(KEY_OF.get(terms.alg, "RSA")), now=now, jti=jti)


def parts(assertion: ClientAssertion) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    header, claims, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in assertion.jwt.reveal().split(".")
    )
    return json.loads(header), json.loads(claims), signature


def refused_field(terms: AssertionTerms, *, jti: str = "j-1") -> str:
    with pytest.raises(InputProblem) as caught:
        sign(terms, jti=jti)
    assert caught.value.finding.remedy
    return caught.value.finding.field


def test_D1_claims_say_who_for_whom_and_until_when() -> None:
    _, claims, _ = parts(sign())
    assert claims == {
        "iss": "app",
        "sub": "app",
        "aud": ENDPOINT,
        "jti": "j-1",
        "iat": int(EPOCH) - 5,
        "exp": int(EPOCH) + 55,
    }


def test_D1_what_is_shown_is_what_is_signed() -> None:
    assertion = sign()
    header, claims, _ = parts(assertion)
    assert dict(assertion.header) == header
    assert dict(assertion.claims) == claims
    assert (assertion.issued_at, assertion.expires_at) == (claims["iat"], claims["exp"])


def test_D2_audience_is_one_string_and_settable() -> None:
    _, claims, _ = parts(sign(replace(TERMS, audience=ISSUER)))
    assert claims["aud"] == ISSUER


FOREIGN = "https://other.example/"


@pytest.mark.parametrize("audience", [FOREIGN, "http://as.example/", "https://as.example:1/", "urn:other"])
def test_D3_nothing_is_signed_for_another_server_than_the_one_it_is_sent_to(audience: str) -> None:
    assert refused_field(replace(TERMS, audience=audience)) == "assertion_audience"
    assert refused_field(replace(TERMS, audience=audience, verified_issuer=ISSUER)) == "assertion_audience"


def test_D3_a_verified_issuer_may_lie_elsewhere() -> None:
    assert sign(replace(TERMS, audience=FOREIGN, verified_issuer=FOREIGN)).claims["aud"] == FOREIGN


@pytest.mark.parametrize(
    ("source", "verified"), [(EndpointSource.DISCOVERED, FOREIGN), (EndpointSource.TYPED, "")]
)
def test_D3_only_discovery_verifies_the_issuer_of_a_profile(source: EndpointSource, verified: str) -> None:
    profile = Profile(
        client_id="app",
        issuer=FOREIGN,
        token_endpoint=ENDPOINT,
        endpoint_source=source,
        assertion_audience=AssertionAudience.ISSUER,
        assertion_kid="k",
    )
    terms = assertion_terms(profile)
    assert (terms.audience, terms.verified_issuer, terms.kid) == (FOREIGN, verified, "k")
    if verified:
        assert sign(terms).claims["aud"] == FOREIGN
    else:
        assert refused_field(terms) == "assertion_audience"


def test_D4_typ_is_settable() -> None:
    assert parts(sign())[0]["typ"] == "JWT"
    bis = replace(TERMS, typ="client-authentication+jwt")
    assert parts(sign(bis))[0]["typ"] == "client-authentication+jwt"


@settings(deadline=None)  # a busy machine is no failure
@given(st.floats(0, 4e9), st.integers(1, MAX_LIFETIME), st.integers(0, 59))
def test_D5_D6_lifetime_holds_at_any_time_and_there_is_no_nbf(
    now: float, lifetime: int, backdate: int
) -> None:
    terms = replace(TERMS, alg="ES256", lifetime=lifetime, backdate=min(backdate, lifetime - 1))
    assertion = sign(terms, now=now)
    assert assertion.expires_at - assertion.issued_at == lifetime
    assert assertion.issued_at <= now < assertion.expires_at + 1
    assert "nbf" not in assertion.claims


@pytest.mark.parametrize("lifetime", [0, -1, MAX_LIFETIME + 1])
def test_D5_lifetime_out_of_bounds_is_refused(lifetime: int) -> None:
    assert refused_field(replace(TERMS, lifetime=lifetime)) == "assertion_lifetime"


@pytest.mark.parametrize("backdate", [-1, 60])
def test_D6_backdating_out_of_bounds_is_refused(backdate: int) -> None:
    assert refused_field(replace(TERMS, backdate=backdate)) == "assertion_backdate"


@pytest.mark.parametrize("jti", ["", " "])
def test_D1_jti_is_required(jti: str) -> None:
    assert refused_field(TERMS, jti=jti) == "jti"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_id": ""}, "client_id"),
        ({"token_endpoint": ""}, "assertion_audience"),
        ({"audience": "a\x1bb"}, "assertion_audience"),
        ({"kid": "k" * 257}, "assertion_kid"),
        ({"kid": "k\udc80"}, "assertion_kid"),
        ({"alg": "ES256"}, "assertion_alg"),
        ({"alg": "none"}, "assertion_alg"),
        ({"alg": "HS256"}, "assertion_alg"),
    ],
)
def test_D12_D13_unusable_terms_name_their_field(changes: dict[str, str], field: str) -> None:
    with pytest.raises(InputProblem) as caught:
        sign_client_assertion(replace(TERMS, **changes), key=signing_key("RSA"), now=EPOCH, jti="j")  # type: ignore[arg-type]
    assert caught.value.finding.field == field


def test_D16_kid_is_given_or_the_jwks_own_or_the_thumbprint() -> None:
    own = load_signing_key(as_secret(jwk("RSA", kid="own")))

    def kid(**changes: str) -> str:
        terms = replace(TERMS, **changes)  # type: ignore[arg-type]
        return str(sign_client_assertion(terms, key=own, now=EPOCH, jti="j").header["kid"])

    assert kid(kid="given") == "given"
    assert kid() == "own"
    assert parts(sign())[0]["kid"] == signing_key("RSA").thumbprint


@pytest.mark.parametrize("alg", ASSERTION_ALGS)
def test_D15_D17_every_alg_verifies_outside_the_jose_library(alg: str) -> None:
    assertion = sign(replace(TERMS, alg=alg))
    header, _, signature = parts(assertion)
    assert header["alg"] == alg
    signed = assertion.jwt.reveal().rpartition(".")[0].encode()
    public = native(KEY_OF.get(alg, "RSA")).public_key()
    if alg in OKP_ALGS:
        assert len(signature) == 64
        public.verify(signature, signed)
        return
    hashed = HASHES[alg[2:]]()
    if alg.startswith("ES"):
        half = {"ES256": 32, "ES384": 48, "ES512": 66}[alg]
        assert len(signature) == 2 * half
        der = utils.encode_dss_signature(
            int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        )
        public.verify(der, signed, ec.ECDSA(hashed))
    elif alg.startswith("PS"):
        pss = padding.PSS(padding.MGF1(hashed), hashed.digest_size)
        public.verify(signature, signed, pss, hashed)
    else:
        public.verify(signature, signed, padding.PKCS1v15(), hashed)


@pytest.mark.parametrize(("alg", "length"), [("ES256", 64), ("ES384", 96), ("ES512", 132)])
def test_D17_an_ecdsa_signature_is_two_numbers_of_fixed_length(alg: str, length: int) -> None:
    for number in range(20):  # DER would vary, and so would numbers whose leading zeros are left out
        assert len(parts(sign(replace(TERMS, alg=alg), jti=f"j-{number}"))[2]) == length


def test_L1_assertion_is_masked() -> None:
    assertion = sign()
    assert assertion.jwt.reveal()[:30] not in repr(assertion)


@pytest.mark.parametrize(
    ("later", "stale"),
    [(0, False), (35, False), (36, True), (55, True), (600, True), (-5, False), (-6, True)],
)
def test_D9_assertion_is_stale_near_its_end_and_before_its_start(later: float, stale: bool) -> None:
    assert is_stale(sign(), EPOCH + later) is stale


def test_D9_margin_of_staleness_is_settable() -> None:
    assert not is_stale(sign(), EPOCH + 50, margin=5)


@pytest.mark.parametrize("later", [0, 54.9, -5])
def test_fresh_assertion_passes(later: float) -> None:
    check_freshness(sign(), EPOCH + later)


@pytest.mark.parametrize(
    ("later", "says"), [(55, "expired 0 s ago"), (600, "expired 545 s ago"), (-65, "60 s into the future")]
)
def test_stale_iat_or_exp_is_rejected(later: float, says: str) -> None:
    with pytest.raises(InputProblem, match=says) as caught:
        check_freshness(sign(), EPOCH + later)
    assert "clock" in caught.value.finding.remedy


def test_D5_assertion_that_lives_too_long_is_rejected() -> None:
    long = ClientAssertion(Secret("h.p.s"), {}, {"iat": EPOCH, "exp": EPOCH + 61})
    with pytest.raises(InputProblem, match="longer than 60"):
        check_freshness(long, EPOCH)


BIS, LEGACY = "client-authentication+jwt", "JWT"


@pytest.mark.parametrize(
    ("chosen", "source", "issuer", "expected"),
    [
        ("auto", EndpointSource.DISCOVERED, ISSUER, (ISSUER, BIS)),
        ("", EndpointSource.DISCOVERED, ISSUER, (ISSUER, BIS)),
        ("auto", EndpointSource.DERIVED, ISSUER, (ENDPOINT, LEGACY)),
        ("auto", EndpointSource.TYPED, ISSUER, (ENDPOINT, LEGACY)),
        ("auto", EndpointSource.DISCOVERED, "", (ENDPOINT, LEGACY)),
        ("issuer", EndpointSource.TYPED, ISSUER, (ISSUER, BIS)),
        ("token_endpoint", EndpointSource.DISCOVERED, ISSUER, (ENDPOINT, LEGACY)),
        ("https://other.example", EndpointSource.DISCOVERED, ISSUER, ("https://other.example", LEGACY)),
        (ISSUER, EndpointSource.TYPED, ISSUER, (ISSUER, BIS)),
    ],
)
def test_D2_D4_audience_and_typ_follow_the_profile(
    chosen: str, source: EndpointSource, issuer: str, expected: tuple[str, str]
) -> None:
    profile = Profile(
        issuer=issuer, token_endpoint=ENDPOINT, endpoint_source=source, assertion_audience=chosen
    )
    assert assertion_audience(profile) == expected


def test_D3_endpoint_on_another_host_never_becomes_the_audience() -> None:
    profile = Profile(
        issuer=ISSUER, token_endpoint="https://evil.example/t", endpoint_source=EndpointSource.DISCOVERED
    )
    assert assertion_audience(profile)[0] == ISSUER


@pytest.mark.parametrize(
    ("alias", "audience"),
    [
        ("", ENDPOINT),
        ("https://as.example/mtls/token", ENDPOINT),
        ("https://mtls.as.example/token", "https://mtls.as.example/token"),
    ],
)
def test_D2_D3_F2_the_token_endpoint_stands_for_its_alias_but_for_no_other_server(
    alias: str, audience: str
) -> None:
    profile = Profile(
        token_endpoint=ENDPOINT,
        endpoint_source=EndpointSource.DISCOVERED,
        assertion_audience=AssertionAudience.TOKEN_ENDPOINT,
        mtls=MutualTls(True, "cert.pem", "key.pem"),
        server=ServerFacts(token_endpoint=ENDPOINT, mtls_token_endpoint=alias),
    )
    assert profile.request_endpoint == (alias or ENDPOINT)
    assert assertion_audience(profile)[0] == audience


def test_D2_issuer_as_audience_must_be_known() -> None:
    with pytest.raises(InputProblem) as caught:
        assertion_audience(Profile(token_endpoint=ENDPOINT, assertion_audience=AssertionAudience.ISSUER))
    assert caught.value.finding.field == "assertion_audience"

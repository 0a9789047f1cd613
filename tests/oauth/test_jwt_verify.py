"""Access tokens verified: the signature first, then what they say."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.oauth.access_token_claims import Expected
from ccflow_tui.oauth.jwks import VERIFICATION_ALGS, VerificationKeys
from ccflow_tui.oauth.jws import (
    MAX_TOKEN,
    JwsError,
    SignatureState,
    SignedToken,
    check_signature,
    parse_signed,
)
from ccflow_tui.oauth.jwt_verify import read_signed, signature_finding, verify_access_token
from tests.oauth.signed_tokens import API, CLAIMS, CLIENT, ISSUER, encode, jwk, key, keys, kind_for, sign
from tests.support.fakes import EPOCH
from tests.support.verdicts import worst

EXPECTED = Expected(ISSUER, API, (), CLIENT, EPOCH)


def rsa_keys(**members: Any) -> VerificationKeys:
    return keys(jwk(key("RSA"), **members))


def state(token: str, known: VerificationKeys) -> SignatureState:
    return check_signature(parse_signed(token), known.keys)


def findings(token: str, known: VerificationKeys | None = None, **changes: Any) -> dict[str, Finding]:
    signed = read_signed(token)
    assert isinstance(signed, SignedToken)
    expected = Expected(**{"issuer": ISSUER, "audience": API, "client_id": CLIENT, "now": EPOCH, **changes})
    found = verify_access_token(signed, known or rsa_keys(), expected)
    return {finding.topic: finding for finding in found}


@pytest.mark.parametrize("alg", sorted(VERIFICATION_ALGS))
def test_D15_every_algorithm_is_verified(alg: str) -> None:
    signer = key(kind_for(alg))
    token = sign(alg=alg, signer=signer)
    assert state(token, keys(jwk(signer))) is SignatureState.VERIFIED
    other = key(kind_for(alg), serial=1)
    assert state(token, keys(jwk(other))) is SignatureState.WRONG


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_G9_alg_none_is_refused_with_and_without_a_signature(alg: str) -> None:
    header, payload = encode(json.dumps({"alg": alg}).encode()), encode(json.dumps(CLAIMS).encode())
    for signature in ("", encode(b"x" * 256)):
        assert state(f"{header}.{payload}.{signature}", rsa_keys()) is SignatureState.UNSIGNED


def test_G9_an_empty_signature_is_none_at_all() -> None:
    header, payload, _ = sign().split(".")
    assert state(f"{header}.{payload}.", rsa_keys()) is SignatureState.UNSIGNED


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_D13_a_public_key_is_never_taken_for_a_shared_secret(alg: str) -> None:
    for secret in (key("RSA").as_pem(private=False), json.dumps(jwk(key("RSA"))).encode()):
        start = (
            f"{encode(json.dumps({'alg': alg, 'kid': 'k1'}).encode())}.{encode(json.dumps(CLAIMS).encode())}"
        )
        signature = hmac.digest(secret, start.encode(), alg.replace("HS", "sha"))
        assert state(f"{start}.{encode(signature)}", rsa_keys()) is SignatureState.SYMMETRIC


@pytest.mark.parametrize("crit", [["b64"], ["exp"], [], "exp", None, ["x", "\x1b[2J"]])
def test_D13_a_critical_extension_is_refused(crit: object) -> None:
    header = encode(json.dumps({"alg": "RS256", "kid": "k1", "crit": crit}).encode())
    token = f"{header}.{encode(b'{}')}.{encode(b'x' * 256)}"
    assert state(token, rsa_keys()) is SignatureState.CRITICAL
    assert "\x1b" not in findings(token)["Signature"].text


def test_D12_a_signature_on_the_wrong_curve_is_refused() -> None:
    token = sign(alg="ES256")
    assert state(token, keys(jwk(key("P-384")))) is SignatureState.NO_KEY
    assert state(token, keys(jwk(key("RSA")))) is SignatureState.NO_KEY
    assert state(sign(alg="EdDSA", signer=key("Ed25519")), keys(jwk(key("Ed448")))) is SignatureState.WRONG


def test_D12_a_key_for_another_algorithm_is_not_used() -> None:
    assert state(sign(alg="RS256"), rsa_keys(alg="PS256")) is SignatureState.NO_KEY


@pytest.mark.parametrize("alg", ["ES256K", "RS1", "rs256", "A256GCM", "dir", "\u202eRS256"])
def test_D13_an_algorithm_that_is_not_known_is_told(alg: str) -> None:
    header = encode(json.dumps({"alg": alg}).encode())
    token = f"{header}.{encode(b'{}')}.{encode(b'x')}"
    assert state(token, rsa_keys()) is SignatureState.UNSUPPORTED
    assert "\u202e" not in findings(token)["Signature"].text


def test_E12_a_kid_that_is_not_in_the_set_is_told_apart() -> None:
    assert state(sign(kid="rotated"), rsa_keys()) is SignatureState.UNKNOWN_KID
    assert state(sign(kid=None), VerificationKeys()) is SignatureState.NO_KEY


def test_D16_without_a_kid_every_fitting_key_is_tried() -> None:
    several = keys(jwk(key("P-256")), jwk(key("RSA", serial=1), kid="other"), jwk(key("RSA")))
    assert state(sign(kid=None), several) is SignatureState.VERIFIED
    assert state(sign(kid=7), several) is SignatureState.VERIFIED


def test_D16_a_set_whose_keys_have_no_id_serves_a_token_that_names_one() -> None:
    assert state(sign(), rsa_keys(kid=None)) is SignatureState.VERIFIED


def test_D16_of_two_keys_with_one_id_either_may_fit() -> None:
    both = keys(jwk(key("RSA", serial=1)), jwk(key("RSA")))
    assert state(sign(), both) is SignatureState.VERIFIED
    assert state(sign(signer=key("RSA", serial=2)), both) is SignatureState.WRONG


def test_D20_a_key_that_the_token_brings_along_is_ignored_and_shown() -> None:
    attacker = key("RSA", serial=3)
    offered = {
        "jwk": attacker.as_dict(private=False),
        "jku": "https://evil.example/",
        "x5u": "http://10.0.0.1/",
    }
    token = sign(signer=attacker, x5c=["AAAA"], **offered)
    assert state(token, rsa_keys()) is SignatureState.WRONG
    assert "jku, x5u, jwk, x5c" in findings(token)["Header"].text
    assert "evil" not in findings(token)["Header"].text


TWICE = b'{"alg":"RS256","alg":"none"}'
NOT_SIGNED = {
    "two parts": "e30.e30",
    "four parts": f"{sign()}.x",
    "padding": ".".join(part + "=" * (-len(part) % 4) for part in sign(b"{}").split(".")),
    "a space": sign().replace(".", ". ", 1),
    "standard base64": "e+/0.e30.e30",
    "half a byte": f"{sign().split('.')[0]}.A.e30",
    "stray bits": ".".join((sign().split(".")[0], "e31", "e30")),
    "a header that is no JSON": f"{encode(b'nonsense')}.e30.e30",
    "a header without alg": "e30.e30.e30",
    "an alg that is no text": f"{encode(json.dumps({'alg': 1}).encode())}.e30.e30",
    "a header that says it twice": f"{encode(TWICE)}.e30.e30",
    "too long": "e30.e30." + "A" * MAX_TOKEN,
}


@pytest.mark.parametrize("case", NOT_SIGNED)
def test_G11_what_is_no_signed_token_is_told_without_its_text(case: str) -> None:
    with pytest.raises(JwsError) as caught:
        parse_signed(NOT_SIGNED[case])
    assert "e30" not in str(caught.value)


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=200), st.text("eyJ0.-_=A\x00", max_size=200))
def test_G11_any_text_is_classified(text: str, shaped: str) -> None:
    for candidate in (text, shaped, f"{shaped}.{shaped}.{shaped}"):
        read = read_signed(candidate)
        if isinstance(read, SignedToken):
            assert verify_access_token(read, VerificationKeys(), EXPECTED)
        else:
            assert read.verdict is not Verdict.GOOD


def test_G11_jwe_and_opaque_tokens_have_nothing_to_verify() -> None:
    jwe = ".".join([encode(b'{"alg":"RSA-OAEP","enc":"A256GCM"}'), "a", "b", "c", "d"])
    for token, word in ((jwe, "JWE"), ("opaque-reference", "introspection"), ("a.b.c", "introspection")):
        finding = read_signed(token)
        assert isinstance(finding, Finding)
        assert (finding.verdict, word in finding.text) == (Verdict.DOUBT, True)


def test_G9_a_good_token_is_green_all_over() -> None:
    found = findings(sign())
    assert worst(found.values()) is Verdict.GOOD
    assert list(found) == ["Signature", "RFC 9068", "Issuer", "Audience", "Times"]


def claims(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (CLAIMS | changes).items() if value is not None}


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"])
def test_G9_typ_has_no_case(typ: str) -> None:
    assert findings(sign(typ=typ))["RFC 9068"].verdict is Verdict.GOOD


@pytest.mark.parametrize("typ", ["JWT", None, "jwt+at", 7])
def test_G9_another_typ_is_no_rfc9068_token_but_is_still_verified(typ: object) -> None:
    found = findings(sign(typ=typ))
    assert found["RFC 9068"].verdict is Verdict.DOUBT
    assert "Not an RFC 9068 token" in found["RFC 9068"].text
    assert found["Signature"].verdict is Verdict.GOOD


@pytest.mark.parametrize("name", ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"])
def test_G9_every_required_claim_is_missed(name: str) -> None:
    assert f"lacks {name}" in findings(sign(claims(**{name: None})))["RFC 9068"].text


SAID: dict[str, tuple[dict[str, Any], str, Verdict, str]] = {
    "issuer with a slash more": ({"iss": f"{ISSUER}/"}, "Issuer", Verdict.BAD, "but the server's issuer is"),
    "issuer that is no text": ({"iss": ["x"]}, "Issuer", Verdict.BAD, "but the server's issuer is"),
    "one of several audiences": ({"aud": [API, "x"]}, "Audience", Verdict.DOUBT, "more than was asked"),
    "another audience": ({"aud": "https://other"}, "Audience", Verdict.BAD, f"Asked for {API}"),
    "an audience that only starts alike": ({"aud": f"{API}/x"}, "Audience", Verdict.BAD, f"Asked for {API}"),
    "no audience": ({"aud": None}, "Audience", Verdict.BAD, "names no audience"),
    "an empty audience": ({"aud": []}, "Audience", Verdict.BAD, "names no audience"),
    "an audience that is no text": ({"aud": [7]}, "Audience", Verdict.BAD, "names no audience"),
    "expired": ({"exp": int(EPOCH) - 7}, "Times", Verdict.BAD, "Expired 7 s ago"),
    "expires now": ({"exp": int(EPOCH)}, "Times", Verdict.BAD, "Expired 0 s ago"),
    "an exp that is no time": ({"exp": "soon"}, "Times", Verdict.BAD, "exp is no time"),
    "an exp out of reach": ({"exp": 10**30}, "Times", Verdict.BAD, "exp is no time"),
    "not yet": ({"nbf": int(EPOCH) + 900}, "Times", Verdict.BAD, "another 900 s"),
    "nearly yet": ({"nbf": int(EPOCH) + 200}, "Times", Verdict.GOOD, "until 2027-01-15 09:00:00 UTC"),
    "issued tomorrow": ({"iat": int(EPOCH) + 900}, "Times", Verdict.DOUBT, "900 s in the future"),
    "the last exp there is": ({"exp": 253_402_300_799}, "Times", Verdict.GOOD, "until 9999-12-31 23:59:59"),
    "another client": ({"client_id": "x\x1b"}, "Client", Verdict.BAD, "Issued to x, not"),
}


@pytest.mark.parametrize("case", SAID)
def test_G9_what_the_claims_say_is_held_against_what_is_expected(case: str) -> None:
    changes, topic, verdict, words = SAID[case]
    finding = findings(sign(claims(**changes)))[topic]
    assert finding.verdict is verdict
    assert words in finding.text


def test_G9_without_a_verified_issuer_and_audience_they_are_only_shown() -> None:
    found = findings(sign(), issuer="", audience="")
    assert (found["Issuer"].verdict, found["Audience"].verdict) == (Verdict.DOUBT, Verdict.GOOD)
    assert findings(sign(claims(aud=None)), audience="")["Audience"].verdict is Verdict.DOUBT


def test_G9_a_server_may_know_a_resource_by_another_name() -> None:
    found = findings(sign(), resources=(API, "https://other"))["Audience"]
    assert (found.verdict, "Asked for https://other" in found.text) == (Verdict.DOUBT, True)
    assert findings(sign(), audience="x", resources=(API,))["Audience"].verdict is Verdict.BAD
    many = findings(sign(claims(aud=[f"a{number}" for number in range(9)])), audience="")["Audience"]
    assert many.text == "a0, a1, a2, a3, a4, …."


def test_claims_that_are_no_object_are_told() -> None:
    assert findings(sign(b"{}"))["RFC 9068"].verdict is Verdict.DOUBT
    signed = parse_signed(sign(b"[1]"))
    found = verify_access_token(signed, rsa_keys(), EXPECTED)
    assert [(one.topic, one.verdict) for one in found] == [
        ("Signature", Verdict.GOOD),
        ("Claims", Verdict.BAD),
    ]


@pytest.mark.parametrize("wanted", list(SignatureState))
def test_every_state_of_a_signature_has_its_words(wanted: SignatureState) -> None:
    finding = signature_finding(wanted, parse_signed(sign()))
    assert (finding.verdict is Verdict.GOOD) == (wanted is SignatureState.VERIFIED)
    assert finding.text.endswith((".", ")."))


def test_what_was_left_out_of_the_key_set_is_told() -> None:
    found = findings(sign(), keys(jwk(key("RSA")), jwk(key("P-256"), kid="e", use="enc")))
    assert "not for signatures" in found["Key set"].text

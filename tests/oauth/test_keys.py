from __future__ import annotations

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.problems import InputProblem, KeyIdProblem, KeyProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.algorithms import ASSERTION_ALGS, EC_ALGS, RSA_ALGS
from ccflow_tui.oauth.key_generation import kept_pem
from ccflow_tui.oauth.keys import MAX_KEY_TEXT, load_signing_key
from ccflow_tui.oauth.signing_key import check_alg
from tests.oauth.key_material import (
    as_secret,
    jwk,
    native,
    pem,
    public_pem,
    signing_key,
    weak_jwk,
)

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "json_web_signature_test.json"
UNKNOWN_KIND = "-----BEGIN PRIVATE KEY-----\nMA0CAQAwBQYDKgMEBAEA\n-----END PRIVATE KEY-----"
"""PKCS#8 with an algorithm identifier that nobody uses."""


def refusal(text: str) -> str:
    with pytest.raises(KeyProblem) as caught:
        load_signing_key(Secret(text))
    finding = caught.value.finding
    assert finding.field == "key_reference"
    assert finding.problem
    assert finding.remedy
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


@pytest.mark.parametrize("style", ["PKCS8", "TraditionalOpenSSL"])
@pytest.mark.parametrize("kind", ["RSA", "P-256", "P-384", "P-521"])
def test_D12_pem_of_every_kind_is_read(kind: str, style: str) -> None:
    key = load_signing_key(Secret(pem(kind, style=style)))
    assert (key.kid, key.x5t) == ("", "")
    if kind == "RSA":
        assert (key.kty, key.curve, key.bits, key.algs) == ("RSA", "", 2048, RSA_ALGS)
    else:
        assert (key.kty, key.curve, key.algs) == ("EC", kind, (EC_ALGS[kind],))
        assert key.bits == int(kind[2:])


def test_D14_ed25519_is_read_from_pem_and_jwk_with_both_its_names() -> None:
    key = load_signing_key(Secret(pem("Ed25519")))
    assert (key.kty, key.curve, key.algs, key.label) == ("OKP", "Ed25519", ("Ed25519", "EdDSA"), "Ed25519")
    for alg in (None, "Ed25519", "EdDSA"):  # the JWK's own alg names the same algorithm (RFC 9864)
        named = load_signing_key(as_secret(jwk("Ed25519", **({"alg": alg} if alg else {}))))
        assert (named.algs, named.thumbprint) == (key.algs, key.thumbprint)


def test_D16_thumbprint_is_that_of_rfc_7638() -> None:
    public = native("RSA").public_key().public_numbers()
    n = base64.urlsafe_b64encode(public.n.to_bytes(256, "big")).rstrip(b"=").decode()
    digest = hashlib.sha256(f'{{"e":"AQAB","kty":"RSA","n":"{n}"}}'.encode()).digest()
    assert signing_key("RSA").thumbprint == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert load_signing_key(as_secret(jwk("RSA", kid="k"))).thumbprint == signing_key("RSA").thumbprint


@pytest.mark.parametrize(
    "mangle",
    [
        lambda text: text.replace("\n", "\\n"),
        lambda text: text.replace("\n", " "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff\n" + text + "\n\n",
        lambda text: "Bag Attributes\n  friendlyName: key\n" + text + public_pem("P-256"),
        lambda text: "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + text,
    ],
)
def test_pem_survives_env_files_windows_and_openssl(mangle: Any) -> None:
    assert load_signing_key(Secret(mangle(pem("P-256")))) == signing_key("P-256")


@pytest.mark.parametrize(
    "text",
    [
        lambda: pem("RSA").replace("M", "!"),
        lambda: pem("RSA")[:400] + pem("RSA")[-40:],
        lambda: pem("RSA")[:300],
        lambda: pem("RSA").replace("a", "b"),
        lambda: "-----BEGIN PRIVATE KEY-----\n\ud800ü\n-----END PRIVATE KEY-----",
        lambda: "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
    ],
)
def test_D19_damaged_pem_is_told_as_such(text: Callable[[], str]) -> None:
    assert "damaged" in refusal(text())


def of_two_keys() -> str:
    """Return an RSA key in good form that holds the modulus of another one."""
    own, other = (key.public_key().public_numbers().n for key in (native("RSA"), native("RSA-other")))
    size = (own.bit_length() + 7) // 8
    form = native("RSA").private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    mixed = form.replace(own.to_bytes(size, "big"), other.to_bytes(size, "big"))
    assert mixed != form
    body = base64.b64encode(mixed).decode()
    return f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"


def test_D19_an_rsa_key_whose_parts_do_not_belong_together_is_damaged() -> None:
    assert "damaged" in refusal(of_two_keys())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (lambda: "", "empty"),
        (lambda: " \n", "empty"),
        (lambda: "hello", "not a private key"),
        (lambda: "x" * (MAX_KEY_TEXT + 1), "too long"),
        (lambda: public_pem("RSA"), "public key"),
        (lambda: "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----", "certificate"),
        (lambda: pem("RSA") + pem("P-256"), "2 private keys"),
        (lambda: pem("P-256", style="OpenSSH"), "ssh-keygen"),
        (lambda: pem("secp256k1"), "secp256k1"),
        (lambda: UNKNOWN_KIND, "kind of private key"),
    ],
)
def test_D19_each_cause_has_its_own_text(text: Callable[[], str], says: str) -> None:
    assert says in refusal(text())


def test_D10_weak_rsa_is_refused_in_pem_and_jwk() -> None:
    assert "1024 bits" in refusal(pem("RSA-1024"))
    assert "1024 bits" in refusal(json.dumps(weak_jwk()))


@pytest.mark.parametrize("kind", ["RSA", "P-256", "P-384", "P-521"])
def test_D12_private_jwk_is_read(kind: str) -> None:
    key = load_signing_key(as_secret(jwk(kind, kid="key-1", use="sig", key_ops=["sign"])))
    assert key.kid == "key-1"
    assert key.algs == signing_key(kind).algs
    assert key.thumbprint == signing_key(kind).thumbprint


def test_rsa_jwk_without_prime_factors_is_read() -> None:
    short = {name: value for name, value in jwk("RSA").items() if name in {"kty", "n", "e", "d"}}
    assert load_signing_key(as_secret(short)).thumbprint == signing_key("RSA").thumbprint


def test_jwk_alg_narrows_the_choice() -> None:
    assert load_signing_key(as_secret(jwk("RSA", alg="PS384"))).algs == ("PS384",)


def test_jwk_set_with_one_private_key_is_read() -> None:
    keys = {"keys": [jwk("P-256", private=False), jwk("RSA", kid="r"), 7]}
    assert load_signing_key(as_secret(keys)).kid == "r"


def test_D16_the_key_id_picks_one_of_several_keys() -> None:
    keys = as_secret({"keys": [jwk("P-256", kid="a"), jwk("RSA", kid="b"), jwk("P-384", kid="b2")]})
    assert load_signing_key(keys, kid="b").kty == "RSA"
    with pytest.raises(KeyProblem, match="3 private keys"):
        load_signing_key(keys, kid="c")


@pytest.mark.parametrize(
    ("kids", "kid", "says"),
    [
        (["a", "b"], "", "2 private keys: “a”, “b”. Enter the key ID"),
        (["a", None, "b"], "x", "3 private keys: “a”, “b”, one without a key ID. Enter"),
        (["a", None, 7], "x", "3 private keys: “a”, 2 without a key ID. Enter"),
        ([None, None], "", "2 private keys: 2 without a key ID. Give the JWK of the right one alone."),
        (["a", "a", "b"], "a", "“a”, “b”. 2 of them have this key ID. Give the JWK of the right one alone."),
        ([*"abcdefgh"], "", "“e”, “f”, and 2 more. Enter"),
        (["\x1b[2J" + "k" * 70, "b"], "", f": “[2J{'k' * 56}…”, “b”. Enter"),
    ],
    ids=["two", "unnamed", "several unnamed", "all unnamed", "twice", "many", "hostile"],
)
def test_D16_where_the_key_id_picks_none_those_there_are_told(kids: list[Any], kid: str, says: str) -> None:
    members = [jwk("P-256", **({} if each is None else {"kid": each})) for each in kids]
    with pytest.raises(KeyIdProblem) as caught:
        load_signing_key(as_secret({"keys": members}), kid=kid)
    assert says in str(caught.value) and jwk("P-256")["d"] not in str(caught.value)
    mended_by = "assertion_kid" if "Enter" in str(caught.value) else "key_reference"
    assert caught.value.finding.field == mended_by


def test_D16_a_jwk_brings_the_thumbprint_of_its_certificate() -> None:
    assert load_signing_key(as_secret(jwk("P-256", **{"x5t#S256": "t" * 43}))).x5t == "t" * 43
    assert load_signing_key(as_secret(jwk("P-256", **{"x5t#S256": 7}))).x5t == ""


def test_D19_a_jwk_that_two_parsers_could_read_differently_is_refused() -> None:
    text = json.dumps(jwk("P-256"))
    assert "no valid JSON" in refusal(text[:-1] + ', "kty": "RSA"}')
    assert "no valid JSON" in refusal('{"keys":' + "[" * 60_000)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"kty": "oct", "k": "c2VjcmV0"}, "shared secret"),
        ({"kty": "OKP", "crv": "Ed25519", "d": "x", "x": "y"}, "damaged"),
        ({"kty": "OKP", "crv": "X25519", "d": "x", "x": "y"}, "curve X25519"),
        ({"kty": "OKP", "crv": "Ed448", "d": "x", "x": "y"}, "curve Ed448"),
        (jwk("Ed25519", private=False), "public key"),
        (jwk("Ed25519", x="A" * 43), "damaged"),
        (jwk("Ed25519", alg="ES256"), "ES256"),
        ({"kty": ["RSA"]}, "cannot be used"),
        ({"a": 1}, "type None"),
        (jwk("RSA", private=False), "public key"),
        (jwk("P-256", private=False), "public key"),
        (jwk("P-256", crv="secp256k1"), "secp256k1"),
        (jwk("P-256", crv=[]), "curve"),
        (jwk("RSA", use="enc"), "not for signing"),
        (jwk("RSA", key_ops=["verify"]), "not for signing"),
        (jwk("RSA", alg="RSA-OAEP"), "RSA-OAEP"),
        (jwk("P-256", alg="ES384"), "ES384"),
        ({"keys": []}, "no private key"),
        ({"keys": [jwk("P-256"), jwk("P-384")]}, "2 private keys"),
        (jwk("RSA", n=7), "damaged"),
        (jwk("RSA", n="AQ"), "1 bits"),
        (jwk("RSA", n="AA\u00e9A"), "damaged"),
        (jwk("RSA", d="AQ"), "damaged"),
        (jwk("RSA", d=7), "damaged"),
        (jwk("RSA", oth=[]), "damaged"),
        ({name: value for name, value in jwk("RSA").items() if name != "p"}, "damaged"),
        ({name: value for name, value in jwk("P-256").items() if name != "x"}, "damaged"),
        (jwk("P-256", d=jwk("P-384")["d"]), "damaged"),
    ],
)
def test_D19_unusable_jwk_says_why(members: dict[str, Any], says: str) -> None:
    text = refusal(json.dumps(members))
    assert says in text
    assert str(members.get("d", "nothing")) not in text or len(str(members["d"])) < 3


@pytest.mark.parametrize(
    "text",
    ["{", "{}", "{]", '{"a":' * 6000, '{"a":' + "1" * 5000 + "}"],
    ids=["open", "empty", "crossed", "deep", "huge number"],
)
def test_D19_broken_json_is_no_traceback(text: str) -> None:
    refusal(text)


def test_kid_that_is_no_text_counts_as_none() -> None:
    assert load_signing_key(as_secret(jwk("P-256", kid=7))).kid == ""


def test_L1_signing_key_shows_nothing_private() -> None:
    key = signing_key("RSA")
    shown = repr(key) + str(key) + key.label
    assert "jose" not in shown
    assert jwk("RSA")["d"][:20] not in shown
    assert key.label == "RSA 2048 bit"
    assert signing_key("P-521").label == "EC P-521"


@pytest.mark.parametrize("kind", ["RSA", "P-256", "P-384", "P-521"])
def test_D12_alg_must_fit_the_key(kind: str) -> None:
    key = signing_key(kind)
    for alg in ASSERTION_ALGS:
        if alg in key.algs:
            check_alg(key, alg)
            continue
        with pytest.raises(InputProblem) as caught:
            check_alg(key, alg)
        assert caught.value.finding.field == "assertion_alg"
        assert alg in caught.value.finding.problem
        assert key.label in caught.value.finding.problem
        assert key.algs[0] in caught.value.finding.remedy


@pytest.mark.parametrize("alg", ["none", "HS256", "ES256K", "rs256", "", "\x1b[2J"])
def test_D13_none_and_shared_secret_algs_are_refused(alg: str) -> None:
    with pytest.raises(InputProblem) as caught:
        check_alg(signing_key("RSA"), alg)
    assert "cannot sign" in caught.value.finding.problem
    assert "\x1b" not in str(caught.value)


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.one_of(
        st.text(max_size=80), st.text(max_size=80).map(lambda text: f"-----BEGIN PRIVATE KEY-----{text}")
    )
)
def test_any_text_is_refused_without_a_traceback(text: str) -> None:
    with pytest.raises(KeyProblem):
        load_signing_key(Secret(text))


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.sampled_from(sorted({*jwk("RSA"), *jwk("P-256"), "use", "key_ops", "alg", "kid", "oth"})),
    st.one_of(st.none(), st.integers(), st.text(max_size=9), st.lists(st.integers(), max_size=2)),
    st.sampled_from(["RSA", "P-256"]),
)
def test_jwk_with_one_odd_member_is_read_or_refused(name: str, value: object, kind: str) -> None:
    members = copy.deepcopy(jwk(kind)) | {name: value}
    try:
        assert load_signing_key(as_secret(members)).algs
    except KeyProblem as problem:
        assert problem.finding.remedy


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors lie beside the repository, not in it")
def test_published_private_jwks_are_read_or_refused() -> None:
    groups = json.loads(VECTORS.read_text())["testGroups"]
    asymmetric = [group["private"] for group in groups if group["private"].get("kty") in {"RSA", "EC"}]
    for private in asymmetric:
        for_signing = private.get("use", "sig") == "sig" and "sign" in private.get("key_ops", ["sign"])
        expected = (private["alg"],) if for_signing and private["alg"] in ASSERTION_ALGS else ()
        try:
            key = load_signing_key(as_secret(private))
        except KeyProblem:
            assert not expected
        else:
            assert key.algs == expected
            assert load_signing_key(kept_pem(key)) == key, "it can be kept as PEM"

"""The methods beyond basic, post and private_key_jwt: what they sign, send, refuse and explain."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shlex
from dataclasses import replace
from typing import Any

import pytest

from ccflow_tui.models.discovery import ServerMetadata, with_metadata
from ccflow_tui.models.problems import InputProblem, Severity
from ccflow_tui.models.profile import (
    AssertionAudience,
    AuthMethod,
    EndpointConsent,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
    ServerFacts,
)
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import ClientAssertion
from ccflow_tui.oauth.algorithms import (
    ASSERTION_ALGS,
    HMAC_ALGS,
    algs_of,
    chosen_alg,
)
from ccflow_tui.oauth.assertion import AssertionTerms, assertion_terms, sign_client_assertion
from ccflow_tui.oauth.client_auth_id import ClientIdOnly
from ccflow_tui.oauth.client_auth_jwt import AssertionAuthentication
from ccflow_tui.oauth.curl import as_curl
from ccflow_tui.oauth.endpoint_consent import unconfirmed_origin
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.oauth.profile_check import check_profile
from ccflow_tui.oauth.signing_key import check_alg, secret_key
from ccflow_tui.oauth.token_request import assemble_token_request
from tests.oauth.failures import refusal
from tests.oauth.key_material import jwk, pem, signing_key
from tests.support.client_certificates import issue
from tests.support.fakes import EPOCH

ENDPOINT, ALIAS = "https://as.example/token", "https://mtls.as.example/token"
FACTS = ServerFacts(ENDPOINT, ALIAS, ("RS256", "EdDSA"), certificate_bound_tokens=True)
DISCOVERED = Profile(
    endpoint_mode=EndpointMode.ISSUER,
    issuer="https://as.example",
    token_endpoint=ENDPOINT,
    endpoint_source=EndpointSource.DISCOVERED,
    client_id="app",
    key_reference="key.pem",
    mtls=MutualTls(cert_ref="client.pem"),
    endpoint_consent=EndpointConsent("https://as.example", "https://mtls.as.example"),
    server=FACTS,
)
TERMS = AssertionTerms(client_id="app", token_endpoint=ENDPOINT, alg="HS256")
SECRET = Secret("CANARY-" + "s" * 57)
SECRET_JWT = AuthMethod.CLIENT_SECRET_JWT
BY_CERTIFICATE = [AuthMethod.TLS_CLIENT_AUTH, AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH]


def by(method: AuthMethod, **changes: Any) -> Profile:
    return replace(DISCOVERED, auth_method=method, **changes)


def parts(jwt: Secret) -> list[bytes]:
    return [base64.urlsafe_b64decode(part + "==") for part in jwt.reveal().split(".")]


# client_secret_jwt


@pytest.mark.parametrize(("alg", "hashed"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
def test_D11_D15_an_hmac_assertion_verifies_outside_the_jose_library(alg: str, hashed: str) -> None:
    signed = sign_client_assertion(replace(TERMS, alg=alg), key=secret_key(SECRET), now=EPOCH, jti="j")
    header, claims, signature = parts(signed.jwt)
    assert json.loads(header) == {"alg": alg, "typ": "JWT"}, "a secret has no key id"
    assert json.loads(claims)["sub"] == "app"
    content = signed.jwt.reveal().rpartition(".")[0].encode()
    assert signature == hmac.digest(SECRET.reveal().encode(), content, hashed)
    given = sign_client_assertion(
        replace(TERMS, alg=alg, kid="k"), key=secret_key(SECRET), now=EPOCH, jti="j"
    )
    assert given.header["kid"] == "k"


@pytest.mark.parametrize(
    ("length", "algs"), [(31, ()), (32, HMAC_ALGS[:1]), (48, HMAC_ALGS[:2]), (64, HMAC_ALGS)]
)
def test_D11_a_secret_shorter_than_the_hash_is_refused(length: int, algs: tuple[str, ...]) -> None:
    secret = Secret("CANARY" + "x" * (length - 6))
    if not algs:
        with pytest.raises(InputProblem, match="has 248 bits, and HS256 needs at least 256") as caught:
            secret_key(secret)
    else:
        key = secret_key(secret)
        assert (key.algs, key.thumbprint, key.kid) == (algs, "", "")
        assert "CANARY" not in repr(key)
        check_alg(key, algs[-1])
        if algs == HMAC_ALGS:
            return
        with pytest.raises(InputProblem, match=r"HS512 needs at least 512") as caught:
            check_alg(key, "HS512")
    assert caught.value.finding.field == "client_secret"
    assert "CANARY" not in str(caught.value)


def test_D11_the_size_is_that_of_the_bytes() -> None:
    assert secret_key(Secret("ü" * 16)).bits == 256


@pytest.mark.parametrize(
    "secret",
    [pem("RSA"), "x" + pem("P-256"), json.dumps(jwk("RSA")), issue().pem().decode(), "x" * 40 + "\udc80"],
    ids=["PEM", "PEM behind noise", "JWK", "certificate", "no Unicode"],
)
def test_D13_a_key_in_the_place_of_the_secret_is_refused(secret: str) -> None:
    with pytest.raises(InputProblem) as caught:
        secret_key(Secret(secret))
    assert caught.value.finding.field == "client_secret"


@pytest.mark.parametrize("alg", ["RS256", "none", "EdDSA", "\x1b[2J"])
def test_D12_D13_a_secret_signs_by_hmac_only(alg: str) -> None:
    with pytest.raises(InputProblem, match="does not sign with a client secret") as caught:
        check_alg(secret_key(SECRET), alg)
    assert "\x1b" not in str(caught.value)


def test_D7_D8_client_secret_jwt_sends_the_assertion_and_never_the_secret() -> None:
    assertion = sign_client_assertion(TERMS, key=secret_key(SECRET), now=EPOCH, jti="j")
    authentication = AssertionAuthentication("app", assertion, SECRET_JWT)
    profile = by(SECRET_JWT)
    request = assemble_token_request(
        profile=profile, authentication=authentication, scope_text="", user_agent="ccflow/1"
    )
    assert b"CANARY" not in request.body()
    assert request.facts["Authentication method"] == "client_secret_jwt"
    assert "$CLIENT_ASSERTION" in as_curl(request)


# Which algorithm


def test_algorithms_of_each_method() -> None:
    assert algs_of(SECRET_JWT) == HMAC_ALGS
    assert algs_of(AuthMethod.PRIVATE_KEY_JWT) == ASSERTION_ALGS
    assert {algs_of(method) for method in AuthMethod if not method.signs} == {()}


@pytest.mark.parametrize(
    ("listed", "asked", "used"),
    [
        (("RS256", "EdDSA"), "Ed25519", "EdDSA"),
        (("RS256", "Ed25519"), "EdDSA", "Ed25519"),
        (("Ed25519", "EdDSA"), "EdDSA", "EdDSA"),
        (("Ed25519", "EdDSA"), "Ed25519", "Ed25519"),
        ((), "Ed25519", "Ed25519"),
        ((), "EdDSA", "EdDSA"),
        (("RS256", "EdDSA"), "RS256", "RS256"),
    ],
)
def test_D14_of_the_two_names_of_ed25519_the_listed_one_is_used(
    listed: tuple[str, ...], asked: str, used: str
) -> None:
    profile = replace(DISCOVERED, assertion_alg=asked, server=replace(FACTS, signing_algs=listed))
    assert chosen_alg(profile) == used
    assert assertion_terms(profile).alg == used


def test_D14_a_list_of_another_endpoint_does_not_count() -> None:
    elsewhere = replace(DISCOVERED, assertion_alg="Ed25519", token_endpoint="https://other.example/t")
    assert chosen_alg(elsewhere) == "Ed25519"
    typed = replace(DISCOVERED, assertion_alg="Ed25519", endpoint_source=EndpointSource.TYPED)
    assert chosen_alg(typed) == "Ed25519"


def test_nothing_chosen_means_rs256_for_a_key_and_hs256_for_a_secret() -> None:
    assert chosen_alg(by(AuthMethod.PRIVATE_KEY_JWT)) == "RS256"
    assert chosen_alg(by(SECRET_JWT)) == "HS256"
    assert chosen_alg(by(SECRET_JWT, assertion_alg="HS512")) == "HS512"


@pytest.mark.parametrize(("method", "alg"), [(SECRET_JWT, "ES256"), (AuthMethod.PRIVATE_KEY_JWT, "HS256")])
def test_D12_an_algorithm_of_the_other_method_is_an_error(method: AuthMethod, alg: str) -> None:
    [finding] = check_profile(by(method, assertion_alg=alg), secret_present=True)
    assert (finding.field, finding.severity) == ("assertion_alg", Severity.ERROR)
    assert f"{alg} does not sign with" in finding.problem
    assert algs_of(method)[0] in finding.remedy


# x5t#S256


def test_D16_x5t_comes_from_the_certificate_named_or_from_the_key_s_own_file() -> None:
    client = issue()
    bundled = load_signing_key(Secret((client.pem() + client.key_pem()).decode()))
    digest = base64.urlsafe_b64encode(hashlib.sha256(client.der()).digest()).rstrip(b"=").decode()
    terms = replace(TERMS, alg="ES256")
    own = sign_client_assertion(terms, key=bundled, now=EPOCH, jti="j")
    assert own.header == {"alg": "ES256", "typ": "JWT", "kid": bundled.thumbprint, "x5t#S256": digest}
    named = sign_client_assertion(replace(terms, x5t="t" * 43), key=bundled, now=EPOCH, jti="j")
    assert json.loads(parts(named.jwt)[0])["x5t#S256"] == "t" * 43
    plain = sign_client_assertion(terms, key=signing_key("P-256"), now=EPOCH, jti="j")
    assert "x5t#S256" not in plain.header


# Certificates and nothing at all


@pytest.mark.parametrize("method", [*BY_CERTIFICATE, AuthMethod.NONE])
def test_F1_the_client_id_stands_in_the_body_and_nothing_else_is_added(method: AuthMethod) -> None:
    authentication = ClientIdOnly("app", method)
    assert [(pair.name, pair.value) for pair in authentication.parameters()] == [("client_id", "app")]
    assert (authentication.headers(), authentication.assertion) == ((), None)
    with pytest.raises(InputProblem):
        ClientIdOnly(" ", method)


def test_a_method_that_needs_more_than_an_id_is_not_made_from_one() -> None:
    for method in AuthMethod:
        if method.signs or method.uses_secret:
            with pytest.raises(ValueError, match="needs more"):
                ClientIdOnly("app", method)


@pytest.mark.parametrize("method", AuthMethod)
@pytest.mark.parametrize("enabled", [False, True])
def test_F2_the_alias_is_for_requests_with_a_certificate_only(method: AuthMethod, enabled: bool) -> None:
    profile = by(method, mtls=MutualTls(enabled, "client.pem"))
    presents = enabled or method.uses_certificate
    assert profile.client_tls.enabled is presents
    assert profile.request_endpoint == (ALIAS if presents else ENDPOINT)
    without = replace(profile, server=replace(FACTS, mtls_token_endpoint=""))
    assert without.request_endpoint == ENDPOINT
    stale = replace(profile, token_endpoint="https://other.example/t")
    assert stale.request_endpoint == "https://other.example/t"


def test_E7_F2_an_alias_on_another_host_is_used_only_when_the_user_confirmed_it() -> None:
    unasked = by(AuthMethod.TLS_CLIENT_AUTH, endpoint_consent=EndpointConsent())
    assert unconfirmed_origin(unasked) == "https://mtls.as.example"
    [finding] = check_profile(unasked, secret_present=False)
    assert (finding.field, finding.severity) == ("token_endpoint", Severity.WARNING)
    assert "https://mtls.as.example" in finding.problem
    assert unconfirmed_origin(by(AuthMethod.TLS_CLIENT_AUTH)) == ""
    assert unconfirmed_origin(by(AuthMethod.NONE, endpoint_consent=EndpointConsent())) == ""


def test_F2_metadata_carries_the_alias_into_the_profile() -> None:
    metadata = ServerMetadata(
        "https://as.example",
        ENDPOINT,
        signing_algs=FACTS.signing_algs,
        mtls_token_endpoint=ALIAS,
        certificate_bound_tokens=True,
    )
    profile = with_metadata(Profile(auth_method=AuthMethod.TLS_CLIENT_AUTH), metadata)
    assert profile.server_facts == FACTS
    assert profile.request_endpoint == ALIAS


def test_D3_F2_an_assertion_to_the_alias_is_addressed_to_nobody_else() -> None:
    """Metadata with a victim's token endpoint and its own alias must not get an assertion for the victim."""
    profile = by(AuthMethod.PRIVATE_KEY_JWT, mtls=MutualTls(True, "client.pem"))
    assert assertion_terms(profile).audience == "https://as.example"
    at_endpoint = replace(profile, assertion_audience=AssertionAudience.TOKEN_ENDPOINT)
    assert assertion_terms(at_endpoint).audience == ALIAS
    typed = replace(profile, assertion_audience=ENDPOINT)
    assert any(f.field == "assertion_audience" for f in check_profile(typed, secret_present=True))


@pytest.mark.parametrize("method", BY_CERTIFICATE)
def test_F3_a_method_by_certificate_asks_for_one(method: AuthMethod) -> None:
    assert check_profile(by(method), secret_present=False) == ()
    [finding] = check_profile(by(method, mtls=MutualTls()), secret_present=False)
    assert (finding.field, finding.severity) == ("mtls", Severity.ERROR)
    assert method in finding.problem
    plain = replace(
        by(method), token_endpoint="http://127.0.0.1/t", endpoint_mode=EndpointMode.MANUAL, issuer=""
    )
    assert any("never sent" in f.problem for f in check_profile(plain, secret_present=False))


@pytest.mark.parametrize(
    "reference", ["-----BEGIN PRIVATE KEY-----", '{"kty":"EC"}', "keyring:", "env:", "env:1x"]
)
def test_a_bad_reference_is_told_wherever_it_stands(reference: str) -> None:
    for profile in (
        by(AuthMethod.TLS_CLIENT_AUTH, mtls=MutualTls(True, reference)),
        by(AuthMethod.TLS_CLIENT_AUTH, mtls=MutualTls(True, "c.pem", reference)),
        by(AuthMethod.PRIVATE_KEY_JWT, assertion_certificate=reference),
        by(AuthMethod.PRIVATE_KEY_JWT, key_reference=reference),
    ):
        [finding] = check_profile(profile, secret_present=False)
        assert finding.severity is Severity.ERROR
        assert finding.remedy
        assert "BEGIN" not in finding.problem


def test_none_is_warned_of_and_needs_no_credential() -> None:
    [finding] = check_profile(by(AuthMethod.NONE), secret_present=False)
    assert (finding.field, finding.severity) == ("auth_method", Severity.WARNING)


def curl_of(mtls: MutualTls) -> str:
    profile = by(AuthMethod.TLS_CLIENT_AUTH, mtls=mtls)
    authentication = ClientIdOnly("app", profile.auth_method)
    return as_curl(
        assemble_token_request(
            profile=profile, authentication=authentication, scope_text="", user_agent="ccflow/1"
        )
    )


@pytest.mark.parametrize(
    ("mtls", "options"),
    [
        (MutualTls(cert_ref="c.pem", key_ref="it's k.pem"), ["--cert", "c.pem", "--key", "it's k.pem"]),
        (MutualTls(cert_ref="C:\\a b.pem"), ["--cert", "C\\:\\\\a b.pem"]),
        (MutualTls(cert_ref="c.P12"), ["--cert-type", "P12", "--cert", "c.P12"]),
        (MutualTls(cert_ref="~/c.pem"), ["--cert", "$HOME/c.pem"]),
        (
            MutualTls(cert_ref="keyring:c", key_ref="env:K"),
            ["--cert", "$CLIENT_CERTIFICATE", "--key", "$CLIENT_KEY"],
        ),
    ],
)
def test_the_copied_command_presents_the_certificate(mtls: MutualTls, options: list[str]) -> None:
    words = shlex.split(curl_of(mtls))
    assert [word for word in words if word != "\n"][-len(options) :] == options
    assert words[1] == ALIAS


# Advice


@pytest.mark.parametrize(
    ("method", "said", "field", "words"),
    [
        (SECRET_JWT, "signature verification failed", "client_secret", "secret again"),
        (SECRET_JWT, "jti was used", "", "Retry signs a new one"),
        (SECRET_JWT, "alg HS256 not allowed", "assertion_alg", "HS256"),
        (SECRET_JWT, "", "client_secret", "client secret again"),
        (
            AuthMethod.TLS_CLIENT_AUTH,
            "client certificate was not provided",
            "issuer",
            "saw no client certificate",
        ),
        (AuthMethod.TLS_CLIENT_AUTH, "certificate subject does not match", "mtls", "Compare its subject"),
        (AuthMethod.TLS_CLIENT_AUTH, "", "mtls", "the server trusts its issuer"),
        (AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH, "", "mtls", "this very certificate is registered"),
        (AuthMethod.NONE, "", "auth_method", "none proves nothing"),
        (AuthMethod.NONE, "a certificate is required", "mtls", "wants a client certificate"),
    ],
)
def test_a_refusal_is_explained_by_method(method: AuthMethod, said: str, field: str, words: str) -> None:
    advice = refusal("invalid_client", by(method), said)
    assert advice.field == field
    assert words in advice.what_to_do[0]
    assert "key_reference" not in advice.field


def test_D14_a_refused_ed25519_assertion_hints_at_the_other_name() -> None:
    advice = refusal("invalid_client", by(AuthMethod.PRIVATE_KEY_JWT, assertion_alg="EdDSA"), "")
    assert any("says EdDSA; try the other" in remedy for remedy in advice.what_to_do)


def test_L1_an_hmac_assertion_is_masked() -> None:
    assertion = sign_client_assertion(TERMS, key=secret_key(SECRET), now=EPOCH, jti="j")
    assert isinstance(assertion, ClientAssertion)
    assert assertion.jwt.reveal()[:30] not in repr(AssertionAuthentication("app", assertion, SECRET_JWT))

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.demo.client_assertion import ReplayGuard
from ccflow_tui.models.profile import AuthMethod
from tests.support.demo_server import (
    ASSERTION_TYPE,
    Reply,
    assertion_fields,
    basic,
    claims_for,
    post_form,
    profile_named,
    running_demo,
    sign,
)

GRANT = ("grant_type", "client_credentials")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


def post(demo: DemoInfo, *fields: tuple[str, str], headers: dict[str, str] | None = None) -> Reply:
    return post_form(demo.token_endpoint, [GRANT, *fields], headers)


def assert_jwt(
    demo: DemoInfo, *, name: str = "demo", header: dict[str, Any] | None = None, **changes: Any
) -> Reply:
    profile = profile_named(demo, name)
    return post(demo, *assertion_fields(sign(demo, profile, claims_for(profile, **changes), header)))


def test_client_secret_jwt_is_its_own_method_told_by_its_algorithm(demo: DemoInfo) -> None:
    assert assert_jwt(demo, name="demo-secret-jwt").status == 200
    profile = profile_named(demo, "demo-secret-jwt")
    theirs = replace(profile_named(demo, "demo"), auth_method=AuthMethod.CLIENT_SECRET_JWT, name=profile.name)
    signed_by_another = sign(demo, replace(theirs, assertion_alg="HS256"), claims_for(theirs))
    reply = post(demo, *assertion_fields(signed_by_another))
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")
    assert "Unsupported authentication method" in reply.json["error_description"]
    claims = claims_for(profile)
    wrong = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("x" * 32))
    assert post(demo, *assertion_fields(wrong)).status == 401
    longer = jwt.encode(
        {"alg": "HS512"}, claims, OctKey.import_key(demo.secrets[profile.name].reveal()), ["HS512"]
    )
    assert post(demo, *assertion_fields(longer)).status == 401, "registered for HS256 only"


@pytest.mark.parametrize("assertion", ["", "x", "W10.e30.s", "!!!.e30.s", "eyJhIjox.e30.s"])
def test_an_assertion_that_is_none_is_refused_without_a_crash(demo: DemoInfo, assertion: str) -> None:
    reply = post(demo, *assertion_fields(assertion))
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def raw_basic(pair: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def test_A1_basic_credentials_are_form_decoded(demo: DemoInfo) -> None:
    secret = demo.secrets["demo-basic"].reveal()

    assert set("%+:/ &=") <= set(secret)  # so that only a right encoding can match
    assert post(demo, headers=basic("demo-basic", secret)).status == 200


def test_A1_plus_means_space_in_basic_credentials(demo: DemoInfo) -> None:
    header = basic("demo-basic", demo.secrets["demo-basic"].reveal())["Authorization"]
    pair = base64.b64decode(header.removeprefix("Basic ")).decode().replace("%20", "+")

    assert (
        post(demo, headers={"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}).status
        == 200
    )


def test_A1_raw_basic_credentials_do_not_match(demo: DemoInfo) -> None:
    pair = f"demo-basic:{demo.secrets['demo-basic'].reveal()}"
    reply = post(demo, headers=raw_basic(pair))

    assert reply.error == (401, "invalid_client")


def test_B9_invalid_client_carries_a_basic_challenge(demo: DemoInfo) -> None:
    reply = post(demo, headers=basic("demo-basic", "wrong"))

    assert reply.error == (401, "invalid_client")
    assert reply.headers.get_all("WWW-Authenticate") == ['Basic realm="ccflow demo", charset="UTF-8"']


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic 4pyT", "Basic /w==", "Bearer abc", "Digest x"])
def test_malformed_or_foreign_authorization_headers_are_refused(demo: DemoInfo, header: str) -> None:
    assert post(demo, headers={"Authorization": header}).error == (401, "invalid_client")


def test_unknown_client_and_wrong_secret_read_the_same(demo: DemoInfo) -> None:
    unknown = post(demo, headers=basic("nobody", "x")).json["error_description"]
    wrong = post(demo, headers=basic("demo-basic", "x")).json["error_description"]

    assert unknown.partition("(")[0] == wrong.partition("(")[0]


def test_no_credentials_at_all_is_invalid_client(demo: DemoInfo) -> None:
    assert post(demo).error == (401, "invalid_client")
    assert post(demo, ("client_id", "demo-post")).error == (401, "invalid_client")


def test_a_secret_without_client_id_is_an_invalid_request(demo: DemoInfo) -> None:
    assert post(demo, ("client_secret", "x")).error == (400, "invalid_request")


def test_A6_more_than_one_method_is_an_invalid_request(demo: DemoInfo) -> None:
    header = basic("demo-basic", demo.secrets["demo-basic"].reveal())
    secret = demo.secrets["demo-post"].reveal()
    as_post = (("client_id", "demo-post"), ("client_secret", secret))

    assert post(demo, *as_post, headers=header).error == (400, "invalid_request")
    assert post(demo, *as_post, ("client_assertion", "x")).error == (400, "invalid_request")


def test_client_id_in_the_body_must_agree_with_the_header(demo: DemoInfo) -> None:
    header = basic("demo-basic", demo.secrets["demo-basic"].reveal())

    assert post(demo, ("client_id", "demo-basic"), headers=header).status == 200
    assert post(demo, ("client_id", "demo-post"), headers=header).error == (400, "invalid_request")


def test_a_client_registered_for_a_secret_cannot_use_an_assertion(demo: DemoInfo) -> None:
    reply = assert_jwt(demo, iss="demo-post", sub="demo-post")

    assert reply.error == (401, "invalid_client")
    assert reply.json["error_description"].startswith("Request denied: Unsupported authentication method")


@pytest.mark.parametrize("audience", ["issuer", "token_endpoint"])
@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt"])
def test_D2_issuer_and_token_endpoint_are_accepted_as_audience(
    demo: DemoInfo, audience: str, typ: str
) -> None:
    assert assert_jwt(demo, header={"typ": typ}, aud=getattr(demo, audience)).status == 200


def test_D16_the_key_id_is_the_thumbprint(demo: DemoInfo) -> None:
    thumbprint = RSAKey.import_key(demo.keys["demo-rs256"].reveal()).thumbprint()

    assert assert_jwt(demo, header={"kid": thumbprint}).status == 200
    assert assert_jwt(demo, header={"kid": "another"}).error == (401, "invalid_client")


@dataclass(frozen=True)
class Ahead:
    """A time relative to when the test runs, so that the name of the test does not change."""

    seconds: int


BAD_CLAIMS: list[dict[str, Any]] = [
    {"aud": "https://elsewhere.example"},
    {"aud": None},
    {"aud": 7},
    {"iss": "demo-post"},
    {"iss": None},
    {"sub": "demo-post"},
    {"sub": None},
    {"sub": ["demo-jwt-rs256"]},
    {"sub": "nobody", "iss": "nobody"},
    {"exp": Ahead(-60)},
    {"exp": Ahead(3600)},
    {"exp": "soon"},
    {"exp": None},
    {"iat": Ahead(3600)},
    {"nbf": Ahead(3600)},
    {"jti": None},
    {"jti": 7},
    {"jti": ""},
]


@pytest.mark.parametrize("changes", BAD_CLAIMS, ids=str)
def test_D1_bad_claims_are_refused(demo: DemoInfo, changes: dict[str, Any]) -> None:
    now = int(time.time())
    claims: dict[str, Any] = {
        name: now + value.seconds if isinstance(value, Ahead) else value for name, value in changes.items()
    }

    assert assert_jwt(demo, **claims).error == (401, "invalid_client")


def test_D2_an_array_of_audiences_is_refused(demo: DemoInfo) -> None:
    reply = assert_jwt(demo, aud=[demo.issuer])

    assert reply.error == (401, "invalid_client")
    assert "must be one string" in reply.json["error_description"]


def test_D5_exp_may_be_at_most_five_minutes_ahead(demo: DemoInfo) -> None:
    assert assert_jwt(demo, exp=int(time.time()) + 299).status == 200
    assert "300 seconds ahead" in assert_jwt(demo, exp=int(time.time()) + 330).json["error_description"]


def test_D4_another_type_of_token_is_no_assertion(demo: DemoInfo) -> None:
    assert assert_jwt(demo, header={"typ": "at+jwt"}).error == (401, "invalid_client")


def test_D9_an_assertion_is_used_once(demo: DemoInfo) -> None:
    profile = profile_named(demo, "demo")
    fields = assertion_fields(sign(demo, profile, claims_for(profile)))

    assert post(demo, *fields).status == 200
    replay = post(demo, *fields)
    assert replay.error == (401, "invalid_client")
    assert "used before" in replay.json["error_description"]


def test_D9_a_refused_assertion_is_spent_only_when_it_was_valid(demo: DemoInfo) -> None:
    jti = "chosen-once"

    assert assert_jwt(demo, jti=jti, aud="https://elsewhere.example").status == 401
    assert assert_jwt(demo, jti=jti).status == 200
    assert assert_jwt(demo, jti=jti).status == 401


def test_D12_another_algorithm_than_the_registered_one_is_refused(demo: DemoInfo) -> None:
    assert assert_jwt(demo, header={"alg": "PS256"}).error == (401, "invalid_client")
    assert assert_jwt(demo, header={"alg": "RS512"}).error == (401, "invalid_client")


def forge(header: dict[str, Any], claims: dict[str, Any], mac_key: bytes | None) -> str:
    """Put a JWT together by hand: joserfc would not."""

    def b64(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(hmac.digest(mac_key, signed.encode(), 'sha256')) if mac_key else ''}"


def test_D13_none_and_hmac_with_the_public_key_are_refused(demo: DemoInfo) -> None:
    profile = profile_named(demo, "demo")
    public = RSAKey.import_key(demo.keys["demo-rs256"].reveal()).as_pem(private=False)
    unsigned = forge({"alg": "none"}, claims_for(profile), None)
    confused = forge({"alg": "HS256"}, claims_for(profile), public)

    assert post(demo, *assertion_fields(unsigned)).error == (401, "invalid_client")
    assert post(demo, *assertion_fields(confused)).error == (401, "invalid_client")


def test_a_broken_signature_is_refused(demo: DemoInfo) -> None:
    profile = profile_named(demo, "demo-jwt-es256")
    head, _, signature = sign(demo, profile, claims_for(profile)).rpartition(".")
    broken = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]

    assert post(demo, *assertion_fields(f"{head}.{broken}")).error == (401, "invalid_client")


def test_another_clients_key_does_not_sign_for_this_one(demo: DemoInfo) -> None:
    es256 = profile_named(demo, "demo-jwt-es256")
    forged = sign(demo, es256, claims_for(profile_named(demo, "demo")))

    assert post(demo, *assertion_fields(forged)).error == (401, "invalid_client")


def test_D7_client_id_must_equal_the_subject(demo: DemoInfo) -> None:
    profile = profile_named(demo, "demo")
    fields = assertion_fields(sign(demo, profile, claims_for(profile)))

    assert post(demo, *fields, ("client_id", "demo-post")).error == (401, "invalid_client")


def test_D7_the_assertion_type_is_needed_and_must_be_the_urn(demo: DemoInfo) -> None:
    profile = profile_named(demo, "demo")
    assertion = ("client_assertion", sign(demo, profile, claims_for(profile)))

    assert post(demo, assertion).error == (401, "invalid_client")
    assert post(demo, assertion, ("client_assertion_type", "jwt")).error == (401, "invalid_client")
    assert post(demo, ("client_assertion_type", ASSERTION_TYPE)).error == (401, "invalid_client")


@pytest.mark.parametrize("text", ["x", "a.b.c", "..", "e30.e30.", "é.é.é", "." * 50])
def test_text_that_is_no_jwt_is_refused(demo: DemoInfo, text: str) -> None:
    assert post(demo, *assertion_fields(text)).error == (401, "invalid_client")


def test_a_deeply_nested_payload_is_refused(demo: DemoInfo) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 30_000).decode()

    assert post(demo, *assertion_fields(f"eyJhbGciOiJSUzI1NiJ9.{deep}.AAAA")).error == (401, "invalid_client")


def test_the_replay_guard_forgets_what_has_expired() -> None:
    guard = ReplayGuard()

    assert guard.first_use("client", "1", expires_at=100.0, now=50.0)
    assert not guard.first_use("client", "1", expires_at=100.0, now=99.0)
    assert guard.first_use("other", "1", expires_at=100.0, now=99.0)
    assert guard.first_use("client", "1", expires_at=200.0, now=101.0)

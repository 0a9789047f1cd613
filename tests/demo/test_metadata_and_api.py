from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.demo.api import USER_COUNT
from tests.support.demo_server import Reply, bearer, profile_named, request_token, running_demo, send


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


def token(demo: DemoInfo, name: str = "demo", *more: tuple[str, str], scope: str | None = None) -> str:
    value: str = request_token(demo, name, *more, scope=scope).json["access_token"]
    return value


def call(demo: DemoInfo, access_token: str, path: str = "", method: str = "GET") -> Reply:
    return send(method, demo.api_base + path, headers=bearer(access_token))


def oauth_well_known(demo: DemoInfo) -> str:
    origin, _, path = demo.issuer.partition(f"/{demo.environment_id}")
    return f"{origin}/.well-known/oauth-authorization-server/{demo.environment_id}{path}"


def test_E1_E2_both_well_known_documents_say_the_same(demo: DemoInfo) -> None:
    oidc = send("GET", f"{demo.issuer}/.well-known/openid-configuration")
    oauth = send("GET", oauth_well_known(demo))

    assert oidc.status == oauth.status == 200
    assert oidc.headers["Content-Type"] == oauth.headers["Content-Type"] == "application/json"
    assert oidc.json == oauth.json


def test_E4_the_metadata_names_issuer_endpoint_and_methods(demo: DemoInfo) -> None:
    document = send("GET", oauth_well_known(demo)).json

    assert document["issuer"] == demo.issuer
    assert document["token_endpoint"] == demo.token_endpoint
    assert document["grant_types_supported"] == ["client_credentials"]
    assert set(document["token_endpoint_auth_methods_supported"]) == {
        "private_key_jwt",
        "client_secret_jwt",
        "client_secret_basic",
        "client_secret_post",
    }
    assert document["token_endpoint_auth_signing_alg_values_supported"] == ["RS256", "ES256", "HS256"]
    assert document["scopes_supported"] == ["environment:read", "users:read"]


def test_metadata_can_only_be_read(demo: DemoInfo) -> None:
    reply = send("POST", oauth_well_known(demo))

    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")


def key_set(demo: DemoInfo) -> KeySet:
    uri = send("GET", oauth_well_known(demo)).json["jwks_uri"]
    return KeySet.import_key_set(send("GET", uri).json)


def test_G9_tokens_verify_against_the_published_key_set(demo: DemoInfo) -> None:
    before = int(time.time())
    decoded = jwt.decode(token(demo), key_set(demo), algorithms=["RS256"])

    assert decoded.header["typ"] == "at+jwt"
    assert decoded.header["kid"] == send("GET", f"{demo.issuer}/jwks").json["keys"][0]["kid"]
    claims = decoded.claims
    assert claims["iss"] == demo.issuer
    assert claims["sub"] == claims["client_id"] == "demo-jwt-rs256"
    assert claims["aud"] == demo.api_base.partition("/environments")[0]
    assert claims["exp"] - claims["iat"] == 3600
    assert before <= claims["iat"] <= time.time()
    assert claims["scope"] == "environment:read users:read"
    assert claims["jti"]


def test_G9_the_audience_is_what_was_asked_for(demo: DemoInfo) -> None:
    decoded = jwt.decode(token(demo, "demo-jwt-es256"), key_set(demo))

    assert decoded.claims["aud"] == list(profile_named(demo, "demo-jwt-es256").resources)


def test_D18_the_key_set_holds_public_members_only(demo: DemoInfo) -> None:
    keys = send("GET", f"{demo.issuer}/jwks").json["keys"]

    assert [set(key) for key in keys] == [{"kty", "n", "e", "kid", "alg", "use"}]


def test_the_clients_key_does_not_sign_access_tokens(demo: DemoInfo) -> None:
    client = RSAKey.import_key(demo.keys["demo-rs256"].reveal())

    assert client.thumbprint() != send("GET", f"{demo.issuer}/jwks").json["keys"][0]["kid"]


@pytest.mark.parametrize(
    "name", ["demo", "demo-jwt-es256", "demo-secret-jwt", "demo-basic", "demo-post", "demo-opaque"]
)
def test_the_api_answers_with_the_environment_in_pingones_shape(demo: DemoInfo, name: str) -> None:
    reply = call(demo, token(demo, name))

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/hal+json;charset=UTF-8"
    assert reply.json["id"] == demo.environment_id
    assert reply.json["_links"]["self"]["href"] == demo.api_base


def test_opaque_tokens_are_opaque(demo: DemoInfo) -> None:
    assert "." not in token(demo, "demo-opaque")


def test_the_user_list_honours_its_limit(demo: DemoInfo) -> None:
    access_token = token(demo)
    ten = call(demo, access_token, "/users?limit=10").json
    everyone = call(demo, access_token, "/users").json

    assert (ten["size"], ten["count"], len(ten["_embedded"]["users"])) == (10, USER_COUNT, 10)
    assert everyone["size"] == USER_COUNT
    assert len({user["id"] for user in everyone["_embedded"]["users"]}) == USER_COUNT


@pytest.mark.parametrize("limit", ["-1", "ten", "1000", "%D9%A3", ""])
def test_a_bad_limit_is_invalid_data(demo: DemoInfo, limit: str) -> None:
    reply = call(demo, token(demo), f"/users?limit={limit}")

    assert (reply.status, reply.json["code"]) == (400, "INVALID_DATA")


def test_G4_without_a_token_the_challenge_names_no_error(demo: DemoInfo) -> None:
    reply = send("GET", demo.api_base)

    assert (reply.status, reply.json["code"]) == (401, "INVALID_TOKEN")
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="ccflow demo API"'
    assert set(reply.json) == {"id", "code", "message"}


def test_G4_a_token_without_the_scope_is_insufficient(demo: DemoInfo) -> None:
    reply = call(demo, token(demo, "fail-api"))

    assert (reply.status, reply.json["code"]) == (403, "ACCESS_FAILED")
    challenge = 'Bearer realm="ccflow demo API", error="insufficient_scope", scope="environment:read"'
    assert reply.headers["WWW-Authenticate"] == challenge
    assert call(demo, token(demo, "fail-api"), "/users").status == 200


def test_G4_an_opaque_token_without_the_scope_is_insufficient(demo: DemoInfo) -> None:
    assert call(demo, token(demo, "demo-opaque", scope="users:read")).status == 403


def test_G9_a_token_for_another_audience_is_refused(demo: DemoInfo) -> None:
    reports = profile_named(demo, "demo-jwt-es256").resources[1]

    for name in ("demo", "demo-opaque"):
        reply = call(demo, token(demo, name, ("resource", reports)))
        assert (reply.status, reply.json["code"]) == (401, "INVALID_TOKEN")
        assert 'error="invalid_token"' in reply.headers["WWW-Authenticate"]


@pytest.mark.parametrize("bad", ["x", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "W10.W10.W10"])
def test_G11_text_that_is_no_token_is_refused(demo: DemoInfo, bad: str) -> None:
    assert call(demo, bad).status == 401


@pytest.mark.parametrize("header", [b"[" * 30_000, b'{"alg":"RS256","crit":1}', b'{"alg":["RS256"]}'])
def test_G11_a_token_with_an_odd_header_is_refused(demo: DemoInfo, header: bytes) -> None:
    odd = base64.urlsafe_b64encode(header).decode().rstrip("=")

    assert call(demo, f"{odd}.e30.AAAA").status == 401


def test_another_scheme_is_refused(demo: DemoInfo) -> None:
    assert send("GET", demo.api_base, headers={"Authorization": "Basic eDp5"}).status == 401
    assert send("GET", demo.api_base, headers={"Authorization": "Bearer"}).status == 401


def test_a_changed_token_is_refused(demo: DemoInfo) -> None:
    head, payload, signature = token(demo).split(".")
    middle = len(signature) // 2
    swapped = "A" if signature[middle] != "A" else "B"

    changed = f"{head}.{payload}.{signature[:middle]}{swapped}{signature[middle + 1 :]}"
    assert call(demo, changed).status == 401


def test_expired_tokens_are_refused(demo: DemoInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    signed, opaque = token(demo), token(demo, "demo-opaque")
    assert call(demo, signed).status == call(demo, opaque).status == 200

    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3601)

    assert call(demo, signed).status == call(demo, opaque).status == 401


def signed_by_the_server(demo: DemoInfo, claims: dict[str, Any], typ: str | None) -> str:
    """Sign with the key of a service that this test owns."""
    from ccflow_tui.demo.access_tokens import AccessTokenValidator, OpaqueTokens, RevokedTokens
    from ccflow_tui.demo.keys import DemoKeys

    keys = DemoKeys()
    validator = AccessTokenValidator(
        "https://as.example", "https://api.example", keys, OpaqueTokens(), RevokedTokens()
    )
    text = jwt.encode({"alg": "RS256"}, claims, keys.signing.private_set, default_type=typ)
    validator.validate_token(validator.authenticate_token(text), ["read"], None)
    return text


GOOD = {
    "iss": "https://as.example",
    "aud": "https://api.example",
    "sub": "c",
    "client_id": "c",
    "exp": int(time.time()) + 600,
    "iat": int(time.time()),
    "jti": "1",
    "scope": "read",
}


@pytest.mark.parametrize(
    ("change", "typ"),
    [
        ({}, None),
        ({}, "JWT"),
        ({"iss": "https://other.example"}, "at+jwt"),
        ({"aud": "https://other.example"}, "at+jwt"),
        ({"aud": ["https://other.example"]}, "at+jwt"),
        ({"exp": 1}, "at+jwt"),
        ({"exp": None}, "at+jwt"),
        ({"jti": None}, "at+jwt"),
    ],
    ids=str,
)
def test_G9_tokens_of_the_wrong_make_are_refused(
    demo: DemoInfo, change: dict[str, Any], typ: str | None
) -> None:
    from authlib.oauth2.rfc6750 import InvalidTokenError

    claims = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    with pytest.raises(InvalidTokenError):
        signed_by_the_server(demo, claims, typ)


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "AT+JWT"])
def test_G9_tokens_of_the_right_make_are_accepted(demo: DemoInfo, typ: str) -> None:
    assert signed_by_the_server(demo, dict(GOOD), typ)


def test_unknown_resources_are_told_to_those_with_a_token_only(demo: DemoInfo) -> None:
    other = demo.api_base.replace(demo.environment_id, "00000000-0000-0000-0000-000000000000")

    assert send("GET", other).status == 401
    reply = send("GET", other, headers=bearer(token(demo)))
    assert (reply.status, reply.json["code"]) == (404, "NOT_FOUND")


def test_the_api_can_only_be_read(demo: DemoInfo) -> None:
    reply = call(demo, token(demo), method="DELETE")

    assert (reply.status, reply.json["code"], reply.headers["Allow"]) == (405, "INVALID_REQUEST", "GET, HEAD")

"""Introspection and revocation at the demo server, asked by a plain client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.models.profile import AuthMethod
from tests.support.demo_server import (
    Reply,
    assertion_fields,
    basic,
    bearer,
    claims_for,
    post_form,
    profile_named,
    request_token,
    running_demo,
    send,
    sign,
)

SIGNED, OPAQUE = "demo-post", "demo-opaque"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


def token(demo: DemoInfo, name: str) -> str:
    value: str = request_token(demo, name).json["access_token"]
    return value


def ask(demo: DemoInfo, endpoint: str, name: str, *fields: tuple[str, str]) -> Reply:
    """POST as the client of a profile, by the method that it is registered for."""
    profile = profile_named(demo, name)
    url = f"{demo.issuer}/{endpoint}"
    if profile.auth_method is AuthMethod.PRIVATE_KEY_JWT:
        return post_form(url, [*fields, *assertion_fields(sign(demo, profile, claims_for(profile)))])
    secret = demo.secrets[name].reveal()
    if profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC:
        return post_form(url, fields, basic(profile.client_id, secret))
    return post_form(url, [*fields, ("client_id", profile.client_id), ("client_secret", secret)])


@pytest.mark.parametrize("name", ["demo", "demo-basic", "demo-jwt-es256", SIGNED, OPAQUE])
def test_G7_a_client_learns_about_its_own_token(demo: DemoInfo, name: str) -> None:
    reply = ask(demo, "introspect", name, ("token", token(demo, name)), ("token_type_hint", "access_token"))
    assert reply.status == 200
    said = reply.json
    assert (said["active"], said["token_type"], said["iss"]) == (True, "Bearer", demo.issuer)
    assert said["client_id"] == profile_named(demo, name).client_id
    assert said["scope"] == "environment:read users:read"
    assert said["exp"] - said["iat"] == 3600


@pytest.mark.parametrize("value", ["unknown", "a.b.c", "", "é"])
def test_G7_of_an_unknown_token_it_learns_nothing(demo: DemoInfo, value: str) -> None:
    reply = ask(demo, "introspect", SIGNED, ("token", value))
    expected = (400, {"error"}) if not value else (200, {"active"})
    assert (reply.status, set(reply.json) - {"error_description"}) == expected


def test_G7_of_another_clients_token_it_learns_nothing(demo: DemoInfo) -> None:
    assert ask(demo, "introspect", OPAQUE, ("token", token(demo, SIGNED))).json == {"active": False}


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_G7_G8_nobody_asks_unauthenticated(demo: DemoInfo, endpoint: str) -> None:
    url = f"{demo.issuer}/{endpoint}"
    assert post_form(url, [("token", "x")]).error == (401, "invalid_client")
    assert post_form(url, [("token", "x"), ("token", "y")]).error == (400, "invalid_request")
    assert send("GET", url).status == 405


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
def test_G8_a_hint_that_nobody_knows_is_told(demo: DemoInfo, endpoint: str) -> None:
    reply = ask(demo, endpoint, SIGNED, ("token", "x"), ("token_type_hint", "pac_token"))
    assert reply.error == (400, "unsupported_token_type")


@pytest.mark.parametrize("name", [SIGNED, OPAQUE])
def test_G8_a_revoked_token_is_inactive_and_refused(demo: DemoInfo, name: str) -> None:
    value, other = token(demo, name), token(demo, name)
    assert send("GET", demo.api_base, headers=bearer(value)).status == 200
    assert ask(demo, "revoke", name, ("token", value)).status == 200
    assert ask(demo, "introspect", name, ("token", value)).json == {"active": False}
    refusal = send("GET", demo.api_base, headers=bearer(value))
    assert refusal.status == 401
    assert 'error="invalid_token"' in refusal.headers["WWW-Authenticate"]
    assert send("GET", demo.api_base, headers=bearer(other)).status == 200


def test_G8_an_unknown_token_is_as_good_as_revoked(demo: DemoInfo) -> None:
    assert ask(demo, "revoke", SIGNED, ("token", "unknown")).status == 200


def test_G8_another_clients_token_cannot_be_revoked(demo: DemoInfo) -> None:
    value = token(demo, SIGNED)
    assert ask(demo, "revoke", OPAQUE, ("token", value)).error == (400, "invalid_grant")
    assert send("GET", demo.api_base, headers=bearer(value)).status == 200


def test_G7_the_metadata_names_both_endpoints(demo: DemoInfo) -> None:
    document = send("GET", f"{demo.issuer}/.well-known/openid-configuration").json
    assert document["introspection_endpoint"] == f"{demo.issuer}/introspect"
    assert document["revocation_endpoint"] == f"{demo.issuer}/revoke"
    methods = document["token_endpoint_auth_methods_supported"]
    assert document["introspection_endpoint_auth_methods_supported"] == methods
    assert document["revocation_endpoint_auth_methods_supported"] == methods

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccflow_tui.demo.announcement import DemoInfo
from tests.support.demo_server import (
    FORM,
    assertion_fields,
    claims_for,
    post_form,
    profile_named,
    running_demo,
    send,
    sign,
)

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = ("grant_type", "scope", "resource", "audience", "client_id", "client_secret", "client_assertion")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CLAIM = st.sampled_from(("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "typ", ""))


def b64(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


@QUICK
@given(fields=st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=12)), max_size=6))
def test_any_form_gets_an_oauth_error(demo: DemoInfo, fields: list[tuple[str, str]]) -> None:
    reply = post_form(demo.token_endpoint, [("grant_type", "client_credentials"), *fields])

    assert reply.status in {400, 401}
    assert reply.json["error"].isascii()


@QUICK
@given(body=st.binary(max_size=200))
def test_any_bytes_get_an_oauth_error(demo: DemoInfo, body: bytes) -> None:
    reply = send("POST", demo.token_endpoint, body=body, headers={"Content-Type": FORM})

    assert reply.status in {400, 401}
    assert reply.json["error"]


@QUICK
@given(header=st.dictionaries(st.sampled_from(("alg", "typ", "kid", "crit", "b64")), JSON), payload=JSON)
def test_any_assertion_gets_an_oauth_error(demo: DemoInfo, header: dict[str, Any], payload: Any) -> None:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, payload)
    ]
    fields = [("grant_type", "client_credentials"), *assertion_fields(".".join([*parts, "AAAA"]))]

    assert post_form(demo.token_endpoint, fields).status == 401


@QUICK
@given(name=CLAIM, value=JSON)
def test_any_claim_in_a_signed_assertion_is_answered(demo: DemoInfo, name: str, value: Any) -> None:
    profile = profile_named(demo, "demo-jwt-es256")
    jwt = sign(demo, profile, {**claims_for(profile), name: value})
    reply = post_form(demo.token_endpoint, [("grant_type", "client_credentials"), *assertion_fields(jwt)])

    assert reply.status in {200, 401}


@QUICK
@given(text=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_any_bearer_token_is_refused(demo: DemoInfo, text: str) -> None:
    reply = send("GET", demo.api_base, headers={"Authorization": f"Bearer {text}"})

    assert (reply.status, reply.json["code"]) == (401, "INVALID_TOKEN")

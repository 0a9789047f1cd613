from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.oauth.assertion import AssertionTerms, sign_client_assertion
from ccflow_tui.oauth.client_auth import ClientAuthentication
from ccflow_tui.oauth.client_auth_jwt import AssertionAuthentication
from ccflow_tui.oauth.client_auth_secret import ClientSecretBasic, ClientSecretPost
from ccflow_tui.oauth.token_request import assemble_token_request
from tests.oauth.key_material import signing_key
from tests.support.fakes import EPOCH

ENDPOINT = "https://AS.example:8443/token?api-version=1"
PROFILE = Profile(
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint=ENDPOINT,
    client_id="app",
    audience="https://aud",
    resources=("urn:r:1", "urn:r:2"),
)
ASSERTION = sign_client_assertion(
    AssertionTerms(client_id="app", token_endpoint=ENDPOINT, alg="ES256"),
    key=signing_key("P-256"),
    now=EPOCH,
    jti="j",
)
METHODS: dict[str, ClientAuthentication] = {
    "client_secret_basic": ClientSecretBasic("app", Secret("CANARY-s")),
    "client_secret_post": ClientSecretPost("app", Secret("CANARY-s")),
    "private_key_jwt": AssertionAuthentication("app", ASSERTION),
}


def assemble(
    method: str = "client_secret_basic",
    *,
    profile: Profile = PROFILE,
    scope: str = "a b",
    agent: str = "ccflow/1.0",
) -> TokenRequest:
    return assemble_token_request(
        profile=profile, authentication=METHODS[method], scope_text=scope, user_agent=agent
    )


def names(request: TokenRequest) -> list[str]:
    return [pair.name for pair in request.headers]


def test_A15_headers_are_explicit_and_in_wire_order() -> None:
    request = assemble()
    assert names(request) == [
        "Host",
        "User-Agent",
        "Accept",
        "Authorization",
        "Content-Type",
        "Content-Length",
        "Accept-Encoding",
        "Connection",
    ]
    headers = dict(request.wire_headers())
    assert headers["Host"] == "as.example:8443"
    assert headers["User-Agent"] == "ccflow/1.0"
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Content-Length"] == str(len(request.body()))


def test_A16_no_cookie_is_among_the_headers() -> None:
    assert "Cookie" not in names(assemble())


@pytest.mark.parametrize("method", METHODS)
def test_A13_content_type_has_no_charset_and_the_body_is_a_strict_form(method: str) -> None:
    request = assemble(method)
    assert dict(request.wire_headers())["Content-Type"] == "application/x-www-form-urlencoded"
    form = parse_qsl(request.body().decode("ascii"), strict_parsing=True)
    assert form[:5] == [
        ("grant_type", "client_credentials"),
        ("scope", "a b"),
        ("audience", "https://aud"),
        ("resource", "urn:r:1"),
        ("resource", "urn:r:2"),
    ]
    assert request.method == "POST"


@pytest.mark.parametrize("method", METHODS)
def test_A7_A9_url_is_the_configured_endpoint_byte_for_byte(method: str) -> None:
    assert assemble(method).url == ENDPOINT


def test_D8_an_assertion_is_combined_with_no_other_method() -> None:
    request = assemble("private_key_jwt")
    assert "Authorization" not in names(request)
    assert not {"client_secret"} & {pair.name for pair in request.form}
    assert b"client_secret" not in request.body()
    assert "client_secret" not in request.url


@pytest.mark.parametrize("method", METHODS)
def test_A6_exactly_one_authentication_method_is_used(method: str) -> None:
    request = assemble(method)
    form = {pair.name for pair in request.form}
    used = {
        "client_secret_basic": "Authorization" in names(request),
        "client_secret_post": "client_secret" in form,
        "private_key_jwt": "client_assertion" in form,
    }
    assert used == {name: name == method for name in METHODS}
    assert ("client_id" in form) is (method != "client_secret_basic")
    assert request.assertion is (ASSERTION if method == "private_key_jwt" else None)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://H.example/t", "h.example"),
        ("https://h:443/t", "h"),
        ("http://[::1]:9/t", "[::1]:9"),
        ("https://bücher.example/t", "xn--bcher-kva.example"),
    ],
)
def test_C6_host_header_is_in_normal_form(url: str, host: str) -> None:
    request = assemble(profile=replace(PROFILE, token_endpoint=url))
    assert dict(request.wire_headers())["Host"] == host


def test_A8_loopback_banner_and_scope_notes_reach_the_facts() -> None:
    request = assemble(profile=replace(PROFILE, token_endpoint="http://127.0.0.1:9/t"), scope="a,b")
    assert "this machine" in request.facts["Notes"]
    assert "comma" in request.facts["Notes"]
    assert request.facts["Scopes"] == "a,b"


def test_facts_say_what_is_asked_for() -> None:
    assert dict(assemble().facts) == {
        "Grant type": "client_credentials",
        "Authentication method": "client_secret_basic",
        "Scopes": "a b",
        "Audience": "https://aud",
        "Resource": "urn:r:1 urn:r:2",
    }
    bare = assemble(profile=replace(PROFILE, audience="", resources=()), scope="")
    assert (bare.facts["Scopes"], bare.facts["Audience"], bare.facts["Resource"]) == ("none", "none", "none")
    assert bare.body() == b"grant_type=client_credentials"


@pytest.mark.parametrize("url", ["", "http://as.example/t", "https://as.example\\@evil/", "https://u:p@h/t"])
def test_A8_unusable_endpoint_makes_no_request(url: str) -> None:
    with pytest.raises(InputProblem) as caught:
        assemble(profile=replace(PROFILE, token_endpoint=url))
    assert caught.value.finding.field == "token_endpoint"


@pytest.mark.parametrize("agent", ["", "a\r\nX: y", "ü", " a"])
def test_A15_user_agent_cannot_smuggle_a_header(agent: str) -> None:
    with pytest.raises(InputProblem):
        assemble(agent=agent)


@pytest.mark.parametrize("method", METHODS)
def test_L1_request_shows_no_secret(method: str) -> None:
    request = assemble(method)
    shown = repr(request) + str(dict(request.facts))
    assert "CANARY" not in shown
    assert ASSERTION.jwt.reveal()[:30] not in shown


def test_importing_the_request_side_stays_cheap() -> None:
    program = (
        "import sys, ccflow_tui.oauth.curl, ccflow_tui.oauth.assertion, ccflow_tui.oauth.token_request;"
        "print(sorted({'httpx', 'joserfc', 'cryptography', 'pydantic', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.models.problems import Severity
from ccflow_tui.oauth.profile_check import check_profile
from tests.support.demo_server import (
    Reply,
    basic,
    post_form,
    profile_named,
    request_token,
    running_demo,
    send,
)

GRANT = ("grant_type", "client_credentials")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


def ask(demo: DemoInfo, *fields: tuple[str, str]) -> Reply:
    """Ask as the client of demo-post with these fields."""
    secret = demo.secrets["demo-post"].reveal()
    return post_form(demo.token_endpoint, [*fields, ("client_id", "demo-post"), ("client_secret", secret)])


WORKING = [
    "demo",
    "demo-jwt-es256",
    "demo-secret-jwt",
    "demo-basic",
    "demo-post",
    "demo-short-lived",
    "demo-opaque",
]


@pytest.mark.parametrize("name", WORKING)
def test_B1_working_clients_get_a_bearer_token(demo: DemoInfo, name: str) -> None:
    reply = request_token(demo, name)

    assert reply.status == 200
    assert reply.json["token_type"] == "Bearer"
    assert reply.json["access_token"]
    assert reply.json["scope"] == "environment:read users:read"
    assert "refresh_token" not in reply.json  # A14


def test_the_preferred_profile_is_first_and_every_profile_says_what_it_is_for(demo: DemoInfo) -> None:
    assert demo.profiles[0].name == "demo"
    assert [profile.name for profile in demo.profiles[: len(WORKING)]] == WORKING
    assert all(profile.note and len(profile.note) <= 60 for profile in demo.profiles)
    assert len({profile.name for profile in demo.profiles}) == len(demo.profiles)


def test_no_prepared_profile_has_an_input_error(demo: DemoInfo) -> None:
    for profile in demo.profiles:
        findings = check_profile(profile, secret_present=profile.name in demo.secrets)
        assert [str(each) for each in findings if each.severity is Severity.ERROR] == []


def test_keys_and_secrets_are_there_for_every_profile(demo: DemoInfo) -> None:
    for profile in demo.profiles:
        assert (profile.name in demo.secrets) is profile.auth_method.uses_secret
        assert bool(profile.key_reference) is not profile.auth_method.uses_secret
    assert {p.key_reference for p in demo.profiles} - {""} == {f"keyring:{name}" for name in demo.keys}


def test_B8_token_responses_are_not_to_be_stored(demo: DemoInfo) -> None:
    reply = request_token(demo, "demo-basic")

    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Pragma"] == "no-cache"


def test_short_lived_tokens_last_half_a_minute(demo: DemoInfo) -> None:
    assert request_token(demo, "demo-short-lived").json["expires_in"] == 30
    assert request_token(demo, "demo").json["expires_in"] == 3600


def test_the_lifetime_can_be_chosen_and_short_lived_is_never_longer() -> None:
    with running_demo(lifetime=12) as info:
        assert request_token(info, "demo").json["expires_in"] == 12
        assert request_token(info, "demo-short-lived").json["expires_in"] == 12


def test_without_a_scope_the_default_scopes_are_granted_and_named(demo: DemoInfo) -> None:
    assert request_token(demo, "demo", scope="").json["scope"] == "environment:read users:read"


def test_a_narrower_scope_is_granted_as_asked(demo: DemoInfo) -> None:
    assert request_token(demo, "demo", scope="users:read users:read").json["scope"] == "users:read"


@pytest.mark.parametrize(
    ("name", "status", "code", "words"),
    [
        ("fail-wrong-secret", 401, "invalid_client", "Invalid client credentials"),
        (
            "fail-auth-method",
            401,
            "invalid_client",
            "Request denied: Unsupported authentication method (Correlation ID: ",
        ),
        ("fail-grant", 400, "unauthorized_client", "not authorized to use"),
        ("fail-scope", 400, "invalid_scope", "which may have: environment:read users:read"),
        ("fail-resource", 400, "invalid_target", "Unknown audience or resource"),
        ("fail-grant-type", 400, "unsupported_grant_type", "does not offer"),
        ("fail-invalid-grant", 400, "invalid_grant", "no longer valid"),
        ("fail-503", 503, "temporarily_unavailable", "busy"),
    ],
)
def test_B9_failing_clients_fail_as_their_note_says(
    demo: DemoInfo, name: str, status: int, code: str, words: str
) -> None:
    reply = request_token(demo, name)

    assert reply.error == (status, code)
    assert words in reply.json["error_description"]
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"


def test_B9_errors_carry_one_correlation_id_in_header_and_description(demo: DemoInfo) -> None:
    reply = request_token(demo, "fail-wrong-secret")

    assert f"(Correlation ID: {reply.headers['Correlation-Id']})" in reply.json["error_description"]


def test_busy_twice_then_a_token_and_then_busy_again(demo: DemoInfo) -> None:
    statuses = [request_token(demo, "flaky-503").status for _ in range(6)]

    assert statuses == [503, 503, 200, 503, 503, 200]
    assert request_token(demo, "flaky-503").headers["Retry-After"] == "1"


def test_B12_a_web_page_comes_with_status_200(demo: DemoInfo) -> None:
    reply = request_token(demo, "fail-html")

    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")
    assert b"<title>Sign in" in reply.body


def test_B17_a_redirect_is_answered(demo: DemoInfo) -> None:
    reply = request_token(demo, "fail-redirect")

    assert (reply.status, reply.headers["Location"]) == (302, "/login")


def test_nothing_listens_at_the_unreachable_token_endpoint(demo: DemoInfo) -> None:
    with pytest.raises(ConnectionRefusedError):
        request_token(demo, "fail-unreachable")


def test_A10_repeated_parameters_are_refused_but_resource_may_repeat(demo: DemoInfo) -> None:
    assert ask(demo, GRANT, GRANT).error == (400, "invalid_request")
    assert ask(demo, GRANT, ("scope", "users:read"), ("scope", "users:read")).error[1] == "invalid_request"
    resources = [("resource", target) for target in profile_named(demo, "demo-jwt-es256").resources]
    assert ask(demo, GRANT, *resources).status == 200


def test_A11_a_parameter_without_a_value_counts_as_left_out(demo: DemoInfo) -> None:
    assert ask(demo, GRANT, ("scope", ""), ("resource", "")).status == 200
    assert ask(demo, ("grant_type", "")).error == (400, "invalid_request")


def test_A13_other_grant_types_are_not_supported(demo: DemoInfo) -> None:
    reply = ask(demo, ("grant_type", 'password"\x1b[2J\u202e'))

    assert reply.error == (400, "unsupported_grant_type")
    assert reply.json["error_description"].startswith("Only client_credentials is supported")


@pytest.mark.parametrize("target", ["audience", "resource"])
def test_G1_an_unknown_target_is_refused(demo: DemoInfo, target: str) -> None:
    assert ask(demo, GRANT, (target, "https://elsewhere.example")).error == (400, "invalid_target")


def test_A8_only_post_is_allowed(demo: DemoInfo) -> None:
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        reply = send(method, demo.token_endpoint)
        assert (reply.status, reply.headers["Allow"]) == (405, "POST")


def test_A7_credentials_in_the_url_do_not_count(demo: DemoInfo) -> None:
    secret = demo.secrets["demo-post"].reveal()
    url = f"{demo.token_endpoint}?client_id=demo-post&client_secret={secret}"

    assert post_form(url, [GRANT]).error == (401, "invalid_client")


def test_A13_another_content_type_is_refused(demo: DemoInfo) -> None:
    headers = {**basic("demo-basic", demo.secrets["demo-basic"].reveal()), "Content-Type": "application/json"}
    reply = send("POST", demo.token_endpoint, body=b'{"grant_type":"client_credentials"}', headers=headers)

    assert reply.error == (400, "invalid_request")
    assert "application/x-www-form-urlencoded" in reply.json["error_description"]


def test_a_multipart_form_of_a_thousand_parts_is_refused(demo: DemoInfo) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    assert send("POST", demo.token_endpoint, body=part + b"--x--\r\n", headers=headers).status == 400
    too_many = send("POST", demo.token_endpoint, body=part * 1001 + b"--x--\r\n", headers=headers)
    assert too_many.error == (413, "invalid_request")


def test_an_unknown_address_is_not_found(demo: DemoInfo) -> None:
    assert send("GET", f"{demo.issuer}/authorize").error == (404, "invalid_request")

from __future__ import annotations

import base64
from urllib.parse import unquote, unquote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod, BasicEncoding
from ccflow_tui.models.secret import Secret, reveal
from ccflow_tui.models.token_request import ClientAssertion, percent_encode
from ccflow_tui.oauth.client_auth import ClientAuthentication
from ccflow_tui.oauth.client_auth_jwt import ASSERTION_TYPE, AssertionAuthentication
from ccflow_tui.oauth.client_auth_secret import ClientSecretBasic, ClientSecretPost

A1_ID, A1_SECRET = "1PpG/Q 1", "z/tZ9VwFZqApmIQ+ZH1I5pLk/uB4ud:X2/8bL+wfFTt1rFw="
VISIBLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)


def basic(client_id: str, secret: str, encoding: BasicEncoding = BasicEncoding.STANDARD) -> str:
    [header] = ClientSecretBasic(client_id, Secret(secret), encoding).headers()
    assert header.name == "Authorization"
    return reveal(header.value)


def credentials(header: str) -> str:
    assert header.startswith("Basic ")
    return base64.b64decode(header.removeprefix("Basic "), validate=True).decode()


def jwt_of(client_id: str) -> ClientAssertion:
    return ClientAssertion(Secret("h.p.s"), {"alg": "RS256"}, {"sub": client_id, "iat": 0, "exp": 60})


def test_A1_basic_percent_encodes_before_base64() -> None:
    # The published vector with its space as %20, which decodes to the same credentials.
    assert credentials(basic(A1_ID, A1_SECRET)) == (
        "1PpG%2FQ%201:z%2FtZ9VwFZqApmIQ%2BZH1I5pLk%2FuB4ud%3AX2%2F8bL%2BwfFTt1rFw%3D"
    )
    published = (
        "MVBwRyUyRlErMTp6JTJGdFo5VndGWnFBcG1JUSUyQlpIMUk1cExrJTJGdUI0dWQlM0FYMiUyRjhiTCUyQndmRlR0MXJGdyUzRA=="
    )
    ours = [unquote_plus(half) for half in credentials(basic(A1_ID, A1_SECRET)).split(":")]
    theirs = [unquote_plus(half) for half in base64.b64decode(published).decode().split(":")]
    assert ours == theirs == [A1_ID, A1_SECRET]


def test_A2_appendix_b_vector_with_space_as_percent_20() -> None:
    assert percent_encode(" %&+£€") == "%20%25%26%2B%C2%A3%E2%82%AC"


def test_A3_example_of_the_rfc() -> None:
    assert basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw") == (
        "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"
    )


def test_A4_colon_in_the_id_survives() -> None:
    assert basic("a:b", "c") == "Basic " + base64.b64encode(b"a%3Ab:c").decode()


def test_A4_raw_basic_cannot_carry_a_colon_in_the_id() -> None:
    with pytest.raises(InputProblem) as caught:
        ClientSecretBasic("a:b", Secret("c"), BasicEncoding.RAW)
    assert caught.value.finding.field == "client_id"
    assert "standard" in caught.value.finding.remedy


def test_raw_basic_leaves_both_as_they_are() -> None:
    assert credentials(basic("1PpG/Q 1", "a:+%ü", BasicEncoding.RAW)) == "1PpG/Q 1:a:+%ü"


def test_A5_secret_outside_vschar_is_carried() -> None:
    assert credentials(basic("id", "ü秘")) == "id:%C3%BC%E7%A7%98"


@settings(deadline=None)  # a busy machine is no failure
@given(VISIBLE, st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_A1_any_credentials_come_back_from_basic(client_id: str, secret: str) -> None:
    for decode in (unquote, unquote_plus):
        encoded_id, encoded_secret = credentials(basic(client_id, secret)).split(":")
        assert (decode(encoded_id), decode(encoded_secret)) == (client_id, secret)


def test_A6_basic_adds_nothing_to_the_body() -> None:
    authentication = ClientSecretBasic("id", Secret("s"))
    assert authentication.parameters() == ()
    assert authentication.assertion is None
    assert authentication.method is AuthMethod.CLIENT_SECRET_BASIC


def test_A6_post_adds_no_header() -> None:
    authentication = ClientSecretPost("id", Secret("s"))
    assert authentication.headers() == ()
    assert [(pair.name, pair.value) for pair in authentication.parameters()] == [
        ("client_id", "id"),
        ("client_secret", Secret("s")),
    ]
    assert authentication.assertion is None
    assert authentication.method is AuthMethod.CLIENT_SECRET_POST


def test_D7_D8_assertion_stands_alone_with_its_type() -> None:
    authentication = AssertionAuthentication("id", jwt_of("id"))
    assert authentication.headers() == ()
    assert [(pair.name, pair.value) for pair in authentication.parameters()] == [
        ("client_id", "id"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", Secret("h.p.s")),
    ]
    assert ASSERTION_TYPE in {pair.value for pair in authentication.parameters()}
    assert authentication.method is AuthMethod.PRIVATE_KEY_JWT
    assert authentication.assertion == jwt_of("id")


def test_D7_assertion_of_another_client_is_refused() -> None:
    with pytest.raises(InputProblem, match="another client id"):
        AssertionAuthentication("id", jwt_of("other"))


@pytest.mark.parametrize(
    ("client_id", "secret", "field"),
    [
        ("", "s", "client_id"),
        ("  ", "s", "client_id"),
        ("a\nb", "s", "client_id"),
        ("a\udc80", "s", "client_id"),
        ("id", "", "client_secret"),
        ("id", "hunter2\udc80", "client_secret"),
    ],
)
def test_unusable_credentials_name_their_field(client_id: str, secret: str, field: str) -> None:
    for method in (ClientSecretBasic, ClientSecretPost):
        with pytest.raises(InputProblem) as caught:
            method(client_id, Secret(secret))
        assert caught.value.finding.field == field
        assert caught.value.finding.remedy
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "authentication",
    [
        ClientSecretBasic("id", Secret("CANARY-s")),
        ClientSecretBasic("id", Secret("CANARY-s"), BasicEncoding.RAW),
        ClientSecretPost("id", Secret("CANARY-s")),
        AssertionAuthentication("id", ClientAssertion(Secret("CANARY-s"), {}, {"sub": "id"})),
    ],
)
def test_L1_strategies_mask_what_they_hold_and_offer_a_stand_in(authentication: ClientAuthentication) -> None:
    pairs = authentication.headers() + authentication.parameters()
    assert "CANARY" not in repr(authentication) + repr(pairs)
    [secret] = [pair for pair in pairs if isinstance(pair.value, Secret)]
    assert secret.hint
    assert "$CLIENT_" in secret.placeholder
    assert "CANARY" not in secret.placeholder

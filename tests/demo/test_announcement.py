from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.demo.announcement import DemoInfo, Offer, decode_announcement, encode_announcement
from ccflow_tui.models.profile import (
    AuthMethod,
    BasicEncoding,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
)
from ccflow_tui.models.secret import Secret

PROFILE = Profile(
    name="one",
    endpoint_mode=EndpointMode.MANUAL,
    endpoint_source=EndpointSource.TYPED,
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
    basic_encoding=BasicEncoding.RAW,
    resources=("https://a.example", "https://b.example"),
    mtls=MutualTls(enabled=True, cert_ref="c.pem"),
    note="a note with ünïcode",
)


def info(*offers: Offer) -> DemoInfo:
    return DemoInfo.of(issuer="i", token_endpoint="t", api_base="a", environment_id="e", offers=offers)


def test_the_announcement_comes_back_as_it_went() -> None:
    keyed = replace(PROFILE, name="two", auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="keyring:k")
    before = info(Offer(PROFILE, secret=Secret("s3cret")), Offer(keyed, key=Secret("-----BEGIN\nKEY")))
    line = encode_announcement(before)

    assert line.isascii()
    assert "\n" not in line
    assert decode_announcement(line) == before
    assert type(decode_announcement(line).profiles[0].auth_method) is AuthMethod


def test_secrets_are_found_by_profile_and_keys_by_their_reference() -> None:
    keyed = replace(PROFILE, name="two", key_reference="keyring:k")
    both = info(Offer(PROFILE, secret=Secret("s")), Offer(keyed, key=Secret("K")))

    assert (dict(both.secrets), dict(both.keys)) == ({"one": Secret("s")}, {"k": Secret("K")})


def test_L1_the_info_shows_no_secret() -> None:
    shown = repr(info(Offer(PROFILE, secret=Secret("CANARY-1"), key=Secret("CANARY-2"))))

    assert "CANARY" not in shown


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "null", "{}", '{"issuer":"i","token_endpoint":"t","api_base":"a","environment_id":"e"}'],
)
def test_another_line_is_no_announcement(line: str) -> None:
    with pytest.raises(ValueError, match="not the announcement"):
        decode_announcement(line)


@given(st.text(max_size=40))
def test_any_text_is_refused_with_the_same_words(text: str) -> None:
    with pytest.raises(ValueError, match="not the announcement"):
        decode_announcement(text)


def test_a_profile_with_foreign_fields_is_refused() -> None:
    line = encode_announcement(info(Offer(PROFILE))).replace('"name":', '"nom":')

    with pytest.raises(ValueError, match="not the announcement"):
        decode_announcement(line)

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import Pair, TokenRequest
from ccflow_tui.oauth.body import build_client_credentials_body


def names_and_values(**parts: object) -> list[tuple[str, object]]:
    return [(pair.name, pair.value) for pair in build_client_credentials_body(**parts)]  # type: ignore[arg-type]


def refused_field(**parts: object) -> str:
    with pytest.raises(InputProblem) as caught:
        names_and_values(**parts)
    assert caught.value.finding.remedy
    return caught.value.finding.field


def test_A13_grant_type_alone_is_a_whole_request() -> None:
    assert names_and_values() == [("grant_type", "client_credentials")]


def test_A13_every_part_stands_in_order() -> None:
    client = (Pair("client_id", "app"), Pair("client_secret", Secret("s")))
    assert names_and_values(
        scope="b a", audience="https://aud", resources=("urn:r:1", "https://r2"), client_parameters=client
    ) == [
        ("grant_type", "client_credentials"),
        ("scope", "b a"),
        ("audience", "https://aud"),
        ("resource", "urn:r:1"),
        ("resource", "https://r2"),
        ("client_id", "app"),
        ("client_secret", Secret("s")),
    ]


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_A11_empty_values_are_left_out(blank: str) -> None:
    sent = names_and_values(
        scope=blank, audience=blank, resources=(blank,), client_parameters=(Pair("client_id", ""),)
    )
    assert sent == [("grant_type", "client_credentials")]


@pytest.mark.parametrize("name", ["grant_type", "scope", "audience", "client_id"])
def test_A10_a_parameter_may_not_shadow_another(name: str) -> None:
    client = (Pair("client_id", "app"), Pair(name, "x"))
    assert refused_field(scope="a", audience="b", client_parameters=client) == name


def test_A10_the_same_resource_twice_is_refused() -> None:
    assert refused_field(resources=("urn:r:1", "urn:r:1")) == "resources"


def test_A12_scope_is_normalised_and_checked() -> None:
    assert ("scope", "a b") in names_and_values(scope=" a\tb  a")
    assert refused_field(scope='a"') == "scope"


@pytest.mark.parametrize("audience", [" https://a", "a\n", "a\x1bb", "a\udc80"])
def test_audience_with_hidden_characters_is_refused(audience: str) -> None:
    assert refused_field(audience=audience) == "audience"


def test_G1_resources_are_checked() -> None:
    assert refused_field(resources=("api",)) == "resources"


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(), st.lists(st.sampled_from(["urn:a:b", "https://r/ä", "https://r?x=1&y=%20", "api"])))
def test_A13_accepted_bodies_decode_to_what_was_meant(audience: str, resources: list[str]) -> None:
    try:
        form = build_client_credentials_body(audience=audience, resources=resources)
    except InputProblem:
        return
    body = TokenRequest("https://h/t", (), form).body().decode("ascii")
    decoded = parse_qsl(body, strict_parsing=True, keep_blank_values=True)
    assert decoded == [(pair.name, pair.value) for pair in form]
    assert [value for name, value in decoded if name == "resource"] == resources

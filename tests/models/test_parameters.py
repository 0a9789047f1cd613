from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.parameters import format_parameters, joined, parse_parameters
from ccflow_tui.models.secret_shapes import is_secret_name, is_secret_value


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", ()),
        ("a=1&b=two%20words", (("a", "1"), ("b", "two words"))),
        (" a=x=y ", (("a", "x=y"),)),
        ("half", (("half", ""),)),
        ("a=1&a=2", (("a", "1"), ("a", "2"))),
    ],
)
def test_a_text_is_read_as_the_query_of_a_url(text: str, pairs: tuple[tuple[str, str], ...]) -> None:
    assert parse_parameters(text) == pairs


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=4))
def test_what_is_written_is_read_back(pairs: list[tuple[str, str]]) -> None:
    written = format_parameters(pairs)
    assert written.isascii()
    assert parse_parameters(written) == tuple(pairs)


@given(st.text())
def test_reading_what_is_half_typed_never_raises(text: str) -> None:
    format_parameters(parse_parameters(text))


def test_several_values_become_the_line_a_person_would_type() -> None:
    assert joined(("urn:a", "urn:b")) == "urn:a urn:b"
    assert joined((("a", "1"), ("b", "x y"))) == "a=1&b=x%20y"
    assert joined(()) == ""


@pytest.mark.parametrize(
    "name", ["password", "subject_token", "api-key", "clientSecret", "PASSPHRASE", "private_key", "x_jwk"]
)
def test_a_name_that_carries_a_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["tenant", "token_format", "requested_token_use", "acr_values"])
def test_a_name_that_carries_none(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "text", ["-----BEGIN EC PRIVATE KEY-----", "x eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "https://u:p@h/"]
)
def test_a_value_that_is_a_secret(text: str) -> None:
    assert is_secret_value(text)
    assert not is_secret_value("https://h/p@q")

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.oauth.scopes import ParsedScope, parse_scope


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_A11_empty_scope_has_no_tokens(text: str) -> None:
    assert parse_scope(text).tokens == ()
    assert parse_scope(text).text == ""


def test_A12_clean_scope_passes_without_a_note() -> None:
    assert parse_scope("api:read api:write") == ParsedScope(("api:read", "api:write"), ())


@pytest.mark.parametrize("text", ["a  b\tc", " a b c ", "a\nb\r\nc", "a\u00a0b c"])
def test_A12_white_space_is_normalised_with_a_note(text: str) -> None:
    parsed = parse_scope(text)
    assert parsed.text == "a b c"
    assert [note for note in parsed.notes if "white space" in note]


@pytest.mark.parametrize("text", ["read,write", "read, write", ",", "read,write openid"])
def test_A12_a_comma_is_part_of_a_name_and_is_asked_about(text: str) -> None:
    parsed = parse_scope(text)
    assert parsed.text == text
    assert len(parsed.notes) == 1
    assert "comma" in parsed.notes[0]
    assert "by spaces" in parsed.notes[0]


def test_A12_duplicates_are_sent_once_in_the_order_typed() -> None:
    parsed = parse_scope("b a b")
    assert parsed.text == "b a"
    assert "twice" in parsed.notes[0]


def test_A12_case_is_significant() -> None:
    assert parse_scope("Read read").tokens == ("Read", "read")


@pytest.mark.parametrize(
    ("text", "named"),
    [('a"b', '" (U+0022)'), ("a\\b", "\\ (U+005C)"), ("é", "é (U+00E9)"), ("a\x1b[2J", "U+001B")],
)
def test_A12_illegal_character_is_named(text: str, named: str) -> None:
    with pytest.raises(InputProblem) as caught:
        parse_scope(text)
    assert caught.value.finding.field == "scope"
    assert named in caught.value.finding.problem
    assert caught.value.finding.remedy
    assert "\x1b" not in str(caught.value)


@settings(deadline=None)  # a busy machine is no failure
@given(st.text())
def test_A12_whatever_is_accepted_matches_the_grammar_and_is_stable(text: str) -> None:
    try:
        parsed = parse_scope(text)
    except InputProblem:
        return
    token = r"[\x21\x23-\x5B\x5D-\x7E]+"
    assert re.fullmatch(rf"(?:{token}(?: {token})*)?", parsed.text)
    again = parse_scope(parsed.text)
    assert again.tokens == parsed.tokens == tuple(dict.fromkeys(text.split()))
    assert all("comma" in note for note in again.notes)

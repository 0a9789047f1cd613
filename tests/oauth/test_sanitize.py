from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.oauth.sanitize import scrub, scrub_block

BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=[]))  # lone surrogates among them


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("\x1b[2Jcleared", "[2Jcleared"),
        ("bell\x07", "bell"),
        ("c1\x9b31mred", "c131mred"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("a\u2066b\u2069c\u061cd", "abcd"),
        ("zero\u200bwidth\u200d\ufeff", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("tag\U000e0041", "tag"),
        ("lone\ud800surrogate", "lonesurrogate"),
        ("line one\r\nline two\tend", "line one line two end"),
        ("para\u2029graph\x85next", "para graph next"),
        ("  spaced  ", "spaced"),
        ("[red]markup[/red] stays ünïcode 漢字 🔑", "[red]markup[/red] stays ünïcode 漢字 🔑"),
    ],
)
def test_B10_a_line_is_made_inert(raw: str, safe: str) -> None:
    assert scrub(raw) == safe


def test_B10_a_long_text_is_cut_and_says_so() -> None:
    shown = scrub("x" * 100_000, limit=40)
    assert shown == "x" * 39 + "…"
    assert scrub("x" * 40, limit=40) == "x" * 40


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_a_tiny_limit_is_kept(limit: int) -> None:
    assert len(scrub("abcdef", limit=limit)) == limit


def test_a_block_keeps_its_lines() -> None:
    assert scrub_block('{\r\n\t"a": 1\x1b\n}\u2028end') == '{\n    "a": 1\n}\nend'


def test_a_block_is_capped() -> None:
    assert scrub_block("line\n" * 2000, limit=20).endswith("…")
    assert len(scrub_block("line\n" * 2000, limit=20)) <= 20


@given(ANY_TEXT, st.integers(1, 60))
def test_nothing_dangerous_survives(text: str, limit: int) -> None:
    shown = scrub(text, limit=limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(character) for character in shown} & BIDI_CONTROLS
    assert scrub(shown, limit=limit) == shown
    shown.encode()


@given(ANY_TEXT, st.integers(1, 60))
def test_a_block_holds_no_control_but_line_feeds(text: str, limit: int) -> None:
    shown = scrub_block(text, limit=limit)
    assert len(shown) <= limit
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
    shown.encode()

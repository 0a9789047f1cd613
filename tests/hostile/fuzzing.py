"""How long to fuzz: the same hundred examples in every run of the suite, ten thousand new ones on demand."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

THOROUGH = 10_000
PROFILE = "thorough"
"""Chosen by ``--hypothesis-profile``, as ``make test-slow`` does."""

Test = Callable[..., Any]


def register() -> None:
    settings.register_profile(PROFILE, max_examples=THOROUGH, deadline=None)


def fuzzed(*strategies: st.SearchStrategy[Any]) -> Callable[[Test], Test]:
    """Run a test with examples of these strategies, as many as the profile says."""
    quick = settings.default is None or settings.default.max_examples < THOROUGH
    chosen = settings(deadline=None, derandomize=quick, suppress_health_check=[HealthCheck.too_slow])

    def wrap(test: Test) -> Test:
        return pytest.mark.fuzz(pytest.mark.timeout(1800)(chosen(given(*strategies)(test))))

    return wrap


TEXT = st.text(st.characters(), max_size=40)
"""With lone surrogates, which come from environment variables and from JSON escapes."""
ODD = st.sampled_from(
    [
        "",
        " ",
        "Bearer",
        "bearer",
        "\x1b[2J",
        "\u202e",
        "é",
        "\x00",
        "a.b.c",
        "e30.e30.",
        "=",
        ",",
        '"',
        "\ud800",
        "1e309",
    ]
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | ODD
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT | ODD, inner, max_size=4),
    max_leaves=8,
)


_MOVING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def inert(text: str) -> bool:
    """Whether no character of a line can move the cursor or turn the text around."""
    return not any(
        unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or unicodedata.bidirectional(char) in _MOVING
        for char in text
    )


def members(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects in which the known names are likely, and so are values of every type."""
    return st.dictionaries(st.sampled_from(names) | TEXT, VALUE, max_size=8)

"""A Secret shows itself nowhere by accident."""

from __future__ import annotations

import copy
import json
import pickle
import traceback

import pytest

from ccflow_tui.models.secret import MASK, Secret, mask_token, reveal

PLAIN = "CANARY-secret-value"


@pytest.mark.parametrize(
    "shown", [repr, str, "{}".format, "{!r}".format, "{:>30}".format, lambda s: f"{[s]}"]
)
def test_every_way_to_print_a_secret_is_masked(shown: object) -> None:
    assert callable(shown)
    assert PLAIN not in shown(Secret(PLAIN))


def test_reveal_is_the_only_way_to_the_text() -> None:
    assert Secret(PLAIN).reveal() == PLAIN
    assert reveal(Secret(PLAIN)) == PLAIN
    assert reveal("plain") == "plain"


def test_an_empty_secret_is_false_and_says_so() -> None:
    assert not Secret("")
    assert str(Secret("")) == ""
    assert "empty" in repr(Secret(""))


def test_secrets_compare_by_text_and_only_with_secrets() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_a_secret_is_neither_pickled_nor_serialised() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(PLAIN))
    with pytest.raises(TypeError):
        json.dumps(Secret(PLAIN))


def test_copies_stay_masked() -> None:
    secret = Secret(PLAIN)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_a_traceback_with_locals_does_not_show_it() -> None:
    secret = Secret(PLAIN)
    try:
        assert secret
        raise ValueError("boom")
    except ValueError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert PLAIN not in "".join(shown.format())


def test_fingerprints_tell_secrets_apart() -> None:
    assert Secret("a").fingerprint() != Secret("b").fingerprint()
    assert len(Secret("a").fingerprint()) == 64


@pytest.mark.parametrize("length", [0, 1, 20, 39])
def test_short_tokens_are_masked_wholly(length: int) -> None:
    assert mask_token("x" * length) == MASK


def test_long_tokens_show_ten_characters_at_each_end() -> None:
    token = "abcdefghij" + "-" * 100 + "klmnopqrst"
    assert mask_token(token) == "abcdefghij…klmnopqrst"

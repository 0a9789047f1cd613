"""What is told of a kept key: rows, facts, a pair side by side."""

from __future__ import annotations

import pytest

from ccflow_tui.models.kept_key import KeptKey, KeyKind
from ccflow_tui.widgets.key_facts import (
    RowWidths,
    expiry_of,
    fact_lines,
    key_row,
    pair_lines,
    short_kid,
    text_lines,
)
from tests.support.fakes import EPOCH
from tests.support.workbench import certificate, made_key

UNKNOWN = KeptKey(name="gone", label="unknown", algs=(), kid="", thumbprint="", missing="It is not there.")


def text(lines: object) -> str:
    assert isinstance(lines, list)
    return "\n".join(line.plain for line in lines)


@pytest.mark.parametrize(
    ("days", "words", "colour"),
    [
        (0, "✕ EXPIRED", "error"),
        (-400, "✕ EXPIRED", "error"),
        (0.5, "▲ expires within a day", "warning"),
        (1.5, "▲ expires in 1 day", "warning"),
        (29.9, "▲ expires in 29 days", "warning"),
        (30, "expires in 30 days", ""),
    ],
)
def test_the_end_of_a_certificate_is_told_in_words_and_colour(days: float, words: str, colour: str) -> None:
    assert expiry_of(certificate(days), EPOCH) == (words, colour)


def test_a_row_tells_what_is_amiss_before_what_may_be_cut_off() -> None:
    keys = (made_key("orders"), made_key("a-name-that-is-much-too-long", KeyKind.RSA_2048))
    widths = RowWidths.of(keys, 12)
    row = key_row(keys[0], widths, is_current=True, now=EPOCH).plain
    assert row == f"● orders        EC P-256  {short_kid(keys[0].kid)}  not used"
    assert key_row(keys[1], widths, is_current=False, now=EPOCH).plain.startswith(
        "  a-name-that…  RSA 2048  "
    )
    expired = made_key("orders", certificate=certificate(-1), used_by=("a", "b"), replaces="old")
    row = key_row(expired, widths, is_current=False, now=EPOCH).plain
    assert row.index("EXPIRED") < row.index("succeeds old") < row.index("used by a, b")
    assert "MISSING" in key_row(UNKNOWN, widths, is_current=False, now=EPOCH).plain
    assert RowWidths.of((), 12) == (0, 0)


def test_facts_are_whole_at_every_width_and_leave_out_what_is_unknown() -> None:
    key = made_key("orders", certificate=certificate(3), used_by=("orders", "billing"))
    for width in (24, 60, 100):
        lines = fact_lines(key, width, now=EPOCH, production={"orders"})
        assert all(line.cell_length <= width for line in lines)
        values = "".join(line.plain[14:] for line in lines)
        assert key.thumbprint in values
        assert key.certificate is not None and key.certificate.thumbprint in values
    wide = text(fact_lines(key, 100, now=EPOCH, production={"orders"}))
    for fact in ("EC P-256", "ES256", "CN=orders,O=Example", "expires in 3 days", "Kept in       keyring"):
        assert fact in wide
    assert "Used by       orders (PRODUCTION), billing" in wide
    assert text(fact_lines(UNKNOWN, 100, now=EPOCH)) == (
        "Missing       ✗ It is not there.\nKind          unknown\nUsed by       no profile"
    )


@pytest.mark.parametrize("width", [10, 40, 80])
def test_a_pair_stands_side_by_side_with_both_key_ids_whole(width: int) -> None:
    old, new = made_key("orders", used_by=("orders",)), made_key("orders-2", replaces="orders")
    lines = pair_lines(old, new, width)
    column = max(8, (width - 16) // 2)
    left = "".join(line.plain[14 : 14 + column].strip() for line in lines)
    right = "".join(line.plain[16 + column :].strip() for line in lines)
    assert old.kid in left and new.kid not in left
    assert new.kid in right and old.kid not in right


def test_paragraphs_of_a_text_stay_apart() -> None:
    assert [line.plain for line in text_lines("one two\n\nthree", 4)] == ["one", "two", "", "thre", "e"]

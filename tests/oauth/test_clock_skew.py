"""What a Date header proves about two clocks, and when the server's is followed."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.oauth.clock_skew import (
    MAX_FOLLOWED,
    NOTICEABLE,
    correction,
    described,
    proven_skew,
    skew_note,
    speaks_of_time,
)
from tests.support.fakes import EPOCH


def date(seconds: float) -> tuple[str, str]:
    return ("date", formatdate(seconds, usegmt=True))


@pytest.mark.parametrize(
    ("server", "sent", "received", "skew"),
    [
        (0, 0, 0, 0),
        (600, 0, 0, 600),
        (-600, 0, 0, -599),
        (120, 0, 2, 118),
        (0, 0, 30, 0),  # a date from the start of a slow answer
        (0, -30, 0, 0),  # or from its end
        (-31, 0, 30, -30),
        (100, 0, -50, 100),  # our clock was set back meanwhile
    ],
)
def test_B26_only_what_the_time_under_way_cannot_explain_counts(
    server: float, sent: float, received: float, skew: float
) -> None:
    found = proven_skew([date(EPOCH + server)], sent_at=EPOCH + sent, received_at=EPOCH + received)
    assert found == skew


@given(
    skew=st.floats(-400, 400),
    sent=st.floats(0, 1000),
    there=st.floats(0, 20),
    back=st.floats(0, 20),
)
def test_B26_the_proven_skew_is_never_more_than_the_real_one(
    skew: float, sent: float, there: float, back: float
) -> None:
    server_time = EPOCH + sent + there + skew
    found = proven_skew(
        [date(int(server_time))], sent_at=EPOCH + sent, received_at=EPOCH + sent + there + back
    )
    assert found is not None
    assert abs(found) <= abs(skew) + 1e-3
    assert found * skew >= 0 or abs(found) < 1e-3


@pytest.mark.parametrize(
    "headers", [[], [("date", "yesterday")], [date(EPOCH), ("age", "50")], [("date", "")]]
)
def test_B26_without_a_fresh_date_nothing_is_known(headers: list[tuple[str, str]]) -> None:
    assert proven_skew(headers, sent_at=EPOCH, received_at=EPOCH) is None


@pytest.mark.parametrize("skew", [NOTICEABLE, -NOTICEABLE, 100, -MAX_FOLLOWED, MAX_FOLLOWED])
def test_D6_a_noticeable_difference_of_up_to_five_minutes_is_followed(skew: float) -> None:
    assert correction(skew) == skew


@pytest.mark.parametrize("skew", [0.0, 2.9, -2.9, 300.1, -301, 86_400])
def test_D6_a_small_one_is_covered_by_back_dating_and_a_large_one_only_told(skew: float) -> None:
    assert correction(skew) == 0


def test_D6_what_is_told_about_a_difference() -> None:
    assert skew_note(2.0, signs=True) == ""
    told = (
        "The server's clock is 2 minutes ahead of this computer's; what ccflow signs for it is dated by its"
    )
    assert skew_note(120.0, signs=True) == f"{told} clock."
    assert skew_note(-10.0, signs=False) == "The server's clock is 10 seconds behind this computer's."
    for signs in (True, False):
        assert "too much to allow for" in skew_note(-600.0, signs=signs)
    assert described(0.2) == "in step with this computer's"


@pytest.mark.parametrize("text", ["iat is in the future", "JWT expired", "check your CLOCK", "exp claim"])
def test_a_description_that_blames_a_date_is_recognised(text: str) -> None:
    assert speaks_of_time(text)


@pytest.mark.parametrize("text", ["", "signature invalid", "experimental", "satiated"])
def test_another_description_is_not(text: str) -> None:
    assert not speaks_of_time(text)

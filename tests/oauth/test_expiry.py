from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.lifetime import Lifetime, Urgency
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.expiry import compute_absolute_expiry, measure_lifetime, refresh_delay, refresh_window

SENT, SENT_MONOTONIC = 1_800_000_000.0, 50.0


def granted(expires_in: int | None) -> AccessToken:
    return AccessToken(Secret("t" * 40), "Bearer", SENT, SENT_MONOTONIC, expires_in)


def after(token: AccessToken | None, seconds: float, *, refresh_in: float | None = None) -> Lifetime:
    return measure_lifetime(
        token, wall=SENT + seconds, monotonic=SENT_MONOTONIC + seconds, refresh_in=refresh_in
    )


def test_B6_expiry_counts_from_when_the_request_was_sent() -> None:
    assert compute_absolute_expiry(SENT, 3600) == SENT + 3600
    assert compute_absolute_expiry(SENT, 0) == SENT


def test_B3_no_stated_lifetime_means_no_expiry() -> None:
    assert compute_absolute_expiry(SENT, None) is None


@pytest.mark.parametrize(
    ("lifetime", "configured", "window"),
    [
        (3600, 90, 90),
        (3600, 60, 60),
        (3600, 10, 60),
        (3600, 900, 120),
        (300, 90, 60),
        (60, 90, 12),
        (0, 90, 0),
        (-5, 90, 0),
    ],
)
def test_the_refresh_window_is_scaled_for_short_tokens(lifetime: int, configured: int, window: float) -> None:
    assert refresh_window(lifetime, configured) == window


@pytest.mark.parametrize(("jitter", "delay"), [(0.0, 3510.0), (1.0, 3501.0), (7.0, 3501.0), (-1.0, 3510.0)])
def test_jitter_brings_the_refresh_forward_by_a_tenth_of_the_window(jitter: float, delay: float) -> None:
    found = refresh_delay(granted(3600), configured=90, jitter=jitter, wall=SENT, monotonic=SENT_MONOTONIC)
    assert found == pytest.approx(delay)


def test_a_refresh_that_is_due_waits_no_longer() -> None:
    late = {"wall": SENT + 3590, "monotonic": SENT_MONOTONIC + 3590}
    assert refresh_delay(granted(3600), configured=90, jitter=0, **late) == 0


@pytest.mark.parametrize("expires_in", [None, 0, -5])
def test_no_refresh_is_planned_without_a_lifetime(expires_in: int | None) -> None:
    now = {"wall": SENT, "monotonic": SENT_MONOTONIC}
    assert refresh_delay(granted(expires_in), configured=90, jitter=0, **now) is None


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 300))
def test_a_refresh_always_falls_within_the_lifetime(lifetime: int, jitter: float, configured: float) -> None:
    delay = refresh_delay(
        granted(lifetime), configured=configured, jitter=jitter, wall=SENT, monotonic=SENT_MONOTONIC
    )
    assert delay is not None
    assert lifetime * 0.75 < delay < lifetime


def test_no_token_and_no_expiry_have_their_own_state() -> None:
    assert after(None, 0) == Lifetime(Urgency.NONE)
    assert after(granted(None), 10**6, refresh_in=5) == Lifetime(Urgency.UNSTATED, refresh_in=5)


@pytest.mark.parametrize(
    ("total", "left", "urgency"),
    [
        (3600, 301, Urgency.FRESH),
        (3600, 300, Urgency.SOON),
        (3600, 120, Urgency.URGENT),
        (3600, 0, Urgency.EXPIRED),
        (600, 301, Urgency.FRESH),
        (599, 120, Urgency.FRESH),
        (599, 119, Urgency.SOON),
        (300, 60, Urgency.SOON),
        (300, 15, Urgency.URGENT),
        (30, 6, Urgency.SOON),
        (30, 3, Urgency.URGENT),
        (10, 3.1, Urgency.FRESH),
        (10, 1.4, Urgency.URGENT),
    ],
)
def test_urgency_is_scaled_for_short_tokens(total: int, left: float, urgency: Urgency) -> None:
    assert after(granted(total), total - left).urgency is urgency


@given(st.integers(1, 10**7))
def test_no_token_is_born_amber_and_none_skips_a_colour(total: int) -> None:
    states = [after(granted(total), total * share / 200).urgency for share in range(201)]
    assert states[0] is Urgency.FRESH
    assert states[-1] is Urgency.EXPIRED
    if total < 600:
        assert list(dict.fromkeys(states)) == [Urgency.FRESH, Urgency.SOON, Urgency.URGENT, Urgency.EXPIRED]


def test_the_snapshot_carries_every_number() -> None:
    assert after(granted(3600), 600, refresh_in=2900) == Lifetime(
        Urgency.FRESH, seconds_left=3000, total=3600, refresh_in=2900, expires_at=SENT + 3600
    )


def test_an_expired_token_plans_no_refresh_and_counts_no_further() -> None:
    assert after(granted(60), 100, refresh_in=1) == Lifetime(Urgency.EXPIRED, 0.0, 60, None, SENT + 60)


def test_B4_a_lifetime_of_zero_is_expired_on_arrival() -> None:
    assert after(granted(0), 0).urgency is Urgency.EXPIRED


def test_B6_a_jump_of_the_wall_clock_and_a_suspend_both_expire_the_token() -> None:
    token = granted(3600)
    jumped = measure_lifetime(token, wall=SENT + 7200, monotonic=SENT_MONOTONIC + 1)
    set_back = measure_lifetime(token, wall=SENT - 7200, monotonic=SENT_MONOTONIC + 3601)
    assert jumped.urgency is set_back.urgency is Urgency.EXPIRED

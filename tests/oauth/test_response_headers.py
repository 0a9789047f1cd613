from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.outcome import Exchange, Granted, Outcome
from ccflow_tui.oauth.response import TokenAnswer, clock_skew, parse_token_response, retry_after_seconds
from ccflow_tui.oauth.response_headers import correlation_id, http_date

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
EPOCH = 1_792_567_680.0


def exchange_of(
    *headers: tuple[str, str], body: bytes = b"", status: int = 503, received_at: float | None = EPOCH
) -> Exchange:
    outcome: Outcome = parse_token_response(
        TokenAnswer(
            status, headers, body, requested_at=EPOCH - 5, requested_at_monotonic=0, received_at=received_at
        )
    )
    assert not isinstance(outcome, Granted)
    return outcome.exchange


@pytest.mark.parametrize(
    "text",
    [
        DATE,
        "Wednesday, 21-Oct-26 07:28:00 GMT",
        "Wed Oct 21 07:28:00 2026",
        "Wed, 21 Oct 2026 07:28:00 -0000",
    ],
)
def test_every_form_of_an_http_date_is_read(text: str) -> None:
    assert http_date(text) == EPOCH


@pytest.mark.parametrize(
    "text", ["", "yesterday", "Wed, 99 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 99999 07:28:00 GMT", "x" * 999]
)
def test_another_text_is_no_date(text: str) -> None:
    assert http_date(text) is None


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", 120.0),
        (" 1.5 ", 1.5),
        ("-1", 0.0),
        ("0", 0.0),
        ("999999", 86_400.0),
        ("9" * 500, None),
        ("9" * 55, 86_400.0),
        (DATE, 60.0),
        ("Wed, 21 Oct 2020 07:28:00 GMT", 0.0),
        ("abc", None),
        ("", None),
        ("1e5", None),
        ("١٢", None),
    ],
)
def test_B24_retry_after_in_seconds_or_as_a_date(value: str, wait: float | None) -> None:
    assert retry_after_seconds(value, now=EPOCH - 60) == wait


@given(st.text(), st.floats(0, 4e9))
def test_B24_any_text_gives_a_sane_wait_or_none(value: str, now: float) -> None:
    wait = retry_after_seconds(value, now=now)
    assert wait is None or 0 <= wait <= 86_400


def test_B24_a_date_is_measured_by_the_servers_own_clock() -> None:
    later = "Wed, 21 Oct 2026 07:28:30 GMT"
    assert exchange_of(("date", DATE), ("retry-after", later), received_at=EPOCH + 500).retry_after == 30
    assert exchange_of(("retry-after", later)).retry_after == 30
    assert exchange_of().retry_after is None


def test_B26_clock_skew_is_positive_when_the_server_is_ahead() -> None:
    assert clock_skew(DATE, EPOCH - 600) == 600
    assert clock_skew(DATE, EPOCH + 30) == -30
    assert clock_skew("", EPOCH) is None


def test_B26_the_outcome_carries_the_skew() -> None:
    assert exchange_of(("date", DATE)).clock_skew == 0
    assert exchange_of(("date", DATE), received_at=None).clock_skew == 5
    assert exchange_of().clock_skew is None


@pytest.mark.parametrize("name", ["correlation-id", "x-correlation-id", "x-request-id", "x-ms-request-id"])
def test_the_correlation_id_comes_from_a_header(name: str) -> None:
    assert correlation_id(((name, "abc\x1b-123"),)) == "abc-123"


def body(**members: Any) -> bytes:
    import json

    return json.dumps(members).encode()


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (body(error="invalid_client", error_description="Denied (Correlation ID: 1f2e-3d4c)"), "1f2e-3d4c"),
        (body(error="x", correlation_id="from-entra", trace_id="t"), "from-entra"),
        (body(id="p1-id", code="NOT_FOUND", message="none"), "p1-id"),
        (body(error="x"), ""),
        (b"not json", ""),
    ],
)
def test_the_correlation_id_comes_from_the_body_otherwise(raw: bytes, found: str) -> None:
    assert exchange_of(body=raw, status=401).correlation_id == found


def test_a_header_wins_over_the_body() -> None:
    assert (
        exchange_of(("x-request-id", "h1"), body=body(error="x", trace_id="t1"), status=400).correlation_id
        == "h1"
    )

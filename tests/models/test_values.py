"""Small values: tokens, log lines, wire form."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.history import HistoryKind
from ccflow_tui.models.log_entry import LogEntry, LogLevel
from ccflow_tui.models.problems import FieldProblem, InputProblem
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import Pair, TokenRequest


def token(expires_in: int | None) -> AccessToken:
    return AccessToken(Secret("v" * 50), "Bearer", 1000.0, 50.0, expires_in)


def test_B6_expiry_counts_from_when_the_request_was_sent() -> None:
    assert token(3600).expires_at == 4600.0
    assert token(3600).seconds_left(1008.0, 58.0) == 3592.0


def test_B6_whichever_clock_says_less_wins() -> None:
    assert token(3600).seconds_left(1000.0 + 7200, 60.0) == -3600.0
    assert token(3600).seconds_left(900.0, 150.0) == 3500.0


def test_B3_a_missing_expires_in_is_not_stated() -> None:
    assert token(None).expires_at is None
    assert token(None).seconds_left(0, 0) is None


def test_a_token_shows_mask_and_fingerprint_only() -> None:
    shown = repr(token(1))
    assert "vvvv" not in shown
    assert token(1).masked == "vvvvvvvvvv…vvvvvvvvvv"
    assert len(token(1).fingerprint) == 12


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=6))
def test_A13_the_body_decodes_to_what_the_preview_shows(pairs: list[tuple[str, str]]) -> None:
    clean = [(name, value) for name, value in pairs if _encodable(name) and _encodable(value)]
    request = TokenRequest("https://as", (), tuple(Pair(name, Secret(value)) for name, value in clean))
    decoded = parse_qsl(request.body().decode("ascii"), keep_blank_values=True, strict_parsing=bool(clean))
    assert decoded == clean


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def test_a_log_line_has_time_tag_and_message() -> None:
    line = LogEntry(0.0, LogLevel.INFO, "📤", "CC", "POST /token").line()
    assert line.endswith(" [📤 CC] POST /token")
    assert len(line.split()[0]) == 8
    assert LogEntry(0.0, LogLevel.INFO, "", "CC", "x").tag == "[CC]"


def test_problems_say_field_problem_and_remedy() -> None:
    problem = InputProblem("scope", "It is odd.", "Mend it.")
    assert str(problem) == "scope: It is odd. Mend it."
    assert str(problem.finding) == "It is odd. Mend it."
    assert str(FieldProblem("a", "b", "")) == "b"


def test_kinds_and_methods_know_themselves() -> None:
    assert HistoryKind.GRANTED.succeeded
    assert not HistoryKind.REFUSED.succeeded
    assert AuthMethod.CLIENT_SECRET_BASIC.uses_secret
    assert not AuthMethod.PRIVATE_KEY_JWT.uses_secret

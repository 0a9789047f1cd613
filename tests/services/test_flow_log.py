from __future__ import annotations

import pytest

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.log_entry import LogLevel
from ccflow_tui.models.outcome import (
    Cancelled,
    Exchange,
    Granted,
    Malformed,
    Outcome,
    Phase,
    Refused,
    Unreachable,
)
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.redaction import Redactor
from tests.support.fakes import EPOCH, FakeClock


@pytest.fixture
def log() -> FlowLog:
    return FlowLog(FlowLogger(Redactor(), FakeClock()))


def lines(log: FlowLog) -> list[str]:
    return [f"{entry.tag} {entry.message}" for entry in log.logger.entries()]


def test_lines_are_those_of_the_specification(log: FlowLog) -> None:
    log.preparing(AuthMethod.CLIENT_SECRET_BASIC)
    log.credential_source("keyring")
    log.body_built("a b", "")
    log.post(AuthMethod.PRIVATE_KEY_JWT)
    log.acquired("2027-01-15T09:00:00Z", "Bearer")
    log.cache_hit(59.9)
    log.proactive_refresh(3510.2)
    log.failed("invalid_client", 401)
    assert lines(log) == [
        "[🏗️ CC] Preparing client credentials request (auth_method=client_secret_basic)",
        "[🔑 CC] Using credential source=keyring",
        '[🏗️ CC] body built scopes="a b" audience=""',
        "[📤 CC] POST /token method=private_key_jwt",
        "[✅ CC] token acquired exp=2027-01-15T09:00:00Z token_type=Bearer",
        "[🧊 CC] cache hit ttl=59s",
        "[♻️ CC] proactive refresh in 3510s",
        "[⛔ CC] token request failed code=invalid_client http=401",
    ]
    assert [entry.level for entry in log.logger.entries()][4:] == [
        LogLevel.SUCCESS,
        LogLevel.INFO,
        LogLevel.INFO,
        LogLevel.ERROR,
    ]


def test_what_the_server_did_not_state(log: FlowLog) -> None:
    log.acquired("", "Bearer")
    log.cache_hit(None)
    log.failed("", None)
    assert lines(log) == [
        "[✅ CC] token acquired exp=not-stated token_type=Bearer",
        "[🧊 CC] cache hit ttl=not-stated",
        "[⛔ CC] token request failed code=none http=none",
    ]


def granted(expires_in: int | None) -> Granted:
    token = AccessToken(Secret("CANARY-token"), "Bearer", EPOCH, 1000.0, expires_in)
    return Granted(token, notes=("no Cache-Control",))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            granted(3600),
            ["[✅ CC] token acquired exp=2027-01-15T09:00:00Z token_type=Bearer", "[⚠️ CC] no Cache-Control"],
        ),
        (
            granted(None),
            ["[✅ CC] token acquired exp=not-stated token_type=Bearer", "[⚠️ CC] no Cache-Control"],
        ),
        (
            Refused("invalid_scope", exchange=Exchange(http_status=400)),
            ["[⛔ CC] token request failed code=invalid_scope http=400"],
        ),
        (
            Unreachable(Phase.TLS, "tls-expired", "..."),
            ["[⛔ CC] token request failed code=tls-expired http=none"],
        ),
        (
            Malformed("...", "html", exchange=Exchange(http_status=200)),
            ["[⛔ CC] token request failed code=html http=200"],
        ),
        (Cancelled(), ["[⛔ CC] token request cancelled"]),
    ],
)
def test_every_end_has_its_line(log: FlowLog, outcome: Outcome, expected: list[str]) -> None:
    log.ended(outcome)
    assert lines(log) == expected
    assert "CANARY" not in log.logger.export()


def noted(*notes: str) -> Granted:
    return Granted(AccessToken(Secret("CANARY-token"), "Bearer", EPOCH, 1000.0, 3600), notes=notes)


def warnings(log: FlowLog) -> list[str]:
    return [entry.message for entry in log.logger.entries() if entry.level is LogLevel.WARNING]


def test_what_is_odd_about_every_token_is_told_of_the_first(log: FlowLog) -> None:
    for seconds in (7, 8, 7):
        log.ended(noted(f"The clock is {seconds} seconds ahead.", "no Cache-Control"), "orders")
    log.ended(noted("no Cache-Control"), "invoices")
    assert warnings(log) == ["The clock is 7 seconds ahead.", "no Cache-Control"]


def test_a_note_that_was_gone_is_news_again(log: FlowLog) -> None:
    for notes in (("not granted: a1",), (), ("not granted: a1",), ("not granted: a2",)):
        log.ended(noted(*notes), "orders")
        log.ended(noted("no Cache-Control"), "invoices")
    expected = ["not granted: a1", "no Cache-Control", "not granted: a1", "not granted: a2"]
    assert warnings(log) == expected


def test_notes_without_end_are_not_all_remembered(log: FlowLog) -> None:
    words = [f"note-{number}x" for number in range(200)]
    for word in (*words, words[-1], words[0]):
        log.ended(noted(word), word)
    assert warnings(log) == [*words, words[0]]

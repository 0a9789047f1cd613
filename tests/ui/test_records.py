"""What becomes of an outcome in the history."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ccflow_tui import records
from ccflow_tui.models.history import HistoryKind
from ccflow_tui.models.outcome import (
    Cancelled,
    Exchange,
    Granted,
    Malformed,
    Outcome,
    Phase,
    Refused,
    ResourceResult,
    Unreachable,
)
from tests.support.fakes import EPOCH
from tests.support.wizard import PROFILE
from tests.ui.samples import TOKEN, TOKEN_TEXT


@pytest.mark.parametrize(
    ("outcome", "kind", "result"),
    [
        (Granted(TOKEN), HistoryKind.GRANTED, f"until {datetime.fromtimestamp(EPOCH + 3600):%H:%M:%S}"),
        (Granted(replace(TOKEN, expires_in=None)), HistoryKind.GRANTED, "no expiry given"),
        (Refused("invalid_client"), HistoryKind.REFUSED, "invalid_client"),
        (Unreachable(Phase.DNS, "name-not-found", "x"), HistoryKind.UNREACHABLE, "name-not-found"),
        (Malformed("a page", "html"), HistoryKind.MALFORMED, "html"),
        (Cancelled(), HistoryKind.CANCELLED, "cancelled"),
    ],
)
def test_each_outcome_has_its_entry(outcome: Outcome, kind: HistoryKind, result: str) -> None:
    entry = records.outcome_entry(outcome, PROFILE, at=EPOCH)
    assert (entry.kind, entry.result, entry.at) == (kind, result, EPOCH)
    assert (entry.profile, entry.client_id, entry.server) == ("default", "client-one", "as.example")
    assert TOKEN_TEXT not in repr(entry)


def test_a_grant_keeps_fingerprint_scope_and_expiry() -> None:
    entry = records.outcome_entry(
        Granted(replace(TOKEN, scope="less"), Exchange(http_status=200)), PROFILE, at=EPOCH, refreshed=True
    )
    assert entry.kind is HistoryKind.REFRESHED
    assert (entry.scope, entry.http_status) == ("less", 200)
    assert (entry.fingerprint, entry.expires_at) == (TOKEN.fingerprint, EPOCH + 3600)
    assert records.outcome_entry(Granted(TOKEN), PROFILE, at=EPOCH).scope == PROFILE.scope


def test_calls_and_sign_outs() -> None:
    call = records.resource_entry(ResourceResult("GET", "https://api.example/v1", 200), PROFILE, at=EPOCH)
    assert (call.kind, call.server, call.result) == (HistoryKind.RESOURCE, "api.example", "answered")
    refused = ResourceResult("GET", "https://[half", None, problem="No.")
    entry = records.resource_entry(refused, PROFILE, at=EPOCH)
    assert (entry.server, entry.result) == ("", "No.")
    out = records.sign_out_entry(PROFILE, at=EPOCH)
    assert (out.kind, out.result) == (HistoryKind.SIGNED_OUT, "purged")

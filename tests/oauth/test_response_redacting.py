"""What of an answer is redacted: nothing of what most servers say, since looking for secrets takes time."""

from __future__ import annotations

from typing import Any

import pytest

from ccflow_tui.models.secret import MASK
from ccflow_tui.oauth.response import parse_token_response
from tests.oauth.test_response import TOKEN, answer, granted, without

SECRET = "hunter2-CANARY"


@pytest.mark.parametrize("scope", ["a b", "b a", "b", None])
def test_nothing_is_looked_for_in_what_the_client_or_ccflow_itself_says(scope: str | None) -> None:
    looked_at: list[str] = []

    def redact(text: str) -> str:
        looked_at.append(text)
        return text

    members: dict[str, Any] = without("scope") if scope is None else {**TOKEN, "scope": scope}
    parse_token_response(answer(members, redact=redact))
    assert [text for text in looked_at if "not granted" not in text] == []


@pytest.mark.parametrize("scope", [f"a {SECRET}", ["a", SECRET], f"{SECRET}\u200b"])
def test_L1_a_secret_among_the_scopes_granted_is_masked_in_the_scope_and_its_notes(scope: object) -> None:
    outcome = granted({**TOKEN, "scope": scope}, redact=lambda text: text.replace(SECRET, MASK))
    assert outcome.token.scope and MASK in outcome.token.scope
    assert SECRET not in outcome.token.scope + " ".join(outcome.notes)
    assert MASK in " ".join(outcome.notes)


def test_L1_a_secret_among_the_scopes_asked_for_is_masked_in_the_notes() -> None:
    outcome = granted(TOKEN, requested_scope=f"a {SECRET}", redact=lambda text: text.replace(SECRET, MASK))
    assert f"not granted: {MASK}" in " ".join(outcome.notes)

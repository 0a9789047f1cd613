"""A token endpoint that names its error in the challenge only (RFC 6749, section 5.2)."""

from __future__ import annotations

import pytest

from ccflow_tui.models.outcome import Malformed, Outcome, Refused
from ccflow_tui.oauth.response import TokenAnswer, parse_token_response


def answered(*challenges: str) -> Outcome:
    headers = tuple(("www-authenticate", value) for value in challenges)
    return parse_token_response(TokenAnswer(401, headers, b"", 1_000.0, 1.0))


def test_B9_of_several_challenges_the_one_with_an_error_counts() -> None:
    outcome = answered(
        'Negotiate, Basic realm="an error=\\"no\\"", charset=UTF-8',
        'DPoP algs=ES256, error = use_dpop_nonce, error_description="Use, this"',
    )
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.description) == ("use_dpop_nonce", "Use, this")


@pytest.mark.parametrize("code", ["", " ", "\u202e", "x" * 61, "caf\u00e9", 'a\\"b'])
def test_B9_an_error_that_is_no_code_is_none(code: str) -> None:
    outcome = answered(f'Bearer error="{code}"')
    assert isinstance(outcome, Malformed)
    assert outcome.kind == "http-error"

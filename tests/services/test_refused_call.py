"""A sample call that an API refuses: what token, clocks and certificates show about it, over the engine."""

from __future__ import annotations

import json
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.models.outcome import ResourceResult
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.oauth.certificates import thumbprint
from ccflow_tui.services.ports import WireResponse
from tests.oauth.signed_tokens import CLAIMS, sign
from tests.services.inspection_bench import PROFILE, SECRET, Bench
from tests.support.client_certificates import issue, write
from tests.support.fakes import EPOCH, json_response

CALLING = replace(PROFILE, api_base="https://api.example/v1/things")
INVALID = ("www-authenticate", 'Bearer error="invalid_token"')


async def refused(
    profile: Profile = CALLING, *headers: tuple[str, str], claims: dict[str, Any] | None = None
) -> tuple[ResourceResult, Bench]:
    text = sign(CLAIMS | (claims or {}))
    grant = json.dumps({"access_token": text, "token_type": "Bearer", "expires_in": 3600})
    answer = WireResponse(401, (INVALID, *headers), b"", EPOCH)
    bench = Bench(token=json_response(grant), things=answer)
    result = await bench.engine.call_resource(profile)
    await bench.engine.close()
    return result, bench


async def test_G5_a_fresh_token_that_is_refused_too_is_not_advised_again() -> None:
    result, bench = await refused()
    assert len(bench.server.asked("things")) == 2
    assert result.fresh_token_used
    assert result.remedy.startswith("A fresh token was refused, too.")
    assert "Get a new" not in result.remedy


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(7200.0, "By the API's clock even this fresh token expired"), (-600.0, "becomes valid only")],
)
async def test_B26_the_date_of_the_answer_shows_a_wrong_clock(ahead: float, words: str) -> None:
    result, _ = await refused(CALLING, ("date", formatdate(EPOCH + ahead, usegmt=True)))
    assert result.remedy.startswith("By the API's clock")
    assert words in result.remedy


async def test_L1_a_secret_in_a_claim_is_not_repeated() -> None:
    result, _ = await refused(claims={"aud": SECRET, "iss": SECRET})
    assert "fresh token was refused" in result.remedy
    assert SECRET not in repr(result)


async def test_F4_the_certificate_that_went_along_is_compared_with_the_one_of_the_token(
    tmp_path: Path,
) -> None:
    own = issue()
    path = write(tmp_path / "both.pem", own.pem(), own.key_pem())
    presenting = replace(CALLING, mtls=MutualTls(True, path))
    other = {"cnf": {"x5t#S256": "thumbprint"}}
    without, _ = await refused(claims=other)
    assert without.remedy.startswith("The token is bound to a client certificate, and none went along.")
    wrong, _ = await refused(presenting, claims=other)
    assert wrong.remedy.startswith("The token is bound to a client certificate, and another one went along.")
    right, _ = await refused(presenting, claims={"cnf": {"x5t#S256": thumbprint(own.der())}})
    assert (right.status, "went along" in right.remedy) == (401, False)

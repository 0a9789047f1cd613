"""E7: the engine itself holds back what nobody has confirmed, whoever asks it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointConsent, EndpointMode, EndpointSource
from ccflow_tui.models.secret import Secret
from tests.services.test_engine import PROFILE, SECRET, Bench
from tests.support.manual_clock import settle

ISSUER, ELSEWHERE = "https://as.example", "https://tokens.example"
AWAY = replace(
    PROFILE,
    endpoint_mode=EndpointMode.ISSUER,
    issuer=ISSUER,
    token_endpoint=f"{ELSEWHERE}/token",
    endpoint_source=EndpointSource.DISCOVERED,
)
CONFIRMED = replace(AWAY, endpoint_consent=EndpointConsent(ISSUER, ELSEWHERE))


async def test_E7_no_request_is_built_or_sent_before_the_endpoint_is_confirmed() -> None:
    bench = Bench()
    bench.engine.remember_secret(AWAY, Secret(SECRET))
    assert bench.engine.unconfirmed_origin(AWAY) == ELSEWHERE
    built = await bench.engine.prepare(CONFIRMED)
    for asking in (bench.engine.prepare(AWAY), bench.ask(AWAY), bench.ask(AWAY, first=built)):
        with pytest.raises(InputProblem, match=f"--allow-endpoint {ELSEWHERE}"):
            await asking
    result = await bench.engine.call_resource(AWAY)
    assert "allow-endpoint" in result.problem
    assert bench.transport.requests == []
    assert isinstance(await bench.ask(CONFIRMED), Granted)
    await bench.engine.close()


async def test_E7_a_stored_token_is_not_kept_alive_at_an_unconfirmed_endpoint() -> None:
    bench = Bench()
    bench.engine.remember_secret(CONFIRMED, Secret(SECRET))
    await bench.engine.save_secret(CONFIRMED)
    await bench.ask(CONFIRMED)
    await settle()
    await bench.engine.let_go()
    assert await bench.engine.stored_token(AWAY) is None
    assert await bench.engine.stored_token(CONFIRMED) is not None
    await bench.engine.close()

"""What came of each step and how long it took, in words without secrets."""

from __future__ import annotations

from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.outcome import Exchange, ResourceResult


def effort(exchange: Exchange) -> str:
    """Return how long an exchange took, in how many attempts, and its HTTP status."""
    attempts = "1 attempt" if exchange.attempts == 1 else f"{exchange.attempts} attempts"
    status = f", HTTP {exchange.http_status}" if exchange.http_status else ""
    return f"after {exchange.elapsed:.2f} s, {attempts}{status}"


def step_facts(state: FlowState) -> tuple[tuple[Step, str], ...]:
    """Return every step with its status and what is known of its work."""
    told = {
        Step.BUILD: f"built in {state.building_took * 1000:.0f} ms" if state.request else "",
        Step.SEND: effort(state.outcome.exchange) if state.outcome else "",
        Step.TOKEN: _called(state.resource),
    }
    return tuple((step, ", ".join(filter(None, (state.status(step), told.get(step))))) for step in Step)


def _called(api: ResourceResult | None) -> str:
    if api is None:
        return ""
    answer = f"HTTP {api.status}" if api.status is not None else "no answer"
    return f"API call: {answer} after {api.elapsed:.2f} s"

"""The steps after the first, imported when they are first opened."""

from __future__ import annotations

from ccflow_tui.models.flow import Step
from ccflow_tui.screens.step import StepScreen


def later_step(step: Step) -> type[StepScreen]:
    """Return the screen of step 2, 3 or 4; the first paint needs step 1 only."""
    if step is Step.BUILD:
        from ccflow_tui.screens.build import BuildScreen

        return BuildScreen
    if step is Step.SEND:
        from ccflow_tui.screens.send import SendScreen

        return SendScreen
    from ccflow_tui.screens.token import TokenScreen

    return TokenScreen

"""Step 3: one key sends; what happens is told while it happens, and a failure says what to do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.getters import query_one
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Static
from textual.worker import Worker

from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.outcome import Advice, Cancelled, Exchange, Granted, Outcome, Phase, Unreachable
from ccflow_tui.models.places import Place
from ccflow_tui.models.problems import InputProblem, SecretStoreProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.progress import AttemptStarted, Progress, RetryScheduled
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest
from ccflow_tui.screens.flow_facts import effort
from ccflow_tui.screens.messages import CopyWanted, EditWanted, OutcomeReady, SendStarted
from ccflow_tui.screens.step import StepScreen
from ccflow_tui.widgets.color_coded_url import ColorCodedUrl
from ccflow_tui.widgets.error_card import ErrorCard, ErrorChoice, advice_text, details_text
from ccflow_tui.widgets.hanging_text import HangingText
from ccflow_tui.widgets.push_button import PushButton
from ccflow_tui.widgets.tastes import shows_motion, tasteful

READY = "Ready. Press Enter or {key} to send."
CANCELLED = "○ Cancelled. The connection was closed. Press {key} to send again."
SEND = "Send 📤"
LABEL_WIDTH = 23
REDRAW_INTERVAL, CALM_INTERVAL = 0.1, 1.0
"""Seconds between two drawings of what is under way; the longer for those who want no motion."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What the next press of the key sends; read by the worker, which takes no arguments."""

    profile: Profile
    request: TokenRequest


class SendScreen(StepScreen):
    """Send: attempts, waits and the end of it, live."""

    STEP = Step.SEND
    HEADING = "📤 Send"
    INTRODUCTION = "One POST to the token endpoint. {back} cancels and closes the connection."
    CARD = Place.FAILURE
    CSS_PATH = "send.tcss"

    status = query_one("#status", Static)
    card = query_one(ErrorCard)
    facts = query_one("#facts", Static)
    target = query_one("#target", ColorCodedUrl)

    _job: _Job | None = None
    _worker: Worker[None] | None = None
    _ticker: Timer | None = None
    _started = 0.0
    _progress: Progress | None = None
    _progress_at = 0.0
    _outcome: Outcome | None = None

    @property
    def introduction(self) -> str:
        """The sentence under the heading, with this person's key."""
        return self.INTRODUCTION.format(back=self.desk.key("back"))

    def compose_step(self) -> ComposeResult:
        """Yield target, progress and the card that explains a failure."""
        yield ColorCodedUrl(id="target")
        yield HangingText(self._with_key(READY), id="status")
        yield ErrorCard(self.desk.keys())
        yield HangingText("", indent=LABEL_WIDTH, id="facts")

    def compose_actions(self) -> ComposeResult:
        """Yield the ways on and back."""
        with Horizontal(classes="buttons"):
            yield PushButton("‹ Back", id="back", compact=True)
            yield PushButton(tasteful(self, SEND), id="send", compact=True, variant="primary")

    def on_mount(self) -> None:
        """Put the focus on the button that sends."""
        self.query_one("#send").focus()

    def on_unmount(self) -> None:
        """Stop redrawing."""
        self._stop_ticking()

    # State in

    @property
    def scroller(self) -> Widget:
        """The card scrolls where it is cut, everything else where there is room."""
        return self.card if self.has_class("-low") else super().scroller

    def show_state(self, state: FlowState) -> None:
        """Follow the flow: a new request resets the screen, an outcome is explained."""
        super().show_state(state)
        if state.request is not None:
            self._job = _Job(state.profile, state.request)
            self.target.show(state.request.url)
            self.facts.update(_facts(state.request))
        self.query_one("#send", Button).label = "Sending…" if state.sending else tasteful(self, SEND)
        if not state.sending and state.outcome is not self._outcome:
            self._outcome = state.outcome
            self._show_outcome(state)

    def _with_key(self, text: str) -> str:
        return text.format(key=self.desk.key("send.send"))

    def _show_outcome(self, state: FlowState) -> None:
        outcome = state.outcome
        self._explain(self.desk.engine.advise(outcome, state.profile) if outcome else None)
        if outcome is None:
            self.status.update(self._with_key(READY))
        elif isinstance(outcome, Cancelled):
            self.status.update(self._with_key(CANCELLED))
        elif isinstance(outcome, Granted):
            self.status.update(
                f"✓ Token acquired {effort(outcome.exchange)}. Press {self.desk.key('step.4')} to see it."
            )
        else:
            self.status.update(f"✗ Failed {effort(outcome.exchange)}.")
            self.card.focus()

    def _explain(self, advice: Advice | None) -> None:
        """Show the card, which takes the place of what is being sent."""
        self.card.show(advice)
        self.facts.display = advice is None
        self.set_class(advice is not None, "-explaining")
        self.refresh_bindings()

    # Sending

    def action_send(self) -> None:
        """Send once; while a request is under way a second press does nothing."""
        if self._job is None or self._is_sending():
            return
        if reason := self.desk.why_off(self._job.profile):
            self.notify(reason, title="Not sent", severity="warning", timeout=15, markup=False)
        elif self._job.profile.production:
            self._ask_about_production()
        else:
            self._start()

    @work(exclusive=True, group="question", exit_on_error=False)
    async def _ask_about_production(self) -> None:
        from ccflow_tui.screens import production
        from ccflow_tui.screens.confirm import Answer, ConfirmDialog

        asked = self._job
        if asked is None:
            return
        text = production.question(asked.profile, asked.request)
        answer = await self.app.push_screen_wait(ConfirmDialog(production.HEADING, text, production.SEND))
        # Whatever changed meanwhile was not what the answer is about.
        if answer is Answer.CONFIRM and self._job == asked and not self._is_sending():
            self._start()
        else:
            self.notify(production.NOT_SENT, severity="warning", markup=False)

    def _start(self) -> None:
        self._explain(None)
        self._started = self.desk.monotonic()
        self._progress = None
        self.post_message(SendStarted())
        self._worker = self._send()
        interval = REDRAW_INTERVAL if shows_motion(self) else CALM_INTERVAL
        self._ticker = self.set_interval(interval, self._draw_progress)
        self._draw_progress()

    @work(exclusive=True, group="token", exit_on_error=False)
    async def _send(self) -> None:
        job = self._job
        if job is None:
            return
        try:
            outcome = await self.desk.engine.request_token(job.profile, job.request, self._listen)
        except asyncio.CancelledError:
            self._end(job, Cancelled(Exchange(elapsed=self.desk.monotonic() - self._started)))
            raise
        except (InputProblem, SecretStoreProblem) as problem:
            self._end(job, Unreachable(Phase.PREPARE, "not-prepared", str(problem)))
        except Exception as error:
            # Whatever it was, the flow must not wait for ever for a request that has ended.
            self._end(job, Unreachable(Phase.PREPARE, "internal", type(error).__name__))
            raise
        else:
            self._end(job, outcome)

    def _end(self, job: _Job, outcome: Outcome) -> None:
        self._stop_ticking()
        self.post_message(OutcomeReady(outcome, job.profile))

    def _is_sending(self) -> bool:
        return self._worker is not None and not self._worker.is_finished

    def _listen(self, progress: Progress) -> None:
        self._progress, self._progress_at = progress, self.desk.monotonic()
        self._draw_progress()

    def _draw_progress(self) -> None:
        if not self.is_mounted or not self._is_sending():
            return
        now = self.desk.monotonic()
        elapsed = f"{now - self._started:.1f} s"
        match self._progress:
            case RetryScheduled(number, limit, wait, reason):
                reason = reason.rstrip(".")
                left = max(0.0, wait - (now - self._progress_at))
                failed = f"◌ Attempt {number} of {limit} failed: {reason}."
                text = f"{failed}\n  Next in {left:.1f} s · {elapsed} so far"
            case AttemptStarted(number, limit):
                text = f"● Attempt {number} of {limit} · waiting for the answer · {elapsed}"
            case _:
                text = f"● Sending · {elapsed}"
        self.status.update(f"{text} · {self.desk.key('back')} cancels")

    def _stop_ticking(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None

    def action_back(self) -> None:
        """Cancel what is under way, whatever lies on top; with nothing under way, go back."""
        if self._is_sending() and self._worker is not None:
            self._worker.cancel()
        else:
            super().action_back()

    # After a failure

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the report of a failure while there is one."""
        if action == "copy_report" and self.card.advice is None:
            return False
        return super().check_action(action, parameters)

    def action_copy_report(self) -> None:
        """Copy what happened as text, without secrets."""
        if (advice := self.card.advice) is not None:
            report = f"{advice_text(advice).plain}\n\n{details_text(advice).plain}\n"
            self.post_message(CopyWanted(Secret(report), "the error report"))

    @on(ErrorCard.Chosen)
    def _follow_advice(self, event: ErrorCard.Chosen) -> None:
        match event.choice:
            case ErrorChoice.RETRY:
                self.action_send()
            case ErrorChoice.DETAILS:
                self.call_after_refresh(self.card.scroll_end, animate=False)
            case ErrorChoice.EDIT:
                advice = event.error_card.advice
                self.post_message(EditWanted(advice.field if advice else ""))
            case ErrorChoice.DISMISS:
                self._explain(None)
                self.query_one("#send").focus()

    @on(Button.Pressed, "#send")
    def _press_send(self) -> None:
        self.action_send()

    @on(Button.Pressed, "#back")
    def _press_back(self) -> None:
        self.action_back()


def _facts(request: TokenRequest) -> str:
    return "\n".join(
        f"{name:<{LABEL_WIDTH}}{value}" for name, value in request.facts.items() if name != "Notes"
    )

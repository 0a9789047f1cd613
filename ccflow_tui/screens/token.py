"""Step 4: the token while it lives: masked, counted down, usable, refreshed, signed out."""

from __future__ import annotations

from datetime import datetime

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Button, Static

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.flow import FlowState, Step
from ccflow_tui.models.lifetime import Lifetime, Urgency
from ccflow_tui.models.outcome import Granted, ResourceResult
from ccflow_tui.models.profile import Profile
from ccflow_tui.screens.messages import ApiConfirmed, CopyWanted, ResourceAnswered, SignOutWanted, StepWanted
from ccflow_tui.screens.token_inspection import InspectingScreen
from ccflow_tui.widgets.color_coded_url import url_text
from ccflow_tui.widgets.copy_button import CopyButton
from ccflow_tui.widgets.hanging_text import HangingText
from ccflow_tui.widgets.inspection_view import InspectionView
from ccflow_tui.widgets.json_view import JsonView, coloured
from ccflow_tui.widgets.masked_token import MaskedToken
from ccflow_tui.widgets.push_button import PushButton
from ccflow_tui.widgets.ttl_countdown import TtlCountdown

REVEAL_SECONDS = 10
LABEL_WIDTH = 13
MORE = "{introspect} asks its server about it · {verify} verifies its signature"
NOTHING_YET = "There is no token yet. Press {step}, then {send}, to request one."


class TokenScreen(InspectingScreen):
    """Token: what was granted and how long it lasts."""

    STEP = Step.TOKEN
    HEADING = "🛡 Access token"
    INTRODUCTION = "Kept alive in the background, masked here, stored in no file."
    CSS_PATH = "token.tcss"

    token_view = query_one(MaskedToken)
    countdown = query_one(TtlCountdown)
    details = query_one("#details", Static)
    answer = query_one("#answer", Static)
    decoded = query_one(JsonView)

    _state = FlowState()
    _is_calling = False

    def compose_step(self) -> ComposeResult:
        """Yield token, countdown, details and what the token was used for."""
        yield MaskedToken()
        yield TtlCountdown(when_expired=f"Press {self.desk.key('token.fresh')} for a fresh token.")
        yield HangingText("", indent=LABEL_WIDTH, id="details")
        yield HangingText("", id="report")
        yield HangingText("", id="notes")
        yield Static(self._more(), id="more", markup=False)
        yield InspectionView()
        yield HangingText("", id="answer")
        yield JsonView()

    def compose_actions(self) -> ComposeResult:
        """Yield what one does with a token."""
        with Horizontal(classes="buttons"):
            yield CopyButton("Copy", id="copy", compact=True, variant="primary")
            yield PushButton("Reveal 10 s", id="reveal", compact=True)
            yield PushButton("Decode", id="decode", compact=True)
            yield PushButton("Call API", id="call", compact=True)
            yield PushButton("Fresh token", id="fresh", compact=True)
            yield PushButton("Sign out", id="sign-out", compact=True, variant="error")

    def on_mount(self) -> None:
        """Put the focus on copying, which is what most people come for."""
        self.query_one("#copy").focus()
        self.decoded.display = self.answer.display = False

    # State in

    def held(self) -> tuple[Profile, AccessToken] | None:
        """See ``InspectingScreen.held``."""
        state = self._state
        return (state.token_profile or state.profile, state.token) if state.token is not None else None

    def show_state(self, state: FlowState) -> None:
        """Show the token of the flow and what became of it."""
        super().show_state(state)
        before, self._state = self._state, state
        if state.token is not before.token or not self.details.content:
            self.token_view.show(state.token)
            self.details.update(_details(state.token) if state.token else self._nothing_yet())
            self.set_class(state.token is not None, "-held")
            self.show_report()
            if self.decoded.display:
                self._show_decoded()
        # What the report tells is not told twice.
        told = state.outcome if isinstance(state.outcome, Granted) else None
        notes = [note for note in told.notes if note not in told.differences] if told else ()
        self._show_text("#notes", "\n".join(f"▲ {note}" for note in notes))
        is_new = state.resource is not before.resource
        if is_new or (state.resource_is_older is not before.resource_is_older and not self._is_calling):
            self._show_answer(state)
        if is_new and state.resource:
            self.bring_into_view(self.answer, top=True)

    def _more(self) -> str:
        """Name, with this person's keys, what has neither a button nor room in the bar of keys."""
        key = self.desk.key
        return MORE.format(introspect=key("token.introspect"), verify=key("token.verify"))

    def _nothing_yet(self) -> str:
        return NOTHING_YET.format(step=self.desk.key("step.3"), send=self.desk.key("send.send"))

    def _show_answer(self, state: FlowState) -> None:
        self._is_calling = False
        result = state.resource
        self._show_text("#answer", _answer(result, older=state.resource_is_older) if result else "")

    def _show_text(self, place: str, text: str | Content) -> None:
        """Show a text, or give its room away while there is none."""
        widget = self.query_one(place, Static)
        widget.update(text)
        widget.display = bool(text)

    def show_lifetime(self, lifetime: Lifetime) -> None:
        """Tick."""
        self.countdown.show(lifetime)
        self.token_view.set_class(lifetime.urgency is Urgency.EXPIRED, "-expired")

    # Actions

    def action_copy_token(self) -> None:
        """Copy the whole token."""
        if self._state.token is not None:
            self.post_message(CopyWanted(self._state.token.value, "the access token"))

    def action_reveal(self) -> None:
        """Show the token for ten seconds, or mask it when it is shown; a production token stays masked."""
        from ccflow_tui.screens.production import refuse_to_show

        if self.token_view.is_revealed:
            self.token_view.mask()
        elif not refuse_to_show(self, self._state.token_profile or self._state.profile):
            self.token_view.reveal_for(REVEAL_SECONDS)
            self.bring_into_view(self.token_view)  # what is shown unmasked is to be seen

    def action_decode(self) -> None:
        """Show or hide what a JWT says; nothing is verified."""
        self.decoded.display = not self.decoded.display
        if self.decoded.display:
            self._show_decoded()

    def _show_decoded(self) -> None:
        token = self._state.token
        if token is not None:
            self.decoded.show(self.desk.engine.view_token(token))
            self.bring_into_view(self.decoded)

    def action_fresh(self) -> None:
        """Go through the send step again for a fresh token."""
        self.post_message(StepWanted(Step.SEND))

    def action_call_api(self) -> None:
        """Call the sample API with the token; at an API that nobody has named, after a question."""
        if self._state.token is None:
            return
        if self.desk.unconfirmed_api(self._state.token_profile or self._state.profile):
            self._ask_about_api()
        else:
            self._start_call()

    @work(exclusive=True, group="api-consent", exit_on_error=False)
    async def _ask_about_api(self) -> None:
        from ccflow_tui.screens.api_question import confirmed

        profile = self._state.token_profile or self._state.profile
        origin = self.desk.unconfirmed_api(profile)
        if not await confirmed(self.app, profile, origin):
            return
        self.post_message(ApiConfirmed(profile, origin))
        if self._state.token is not None and profile == (self._state.token_profile or self._state.profile):
            self._start_call()

    def _start_call(self) -> None:
        self._is_calling = True
        self._show_text("#answer", "… calling the API")
        self._call_api()

    @work(exclusive=True, group="resource", exit_on_error=False)
    async def _call_api(self) -> None:
        profile = self._state.token_profile or self._state.profile
        try:
            result = await self.desk.engine.call_resource(profile)
        except Exception:
            self._show_answer(self._state)  # it is no longer being called
            raise
        self.post_message(ResourceAnswered(result, profile))

    def action_sign_out(self) -> None:
        """Ask, then remove the token and every stored secret of this profile."""
        self.post_message(SignOutWanted())

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        {
            "copy": self.action_copy_token,
            "reveal": self.action_reveal,
            "decode": self.action_decode,
            "call": self.action_call_api,
            "fresh": self.action_fresh,
            "sign-out": self.action_sign_out,
        }[event.button.id or ""]()


def _details(token: AccessToken) -> str:
    rows = [
        ("Token type", token.token_type),
        ("Expires in", _span(token.expires_in)),
        ("Expires at", _clock(token.expires_at)),
        ("Scope", _scope(token)),
        ("Fingerprint", f"SHA-256 {token.fingerprint}…"),
    ]
    return "\n".join(f"{label:<{LABEL_WIDTH}}{value}" for label, value in rows)


def _span(seconds: int | None) -> str:
    if seconds is None:
        return "no expiry given"
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, left = divmod(rest, 60)
    if not hours and not minutes:
        return f"{seconds} seconds"
    span = f"{hours}h {minutes:02}m {left:02}s" if hours else f"{minutes}m {left:02}s"
    return f"{span} ({seconds} seconds)"


def _clock(epoch: float | None) -> str:
    if epoch is None:
        return "no expiry given"
    return datetime.fromtimestamp(epoch).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")


def _scope(token: AccessToken) -> str:
    asked = token.requested_scope
    if token.scope is None:
        return f"{asked or 'none asked for'} (the server did not say; it means as requested)"
    return token.scope or "none"


def _answer(result: ResourceResult, *, older: bool) -> Content:
    mark, style = ("✗", "bold $text-error") if result.problem else ("✓", "bold $text-success")
    status = f"HTTP {result.status}" if result.status is not None else "no answer"
    fresh = " · with one fresh token" if result.fresh_token_used else ""
    age = " · with an earlier token" if older else ""
    lines = [
        Content.styled(f"{mark} {result.method} → {status} in {result.elapsed:.2f} s{fresh}{age}", style),
        url_text(result.url),
        *(Content(text) for text in (result.problem, result.remedy) if text),
        *((coloured(result.body),) if result.body else ()),
    ]
    return Content("\n").join(lines)

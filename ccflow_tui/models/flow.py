"""The state of the wizard and the rules of its four steps: pure values, changed in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from ccflow_tui.models.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccflow_tui.models.access_token import AccessToken
    from ccflow_tui.models.outcome import Outcome, ResourceResult
    from ccflow_tui.models.token_request import TokenRequest


class Step(IntEnum):
    """The four steps, in order."""

    CONFIGURE = 1
    BUILD = 2
    SEND = 3
    TOKEN = 4


class StepStatus(StrEnum):
    """How a step looks in the stepper."""

    PENDING = "pending"
    ACTIVE = "active"
    DONE = "done"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class FlowState:
    """Everything the wizard knows at one moment.

    ``request`` is dropped whenever ``profile`` changes, so a stale request can never be sent; a token
    stays until it is replaced or signed out.
    """

    profile: Profile = field(default_factory=Profile)
    step: Step = Step.CONFIGURE
    request: TokenRequest | None = None
    building_took: float = 0.0
    """Seconds that building and signing the request took."""
    sending: bool = False
    outcome: Outcome | None = None
    token: AccessToken | None = None
    token_profile: Profile | None = None
    """The profile the token was granted to; a later edit must not change where it is used."""
    resource: ResourceResult | None = None
    resource_is_older: bool = False
    """Whether the sample API answered before the token came that is held now."""

    def status(self, step: Step) -> StepStatus:
        """Return how a step is to be drawn."""
        if step is Step.SEND and _failed(self.outcome):
            return StepStatus.ERROR
        if step is self.step and not (step is Step.TOKEN and self.token):
            return StepStatus.ACTIVE
        return StepStatus.DONE if self.is_done(step) else StepStatus.PENDING

    def is_done(self, step: Step) -> bool:
        """Whether the step has what it is there for."""
        return {
            Step.CONFIGURE: self.request is not None,
            Step.BUILD: self.request is not None and (self.step > Step.BUILD or self.outcome is not None),
            Step.SEND: _granted(self.outcome) is not None,
            Step.TOKEN: self.token is not None,
        }[step]

    @property
    def done_count(self) -> int:
        """How many of the four steps are done."""
        return sum(self.is_done(step) for step in Step)

    def why_not(self, step: Step, key_of: Callable[[str], str]) -> str:
        """Return why a step cannot be opened yet, or an empty text when it can.

        ``key_of`` gives the key of an action by its id, since a person may choose other keys.
        """
        if self.sending and step is not Step.SEND:
            return f"A request is under way. Press {key_of('back')} to cancel it first."
        if step in {Step.BUILD, Step.SEND} and self.request is None:
            return f"Complete step 1 first: press {key_of('configure.next')} on the Configure screen."
        if step is Step.TOKEN and self.token is None:
            return "There is no token yet. Send the request in step 3 first."
        return ""

    def with_profile(self, profile: Profile) -> FlowState:
        """Return the state after an edit of the configuration."""
        if profile == self.profile:
            return self
        return replace(self, profile=profile, request=None, outcome=None)

    def with_request(self, request: TokenRequest, took: float = 0.0) -> FlowState:
        """Return the state after a request was built, which took so many seconds."""
        return replace(self, request=request, building_took=took, outcome=None)

    def at(self, step: Step) -> FlowState:
        """Return the state with another step open."""
        return replace(self, step=step)

    def started(self) -> FlowState:
        """Return the state while a request is under way."""
        return replace(self, sending=True, outcome=None)

    def finished(self, outcome: Outcome, sent_for: Profile | None = None) -> FlowState:
        """Return the state after a request ended; a failure keeps the token there was.

        ``sent_for`` is the profile it was made from, where discovery may have changed it meanwhile.
        """
        state = replace(self, sending=False, outcome=outcome)
        token = _granted(outcome)
        return state if token is None else state.with_token(token, sent_for or self.profile)

    def with_token(self, token: AccessToken, profile: Profile) -> FlowState:
        """Return the state holding a token that was granted to ``profile``.

        What the sample API answered to an earlier token of the same profile stays, marked as older.
        """
        resource = self.resource if profile == self.token_profile else None
        return replace(
            self,
            token=token,
            token_profile=profile,
            resource=resource,
            resource_is_older=resource is not None,
        )

    def with_resource(self, result: ResourceResult) -> FlowState:
        """Return the state after the sample API answered."""
        return replace(self, resource=result, resource_is_older=False)

    def signed_out(self) -> FlowState:
        """Return the state without token, request and results; the configuration stays."""
        return FlowState(profile=self.profile)


def _granted(outcome: Outcome | None) -> AccessToken | None:
    if outcome is None:
        return None
    # Imported here: the first paint needs the rules of the steps, but there is no outcome yet.
    from ccflow_tui.models.outcome import Granted

    return outcome.token if isinstance(outcome, Granted) else None


def _failed(outcome: Outcome | None) -> bool:
    """Whether a request ended without a token, and not because the user wanted it to end."""
    if outcome is None:
        return False
    from ccflow_tui.models.outcome import Cancelled, Granted

    return not isinstance(outcome, Granted | Cancelled)

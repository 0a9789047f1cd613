"""Facts that screens report upwards; ``app.py`` is the only one that acts on them.

They stand here and not beside the app because a screen may not import the app.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from ccflow_tui.models.flow import Step
    from ccflow_tui.models.kept_key import KeptKey
    from ccflow_tui.models.outcome import Outcome, ResourceResult
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.models.secret import Secret
    from ccflow_tui.models.token_request import TokenRequest


class ProfileEdited(Message):
    """The configuration changed; ``sources`` tells where the value of each field came from."""

    def __init__(self, profile: Profile, sources: Mapping[str, str]) -> None:
        super().__init__()
        self.profile, self.sources = profile, sources


class EndpointFound(Message):
    """Discovery filled in the token endpoint, so a token stored for it can be taken up again."""

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self.profile = profile


class RequestBuilt(Message):
    """A request is ready to be looked at and sent."""

    def __init__(self, profile: Profile, request: TokenRequest, took: float) -> None:
        super().__init__()
        self.profile, self.request = profile, request
        self.took = took
        """Seconds that it took to build and sign it."""


class StepWanted(Message):
    """Someone wants to see another step."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step


class SendStarted(Message):
    """A token request is under way."""


class OutcomeReady(Message):
    """A token request for ``profile`` ended."""

    def __init__(self, outcome: Outcome, profile: Profile) -> None:
        super().__init__()
        self.outcome, self.profile = outcome, profile


class ResourceAnswered(Message):
    """The sample API answered the token of ``profile``."""

    def __init__(self, result: ResourceResult, profile: Profile) -> None:
        super().__init__()
        self.result, self.profile = result, profile


class ApiConfirmed(Message):
    """The user allows tokens of ``profile`` to go to the API at ``origin``."""

    def __init__(self, profile: Profile, origin: str) -> None:
        super().__init__()
        self.profile, self.origin = profile, origin


class CopyWanted(Message):
    """Something is to go to the clipboard."""

    def __init__(self, text: Secret, label: str) -> None:
        super().__init__()
        self.text, self.label = text, label


class KeyChosen(Message):
    """The open profile is to sign with a key of the secret store."""

    def __init__(self, key: KeptKey) -> None:
        super().__init__()
        self.key = key


class SaveWanted(Message):
    """The profile is to be kept for the next run, its secret in the secret store."""

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self.profile = profile


class SignOutWanted(Message):
    """Token, cache and stored secrets of the profile are to go."""


class EditWanted(Message):
    """The configuration is to be opened, at a field if one is named."""

    def __init__(self, field: str = "") -> None:
        super().__init__()
        self.field = field


class WorkFailed(Message):
    """Something in the background met an error that nobody foresaw."""

    def __init__(self, error: BaseException | None) -> None:
        super().__init__()
        self.error = error

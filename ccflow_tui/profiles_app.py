"""The part of the app that is about profiles: choosing, beginning, opening and saving one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from ccflow_tui.looks import LooksApp
from ccflow_tui.models.flow import FlowState
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.screens import messages as told
from ccflow_tui.screens.configure import ConfigureScreen

if TYPE_CHECKING:
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.screens.confirm import Answer


class ProfilesApp(LooksApp):
    """Everything that changes which profile is open, and what is kept of it."""

    @work(exclusive=True, group="profiles", exit_on_error=False)
    async def action_profiles(self) -> None:
        """Choose another profile."""
        from ccflow_tui.screens.profiles import ProfilesDialog

        current = self.state.profile.name
        self.parts.book.remember(self.state.profile, self.sources)
        try:
            profiles = self.parts.book.profiles()
        except CcflowError as problem:
            self.notify(str(problem), title="Profiles", severity="error", timeout=15, markup=False)
            return
        wish = await self.push_screen_wait(ProfilesDialog(profiles, current))
        if wish is not None and wish.forget:
            from ccflow_tui import removing

            await removing.forget(self, wish.name)
        elif wish is not None and not wish.name:
            await self._begin_profile()
        elif wish is not None and wish.name != current:
            await self.switch_to(wish.name)

    @work(exclusive=True, group="profiles", exit_on_error=False)
    async def action_new_profile(self) -> None:
        """Begin another profile from this one."""
        await self._begin_profile()

    async def _begin_profile(self) -> None:
        from ccflow_tui import new_profile

        current, book = self.state.profile, self.parts.book
        if isinstance(screen := self.step_screen, ConfigureScreen):
            screen.hand_over_secrets()
        name = await new_profile.ask_name(self, current, book)
        try:
            if name is None or not await self._room_for_state():
                return
            await new_profile.begin(self.parts, current, name)
        except CcflowError as problem:
            self.notify(str(problem), title="Not saved", severity="error", timeout=15, markup=False)
            return
        book.remember(current, self.sources)
        await self.switch_to(name)
        self.notify(f"Profile “{name}” is a copy of “{current.name}”. Change what differs.", markup=False)

    async def switch_to(self, name: str) -> None:
        """Open another profile at step 1."""
        profile, sources = self.opened(name)
        await self.start_over(FlowState(profile))
        await self.parts.engine.let_go()
        self.show_profile(profile, sources)
        if reason := self.parts.why_off(profile):
            self.notify(reason, title="Off for this profile", severity="warning", timeout=15, markup=False)
        await self.restore_token()

    def opened(self, name: str | None = None) -> tuple[Profile, dict[str, str]]:
        """Return a profile, or the one to start with, completed, and where each of its fields comes from."""
        profile, sources = self.parts.book.open(name)
        return self.parts.engine.derive(profile), sources

    def show_profile(self, profile: Profile, sources: dict[str, str], *, keep_typed: bool = False) -> None:
        """Put a profile into flow and form; a token of another profile does not stay on the screen."""
        self.sources = sources
        same_client = profile.name == self.state.profile.name
        self.change(self.state.with_profile(profile) if same_client else FlowState(profile))
        if isinstance(screen := self.step_screen, ConfigureScreen):
            screen.load_profile(profile, sources, keep_typed=keep_typed)

    @on(told.SaveWanted)
    @work(exclusive=True, group="save", exit_on_error=False)
    async def _save(self, event: told.SaveWanted) -> None:
        from ccflow_tui import saving

        try:
            if not await self._room_for_state():
                return
            await saving.save(self, event.profile)
        except CcflowError as problem:
            self.notify(str(problem), title="Not saved", severity="error", timeout=15, markup=False)
            return
        await self.refresh_store_status()

    async def _room_for_state(self) -> bool:
        """Whether the state file may be written; a broken one is moved aside when the user agrees."""
        book = self.parts.book
        if not book.broken_state or book.is_demo:
            return True
        question = (
            f"{book.state.path} could not be read, so nothing in it was used, and it was left as it is.\n"
            "Move it aside, where it can still be mended, and begin a new one with this profile?"
        )
        if not await self.confirmed("Move the broken state file aside?", question, "Move aside and save"):
            return False
        aside = book.move_broken_state_aside()
        self.notify(f"The broken file is now {aside}", timeout=15, markup=False)
        return True

    async def restore_token(self) -> None:
        """Show a token of an earlier run that is still alive, unless the flow is off for the profile."""
        profile = self.state.profile
        if self.parts.why_off(profile):
            return  # it would be kept alive, which is a request for a token
        token = await self.parts.engine.stored_token(profile)
        if token is not None and profile == self.state.profile and self.state.token is None:
            self.change(self.state.with_token(token, profile))

    async def confirmed(self, heading: str, question: str, confirm: str) -> bool:
        """Ask as ``asked`` does, and return whether the answer was yes."""
        return await self.asked(heading, question, confirm) == "confirm"

    async def asked(
        self, heading: str, question: str, confirm: str, more: str = "", *, harmless: bool = False
    ) -> Answer | None:
        """Ask before something irreversible; to be awaited in a worker.

        ``harmless`` says that only what ``more`` stands for is.
        """
        from ccflow_tui.screens.confirm import ConfirmDialog

        return await self.push_screen_wait(ConfirmDialog(heading, question, confirm, more, harmless=harmless))

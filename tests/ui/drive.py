"""Driving the whole wizard in a test: open it, wait until it is at rest, read what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from ccflow_tui.app import CcflowApp
from ccflow_tui.models.flow import Step
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.screens.configure_form import MORE_NAMES
from ccflow_tui.screens.confirm import ConfirmDialog
from ccflow_tui.screens.dialog import Dialog
from ccflow_tui.screens.send import SendScreen
from ccflow_tui.screens.token import TokenScreen
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.widgets.field_frame import FieldFrame
from tests.support.fakes import Answer, ScriptedTransport
from tests.support.manual_clock import settle
from tests.support.patience import patiently
from tests.support.wizard import Wizard
from tests.ui.conftest import screen_text

WIDE = (110, 40)


class GatedTransport(ScriptedTransport):
    """Answers only once the gate is open, and counts the exchanges that were cancelled."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__(*answers)
        self.gate = asyncio.Event()
        self.cancelled = 0

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.requests.append(request)
            self.cancelled += 1
            raise
        return await super().exchange(request, deadline=deadline)


class Driver:
    """The pilot with an eye on the wizard."""

    def __init__(self, wizard: Wizard, pilot: Pilot[int]) -> None:
        self.wizard, self.pilot = wizard, pilot
        self._notes: list[str] = []
        self._tell = wizard.app.notify
        setattr(wizard.app, "notify", self._note)  # noqa: B010 - toasts go after seconds; notes stay

    def _note(self, message: str, *, title: str = "", **options: Any) -> None:
        self._notes.append(f"{title}: {message}")
        self._tell(message, title=title, **options)

    @property
    def app(self) -> CcflowApp:
        return self.wizard.app

    @property
    def configure(self) -> ConfigureScreen:
        return cast(ConfigureScreen, self.app.step_screen)

    @property
    def send(self) -> SendScreen:
        return cast(SendScreen, self.app.step_screen)

    @property
    def token(self) -> TokenScreen:
        return cast(TokenScreen, self.app.step_screen)

    @property
    def step(self) -> Step:
        assert self.app.step_screen is not None
        return self.app.step_screen.STEP

    async def press(self, *keys: str) -> None:
        """Press keys and wait until nothing is left to do but what waits for the test."""
        await self.pilot.press(*keys)
        await self.rest()

    async def rest(self) -> None:
        """Let keys, messages and background work run until only waiting work is left."""
        await settle()
        await self.pilot.pause()
        for _ in patiently():
            if not self.app._on_their_way:
                break
            await self.pilot.pause()
        await settle()

    async def done(self) -> None:
        """Wait for work in threads, too, such as signing."""
        for _ in patiently():
            await self.rest()
            if not any(worker.is_running for worker in self.app.workers):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("background work does not end")

    async def advance(self, seconds: float) -> None:
        """Move the clock, then let the app take notice."""
        await self.wizard.clock.advance(seconds)
        await self.rest()
        self.app.tick()
        await self.rest()

    async def to_step(self, step: Step) -> None:
        """Walk forward from step 1 by keyboard."""
        while self.step < step:
            await self.pilot.press("ctrl+j")
            await self.done()

    def field(self, name: str) -> FieldFrame:
        return self.configure.query_one(f"#field-{name}", FieldFrame)

    def input(self, name: str) -> Input:
        return self.configure.query_one(f"#field-{name} Input", Input)

    def shown(self) -> set[str]:
        return {field.field_name for field in self.configure.query(FieldFrame) if field.display}

    @property
    def focused(self) -> str:
        """The name of the field, or the id of the widget, that has the focus."""
        widget = self.app.focused
        while widget is not None and not isinstance(widget, FieldFrame) and widget.id is None:
            widget = cast(Any, widget.parent)
        if isinstance(widget, FieldFrame):
            return widget.field_name
        return (widget.id or "") if widget is not None else ""

    async def type(self, name: str, text: str) -> None:
        """Put the cursor into a field, replace its text as a paste does, and stay there."""
        field = self.input(name)
        if name in MORE_NAMES:
            self.configure.focus_field(name)  # unfolds it
        field.focus()
        await self.pilot.pause()
        field.value = text
        await self.rest()

    async def leave(self) -> None:
        await self.press("tab")

    def text(self, selector: str) -> str:
        """What a static of the open step says."""
        assert self.app.step_screen is not None
        return str(self.app.step_screen.query_one(selector, Static).content)

    def screen(self) -> str:
        """What stands on the screen, line by line."""
        return screen_text(cast("App[None]", self.app))

    def notes(self) -> str:
        """Every toast there was, one a line."""
        return "\n".join(self._notes)

    @property
    def dialog(self) -> Dialog[Any] | None:
        return self.app.screen if isinstance(self.app.screen, Dialog) else None

    @property
    def question(self) -> str:
        """What the open dialog asks, before it is wrapped."""
        assert isinstance(self.app.screen, ConfirmDialog), self.screen()
        return self.app.screen.question

    def history(self) -> list[str]:
        """The kinds of the history entries, newest first."""
        return [entry.kind.value for entry in self.wizard.history.page(0, 100)]


@asynccontextmanager
async def driving(
    wizard: Wizard, size: tuple[int, int] = WIDE, *, settled: bool = True, toasts: bool = False
) -> AsyncIterator[Driver]:
    """Open the wizard and wait until it has ``settled``, or only until it waits for the test.

    Without ``toasts`` messages are noted and not shown, so that they cover nothing.
    """
    async with wizard.app.run_test(size=size, notifications=toasts) as pilot:
        driver = Driver(wizard, pilot)
        await (driver.done() if settled else driver.rest())
        yield driver


@contextmanager
def surviving(problem: Exception, owner: object, name: str) -> Iterator[None]:
    """Make an awaited method of ``owner`` fail in a way nobody foresaw."""
    original = getattr(owner, name)

    async def fail(*_: object, **__: object) -> None:
        raise problem

    setattr(type(owner), name, fail)
    try:
        yield
    finally:
        setattr(type(owner), name, original.__func__)


def files(folder: Path, pattern: str = "*") -> list[Path]:
    """Return what is in a folder."""
    return sorted(folder.glob(pattern))

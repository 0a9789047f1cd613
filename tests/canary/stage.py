"""The whole wizard with real files, wired as the program wires it; only network and clock are replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from textual.events import Paste
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from ccflow_tui.app import CcflowApp
from ccflow_tui.config.paths import default_paths
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.profile import AuthMethod, EndpointMode, Profile
from ccflow_tui.options import Options
from ccflow_tui.services.engine import Engine
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.wiring import Machine, configure, make_machine
from ccflow_tui.wizard import Backstage, make_app
from tests.canary.canaries import Canary, Searcher, jwt
from tests.canary.places import search_files, search_objects, search_screens
from tests.support.manual_clock import ManualClock

BASIC = Profile(
    name="basic",
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    api_base="https://api.example/v1/things",
    client_id="client-basic",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
    scope="read write",
)
POST = replace(BASIC, name="post", client_id="client-post", auth_method=AuthMethod.CLIENT_SECRET_POST)
JWT = replace(
    BASIC,
    name="jwt",
    client_id="client-jwt",
    auth_method=AuthMethod.PRIVATE_KEY_JWT,
    key_reference="env:SIGNING_KEY",
)

Answer = Callable[[WireRequest], WireResponse]


class EchoTransport:
    """Answers as told and makes each client assertion and DPoP proof that passes by a canary."""

    def __init__(self, searcher: Searcher, answer: Answer) -> None:
        self.searcher, self.answer = searcher, answer
        self.requests: list[WireRequest] = []
        self.hang = asyncio.Event()

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        self.requests.append(request)
        assertion = dict(parse_qsl(request.body.decode())).get("client_assertion", "")
        if assertion:
            self.searcher.plant(jwt("client assertion", assertion))
        if proof := dict(request.headers).get("DPoP", ""):
            self.searcher.plant(jwt("DPoP proof", proof))
        if self.answer is hang:
            await self.hang.wait()
        return self.answer(request)

    async def warm(self) -> None:
        return None

    async def close(self) -> None:
        return None


def hang(request: WireRequest) -> WireResponse:
    """Stand for a server that never answers."""
    raise AssertionError("the transport waits instead")


LONGEST_BACKOFF = 10.0


class StageClock(ManualClock):
    """Lets the wait before a retry pass at once, and stands still otherwise."""

    async def sleep(self, seconds: float) -> None:
        if seconds > LONGEST_BACKOFF:
            await super().sleep(seconds)
        else:
            self.jump(seconds)
            await asyncio.sleep(0)


@dataclass
class Stage:
    """A wizard, where its files are, and the searcher that follows it around."""

    app: CcflowApp
    backstage: Backstage
    machine: Machine
    transport: EchoTransport
    clock: StageClock
    searcher: Searcher
    home: Path
    folders: tuple[Path, ...]
    planted: tuple[Path, ...] = ()

    async def close(self) -> None:
        """Close what the program closes, and look at what is left on the disk."""
        await self.backstage.close()
        search_files(self.searcher, *self.folders, planted=self.planted)

    def hear(self, message: Message) -> None:
        """Look at a message as it passes; meant as Pilot's message hook."""
        if isinstance(message, Paste):
            return  # what the user hands over has to get in somehow
        self.searcher.look(f"message {type(message).__name__}", f"{message!r} {message}")
        worker = getattr(message, "worker", None)
        if worker is not None:
            said = f"{worker!r} {worker.name} {worker.group} {worker.description}"
            self.searcher.look("a worker", said)

    async def enter_secret(
        self, pilot: Pilot[Any], canary: Canary, *, into: str = "#field-client_secret Input"
    ) -> None:
        """Enter a secret as a person does: the first keys typed, the rest pasted."""
        field = self.app.screen.query_one(into, Input)
        field.focus()
        await pilot.press(*canary.text[:3])
        self.app.post_message(Paste(canary.text[3:]))
        await pilot.pause()
        assert field.value == canary.text

    async def press(self, pilot: Pilot[Any], *keys: str) -> None:
        """Press keys, wait until everything is done, and look everywhere."""
        await self.press_only(pilot, *keys)
        self.search(f"{self.app.state.step.name} after {keys[-1] if keys else 'the start'}")

    async def call_api(self, pilot: Pilot[Any]) -> None:
        """Call the API and allow it the token, which is asked at the first call."""
        await pilot.press("a")
        await pilot.pause()
        self.search("the question before the API gets the token")
        await self.press(pilot, "right", "enter")

    async def press_only(self, pilot: Pilot[Any], *keys: str) -> None:
        """Press keys and wait until everything is done."""
        await pilot.press(*keys)
        await pilot.pause()
        await self.app.workers.wait_for_complete()
        await pilot.pause()

    def search(self, where: str, *, allowed: tuple[str, ...] = ()) -> None:
        """Look at screens, log and notifications; what is dear to look at is left to ``search_all``."""
        search_screens(self.searcher, self.app, where, allowed=allowed)
        self.searcher.look(f"the log at {where}", repr(self.machine.logger.entries()))
        for notice in self.app._notifications:
            self.searcher.look(f"a notification at {where}", f"{notice!r} {notice.title} {notice.message}")

    def search_all(self, where: str) -> None:
        """Look everywhere, living objects and tasks included."""
        self.search(where)
        self.search_unseen()

    def search_unseen(self) -> None:
        """Look at all that is behind the screens; for an app that is not running, too."""
        search_files(self.searcher, *self.folders, planted=self.planted)
        self.searcher.look("the exported log", self.machine.logger.export())
        for thing in (
            self.app.state,
            self.app.parts,
            self.machine,
            self.backstage.configuration,
            self.machine.engine,
        ):
            self.searcher.look(f"repr of {type(thing).__name__}", repr(thing))
        for task in asyncio.all_tasks():
            self.searcher.look("a task", repr(task))
        search_objects(self.searcher)


def make_stage(
    folder: Path,
    answer: Answer,
    *canaries: Canary,
    profile: Profile = BASIC,
    environment: dict[str, str] | None = None,
    env_file: str = "",
) -> Stage:
    """Wire the wizard over ``folder``; the working folder has to be ``folder / "work"`` already."""
    home, work = folder / "home", folder / "work"
    variables = {"CCFLOW_HOME": str(home), **(environment or {})}
    if env_file:
        (work / ".env").write_text(env_file, encoding="utf-8")
    profiles = {each.name: each for each in (BASIC, POST, JWT, profile)}
    UserState(default_paths(variables).state_file).update(
        lambda _: SavedState(profiles=profiles, last_profile=profile.name)
    )
    searcher = Searcher(*canaries)
    transport, clock = EchoTransport(searcher, answer), StageClock()
    options = Options(profile=profile.name, log_file=folder / "ccflow.log")
    configuration = configure(options, variables)
    machine = make_machine(configuration, options)
    parts = replace(
        machine.engine.parts,
        clock=clock,
        transports=lambda mtls: transport,
        jitter=lambda: 0.0,
    )
    machine = replace(machine, engine=Engine(parts))
    backstage = Backstage(options, configuration, machine)
    return Stage(
        make_app(backstage),
        backstage,
        machine,
        transport,
        clock,
        searcher,
        home,
        (folder,),
        planted=(work / ".env",),
    )

"""Puts the house together: reads the configuration, makes the parts, hands them to app or command."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ccflow_tui import __version__
from ccflow_tui.config.env_file import read_env_file
from ccflow_tui.config.feature_flags import FlagDecision, flow_enabled
from ccflow_tui.config.layers import Layers
from ccflow_tui.config.paths import Paths, default_paths
from ccflow_tui.config.settings_file import find_settings
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.problems import FlowDisabled, SettingsProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.options import Options
from ccflow_tui.profile_book import ProfileBook
from ccflow_tui.services.ports import SecretStore

if TYPE_CHECKING:
    from ccflow_tui.app import CcflowApp
    from ccflow_tui.config.settings import Settings
    from ccflow_tui.services.engine import Engine
    from ccflow_tui.services.log_file import LogFileSink
    from ccflow_tui.services.logger import FlowLogger
    from ccflow_tui.services.redaction import Redactor


AWAITED_DEMO = Profile(name="demo", note="the demo server is starting")
"""Stands in until the demo server has told which clients it prepared."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything read from outside before the first paint."""

    paths: Paths
    book: ProfileBook
    settings: Settings | None
    environment: Mapping[str, str]
    env_file: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def configure(options: Options, environment: Mapping[str, str] = os.environ) -> Configuration:
    """Read settings, ``.env`` and state; raises ``SettingsProblem`` for a file that cannot be used.

    A broken state file is no reason to stop: it is left alone, said, and replaced only when asked.
    """
    paths = default_paths(environment)
    env_file: Mapping[str, str] = {}
    settings = None
    if not options.demo:
        env_file = read_env_file(Path.cwd() / ".env")
        file = find_settings(options.settings, Path.cwd(), paths)
        if file is not None:
            from ccflow_tui.config.settings import load_settings

            settings = load_settings(file)
    state = UserState(paths.state_file)
    warnings: list[str] = []
    try:
        saved = state.load()
    except SettingsProblem as problem:
        saved = SavedState()
        warnings.append(str(problem))
    layers = Layers(environment=environment, env_file=env_file, settings=settings, saved=saved)
    book = ProfileBook(layers, state, options.profile, broken_state=bool(warnings))
    if options.demo:
        book.use_demo((AWAITED_DEMO,), requested=None)
    warnings.extend(book.notes())
    return Configuration(paths, book, settings, environment, env_file, tuple(warnings))


def flag(configuration: Configuration, profile: Profile) -> FlagDecision:
    """Decide whether the flow may run for a profile (DESIGN: feature flag)."""
    override = configuration.environment.get("CCFLOW_ENABLED") or configuration.env_file.get("CCFLOW_ENABLED")
    return flow_enabled(configuration.settings, production=profile.production, override=override)


@dataclass(frozen=True, slots=True)
class Machine:
    """The engine with the parts that others look into."""

    engine: Engine
    logger: FlowLogger
    redactor: Redactor
    store: SecretStore
    sink: LogFileSink | None = None

    async def close(self) -> None:
        """Stop background work, close connections and write the last log lines."""
        await self.engine.close()
        if self.sink is not None:
            self.sink.close()


def make_machine(configuration: Configuration, options: Options) -> Machine:
    """Make the engine; a demo keeps its secrets in memory, since its server dies with it."""
    from ccflow_tui.services.clock import SystemClock
    from ccflow_tui.services.credential_manager import CredentialManager
    from ccflow_tui.services.credentials import CredentialSource, Variables
    from ccflow_tui.services.engine import Engine, EngineParts
    from ccflow_tui.services.flow_log import FlowLog
    from ccflow_tui.services.keyring_store import KeyringStore
    from ccflow_tui.services.logger import FlowLogger
    from ccflow_tui.services.memory_store import MemoryStore
    from ccflow_tui.services.redaction import Redactor
    from ccflow_tui.services.transport import HttpTransport

    clock, redactor = SystemClock(), Redactor()
    logger = FlowLogger(redactor, clock)
    sink = _log_to(options.log_file, logger) if options.log_file is not None else None
    store: SecretStore = MemoryStore() if options.demo else CredentialManager(KeyringStore())
    log = FlowLog(logger)
    # A secret in the environment is meant for a real server: the demo must neither use nor receive it.
    variables = (
        Variables({}, {}) if options.demo else Variables(configuration.environment, configuration.env_file)
    )
    credentials = CredentialSource(store, variables, log.warning)
    parts = EngineParts(
        clock=clock,
        transports=lambda mtls: HttpTransport(clock=clock, mtls=mtls),
        store=store,
        credentials=credentials,
        redactor=redactor,
        log=log,
    )
    return Machine(Engine(parts), logger, redactor, store, sink)


def _log_to(path: Path, logger: FlowLogger) -> LogFileSink:
    from ccflow_tui.services.log_file import LogFileSink

    sink = LogFileSink(path)
    logger.subscribe(sink.write)
    return sink


def make_app(options: Options, configuration: Configuration, machine: Machine) -> CcflowApp:
    """Make the wizard."""
    from ccflow_tui.app import CcflowApp
    from ccflow_tui.flow_app import AppParts
    from ccflow_tui.services.clipboard import SystemClipboard
    from ccflow_tui.services.token_history import open_history
    from ccflow_tui.terminal import recording_warning

    paths = configuration.paths
    history_file = paths.state_dir / "demo" / paths.history_file.name if options.demo else paths.history_file
    history, history_warning = open_history(history_file)
    warnings = (*configuration.warnings, *((history_warning,) if history_warning else ()))
    app = CcflowApp(
        AppParts(
            engine=machine.engine,
            book=configuration.book,
            history=history,
            logger=machine.logger,
            redactor=machine.redactor,
            clipboard=lambda osc52: SystemClipboard(
                osc52, environment=configuration.environment, platform=sys.platform
            ),
            clock=machine.engine.parts.clock,
            version=__version__,
            theme=options.theme or "",
            theme_dir=paths.themes_dir,
            open_profiles=DemoOpening(options, configuration.book, machine) if options.demo else None,
            warnings=warnings,
            standing_warning=recording_warning(configuration.environment),
        )
    )
    machine.engine.on_refresh = app.refresh_ended
    return app


class DemoOpening:
    """Starts the demo server after the first paint, and hands its clients to the wizard."""

    def __init__(self, options: Options, book: ProfileBook, machine: Machine) -> None:
        from ccflow_tui.demo.launcher import DemoServer

        self.server = DemoServer(lifetime=options.demo_lifetime)
        self._requested = options.profile
        self._book, self._machine = book, machine

    async def __call__(self) -> None:
        """Start the server; raises ``CcflowError`` when it does not come up."""
        from ccflow_tui.services.credential_names import private_key_name

        info = await self.server.start()
        self._book.use_demo(info.profiles, requested=self._requested)
        for profile in info.profiles:
            if (secret := info.secrets.get(profile.name)) is not None:
                self._machine.engine.remember_secret(self._machine.engine.derive(profile), secret)
        for name, key in info.keys.items():
            self._machine.redactor.know(key)
            await self._machine.store.put(private_key_name(name), key)


def run_wizard(options: Options) -> int:
    """Open the wizard and return its exit code; everything it started is stopped afterwards."""
    configuration = configure(options)
    profile, _ = configuration.book.open()
    decision = flag(configuration, profile)
    if not decision.enabled:
        raise FlowDisabled(decision.reason)
    machine = make_machine(configuration, options)
    app = make_app(options, configuration, machine)
    return asyncio.run(_run(app, machine))


async def _run(app: CcflowApp, machine: Machine) -> int:
    try:
        await app.run_async()
    finally:
        await machine.close()
        if isinstance(app.parts.open_profiles, DemoOpening):
            await app.parts.open_profiles.server.stop()
    return app.return_code or 0

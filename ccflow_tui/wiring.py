"""Puts the house together: reads the configuration, makes the parts, hands them to app or command."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ccflow_tui.config.feature_flags import FlagDecision, flow_enabled
from ccflow_tui.config.layers import Layers, Source
from ccflow_tui.config.paths import Paths, default_paths
from ccflow_tui.config.resolve import user_named_server
from ccflow_tui.config.settings_file import SettingsChoice, settings_choice
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.variables import ALLOW_ENDPOINT_VARIABLE, SECRET_STORE_VARIABLE
from ccflow_tui.options import Options
from ccflow_tui.profile_book import ProfileBook

if TYPE_CHECKING:
    from ccflow_tui.config.settings import Settings
    from ccflow_tui.config.trust import FolderFile
    from ccflow_tui.models.store_choice import StoreChoice
    from ccflow_tui.services.credentials import Variables
    from ccflow_tui.services.encrypted_store import EncryptedStore
    from ccflow_tui.services.engine import Engine
    from ccflow_tui.services.log_file import LogFileSink
    from ccflow_tui.services.logger import FlowLogger
    from ccflow_tui.services.ports import SecretStore
    from ccflow_tui.services.redaction import Redactor
    from ccflow_tui.services.store_passphrase import StorePassphrase


AWAITED_DEMO = Profile(name="demo", note="the demo server is starting")
"""Stands in until the demo server has told which clients it prepared."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything read from outside before the first paint."""

    paths: Paths
    book: ProfileBook
    settings: Settings | None
    environment: Mapping[str, str] = field(repr=False)
    env_file: Mapping[str, str] = field(repr=False)
    env_path: Path
    choice: SettingsChoice
    store: StoreChoice | None = None
    """Where secrets are kept; ``None`` where nobody said."""
    warnings: tuple[str, ...] = ()


def configure(options: Options, environment: Mapping[str, str] = os.environ) -> Configuration:
    """Read settings, ``.env`` and state; raises ``SettingsProblem`` for a file that cannot be used.

    A broken state file is no reason to stop: it is left alone, said, and replaced only when asked.
    """
    if options.allow_endpoint:
        # The command line is the word of whoever runs ccflow, as the process's own environment is.
        environment = {**environment, ALLOW_ENDPOINT_VARIABLE: options.allow_endpoint}
    paths = default_paths(environment)
    choice = SettingsChoice(None, "the demo brings its own profiles")
    folder = _working_folder()
    env_path = folder / ".env"
    if not options.demo:
        choice = settings_choice(options.settings, folder, paths)
    state = UserState(paths.state_file)
    warnings: list[str] = []
    try:
        saved = state.load()
    except SettingsProblem as problem:
        saved = SavedState()
        warnings.append(str(problem))
    layers = Layers(environment=environment, saved=saved)
    mere_files: tuple[FolderFile, ...] = ()
    if not options.demo and (choice.file is not None or os.path.lexists(env_path)):
        layers, mere_files = _with_files(layers, env_path, choice, options.settings, paths)
    book = ProfileBook(layers, state, options.profile, broken_state=bool(warnings), folder=mere_files)
    book.settings_file = choice.file
    if options.demo:
        book.use_demo((AWAITED_DEMO,), requested=None)
    warnings.extend(book.notes())
    store = _chosen_store(layers)
    return Configuration(
        paths, book, layers.settings, environment, layers.env_file, env_path, choice, store, tuple(warnings)
    )


def _with_files(
    layers: Layers, env_path: Path, choice: SettingsChoice, explicit: Path | None, paths: Paths
) -> tuple[Layers, tuple[FolderFile, ...]]:
    """Add what the files say, where there are any, and return those that merely lie in the folder."""
    from ccflow_tui.config.files import read_files
    from ccflow_tui.config.lone_env import stands_alone

    files, saved = read_files(env_path, choice, explicit, paths), layers.saved or SavedState()
    layers = replace(
        layers,
        env_file=files.env_file,
        env_file_trusted=files.trusted(Source.ENV_FILE, saved, layers.environment),
        settings=files.settings,
        settings_trusted=files.trusted(Source.SETTINGS, saved, layers.environment),
        own_settings=files.own_settings,
    )
    if stands_alone(layers):
        layers = replace(layers, env_file_trusted=True)
    return layers, files.folder


def _chosen_store(layers: Layers) -> StoreChoice | None:
    said = (layers.environment.get(SECRET_STORE_VARIABLE), layers.env_file.get(SECRET_STORE_VARIABLE))
    if not any(said) and layers.settings is None:
        return None  # the first paint does not wait for what is seldom needed
    from ccflow_tui.config.store_choice import chosen_store

    return chosen_store(layers)


def _working_folder() -> Path:
    """Return the working folder; one that was deleted holds no file to find."""
    try:
        return Path.cwd()
    except OSError:
        return Path()


def flag(configuration: Configuration, profile: Profile) -> FlagDecision:
    """Decide whether the flow may run for a profile (DESIGN: feature flag)."""
    return flow_enabled(configuration.book.layers, production=profile.production)


def why_off(configuration: Configuration, profile: Profile) -> str:
    """Return why a profile's flow is off and how to enable it, or an empty text when it is on."""
    decision = flag(configuration, profile)
    return "" if decision.enabled else decision.reason


@dataclass(frozen=True, slots=True)
class Machine:
    """The engine with the parts that others look into."""

    engine: Engine
    logger: FlowLogger
    redactor: Redactor
    store: SecretStore
    passphrase: StorePassphrase
    """Opens the encrypted file, where secrets are in one; whoever can ask a person says so here."""
    sink: LogFileSink | None = None
    secrets_file: EncryptedStore | None = None
    """The encrypted file, where secrets are in one."""

    def watch_background(self) -> None:
        """Log, redacted, what goes wrong where nobody waits for it; to be called in the running loop."""
        from ccflow_tui.crash import report_background_faults

        report_background_faults(self.report_fault)

    def report_fault(self, text: str) -> None:
        """Log a fault, redacted."""
        from ccflow_tui.models.log_entry import LogLevel

        self.logger.write(LogLevel.ERROR, "⛔", text)

    async def close(self) -> None:
        """Stop background work, close connections and write the last log lines."""
        await self.engine.close()
        if self.sink is not None:
            self.sink.close()


def make_machine(configuration: Configuration, options: Options) -> Machine:
    """Make the engine; a demo keeps its secrets in memory, since its server dies with it."""
    from ccflow_tui.config.atomic import write_private
    from ccflow_tui.filings import note_stored
    from ccflow_tui.services.client_certificates import ClientCertificates
    from ccflow_tui.services.clock import SystemClock
    from ccflow_tui.services.credentials import CredentialSource, Variables
    from ccflow_tui.services.engine import Engine, EngineParts
    from ccflow_tui.services.flow_log import FlowLog
    from ccflow_tui.services.key_register_file import key_register
    from ccflow_tui.services.logger import FlowLogger
    from ccflow_tui.services.redaction import Redactor
    from ccflow_tui.services.signing_keys import SigningKeys
    from ccflow_tui.services.transport import HttpTransport
    from ccflow_tui.store_wiring import make_store, secrets_file, store_passphrase

    clock, redactor = SystemClock(), Redactor()
    logger = FlowLogger(redactor, clock)
    sink = _log_to(options.log_file, logger) if options.log_file is not None else None
    passphrase = store_passphrase(configuration, redactor)
    file = secrets_file(configuration, options, passphrase)
    store = make_store(configuration, options, file)
    log = FlowLog(logger)
    # A secret in the environment is meant for a real server: the demo must neither use nor receive it.
    variables = Variables({}, {}) if options.demo else _variables(configuration)
    for secret in variables.secrets():
        redactor.know(secret)
    credentials = CredentialSource(
        store,
        variables,
        log.warning,
        trusted=lambda name: user_named_server(name, configuration.book.layers),
        redactor=redactor,
    )
    certificates = ClientCertificates(SigningKeys(credentials.reader, redactor.know), clock)
    parts = EngineParts(
        clock=clock,
        transports=lambda mtls: HttpTransport(clock=clock, mtls=mtls, certificates=certificates.load),
        certificates=certificates,
        store=store,
        credentials=credentials,
        redactor=redactor,
        log=log,
        filed=lambda profile: note_stored(configuration.book, store, profile),
        key_register=key_register(None if options.demo else configuration.paths.keys_file, write_private),
    )
    return Machine(Engine(parts), logger, redactor, store, passphrase, sink, file)


def _variables(configuration: Configuration) -> Variables:
    from ccflow_tui.config.files import read_trusted_variable
    from ccflow_tui.services.credentials import Variables

    path, book = configuration.env_path, configuration.book

    def is_trusted() -> bool:
        return book.layers.env_file_trusted  # a person may have been asked meanwhile

    return Variables(
        configuration.environment,
        configuration.env_file,
        look_up=lambda name: read_trusted_variable(path, name, book.folder, trusted=is_trusted()),
        trusts_env_file=is_trusted,
    )


def _log_to(path: Path, logger: FlowLogger) -> LogFileSink:
    from ccflow_tui.services.log_file import LogFileSink

    sink = LogFileSink(path)
    logger.subscribe(sink.write)
    return sink


class DemoOpening:
    """Starts the demo server after the first paint, and hands its clients to the wizard."""

    def __init__(self, options: Options, book: ProfileBook, machine: Callable[[], Machine]) -> None:
        from ccflow_tui.demo.launcher import DemoServer

        self.server = DemoServer(lifetime=options.demo_lifetime)
        self._requested = options.profile
        self._book, self._open_machine = book, machine

    async def __call__(self) -> None:
        """Start the server; raises ``CcflowError`` when it does not come up."""
        from ccflow_tui.services.credential_names import private_key_name

        info = await self.server.start()
        machine = self._open_machine()
        self._book.use_demo(info.profiles, requested=self._requested)
        for profile in info.profiles:
            if (secret := info.secrets.get(profile.name)) is not None:
                machine.engine.provide_secret(machine.engine.derive(profile), secret)
        for name, key in info.keys.items():
            machine.redactor.know(key)
            await machine.store.put(private_key_name(name), key)

"""A whole wizard made of real parts, with the world replaced: clock, network, keyring, clipboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ccflow_tui.app import CcflowApp
from ccflow_tui.app_parts import AppParts
from ccflow_tui.config.layers import Layers
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.filings import note_stored
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.url_validation import origin_of
from ccflow_tui.profile_book import ProfileBook
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.engine import Engine, EngineParts
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.key_workbench import Workbench
from ccflow_tui.services.logger import FlowLogger
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.ports import CopyReport, CopyRoute, SecretStore, Transport
from ccflow_tui.services.ports_keys import KeyWorkbench
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.token_history import MemoryHistory
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.manual_clock import ManualClock
from tests.support.workbench import MemoryWorkbench

SECRET = "CANARY-client-secret-4711"
TOKEN = "CANARY-token-" + "0123456789abcdef" * 6
GRANT = json_response(
    f'{{"access_token": "{TOKEN}", "token_type": "Bearer", "expires_in": 3600, "scope": "read write"}}'
)
PROFILE = Profile(
    name="default",
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://as.example/token",
    endpoint_source=EndpointSource.TYPED,
    api_base="https://api.example/v1/environments/e1",
    client_id="client-one",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
    scope="read write",
)


@dataclass
class RecordingClipboard:
    """Keeps what was copied."""

    copied: list[tuple[str, str]] = field(default_factory=list)

    async def copy(self, text: Secret, *, label: str) -> CopyReport:
        self.copied.append((label, text.reveal()))
        return CopyReport(CopyRoute.NATIVE, f"Copied {label}.")


@dataclass
class Wizard:
    """The app and every stand-in around it."""

    app: CcflowApp
    engine: Engine
    transport: Transport
    clock: ManualClock
    clipboard: RecordingClipboard
    history: MemoryHistory
    logger: FlowLogger
    redactor: Redactor
    store: SecretStore


def make_wizard(
    folder: Path,
    *,
    profiles: tuple[Profile, ...] = (PROFILE,),
    transport: Transport | None = None,
    store: SecretStore | None = None,
    environment: Mapping[str, str] | None = None,
    secret: str | None = SECRET,
    configure: Callable[[Engine], None] | None = None,
    theme: str = "",
    why_off: Callable[[Profile], str] = lambda profile: "",
    workbench: MemoryWorkbench | None = None,
    confirmed: bool = True,
    **tastes: Any,
) -> Wizard:
    """Make a wizard whose files live in ``folder``; ``secret`` is remembered for every profile.

    ``workbench`` stands in for the real one, which keeps its keys in ``store``; ``confirmed`` says whether
    tokens may go to the APIs of the profiles; ``tastes`` are parts of the app such as ``actions``, ``emoji``
    and ``motion``.
    """
    clock, redactor = ManualClock(), Redactor()
    logger = FlowLogger(redactor, clock)
    log = FlowLog(logger)
    transport = transport or ScriptedTransport(GRANT)
    store = store or MemoryStore()
    variables = Variables(environment or {}, {})
    parts = EngineParts(
        clock=clock,
        transports=lambda mtls: transport,
        store=store,
        credentials=CredentialSource(store, variables, log.warning),
        redactor=redactor,
        log=log,
        jitter=lambda: 0.0,
        filed=lambda profile: note_stored(book, store, profile),
    )
    engine = Engine(parts)
    if secret is not None:
        for profile in profiles:
            engine.remember_secret(profile, Secret(secret))
    if configure is not None:
        configure(engine)
    saved = SavedState(
        profiles={profile.name: profile for profile in profiles},
        last_profile=profiles[0].name,
        confirmed_apis={each.name: (origin_of(each.api_base),) for each in profiles if confirmed},
    )
    layers = Layers(environment=environment or {}, saved=saved)
    history, clipboard = MemoryHistory(), RecordingClipboard()
    book = ProfileBook(layers, UserState(folder / "state.json"))
    keys: KeyWorkbench = Workbench(engine.kept_keys, book.profiles)
    if workbench is not None:
        workbench.profiles, keys = book.profiles, workbench
    app = CcflowApp(
        AppParts(
            engine=engine,
            workbench=keys,
            book=book,
            history=history,
            logger=logger,
            clipboard=lambda osc52: clipboard,
            clock=clock,
            version="1.2.3",
            why_off=why_off,
            theme=theme,
            **tastes,
        )
    )
    engine.on_refresh = app.refresh_ended
    return Wizard(app, engine, transport, clock, clipboard, history, logger, redactor, store)

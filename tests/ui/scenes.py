"""States of the wizard worth a picture: how to get there, with made-up data that never changes.

The clock stands still, keys and ids are named and not random, and no toast comes uninvited, so that a
state looks the same in every run and on every machine.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from textual.pilot import Pilot

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, MutualTls, Profile
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.screens.name import NameDialog
from ccflow_tui.screens.send import SendScreen
from ccflow_tui.services.ports import WireRequest, WireResponse
from tests.support.fakes import EPOCH, ScriptedTransport, json_response
from tests.support.manual_clock import ManualClock
from tests.support.patience import patiently
from tests.support.wizard import SECRET, Wizard, make_wizard
from tests.support.workbench import MemoryWorkbench

Scene = Callable[[Wizard, "Pilot[int]"], Awaitable[None]]

ENVIRONMENT = "7f3c1d2e-4a5b-4c6d-8e9f-0a1b2c3d4e5f"
KEY_VARIABLE = "ORDERS_SIGNING_KEY"
SIGNED = Profile(
    name="orders",
    endpoint_mode=EndpointMode.PRESET,
    environment_id=ENVIRONMENT,
    region="eu",
    client_id="orders-service-prod-eu",
    auth_method=AuthMethod.PRIVATE_KEY_JWT,
    key_reference=f"env:{KEY_VARIABLE}",
    assertion_alg="ES256",
    assertion_kid="orders-2027-01",
    scope="p1:read:users p1:read:environments",
)
BASIC = replace(SIGNED, name="orders-basic", auth_method=AuthMethod.CLIENT_SECRET_BASIC)
POST = Profile(
    name="billing",
    endpoint_mode=EndpointMode.MANUAL,
    token_endpoint="https://login.example.com/oauth2/token",
    endpoint_source=EndpointSource.TYPED,
    api_base="https://api.example.com/v1/invoices",
    client_id="billing-job-7",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
    scope="invoices:read invoices:write",
    audience="https://api.example.com",
    resources=("https://api.example.com/v1",),
)
CERTIFICATE = replace(
    SIGNED,
    name="orders-tls",
    auth_method=AuthMethod.TLS_CLIENT_AUTH,
    mtls=MutualTls(cert_ref="~/keys/orders.pem", key_ref="keyring:orders"),
)
BOUND = replace(SIGNED, name="orders-bound", dpop=True, mtls=MutualTls(True, "~/keys/orders.p12"))
REFERRED = replace(
    BASIC,
    name="orders-nightly",
    secret_reference="env:ORDERS_SECRET",
    proactive_refresh_seconds=75,
    production=True,
    note="for the nightly job",
)
ADDRESSED = replace(SIGNED, name="orders-own", assertion_audience=f"https://auth.pingone.eu/{ENVIRONMENT}")
ISSUER = replace(BASIC, name="issuer", endpoint_mode=EndpointMode.ISSUER, issuer="https://login.example.com")
EMPTY = Profile()


def _segment(members: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


ACCESS_TOKEN = ".".join(
    (
        _segment({"alg": "RS256", "typ": "at+jwt", "kid": "as-2027"}),
        _segment(
            {
                "iss": f"https://auth.pingone.eu/{ENVIRONMENT}/as",
                "sub": "orders-service-prod-eu",
                "aud": ["https://api.pingone.eu"],
                "scope": SIGNED.scope,
                "iat": int(EPOCH),
                "exp": int(EPOCH) + 3600,
                "jti": "6d1f0f4e",
            }
        ),
        base64.urlsafe_b64encode(bytes(range(64, 192))).rstrip(b"=").decode(),
    )
)


def grant(
    expires_in: int | None = 3600, scope: str = SIGNED.scope, token: str = ACCESS_TOKEN
) -> WireResponse:
    """Return a token response (RFC 6749, section 5.1)."""
    members: dict[str, object] = {"access_token": token, "token_type": "Bearer", "scope": scope}
    if expires_in is not None:
        members["expires_in"] = expires_in
    return json_response(json.dumps(members), headers=[("cache-control", "no-store")])


def refusal(code: str, description: str = "", status: int = 401) -> WireResponse:
    """Return an error response (RFC 6749, section 5.2)."""
    body = {"error": code} | ({"error_description": description} if description else {})
    return json_response(json.dumps(body), status, [("correlation-id", "3f9e0c51-77aa")])


def metadata(url: str) -> WireResponse:
    """Return what a server answers under the well-known address of its metadata (RFC 8414, section 3)."""
    parts = urlsplit(url)
    path = re.sub(r"/\.well-known/[a-z-]+", "", parts.path)
    issuer = f"{parts.scheme}://{parts.netloc}{path}"
    members = {"issuer": issuer, "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/jwks"}
    return json_response(json.dumps(members))


class PromptServer(ScriptedTransport):
    """Answers in order, each time after the same moment, and tells its metadata whenever it is asked."""

    clock: ManualClock

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        self.clock.jump(0.18)
        if "/.well-known/" in request.url:
            return metadata(request.url)
        return await super().exchange(request, deadline=deadline)


class Silence(ScriptedTransport):
    """Accepts the request and never answers."""

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        self.requests.append(request)
        await asyncio.Event().wait()
        raise AssertionError("nobody wakes this")


@lru_cache
def _signing_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def wizard_for(
    folder: Path, *answers: WireResponse | Exception, profile: Profile = SIGNED, theme: str = ""
) -> Wizard:
    """Return a wizard with ``profile`` open whose server gives these answers in order."""
    others = [known for known in (SIGNED, BASIC, POST) if known.name != profile.name]
    transport = PromptServer(*answers) if answers else Silence()
    wizard = make_wizard(
        folder,
        profiles=(profile, *others),
        secret=None if profile.secret_reference else SECRET,
        transport=transport,
        environment={KEY_VARIABLE: _signing_key()},
        theme=theme,
        workbench=MemoryWorkbench(),
    )
    if isinstance(transport, PromptServer):
        transport.clock = wizard.clock
    return wizard


def without_colour(wizard: Wizard) -> None:
    """Do to the app what ``NO_COLOR`` in its environment does."""
    from textual.filter import Monochrome

    wizard.app.no_color = True
    wizard.app._filters.append(Monochrome())


async def until(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    """Wait for something to become true, however busy the machine is."""
    for _ in patiently():
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("The wizard does not get there.")


async def rest(wizard: Wizard, pilot: Pilot[int]) -> None:
    """Wait until nothing moves any more, except a request or a dialog that waits for somebody."""
    for _ in range(2):
        await pilot.pause()
        waiting = {"token", "profiles", "sign-out", "keys"}
        busy = [worker for worker in wizard.app.workers if worker.group not in waiting]
        if busy:
            await wizard.app.workers.wait_for_complete(busy)
        await pilot.pause()


async def go_on(wizard: Wizard, pilot: Pilot[int], step: Step) -> None:
    """Press the key for the main thing and wait for the step it leads to."""
    await pilot.press("ctrl+j")
    await until(pilot, lambda: wizard.app.state.step is step)
    await rest(wizard, pilot)


def sending_step(wizard: Wizard) -> SendScreen:
    """Return step 3."""
    assert isinstance(wizard.app.screen, SendScreen)
    return wizard.app.screen


async def configure(wizard: Wizard, pilot: Pilot[int]) -> None:
    """Step 1 as it opens."""
    await rest(wizard, pilot)


async def build(wizard: Wizard, pilot: Pilot[int]) -> None:
    """Step 2, the request built."""
    await configure(wizard, pilot)
    await go_on(wizard, pilot, Step.BUILD)


async def ready(wizard: Wizard, pilot: Pilot[int]) -> None:
    """Step 3, nothing sent yet."""
    await build(wizard, pilot)
    await go_on(wizard, pilot, Step.SEND)


async def sent(wizard: Wizard, pilot: Pilot[int]) -> None:
    """The first attempt is under way."""
    await ready(wizard, pilot)
    await pilot.press("ctrl+j")
    await until(pilot, lambda: "Attempt 1" in str(sending_step(wizard).status.content))
    await until(pilot, lambda: wizard.app.state.sending)
    await rest(wizard, pilot)


async def retrying(wizard: Wizard, pilot: Pilot[int]) -> None:
    """The first attempt failed in a way that may pass."""
    await ready(wizard, pilot)
    await pilot.press("ctrl+j")
    await until(pilot, lambda: "Next in" in str(sending_step(wizard).status.content))
    await until(pilot, lambda: wizard.app.state.sending)
    await rest(wizard, pilot)


async def answered(wizard: Wizard, pilot: Pilot[int]) -> None:
    """After the server's answer was taken in; where that leads depends on the answer."""
    await ready(wizard, pilot)
    await pilot.press("ctrl+j")
    await until(pilot, lambda: wizard.app.state.outcome)
    await rest(wizard, pilot)


async def granted(wizard: Wizard, pilot: Pilot[int]) -> None:
    """Step 4, with a token."""
    await answered(wizard, pilot)
    await until(pilot, lambda: wizard.app.state.step is Step.TOKEN)
    await rest(wizard, pilot)


async def called(wizard: Wizard, pilot: Pilot[int]) -> None:
    """The sample API answered."""
    await granted(wizard, pilot)
    await pilot.press("a")
    await until(pilot, lambda: wizard.app.state.resource)
    await rest(wizard, pilot)


def later(seconds: float, scene: Scene = granted) -> Scene:
    """Return the scene some seconds on."""

    async def play(wizard: Wizard, pilot: Pilot[int]) -> None:
        await scene(wizard, pilot)
        wizard.clock.jump(seconds)
        wizard.app.tick()
        await rest(wizard, pilot)

    return play


def then(scene: Scene, *keys: str) -> Scene:
    """Return the scene after some keys."""

    async def play(wizard: Wizard, pilot: Pilot[int]) -> None:
        await scene(wizard, pilot)
        await pilot.press(*keys)
        await rest(wizard, pilot)

    return play


def opened(scene: Scene, key: str) -> Scene:
    """Return the scene with the dialog that a key opens."""

    async def play(wizard: Wizard, pilot: Pilot[int]) -> None:
        await scene(wizard, pilot)
        await pilot.press(key)
        await until(pilot, lambda: len(wizard.app.screen_stack) > 1)
        await rest(wizard, pilot)

    return play


async def cancelled(wizard: Wizard, pilot: Pilot[int]) -> None:
    """Step 3 after Esc closed the connection."""
    await sent(wizard, pilot)
    await pilot.press("escape")
    await until(pilot, lambda: wizard.app.state.outcome)
    await rest(wizard, pilot)


async def mistyped(wizard: Wizard, pilot: Pilot[int]) -> None:
    """Step 1 after a wrong environment id was left and Next was pressed."""
    await configure(wizard, pilot)
    await pilot.press(*"not-a-uuid", "tab", "ctrl+j")
    await rest(wizard, pilot)


def in_field(name: str) -> Scene:
    """Return step 1 with the cursor in a field, perhaps one that stands folded away at first."""

    async def play(wizard: Wizard, pilot: Pilot[int]) -> None:
        await configure(wizard, pilot)
        assert isinstance(wizard.app.screen, ConfigureScreen)
        wizard.app.screen.focus_field(name)
        await rest(wizard, pilot)

    return play


async def name_taken(wizard: Wizard, pilot: Pilot[int]) -> None:
    """A new profile was begun under a name that there is."""
    await opened(configure, "f6")(wizard, pilot)
    await pilot.press("n")
    await until(pilot, lambda: isinstance(wizard.app.screen, NameDialog))
    await pilot.press(*"Orders", "enter")
    await rest(wizard, pilot)


async def palette(wizard: Wizard, pilot: Pilot[int]) -> None:
    """The command palette over step 4, its commands listed."""
    from textual.command import CommandList

    await opened(granted, "ctrl+p")(wizard, pilot)
    commands = wizard.app.screen.query_one(CommandList)
    await until(pilot, lambda: commands.option_count)
    await rest(wizard, pilot)  # which waits for the worker that gathers the commands

"""The key workbench in states worth a picture; ``scenes.py`` says what makes them the same everywhere."""

from __future__ import annotations

import asyncio

from textual.pilot import Pilot

from ccflow_tui.models.kept_key import KeptKey, KeyKind
from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.screens.dialog import Dialog
from tests.support.wizard import Wizard
from tests.support.workbench import MemoryWorkbench, certificate, made_key
from tests.ui.scenes import SIGNED, Scene, configure, rest, until

SIGNING = Profile(
    name="orders",
    endpoint_mode=EndpointMode.PRESET,
    environment_id=SIGNED.environment_id,
    region="eu",
    client_id="orders-service-prod-eu",
    endpoint_source=EndpointSource.DERIVED,
    key_reference="keyring:orders",
    assertion_alg="ES256",
    production=True,
)
PAIR = (made_key("orders"), made_key("orders-2", replaces="orders"))
KEPT = (
    *PAIR,
    made_key("billing", KeyKind.RSA_2048, certificate=certificate(12.5, "CN=billing,O=Example")),
    made_key("reports", KeyKind.RSA_4096, certificate=certificate(-3, "CN=reports")),
    made_key("laptop", KeyKind.ED25519, missing="It is not in the secret store. Import it again."),
)
FILE, SET, WORDS = "~/keys/orders.p12", "~/keys.json", "CANARY-passphrase-of-the-key"
FOUND = made_key("", KeyKind.RSA_2048, certificate=certificate(200), created=None, store="")


def bench_of(wizard: Wizard) -> MemoryWorkbench:
    """Return the stand-in that the wizard works with."""
    bench = wizard.app.parts.workbench
    assert isinstance(bench, MemoryWorkbench)
    return bench


def workbench(*keys: KeptKey, then: tuple[str, ...] = ()) -> Scene:
    """Return the scene of the workbench with some keys, after ``then`` was pressed."""

    async def play(wizard: Wizard, pilot: Pilot[int]) -> None:
        bench = bench_of(wizard)
        bench.kept = {key.name: key for key in keys}
        bench.files, bench.passphrases = {FILE: FOUND}, {FILE: WORDS}
        bench.sets = {SET: {key.kid: key for key in (made_key("orders-1"), made_key("orders-2"))}}
        await configure(wizard, pilot)
        await pressed(wizard, pilot, "f8", *then)

    return play


async def pressed(wizard: Wizard, pilot: Pilot[int], *keys: str) -> None:
    """Press one key after the other, each when what the one before it began is over."""
    for key in keys:
        await pilot.press(key)
        await rest(wizard, pilot)


async def generating(wizard: Wizard, pilot: Pilot[int]) -> None:
    """A large key is being made."""
    await workbench(then=("n", "down", "down", "down"))(wizard, pilot)
    bench_of(wizard).gate = asyncio.Event()
    await pilot.press("enter")
    await pilot.pause()


async def import_stopped_by_passphrase(wizard: Wizard, pilot: Pilot[int]) -> None:
    """The import of an encrypted key after a wrong passphrase."""
    await workbench(*PAIR, then=("i", *FILE, "enter", "enter", "enter"))(wizard, pilot)
    assert isinstance(wizard.app.screen, Dialog)
    await pressed(wizard, pilot, *"wrong", "enter", "enter")


async def import_looked_at(wizard: Wizard, pilot: Pilot[int]) -> None:
    """The import of a key whose facts are shown before it is kept."""
    bench_of(wizard).typed[FILE] = Secret(WORDS)
    await workbench(*PAIR, then=("i", *FILE, "enter", "enter", "enter"))(wizard, pilot)
    await until(pilot, lambda: wizard.app.focused is not None and wizard.app.focused.id == "confirm")


async def import_asks_for_a_key_id(wizard: Wizard, pilot: Pilot[int]) -> None:
    """The import of a JWK Set with two keys, of which one is to be named."""
    await workbench(*PAIR, then=("i", *SET, "enter", "enter", "enter"))(wizard, pilot)

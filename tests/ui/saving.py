"""Wizards whose profile was saved with its secret, and what saving it anew asks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.filings import noting
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.services.credential_names import (
    client_secret_name,
)
from tests.support.fakes import DictStore, KeyringDict
from tests.support.patience import patiently
from tests.support.wizard import PROFILE, SECRET, Wizard, make_wizard
from tests.ui.drive import Driver

ORDERS = replace(PROFILE, name="orders", client_id="one")
TWO = replace(ORDERS, client_id="two")
BILLING = replace(PROFILE, name="billing", client_id="one")
WHOSE = "of client one at https://as.example"
NEW_SECRET = "CANARY-secret-of-two"
LOCKED = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it.")
REMOVE, KEEP = ("right", "right", "enter"), ("right", "enter")
"""The keys from the safe answer to another."""


def make(folder: Path, *profiles: Profile, store: DictStore | None = None, noting_it: bool = True) -> Wizard:
    """Return a wizard whose first profile was saved with its secret."""
    profiles = profiles or (ORDERS, BILLING)
    saved = SavedState(profiles={each.name: each for each in profiles}, last_profile=profiles[0].name)
    if noting_it:
        saved = noting(StoreChoice.KEYRING, *profiles)(saved)
    UserState(folder / "state.json").update(lambda _: saved)
    store = store or KeyringDict()
    store.secrets |= {client_secret_name(each): Secret(SECRET) for each in profiles}
    wizard = make_wizard(folder, profiles=profiles, store=store, secret=None)
    book = wizard.app.parts.book
    book.layers = replace(book.layers, saved=saved)
    return wizard


def stored(wizard: Driver) -> set[str]:
    assert isinstance(wizard.wizard.store, DictStore)
    return set(wizard.wizard.store.secrets)


def state(folder: Path) -> SavedState:
    return UserState(folder / "state.json").load()


async def save_as(wizard: Driver, field: str, text: str, secret: str = NEW_SECRET) -> None:
    await wizard.type(field, text)
    await wizard.leave()
    if secret:
        await wizard.type("client_secret", secret)
    await save(wizard)


async def save(wizard: Driver) -> None:
    """Press the key and wait until it is done or asks."""
    await wizard.press("ctrl+s")
    await asked(wizard)


async def asked(wizard: Driver) -> None:
    for _ in patiently():
        if wizard.dialog is not None or not any(worker.is_running for worker in wizard.app.workers):
            await wizard.rest()
            return
        await wizard.rest()
        await asyncio.sleep(0.01)
    raise AssertionError("it neither ends nor asks")


async def answer(wizard: Driver, *keys: str) -> None:
    await wizard.press(*keys)
    await wizard.done()

"""Whoever types before step 1 has found out what it needs loses nothing, and no secret changes its server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import client_secret_name
from ccflow_tui.trusting import merged
from tests.support.fakes import DictStore
from tests.support.wizard import PROFILE, make_wizard
from tests.ui.drive import Driver, driving


class LateStore(DictStore):
    """Answers as late as an encrypted file whose key takes long to derive (scrypt)."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def get(self, name: str) -> Secret | None:
        await self.gate.wait()
        return await super().get(name)


async def open_late(driver: Driver, store: LateStore) -> None:
    store.gate.set()
    await driver.done()


async def test_a_secret_typed_before_the_store_has_answered_stays(tmp_path: Path) -> None:
    store = LateStore()
    async with driving(make_wizard(tmp_path, store=store, secret=None), settled=False) as driver:
        await driver.rest()
        assert driver.focused == "client_secret"
        await driver.press(*"s3cr3t-1234")  # digits would open steps, were the cursor elsewhere
        await open_late(driver, store)
        assert (driver.focused, driver.step) == ("client_secret", Step.CONFIGURE)
        assert driver.input("client_secret").value == "s3cr3t-1234"
        await driver.to_step(Step.BUILD)


async def test_it_stays_where_the_store_has_one_too(tmp_path: Path) -> None:
    store = LateStore()
    store.secrets[client_secret_name(PROFILE)] = Secret("CANARY-stored")
    async with driving(make_wizard(tmp_path, store=store, secret=None), settled=False) as driver:
        await driver.press(*"newer")
        await open_late(driver, store)
        assert driver.focused == "client_secret"
        assert driver.input("client_secret").value == "newer"


async def test_where_nothing_was_typed_the_cursor_goes_on_once_the_secret_is_found(tmp_path: Path) -> None:
    store = LateStore()
    store.secrets[client_secret_name(PROFILE)] = Secret("CANARY-stored")
    async with driving(make_wizard(tmp_path, store=store, secret=None), settled=False) as driver:
        await driver.rest()
        assert driver.focused == "client_secret"
        await open_late(driver, store)
        assert driver.focused == "next"
        assert driver.input("client_secret").placeholder == "held; type to replace it"


async def test_what_is_typed_into_the_first_paint_stays_with_its_cursor(tmp_path: Path) -> None:
    profile = replace(PROFILE, client_id="")
    wizard = make_wizard(tmp_path, profiles=(profile,), store=LateStore(), secret=None)
    async with wizard.app.run_test(size=(110, 40)) as pilot:
        driver = Driver(wizard, pilot)
        for char in "client-9":
            await pilot.press(char)  # one after the other, while the form goes on being built
        await driver.rest()
        assert driver.focused == "client_id"
        assert driver.input("client_id").value == "client-9"
        assert driver.app.state.profile.client_id == "client-9"


async def test_E7_a_typed_secret_is_dropped_with_a_word_when_the_server_changes(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as driver:
        await driver.type("client_secret", "s3cr3t")
        driver.configure.load_profile(PROFILE, {}, keep_typed=True)
        await driver.done()
        assert driver.input("client_secret").value == "s3cr3t"
        other = replace(PROFILE, token_endpoint="https://elsewhere.example/token")
        driver.configure.load_profile(other, {}, keep_typed=True)
        await driver.done()
        assert driver.input("client_secret").value == ""
        assert "was for another client or server, and was dropped" in driver.notes()


async def test_another_profile_never_takes_over_what_was_typed(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as driver:
        await driver.type("client_secret", "s3cr3t")
        driver.configure.load_profile(PROFILE, {})
        await driver.done()
        assert driver.input("client_secret").value == ""


def test_what_was_typed_before_the_answer_about_trust_goes_on_counting() -> None:
    trusted = Profile(issuer="https://folder.example", endpoint_mode=EndpointMode.ISSUER, audience="folder")
    found = {"issuer": "settings.json", "audience": "settings.json"}
    edited = replace(Profile(), scope="mine", environment_id="e")
    assert merged((edited, {"scope": "typed"}), (trusted, found)) == (
        replace(trusted, scope="mine"),
        {**found, "scope": "typed"},
    )
    profile, _ = merged((edited, {"environment_id": "typed"}), (trusted, found))
    assert (profile.environment_id, profile.issuer, profile.audience) == ("e", "", "folder")
    other = replace(trusted, name="other")
    assert merged((edited, {"scope": "typed"}), (other, found)) == (other, found)

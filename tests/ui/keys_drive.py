"""Driving the key workbench in a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ccflow_tui.models.kept_key import KeptKey
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.screens.keys import KeysScreen
from tests.support.patience import patiently
from tests.support.wizard import PROFILE, make_wizard
from tests.support.workbench import MemoryWorkbench
from tests.ui.drive import Driver, driving

SIZE = (100, 40)
SIGNING = Profile(
    **{
        **{name: getattr(PROFILE, name) for name in Profile.__slots__},
        "name": "orders",
        "auth_method": AuthMethod.PRIVATE_KEY_JWT,
        "key_reference": "keyring:orders",
        "assertion_alg": "ES256",
    }
)


async def until(driver: Driver, condition: Callable[[], object]) -> None:
    """Wait for something to become true."""
    for _ in patiently():
        await driver.rest()
        if condition():
            return
        await driver.pilot.pause(0.005)
    raise AssertionError(driver.screen())


async def answer(driver: Driver) -> None:
    """Press Enter on a button again; Textual's takes no second press within a fifth of a second."""
    await until(driver, lambda: not driver.app.screen.query(".-active"))
    await driver.press("enter")


async def click(driver: Driver, selector: str) -> None:
    """Click a button, which may have been pressed a moment ago."""
    await until(driver, lambda: not driver.app.screen.query(".-active"))
    await driver.pilot.click(selector)
    await driver.rest()


def on_top(driver: Driver, kind: type[Any]) -> Callable[[], bool]:
    """Return whether a kind of screen is what a person sees."""
    return lambda: isinstance(driver.app.screen, kind)


async def opened(driver: Driver, key: str, kind: type[Any]) -> None:
    """Press a key and wait for the screen it opens."""
    await driver.pilot.press(key)
    await until(driver, on_top(driver, kind))


async def back_at_the_list(driver: Driver) -> KeysScreen:
    """Wait until the dialogs are closed and the list was read anew."""
    await until(driver, on_top(driver, KeysScreen))
    screen = driver.app.screen
    assert isinstance(screen, KeysScreen)
    return screen


@asynccontextmanager
async def at_the_workbench(
    folder: Path,
    *keys: KeptKey,
    profiles: tuple[Profile, ...] = (SIGNING,),
    bench: MemoryWorkbench | None = None,
    size: tuple[int, int] = SIZE,
    **tastes: Any,
) -> AsyncIterator[tuple[Driver, MemoryWorkbench]]:
    """Open the wizard, and in it the workbench with some keys."""
    bench = bench or MemoryWorkbench()
    bench.kept = {key.name: key for key in keys}
    wizard = make_wizard(folder, profiles=profiles, workbench=bench, secret=None, **tastes)
    async with driving(wizard, size=size) as driver:
        await opened(driver, "f8", KeysScreen)
        await driver.rest()
        yield driver, bench

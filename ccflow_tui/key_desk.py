"""Opens the key workbench, and what it changes in the open profile; loaded when somebody asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import CcflowError, InputProblem, PassphraseProblem
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.screens.keys import KeysScreen
from ccflow_tui.screens.keys_desk import KeysDesk

if TYPE_CHECKING:
    from collections.abc import Collection

    from ccflow_tui.models.kept_key import KeptKey
    from ccflow_tui.models.profile import Profile
    from ccflow_tui.profiles_app import ProfilesApp

CHOSEN = "chosen"
"""Tags the fields that changed with the key."""


async def open_workbench(app: ProfilesApp) -> None:
    """Open the workbench; step 1 is shown again where the profile signs with another key afterwards."""
    from ccflow_tui.services.public_files import write_public

    before, book = app.state.profile, app.parts.book
    try:
        book.profiles()  # who uses a key is asked all the time
    except CcflowError as problem:
        app.notify(str(problem), title="Keys", severity="error", timeout=15, markup=False)
        return
    if isinstance(screen := app.step_screen, ConfigureScreen):
        screen.hand_over_secrets()
    book.remember(before, app.sources)  # so that who uses a key is told as it stands in the form
    desk = KeysDesk(
        workbench=app.parts.workbench,
        profile=lambda: app.state.profile,
        production=lambda: frozenset(each.name for each in book.profiles() if each.production),
        wall=app.parts.clock.wall,
        write=write_public,
    )
    await app.push_screen_wait(KeysScreen(desk))
    await app.refresh_store_status()  # a store that is locked shows itself when it is used
    if app.state.profile != before and app.state.step is not Step.CONFIGURE:
        await app.open_step(Step.CONFIGURE)
        app.show_profile(app.state.profile, app.sources)


def use_key(app: ProfilesApp, key: KeptKey) -> None:
    """Let the open profile sign with ``key``."""
    before = app.state.profile
    offered = app.parts.engine.offered_algorithms(replace(before, auth_method=AuthMethod.PRIVATE_KEY_JWT))
    profile = signing_with(before, key, offered["assertion_alg"])
    changed = (
        name for name in ("key_reference", "assertion_alg") if getattr(profile, name) != getattr(before, name)
    )
    app.show_profile(profile, app.sources | dict.fromkeys(changed, CHOSEN))
    app.parts.book.remember(profile, app.sources)
    if isinstance(app.screen, KeysScreen):
        app.screen.reload()
    signs = f"“{profile.name}” signs with “{key.name}” by {profile.assertion_alg}"
    app.notify(f"{signs}. {app.desk.key('configure.save')} on Configure keeps that.", markup=False)


def signing_with(profile: Profile, key: KeptKey, usable: Collection[str]) -> Profile:
    """Return the profile with a kept key as its private key, by an algorithm that fits.

    ``usable`` are the algorithms that the server takes, as far as is known. A key id and a certificate that
    were entered for another key are dropped.
    """
    reference, alg = f"keyring:{key.name}", profile.assertion_alg
    if alg not in key.algs:
        alg = next((each for each in key.algs if each in usable), next(iter(key.algs), alg))
    same_key = profile.key_reference.strip() == reference
    return replace(
        profile,
        auth_method=AuthMethod.PRIVATE_KEY_JWT,
        key_reference=reference,
        assertion_alg=alg,
        assertion_kid="",
        assertion_certificate=profile.assertion_certificate if same_key else "",
    )


async def import_key_file(app: ProfilesApp) -> None:
    """Copy the private key file of the open profile into the secret store."""
    asked, screen = app.state.profile, app.step_screen
    if isinstance(screen, ConfigureScreen):
        screen.hand_over_secrets()
    try:
        imported = await app.parts.engine.import_key(asked)
    except CcflowError as problem:
        text = str(problem.finding if isinstance(problem, InputProblem) else problem)
        app.notify(text, title="Key not imported", severity="error", timeout=15, markup=False)
        if isinstance(problem, PassphraseProblem) and isinstance(screen, ConfigureScreen):
            screen.tell_problem(problem)
        return
    if app.state.profile.name == asked.name:
        profile = replace(app.state.profile, key_reference=imported.key_reference)
        app.show_profile(profile, app.sources | {"key_reference": "imported"})
    app.notify("The private key is in the secret store now; the file is no longer needed here.", markup=False)

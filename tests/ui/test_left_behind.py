"""Whose secrets a save leaves behind: the profile as it was saved last, wherever its server came from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.config.layers import Layers
from ccflow_tui.config.state import SavedState, UserState
from ccflow_tui.filings import note_stored, noted, noting, striking
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.profile_removal import left_behind, subject_of
from ccflow_tui.saving import keep
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.credential_names import client_secret_name, filing
from ccflow_tui.services.ports import StoreStatus
from tests.support.fakes import KeyringDict, ScriptedTransport, json_response
from tests.support.wizard import PROFILE, SECRET, make_wizard

EDITED = replace(PROFILE, client_id="edited")
ISSUER = replace(
    PROFILE,
    endpoint_mode=EndpointMode.ISSUER,
    issuer="https://as.example",
    endpoint_source=EndpointSource.DISCOVERED,
)
SAVED = replace(ISSUER, token_endpoint="", endpoint_source=EndpointSource.NONE)
"""As the state file gives it: what discovery told is found anew."""
TWO = replace(ISSUER, client_id="two")
MOVED = replace(ISSUER, token_endpoint="https://tokens.example/token")
ELSEWHERE = replace(ISSUER, issuer="https://elsewhere.example", token_endpoint="https://elsewhere.example/t")


async def behind(
    folder: Path, profile: Profile, saved: SavedState, **variables: str
) -> tuple[Profile, tuple[Profile, ...]] | None:
    """Return what is left behind, and what else uses secrets, with an issuer that does not answer."""
    silent = ScriptedTransport(json_response("{}", 404))
    wizard = make_wizard(folder, transport=silent, store=KeyringDict())
    book = wizard.app.parts.book
    book.layers = Layers(saved=saved, environment=variables)
    found = await left_behind(book, wizard.engine, profile)
    await wizard.engine.close()
    return found and (found.profile, found.others)


def saved(*noted: Profile, profile: Profile = SAVED) -> SavedState:
    return noting(StoreChoice.KEYRING, *noted)(SavedState(profiles={profile.name: profile}))


@pytest.mark.parametrize(
    ("profile", "state", "former"),
    [
        (TWO, saved(ISSUER), ISSUER),
        (TWO, saved(), ISSUER),
        (MOVED, saved(ISSUER), ISSUER),
        (ELSEWHERE, saved(ISSUER), ISSUER),
        (ELSEWHERE, saved(), SAVED),
        (PROFILE, saved(TWO, ISSUER), None),
        (ISSUER, saved(), None),
        (SAVED, saved(TWO), None),
        (TWO, SavedState(), None),
    ],
    ids=[
        "client",
        "client, without a note",
        "the same issuer names another server",
        "issuer",
        "issuer, without a note, of one that does not answer",
        "the same by hand, another client was kept before",
        "the same, without a note",
        "its server is not known yet",
        "never saved",
    ],
)
async def test_the_profile_as_it_was_saved_last_is_left_behind(
    tmp_path: Path, profile: Profile, state: SavedState, former: Profile | None
) -> None:
    found = await behind(tmp_path, profile, state)
    assert (found and found[0]) == (former and filing(former))


async def test_what_a_variable_still_gives_counts_as_in_use(tmp_path: Path) -> None:
    variables = {"CCFLOW_CLIENT_ID": PROFILE.client_id, "CCFLOW_TOKEN_ENDPOINT": PROFILE.token_endpoint}
    found = await behind(tmp_path, replace(PROFILE, client_id="two"), saved(PROFILE), **variables)
    assert found is not None
    assert filing(PROFILE) in [filing(each) for each in found[1]]


async def test_another_profile_counts_as_it_is_behind_a_variable_too(tmp_path: Path) -> None:
    other = replace(PROFILE, name="other", secret_reference="keyring:team")
    state = saved(PROFILE)
    state = replace(state, profiles={**state.profiles, "other": other})
    found = await behind(
        tmp_path, replace(PROFILE, client_id="two"), state, CCFLOW_TOKEN_ENDPOINT="https://hiding.example/t"
    )
    assert found is not None
    servers = {each.token_endpoint for each in found[1] if each.name == "other"}
    assert servers == {PROFILE.token_endpoint, "https://hiding.example/t"}


def test_a_note_is_kept_once_and_taken_out_with_all_that_held_it() -> None:
    state = saved(ISSUER, TWO, ISSUER)
    assert state.filings["keyring"]["default"] == (filing(TWO), filing(ISSUER))
    state = striking(StoreChoice.KEYRING, TWO)(state)
    assert state.filings["keyring"]["default"] == (filing(ISSUER),)
    assert striking(StoreChoice.FILE, ISSUER)(state) == state
    assert striking(StoreChoice.KEYRING, ISSUER)(state).filings == {}


class Waking(KeyringDict):
    """A keyring that is not there yet, and cannot be asked what it is, either."""

    async def status(self) -> StoreStatus:
        self._maybe_fail()
        return await super().status()


@pytest.mark.parametrize(
    ("fault", "noted_in"),
    [
        (StoreFault.TIMED_OUT, {StoreChoice.MEMORY, StoreChoice.KEYRING}),
        (StoreFault.LOCKED, {StoreChoice.MEMORY, StoreChoice.KEYRING}),
        (StoreFault.MISSING, {StoreChoice.MEMORY}),
    ],
)
async def test_what_waits_in_memory_for_the_keyring_is_noted_where_it_is_going_to_be(
    tmp_path: Path, fault: StoreFault, noted_in: set[StoreChoice]
) -> None:
    keyring = Waking(SecretStoreProblem(fault, "It is not there.", "Wait."))
    store = CredentialManager(keyring)
    wizard = make_wizard(tmp_path, store=store, secret=None)
    book, engine = wizard.app.parts.book, wizard.engine
    book.layers = Layers()
    engine.remember_secret(PROFILE, Secret(SECRET))
    await keep(book, engine, PROFILE)
    await note_stored(book, store, EDITED)
    assert set(book.saved.filings) == noted_in
    keyring.problem = None
    store.reconsider()
    assert await store.get("anything") is None
    assert set(keyring.secrets) == {client_secret_name(PROFILE)}, "what waited has moved"
    kept = UserState(tmp_path / "state.json").load()
    found = noted(kept, PROFILE.name, StoreChoice.KEYRING)
    assert found == ((filing(EDITED), filing(PROFILE)) if len(noted_in) > 1 else ())
    await engine.close()


async def test_what_another_ccflow_saved_meanwhile_counts(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, store=KeyringDict(), secret=None)
    book, engine = wizard.app.parts.book, wizard.engine
    state = noting(StoreChoice.KEYRING, PROFILE)(SavedState(profiles={"default": PROFILE}))
    book.layers = Layers(saved=replace(state, theme="of this run"))
    other = replace(PROFILE, name="other", secret_reference="keyring:team")
    moved = noting(StoreChoice.KEYRING, EDITED)(state)
    UserState(tmp_path / "state.json").update(
        lambda _: replace(moved, profiles={"default": EDITED, "other": other})
    )
    subject = await subject_of(book, engine, PROFILE)
    assert other in subject.others, "its shared secret would go"
    assert filing(EDITED) in [filing(each) for each in subject.versions]
    found = await left_behind(book, engine, PROFILE)
    assert found is not None and found.profile == filing(EDITED)
    assert book.theme == "of this run"
    UserState(tmp_path / "state.json").update(lambda saved: replace(saved, filings={}))
    await note_stored(book, KeyringDict(), PROFILE)
    kept = UserState(tmp_path / "state.json").load()
    assert filing(PROFILE) in noted(kept, "default"), "its note was gone, and so would be the token"
    await engine.close()


@pytest.mark.parametrize("junk", ["", "{}", '{"version": 1, "filings": {"keyring": {"default": "x"}}}'])
async def test_a_file_that_another_program_spoilt_meanwhile_changes_nothing(
    tmp_path: Path, junk: str
) -> None:
    (tmp_path / "state.json").write_text(junk, encoding="utf-8")
    found = await behind(tmp_path, replace(PROFILE, client_id="two"), saved(PROFILE))
    assert found is not None and found[0] == filing(PROFILE)
    assert (tmp_path / "state.json").read_text("utf-8") == junk

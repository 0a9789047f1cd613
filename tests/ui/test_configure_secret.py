"""Step 1: what becomes of a typed client secret; saving it; importing a key."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.models.secret import Secret
from tests.oauth.key_material import pem
from tests.support.fakes import DictStore
from tests.support.wizard import PROFILE, SECRET, make_wizard
from tests.ui.drive import driving, files

BROKEN = "not json at all"


async def test_a_typed_secret_leaves_the_form_on_next_and_stays_known(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as wizard:
        assert wizard.focused == "client_secret"
        await wizard.pilot.press(*"s3cr3t-typed")
        await wizard.rest()
        assert "s3cr3t-typed" not in wizard.screen()
        await wizard.to_step(Step.BUILD)
        await wizard.press("escape")
        assert wizard.step is Step.CONFIGURE
        assert wizard.input("client_secret").value == ""
        assert wizard.configure.secret.take_secret() is None
        await wizard.type("scope", "another")  # an unrelated edit keeps it
        assert str(wizard.configure.reason.content) == ""
        await wizard.to_step(Step.BUILD)
        request = wizard.app.state.request
        assert request is not None
        revealed = [pair.value.reveal() for pair in request.headers if isinstance(pair.value, Secret)]
        assert [base64.b64decode(text.removeprefix("Basic ")) for text in revealed] == [
            b"client-one:s3cr3t-typed"
        ]
        assert "s3cr3t-typed" not in wizard.wizard.logger.export()


async def test_a_secret_typed_for_another_method_is_not_left_in_the_form(
    tmp_path: Path,
) -> None:
    key = tmp_path / "key.pem"
    key.write_text(pem("P-256"))
    key.chmod(0o600)
    keyed = replace(PROFILE, key_reference=str(key), assertion_alg="ES256")
    async with driving(make_wizard(tmp_path, profiles=(keyed,), secret=None)) as wizard:
        await wizard.type("client_secret", SECRET)
        wizard.configure.picker.focus()
        await wizard.press("up", "up", "up", "up", "enter")
        await wizard.to_step(Step.BUILD)
        await wizard.press("escape")
        assert wizard.input("client_secret").value == ""


async def test_a_secret_is_not_carried_into_another_profile(tmp_path: Path) -> None:
    other = replace(PROFILE, name="other", token_endpoint="https://evil.example/token")
    async with driving(make_wizard(tmp_path, profiles=(PROFILE, other), secret=None)) as wizard:
        await wizard.type("client_secret", SECRET)
        await wizard.press("f6", "down", "enter")
        await wizard.done()
        assert wizard.app.state.profile.name == "other"
        assert wizard.input("client_secret").value == ""
        assert "client secret" in str(wizard.configure.reason.content).lower()


async def test_a_secret_of_another_server_is_refused_with_the_way_out(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.type("token_endpoint", "https://other.example/token")
        await wizard.press("ctrl+j")
        await wizard.done()
        assert wizard.step is Step.CONFIGURE
        assert wizard.focused == "client_secret"
        (problem,) = wizard.field("client_secret").problems
        assert "is not sent to another server" in problem.problem


async def test_a_store_that_fails_while_building_is_told(tmp_path: Path) -> None:
    store = DictStore()
    async with driving(make_wizard(tmp_path, store=store, secret=None)) as wizard:
        wizard.configure._credential_source = "keyring"
        store.problem = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it.")
        await wizard.press("ctrl+j")
        await wizard.done()
        assert wizard.step is Step.CONFIGURE
        assert "The keyring is locked. Unlock it." in wizard.notes()


async def test_save_keeps_profile_and_secret(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as wizard:
        await wizard.type("client_secret", SECRET)
        await wizard.press("ctrl+s")
        await wizard.done()
        assert "Profile “default” saved; its client secret is in memory, for this run only." in wizard.notes()
        state = (tmp_path / "state.json").read_text()
        assert "client-one" in state
        assert SECRET not in state
        assert wizard.input("client_secret").value == ""


async def test_save_without_a_secret_does_not_claim_one(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as wizard:
        await wizard.press("ctrl+s")
        await wizard.done()
        assert "saved; there is no client secret yet." in wizard.notes()


async def test_save_that_cannot_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")
    async with driving(make_wizard(tmp_path / "home")) as wizard:
        await wizard.press("ctrl+s")
        await wizard.done()
        assert "Not saved: " in wizard.notes()
        assert "state.json" in wizard.notes()


async def test_a_broken_state_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    parts = make_wizard(tmp_path)
    state.write_text(BROKEN)
    parts.app.parts.book.broken_state = True
    async with driving(parts) as wizard:
        await wizard.press("f2")  # a theme is not worth a lost file
        await wizard.press("ctrl+s")
        assert wizard.dialog is not None
        assert "Move the broken state file aside?" in wizard.screen()
        assert wizard.focused == "cancel"
        await wizard.press("enter")
        await wizard.done()
        assert state.read_text() == BROKEN
        await wizard.press("ctrl+s")
        await wizard.press("right", "enter")
        await wizard.done()
        assert "saved" in wizard.notes()
        assert "client-one" in state.read_text()
        (aside,) = files(tmp_path, "state.json.corrupt-*")
        assert aside.read_text() == BROKEN
        await wizard.press("ctrl+s")
        await wizard.done()
        assert wizard.dialog is None


async def test_import_key_moves_the_reference_into_the_store(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text(pem("P-256"))
    key.chmod(0o600)
    profile = replace(
        PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference=str(key), assertion_alg="ES256"
    )
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as wizard:
        await wizard.press("ctrl+t")
        await wizard.done()
        assert wizard.app.state.profile.key_reference == "keyring:default"
        assert wizard.input("key_reference").value == "keyring:default"
        await wizard.to_step(Step.BUILD)
        await wizard.press("ctrl+t")  # belongs to step 1 only
        await wizard.done()
        assert wizard.step is Step.BUILD
        assert wizard.app.state.request is not None


async def test_import_key_without_a_key_says_what_to_do(tmp_path: Path) -> None:
    profile = replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="/nowhere.pem")
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as wizard:
        await wizard.press("ctrl+t")
        await wizard.done()
        assert "Key not imported: The private key file /nowhere.pem cannot be read" in wizard.notes()


async def test_a_secret_that_is_held_does_not_look_missing(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        assert wizard.input("client_secret").placeholder == "held; type to replace it"
        other = replace(PROFILE, name="other", client_id="client-two")
        wizard.configure.load_profile(other, {})
        await wizard.done()
        assert wizard.input("client_secret").placeholder == "type or paste; F7 shows it"


async def test_f7_shows_the_secret_until_its_field_is_left(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, secret=None)) as wizard:
        await wizard.pilot.press(*"typed-secret")
        await wizard.press("f7")
        assert "typed-secret" in wizard.screen()
        await wizard.press("f7")
        assert "typed-secret" not in wizard.screen()
        await wizard.press("f7", "tab")
        assert "typed-secret" not in wizard.screen()


async def test_f7_does_nothing_where_no_secret_is_asked_for(tmp_path: Path) -> None:
    keyed = replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="env:KEY")
    async with driving(make_wizard(tmp_path, profiles=(keyed,))) as wizard:
        wizard.field("scope").focus()
        await wizard.press("f7")
        assert wizard.focused == "scope"

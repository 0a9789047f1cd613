"""The key workbench with real keys: made, used, registered, rotated, deleted; nothing private is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from joserfc import jwt
from joserfc.jwk import KeySet

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.screens.key_delete import DeleteDialog
from ccflow_tui.screens.key_export import ExportDialog
from ccflow_tui.screens.key_generate import GenerateDialog
from ccflow_tui.screens.key_import import ImportDialog
from ccflow_tui.screens.key_rotate import RotateDialog
from ccflow_tui.screens.keys import KeysScreen
from ccflow_tui.services.credential_names import private_key_name
from ccflow_tui.widgets.secret_input import SecretInput
from tests.support.fakes import DictStore, ScriptedTransport
from tests.support.wizard import GRANT, PROFILE, make_wizard
from tests.ui.drive import Driver, driving
from tests.ui.keys_drive import answer, back_at_the_list, on_top, opened, until

WORDS = "CANARY-passphrase-of-the-key"


def assertion_of(transport: ScriptedTransport) -> str:
    body = transport.requests[-1].body
    return parse_qs(body.decode())["client_assertion"][0]


def private_half(store: DictStore, name: str) -> str:
    return store.secrets[private_key_name(name)].reveal()


async def exported(wizard: Driver) -> str:
    """Export the highlighted key, and return what ``c`` copies."""
    await opened(wizard, "e", ExportDialog)
    return await copied(wizard)


async def copied(wizard: Driver) -> str:
    dialog = wizard.app.screen
    assert isinstance(dialog, ExportDialog)
    await until(wizard, lambda: dialog._public)
    await wizard.press("c")
    await wizard.press("escape")
    await back_at_the_list(wizard)
    return wizard.wizard.clipboard.copied[-1][1]


async def test_a_key_made_here_signs_and_its_export_verifies_it(tmp_path: Path) -> None:
    store, transport = DictStore(), ScriptedTransport(GRANT)
    parts = make_wizard(tmp_path, store=store, transport=transport, secret=None)
    async with driving(parts, size=(100, 40)) as wizard:
        await opened(wizard, "f8", KeysScreen)
        await opened(wizard, "n", GenerateDialog)
        await wizard.press("enter")
        await back_at_the_list(wizard)
        await until(wizard, lambda: "default  EC P-256" in wizard.screen())
        await wizard.press("u")
        await until(wizard, lambda: "● default" in wizard.screen())
        first = await exported(wizard)

        await opened(wizard, "r", RotateDialog)
        await wizard.press("enter")
        await until(wizard, lambda: "Both are kept." in wizard.screen())
        await answer(wizard)
        await until(wizard, on_top(wizard, ExportDialog))
        both = await copied(wizard)
        assert json.loads(first)["keys"][0] in json.loads(both)["keys"]
        assert len(json.loads(both)["keys"]) == 2
        await wizard.press("u", "escape")
        await until(wizard, lambda: wizard.dialog is None)
        profile = wizard.app.state.profile
        assert profile == replace(
            PROFILE,
            auth_method=AuthMethod.PRIVATE_KEY_JWT,
            key_reference="keyring:default-2",
            assertion_alg="ES256",
        )
        await wizard.to_step(Step.TOKEN)
        signed = jwt.decode(
            assertion_of(transport), KeySet.import_key_set(json.loads(both)), algorithms=["ES256"]
        )
        assert signed.claims["iss"] == "client-one"

        await opened(wizard, "f8", KeysScreen)
        await until(wizard, lambda: "succeeds default" in wizard.screen())
        await wizard.press("home")
        await opened(wizard, "d", DeleteDialog)
        old = private_half(store, "default")
        await wizard.press("right", "enter")
        await back_at_the_list(wizard)
        await until(wizard, lambda: "it is gone" in wizard.notes())
        assert private_key_name("default") not in store.secrets
        told = wizard.screen() + wizard.notes() + parts.logger.export() + first + both
        for pem in (old, private_half(store, "default-2")):
            lines = [line for line in pem.splitlines() if line and not line.startswith("-")]
            assert lines and not [line for line in lines if line in told]


async def test_an_encrypted_file_is_imported_with_its_passphrase(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    file = tmp_path / "key.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(WORDS.encode()))
    )
    file.chmod(0o600)
    store = DictStore()
    async with driving(make_wizard(tmp_path, store=store, secret=None), size=(100, 40)) as wizard:
        await opened(wizard, "f8", KeysScreen)
        await opened(wizard, "i", ImportDialog)
        await wizard.pilot.press(*str(file), "enter", "enter", "enter")
        await until(wizard, lambda: isinstance(wizard.app.focused, SecretInput))
        await wizard.pilot.press(*"wrong", "enter", "enter")
        await until(wizard, lambda: "does not open" in wizard.screen())
        await wizard.pilot.press(*WORDS, "enter", "enter")
        await until(wizard, lambda: "Keep it" in wizard.screen())
        assert "EC P-384" in wizard.screen() and not store.secrets
        await answer(wizard)
        await back_at_the_list(wizard)
        await until(wizard, lambda: "was imported" in wizard.notes())
        assert "ENCRYPTED" not in private_half(store, "default")
        assert WORDS not in wizard.screen() + wizard.notes() + wizard.wizard.logger.export()

"""Changes the passphrase of the encrypted file, in the wizard and by ``ccflow passphrase``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccflow_tui.models.problems import SecretStoreProblem, StoreFault
from ccflow_tui.models.variables import SECRET_STORE_VARIABLE, STORE_PASSPHRASE_VARIABLE

if TYPE_CHECKING:
    from ccflow_tui.services.encrypted_store import EncryptedStore
    from ccflow_tui.services.ports import SecretStore

UNCHANGED = "The passphrase was not changed."


async def change_passphrase(file: EncryptedStore | None, store: SecretStore) -> str:
    """Ask for the passphrases and encrypt the file anew; return what came of it, in words.

    ``store`` is what uses the file. Raises ``SecretStoreProblem`` where there is no file or it cannot be
    changed; the old passphrase opens it then as before.
    """
    if file is None:
        raise SecretStoreProblem(
            StoreFault.MISSING,
            "Secrets are not kept in an encrypted file, so there is no passphrase to change.",
            f"{SECRET_STORE_VARIABLE}=file keeps them in one.",
        )
    if not await file.change_passphrase():
        return UNCHANGED
    from ccflow_tui.services.credential_manager import CredentialManager

    if isinstance(store, CredentialManager):
        store.reconsider()
    text = f"The passphrase of {file.path} was changed; the old one opens it no more."
    if file.passphrase.variable:
        text += f" {STORE_PASSPHRASE_VARIABLE} still holds the old one: set it anew."
    return text

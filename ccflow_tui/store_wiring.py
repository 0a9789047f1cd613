"""Puts together where secrets are kept: keyring, memory or the encrypted file with its passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccflow_tui.config.atomic import write_private
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.models.variables import STORE_PASSPHRASE_VARIABLE
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.store_passphrase import StorePassphrase

if TYPE_CHECKING:
    from ccflow_tui.options import Options
    from ccflow_tui.services.encrypted_store import EncryptedStore
    from ccflow_tui.services.ports import SecretStore
    from ccflow_tui.services.redaction import Redactor
    from ccflow_tui.wiring import Configuration


def store_passphrase(configuration: Configuration, redactor: Redactor) -> StorePassphrase:
    """Return what finds the passphrase of the encrypted file."""
    # Not of .env, which may come with a folder: who wrote it would know what opens a new file.
    variable = Secret(configuration.environment.get(STORE_PASSPHRASE_VARIABLE, ""))
    redactor.know(variable)
    return StorePassphrase(variable, redactor.know)


def secrets_file(
    configuration: Configuration, options: Options, passphrase: StorePassphrase
) -> EncryptedStore | None:
    """Return the encrypted file where secrets are kept in one; the demo's never are."""
    if options.demo or configuration.store is not StoreChoice.FILE:
        return None
    from ccflow_tui.services.encrypted_store import EncryptedStore

    return EncryptedStore(configuration.paths.secrets_file, passphrase, write_private)


def make_store(configuration: Configuration, options: Options, file: EncryptedStore | None) -> SecretStore:
    """Return the store of secrets; ``file`` is the encrypted one, if that is asked for."""
    if options.demo or configuration.store is StoreChoice.MEMORY:
        return MemoryStore()
    if file is not None:
        return CredentialManager(file)
    from ccflow_tui.services.keyring_store import KeyringStore

    return CredentialManager(KeyringStore())

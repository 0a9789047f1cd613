"""What the key workbench asks of the services; no method gives a private key back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ccflow_tui.models.kept_key import KeptKey, KeyExport, KeyKind, PublicText
    from ccflow_tui.models.secret import Secret


class KeyWorkbench(Protocol):
    """Makes, keeps, shows and removes private keys.

    Every method raises ``KeyProblem`` for a key or name that cannot be used, and ``SecretStoreProblem`` when
    the secret store fails; the text of both is safe to show.
    """

    async def keys(self) -> tuple[KeptKey, ...]:
        """Return every key that is kept, or referred to in the store; a successor after its key.

        A key that cannot be read is among them, with the reason in ``missing``.
        """
        ...

    def why_not_named(self, name: str) -> str:
        """Return why a new key cannot have this name, and what to do; an empty text when it can.

        Safe to call at every key press: the store is not asked.
        """
        ...

    async def generate(self, name: str, kind: KeyKind) -> KeptKey:
        """Make a key, store it, read it back, and return its public facts.

        When it is cancelled or fails, no key is there.
        """
        ...

    def remember_passphrase(self, reference: str, passphrase: Secret) -> None:
        """Hold the passphrase of an encrypted key file for the import that follows; an empty one forgets."""
        ...

    async def describe(self, reference: str, *, kid: str = "") -> KeptKey:
        """Return the public facts of a key by reference (a file, ``env:``, ``keyring:``), keeping nothing.

        Its name is a proposal, and empty where there is none to make. ``kid`` picks one of a JWK Set.
        Raises ``PassphraseProblem`` when the key is encrypted and its passphrase is missing or wrong, and
        ``KeyIdProblem`` when there are several keys and ``kid`` picks none, or one key that has another.
        """
        ...

    async def import_key(self, name: str, reference: str, *, kid: str = "") -> KeptKey:
        """Copy the key that ``reference`` names into the store, read it back, and return its public facts.

        ``kid`` and what is raised are as for ``describe``.
        """
        ...

    async def rotate(self, name: str, kind: KeyKind | None = None) -> KeptKey:
        """Make a successor of the key, of the same kind unless told otherwise; the old one stays.

        Its name is derived from the old one's. Profiles refer to the old one until they are told to change.
        Raises ``KeyProblem`` for a key that has a successor already.
        """
        ...

    async def export(self, name: str, form: KeyExport, *, alg: str = "", kid: str = "") -> PublicText:
        """Return the public half; ``alg`` and ``kid`` as assertions carry them, empty for its own."""
        ...

    async def delete(self, name: str) -> str:
        """Remove the key from the store, read back that it is gone, and return that in words.

        One that is not in the store comes off the list, unless it was put into a store that is not in use.
        """
        ...

    def register_at(self, provider: str) -> str:
        """Return in a sentence where the public half is registered at a provider (``Provider`` value)."""
        ...

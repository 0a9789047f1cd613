"""Which private keys are kept, with their public facts: a keyring cannot list what it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from ccflow_tui.models.kept_key import KeptKey
from ccflow_tui.services.ports import StoreKind

Keys = Mapping[str, KeptKey]
"""Facts by name."""
KeyChange = Callable[[Keys], Keys]


class KeyRegister(Protocol):
    """Remembers the facts of kept keys; raises ``SecretStoreProblem`` when it cannot.

    ``used_by`` and ``missing`` are no such facts: they are found anew each time.
    """

    def load(self) -> Keys:
        """Return what is remembered."""
        ...

    def update(self, change: KeyChange) -> None:
        """Apply ``change`` to what is remembered now, also by another ccflow."""
        ...


class MemoryKeyRegister:
    """Remembers for this run only: for the demo, and for keys that are themselves kept for this run only."""

    def __init__(self) -> None:
        self._keys: Keys = MappingProxyType({})

    def load(self) -> Keys:
        """Return what is remembered."""
        return self._keys

    def update(self, change: KeyChange) -> None:
        """Apply ``change``."""
        self._keys = MappingProxyType(dict(change(self._keys)))


class LayeredKeyRegister:
    """Keeps the facts of a key as long as the key itself lasts: in ``lasting``, or for this run."""

    def __init__(self, lasting: KeyRegister) -> None:
        self._lasting, self._passing = lasting, MemoryKeyRegister()

    def load(self) -> Keys:
        """Return what both remember."""
        return MappingProxyType({**self._lasting.load(), **self._passing.load()})

    def update(self, change: KeyChange) -> None:
        """Apply ``change``, and leave the lasting register alone where it is about passing keys only."""
        passing = self._passing.load()
        before = self._lasting.load()
        if _lasting(change({**before, **passing})) != dict(before):
            self._lasting.update(lambda keys: _lasting(change({**keys, **passing})))
        changed = change({**before, **passing})
        self._passing.update(lambda _: {name: key for name, key in changed.items() if _is_passing(key)})


def _lasting(keys: Keys) -> Keys:
    return {name: key for name, key in keys.items() if not _is_passing(key)}


def _is_passing(key: KeptKey) -> bool:
    return key.store == StoreKind.MEMORY

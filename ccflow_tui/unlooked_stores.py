"""Which stores a removal does not look into, because the user has secrets kept in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccflow_tui.config.store_choice import store_wish
from ccflow_tui.filings import noted, store_in_use
from ccflow_tui.models.store_choice import StoreChoice
from ccflow_tui.models.variables import SECRET_STORE_VARIABLE
from ccflow_tui.services.ports import StoreKind

if TYPE_CHECKING:
    from ccflow_tui.profile_book import ProfileBook
    from ccflow_tui.services.ports import StoreStatus

_WORDS = {StoreChoice.KEYRING: "The system keyring", StoreChoice.FILE: "The encrypted file"}


def unlooked(book: ProfileBook, status: StoreStatus, name: str) -> tuple[str, ...]:
    """Return which stores may hold secrets of the profile ``name`` and are not in use, why, and the way out.

    Memory by choice says nothing about an earlier run. Of keyring and file the one that is not in use is
    told where something of the profile was saved there.
    """
    if book.is_demo:
        return ()  # what is the demo's was never anywhere but in memory
    choice, words = store_wish(book.layers) or (StoreChoice.KEYRING, "")
    if status.kind is StoreKind.MEMORY and choice is StoreChoice.MEMORY:
        return (
            f"The system keyring and the encrypted file were not looked at, because {words} keeps secrets in "
            f"memory: what an earlier run stored there is still there. {_way_out(name)}=keyring or "
            f"{SECRET_STORE_VARIABLE}=file.",
        )
    others = [each for each in _WORDS if each not in {choice, store_in_use(status)}]
    reason = f"because of {words}" if words else f"because {SECRET_STORE_VARIABLE} does not ask for it"
    return tuple(
        f"{_WORDS[each]} was not looked at, {reason}, though secrets of “{name}” may be there. "
        f"{_way_out(name)}={each}."
        for each in others
        if noted(book.saved, name, each)
    )


def _way_out(name: str) -> str:
    return f"To remove that, too, do the same, or “ccflow forget {name}”, with {SECRET_STORE_VARIABLE}"

"""Stands in for an object that is made when it is first used: the first paint does not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

Made = TypeVar("Made")


class _Late:
    __slots__ = ("_made", "_make")
    _make: Callable[[], object]
    _made: object | None

    def __init__(self, make: Callable[[], object]) -> None:
        object.__setattr__(self, "_make", make)
        object.__setattr__(self, "_made", None)

    def _get(self) -> object:
        if self._made is None:
            object.__setattr__(self, "_made", self._make())
        return self._made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._get(), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._get(), name, value)


def late(make: Callable[[], Made]) -> Made:
    """Return something that behaves as what ``make`` returns, and calls it when it is first used."""
    return cast(Made, _Late(make))

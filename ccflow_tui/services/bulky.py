"""Answers of unusual size: read in a thread, so that a hostile megabyte does not stop the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

INLINE_BODY = 32 * 1024
"""Bytes of a body that are read where they arrived; honest answers stay below, and a thread costs more."""


async def read_body(body: bytes, read: Callable[[], T]) -> T:
    """Return what ``read`` makes of ``body``; raises what it raises."""
    return read() if len(body) <= INLINE_BODY else await asyncio.to_thread(read)

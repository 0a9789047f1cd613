"""Answers of unusual size: read in a thread, so that no page of an error stops the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

INLINE_BODY = 8 * 1024
"""Bytes of a body that are read where they arrived, in less than 5 ms even where it has to be redacted.

Nearly all tokens and metadata stay below, and for those a thread costs more.
"""


async def read_body(body: bytes, read: Callable[[], T]) -> T:
    """Return what ``read`` makes of ``body``; raises what it raises."""
    return read() if len(body) <= INLINE_BODY else await asyncio.to_thread(read)

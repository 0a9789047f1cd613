"""The real clock behind ``ports.Clock``."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """The operating system's two clocks and the event loop's sleep."""

    def wall(self) -> float:
        """Return epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never jump back; on Linux they stand still during suspend."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(seconds)

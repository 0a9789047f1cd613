"""The real clock behind ``ports.Clock``."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """The operating system's two clocks and the event loop's sleep."""

    wall = staticmethod(time.time)
    """Returns epoch seconds; the function itself, since a cache hit reads the clock and does little else."""
    monotonic = staticmethod(time.monotonic)
    """Returns seconds that never jump back; on Linux they stand still during suspend."""

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(seconds)

"""Closes connections at the end of their event loop, for a program that does not do so itself."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable

Close = Callable[[], Awaitable[None]]


def close_with_loop(close: Close) -> AsyncGenerator[None, None]:
    """Have ``close`` called when the running loop ends, or before by the ``aclose`` of what is returned.

    Once a loop has ended, its connections cannot be closed in good order. It ends its asynchronous generators
    in time, as ``asyncio.run`` makes it do (``loop.shutdown_asyncgens``), so one of them waits for that.
    """
    waiting = _waiting(close)
    first = waiting.__anext__()
    try:
        first.send(None)  # begins it without an await: the loop knows it from its first step on
    except StopIteration:
        return waiting
    raise AssertionError("nothing is awaited before the first value")


async def _waiting(close: Close) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await close()

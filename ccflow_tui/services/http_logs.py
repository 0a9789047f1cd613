"""Keeps the logs of the HTTP library quiet about our exchanges: they quote headers as they come.

A program that logs everything would find its client secret there, as soon as a server repeats it. What the
program itself does over the same library is logged as before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LOGGERS = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))
_IS_OURS = ContextVar("ccflow_exchange", default=False)


def quieten_http_logs() -> None:
    """Drop the records of what runs in ``unlogged``; calling it again changes nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_foreign)


def _is_foreign(_: logging.LogRecord) -> bool:
    return not _IS_OURS.get()


@contextmanager
def unlogged() -> Iterator[None]:
    """Mark what the current task does in the block as ours."""
    mark = _IS_OURS.set(True)
    try:
        yield
    finally:
        _IS_OURS.reset(mark)

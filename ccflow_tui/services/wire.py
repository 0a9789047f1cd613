"""Requests of ccflow's own, spelled out header by header: nothing is added to them on the way."""

from __future__ import annotations

from urllib.parse import urlsplit

from ccflow_tui import __version__
from ccflow_tui.services.ports import WireRequest

USER_AGENT = f"ccflow/{__version__}"
"""Names the tool to the server (RFC 9110, section 10.1.5)."""


def get_request(url: str, *headers: tuple[str, str]) -> WireRequest:
    """Return a GET that asks for uncompressed JSON; ``headers`` follow ``Accept`` in the order given."""
    return WireRequest(
        "GET",
        url,
        (
            ("Host", host_of(url)),
            ("User-Agent", USER_AGENT),
            ("Accept", "application/json"),
            *headers,
            ("Accept-Encoding", "identity"),
            ("Connection", "keep-alive"),
        ),
    )


def host_of(url: str) -> str:
    """Return host and port as a ``Host`` header says them, without user name and password."""
    return urlsplit(url).netloc.rpartition("@")[2]

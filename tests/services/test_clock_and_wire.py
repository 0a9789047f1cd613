"""The real clock, ccflow's own requests, and that importing the network floor stays cheap."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from ccflow_tui import __version__
from ccflow_tui.services.clock import SystemClock
from ccflow_tui.services.wire import get_request, host_of


async def test_the_system_clock_tells_the_time_and_waits() -> None:
    clock = SystemClock()
    assert clock.wall() == pytest.approx(time.time(), abs=1)
    begun = clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() - begun >= 0.009


def test_A15_own_requests_name_the_tool_and_ask_for_json() -> None:
    request = get_request("https://h.example:8443/x?y=1", ("Authorization", "Bearer t"))
    assert (request.method, request.url, request.body) == ("GET", "https://h.example:8443/x?y=1", b"")
    assert request.headers[:4] == (
        ("Host", "h.example:8443"),
        ("User-Agent", f"ccflow/{__version__}"),
        ("Accept", "application/json"),
        ("Authorization", "Bearer t"),
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://h/", "h"), ("https://[::1]:8080/t", "[::1]:8080"), ("https://u:p@h:1/", "h:1"), ("h", "")],
)
def test_C1_a_host_header_never_holds_a_password(url: str, host: str) -> None:
    assert host_of(url) == host


def test_importing_the_network_floor_loads_no_heavy_library() -> None:
    program = (
        "import sys, ccflow_tui.services.transport, ccflow_tui.services.token_client, "
        "ccflow_tui.services.discovery, ccflow_tui.services.resource_client; "
        "heavy = {'httpx', 'anyio', 'truststore', 'tenacity', 'joserfc', 'cryptography', 'pydantic'}; "
        "print(*sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []

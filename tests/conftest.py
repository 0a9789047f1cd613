"""Which tests the coverage counts."""

from __future__ import annotations

import sys
from collections.abc import Generator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cover-screens",
        action="store_true",
        help="measure the coverage of the tests that run the whole app, too, which doubles their time",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure the app only when told to: the floors of coverage are those of the engine, by its own tests.

    The ``no_cover`` of pytest-cov is no help in a worker of xdist, where a second measurement stands behind.
    """
    tracer = sys.gettrace()
    if "quick_pilot" not in getattr(item, "fixturenames", ()) or item.config.getoption("--cover-screens"):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)

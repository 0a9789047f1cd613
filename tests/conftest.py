"""Which tests the coverage counts."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cover-screens",
        action="store_true",
        help="measure the coverage of the tests that run the whole app, too, which doubles their time",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Measure the app only when told to: the floors of coverage are those of the engine, by its own tests."""
    if not config.getoption("--cover-screens"):
        for item in items:
            if "quick_pilot" in getattr(item, "fixturenames", ()):
                item.add_marker("no_cover")

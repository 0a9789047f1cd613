"""The start stays quick: what is slow to import is not imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ccflow_tui
from tests.cli.program import ROOT, start
from tests.support.patience import PATIENCE

HEAVY = ("httpx", "authlib", "joserfc", "cryptography", "keyring", "pydantic", "werkzeug", "tenacity")
TOLD = (*HEAVY, "textual", "rich", "asyncio")
REPORT = f"""
import atexit, json, sys
def report():
    sys.stderr.write(json.dumps([name for name in {TOLD!r} if name in sys.modules]))
"""

FIRST_PAINT = f"""
import asyncio, json, sys
import ccflow_tui.app as app_module
from ccflow_tui.widgets.field_frame import FieldFrame
def measure(self):
    sys.stderr.write(json.dumps(dict(
        loaded=[name for name in {TOLD!r} if name in sys.modules],
        modules=sorted(name for name in sys.modules if name.partition(".")[0] == "ccflow_tui"),
        fields=[field.field_name for field in self.screen.query(FieldFrame)],
        widgets=len(self.screen.query("*")),
        rules=len(self.stylesheet.rules),
    )))
    self.exit()
app_module.CcflowApp.on_ready = measure
from ccflow_tui.options import Options
from ccflow_tui.wiring import configure
from ccflow_tui.wizard import Backstage, make_app
async def main():
    options = Options()
    backstage = Backstage(options, configure(options))
    await make_app(backstage).run_async(headless=True, size=(120, 40))
    await backstage.close()
asyncio.run(main())
"""
BUDGET = {"modules": 72, "widgets": 28, "rules": 113}
"""What the first paint may cost at the most. Every module, widget and rule is paid for at each start."""


@pytest.fixture(scope="module")
def first_paint() -> dict[str, Any]:
    """Return what had been loaded, mounted and parsed when the first screen was laid out."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stderr.strip().splitlines()[-1])
    return found


def loaded(*arguments: str) -> list[str]:
    """Return the modules of interest that a command line has loaded by its end."""
    with start(*arguments, code=f"{REPORT}\natexit.register(report)") as process:
        _, err = process.communicate(timeout=PATIENCE)
    found: list[str] = json.loads(err.decode().splitlines()[-1])
    return found


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["token", "--help"]])
def test_asking_for_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(*arguments) == []


def test_a_token_needs_no_screen() -> None:
    found = loaded("token", "--demo")
    assert "httpx" in found
    assert "textual" not in found
    assert "authlib" not in found, "the demo's server belongs into its own process"


def test_the_first_paint_waits_for_nothing_heavy(first_paint: dict[str, Any]) -> None:
    assert "textual" in first_paint["loaded"]
    assert set(first_paint["loaded"]).isdisjoint(HEAVY)


def test_the_first_paint_keeps_its_budget(first_paint: dict[str, Any]) -> None:
    cost = {name: first_paint[name] for name in ("widgets", "rules")}
    cost["modules"] = len(first_paint["modules"])
    over = {name: (cost[name], most) for name, most in BUDGET.items() if cost[name] > most}
    assert not over, f"load it after the first paint, or raise the budget knowingly: {over}"


def test_what_is_below_the_first_fields_costs_the_first_paint_nothing(first_paint: dict[str, Any]) -> None:
    assert first_paint["fields"] == ["endpoint_mode", "provider", "environment_id", "region", "client_id"]
    not_yet = {"build", "send", "token", "confirm", "help", "profiles", "dialog"}
    assert not_yet.isdisjoint(name.rpartition(".")[2] for name in first_paint["modules"])


def test_every_module_is_cheap_to_import() -> None:
    package = Path(ccflow_tui.__file__).parent
    modules = [
        ".".join(path.relative_to(package.parent).with_suffix("").parts)
        for path in sorted(package.rglob("*.py"))
        if path.name != "__main__.py" and not {"screens", "widgets"}.intersection(path.parts)
    ]
    # The server side runs in a process of its own, which has nothing else to load.
    modules = [name for name in modules if not name.startswith("ccflow_tui.demo.") or "launcher" in name]
    # A class of httpx's is its base, so it is imported by those who use it and by nobody else.
    modules.remove("ccflow_tui.library.httpx_auth")
    code = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
    heavy = [each for each in {HEAVY!r} if each in sys.modules]
    assert not heavy, (name, heavy)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=PATIENCE)


def test_the_engine_s_floors_know_nothing_of_textual() -> None:
    code = """
import sys, ccflow_tui.headless, ccflow_tui.services.engine, ccflow_tui.demo.launcher
assert "textual" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=PATIENCE)

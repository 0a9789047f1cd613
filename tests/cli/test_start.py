"""The start stays quick: what is slow to import is not imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import ccflow_tui
from tests.cli.program import ROOT, start

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
{REPORT}
class Probe(app_module.CcflowApp):
    def on_ready(self):
        report()
        self.exit()
Probe.__module__ = app_module.__name__
Probe.CSS_PATH = None
Probe.CSS = open(app_module.__file__.replace("app.py", "app.tcss"), encoding="utf-8").read()
app_module.CcflowApp = Probe
from ccflow_tui.options import Options
from ccflow_tui.wiring import configure
from ccflow_tui.wizard import Backstage, make_app
async def main():
    options = Options()
    backstage = Backstage(options, configure(options))
    await make_app(backstage).run_async(headless=True, size=(80, 24))
    await backstage.close()
asyncio.run(main())
"""


def loaded(*arguments: str) -> list[str]:
    """Return the modules of interest that a command line has loaded by its end."""
    with start(*arguments, code=f"{REPORT}\natexit.register(report)") as process:
        _, err = process.communicate(timeout=20)
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


def test_the_first_paint_waits_for_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT], capture_output=True, text=True, cwd=ROOT, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    found = set(json.loads(done.stderr.strip().splitlines()[-1]))
    assert "textual" in found
    assert found.isdisjoint(HEAVY)


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
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)


def test_the_engine_s_floors_know_nothing_of_textual() -> None:
    code = """
import sys, ccflow_tui.headless, ccflow_tui.services.engine, ccflow_tui.demo.launcher
assert "textual" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)

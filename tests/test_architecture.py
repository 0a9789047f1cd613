"""House rules that no linter knows."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccflow_tui.config.settings import load_settings

ROOT = Path(__file__).parents[1]
LONGEST_MODULE, LONGEST_TEST = 300, 400
FOREIGN = re.compile(
    r"(?<![\w.$}])/(?:work|tmp|root|opt)/\w|/home/\w+/|registry\.npm|pypi(?:\.org|thonhosted)|\bartifactory\b",
    re.IGNORECASE,
)
"""Paths of one machine and host names of package registries."""


def tracked() -> Iterator[Path]:
    """Yield the files of the repository, or of the unpacked sdist."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*.*") if ".venv" not in path.parts]
    yield from (ROOT / name for name in listed if name and (ROOT / name).is_file())


def test_modules_are_small_rooms() -> None:
    too_long = {
        str(path.relative_to(ROOT)): lines
        for folder, most in ((ROOT / "ccflow_tui", LONGEST_MODULE), (ROOT / "tests", LONGEST_TEST))
        for path in folder.rglob("*.py")
        if "node_modules" not in path.parts and (lines := path.read_text(encoding="utf-8").count("\n")) > most
    }
    assert not too_long


def test_every_module_postpones_its_annotations() -> None:
    for path in (ROOT / "ccflow_tui").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        code = [line for line in text.splitlines() if re.match(r"(from|import|def|class) ", line)]
        assert not code or code[0] == "from __future__ import annotations", path.name


@pytest.mark.parametrize("needle", ["TODO", "FIXME", "pragma" + ": no cover"])
def test_nothing_is_left_for_later(needle: str) -> None:
    found = [path.name for path in (ROOT / "ccflow_tui").rglob("*.py") if needle in path.read_text("utf-8")]
    assert not found


def test_no_file_names_a_machine_or_a_registry() -> None:
    allowed = {Path(__file__).name}
    found = []
    for path in tracked():
        if path.name in allowed or path.suffix in {".png", ".lock"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in FOREIGN.finditer(text)]
    assert not found


def test_the_example_settings_load_and_hold_placeholders_only() -> None:
    path = ROOT / "settings.example.json"
    block = load_settings(path).oauth.client_credentials
    assert block.enabled is True
    assert block.scopes
    assert "secret" not in path.read_text(encoding="utf-8").lower().replace("client_secret", "")

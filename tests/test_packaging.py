"""What people install: the wheel, the sdist and an editable tree hold everything the program needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = (
    "ccflow_tui",
    "themes",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "settings.example.json",
    "tests/__init__.py",
)
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an sdist, and the wheel from it; return the folder with both.

    From a copy, so that the build leaves nothing in the source tree.
    """
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--outdir", str(out), str(source)]
    if find_spec("hatchling"):
        command.insert(3, "--no-isolation")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def names_in(built: Path) -> set[str]:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_what_the_program_reads(built: Path) -> None:
    names = names_in(built)
    assert "ccflow_tui/py.typed" in names
    assert "ccflow_tui/settings.example.json" in names
    themes = {f"ccflow_tui/themes/{path.name}" for path in (ROOT / "themes").iterdir() if path.is_file()}
    assert themes and themes <= names
    styles = {str(path.relative_to(ROOT)) for path in (ROOT / "ccflow_tui").rglob("*.tcss")}
    assert styles and styles <= names


def test_the_wheel_holds_nothing_else(built: Path) -> None:
    tops = {name.split("/")[0].split("-")[0] for name in names_in(built)}
    assert tops == {"ccflow_tui"}
    assert not [name for name in names_in(built) if "__pycache__" in name or "/tests/" in name]


def test_the_sdist_holds_the_tests_and_the_licence(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "pyproject.toml", "settings.example.json", "tests/__init__.py"} <= names
    assert any(name.startswith("themes/") for name in names)


def test_the_installed_wheel_finds_its_themes(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)  # noqa: S202 - the archive was made a moment ago
    code = """
import pathlib, sys
import ccflow_tui
from ccflow_tui.theming import available_themes
assert pathlib.Path(ccflow_tui.__file__).parent == pathlib.Path(sys.argv[1], "ccflow_tui")
assert len(available_themes(None)) >= 4
"""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, sys.argv[1])\n{code}", str(tmp_path)]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=60)

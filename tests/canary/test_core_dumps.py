"""A crash of the interpreter itself leaves no copy of the memory behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.canary.program import ROOT, surroundings

resource = pytest.importorskip("resource", reason="Windows writes no core dumps")
CRASHING = """
import os, resource
from ccflow_tui import cli
def crash(options):
    print(*resource.getrlimit(resource.RLIMIT_CORE), flush=True)
    os.abort()
cli._wizard = crash
cli.main([])
"""


def allow_cores() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


@pytest.mark.skipif(
    "resource.getrlimit(resource.RLIMIT_CORE)[1] == 0", reason="core dumps are forbidden here"
)
def test_L1_no_core_dump_is_written(scene: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", CRASHING],
        env=surroundings(scene, PYTHONPATH=str(ROOT)),
        cwd=scene / "work",
        preexec_fn=allow_cores,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode < 0, "the crash did not happen"
    assert found.stdout.split() == ["0", str(resource.getrlimit(resource.RLIMIT_CORE)[1])]
    assert not list((scene / "work").iterdir())

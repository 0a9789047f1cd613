"""Holds every floor of the engine to its share of covered lines and branches; run after the suite."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

FLOORS = {"models": 90.0, "oauth": 90.0, "services": 90.0, "config": 90.0}
"""Per cent of lines and branches together."""


def measured(report: dict[str, object]) -> dict[str, float]:
    covered: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    files = report["files"]
    assert isinstance(files, dict)
    for path, data in files.items():
        parts = Path(path).parts
        floor = parts[parts.index("ccflow_tui") + 1] if "ccflow_tui" in parts else ""
        summary = data["summary"]
        covered[floor] += summary["covered_lines"] + summary["covered_branches"]
        total[floor] += summary["num_statements"] + summary["num_branches"]
    return {floor: 100.0 * covered[floor] / total[floor] for floor in FLOORS if total[floor]}


def main(report_file: str) -> int:
    shares = measured(json.loads(Path(report_file).read_text()))
    short = {floor: share for floor, share in shares.items() if share < FLOORS[floor]}
    line = ", ".join(f"{floor} {share:.1f} %" for floor, share in sorted(shares.items()))
    sys.stdout.write(f"coverage of lines and branches: {line}\n")
    for floor, share in short.items():
        sys.stdout.write(f"{floor} is below its floor of {FLOORS[floor]:.0f} % ({share:.1f} %)\n")
    return 1 if short or shares.keys() != FLOORS.keys() else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))

"""What many checks come to."""

from __future__ import annotations

from collections.abc import Iterable

from ccflow_tui.models.finding import Finding, Verdict


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict of all; there has to be one."""
    return max((finding.verdict for finding in findings), key=list(Verdict).index)

"""What was found out about a token: a line a check, or what its server says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.content import Content

from ccflow_tui.models.finding import Finding, Verdict
from ccflow_tui.widgets.hanging_text import HangingText
from ccflow_tui.widgets.json_view import time_lines

if TYPE_CHECKING:
    from ccflow_tui.models.inspection import Introspection, Verification

_MARKS = {
    Verdict.GOOD: ("✓", "$text-success"),
    Verdict.DOUBT: ("▲", "$text-warning"),
    Verdict.BAD: ("✗", "$text-error"),
}
BINDING = "Binding"
_NAME_WIDTH = 12
_MEMBERS = 30
"""Members of an answer that are shown."""


def finding_line(finding: Finding) -> Content:
    """Return one finding as a line."""
    mark, style = _MARKS[finding.verdict]
    return Content.assemble((f"{mark} {finding.topic}: ", f"bold {style}"), (finding.text, style))


def report_lines(findings: Sequence[Finding]) -> Content:
    """Return a report in few lines: what is as it should be in one, everything else in one each.

    What a token is bound to is always told: few tokens are, and it says which key an API wants to see.
    """
    brief = [each for each in findings if each.verdict is Verdict.GOOD and each.topic != BINDING]
    good = [finding.topic.lower() for finding in brief]
    lines = [finding_line(finding) for finding in findings if finding not in brief]
    if good:
        mark, style = _MARKS[Verdict.GOOD]
        lines.insert(0, Content.styled(f"{mark} In order: {', '.join(good)}", style))
    return Content("\n").join(lines)


class InspectionView(HangingText):
    """A panel under the token, empty until somebody asks."""

    DEFAULT_CSS = """
    InspectionView {
      display: none; height: auto; margin-top: 1; padding: 0 1; border-left: thick $border-blurred;
    }
    """

    def show(self, content: Content | str) -> None:
        """Show something, or give the room away."""
        self.update(content)
        self.display = bool(content)

    def show_introspection(self, found: Introspection) -> None:
        """Show what the server says about the token."""
        if found.active is None:
            self.show(_problem(found.problem, found.remedy))
            return
        verdict, told = (
            (Verdict.GOOD, "the server says that the token is active.")
            if found.active
            else (Verdict.BAD, "the server says that the token is not active: expired, revoked or not known.")
        )
        lines = [finding_line(Finding(verdict, "Introspection", told)), *map(finding_line, found.findings)]
        lines += [Content(f"{name:<{_NAME_WIDTH}} {_told(value)}") for name, value in _some(found)]
        lines += [Content(line) for line in time_lines(found.claims)]
        self.show(Content("\n").join(lines))

    def show_verification(self, found: Verification) -> None:
        """Show every finding about the token."""
        lines = [finding_line(finding) for finding in found.findings]
        lines += [Content(found.remedy)] if found.remedy else []
        lines.append(Content.styled("For debugging; the token is opaque to the client.", "italic"))
        self.show(Content("\n").join(lines))


def _problem(problem: str, remedy: str) -> Content:
    mark, style = _MARKS[Verdict.DOUBT]
    lines = [Content.styled(f"{mark} {problem}", f"bold {style}"), *([Content(remedy)] if remedy else [])]
    return Content("\n").join(lines)


def _some(found: Introspection) -> list[tuple[str, Any]]:
    return list(found.claims.items())[:_MEMBERS]


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

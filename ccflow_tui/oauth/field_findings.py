"""Small makers of findings, shared by every check of a profile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ccflow_tui.models.problems import FieldProblem, InputProblem, Severity
from ccflow_tui.oauth.url_validation import CheckedUrl

Findings = Iterator[FieldProblem]

_NOT_VSCHAR = re.compile(r"[^\x20-\x7e]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def error(field: str, problem: str, remedy: str) -> FieldProblem:
    """Return a finding that keeps the profile from being used."""
    return FieldProblem(field, problem, remedy)


def warning(field: str, problem: str, remedy: str = "") -> FieldProblem:
    """Return a finding that is worth a look and stops nothing."""
    return FieldProblem(field, problem, remedy, Severity.WARNING)


def required(text: str, field: str, problem: str, remedy: str) -> Findings:
    """Report a field that is empty or blank."""
    if not text.strip():
        yield error(field, problem, remedy)


def no_controls(text: str, field: str, label: str) -> Findings:
    """Report a line break or control character."""
    if has_controls(text):
        yield error(field, f"{label} holds a line break or control character.", "Enter it again.")


def url_findings(check: Callable[..., CheckedUrl], text: str, field: str) -> Findings:
    """Report what a URL check raises as an error and what it notes as a warning."""
    try:
        checked = check(text, field=field)
    except InputProblem as problem:
        yield problem.finding
    else:
        for note in checked.notes:
            yield warning(field, note)


def has_controls(text: str) -> bool:
    """Whether the text holds a line break or control character."""
    return _CONTROL.search(text) is not None


def outside_vschar(text: str) -> bool:
    """Whether the text leaves VSCHAR, printable ASCII (RFC 6749, appendix A)."""
    return _NOT_VSCHAR.search(text) is not None

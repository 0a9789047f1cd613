"""Extra parameters: what one server wants beside the standard's, and nothing that could harm.

A client may add parameters of its own (RFC 6749, section 8.2); none may stand twice (section 3.2).
"""

from __future__ import annotations

import re

from ccflow_tui.models.parameters import Parameters
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret_shapes import is_secret_name, is_secret_value
from ccflow_tui.oauth.sanitize import scrub

FIELD = "extra_parameters"

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
"""``param-name`` (RFC 6749, appendix A and section 8.2)."""
_OWN_FIELDS = frozenset({"scope", "audience", "resource", "authorization_details", "client_id"})
_OWN = _OWN_FIELDS | {"grant_type", "client_secret", "client_assertion", "client_assertion_type"}
"""What a request sets itself; an extra one would shadow it, at one server or the other."""


def check_extra_parameters(pairs: Parameters) -> Parameters:
    """Return the parameters to send, in the order given; one with an empty value counts as left out.

    Raises ``InputProblem`` for a name that the request sets itself, that stands twice or that is no
    parameter name, and for whatever looks like a secret, since these are kept and shown as they are.
    """
    names: set[str] = set()
    for name, value in pairs:
        _check_name(name)
        if name in names:
            raise _problem(f"The parameter {name} stands twice.", "Give it once (RFC 6749, section 3.2).")
        names.add(name)
        _check_value(name, value)
    return tuple((name, value) for name, value in pairs if value.strip())


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise _problem(
            f'"{scrub(name, limit=40)}" is no parameter name.',
            "Write name=value&name=value; names have letters, digits, dot, hyphen and underscore only.",
        )
    if name in _OWN:
        remedy = "Use its own field." if name in _OWN_FIELDS else "Take it out."
        raise _problem(f"The request sets {name} itself, so it would stand twice.", remedy)
    if is_secret_name(name):
        raise _problem(
            f"The parameter {name} would carry a secret, but extra parameters are kept and shown openly.",
            "Take it out; credentials are sent by the authentication method only.",
        )


def _check_value(name: str, value: str) -> None:
    if is_secret_value(value):
        raise _problem(
            f"The value of {name} looks like a key or a token.",
            "Take it out: extra parameters are kept and shown as they are.",
        )
    if not value.isprintable():
        raise _problem(f"The value of {name} holds a character that cannot be shown.", "Enter it again.")


def _problem(problem: str, remedy: str) -> InputProblem:
    return InputProblem(FIELD, problem, remedy)

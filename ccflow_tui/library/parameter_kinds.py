"""What kind of value a parameter takes: another one is refused by its name, where the program gave it.

Without this a wrong kind would end in a ``TypeError`` deep inside the first request. No message repeats the
value, which may be a secret in the wrong place.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.problems import InputProblem

_TEXTS = "Give a list or tuple of str."


def check_kind(given: object, kind: Any, field: str, remedy: str) -> None:
    """Raise ``InputProblem`` for what is no instance of ``kind``: a class, a union of some, or a protocol."""
    # A class has the methods of its instances, so that it would pass for a protocol.
    if isinstance(given, type) or not isinstance(given, kind):
        raise _wrong(given, field, remedy)


def check_text(given: object, field: str) -> None:
    """Raise ``InputProblem`` for what is no text."""
    check_kind(given, str, field, 'Give a str, such as "read write".' if field == "scope" else "Give a str.")


def check_texts(given: object, field: str) -> None:
    """Raise ``InputProblem`` for what is no collection of texts; a text by itself is none."""
    if isinstance(given, str) or not isinstance(given, Collection):
        raise _wrong(given, field, _TEXTS)
    for each in given:
        check_kind(each, str, field, _TEXTS)


def check_flag(given: object, field: str) -> None:
    """Raise ``InputProblem`` for what is neither true nor false, such as the text "no"."""
    check_kind(given, bool, field, "Give True or False.")


def check_number(given: object, field: str, remedy: str, *, whole: bool = False) -> None:
    """Raise ``InputProblem`` for what is no finite number or, with ``whole``, no int."""
    if isinstance(given, bool) or not isinstance(given, int if whole else int | float):
        raise _wrong(given, field, remedy)
    try:
        is_finite = math.isfinite(given)
    except OverflowError:  # an int beyond what a float can hold
        is_finite = False
    if not is_finite:
        raise InputProblem(field, "This is no finite number.", remedy)


def check_token(given: object, field: str) -> None:
    """Raise ``InputProblem`` for what is no token as ``TokenClient`` gives them."""
    check_kind(given, AccessToken, field, "Give an AccessToken.")


def _wrong(given: object, field: str, remedy: str) -> InputProblem:
    if isinstance(given, type):
        return InputProblem(field, f"This is the class {given.__name__} itself.", remedy)
    return InputProblem(field, f"This is a value of type {type(given).__name__}.", remedy)

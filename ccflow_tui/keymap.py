"""A person's own keys: checked before the wizard opens, since Textual drops a binding that clashes unsaid."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

# The function by which Textual itself names the keys of bindings and of what was typed.
from textual.keys import KEY_TO_UNICODE_NAME, REPLACED_KEYS, Keys, _character_to_key

from ccflow_tui.actions import Action
from ccflow_tui.config.json_file import printable
from ccflow_tui.config.nearest import did_you_mean, nearest
from ccflow_tui.inner_actions import ALL_ACTIONS
from ccflow_tui.models.flow import Step
from ccflow_tui.models.places import Place
from ccflow_tui.models.problems import SettingsProblem

_MODIFIERS = ("ctrl", "alt", "shift", "super", "meta", "hyper")
_NAMED = frozenset(
    [*(key.value.split("+")[-1] for key in Keys if not key.value.startswith("<")), *REPLACED_KEYS]
)
_MOVING = frozenset({"tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown"})
_ALIASES = frozenset({"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+left_square_bracket", "ctrl+left_square_brace"})
"""What terminals send for Backspace, Tab, Enter and Esc."""
_FIXED = _MOVING | _ALIASES | {"enter", "space", "ctrl+c"}
"""Keys that move, choose and copy everywhere."""
_CORRECTING = frozenset({"backspace", "delete"})
"""Keys that correct what is typed; free where nothing is."""
_EDITING = frozenset(f"ctrl+{letter}" for letter in "acdekuvwx")
"""Chords that a text field takes for itself."""


def remapped(keys: Mapping[str, str], file: Path) -> tuple[Action, ...]:
    """Return the table of actions with other keys for some: id to names, separated by commas.

    Raises ``SettingsProblem`` with the place in ``file`` for an unknown id or key, for a key that would never
    arrive, and where two actions that work on one step would share one.
    """
    try:
        return _remapped(keys)
    except _Unusable as problem:
        where = f"ui.keys.{printable(problem.action)}"
        raise SettingsProblem(file, where, problem.problem, problem.remedy) from None


class _Unusable(Exception):
    """The keys of an action cannot be used; ``action`` is its id as written."""

    def __init__(self, action: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.action, self.problem, self.remedy = action, problem, remedy


def _remapped(keys: Mapping[str, str]) -> tuple[Action, ...]:
    wanted = {name: _checked(name, text) for name, text in keys.items()}
    table = tuple(
        action._replace(keys=wanted[action.id], key_display="") if action.id in wanted else action
        for action in ALL_ACTIONS
    )
    for action in table:
        if action.id in wanted:
            _refuse_clash(action, table)
    return table


def _checked(name: str, text: str) -> str:
    action = next((each for each in ALL_ACTIONS if each.id == name), None)
    if action is None:
        remedy = did_you_mean(name, [each.id for each in ALL_ACTIONS])
        raise _Unusable(name, "There is no action of this id.", remedy)
    keys = [_key(action, key.strip()) for key in text.split(",")]
    if _works_in_fields(action) and all(_is_for_fields(key) for key in keys):
        problem = "On step 1 a field would take this key, so the action could not be reached."
        raise _Unusable(name, problem, "Add a function key or another Ctrl chord, such as f9 or ctrl+n.")
    return ",".join(dict.fromkeys(keys))


def _works_in_fields(action: Action) -> bool:
    """Whether it must be reached from within a field, as what is for another part of the screen need not."""
    is_beside = bool(action.keys) and all(_is_for_fields(key) for key in action.keys.split(","))
    return action.place in {None, Step.CONFIGURE} and not is_beside


def _is_for_fields(key: str) -> bool:
    plain = key.removeprefix("shift+")
    return key in _EDITING or ("+" not in plain and not re.fullmatch(r"f\d+|escape|insert", plain))


def _key(action: Action, text: str) -> str:
    """Return a key as Textual names it."""
    name, fixed = action.id, _FIXED if isinstance(action.place, Place) else _FIXED | _CORRECTING
    fixed -= set(action.keys.split(","))
    if not text:
        raise _Unusable(name, "It names no key.", 'Write one such as "f9", or leave the action out.')
    *modifiers, last = text.split("+") if len(text) > 1 else [text]
    last = _character_to_key(last) if len(last) == 1 else last
    if unknown := [each for each in modifiers if each not in _MODIFIERS]:
        raise _Unusable(name, _unknown(text), did_you_mean(unknown[0], _MODIFIERS))
    if len(last) != 1 and last not in _NAMED and not _is_character(last):
        near = nearest(last, _NAMED)
        remedy = f'Did you mean "{near}"?' if near else 'Write it as in "f9", "ctrl+n" or "y".'
        raise _Unusable(name, _unknown(text), remedy)
    if modifiers and last.isupper() and len(last) == 1:
        remedy = f'Write "{"+".join([*dict.fromkeys([*modifiers, "shift"]), last.lower()])}".'
        raise _Unusable(name, "A capital letter never comes together with Ctrl or Alt.", remedy)
    key = "+".join([*sorted(modifiers, key=_MODIFIERS.index), last])
    if key in fixed or (key == "escape" and name != "back"):
        raise _Unusable(name, f'The key "{key}" has a fixed meaning.', "Choose another one, such as f9.")
    return key


def _unknown(text: str) -> str:
    return f'There is no key "{printable(text)}".'


def _is_character(name: str) -> bool:
    """Whether a name such as ``question_mark`` is that of a character."""
    if name in KEY_TO_UNICODE_NAME:
        return True
    try:
        unicodedata.lookup(name.replace("_", " ").upper())
    except KeyError:
        return False
    return True


def _refuse_clash(action: Action, table: tuple[Action, ...]) -> None:
    for other in table:
        if other.id == action.id or _works_in(action).isdisjoint(_works_in(other)):
            continue
        if shared := sorted(set(_keys(action)) & set(_keys(other))):
            problem = f'The key "{shared[0]}" belongs to "{other.id}" ({other.title}).'
            remedy = f'Choose another key, or give "{other.id}" one of its own here.'
            raise _Unusable(action.id, problem, remedy)


def _works_in(action: Action) -> frozenset[Step | Place]:
    """Return where an action's keys are listened to; two that meet anywhere must not share one."""
    if action.place is Place.FAILURE:
        return frozenset({Step.SEND})
    if action.place is not None:
        return frozenset({action.place})
    if action.in_dialogs or action.id == "back":  # which closes every dialog
        return frozenset([*Step, *Place])
    return frozenset([*Step, Place.LISTS, *([Place.KEYS] if action.id == "help" else [])])


def _keys(action: Action) -> Iterator[str]:
    return (key for key in action.keys.split(",") if key)

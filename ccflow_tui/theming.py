"""Theme files: where they are looked for, how they are checked, what a theme may leave out."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccflow_tui.models.problems import CcflowError

if TYPE_CHECKING:
    from textual.color import Color
    from textual.theme import Theme

DEFAULT_DARK = "ccflow-dark"

COLOUR_NAMES = (
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
_TABLES = ("dark", "colors", "variables")
_TEXT_STYLES = {"none", "not", "bold", "dim", "italic", "underline", "reverse", "strike", "b", "i", "u", "r"}
_WORDS = {"auto", "initial", "transparent"}
_PERCENT = re.compile(r"(100|[1-9]?\d)%")
_VARIABLE_NAME = re.compile(r"[a-z][a-z0-9-]*")
_SIZE_LIMIT = 65_536


class ThemeProblem(CcflowError):
    """A theme file cannot be used; the text names file, key and remedy."""

    def __init__(self, path: Path, key: str, problem: str, remedy: str = "") -> None:
        place = f"{path}: {key}" if key else str(path)
        super().__init__(f"{place}: {problem} {remedy}".strip())
        self.path, self.key, self.problem, self.remedy = path, key, problem, remedy


def theme_dirs(user_dir: Path | None) -> tuple[Path, ...]:
    """Return the folders that may hold themes, the user's first.

    The last one exists only in a working copy, where the files have not been packaged yet.
    """
    package = Path(__file__).parent
    packaged, working_copy = package / "themes", package.parent
    found = [user_dir] if user_dir is not None else []
    found.append(packaged)
    if (working_copy / "pyproject.toml").is_file():
        found.append(working_copy / "themes")
    return tuple(found)


def available_themes(user_dir: Path | None = None) -> dict[str, Path]:
    """Return theme names and their files; a user's file replaces one of ours by the same name.

    A theme is named as its file. Files are not read here, so a broken one costs nothing until chosen.
    """
    themes: dict[str, Path] = {}
    for folder in theme_dirs(user_dir):
        try:
            files = sorted(folder.glob("*.toml"))
        except OSError:
            continue
        for path in files:
            themes.setdefault(path.stem, path)
    return themes


def load_theme(path: Path) -> Theme:
    """Read and check a theme file.

    Textual accepts a theme with a bad colour and dies later with an unrelated error, so every value is
    parsed here. Raises ``ThemeProblem``.
    """
    from textual.theme import Theme

    document = _read(path)
    _check_names(path, "", document, _TABLES)
    dark = document.get("dark", True)
    if not isinstance(dark, bool):
        raise ThemeProblem(
            path, "dark", "is neither true nor false.", "Write `dark = true` or `dark = false`."
        )
    colours = _table(path, document, "colors")
    _check_names(path, "colors.", colours, COLOUR_NAMES)
    for key, value in colours.items():
        _parse_colour(path, f"colors.{key}", value)
    if "primary" not in colours:
        raise ThemeProblem(
            path, "colors.primary", "is missing.", 'Add `primary = "#3b82f6"` or another colour.'
        )
    variables = _table(path, document, "variables")
    for key, value in variables.items():
        _check_variable(path, key, value)
    theme = Theme(name=path.stem, dark=dark, variables=variables, **colours)
    theme.to_color_system().generate()
    return theme


def variable_defaults(theme: Theme | None = None) -> dict[str, str]:
    """Return a value for every ``$ccflow-…`` variable, taken from the colours of ``theme``.

    An app returns this from ``get_theme_variable_defaults`` with its current theme, so that themes which
    know nothing of ccflow stay readable too. Without a theme Textual's dark one serves.
    """
    from textual.color import Color
    from textual.theme import BUILTIN_THEMES

    chosen = theme or BUILTIN_THEMES["textual-dark"]
    colours = chosen.to_color_system().generate()

    def on(name: str) -> str:
        return "ansi_black" if chosen.ansi else _contrasting(Color.parse(colours[name]))

    foreground, surface = colours["foreground"], colours["surface"]
    return {
        "ccflow-muted": colours["foreground"] if chosen.ansi else colours["foreground-muted"],
        "ccflow-label": foreground,
        "ccflow-track": colours["panel"] if not chosen.ansi else foreground,
        "ccflow-edge": colours["border-blurred"],
        "ccflow-input": surface,
        "ccflow-input-focus": colours.get("surface-active", surface),
        "ccflow-on-primary": on("primary"),
        "ccflow-on-success": on("success"),
        "ccflow-on-warning": on("warning"),
        "ccflow-on-error": on("error"),
        "ccflow-url-base": colours["text-primary"],
        "ccflow-url-punctuation": colours["text-error"],
        "ccflow-url-name": colours["text-success"],
        "ccflow-url-value": colours["text-accent"],
        "ccflow-json-key": colours["text-primary"],
        "ccflow-json-string": colours["text-success"],
        "ccflow-json-number": colours["text-warning"],
        "ccflow-json-literal": colours["text-accent"],
    }


def _contrasting(colour: Color) -> str:
    return colour.get_contrast_text(1.0).hex


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ThemeProblem(
            path, "", f"cannot be read ({reason}).", "Check the file, or choose another theme."
        ) from None
    if len(data) > _SIZE_LIMIT:
        raise ThemeProblem(
            path, "", f"is larger than {_SIZE_LIMIT // 1024} KiB.", "A theme file is a page long."
        )
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ThemeProblem(
            path, "", f"is no valid TOML ({error}).", "Correct it, or choose another theme."
        ) from None


def _table(path: Path, document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise ThemeProblem(path, key, "is no table.", f"Write `[{key}]` on a line of its own.")
    return value


def _check_names(path: Path, prefix: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            remedy = f"Did you mean `{near[0]}`?" if near else f"Known are: {', '.join(known)}."
            raise ThemeProblem(path, f"{prefix}{key}", "is unknown.", remedy)


def _parse_colour(path: Path, key: str, value: object) -> None:
    from textual.color import Color, ColorParseError

    if not isinstance(value, str):
        raise ThemeProblem(path, key, "is no text.", 'Put the colour in quotes: "#3b82f6".')
    try:
        Color.parse(value)
    except ColorParseError:
        raise ThemeProblem(path, key, f"{value!r} is no colour.", 'Write it as "#3b82f6" or "red".') from None


def _check_variable(path: Path, key: str, value: object) -> None:
    """Accept a text style for ``…-style``, else a colour, which a percentage may follow."""
    where = f"variables.{key}"
    if not _VARIABLE_NAME.fullmatch(key):
        raise ThemeProblem(path, where, "is no variable name.", "Use small letters, digits and hyphens.")
    if key.endswith("-style"):
        if not isinstance(value, str) or not value.split() or not set(value.split()) <= _TEXT_STYLES:
            raise ThemeProblem(path, where, f"{value!r} is no text style.", 'Write it as "bold" or "none".')
        return
    words = value.split() if isinstance(value, str) else []
    if len(words) > 1 and _PERCENT.fullmatch(words[-1]):
        words.pop()
    if len(words) == 1 and words[0] in _WORDS:
        return
    _parse_colour(path, where, " ".join(words) if words else value)

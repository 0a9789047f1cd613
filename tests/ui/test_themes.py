"""Theme files: found, checked, and readable by the numbers (WCAG 2.2, criterion 1.4.3 and 1.4.6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from ccflow_tui import theming
from ccflow_tui.theming import ThemeProblem, available_themes, load_theme, theme_dirs, variable_defaults

OURS = sorted(name for name in available_themes() if name.startswith("ccflow-"))
GROUNDS = ("background", "surface", "panel", "ccflow-input", "ccflow-input-focus")
TEXTS = (
    "foreground",
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-warning",
    "text-error",
    "text-muted",
    "text-disabled",
    "ccflow-muted",
    "ccflow-label",
    "ccflow-url-base",
    "ccflow-url-punctuation",
    "ccflow-url-name",
    "ccflow-url-value",
    "ccflow-json-key",
    "ccflow-json-string",
    "ccflow-json-number",
    "ccflow-json-literal",
    "footer-key-foreground",
    "footer-description-foreground",
    "button-foreground",
)
FILLED = (
    *((f"ccflow-on-{name}", name) for name in ("primary", "success", "warning", "error")),
    ("button-color-foreground", "primary"),
    ("button-color-foreground", "success"),
    ("button-color-foreground", "warning"),
    ("button-color-foreground", "error"),
    ("block-cursor-foreground", "block-cursor-background"),
    ("foreground", "input-selection-background"),
)


def contrast(one: str, other: str) -> float:
    def luminance(text: str) -> float:
        channels = [value / 255 for value in Color.parse(text).rgb]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours_of(name: str) -> dict[str, str]:
    theme = load_theme(available_themes()[name])
    return {**variable_defaults(theme), **theme.to_color_system().generate(), **theme.variables}


def test_contrast_formula_agrees_with_the_known_extremes() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_the_four_themes_are_found_without_a_user_folder() -> None:
    assert OURS == ["ccflow-dark", "ccflow-high-contrast-dark", "ccflow-high-contrast-light", "ccflow-light"]
    assert {theming.DEFAULT_DARK, "ccflow-light"} <= set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_every_text_pair_is_readable(name: str) -> None:
    colours, least = colours_of(name), 7.0 if "high-contrast" in name else 4.5
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS] + list(FILLED)
    poor = {
        f"{text} on {ground}": round(ratio, 2)
        for text, ground in pairs
        if (ratio := contrast(colours[text], colours[ground])) < least
    }
    assert poor == {}


@pytest.mark.parametrize("name", OURS)
def test_focus_is_visible_at_three_to_one(name: str) -> None:
    colours = colours_of(name)
    assert contrast(colours["border"], colours["background"]) >= 3


@pytest.mark.parametrize("name", OURS)
def test_every_theme_defines_every_variable_of_ours(name: str) -> None:
    theme = load_theme(available_themes()[name])
    assert set(variable_defaults(theme)) <= set(theme.variables)


@pytest.mark.parametrize("name", [*OURS, "nord", "ansi-dark", "ansi-light", "textual-light"])
async def test_a_theme_can_be_put_on_a_running_app(name: str) -> None:
    class Sample(App[None]):
        CSS = "Screen { color: $ccflow-muted; background: $ccflow-input; }"

        def get_theme_variable_defaults(self) -> dict[str, str]:
            return variable_defaults(self.current_theme)

    app = Sample()
    async with app.run_test() as pilot:
        if name in OURS:
            app.register_theme(load_theme(available_themes()[name]))
        app.theme = name
        await pilot.pause()
        assert app.current_theme.name == name
        assert "ccflow-url-base" in app.theme_variables


def test_defaults_are_colours_for_every_builtin_theme() -> None:
    for theme in BUILTIN_THEMES.values():
        for value in variable_defaults(theme).values():
            Color.parse(value.split()[0])
    assert variable_defaults() == variable_defaults(BUILTIN_THEMES["textual-dark"])


def test_a_users_file_replaces_ours_and_adds_new_ones(tmp_path: Path) -> None:
    for name in ("ccflow-dark", "mine"):
        (tmp_path / f"{name}.toml").write_text('dark = false\n[colors]\nprimary = "teal"\n')
    themes = available_themes(tmp_path)
    assert themes["ccflow-dark"].parent == tmp_path
    assert themes["ccflow-light"].parent != tmp_path
    theme = load_theme(themes["mine"])
    assert (theme.name, theme.dark, theme.primary) == ("mine", False, "teal")


def test_a_missing_user_folder_is_no_problem(tmp_path: Path) -> None:
    assert theme_dirs(tmp_path / "none")[0] == tmp_path / "none"
    assert set(OURS) <= set(available_themes(tmp_path / "none"))


def test_a_folder_that_cannot_be_listed_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, pattern: str) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "glob", refuse)
    assert available_themes(tmp_path) == {}


def test_without_a_working_copy_only_the_packaged_folder_remains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "ccflow_tui"
    monkeypatch.setattr(theming, "__file__", str(package / "theming.py"))
    assert theme_dirs(None) == (package / "themes",)


BROKEN = {
    "syntax": ("dark = ", "", "TOML"),
    "unknown table": ('[colours]\nprimary = "red"', "colours", "Did you mean `colors`?"),
    "unknown colour name": ('[colors]\nprimay = "red"', "colors.primay", "Did you mean `primary`?"),
    "nothing like it": ('[colors]\nzzz = "red"', "colors.zzz", "Known are"),
    "bad colour": ('[colors]\nprimary = "#12345"', "colors.primary", "no colour"),
    "colour is a number": ("[colors]\nprimary = 3", "colors.primary", "quotes"),
    "no primary": ("[colors]\n", "colors.primary", "missing"),
    "dark is a text": ('dark = "yes"\n[colors]\nprimary = "red"', "dark", "neither"),
    "colors is no table": ("colors = 3", "colors", "no table"),
    "bad variable": (
        '[colors]\nprimary = "red"\n[variables]\nccflow-muted = "grue"',
        "variables.ccflow-muted",
        "no colour",
    ),
    "bad variable name": (
        '[colors]\nprimary = "red"\n[variables]\n"A b" = "red"',
        "variables.A b",
        "no variable name",
    ),
    "bad style": (
        '[colors]\nprimary = "red"\n[variables]\nlink-style = "loud"',
        "variables.link-style",
        "text style",
    ),
    "empty variable": (
        '[colors]\nprimary = "red"\n[variables]\nborder = ""',
        "variables.border",
        "no colour",
    ),
    "too large": ("#" * 70_000, "", "64 KiB"),
}


@pytest.mark.parametrize(("text", "key", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_theme_names_file_key_and_remedy(tmp_path: Path, text: str, key: str, says: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ThemeProblem) as caught:
        load_theme(path)
    assert caught.value.key == key
    assert str(path) in str(caught.value)
    assert says in str(caught.value)
    assert caught.value.remedy


def test_bytes_that_are_no_text_and_a_missing_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    with pytest.raises(ThemeProblem, match="cannot be read"):
        load_theme(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ThemeProblem, match="TOML"):
        load_theme(path)


def test_a_variable_may_carry_an_opacity_or_be_automatic(tmp_path: Path) -> None:
    path = tmp_path / "fine.toml"
    path.write_text(
        '[colors]\nprimary = "red"\n[variables]\nborder = "#fff 50%"\ntext = "auto 87%"\n'
        'link-style = "bold not underline"\n'
    )
    assert load_theme(path).variables["text"] == "auto 87%"

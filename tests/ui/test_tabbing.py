"""Tab is quick: it draws the two fields it leads from and to, and lays out what a hint needs and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region, Size
from textual.widget import Widget

from ccflow_tui.widgets.key_bar import KeyBar
from tests.support.wizard import PROFILE, make_wizard
from tests.ui.drive import driving
from tests.ui.scenes import until


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count layouts, drawings of the whole screen, drawings of the keys, and widgets that are styled."""
    done: Counter[str] = Counter()

    def counted(owner: type[Any], name: str) -> None:
        original = getattr(owner, name)

        def call(self: Any, *args: Any, **options: Any) -> Any:
            done[name] += 1
            return original(self, *args, **options)

        monkeypatch.setattr(owner, name, call)

    def update_nodes(self: Stylesheet, nodes: Iterable[Widget], animate: bool = False) -> None:
        found = list(nodes)
        done["styled"] += len(found)
        original_update(self, found, animate)

    original_update: Any = Stylesheet.update_nodes
    monkeypatch.setattr(Stylesheet, "update_nodes", update_nodes)
    counted(Compositor, "reflow")
    counted(Compositor, "render_full_update")
    counted(KeyBar, "draw")
    return done


async def test_tab_lays_nothing_out_and_draws_and_styles_two_controls(
    tmp_path: Path, work: Counter[str]
) -> None:
    async with driving(make_wizard(tmp_path), (120, 40)) as driver:
        driver.input("scope").focus()
        await driver.press("tab", "shift+tab")  # the first time, an empty scope may be told about
        for key, name in (("tab", "audience"), ("tab", "resources"), ("shift+tab", "audience")):
            work.clear()
            await driver.press(key)
            assert driver.focused == name
            assert work["reflow"] == work["render_full_update"] == work["draw"] == 0
            assert work["styled"] <= 2, "the control that was left, and the one that was reached"


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 40)], ids=["60", "80", "120"])
async def test_tab_lays_out_once_for_the_hints_that_come_and_go(
    tmp_path: Path, work: Counter[str], size: tuple[int, int]
) -> None:
    async with driving(make_wizard(tmp_path), size) as driver:
        driver.configure.focus_field("note")
        await driver.rest()
        ways = (("shift+tab", "production"), ("shift+tab", "proactive_refresh_seconds"),
                ("tab", "production"), ("tab", "note"))  # fmt: skip
        fewest = dict.fromkeys(ways, 9)
        # On a busy machine a frame may fall between the hint that goes and the one that comes.
        for way in ways * 3:
            key, name = way
            work.clear()
            await driver.press(key)
            assert driver.focused == name
            fewest[way] = min(fewest[way], work["reflow"])
        assert set(fewest.values()) == {1}


async def test_tab_acts_before_the_next_key(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), (120, 40)) as driver:
        driver.input("audience").focus()
        await driver.press("a", "tab", "b", "shift+tab", "c")
        assert driver.input("audience").value in {"ac", "c"}, "a field that is reached by Tab is selected"
        assert driver.input("resources").value == "b"


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 40)], ids=["60", "80", "120"])
async def test_the_whole_hint_comes_into_view(tmp_path: Path, size: tuple[int, int]) -> None:
    async with driving(make_wizard(tmp_path), size) as driver:
        driver.configure.focus_field("production")
        await driver.rest()
        ways = {"note": "tab", "production": "shift+tab", "proactive_refresh_seconds": "shift+tab"}
        for name, key in ways.items():
            await driver.press(key)
            assert driver.focused == name
            assert driver.configure.can_view_entire(driver.field(name))
            last_words = driver.field(name)._hint.split()[-1]
            assert last_words in driver.screen()


async def test_what_is_drawn_of_a_part_is_what_textual_would_draw(tmp_path: Path) -> None:
    profile = replace(PROFILE, scope="openid")
    async with driving(make_wizard(tmp_path, profiles=(profile,)), (120, 40)) as driver:
        ours = driver.configure._compositor
        theirs = Compositor()
        theirs.reflow(driver.configure, Size(120, 40))
        for crop in (Region(0, 0, 120, 40), Region(1, 20, 19, 3), Region(30, 5, 50, 1), Region(70, 0, 3, 40)):
            lines = set(crop.line_range)
            drawn, wanted = (each._render_chops(crop, lines.__contains__) for each in (ours, theirs))
            for y in lines:
                cuts = [cut for cut in ours.cuts[y][:-1] if crop.x <= cut < crop.right]
                assert [drawn[y][cut] for cut in cuts] == [wanted[y][cut] for cut in cuts]


@pytest.mark.parametrize("height", range(18, 26))
async def test_a_note_about_the_field_that_was_left_does_not_push_the_next_one_out_of_sight(
    tmp_path: Path, height: int
) -> None:
    async with driving(make_wizard(tmp_path), (80, height)) as driver:
        await driver.type("scope", "openid, a,a")
        await driver.press("tab")
        assert driver.focused == "audience"
        assert "There is a comma" in driver.field("scope").problems[0].problem
        await until(driver.pilot, lambda: driver.configure.can_view_entire(driver.input("audience")))

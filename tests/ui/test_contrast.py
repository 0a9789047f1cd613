"""What stands on the screen can be read: each text as it is drawn, in every theme (WCAG 2.2, 1.4.3, 1.4.6).

``test_themes.py`` judges the colours of a theme; here are the pairs that styles, tints and highlighting
really make of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import Segment

from ccflow_tui.app import CcflowApp
from ccflow_tui.screens.dialog import Dialog
from tests.ui import scenes
from tests.ui.key_scenes import KEPT, SIGNING, workbench
from tests.ui.scenes import EMPTY, REFERRED, SIGNED, grant, in_field, opened, refusal, then
from tests.ui.test_snapshots import API_ANSWER, LARGE
from tests.ui.test_themes import OURS, contrast

LINES = frozenset(map(chr, range(0x2500, 0x25A0)))
"""Box drawing and blocks: edges and bars, which are no text."""
SCENES = {
    "errors": (scenes.mistyped, EMPTY, ()),
    "more": (in_field("production"), REFERRED, ()),
    "build": (scenes.build, SIGNED, ()),
    "refused": (scenes.answered, SIGNED, (refusal("invalid_client", "No such client."),)),
    "called": (scenes.called, SIGNED, (grant(), API_ANSWER)),
    "decoded": (then(scenes.granted, "d"), SIGNED, (grant(),)),
    "profiles": (opened(scenes.configure, "f6"), REFERRED, ()),
    "help": (opened(scenes.granted, "f1"), SIGNED, (grant(),)),
    "sign-out": (opened(scenes.granted, "x"), SIGNED, (grant(),)),
    "keys": (workbench(*KEPT), SIGNING, ()),
    "generate": (workbench(*KEPT, then=("n",)), SIGNING, ()),
    "export": (workbench(*KEPT, then=("e",)), SIGNING, ()),
}


def drawn(app: CcflowApp) -> Iterator[Segment]:
    """Yield what is drawn; with a dialog open, only what lies in its box: the rest is dimmed on purpose."""
    strips = app.screen._compositor.render_strips()
    if isinstance(app.screen, Dialog):
        box = app.screen.query_one("#box").region
        strips = [strip.crop(box.x, box.right) for strip in strips[box.y : box.bottom]]
    for strip in strips:
        yield from strip


def poor(app: CcflowApp, least: float) -> dict[str, float]:
    """Return the texts whose contrast is less."""
    found = {}
    for segment in drawn(app):
        style, text = segment.style, segment.text.strip()
        if style is None or style.color is None or style.bgcolor is None or set(text) <= LINES | {" "}:
            continue
        colours = (
            "#{:02x}{:02x}{:02x}".format(*each.get_truecolor()) for each in (style.color, style.bgcolor)
        )
        if (ratio := contrast(*colours)) < least or style.dim:
            found[text] = round(ratio, 2)
    return found


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("theme", ["ccflow-dark", "ccflow-light"])
async def test_without_colour_every_text_is_readable_too(tmp_path: Path, theme: str, scene: str) -> None:
    play, profile, answers = SCENES[scene]
    wizard = scenes.wizard_for(tmp_path, *answers, profile=profile, theme=theme)
    scenes.without_colour(wizard)
    async with wizard.app.run_test(size=LARGE) as pilot:
        await play(wizard, pilot)
        assert poor(wizard.app, 4.5) == {}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("theme", OURS)
async def test_every_text_is_readable_as_it_is_drawn(tmp_path: Path, theme: str, scene: str) -> None:
    play, profile, answers = SCENES[scene]
    wizard = scenes.wizard_for(tmp_path, *answers, profile=profile, theme=theme)
    async with wizard.app.run_test(size=LARGE) as pilot:
        await play(wizard, pilot)
        assert poor(wizard.app, 7 if "high-contrast" in theme else 4.5) == {}

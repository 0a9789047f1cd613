"""``ui.emoji`` and ``ui.motion`` switched off: no picture on any step, and a countdown that seldom moves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.notifications import Notification
from textual.widgets import Input

from ccflow_tui.models.flow import Step
from ccflow_tui.models.lifetime import Lifetime, Urgency
from ccflow_tui.screens import send
from ccflow_tui.toasts import FewNotifications
from ccflow_tui.widgets.tastes import without_emoji
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.wizard import GRANT, make_wizard
from tests.ui.drive import driving

PICTURE = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u26FF\u2705\u2B00-\u2BFF\ufe0f]")
REFUSED = json_response('{"error":"invalid_client"}', status=401)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("📤 Send", "Send"),
        ("Send 📤", "Send"),
        ("🏗 Build request", "Build request"),
        ("✅ Done.", "Done."),
        ("⚙\ufe0f Configure", "Configure"),
        ("✓ ✗ ▲ ● stay", "✓ ✗ ▲ ● stay"),
    ],
)
def test_pictures_leave_without_a_gap(text: str, plain: str) -> None:
    assert without_emoji(text) == plain


@pytest.mark.parametrize("emoji", [True, False])
async def test_no_step_shows_a_picture_where_none_is_wanted(
    tmp_path: Path, emoji: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    toasts: list[str] = []
    original = FewNotifications.add

    def add(self: FewNotifications, notification: Notification) -> FewNotifications:
        toasts.append(notification.message)  # those on the screen go after seconds
        return original(self, notification)

    monkeypatch.setattr(FewNotifications, "add", add)
    wizard = make_wizard(tmp_path, transport=ScriptedTransport(REFUSED, GRANT), emoji=emoji)
    seen = {}
    async with driving(wizard, size=(110, 60)) as driver:
        await driver.press("f3")  # both panes were shown
        await driver.press("f3")
        seen["configure"] = driver.screen()
        await driver.press("ctrl+j")
        seen["build"] = driver.screen()
        await driver.press("ctrl+j")
        seen["send"] = driver.screen()
        await driver.press("ctrl+j")
        await driver.done()
        seen["refused"] = driver.screen()
        await driver.press("ctrl+j")
        await driver.done()
        seen["token"] = driver.screen()
        await driver.press("f1")
        seen["help"] = driver.screen()
    pictures = {name for name, text in seen.items() if PICTURE.search(text)}
    assert pictures == (set(seen) if emoji else set())
    assert ("✅ " if emoji else "") + "Access token acquired." in toasts
    for text, step in zip(
        seen.values(), ("Configure", "Build request", "Send", "Send", "Access token"), strict=False
    ):
        assert step in text


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (None, None),
        (0.0, 0.0),
        (-3.0, -3.0),
        (0.5, 10),
        (10, 10),
        (10.1, 30),
        (31, 60),
        (60, 60),
        (61, 120),
        (3541, 3600),
    ],
)
def test_a_calm_countdown_goes_by_the_minute_and_then_60_30_10(
    left: float | None, shown: float | None
) -> None:
    life = Lifetime(Urgency.FRESH, left, 3600, left, 5.0).calm()
    assert (life.seconds_left, life.refresh_in) == (shown, shown)
    assert (life.urgency, life.total, life.expires_at) == (Urgency.FRESH, 3600, 5.0)


async def test_without_motion_the_screen_stands_still_for_a_minute(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, transport=ScriptedTransport(GRANT), motion=False)
    async with driving(wizard) as driver:
        assert driver.app.animation_level == "none"
        assert all(not field.cursor_blink for field in driver.app.screen.query(Input))
        await driver.to_step(Step.TOKEN)
        before = driver.screen()
        for _ in range(20):
            await driver.advance(1.0)
            assert driver.screen() == before
        await driver.press("v")
        assert "hides after 10 s" in driver.screen()
        driver.token.token_view.tick()
        await driver.rest()
        assert "hides after 10 s" in driver.screen()


async def test_with_motion_it_counts_by_the_second(tmp_path: Path) -> None:
    wizard = make_wizard(tmp_path, transport=ScriptedTransport(GRANT))
    async with driving(wizard) as driver:
        await driver.to_step(Step.TOKEN)
        before = driver.screen()
        await driver.advance(1.0)
        assert driver.screen() != before


def test_calm_drawing_of_a_request_is_slower() -> None:
    assert send.CALM_INTERVAL >= 1.0 > send.REDRAW_INTERVAL

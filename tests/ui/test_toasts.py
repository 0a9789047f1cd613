"""Messages on the screen: one of a kind, three at the most, and Esc takes them away in a fixed order."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.notifications import Notification

from ccflow_tui.models.flow import Step
from ccflow_tui.screens.confirm import ConfirmDialog
from ccflow_tui.toasts import MOST, FewNotifications
from tests.support.wizard import make_wizard
from tests.ui.drive import Driver, GatedTransport, driving


def toast(message: str, severity: str = "information", title: str = "") -> Notification:
    return Notification(message, title, severity, timeout=1_000)  # type: ignore[arg-type]


def shown(notifications: FewNotifications) -> list[str]:
    return [each.message for each in notifications]


def on_screen(driver: Driver) -> int:
    return len(driver.configure.query("Toast"))


def test_an_equal_message_takes_the_place_of_the_older_one_and_its_time_starts_anew() -> None:
    notifications = FewNotifications()
    old = toast("one")
    old.raised_at -= 900
    notifications.add(old).add(toast("two")).add(toast("one"))
    assert shown(notifications) == ["two", "one"]
    assert all(each.time_left > 900 for each in notifications)


@pytest.mark.parametrize("other", [toast("one", title="A"), toast("one", "warning")], ids=["title", "kind"])
def test_what_differs_in_title_or_kind_is_another_message(other: Notification) -> None:
    assert len(FewNotifications().add(toast("one")).add(other)) == 2


def test_the_least_important_goes_first_and_the_newest_stays() -> None:
    notifications = FewNotifications()
    for text, severity in (("e", "error"), ("i", "information"), ("w", "warning"), ("j", "information")):
        notifications.add(toast(text, severity))
    assert shown(notifications) == ["e", "w", "j"]
    notifications.add(toast("k"))
    assert shown(notifications) == ["e", "w", "k"]
    for text in ("f", "g", "h"):
        notifications.add(toast(text, "error"))
    assert shown(notifications) == ["f", "g", "h"]
    assert len(notifications) == MOST


async def test_the_same_key_again_shows_one_message(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), toasts=True) as driver:
        await driver.press("ctrl+g", "ctrl+g", "ctrl+g")
        assert "typed by hand" in driver.screen()
        assert on_screen(driver) == 1


@pytest.mark.parametrize("size", [(60, 18), (80, 24)], ids=["narrow", "standard"])
async def test_a_long_message_is_never_wider_than_the_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    async with driving(make_wizard(tmp_path), size=size, toasts=True) as driver:
        driver.app.notify("long words of a message " * 6, timeout=1_000, markup=False)
        await driver.rest()
        toast = driver.configure.query_one("Toast").region
        assert toast.x >= 0 and toast.right <= size[0] and toast.width <= 64


async def test_a_message_does_not_lie_over_the_answers_of_a_dialog(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), size=(60, 18), toasts=True) as driver:
        driver.app.notify("one message that takes more than a line of this narrow terminal", markup=False)
        await driver.rest()
        driver.app.push_screen(ConfirmDialog("Really?", "This goes for good.", "Remove"))
        await driver.rest()
        toast, answers = (driver.app.screen.query(name).first().region for name in ("Toast", ".buttons"))
        assert toast.height > 1 and toast.bottom <= answers.y
        assert driver.screen().count("one message that takes") == 1  # not on the step beneath, too
        await driver.press("escape")
        assert driver.screen().count("one message that takes") == 1


async def test_no_more_than_three_are_on_the_screen(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), toasts=True) as driver:
        for number in range(10):
            driver.app.notify(f"message {number}", timeout=1_000, markup=False)
        await driver.rest()
        assert on_screen(driver) == MOST
        assert all(f"message {number}" in driver.screen() for number in (7, 8, 9))


async def test_esc_closes_a_dialog_then_the_messages_then_goes_back(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), toasts=True) as driver:
        await driver.to_step(Step.BUILD)
        driver.app.notify("a message", timeout=1_000, markup=False)
        await driver.press("f1")
        assert driver.dialog is not None
        await driver.press("escape")
        assert driver.dialog is None and "a message" in driver.screen()
        await driver.press("escape")
        assert "a message" not in driver.screen() and driver.step is Step.BUILD
        await driver.press("escape")
        assert driver.step is Step.CONFIGURE


async def test_esc_cancels_a_request_before_it_closes_a_message(tmp_path: Path) -> None:
    transport = GatedTransport()
    async with driving(make_wizard(tmp_path, transport=transport), toasts=True) as driver:
        await driver.to_step(Step.SEND)
        await driver.press("ctrl+j")
        driver.app.notify("a message", timeout=1_000, markup=False)
        await driver.rest()
        await driver.press("escape")
        await driver.done()
        assert transport.cancelled == 1 and driver.step is Step.SEND
        assert "a message" in driver.screen()
        await driver.press("escape")
        assert "a message" not in driver.screen() and driver.step is Step.SEND


async def test_the_palette_closes_messages_too(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), toasts=True) as driver:
        driver.app.notify("a message", timeout=1_000, markup=False)
        await driver.rest()
        await driver.app.run_action("close_messages")
        await driver.rest()
        assert on_screen(driver) == 0

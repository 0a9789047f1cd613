"""The part of the app that is about looks: themes, panes and the help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.binding import BindingsMap
from textual.screen import ModalScreen

from ccflow_tui import actions, theming
from ccflow_tui.app_parts import AppParts
from ccflow_tui.fact_app import FactApp
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.widgets.tastes import NO_EMOJI, NO_MOTION, tasteful, without_emoji
from ccflow_tui.widgets.unseen import mask_all

if TYPE_CHECKING:
    from textual.theme import Theme


class LooksApp(FactApp):
    """Everything that changes what is seen and nothing of the flow."""

    def __init__(self, parts: AppParts) -> None:
        self._themes = theming.available_themes(parts.theme_dir)
        super().__init__(parts)
        if parts.actions is not actions.ACTIONS:
            self._rebind(parts.actions)
        self.set_class(not parts.emoji, NO_EMOJI, update=False)
        self.set_class(not parts.motion, NO_MOTION, update=False)
        if not parts.motion:
            self.animation_level = "none"
        # Before the stylesheet is read: a theme set later would have everything styled twice.
        theme = self._first_theme(parts.theme or parts.book.theme)
        self.register_theme(theme)
        self.set_reactive(FactApp.theme, theme.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self._stylesheet_is_current = True

    def _rebind(self, table: Sequence[actions.Action]) -> None:
        """Bind the keys of a table in place of the usual ones.

        Textual's own keymap takes a key away from every binding that shares it, and four steps share one.
        """
        ours = {action.id for action in table}
        bound = [each for group in self._bindings.key_to_bindings.values() for each in group]
        self._bindings = BindingsMap(
            [*(each for each in bound if each.id not in ours), *actions.bindings(actions.on_steps(table))]
        )

    def get_screen(self, screen: Any, screen_class: Any = None) -> Any:
        """Hand a dialog the keys in force before it is shown, so that none typed ahead is lost."""
        if isinstance(screen, ModalScreen) and not screen.is_running:
            from ccflow_tui.screens.dialog import Dialog

            if isinstance(screen, Dialog):
                screen.listen_to(self.keys())
        return super().get_screen(screen, screen_class)

    def notify(self, message: str, **options: Any) -> None:
        """Show a toast, without a picture where none is wanted; it may quote others, whose text stays."""
        from ccflow_tui.toasts import FewNotifications

        if not isinstance(self._notifications, FewNotifications):
            self._notifications = FewNotifications()
        picture_less = message if self.parts.emoji else without_emoji(message[:2]) + message[2:]
        super().notify(picture_less, **options)

    def action_close_messages(self) -> None:
        """Take every toast off the screen."""
        self.clear_notifications()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our own colour variables a value under themes that do not know them."""
        return theming.variable_defaults(self.current_theme)

    def refresh_css(self, animate: bool = True) -> None:
        """Read the stylesheet anew, except at the start: it was just read with the first theme's colours."""
        if self._stylesheet_is_current:
            self._stylesheet_is_current = False
            return
        super().refresh_css(animate)

    def action_help(self) -> None:
        """Show the help of this step."""
        from ccflow_tui.models.places import Place
        from ccflow_tui.screens.flow_facts import step_facts
        from ccflow_tui.screens.help import HelpDialog, HelpPage

        screen, keys = self.step_screen, self.keys()
        if screen is None:
            return
        groups = {
            "On this step": keys.told(screen.STEP),
            "On the card of a failure": keys.told(screen.CARD) if screen.CARD else (),
            "Everywhere": keys.told(None),
            "In history, log and methods": keys.told(Place.LISTS),
        }
        so_far = [(f"{step.value} {step.name.title()}", told) for step, told in step_facts(self.state)]
        heading = tasteful(screen, screen.HEADING)
        self.push_screen(HelpDialog(HelpPage(heading, screen.introduction, groups, so_far)))

    def _first_theme(self, name: str) -> Theme:
        """Return the theme to start with, or the default where it cannot be used; why is told later."""
        self.theme_problem = ""
        try:
            return theming.load_theme(self._themes.get(name) or self._themes[theming.DEFAULT_DARK])
        except CcflowError as problem:
            self.theme_problem = str(problem)
        return theming.load_theme(theming.available_themes(None)[theming.DEFAULT_DARK])

    def action_next_theme(self) -> None:
        """Go to the next theme that can be used and keep it for the next run."""
        names = list(self._themes)
        at = names.index(self.theme) if self.theme in names else -1
        for name in (*names[at + 1 :], *names[: at + 1]):
            if self._use_theme(name):
                self.parts.book.remember_theme(name)
                return

    def _use_theme(self, name: str) -> bool:
        """Switch to a theme; say what is wrong with one that cannot be used."""
        try:
            theme = theming.load_theme(self._themes.get(name) or self._themes[theming.DEFAULT_DARK])
        except CcflowError as problem:
            self.notify(str(problem), title="Theme", severity="error", markup=False)
            return False
        self.register_theme(theme)
        self.theme = theme.name
        return True

    def action_toggle_history(self) -> None:
        """Show or hide the history."""
        self._toggle_pane("history")

    def action_toggle_log(self) -> None:
        """Show or hide the log."""
        self._toggle_pane("log")

    def _toggle_pane(self, pane: str) -> None:
        screen = self.step_screen
        if screen is None:
            return
        shown = frozenset(name for name in ("history", "log") if screen.has_class(f"-show-{name}"))
        self.shown_panes = shown ^ {pane}
        self.show_panes(screen)
        screen.reload_panes()

    # However Textual's own ways to save a picture are reached: what is readable is not meant for a file.

    def save_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str:
        """Save a picture of the screen with everything readable masked; return its path."""
        mask_all(self)
        return super().save_screenshot(filename, path, time_format)

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """Hand over a picture of the screen with everything readable masked."""
        mask_all(self)
        return super().deliver_screenshot(filename, path, time_format)

    def on_resize(self) -> None:
        """Show or hide the panes as the room allows, until the user decides."""
        # The size is another one only after Textual has taken the event, too.
        self.call_later(self._fit_panes)

    def _fit_panes(self) -> None:
        if (screen := self.step_screen) is not None:
            self.show_panes(screen)

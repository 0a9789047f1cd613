"""What every labelled row of a form shares: label, source tag, hint and the problems beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Static

from ccflow_tui.models.problems import FieldProblem, Severity
from ccflow_tui.widgets.steady import SteadyText

if TYPE_CHECKING:
    from textual.app import ComposeResult, RenderResult
    from textual.events import Click, Resize

LABEL_WIDTH = 19
"""Cells of the label column; the control begins one cell further right."""

CONTROL_CLASS = "field-control"
"""Given to a control when it is made: adding it later would style the control once more."""

_MARKS = {Severity.ERROR: ("✗", "$text-error"), Severity.WARNING: ("▲", "$text-warning")}


def problem_lines(problems: tuple[FieldProblem, ...]) -> Content:
    """Return problems as lines of text: glyph, what is wrong, what to do."""
    lines = []
    for problem in problems:
        glyph, style = _MARKS[problem.severity]
        lines.append(Content.styled(f"{glyph} {problem}", style))
    return Content("\n").join(lines)


class FieldFrame(Widget):
    """One row of a form; subclasses put their control into it.

    The frame draws label and source itself, so that a form of twelve fields mounts three widgets a field
    and not six.
    """

    DEFAULT_CSS = """
    FieldFrame {
        layout: vertical;
        height: auto;
        overflow: hidden;
        & > .field-control {
            margin: 0 15 0 20;
            width: 1fr;
            height: 1;
            padding: 0 1 0 0;
            border: none;
            background: $ccflow-input;
            border-left: outer $ccflow-edge;
            &:focus {
                background: $ccflow-input-focus;
                background-tint: transparent;
                border: none;
                border-left: outer $border;
            }
        }
        &.-error > .field-control { border-left: outer $text-error; background-tint: $error 10%; }
        & > .field-note { height: auto; margin: 0 0 0 21; color: $ccflow-muted; }
    }
    """

    class Edited(Message, namespace="field"):
        """The user changed the value; code that sets it posts nothing.

        Who hears it tags the new source. Taking the old tag off here would draw the field once more.
        """

        def __init__(self, field: FieldFrame, value: str) -> None:
            super().__init__()
            self.field = field
            self.value = value
            """The new value; always empty for a secret."""

        @property
        def control(self) -> FieldFrame:
            """The field that was edited."""
            return self.field

    class Left(Message, namespace="field"):
        """The keyboard focus left the field: the moment to validate it."""

        def __init__(self, field: FieldFrame) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> FieldFrame:
            """The field that was left."""
            return self.field

    class Grown(Message, namespace="field"):
        """A note came, went or changed its length, so that what is beneath the field has moved."""

    SOURCE_WIDTH: ClassVar[int] = 13
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)
    """See ``steady``."""

    def __init__(
        self, name: str, label: str, *, required: bool = False, hint: str = "", id: str | None = None
    ) -> None:
        super().__init__(name=name, id=id)
        self.field_name = name
        """The ``Profile`` attribute this row edits, or ``client_secret``."""
        self._label, self._required, self._hint = label, required, hint
        self._source = self._shadowed = ""
        self._problems: tuple[FieldProblem, ...] = ()
        self._note: Static | None = None
        self._rows = 0
        self.is_focused = False
        """Whether the control has the focus; no class, which would restyle the row at both ends of a Tab."""

    def build_control(self) -> Widget:
        """Return the one widget that takes the focus, made with the class ``CONTROL_CLASS``."""
        raise NotImplementedError

    def _make_note(self) -> Static:
        # Made when there is something to say: most fields of a form never have a note.
        self._note = SteadyText(self._hint_text, markup=False, classes="field-note")
        self._place_note()
        return self._note

    def _place_note(self) -> None:
        """Show the note while there is a problem, and a hint while the control has the focus."""
        if self._note is not None:
            self._note.display = bool(self._problems) or (self.is_focused and bool(self._hint_text))

    def compose(self) -> ComposeResult:
        """Put the control in the first line and the note beneath."""
        yield self.build_control()
        if self._hint:
            yield self._make_note()

    @property
    def control(self) -> Widget:
        """The widget that takes the focus."""
        return self.query_one(".field-control")

    @property
    def label(self) -> str:
        """The text in front of the control."""
        return self._label

    @property
    def problems(self) -> tuple[FieldProblem, ...]:
        """The findings now shown."""
        return self._problems

    def show_problems(self, problems: tuple[FieldProblem, ...]) -> None:
        """Show findings beneath the control, or the hint again when there are none."""
        if problems == self._problems:
            return
        self._problems = problems
        if self._note is None:
            self.mount(self._make_note())
        if self._note is not None:
            self._note.update(problem_lines(problems) if problems else Content(self._hint_text))
            self._place_note()
        self.set_class(any(problem.severity is Severity.ERROR for problem in problems), "-error")

    def set_hint(self, hint: str) -> None:
        """Change what is shown beneath the control while it has the focus."""
        self._hint = hint
        self._show_hint()

    def set_shadowed(self, text: str) -> None:
        """Say, beneath the hint, which values of other sources this one stands before."""
        if text != self._shadowed:
            self._shadowed = text
            self._show_hint()

    @property
    def _hint_text(self) -> str:
        return "\n".join(filter(None, (self._hint, self._shadowed)))

    def _show_hint(self) -> None:
        if self._note is None:
            self._mount_hint()
        elif not self._problems:
            self._note.update(Content(self._hint_text))
            self._place_note()

    def _mount_hint(self) -> None:
        """Make the note once there is a hint to show: most fields are left before there is one."""
        if self.is_focused and self._hint_text and self._note is None:
            self.mount(self._make_note())

    def stand_for(self, name: str, label: str, *, required: bool) -> None:
        """Let the row edit another value, whose problems are not those of the one before."""
        if name != self.field_name:
            self.field_name, self._label, self._required = name, label, required
            self.show_problems(())
            self.refresh()

    def set_source(self, source: str) -> None:
        """Tag the value with where it came from; an empty text removes the tag."""
        if source != self._source:
            self._source = source
            self.refresh()

    def focus(self, scroll_visible: bool = True) -> FieldFrame:
        """Give the keyboard focus to the control."""
        self.control.focus(scroll_visible)
        return self

    def on_mount(self) -> None:
        """Follow the focus by watching it: a message about it would come a frame later."""
        self.watch(self.control, "has_focus", self._follow_focus, init=False)

    def _follow_focus(self, has_focus: bool) -> None:
        """Show the hint, and the label in the style of the focus."""
        self.is_focused = has_focus
        self._mount_hint()
        self._place_note()
        self.refresh(Region(0, 0, LABEL_WIDTH, 1))
        if has_focus and self._hint_text:
            self.call_after_refresh(self._bring_whole_into_view)

    def _bring_whole_into_view(self) -> None:
        """Scroll as far as the last line of the note, which Textual does for the control alone."""
        if self.is_focused and not self.screen.can_view_entire(self):
            self.scroll_visible(animate=False)

    def on_resize(self, event: Resize) -> None:
        """Tell of another height once it is laid out: a note takes its place a while after it is made."""
        rows, self._rows = self._rows, event.size.height
        if rows not in {0, self._rows}:
            self.post_message(self.Grown())

    def on_click(self, event: Click) -> None:
        """Focus the control when its label is clicked."""
        if event.widget is self:
            self.focus()

    def render(self) -> RenderResult:
        """Draw label and source; the control lies between them."""
        style = "bold $text-primary" if self.is_focused else "$ccflow-label"
        label = Content.styled(self._label, style)
        if self._required:
            label += Content.styled(" *", "$text-error")
        if not self._source:
            return label.truncate(LABEL_WIDTH, ellipsis=True)
        label = label.truncate(LABEL_WIDTH, ellipsis=True, pad=True)
        source = Content.styled(self._source, "$ccflow-muted").truncate(self.SOURCE_WIDTH, ellipsis=True)
        gap = max(0, self.content_size.width - LABEL_WIDTH - cell_len(source.plain) - 1)
        return label + " " * gap + source

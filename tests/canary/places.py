"""Everywhere a secret could come to light: files, pictures, widgets, objects, tasks, processes."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textual.app import App
from textual.message import Message
from textual.notifications import Notification
from textual.worker import Worker

from tests.canary.canaries import Searcher

PACKAGE = "ccflow_tui"
_LOOKS = frozenset({"_bindings", "styles", "_css_styles", "_component_styles", "_rich_style_cache"})
"""Attributes of widgets that hold keys and colours only, and much of them."""


def search_files(searcher: Searcher, *folders: Path, planted: tuple[Path, ...] = ()) -> None:
    """Look into every file, by content and by name; ``planted`` are those a test put secrets into."""
    for folder in folders:
        for path in folder.rglob("*"):
            searcher.look(f"the name of {path}", str(path))
            if path.is_file() and path not in planted:
                searcher.look(f"file {path.name}", path.read_bytes())


def search_objects(searcher: Searcher, *kinds: type) -> None:
    """Look at the ``repr`` of every living object of ours, every exception, future, task and callback.

    With ``kinds``, only at those.
    """
    ours = kinds or (asyncio.Future, asyncio.Handle, BaseException, Message, Notification, Worker)
    for thing in gc.get_objects():
        kind = type(thing)
        if issubclass(kind, ours) or (not kinds and _is_ours(kind)):
            searcher.look(f"repr of a {kind.__name__}", _shown(thing))


def _is_ours(kind: type) -> bool:
    module = getattr(kind, "__module__", None)
    return isinstance(module, str) and module.split(".")[0] == PACKAGE


def _shown(thing: object) -> str:
    try:
        text = f"{thing!r} {thing}"
    except Exception as error:  # a half-built object: what its failure says counts as well
        return repr(error)
    if isinstance(thing, Worker):
        text += f" {thing.name} {thing.description} {thing.error!r} {thing.result!r}"
    if isinstance(thing, BaseException):
        text += f" {thing.args!r} {getattr(thing, '__notes__', '')!r}"
    return text


def search_screens(searcher: Searcher, app: App[Any], where: str, *, allowed: tuple[str, ...] = ()) -> None:
    """Look at a picture of the screen and at every widget of every screen that is open, seen or not."""
    searcher.look(f"a screenshot of {where}", app.export_screenshot(), allowed=allowed)
    for name, text in widget_texts(app):
        searcher.look(f"{name} of {where}", text, allowed=allowed)


def widget_texts(app: App[Any]) -> Iterator[tuple[str, str]]:
    """Yield what each widget says, is called and holds."""
    for stack in app._screen_stacks.values():
        for screen in stack:
            for widget in (screen, *screen.walk_children()):
                about = (widget.id, widget.name, widget.tooltip, widget.border_title, widget.border_subtitle)
                yield f"widget {widget!r}", f"{widget!r} {about!r} {sorted(widget.classes)!r}"
                yield f"the text of widget {widget!r}", str(widget.render())
                yield f"the attributes of widget {widget!r}", _held(widget)


def _held(widget: object) -> str:
    return " ".join(f"{name}={value!r}" for name, value in vars(widget).items() if name not in _LOOKS)


def process_family(pid: int) -> Iterator[int]:
    """Yield a process and all that it started; Linux only."""
    yield pid
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = children.read_text().split()
    except OSError:
        return
    for child in found:
        yield from process_family(int(child))


def search_processes(searcher: Searcher, pid: int, *, allowed_at_root: tuple[str, ...] = ()) -> int:
    """Look at arguments and environment of a process and its children; return how many there were.

    ``allowed_at_root`` names what the environment of the process itself was given.
    """
    family = tuple(process_family(pid))
    for member in family:
        for kind in ("cmdline", "environ"):
            try:
                content = Path(f"/proc/{member}/{kind}").read_bytes()
            except OSError:
                continue
            given = allowed_at_root if member == pid and kind == "environ" else ()
            searcher.look(f"the {kind} of a process", content, allowed=given)
    return len(family)


def has_proc() -> bool:
    """Whether this system shows processes as files, with their children."""
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").exists()

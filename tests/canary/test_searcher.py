"""The search itself: a canary planted in each kind of place is found there, and none is found elsewhere."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Input, Static

from tests.canary.canaries import Searcher, jwt, noise, private_key, secret, token
from tests.canary.places import (
    has_proc,
    search_files,
    search_objects,
    search_processes,
    search_screens,
)

BIRD = secret("the bird")


@pytest.mark.parametrize(
    "form",
    [
        BIRD.text,
        f"in the middle {BIRD.text} of words",
        BIRD.text[:12],
        BIRD.text[-12:],
        BIRD.text.lower(),
        BIRD.text.upper(),
        repr(BIRD.text),
        json.dumps(BIRD.text),
        quote(BIRD.text),
        quote_plus(BIRD.text),
        html.escape(BIRD.text),
        base64.b64encode(BIRD.text.encode()).decode(),
        base64.b64encode(b"client:" + BIRD.text.encode()).decode(),
        base64.urlsafe_b64encode(b"ab" + BIRD.text.encode()).decode(),
        BIRD.text.encode().hex(),
        "\n".join(BIRD.text[at : at + 5] for at in range(0, len(BIRD.text), 5)),
        BIRD.text.encode("utf-16-le"),
    ],
)
def test_a_canary_is_found_in_every_form(form: str | bytes) -> None:
    assert Searcher(BIRD, secret("another")).names_in(form) == {"the bird"}


def test_the_ends_of_a_token_may_be_shown_and_nothing_more() -> None:
    bird = token("a token")
    searcher = Searcher(bird)
    assert not searcher.names_in(f"{bird.text[:10]}…{bird.text[-10:]}")
    assert searcher.names_in(bird.text[:26]) == {"a token"}


def test_a_key_and_a_jwt_are_found_by_any_line_or_part() -> None:
    key, signed = private_key("a key"), jwt("a jwt", f"eyJhbGciOiJub25lIn0.{noise('p', 90)}.{noise('s', 90)}")
    searcher = Searcher(key, signed)
    assert searcher.names_in(key.text.splitlines()[7]) == {"a key"}
    assert searcher.names_in(key.text.replace("\n", "\\n")) == {"a key"}
    assert searcher.names_in(signed.text.split(".")[2]) == {"a jwt"}
    assert not searcher.names_in("-----BEGIN PRIVATE KEY-----")


def test_a_check_fails_on_a_find_and_on_an_empty_search() -> None:
    searcher = Searcher(BIRD)
    with pytest.raises(AssertionError, match="nothing was searched"):
        searcher.check()
    searcher.look("a place", BIRD.text, allowed=["the bird"])
    searcher.check()
    searcher.look("a place", BIRD.text)
    with pytest.raises(AssertionError, match="the bird in a place"):
        searcher.check()


def test_files_are_searched_by_content_and_name_and_sqlite_with_its_wal(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "plain").write_text(BIRD.text, encoding="utf-8")
    (tmp_path / f"name-{noise('the bird<')}").touch()
    connection = sqlite3.connect(tmp_path / "history.sqlite3")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (?)", (BIRD.text,))
    connection.commit()
    searcher = Searcher(BIRD)
    search_files(searcher, tmp_path)
    connection.close()
    assert "the bird in file plain" in searcher.found
    assert "the bird in file history.sqlite3-wal" in searcher.found
    assert any("the name of" in found for found in searcher.found)
    assert not Searcher(secret("another")).names_in((tmp_path / "deep" / "plain").read_bytes())


class Leaky(App[None]):
    """Shows the canary on the screen, cut into coloured pieces, and holds it in an input."""

    def compose(self) -> ComposeResult:
        half = len(BIRD.pieces[0]) // 2
        yield Static(f"[red]{BIRD.pieces[0][:half]}[/red][blue]{BIRD.pieces[0][half:]}[/blue]", id="shown")
        yield Input(BIRD.text, password=True, id="held")
        hidden = Static("nothing", id="named")
        hidden.tooltip = BIRD.text
        yield hidden


async def test_pictures_and_widgets_are_searched() -> None:
    searcher = Searcher(BIRD)
    async with Leaky().run_test() as pilot:
        await pilot.pause()
        search_screens(searcher, pilot.app, "the leaky app")
    found = " ".join(searcher.found)
    assert "a screenshot of the leaky app" in found
    for widget in ("shown", "held", "named"):
        assert f"id='{widget}'" in found


async def test_objects_tasks_and_faults_are_searched() -> None:
    future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    future.set_result(BIRD.text)
    error = ValueError(BIRD.text)
    searcher = Searcher(BIRD)
    search_objects(searcher)
    assert "the bird in repr of a Future" in searcher.found
    assert "the bird in repr of a ValueError" in searcher.found
    assert error.args and future.done()


@pytest.mark.skipif(not has_proc(), reason="this system shows no processes as files")
def test_arguments_and_environment_of_children_are_searched() -> None:
    searcher = Searcher(BIRD, secret("in the environment"))
    child = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()", BIRD.text],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "X": secret("in the environment").text},
    )
    assert child.stdout is not None
    child.stdout.readline()
    try:
        assert search_processes(searcher, os.getpid()) >= 2
    finally:
        child.communicate(b"\n")
    assert "the bird in the cmdline of a process" in searcher.found
    assert "in the environment in the environ of a process" in searcher.found

"""JSON in the theme's colours, and everything else as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.content import Content

from ccflow_tui.models.flow import Step
from ccflow_tui.services.resource_answer import BODY_LIMIT, snippet
from ccflow_tui.widgets.json_view import coloured
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.wizard import GRANT, make_wizard
from tests.ui.drive import driving


def styles_of(content: Content) -> set[str]:
    return {str(span.style) for span in content.spans}


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{\n  "a": 1\n}', '[\n  "[bold]x[/]"\n]'], ids=["object", "array", "pair", "markup"]
)
def test_json_is_coloured_by_the_theme_and_keeps_its_text(text: str) -> None:
    found = coloured(text)
    assert found.plain == text
    assert found.spans and all("$" in style for style in styles_of(found)), "no colour of its own"


def test_an_answer_that_was_cut_is_coloured_as_far_as_it_goes() -> None:
    body = json.dumps({f"key {number}": ["x"] for number in range(2_000)}).encode()
    text = snippet(body, lambda text: text)
    assert len(text) == BODY_LIMIT and text.endswith("…")
    found = coloured(text)
    assert found.plain == text and len(styles_of(found)) > 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain words",
        "<h1>Please sign in</h1>",
        "[error] no such thing",
        "{not json",
        "{ever so long…",
        "1",
        '"x"',
    ],
    ids=["empty", "words", "html", "bracket", "brace", "cut", "number", "string"],
)
def test_what_is_no_json_object_or_array_stays_plain(text: str) -> None:
    found = coloured(text)
    assert found.plain == text and not found.spans


def test_json_of_a_depth_that_nobody_reads_does_no_harm() -> None:
    text = "[" * 100_000
    assert coloured(text).plain == text


@pytest.mark.parametrize("body", ['{"name": "Orders"}', '{"code": "ACCESS_FAILED"}'], ids=["200", "403"])
async def test_what_the_api_answers_is_coloured(tmp_path: Path, body: str) -> None:
    answer = json_response(body, 403 if "code" in body else 200)
    wizard = make_wizard(tmp_path, transport=ScriptedTransport(GRANT, answer))
    async with driving(wizard) as driver:
        await driver.to_step(Step.TOKEN)
        await driver.press("a")
        await driver.done()
        shown = driver.token.answer.content
        assert isinstance(shown, Content)
        key = next(span for span in shown.spans if shown.plain[span.start : span.end] in {'"name"', '"code"'})
        assert "$text-primary" in str(key.style)

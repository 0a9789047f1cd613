"""What goes to which stream, and with which exit code, when both are pipes."""

from __future__ import annotations

import json

import pytest

from ccflow_tui import exit_codes
from tests.cli.program import SECRET, misbehaving, start, variables
from tests.support.fault_server import Script, answers, closes, http_answer
from tests.support.patience import PATIENCE

ESCAPE = b"\x1b"
COLOURFUL = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "CLICOLOR_FORCE": "1", "FORCE_COLOR": "1"}
GRANTED = answers(http_answer())
FAILURES = [
    (exit_codes.REFUSED, answers(http_answer("401 No", b'{"error":"invalid_client"}')), b"invalid_client"),
    (exit_codes.UNREACHABLE, closes(b"no http\r\n\r\n"), b"HTTP"),
    (exit_codes.MALFORMED, answers(http_answer(body=b"<html>\x1b[31m", content_type="text/html")), b"page"),
]


def run(script: Script, *arguments: str) -> tuple[int, bytes, bytes]:
    with (
        misbehaving(script) as server,
        start("token", *arguments, env={**variables(server.url), **COLOURFUL}) as process,
    ):
        out, err = process.communicate(timeout=PATIENCE)
    assert SECRET.encode() not in out + err
    assert ESCAPE not in out + err
    return process.returncode, out, err


def test_L7_the_token_alone_is_on_stdout_and_every_word_on_stderr() -> None:
    code, out, err = run(GRANTED)
    assert (code, out) == (exit_codes.DONE, b"t\n")
    assert b"asking 127.0.0.1" in err


def test_L7_json_is_one_document_on_stdout() -> None:
    code, out, err = run(GRANTED, "--json")
    assert code == exit_codes.DONE
    assert out.count(b"\n") == 1
    assert json.loads(out)["access_token"] == "t"
    assert b"{" not in err


@pytest.mark.parametrize("arguments", [(), ("--json",)])
@pytest.mark.parametrize(("code", "script", "words"), FAILURES)
def test_L7_a_failure_leaves_stdout_empty_and_has_its_own_exit_code(
    arguments: tuple[str, ...], code: int, script: Script, words: bytes
) -> None:
    ended, out, err = run(script, *arguments)
    assert (ended, out) == (code, b"")
    assert words in err
    assert all(line.startswith(b"ccflow: ") for line in err.splitlines())


@pytest.mark.parametrize("arguments", [("--profile", "nobody"), ("--no-such-option",)])
def test_L7_what_cannot_be_used_is_told_on_stderr(arguments: tuple[str, ...]) -> None:
    code, out, err = run(GRANTED, *arguments)
    assert (code, out) == (exit_codes.UNUSABLE, b"")
    assert err

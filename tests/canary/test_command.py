"""``ccflow token`` as a process: the token on stdout when there is one, and no secret anywhere else."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from ccflow_tui.exit_codes import CRASHED, DONE, MALFORMED, REFUSED, UNREACHABLE, UNUSABLE
from tests.canary.answers import everything, granting, page, refusing, response
from tests.canary.canaries import Searcher, private_key, secret, token
from tests.canary.places import search_files
from tests.canary.program import ROOT, run, serving
from tests.canary.stage import Answer

SECRET, TOKEN, KEY = secret("client secret"), token("access token"), private_key("private key")
METHODS = {
    "client_secret_basic": {"CCFLOW_CLIENT_SECRET": SECRET.text},
    "client_secret_post": {"CCFLOW_CLIENT_SECRET": SECRET.text},
    "private_key_jwt": {"CCFLOW_PRIVATE_KEY": "env:SIGNING_KEY", "SIGNING_KEY": KEY.text},
}
SERVERS: dict[str, tuple[Answer, int]] = {
    "granted": (granting(TOKEN.text, scope="read"), DONE),
    "refused": (refusing(), REFUSED),
    "a web page": (page, MALFORMED),
    "plain text": (lambda request: response(400, everything(request), "text/plain"), MALFORMED),
}


def look(scene: Path, done: subprocess.CompletedProcess[str], *, granted: bool = False) -> None:
    """Search what the process wrote, wherever it wrote it."""
    searcher = Searcher(SECRET, TOKEN, KEY)
    searcher.look("stdout", done.stdout, allowed=("access token",) if granted else ())
    searcher.look("stderr", done.stderr)
    search_files(searcher, scene, planted=(scene / "work" / ".env", scene / "work" / "settings.json"))
    searcher.check()


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("granted", "client_secret_basic"),
        ("granted", "private_key_jwt"),
        ("refused", "client_secret_post"),
        ("refused", "private_key_jwt"),
        ("a web page", "client_secret_post"),
        ("plain text", "client_secret_basic"),
    ],
)
def test_L1_every_ending(scene: Path, kind: str, method: str) -> None:
    answer, code = SERVERS[kind]
    with serving(answer) as base:
        done = run(
            scene,
            "--log-file",
            str(scene / "ccflow.log"),
            "token",
            "--verbose",
            CCFLOW_TOKEN_ENDPOINT=f"{base}/token",
            CCFLOW_CLIENT_ID="client-one",
            CCFLOW_AUTH_METHOD=method,
            **METHODS[method],
        )
    assert done.returncode == code, done.stderr
    assert (done.stdout == f"{TOKEN.text}\n") is (code == DONE)
    assert (scene / "ccflow.log").stat().st_size
    look(scene, done, granted=code == DONE)


def test_L1_json_holds_the_token_and_no_secret(scene: Path) -> None:
    with serving(granting(TOKEN.text)) as base:
        done = run(scene, "token", "--json", **_basic(f"{base}/token"))
    assert json.loads(done.stdout)["access_token"] == TOKEN.text
    look(scene, done, granted=True)


def _basic(endpoint: str, **more: str) -> dict[str, str]:
    return {
        "CCFLOW_TOKEN_ENDPOINT": endpoint,
        "CCFLOW_CLIENT_ID": "client-one",
        "CCFLOW_AUTH_METHOD": "client_secret_basic",
        "CCFLOW_CLIENT_SECRET": SECRET.text,
        **more,
    }


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_L1_the_explanation_of_the_configuration_holds_no_secret(scene: Path, form: tuple[str, ...]) -> None:
    planted = {
        "CCFLOW_EXTRA_PARAMETERS": f"tenant={SECRET.text}",
        "CCFLOW_AUTHORIZATION_DETAILS": json.dumps([{"type": SECRET.text}]),
        "CCFLOW_KEY_PASSPHRASE": SECRET.text,
        "SIGNING_KEY": KEY.text,
    }
    for method in METHODS:
        endpoint = f"https://as.example/token?key={SECRET.pieces[0]}"
        done = run(scene, "config", *form, **{**_basic(endpoint), **planted, "CCFLOW_AUTH_METHOD": method})
        assert done.returncode == DONE, done.stderr
        assert "tenant=(hidden)" in done.stdout
        look(scene, done)


@pytest.mark.parametrize(
    "change",
    [
        {"CCFLOW_AUTH_METHOD": SECRET.text},
        {"CCFLOW_AUTH_METHOD": "private_key_jwt", "CCFLOW_PRIVATE_KEY": KEY.text},
        {
            "CCFLOW_AUTH_METHOD": "private_key_jwt",
            "CCFLOW_PRIVATE_KEY": "env:BROKEN",
            "BROKEN": KEY.text[:600],
        },
        {"CCFLOW_TOKEN_ENDPOINT": f"https://client:{SECRET.pieces[0]}@as.example/token"},
        {"CCFLOW_CLIENT_SECRET": f"{SECRET.text}\n"},
        {"CCFLOW_EXTRA_PARAMETERS": f"tenant=one&api_key={SECRET.pieces[0]}"},
    ],
    ids=["wrong variable", "key itself", "half a key", "userinfo", "line end", "extra parameter"],
)
def test_input_that_cannot_be_used(scene: Path, change: dict[str, str]) -> None:
    with serving(refusing()) as base:
        done = run(scene, "token", "--verbose", **{**_basic(f"{base}/token"), **change})
    assert done.returncode in {UNUSABLE, REFUSED}, done.stderr
    assert "Traceback" not in done.stderr
    look(scene, done)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".env", f'CCFLOW_CLIENT_SECRET="{SECRET.pieces[0]}\nCCFLOW_CLIENT_ID=x\n'),
        ("settings.json", json.dumps({"oauth": {"clientCredentials": {"clientSecret": SECRET.text}}})),
        ("settings.json", json.dumps({"oauth": {"clientCredentials": {"enabled": SECRET.text}}})),
        ("settings.json", json.dumps({"oauth": {"clientCredentials": {"keyPem": KEY.text}}})),
        ("settings.json", '{"clientSecret": "' + SECRET.pieces[0]),
    ],
    ids=["broken .env", "secret in settings", "secret for a flag", "key in settings", "broken settings"],
)
def test_files_that_cannot_be_used_are_not_quoted(scene: Path, name: str, content: str) -> None:
    (scene / "work" / name).write_text(content, encoding="utf-8")
    done = run(scene, "token", CCFLOW_CLIENT_ID="x", CCFLOW_TOKEN_ENDPOINT="http://127.0.0.1:9/token")
    assert done.returncode == UNUSABLE, done.stderr
    look(scene, done)


def test_a_server_that_speaks_no_tls(scene: Path) -> None:
    with serving(granting(TOKEN.text)) as base:
        done = run(scene, "token", "-v", **_basic(f"{base.replace('http:', 'https:')}/token"))
    assert done.returncode == UNREACHABLE, done.stderr
    look(scene, done)


def test_a_bug_in_the_transport_with_the_request_at_hand(scene: Path) -> None:
    """A module on the path breaks the transport the way a bug would, with the request in its text.

    A thread and two finalizers fail, too, one of them while the interpreter is taken down.
    """
    (scene / "tmp" / "sitecustomize.py").write_text(
        "import threading\n"
        "from ccflow_tui.services import transport\n"
        "class Leftover:\n"
        "    def __del__(self):\n"
        "        raise OSError(self.held)\n"
        "def fail(held):\n"
        "    raise OSError(held)\n"
        "def work(held):\n"
        "    thread = threading.Thread(target=fail, args=(held,))\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "    Leftover().held = held\n"
        "    threading.last = Leftover()  # lives until the interpreter is taken down\n"
        "    threading.last.held = held\n"
        "async def exchange(self, request, *, deadline):\n"
        "    work(repr(request.headers))\n"
        "    raise RuntimeError(f'cannot send {request.headers} {request.body}')\n"
        "transport.HttpTransport.exchange = exchange\n"
    )
    path = f"{scene / 'tmp'}{os.pathsep}{ROOT}"
    done = run(scene, "token", "-v", **_basic("http://127.0.0.1:9/token"), PYTHONPATH=path)
    assert done.returncode == CRASHED, done.stderr
    assert "had to stop: RuntimeError\n" in done.stderr and "in exchange" in done.stderr
    assert done.stderr.count("OSError at sitecustomize, line") == 2, done.stderr
    assert "Exception ignored" not in done.stderr and "Traceback" not in done.stderr
    look(scene, done)

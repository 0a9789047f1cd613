"""Secrets by reference and the encrypted file: neither secret nor passphrase comes to light."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ccflow_tui.exit_codes import DONE, REFUSED, UNUSABLE
from tests.canary.answers import granting, refusing
from tests.canary.canaries import Searcher, secret, token
from tests.canary.places import search_files
from tests.canary.program import run, serving

SECRET, TOKEN, PASSPHRASE = secret("client secret"), token("access token"), secret("passphrase")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="asks cat for a secret")


@pytest.mark.parametrize("ending", ["granted", "refused", "not readable"])
@pytest.mark.parametrize("kind", ["env", "file", "command"])
def test_L1_a_secret_by_reference_and_the_passphrase_of_the_file(scene: Path, kind: str, ending: str) -> None:
    path = scene / "planted"
    path.write_text(SECRET.text, "utf-8")
    path.chmod(0o600)
    reference = {"env": "env:ORDERS", "file": f"file:{path}", "command": f"command:cat {path}"}[kind]
    variables = {"CCFLOW_SECRET_REFERENCE": reference, "ORDERS": SECRET.text}
    code = {"granted": DONE, "refused": REFUSED}.get(ending, UNUSABLE)
    if ending == "not readable":
        program = f"command:sh -c 'cat {path}; cat {path} >&2; exit 1'"
        path.chmod(0o644 if kind == "file" else 0o600)
        variables |= {
            "env": {"ORDERS": SECRET.text + "\udcff"},
            "file": {},
            "command": {"CCFLOW_SECRET_REFERENCE": program},
        }[kind]
    with serving(refusing() if ending == "refused" else granting(TOKEN.text)) as base:
        done = run(
            scene,
            "--log-file",
            str(scene / "ccflow.log"),
            "token",
            "--verbose",
            CCFLOW_TOKEN_ENDPOINT=f"{base}/token",
            CCFLOW_CLIENT_ID="client-one",
            CCFLOW_AUTH_METHOD="client_secret_post",
            CCFLOW_SECRET_STORE="file",
            CCFLOW_STORE_PASSPHRASE=PASSPHRASE.text,
            CCFLOW_DPOP="on",  # whose key goes into the file
            CCFLOW_DPOP_ALLOW_BEARER="on",
            **variables,
        )
    assert done.returncode == code, done.stderr
    searcher = Searcher(SECRET, TOKEN, PASSPHRASE)
    searcher.look("stdout", done.stdout, allowed=("access token",) if code == DONE else ())
    searcher.look("stderr", done.stderr)
    search_files(searcher, scene, planted=(path,))
    searcher.check()
    stored = list(scene.rglob("secrets.encrypted"))
    assert bool(stored) is (ending != "not readable")
    for file in stored:
        assert b"PRIVATE KEY" not in file.read_bytes() and b'"kty"' not in file.read_bytes()

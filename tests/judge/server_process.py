"""Installs and runs the third-party authorization server of ``server/judge.mjs``."""

from __future__ import annotations

import contextlib
import json
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SERVER = Path(__file__).parent / "server"
INSTALLED = SERVER / "node_modules"
OLDEST_NODE = 20
START_SECONDS = 30.0
VERDICT_SECONDS = 10.0


class JudgeMissing(Exception):
    """This machine cannot run the judge at all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge made of one token request, and why; the reason never goes over HTTP."""

    granted: bool
    method: str
    """The client authentication method that the judge saw."""
    error: str = ""
    reason: str = ""


def find_tools() -> tuple[str, str]:
    """Return the paths of node and npm; raises ``JudgeMissing`` with the reason."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise JudgeMissing("the judge needs node and npm, and this machine does not have both")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        raise JudgeMissing(f"the judge needs node {OLDEST_NODE} or later, and this machine has {version}")
    return node, npm


def install(npm: str) -> None:
    """Install what ``package-lock.json`` pins, unless it is there already.

    The packages go into a folder of their own first and take their place by one rename, so neither an
    interrupted installation nor a second test process at the same time leaves half of them behind.
    """
    if _is_current():
        return
    with tempfile.TemporaryDirectory(prefix=".install-", dir=SERVER) as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(SERVER / name, folder)
        done = subprocess.run([npm, "ci"], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"npm ci could not install the judge:\n{done.stdout}\n{done.stderr}")
        _take_place(Path(folder) / "node_modules")


def _take_place(fresh: Path) -> None:
    try:
        if INSTALLED.exists() and not _is_current():
            INSTALLED.rename(fresh.with_name("outdated"))
        fresh.rename(INSTALLED)
    except OSError:
        if not _is_current():
            raise


def _is_current() -> bool:
    """Whether the packages installed are those of the lock file; npm leaves a copy of it with them."""
    try:
        installed = json.loads((INSTALLED / ".package-lock.json").read_text(encoding="utf-8"))["packages"]
    except (OSError, ValueError, KeyError):
        return False
    locked = json.loads((SERVER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return bool(installed == {name: package for name, package in locked.items() if name})


class Judge:
    """The running server; ``stop`` closes its standard input, upon which it ends."""

    def __init__(
        self,
        node: str,
        clients: Sequence[Mapping[str, Any]],
        resources: Mapping[str, str],
        tls: Mapping[str, str],
    ) -> None:
        self._process = subprocess.Popen(
            [node, str(SERVER / "judge.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        assert self._process.stdin and self._process.stdout
        self._stdin = self._process.stdin
        self._messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()
        try:
            self._stdin.write(json.dumps({"clients": clients, "resources": resources, "tls": tls}) + "\n")
            self._stdin.flush()
            ready = self._next_message(START_SECONDS)
        except BaseException:
            self.stop()
            raise
        self.issuer: str = ready["issuer"]
        self.token_endpoint: str = ready["token_endpoint"]

    def verdict(self) -> Verdict:
        """Return the next verdict, in the order in which the requests were answered."""
        return Verdict(**self._next_message(VERDICT_SECONDS))

    def has_no_more_verdicts(self) -> bool:
        """Whether every verdict was taken, so that no request went unnoticed."""
        return self._messages.empty()

    def forget_verdicts(self) -> None:
        """Drop what an earlier test left."""
        while not self._messages.empty():
            self._messages.get_nowait()

    def stop(self) -> None:
        """End the server."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=10)

    def _next_message(self, seconds: float) -> dict[str, Any]:
        try:
            message = self._messages.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"the judge said nothing for {seconds:g} s") from None
        if message is None:
            raise RuntimeError("the judge ended; its standard error says why")
        return message

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._messages.put(json.loads(line))
        self._messages.put(None)

"""Asks a program for a secret, as git asks its credential helpers: no shell, a deadline, one line."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.variables import PASSPHRASE_VARIABLE, SECRET_VARIABLE, STORE_PASSPHRASE_VARIABLE
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.services.redaction import Redactor

MAX_OUTPUT_BYTES = 64 * 1024
TIMEOUT = 30.0
"""Seconds; long enough to unlock a password manager."""
_OWN_SECRETS = frozenset({SECRET_VARIABLE, PASSPHRASE_VARIABLE, STORE_PASSPHRASE_VARIABLE})
_DIRECTLY = "Run the command in a terminal to see what it says."


@dataclass(frozen=True, slots=True)
class SecretCommand:
    """Runs programs in ``environment`` without ccflow's own secrets; what they complain of is redacted."""

    environment: Mapping[str, str] = field(repr=False)
    redactor: Redactor = field(repr=False)
    timeout: float = TIMEOUT

    async def first_line(self, arguments: Sequence[str]) -> Secret:
        """Return the first line that the program writes to stdout; raises ``InputProblem``."""
        program = _found(arguments[0], self.environment.get("PATH"))
        name = scrub(os.path.basename(arguments[0]), limit=60)
        try:
            process = await asyncio.create_subprocess_exec(
                program,
                *arguments[1:],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=_without_own_secrets(self.environment),
                start_new_session=True,  # so that it ends with everything it has started
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise _problem(f"The command {name} cannot be started: {reason}.", _DIRECTLY) from None
        ended = False
        try:
            async with asyncio.timeout(self.timeout):
                out, said = await asyncio.gather(_read(process.stdout), _read(process.stderr))
                code = await process.wait()
            ended = True
        except TimeoutError:
            text = f"The command {name} gave no secret within {self.timeout:g} s, and was ended."
            raise _problem(text, "If it asks for something, unlock what it needs first.") from None
        finally:
            if not ended:
                await _end(process)
        found = self._secret(name, code, out, said)
        del out  # the frame of what is raised must not hold the secret
        if isinstance(found, InputProblem):
            raise found
        return found

    def _secret(self, name: str, code: int, out: bytes, said: bytes) -> Secret | InputProblem:
        try:
            line = Secret(out.decode().split("\n", 1)[0].removesuffix("\r"))
        except UnicodeDecodeError:
            line = Secret("")
        if line and len(out) <= MAX_OUTPUT_BYTES:
            self.redactor.know(line)
        complaint = self.redactor.redact(scrub(said.decode(errors="replace"), limit=200))
        told = f" It says: {complaint}" if complaint else ""
        if code:
            return _problem(f"The command {name} failed with exit code {code}.{told}", _DIRECTLY)
        if len(out) > MAX_OUTPUT_BYTES:
            return _problem(f"The command {name} writes more than 64 KiB, so it gives no secret.", _DIRECTLY)
        if not line:
            return _problem(f"The command {name} wrote no secret as its first line.{told}", _DIRECTLY)
        return line


def _without_own_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in _OWN_SECRETS}


def _found(program: str, search: str | None) -> str:
    """Return the path of a program; one that the working folder decides about is refused."""
    path = os.path.expanduser(program)
    if os.path.dirname(path) and not os.path.isabs(path):
        raise _problem(
            "The command for the secret is named by a relative path.",
            "Give its whole path, or a name that is found on PATH.",
        )
    found = shutil.which(path, path=search)
    if found is None or not os.path.isabs(found):
        name = scrub(program, limit=60)
        raise _problem(f"The command {name} was not found.", "Check its name, or give its whole path.")
    return found


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    """Return what a program writes, at most a little more than is allowed; the rest is read and dropped."""
    kept = b""
    while stream is not None and (chunk := await stream.read(MAX_OUTPUT_BYTES)):
        kept = (kept + chunk)[: MAX_OUTPUT_BYTES + 1]
    return kept


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the program with what it has started."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.returncode is None:
        process.kill()
    if process.returncode is None:
        await process.wait()


def _problem(problem: str, remedy: str) -> InputProblem:
    return InputProblem("secret_reference", problem, remedy)

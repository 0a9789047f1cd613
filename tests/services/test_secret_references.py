"""Client secrets by reference: read where they are kept, sent to one server, never shown."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.secret_command import SecretCommand
from tests.support.fakes import DictStore
from tests.support.patience import LONGER_AND_LONGER, PATIENCE, patiently

CANARY = "CANARY-secret-é-0815"
POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and process groups are POSIX's")


def profile(reference: str, server: str = "https://as.example/token") -> Profile:
    return Profile(
        name="orders",
        endpoint_mode=EndpointMode.MANUAL,
        endpoint_source=EndpointSource.TYPED,
        token_endpoint=server,
        client_id="client",
        auth_method=AuthMethod.CLIENT_SECRET_BASIC,
        secret_reference=reference,
    )


def source(
    environment: Mapping[str, str] | None = None,
    store: DictStore | None = None,
    redactor: Redactor | None = None,
) -> CredentialSource:
    variables = Variables({"PATH": os.environ["PATH"], **(environment or {})}, {})
    return CredentialSource(store or DictStore(), variables, lambda _: None, redactor=redactor)


def python(code: str) -> str:
    return f"command:{shlex.join([sys.executable, '-c', code])}"


async def problem_of(found: CredentialSource, asked: Profile, field: str = "secret_reference") -> str:
    with pytest.raises(InputProblem) as caught:
        await found.credential(asked)
    assert caught.value.finding.field == field
    assert caught.value.finding.remedy
    assert "CANARY" not in f"{caught.value}{caught.value.__context__!r}"
    trace = caught.value.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals["__name__"].startswith("ccflow_tui.services.secret_"):
            assert CANARY not in repr(trace.tb_frame.f_locals)
        trace = trace.tb_next
    return str(caught.value.finding)


async def read(found: CredentialSource, asked: Profile) -> tuple[str, str]:
    credential = await found.credential(asked)
    assert credential.secret is not None
    assert "CANARY" not in repr(credential)
    return credential.secret.reveal(), credential.source


# Variables


async def test_a_variable_holds_the_secret() -> None:
    found = source({"ORDERS": CANARY})
    assert await read(found, profile("env:ORDERS")) == (CANARY, "env:ORDERS")
    assert await found.source(profile(" env:ORDERS ")) == "env:ORDERS"


@pytest.mark.parametrize("environment", [{}, {"ORDERS": ""}, {"ORDERS": f"{CANARY}\udcff"}])
async def test_a_variable_that_holds_no_secret_is_named(environment: dict[str, str]) -> None:
    assert "ORDERS" in await problem_of(source(environment), profile("env:ORDERS"))


# Files


def secret_file(folder: Path, content: str | bytes = CANARY + "\n", mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
async def test_a_file_holds_the_secret_in_its_one_line(tmp_path: Path, end: str) -> None:
    path = secret_file(tmp_path, f" {CANARY} {end}")
    assert await read(source(), profile(f"file:{path}")) == (f" {CANARY} ", f"file:{path}")


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666])
async def test_a_file_that_others_can_read_or_change_is_refused_with_the_way_out(
    tmp_path: Path, mode: int
) -> None:
    path = secret_file(tmp_path, mode=mode)
    told = await problem_of(source(), profile(f"file:{path}"))
    assert "Other users" in told and f"chmod 600 {path}" in told


@POSIX
async def test_a_link_is_judged_by_the_file_it_leads_to(tmp_path: Path) -> None:
    path, link = secret_file(tmp_path, mode=0o644), tmp_path / "link"
    link.symlink_to(path)
    assert "Other users" in await problem_of(source(), profile(f"file:{link}"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "one line"),
        ("\n", "one line"),
        (f"{CANARY}\n{CANARY}\n", "one line"),
        (b"\xff\xfeCANARY", "one line"),
        ("x" * 70_000, "one line"),
    ],
)
async def test_a_file_without_one_line_of_text_is_no_secret(
    tmp_path: Path, content: str | bytes, words: str
) -> None:
    assert words in await problem_of(source(), profile(f"file:{secret_file(tmp_path, content)}"))


@POSIX
async def test_what_is_no_file_is_told_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path, words in ((tmp_path / "pipe", "not a file"), (tmp_path / "missing", "cannot be read")):
        assert words in await problem_of(source(), profile(f"file:{path}"))
    assert "cannot be read" in await problem_of(source(), profile(f"file:{tmp_path}"))
    assert "relative path" in await problem_of(source(), profile("file:secret"))
    assert "no such path" in await problem_of(source(), profile("file:~nobody-of-this-name/secret"))


# The keyring


async def test_a_named_entry_is_shared_by_the_profiles_of_one_server() -> None:
    found = source(store=DictStore())
    orders = profile("keyring:shared")
    assert "named 'shared' for https://as.example" in await problem_of(found, orders, "client_secret")
    found.remember(orders, Secret(CANARY))
    await found.save(orders)
    billing = replace(orders, name="billing", client_id="billing")
    assert await read(found, billing) == (CANARY, "keyring:shared")
    elsewhere = replace(billing, name="other", token_endpoint="https://evil.example/token")
    assert "named 'shared' for https://evil.example" in await problem_of(found, elsewhere, "client_secret")


# Commands


async def test_a_command_writes_the_secret_as_its_first_line() -> None:
    redactor = Redactor()
    code = f"print({CANARY!r}); print('user: orders')"
    command = python(code)
    found = source({"PYTHONIOENCODING": "utf-8"}, redactor=redactor)
    assert await read(found, profile(command)) == (CANARY, f"command:{sys.executable}")
    assert CANARY not in redactor.redact(f"a {CANARY} b")


async def test_a_command_is_run_once_in_a_run_and_not_to_tell_where_the_secret_is(tmp_path: Path) -> None:
    count = tmp_path / "count"
    command = python(f"open({str(count)!r}, 'a').write('x'); print('secret')")
    found = source()
    assert await found.source(profile(command)) == f"command:{sys.executable}"
    assert runs(count) == 0
    await asyncio.gather(*(found.credential(profile(command)) for _ in range(5)))
    assert runs(count) == 1
    found.references.allow(profile(command))
    await found.credential(profile(command))
    assert runs(count) == 2


def runs(count: Path) -> int:
    return len(count.read_text("utf-8")) if count.exists() else 0


async def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    command = (
        python("import sys; print(sys.argv[1:])") + f" '$HOME' ; touch {tmp_path}/made && echo `id` | cat"
    )
    secret, _ = await read(source(), profile(command))
    assert secret == str(["$HOME", ";", "touch", f"{tmp_path}/made", "&&", "echo", "`id`", "|", "cat"])
    assert names(tmp_path) == []


def names(folder: Path) -> list[str]:
    return os.listdir(folder)


async def test_a_command_sees_nothing_of_ccflow_s_own_secrets() -> None:
    own = {name: CANARY for name in ("CCFLOW_KEY_PASSPHRASE", "CCFLOW_STORE_PASSPHRASE")}
    command = python(
        "import os; print(sorted(name for name in os.environ if 'CCFLOW' in name or name == 'X'))"
    )
    assert await read(source({**own, "CCFLOW_HOME": "/h", "X": "1"}), profile(command)) == (
        "['CCFLOW_HOME', 'X']",
        f"command:{sys.executable}",
    )


async def test_what_a_failing_command_complains_of_is_told_without_secrets() -> None:
    code = (
        "import os, sys; text = os.environ['ANSWER']; print(text); sys.exit('no entry\\x1b[31m for ' + text)"
    )
    found = source({"PYTHONIOENCODING": "utf-8", "ANSWER": CANARY})
    told = await problem_of(found, profile(python(code)))
    assert "exit code 1. It says: no entry[31m for ••••" in told


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("pass", "wrote no secret"),
        ("print(); print('second')", "wrote no secret"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", "wrote no secret"),
        ("print('x' * 1_000_000)", "more than 64 KiB"),
        ("import sys; sys.exit('locked')", "It says: locked"),
    ],
)
async def test_a_command_that_gives_no_secret_is_told(code: str, words: str) -> None:
    assert words in await problem_of(source(), profile(python(code)))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("command:no-such-program-of-ccflow", "was not found"),
        ("command:./helper", "relative path"),
        ("command:sub/helper", "relative path"),
        ("command:/", "was not found"),
        ("command:", "Nothing stands behind"),
        ("command:a 'b", "quote"),
        ("env:", "Nothing stands behind"),
        ("env:A-B", "not usable"),
        ("vault:x", "names no place"),
        ("CANARY", "names no place"),
    ],
)
async def test_a_reference_that_cannot_be_followed_is_told(command: str, words: str) -> None:
    assert words in await problem_of(source(), profile(command))


@POSIX
async def test_a_command_that_hangs_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    # The grandchild holds the pipe: it reads as ended only when nobody is left.
    code = (
        f"import os, subprocess, time; end = os.open({str(pipe)!r}, os.O_WRONLY);"
        "subprocess.Popen(['sleep', '60'], pass_fds=[end]); os.write(end, b'.'); time.sleep(60)"
    )
    begun = b""
    for seconds in LONGER_AND_LONGER:
        command = SecretCommand({"PATH": os.environ["PATH"]}, Redactor(), timeout=seconds)
        with pytest.raises(InputProblem, match=f"no secret within {seconds:g} s"):
            await command.first_line([sys.executable, "-c", code])
        with suppress(BlockingIOError):
            begun = os.read(reader, 1)
        if begun:
            break
    assert begun == b"."
    for _ in patiently():
        with suppress(BlockingIOError):
            assert os.read(reader, 1) == b""
            break
        await asyncio.sleep(0.01)
    else:
        raise AssertionError("what the command started is still there")
    os.close(reader)


async def test_a_command_of_a_caller_who_gave_up_is_ended() -> None:
    command = SecretCommand({"PATH": os.environ["PATH"]}, Redactor())
    task = asyncio.create_task(command.first_line([sys.executable, "-c", "import time; time.sleep(60)"]))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, PATIENCE)


# One server


@pytest.mark.parametrize("reference", ["env:ORDERS", python("print('secret')")])
async def test_L3_a_secret_that_was_used_for_one_server_is_not_sent_to_another_before_the_user_says_so(
    reference: str,
) -> None:
    found = source({"ORDERS": CANARY})
    await found.credential(profile(reference))
    other = profile(reference, "https://other.example/token")
    told = await problem_of(found, other)
    assert "https://as.example" in told and "https://other.example" in told and "Save the profile" in told
    found.references.allow(other)
    await found.credential(other)
    assert "https://other.example" in await problem_of(found, profile(reference))


async def test_what_is_typed_or_in_the_variable_comes_first_and_a_broken_reference_is_never_passed_over() -> (
    None
):
    found = source({"CCFLOW_CLIENT_SECRET": "v", "CCFLOW_TOKEN_ENDPOINT": "https://as.example/token"})
    assert (await found.credential(profile("env:MISSING"))).source == "environment"
    found.remember(profile("env:MISSING"), Secret("typed"))
    assert (await found.credential(profile("env:MISSING"))).source == "typed"
    assert await found.source(profile("env:MISSING")) == "typed"
    stored = source(store=DictStore())
    stored.remember(profile(""), Secret("stored"))
    await stored.save(profile(""))
    assert "MISSING" in await problem_of(stored, profile("env:MISSING"))


async def test_a_typed_secret_is_not_stored_where_it_would_never_be_found() -> None:
    found = source(store=DictStore())
    found.remember(profile("env:ORDERS"), Secret(CANARY))
    with pytest.raises(InputProblem, match="takes its secret from env:ORDERS"):
        await found.save(profile("env:ORDERS"))
    assert (await found.credential(profile("env:ORDERS"))).source == "typed"

"""The judge as a fixture: installed once, started once, its verdicts fresh for every test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.judge.client import Applicant, make_engine
from tests.judge.registrations import RESOURCES, Registrations
from tests.judge.server_process import Judge, JudgeMissing, find_tools, install

REQUIRED = "CCFLOW_REQUIRE_JUDGE"
"""Set to 1 where a missing judge is a failure, as in continuous integration."""


@pytest.fixture(scope="session")
def registrations() -> Registrations:
    return Registrations.generate()


@pytest.fixture(scope="session")
def running_judge(registrations: Registrations) -> Iterator[Judge]:
    try:
        node, npm = find_tools()
    except JudgeMissing as missing:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED}=1, but {missing}")
        pytest.skip(str(missing))
    install(npm)
    judge = Judge(node, registrations.metadata(), RESOURCES, registrations.tls())
    yield judge
    judge.stop()


@pytest.fixture
def judge(running_judge: Judge) -> Judge:
    running_judge.forget_verdicts()
    return running_judge


@pytest.fixture
async def applicant(
    judge: Judge, registrations: Registrations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Applicant]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    authority = tmp_path / "authority.pem"
    registrations.authority.cert_pem.write_to_path(authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    engine = make_engine()
    yield Applicant(engine, judge, registrations, tmp_path)
    await engine.close()

"""What the package publishes, what importing it costs, and that the README's examples run."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ccflow_tui
from ccflow_tui.oauth.url_validation import origin_of
from tests.oauth.key_material import pem
from tests.support.demo_server import profile_named, running_demo

README = Path(__file__).parents[2] / "README.md"
HEAVY = ("textual", "httpx", "keyring", "pydantic", "cryptography", "joserfc", "asyncio")


def loaded_after(code: str) -> set[str]:
    report = (
        f"{code}\nimport json, sys; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    out = subprocess.run([sys.executable, "-c", report], check=True, capture_output=True, text=True).stdout
    return set(json.loads(out))


def test_importing_the_package_loads_nothing() -> None:
    assert loaded_after("import ccflow_tui") == set()


def test_the_library_loads_no_screen() -> None:
    found = loaded_after("from ccflow_tui import *")
    assert not found & {"textual", "keyring", "pydantic", "cryptography", "joserfc"}


def test_a_name_loads_no_more_than_it_needs() -> None:
    assert not loaded_after("from ccflow_tui import Secret, InputProblem, TokenError")
    assert not loaded_after("from ccflow_tui import ClientSecret, Target") & {"httpx"}


@pytest.mark.parametrize("name", ccflow_tui.__all__)
def test_every_published_name_is_there_and_explained(name: str) -> None:
    assert getattr(ccflow_tui, name).__doc__
    assert name in dir(ccflow_tui)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ccflow_tui.nothing  # noqa: B018


def examples() -> list[str]:
    section = README.read_text(encoding="utf-8").partition("## As a library")[2].partition("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def test_the_readme_has_examples() -> None:
    assert len(examples()) >= 4
    assert all(name in "".join(examples()) for name in ("authorization_details", "extra_parameters"))
    assert "`PublicClient()`" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", examples(), ids=range(len(examples())))
def test_the_readmes_examples_run(
    example: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with running_demo() as info:
        basic, signed = profile_named(info, "demo-basic"), profile_named(info, "demo-jwt-es256")
        monkeypatch.setenv("CLIENT_SECRET", info.secrets["demo-basic"].reveal())
        key = info.keys[signed.key_reference.removeprefix("keyring:")].reveal()
        Path("key.pem").write_text(key, encoding="utf-8")
        replaced = {
            "https://as.example/token": basic.token_endpoint,
            "https://as.example": basic.issuer,
            "https://api.example/v1/orders": basic.api_base,
            "https://api.example": origin_of(basic.api_base),
            '"orders-signed"': f'"{signed.client_id}"',
            '"orders"': f'"{basic.client_id}"',
            '"orders:read"': f'"{basic.scope}"',
        }
        for text, actual in replaced.items():
            example = example.replace(text, actual)
        names: dict[str, object] = {}
        exec(compile(example, "README.md", "exec"), names)  # noqa: S102 - our own README
        main = names["main"]
        asyncio.run(main())  # type: ignore[operator]
    assert capsys.readouterr().out.strip()
    assert pem("P-256") != key

"""Whatever a settings file holds: settings, or one line with file, place and way out; never a traceback."""

from __future__ import annotations

import json
import tempfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from ccflow_tui.config.claims import claims, waiting
from ccflow_tui.config.explain import field_stories, shadow_hints
from ccflow_tui.config.folder_rules import PROFILE_RULES
from ccflow_tui.config.key_help import KEY_HELP
from ccflow_tui.config.layers import Layers, Source, choose_profile, profile_names
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.settings import Settings, camel, load_settings
from ccflow_tui.config.state import SavedState
from ccflow_tui.config.trust import FolderFile
from ccflow_tui.keymap import remapped
from ccflow_tui.models.problems import InputProblem, SettingsProblem
from ccflow_tui.models.variables import CERT_VARIABLE, VARIABLES
from tests.hostile.fuzzing import VALUE, fuzzed, inert
from tests.test_profile_fields import FULL

WORDS = ["client_secret_basic", "pingone", "okta_org", "RS256", "ES256", "https://as.example", "env:KEY", "p"]
SENSIBLE = (
    st.sampled_from(WORDS)
    | st.booleans()
    | st.integers(0, 200)
    | st.none()
    | st.lists(st.sampled_from(WORDS), max_size=2)
    | st.dictionaries(st.sampled_from(WORDS), st.sampled_from(WORDS), max_size=2)
)
RARELY = st.integers(0, 12).map(lambda number: number == 0)


@st.composite
def misspelt(draw: st.DrawFn, key: str) -> str:
    """A key as it is, or as it may be mistyped."""
    if not draw(RARELY):
        return key
    at = draw(st.integers(0, len(key) - 1))
    how = draw(st.sampled_from(["case", "drop", "double", "snake"]))
    if how == "snake":
        return "".join(f"_{char.lower()}" if char.isupper() else char for char in key)
    change = {"case": key[at].swapcase(), "drop": "", "double": key[at] * 2}[how]
    return key[:at] + change + key[at + 1 :]


@st.composite
def shaped(draw: st.DrawFn, name: str, **inner: st.SearchStrategy[Any]) -> Any:
    """An object with some keys of one shape; now and then something else altogether."""
    if draw(RARELY):
        return draw(VALUE)
    keys = {**KEY_HELP["ClientSettings"], **KEY_HELP[name]} if name.startswith("Client") else KEY_HELP[name]
    chosen = draw(st.lists(st.sampled_from(sorted(keys)), max_size=4, unique=True))
    return {draw(misspelt(key)): draw(VALUE if draw(RARELY) else inner.get(key, SENSIBLE)) for key in chosen}


PARTS = {
    "assertion": shaped("AssertionSettings"),
    "mtls": shaped("MtlsSettings"),
    "dpop": shaped("DpopSettings"),
}
FILES = shaped(
    "Settings",
    oauth=shaped("OAuthSettings", clientCredentials=shaped("ClientCredentialsSettings", **PARTS)),
    profiles=st.dictionaries(
        st.sampled_from(WORDS) | st.text(max_size=70), shaped("ClientSettings", **PARTS)
    ),
    ui=shaped(
        "UiSettings",
        keys=st.dictionaries(
            st.sampled_from(["token.copy", "log", "help"]), st.sampled_from(["y", "f9", "v", "ctrl+"])
        ),
    ),
)
OF_THE_WHOLE_FILE = ("not an object", "is not a JSON number", "number is too l", "nested deeper")
"""What has no key to be named."""


def settle(text: str) -> SettingsProblem | None:
    """Read a file and use what it gives; anything but a result or a clear problem fails the test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.json"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        before = path.read_bytes()
        try:
            use(load_settings(path), path)
        except SettingsProblem as problem:
            said = str(problem)
            assert said.startswith(str(path)) and inert(said) and len(said) < 1500
            assert problem.problem.endswith(".") and problem.remedy.endswith((".", "?", ".)"))
            assert problem.__cause__ is None
            return problem
        finally:
            assert path.read_bytes() == before and [each.name for each in Path(folder).iterdir()] == [
                path.name
            ]
    return None


def use(settings: Settings, path: Path) -> None:
    layers = Layers(settings=settings)
    for each in (layers, layers.trusting()):
        resolve_all(each)
    remapped(settings.ui.keys or {}, path)


def resolve_all(layers: Layers) -> None:
    for name in profile_names(layers):
        try:
            resolved = resolve_profile(name, layers)
        except InputProblem as problem:
            assert problem.finding.remedy
            continue
        shown = [text for story in field_stories(resolved) for text in (story.value, story.source)]
        assert all(inert(text) for text in [*shown, *shadow_hints(resolved).values()])
        files = [FolderFile(Path("/folder") / source, source, "") for source in FOLDER_SOURCES]
        told, stops = waiting(name, layers, files)
        assert inert(told) and bool(told) >= stops
        assert all(inert(line) for line in claims(layers))


FOLDER_SOURCES = (Source.ENV_FILE, Source.SETTINGS)
STRICT = replace(FULL, dpop=True, dpop_allow_bearer=False, production=True, provider_inputs=())
"""What the user saved, with everything switched on that protects a token."""
ENV_FILES = st.dictionaries(
    st.sampled_from([*VARIABLES, CERT_VARIABLE, "CCFLOW_PROFILE", "CCFLOW_ENABLED", "CCFLOW_SECRET_STORE"]),
    st.sampled_from([*WORDS, "on", "off", "memory", "file"]) | st.text(max_size=20),
    max_size=6,
)


@fuzzed(FILES, ENV_FILES)
def test_L3_no_untrusted_file_moves_what_protects_a_secret(data: Any, variables: dict[str, str]) -> None:
    """Whatever lies in the folder, the user's own server, credential and protections stay as they are."""
    saved = SavedState(profiles={"prod": STRICT}, last_profile="prod")
    own = resolve_profile("prod", Layers(saved=saved)).profile
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        try:
            settings = load_settings(path)
        except SettingsProblem:
            settings = Settings()
    layers = Layers(saved=saved, settings=settings, env_file=variables)
    try:
        found = resolve_profile("prod", layers).profile
        claims(layers)
    except InputProblem as problem:
        assert problem.finding.remedy
        return
    moved = [
        name
        for name, rule in PROFILE_RULES.items()
        if rule.allowed is not None and getattr(found, name) != getattr(own, name)
    ]
    assert moved == []
    assert choose_profile(None, layers) == "prod"


@fuzzed(FILES)
def test_any_settings_file_is_used_or_explained_with_its_place(data: Any) -> None:
    problem = settle(json.dumps(data))
    if problem is not None and not any(part in problem.problem for part in OF_THE_WHOLE_FILE):
        assert problem.where


@fuzzed(FILES, st.integers(0, 300), st.sampled_from(["", ",", "}", '"', "\x00", "//", "\n", "é"]))
def test_a_file_broken_by_hand_is_told_with_line_and_column(data: Any, at: int, put_in: str) -> None:
    text = json.dumps(data, indent=1)
    text = text[:at] + put_in + text[at + 1 :]
    problem = settle(text)
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        assert problem is not None
        if "not valid JSON" in problem.problem:
            assert problem.where == f"line {error.lineno}, column {error.colno}"
        else:
            assert any(part in problem.problem for part in (*OF_THE_WHOLE_FILE, "UTF-8", "empty", "twice"))


@pytest.mark.parametrize("name", ["Settings", "OAuthSettings", "ClientCredentialsSettings", "UiSettings"])
def test_a_mistyped_key_gets_the_nearest_one(name: str, tmp_path: Path) -> None:
    from ccflow_tui.config import settings as shapes

    wraps = {
        "Settings": lambda part: part,
        "OAuthSettings": lambda part: {"oauth": part},
        "ClientCredentialsSettings": lambda part: {"oauth": {"clientCredentials": part}},
        "UiSettings": lambda part: {"ui": part},
    }
    for item in fields(getattr(shapes, name)):
        key = camel(item.name)
        if len(key) < 4:
            continue  # with a letter missing, what is left has nothing to tell it by
        path = tmp_path / "settings.json"
        path.write_text(json.dumps(wraps[name]({key[:-1]: None})))
        with pytest.raises(SettingsProblem) as caught:
            load_settings(path)
        assert f'Did you mean "{key}"?' in caught.value.remedy or "more to correct" in caught.value.remedy

"""``ccflow config``: where every value comes from, and the schema of the settings file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ccflow_tui.config.explain import FieldStory, field_stories
from ccflow_tui.config.json_file import printable
from ccflow_tui.config.layers import Source
from ccflow_tui.config.lone_env import stands_alone
from ccflow_tui.config.resolve import choose_profile, resolve_profile
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.variables import PASSPHRASE_VARIABLE, SECRET_VARIABLE
from ccflow_tui.options import Options
from ccflow_tui.output import answer, tell
from ccflow_tui.runner import run
from ccflow_tui.wiring import Configuration, configure, flag, make_machine

_NAME_WIDTH, _VALUE_WIDTH = 25, 34
_NO_CREDENTIAL = "none found"


def print_schema() -> int:
    """Print the JSON Schema of the settings file; return the exit code."""
    from ccflow_tui.config.schema import settings_schema
    from ccflow_tui.inner_actions import ALL_ACTIONS

    actions = {action.id: f"{action.title}. {action.help}".rstrip() for action in ALL_ACTIONS}
    return answer(json.dumps(settings_schema(actions), indent=2, ensure_ascii=False))


def print_explanation(options: Options, *, as_json: bool) -> int:
    """Print a profile's values with their sources, the files that were read, and the person's own keys.

    Nothing secret is printed, and nothing is sent. Return the exit code; raises ``CcflowError`` for a file
    or value that cannot be used.
    """
    configuration = configure(options)
    for warning in configuration.warnings:
        tell(f"ccflow: {warning}")
    name = choose_profile(options.profile, configuration.book.layers)
    if waiting := configuration.book.waiting(name)[0]:
        tell(f"ccflow: {waiting}")
    resolved = resolve_profile(name, configuration.book.layers)
    report = {
        "profile": name,
        "flow": flag(configuration, resolved.profile).reason,
        "files": _files(configuration),
        "fields": [asdict(story) for story in field_stories(resolved)],
        "credential": run(_credential(configuration, options, resolved.profile)),
        "variables": _secret_variables(configuration),
        "keys": _own_keys(configuration),
    }
    if as_json:
        return answer(json.dumps(report, indent=2, ensure_ascii=False))
    return answer("\n".join(_lines(report, field_stories(resolved))))


def trust_settings(options: Options) -> int:
    """Trust the files of the working folder with their present content; return the exit code.

    Raises ``CcflowError`` when there is none, or when the trust cannot be remembered.
    """
    from ccflow_tui.config.claims import claims

    configuration = configure(options)
    book, file = configuration.book, configuration.choice.file
    if not book.folder:
        own = file or (configuration.env_path if os.path.lexists(configuration.env_path) else None)
        if own is None:
            problem = "There is no settings file and no .env to trust."
            raise InputProblem("settings", problem, "Run this in the file's folder.")
        return answer(f"{own} needs no trust: it is your own, or you named it.")
    lines = claims(book.layers.distrusting({each.source for each in book.folder}))
    book.trust_folder()
    files = (f"Trusted until it changes: {each.file}" for each in book.folder)
    return answer("\n".join((*files, *lines)))


def _files(configuration: Configuration) -> list[dict[str, str]]:
    """Return every file that can say something, whether it was read, and why or why not."""
    choice, state = configuration.choice, configuration.paths.state_file
    why = f"in the working folder; comes before every file{_trust(configuration, Source.ENV_FILE)}"
    rows = [_file(".env", configuration.env_path, why)]
    if choice.file is None:
        rows.append({"role": "settings", "path": "", "state": "none", "why": choice.why})
    else:
        rows.append(_file("settings", choice.file, choice.why + _trust(configuration, Source.SETTINGS)))
    if len(configuration.book.layers.settings_files) > 1:
        why = "your own, as long as the one of the working folder is not trusted"
        rows += [_file("settings", path, why) for path in choice.passed_over]
    else:
        rows += [_row("settings", path, "not used", "another one was chosen") for path in choice.passed_over]
    broken = configuration.book.broken_state
    why = "it cannot be understood, and was left alone" if broken else "what you saved in the wizard"
    rows.append(_row("state", state, "not used", why) if broken else _file("state", state, why))
    return rows


def _trust(configuration: Configuration, source: Source) -> str:
    """Say of a file of the working folder whether it is trusted; nothing of one that needs no trust."""
    if source not in {each.source for each in configuration.book.folder}:
        return ""
    layers = configuration.book.layers
    if source is Source.ENV_FILE and stands_alone(layers):
        return "; it stands alone"
    trusted = layers.env_file_trusted if source is Source.ENV_FILE else layers.settings_trusted
    return "; trusted until it changes" if trusted else "; not trusted"


def _file(role: str, path: Path, why: str) -> dict[str, str]:
    return _row(role, path, "read" if os.path.lexists(path) else "not there", why)


def _row(role: str, path: Path, state: str, why: str) -> dict[str, str]:
    return {"role": role, "path": printable(str(path), limit=1000), "state": state, "why": why}


async def _credential(configuration: Configuration, options: Options, profile: Profile) -> dict[str, str]:
    """Return where the profile's secret or key comes from, and where secrets are kept; never one itself."""
    machine = make_machine(configuration, options)
    try:
        source = await machine.engine.credential_source(machine.engine.derive(profile))
        status = await machine.engine.store_status()
    finally:
        await machine.close()
    return {
        "method": profile.auth_method.value,
        "source": source or _NO_CREDENTIAL,
        "store": status.kind.value,
        "detail": status.detail,
    }


def _secret_variables(configuration: Configuration) -> dict[str, list[str]]:
    """Return the variables that hold a secret, each with the places that set it."""
    places = {"environment": configuration.environment, ".env": configuration.env_file}
    return {
        name: [place for place, variables in places.items() if variables.get(name, "").strip()]
        for name in (SECRET_VARIABLE, PASSPHRASE_VARIABLE)
    }


def _own_keys(configuration: Configuration) -> list[dict[str, str]]:
    """Return the actions that listen to other keys than the usual ones, as a person says both."""
    from ccflow_tui.actions import keys_text
    from ccflow_tui.inner_actions import ALL_ACTIONS
    from ccflow_tui.wizard import actions_in_force

    usual = {action.id: keys_text(action) for action in ALL_ACTIONS}
    return [
        {"action": action.id, "keys": keys, "usual": usual[action.id]}
        for action in actions_in_force(configuration)
        if (keys := keys_text(action)) != usual[action.id]
    ]


def _lines(report: dict[str, Any], stories: tuple[FieldStory, ...]) -> list[str]:
    lines = [f"profile {report['profile']}", report["flow"], "", "files"]
    for row in report["files"]:
        lines.append(f"  {row['role']:<9} {row['state']:<9} {row['path']}".rstrip())
        lines.append(f"{'':22}{row['why']}")
    lines += ["", f"{'field':<{_NAME_WIDTH}} {'value':<{_VALUE_WIDTH}} source"]
    for story in stories:
        lines.append(f"{story.name:<{_NAME_WIDTH}} {story.value or '-':<{_VALUE_WIDTH}} {story.source}")
        lines += [
            f"{'':{_NAME_WIDTH}} stands before {source}: {value or '-'}" for source, value in story.shadows
        ]
    credential = report["credential"]
    lines += ["", "secrets (never shown)"]
    lines.append(f"  {credential['method']}: {credential['source']}")
    lines.append(f"  kept in: {credential['store']} {credential['detail']}".rstrip())
    for name, places in report["variables"].items():
        lines.append(f"  {name}: {', '.join(places) if places else 'not set'}")
    if report["keys"]:
        lines += ["", "keys of your own (ui.keys)"]
    for own in report["keys"]:
        usual = f"instead of {own['usual']}" if own["usual"] else "usually on no key"
        lines.append(f"  {own['action']:<{_NAME_WIDTH - 2}} {own['keys']:<{_VALUE_WIDTH}} {usual}")
    return lines

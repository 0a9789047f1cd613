"""``ccflow token``: the same engine without a screen; the token alone goes to stdout."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ccflow_tui.config.field_names import set_by, with_names
from ccflow_tui.crash import crash_text
from ccflow_tui.exit_codes import (
    CANCELLED,
    CRASHED,
    NOT_WRITTEN,
    UNREACHABLE,
    UNUSABLE,
    discovery_code,
    outcome_code,
)
from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.discovery import with_metadata
from ccflow_tui.models.outcome import Granted, Malformed, Outcome, Refused
from ccflow_tui.models.problems import CcflowError, FieldProblem, FlowDisabled, InputProblem, Severity
from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile
from ccflow_tui.models.progress import Progress, RetryScheduled
from ccflow_tui.models.provider_forms import PROVIDER_FORMS
from ccflow_tui.options import Options
from ccflow_tui.output import put_out, tell
from ccflow_tui.runner import run
from ccflow_tui.services.wire import host_of
from ccflow_tui.terminal import SIGNAL_EXIT, on_signals
from ccflow_tui.wiring import Configuration, DemoOpening, Machine, configure, make_machine, why_off


def print_token(options: Options, *, as_json: bool, verbose: bool) -> int:
    """Get a token and print it; return the exit code.

    Raises ``CcflowError`` for options, settings or credentials that cannot be used.
    """
    try:
        return run(_print_token(options, as_json=as_json, verbose=verbose))
    except InputProblem as problem:
        finding = problem.finding
    raise CcflowError(f"{finding.field}: {str(finding) if options.demo else with_names(finding)}")


async def _print_token(options: Options, *, as_json: bool, verbose: bool) -> int:
    leaving = _Leaving(asyncio.current_task())
    on_signals(leaving)
    try:
        configuration = configure(options)
        for warning in configuration.warnings:
            _tell(warning)
        machine = make_machine(configuration, options)
        if verbose:
            machine.logger.subscribe(lambda entry: tell(entry.line()))
        try:
            return await _with_machine(options, configuration, machine, as_json=as_json)
        finally:
            await machine.close()
            if machine.sink is not None and machine.sink.problem:
                _tell(machine.sink.problem)
    except asyncio.CancelledError:
        _tell("cancelled")
        return leaving.code


async def _with_machine(
    options: Options, configuration: Configuration, machine: Machine, *, as_json: bool
) -> int:
    machine.watch_background()
    opening = DemoOpening(options, configuration.book, lambda: machine) if options.demo else None
    try:
        if opening is not None:
            try:
                await opening()
            except CcflowError as problem:
                _tell(str(problem))
                return UNREACHABLE
        return await _get(options, configuration, machine, as_json=as_json)
    except CcflowError:
        raise
    except Exception as bug:
        # Here and not at the top: asyncio's debug mode prints the exception that a task ends with.
        tell(crash_text(bug))
        return CRASHED
    finally:
        if opening is not None:
            await opening.server.stop()


async def _get(options: Options, configuration: Configuration, machine: Machine, *, as_json: bool) -> int:
    profile, sources = configuration.book.open(options.profile)
    _tell_what_waits(configuration, profile)
    if reason := why_off(configuration, profile):
        raise FlowDisabled(reason)
    found = await _with_endpoint(machine, machine.engine.derive(profile))
    if isinstance(found, int):
        return found
    # Whether the credential is there is told by the engine, which knows why it is not.
    findings = machine.engine.check(found, secret_present=True)
    _tell_findings(findings, named=not options.demo)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return UNUSABLE
    _tell(whereabouts(found, sources))
    outcome = await machine.engine.fetch_token(found, None, _tell_progress)
    if not isinstance(outcome, Granted):
        await _explain(machine, outcome, found, named=not options.demo)
        return outcome_code(outcome)
    for note in outcome.notes:
        _tell(f"note: {note}")
    if outcome.token.token_type == "DPoP":  # noqa: S105 - the type's name
        _tell("note: the token is bound to this profile's DPoP key, without which nobody can use it")
    text = json.dumps(token_json(outcome.token, found)) if as_json else outcome.token.value.reveal()
    if problem := put_out(text):
        _tell(f"The token could not be written: {problem}.")
        return NOT_WRITTEN
    return outcome_code(outcome)


def _tell_what_waits(configuration: Configuration, profile: Profile) -> None:
    """Say what of the folder's files waits for trust; raises ``InputProblem`` where it is about the token."""
    waiting, stops = configuration.book.waiting(profile.name)
    if stops:
        raise InputProblem("settings", waiting)
    if waiting:
        _tell(waiting)


def _tell_findings(findings: Sequence[FieldProblem], *, named: bool) -> None:
    """Tell each finding once, with all the fields it is about.

    ``named`` adds to what must be mended how it is set, since there is no form here.
    """
    same: dict[tuple[Severity, str], list[FieldProblem]] = {}
    for finding in findings:
        same.setdefault((finding.severity, str(finding)), []).append(finding)
    for (severity, text), all_of_it in same.items():
        told = with_names(all_of_it[0]) if named and severity is Severity.ERROR else text
        _tell(f"{severity}: {', '.join(finding.field for finding in all_of_it)}: {told}")


async def _with_endpoint(machine: Machine, profile: Profile) -> Profile | int:
    """Discover the token endpoint where only an issuer is known; return the exit code when that fails."""
    if profile.endpoint_mode is not EndpointMode.ISSUER or not profile.issuer or profile.token_endpoint:
        return profile
    result = await machine.engine.discover(profile)
    if result.metadata is None:
        for attempt in result.attempts:
            _tell(f"discovery: {attempt.url}: {attempt.result}")
        if result.problem is not None:
            _tell(f"{result.problem.field}: {with_names(result.problem)}")
        return discovery_code(result)
    for warning in result.metadata.warnings:
        _tell(f"note: {warning}")
    return with_metadata(profile, result.metadata)


def whereabouts(profile: Profile, sources: Mapping[str, str]) -> str:
    """Say in one line which server is asked, how it was found and who named it."""
    how = {
        EndpointSource.DISCOVERED: f"discovered from {profile.issuer}",
        EndpointSource.DERIVED: f"derived for {PROVIDER_FORMS[profile.provider].label}",
    }.get(profile.endpoint_source, "taken as given")
    who = sources.get("endpoint_mode") or "the demo server"
    return f"asking {host_of(profile.token_endpoint)} for a token (endpoint {how}; named by {who})"


def token_json(token: AccessToken, profile: Profile) -> dict[str, Any]:
    """Return the token and what is known of it, for ``--json``; times are epoch seconds and ISO 8601."""
    expires_at = token.expires_at
    return {
        "access_token": token.value.reveal(),
        "token_type": token.token_type,
        "expires_in": token.expires_in,
        "expires_at": expires_at,
        "expires_at_iso": datetime.fromtimestamp(expires_at, UTC).isoformat()
        if expires_at is not None
        else None,
        "scope": token.scope,
        "fingerprint": token.fingerprint,
        "profile": profile.name,
    }


async def _explain(machine: Machine, outcome: Outcome, profile: Profile, *, named: bool) -> None:
    advice = machine.engine.advise(outcome, profile)
    if advice is None:
        _tell("cancelled")
        return
    _tell(f"{advice.title}: {advice.reason}")
    if advice.server_said:
        _tell(f"the server said: {advice.server_said}")
    for line in advice.what_to_do:
        _tell(f"- {line}")
    if named and (names := set_by(advice.field)):
        _tell(f"look first at {advice.field}, set with {names}")
    if isinstance(outcome, Refused | Malformed):
        await _tell_odd_secret(machine, profile)


async def _tell_odd_secret(machine: Machine, profile: Profile) -> None:
    """Say what looks wrong about the secret that did not help: unlike in the wizard, nobody saw it typed."""
    if not profile.auth_method.uses_secret:
        return
    credential = await machine.engine.parts.credentials.credential(profile)
    if credential.secret is not None:
        for finding in machine.engine.check_secret(credential.secret):
            _tell(f"{finding.severity}: {finding.field}: {finding}")


def _tell_progress(progress: Progress) -> None:
    if isinstance(progress, RetryScheduled):
        _tell(
            f"attempt {progress.number} of {progress.limit} failed ({progress.reason}); "
            f"next in {progress.wait:.1f} s"
        )


def _tell(text: str) -> None:
    tell(f"ccflow: {text}")


class _Leaving:
    """Cancels the command at the first signal; later ones must not disturb the tidying up."""

    def __init__(self, task: asyncio.Task[Any] | None) -> None:
        self._task = task
        self.code = CANCELLED

    def __call__(self, number: int) -> None:
        task, self._task = self._task, None
        if task is not None:
            self.code = SIGNAL_EXIT + number
            task.cancel()

"""``ccflow token``: the same engine without a screen; the token alone goes to stdout."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from ccflow_tui.exit_codes import CANCELLED, UNUSABLE, outcome_code
from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.log_entry import LogEntry
from ccflow_tui.models.outcome import Granted, Outcome
from ccflow_tui.models.problems import FieldProblem, FlowDisabled, Severity
from ccflow_tui.models.profile import EndpointMode, EndpointSource, Profile
from ccflow_tui.models.progress import Progress, RetryScheduled
from ccflow_tui.options import Options
from ccflow_tui.wiring import DemoOpening, Machine, configure, flag, make_machine


def print_token(options: Options, *, as_json: bool, verbose: bool) -> int:
    """Get a token and print it; return the exit code.

    Raises ``CcflowError`` for options, settings or credentials that cannot be used.
    """
    return asyncio.run(_print_token(options, as_json=as_json, verbose=verbose))


async def _print_token(options: Options, *, as_json: bool, verbose: bool) -> int:
    configuration = configure(options)
    for warning in configuration.warnings:
        _tell(warning)
    machine = make_machine(configuration, options)
    if verbose:
        machine.logger.subscribe(_tell_entry)
    opening = DemoOpening(options, configuration.book, machine) if options.demo else None
    task = asyncio.current_task()
    if task is not None:
        _cancel_on_sigterm(task)
    try:
        if opening is not None:
            await opening()
        profile, _ = configuration.book.open(options.profile)
        decision = flag(configuration, profile)
        if not decision.enabled:
            raise FlowDisabled(decision.reason)
        return await _get(machine, profile, as_json=as_json)
    except asyncio.CancelledError:
        _tell("cancelled")
        return CANCELLED
    finally:
        await machine.close()
        if opening is not None:
            await opening.server.stop()


async def _get(machine: Machine, profile: Profile, *, as_json: bool) -> int:
    found = await _with_endpoint(machine, machine.engine.derive(profile))
    if isinstance(found, FieldProblem):
        _tell(f"{found.field}: {found}")
        return UNUSABLE
    present = bool(await machine.engine.credential_source(found))
    findings = machine.engine.check(found, secret_present=present or not found.auth_method.uses_secret)
    for finding in findings:
        _tell(f"{finding.severity}: {finding.field}: {finding}")
    if any(finding.severity is Severity.ERROR for finding in findings):
        return UNUSABLE
    outcome = await machine.engine.fetch_token(found, None, _tell_progress)
    if isinstance(outcome, Granted):
        for note in outcome.notes:
            _tell(f"note: {note}")
        text = json.dumps(token_json(outcome.token, found)) if as_json else outcome.token.value.reveal()
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    else:
        _explain(machine, outcome, found)
    return outcome_code(outcome)


async def _with_endpoint(machine: Machine, profile: Profile) -> Profile | FieldProblem:
    """Discover the token endpoint where only an issuer is known."""
    from dataclasses import replace

    if profile.endpoint_mode is not EndpointMode.ISSUER or not profile.issuer or profile.token_endpoint:
        return profile
    result = await machine.engine.discover(profile)
    if result.metadata is None:
        return result.problem or FieldProblem(
            "issuer", "Discovery found nothing.", "Give the token endpoint."
        )
    for warning in result.metadata.warnings:
        _tell(f"note: {warning}")
    return replace(
        profile, token_endpoint=result.metadata.token_endpoint, endpoint_source=EndpointSource.DISCOVERED
    )


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


def _explain(machine: Machine, outcome: Outcome, profile: Profile) -> None:
    advice = machine.engine.advise(outcome, profile)
    if advice is None:
        _tell("cancelled")
        return
    _tell(f"{advice.title}: {advice.reason}")
    if advice.server_said:
        _tell(f"the server said: {advice.server_said}")
    for line in advice.what_to_do:
        _tell(f"- {line}")


def _tell_progress(progress: Progress) -> None:
    if isinstance(progress, RetryScheduled):
        _tell(
            f"attempt {progress.number} of {progress.limit} failed ({progress.reason}); "
            f"next in {progress.wait:.1f} s"
        )


def _tell_entry(entry: LogEntry) -> None:
    sys.stderr.write(f"{entry.line()}\n")


def _tell(text: str) -> None:
    sys.stderr.write(f"ccflow: {text}\n")


def _cancel_on_sigterm(task: asyncio.Task[Any]) -> None:
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        try:
            if number is not None:
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        except (NotImplementedError, RuntimeError, ValueError):
            return  # Windows: the console ends the process itself

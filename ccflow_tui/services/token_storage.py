"""The access token between two runs: put, get, clear; in the secret store and nowhere else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.strict_json import StrictJsonError, parse_object_text
from ccflow_tui.services.credential_names import access_token_name
from ccflow_tui.services.ports import Clock, SecretStore

_VERSION = 2
"""1 did not know which credential a token was granted to."""
_CLOCK_TOLERANCE = 10.0
"""Seconds a token may seem to come from the future, as after a small correction of the clock."""


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token of an earlier run; it belongs to the request and credential that ``key`` stands for."""

    key: str
    """The ``cache_key`` it was granted under; to be compared before the token is used."""
    token: AccessToken


class TokenStorage:
    """Keeps one access token per profile, client and server.

    Every method raises ``SecretStoreProblem`` when the store cannot serve.
    """

    def __init__(self, store: SecretStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def put(self, profile: Profile, stored: StoredToken) -> None:
        """Store the token; raises ``InputProblem`` when the profile names no server."""
        await self._store.put(access_token_name(profile), _to_json(stored))

    async def get(self, profile: Profile) -> StoredToken | None:
        """Return the stored token while it lives; one that expired or cannot be read is removed."""
        name = _name_or_none(profile)
        stored = await self._store.get(name) if name else None
        if name is None or stored is None:
            return None
        record = _parse(stored)
        token = self._restore(record) if record is not None else None
        if record is None or token is None:
            await self._store.delete(name)
            return None
        return StoredToken(record["key"], token)

    async def clear(self, profile: Profile) -> bool:
        """Remove the token; return whether there was one."""
        name = _name_or_none(profile)
        return await self._store.delete(name) if name else False

    def _restore(self, record: dict[str, Any]) -> AccessToken | None:
        """Return the token with its age on this run's monotonic clock, or ``None`` once it is of no use.

        A monotonic clock starts anew with each boot, so only the wall clock can tell the age. When that was
        set back to before the request, the age is unknown and the token is not trusted.
        """
        age = self._clock.wall() - record["requested_at"]
        if age < -_CLOCK_TOLERANCE:
            return None
        monotonic = self._clock.monotonic()
        token = AccessToken(
            value=Secret(record["access_token"]),
            token_type=record["token_type"],
            requested_at=record["requested_at"],
            requested_at_monotonic=monotonic - max(age, 0.0),
            expires_in=record["expires_in"],
            scope=record["scope"],
            requested_scope=record["requested_scope"],
            stated_expires_in=record["stated_expires_in"],
        )
        left = token.seconds_left(self._clock.wall(), monotonic)
        return token if left is None or left > 0 else None


def _name_or_none(profile: Profile) -> str | None:
    """Return the entry's name; for a profile without a server there is none, and nothing stored."""
    try:
        return access_token_name(profile)
    except InputProblem:
        return None


def _to_json(stored: StoredToken) -> Secret:
    token = stored.token
    return Secret(
        json.dumps(
            {
                "version": _VERSION,
                "key": stored.key,
                "access_token": token.value.reveal(),
                "token_type": token.token_type,
                "requested_at": token.requested_at,
                "expires_in": token.expires_in,
                "stated_expires_in": token.stated_expires_in,
                "scope": token.scope,
                "requested_scope": token.requested_scope,
            }
        )
    )


def _parse(stored: Secret) -> dict[str, Any] | None:
    """Return the stored record, or ``None`` when it is not one of ours."""
    try:
        # Most tokens have no earlier expiry of their own, and their records need not say so.
        record = {"stated_expires_in": None} | parse_object_text(stored.reveal(), finite=True)
    except StrictJsonError:
        return None
    shape: dict[str, type | tuple[type, ...]] = {
        "version": int,
        "key": str,
        "access_token": str,
        "token_type": str,
        "requested_at": (int, float),
        "expires_in": (int, type(None)),
        "stated_expires_in": (int, type(None)),
        "scope": (str, type(None)),
        "requested_scope": str,
    }
    fits = all(name in record and isinstance(record[name], kinds) for name, kinds in shape.items())
    return record if fits and record["version"] == _VERSION else None

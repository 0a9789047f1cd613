"""The optional members of a metadata document (RFC 8414, section 2), each read with suspicion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ccflow_tui.models.discovery import EndpointAuth
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.url_validation import check_endpoint_url

_LIST_LIMIT = 200
"""Entries of a list member that are read; real documents have far fewer."""
_ALIASES = "mtls_endpoint_aliases"


@dataclass(frozen=True, slots=True)
class MetadataReader:
    """Reads members; one that is absent or of the wrong shape is left out, the latter with a warning."""

    members: Mapping[str, Any]
    issuer: str
    warnings: list[str] = field(default_factory=list)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return a list of texts."""
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._warn(f"{name} in the metadata is not a list of texts and was ignored.")
            return None
        return tuple(scrub(item, limit=200) for item in value[:_LIST_LIMIT])

    def algs(self, name: str) -> tuple[str, ...] | None:
        """Return a list of signature algorithms without ``none``, which must not be in it."""
        listed = self.texts(name)
        if listed is None:
            return None
        kept = tuple(alg for alg in listed if alg.lower() != "none")
        if kept != listed:
            self._warn(f"{name} lists none, which no signature is; it was ignored.")
        return kept

    def auth(self, endpoint: str) -> EndpointAuth:
        """Return how clients may authenticate at an endpoint, by its name in the metadata."""
        algs = self.algs(f"{endpoint}_auth_signing_alg_values_supported") or ()
        return EndpointAuth(self.texts(f"{endpoint}_auth_methods_supported"), algs)

    def flag(self, name: str) -> bool:
        """Return a truth value; absent means false."""
        value = self.members.get(name)
        if value is not None and not isinstance(value, bool):
            self._warn(f"{name} in the metadata is neither true nor false and was ignored.")
        return value is True

    def url(self, name: str) -> str:
        """Return an endpoint's address, or an empty text."""
        return self._checked(name, self.members.get(name))

    def alias(self, name: str) -> str:
        """Return an endpoint's address for use with a client certificate (RFC 8705, section 5)."""
        aliases = self.members.get(_ALIASES)
        if aliases is not None and not isinstance(aliases, dict):
            self._warn(f"{_ALIASES} in the metadata is not an object and was ignored.")
        if not isinstance(aliases, dict):
            return ""
        found = self._checked(f"{_ALIASES}.{name}", aliases.get(name))
        if found.startswith("http:"):
            self._warn(f"{_ALIASES}.{name} has no TLS, so it cannot see a certificate; it was ignored.")
            return ""
        return found

    def _checked(self, name: str, value: object) -> str:
        if value is None:
            return ""
        try:
            checked = check_endpoint_url(value if isinstance(value, str) else "", field=name)
        except InputProblem as problem:
            self._warn(f"{name} in the metadata was ignored. {problem.finding.problem}")
            return ""
        if checked.loopback_http and not self.issuer.startswith("http:"):
            self._warn(f"{name} in the metadata was ignored: it points to this machine, without TLS.")
            return ""
        return checked.url

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

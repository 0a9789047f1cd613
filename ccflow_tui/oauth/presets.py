"""Provider presets: what follows from a provider's inputs, and its quirks as data.

``models/provider_forms.py`` has what a person chooses and enters, and ``presets_services.py`` and
``presets_platforms.py`` have the rows; here is what a row is made of. Texts and patterns only, so that a new
provider is a row and no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ccflow_tui.models.profile import AssertionAudience, AuthMethod
from ccflow_tui.oauth.explanation import Remedy

SCOPE = frozenset({"invalid_scope"})
DENIED = frozenset({"access_denied", "unauthorized_client", "invalid_request"})
EMPTY, FILLED, SEVERAL = r"^\s*$", r"\S", r"\S\s+\S"
UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A value that this provider will not do with: a warning at its field."""

    field: str
    """A ``Profile`` attribute; several values are looked at as one text, and a flag as True or False."""
    pattern: str
    """Found in a value that is odd."""
    problem: str
    remedy: str
    methods: tuple[AuthMethod, ...] = ()
    """The authentication methods it counts for; empty for all."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What helps at this provider where a request was refused with one of these OAuth codes."""

    codes: frozenset[str]
    remedy: Remedy
    scope: str = ""
    """A pattern that must be found in the scope as typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerQuirk:
    """A documented way in which a provider's metadata names another issuer than the one it was asked for.

    Such metadata is refused like any other that does (RFC 8414, section 3.3); the quirk tells what to do.
    """

    name: str
    """Stable, for programs: ``FieldProblem.kind``."""
    asked: str
    """Pattern of the whole issuer that was asked for."""
    stated: str = r".*"
    """Pattern of the whole issuer in the metadata."""
    problem: str
    remedy: str
    """May name groups of both patterns in braces."""
    field: str = "issuer"
    """The ``Profile`` attribute that mends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPreset:
    """One provider; in the templates ``{name}`` stands for a named group of its inputs' patterns."""

    issuer: str = ""
    token_endpoint: str = ""
    """As ``issuer``; ``{issuer}`` may stand in it."""
    api_base: str = ""
    """Of the sample resource call, where it follows from the inputs."""
    names: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=lambda: MappingProxyType({}))
    """More names for the templates: the group each is looked up by, and what it is for each value."""
    addresses: tuple[str, ...] = ()
    """Patterns of whole URLs that are certainly this provider's; named groups are its inputs."""
    methods: tuple[AuthMethod, ...] = ()
    """The only authentication methods it takes from this grant; empty when there is nothing to say."""
    assertion_audience: AssertionAudience | None = None
    """The only audience of client assertions that it documents."""
    takes_any_audience: bool = False
    """Whether issuer and token endpoint both do as an assertion's audience."""
    endpoint_elsewhere: str = ""
    """Why its token endpoint lies on another host than its issuer, where that is so."""
    rules: tuple[Rule, ...] = ()
    hints: tuple[Hint, ...] = ()
    issuer_quirks: tuple[IssuerQuirk, ...] = ()

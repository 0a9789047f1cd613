"""What a program asks a token for, checked as in the wizard."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ccflow_tui.library.parameter_kinds import check_kind, check_text, check_texts
from ccflow_tui.models.parameters import Parameters
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import Profile
from ccflow_tui.oauth import authorization_details as details
from ccflow_tui.oauth import extra_parameters as extra

Details = Sequence[Mapping[str, Any]] | str
ExtraParameters = Mapping[str, str] | Parameters
_PAIRS = 'Write {"tenant": "t1"}.'


@dataclass(frozen=True, slots=True)
class Target:
    """What a token is for; ``None`` leaves it as the client asks for it otherwise, empty asks for nothing.

    ``authorization_details`` are objects with a ``type`` each (RFC 9396), or their JSON; ``extra_parameters``
    are the server's own, never a secret, and none that the request sets itself (RFC 6749, section 8.2).
    Raises ``InputProblem`` for details or parameters that cannot be sent, and for a value of the wrong kind.
    """

    scope: str | None = None
    audience: str | None = None
    resources: tuple[str, ...] | None = None
    """Resource indicators (RFC 8707)."""
    authorization_details: str | None = None
    """As JSON, since a target is a key by which its token is found again."""
    extra_parameters: Parameters | None = None
    """Names and values."""

    def __init__(
        self,
        scope: str | None = None,
        audience: str | None = None,
        resources: Collection[str] | None = None,
        authorization_details: Details | None = None,
        extra_parameters: ExtraParameters | None = None,
    ) -> None:
        for field, given in (("scope", scope), ("audience", audience)):
            if given is not None:
                check_text(given, field)
        if resources is not None:
            check_texts(resources, "resources")
        text = None if authorization_details is None else details_text(authorization_details)
        pairs = None if extra_parameters is None else parameter_pairs(extra_parameters)
        object.__setattr__(self, "scope", scope)
        object.__setattr__(self, "audience", audience)
        object.__setattr__(self, "resources", None if resources is None else tuple(resources))
        object.__setattr__(self, "authorization_details", text)
        object.__setattr__(self, "extra_parameters", pairs)

    def applied_to(self, profile: Profile) -> Profile:
        """Return the profile asking for this."""
        named = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return replace(profile, **{name: value for name, value in named.items() if value is not None})


def check_target(given: object) -> None:
    """Raise ``InputProblem`` for what says nothing of what a token is for."""
    check_kind(given, Target | str | None, "target", "Give a scope as a str, or a Target.")


def details_text(given: Details) -> str:
    """Return authorization details as the JSON to send; raises ``InputProblem`` where they cannot be sent."""
    if not given:
        return ""
    if not isinstance(given, str | Sequence):
        problem = "The authorization details are no list of objects."
        raise InputProblem(details.FIELD, problem, 'Write [{"type": "payment_initiation"}].')
    try:
        text = given if isinstance(given, str) else json.dumps(list(given), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        problem = "The authorization details hold something that JSON cannot express."
        raise InputProblem(details.FIELD, problem, "Use texts, numbers, lists and dictionaries.") from None
    return details.parse_authorization_details(text).text


def parameter_pairs(given: ExtraParameters) -> Parameters:
    """Return the server's own parameters in order; raises ``InputProblem`` for one that cannot be sent."""
    check_kind(given, Collection, extra.FIELD, _PAIRS)
    pairs: tuple[object, ...] = tuple(given.items() if isinstance(given, Mapping) else given)
    checked = []
    for pair in pairs:
        match pair:
            case (str(name), str(value)):
                checked.append((name, value))
            case _:
                problem = "An extra parameter is no name with a value, both of them text."
                raise InputProblem(extra.FIELD, problem, _PAIRS)
    return extra.check_extra_parameters(tuple(checked))

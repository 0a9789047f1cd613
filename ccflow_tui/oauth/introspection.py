"""Token introspection: the question to the server, and what its answer means (RFC 7662)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ccflow_tui.models.inspection import Introspection
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.models.token_request import Pair
from ccflow_tui.oauth.json_clean import clean_members
from ccflow_tui.oauth.server_refusal import server_refusal
from ccflow_tui.oauth.token_answer import TokenAnswer


def token_parameters(token: Secret) -> tuple[Pair, ...]:
    """Return what names an access token to its server (RFC 7662, section 2.1; RFC 7009, section 2.1)."""
    return (
        Pair("token", token, "the access token", "$ACCESS_TOKEN"),
        Pair("token_type_hint", "access_token"),
    )


def read_introspection(answer: TokenAnswer) -> Introspection:
    """Return what the server says about the token; never raises.

    ``{"active": false}`` is an answer like any other (section 2.2): the token is expired, revoked, or the
    server does not tell this client. ``active`` must be a JSON boolean.
    """
    if refusal := server_refusal(answer):
        return Introspection(None, problem=refusal.problem, remedy=refusal.remedy)
    try:
        members = parse_object(answer.body)
    except StrictJsonError as problem:
        return unreadable(f"The answer about the token cannot be read: {problem}.")
    if answer.status != HTTPStatus.OK:
        members = {}
    return told_by(members, answer)


def told_by(members: Mapping[str, Any], answer: TokenAnswer) -> Introspection:
    """Return what the members of an answer say about the token (RFC 7662, section 2.2)."""
    active = members.get("active")
    if not isinstance(active, bool):
        return unreadable('The answer does not say "active": true or false (RFC 7662, section 2.2).')
    others = {name: value for name, value in members.items() if name != "active"}
    return Introspection(active, clean_members(others, answer.clean))


def unreadable(problem: str, remedy: str = "Tell the authorization server's operator.") -> Introspection:
    """Return that there is no answer that could be used, and why."""
    return Introspection(None, problem=problem, remedy=remedy)

"""The form body of a client credentials request (RFC 6749, section 4.4.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ccflow_tui.models.parameters import Parameters
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.token_request import Pair
from ccflow_tui.oauth.authorization_details import parse_authorization_details
from ccflow_tui.oauth.extra_parameters import check_extra_parameters
from ccflow_tui.oauth.scopes import parse_scope
from ccflow_tui.oauth.url_validation import check_resource

GRANT_TYPE = "client_credentials"


def build_client_credentials_body(
    *,
    scope: str = "",
    audience: str = "",
    resources: Sequence[str] = (),
    authorization_details: str = "",
    extra_parameters: Parameters = (),
    client_parameters: Sequence[Pair] = (),
) -> tuple[Pair, ...]:
    """Return the form fields in the order they are sent.

    Empty values are left out, since a server treats them as omitted (RFC 6749, section 3.2). ``resources``
    may be several (RFC 8707, section 2); every other name may stand once. ``authorization_details`` is a
    JSON array (RFC 9396, section 2). ``client_parameters`` are those of the client authentication method.
    Raises ``InputProblem`` naming the field at fault.
    """
    targets = [resource for resource in resources if resource.strip()]
    form = [Pair("grant_type", GRANT_TYPE)]
    form += _unless_empty("scope", parse_scope(scope).text)
    form += _unless_empty("audience", _checked_audience(audience))
    form += [Pair("resource", check_resource(resource).url) for resource in targets]
    form += _unless_empty("authorization_details", parse_authorization_details(authorization_details).text)
    form += [Pair(name, value) for name, value in check_extra_parameters(extra_parameters)]
    form += [pair for pair in client_parameters if pair.value]
    _refuse_repetition(form)
    return tuple(form)


def _unless_empty(name: str, value: str) -> list[Pair]:
    return [Pair(name, value)] if value else []


def _checked_audience(text: str) -> str:
    """Accept any printable text: an audience is whatever the server agreed on."""
    if not text.strip():
        return ""
    if text != text.strip() or not text.isprintable():
        raise InputProblem(
            "audience",
            "The audience holds white space at an end, or a character that cannot be shown.",
            "Remove it; servers compare the audience character by character.",
        )
    return text


def _refuse_repetition(form: Sequence[Pair]) -> None:
    """Refuse what would let one field shadow another (RFC 6749, section 3.2)."""
    names = Counter(pair.name for pair in form if pair.name != "resource")
    repeated = next((name for name, count in names.items() if count > 1), "")
    if repeated:
        raise InputProblem(repeated, "The parameter would be sent twice.", "Give it once.")
    resources = [pair.value for pair in form if pair.name == "resource"]
    if len(set(resources)) < len(resources):
        raise InputProblem("resources", "A resource is listed twice.", "Remove one of them.")

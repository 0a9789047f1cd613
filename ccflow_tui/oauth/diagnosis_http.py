"""What an HTTP answer means that is neither a token nor an OAuth error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ccflow_tui.oauth.diagnosis_dpop import KINDS as DPOP_KINDS
from ccflow_tui.oauth.diagnosis_network import KINDS as NETWORK_KINDS
from ccflow_tui.oauth.diagnosis_status import status_causes
from ccflow_tui.oauth.explanation import ENDPOINT, Case, Explanation, Remedy

_ADDRESS = Remedy("Check the token endpoint's address.", ENDPOINT, 60)
_PAGE_INSTEAD = Remedy(
    "Check that this is the token endpoint, not the sign-in page or the server's home page.", ENDPOINT, 60
)
_GUEST_NETWORK = Remedy("On a guest network, sign in to the network first, then retry.", weight=40)
_OPERATOR = Remedy("If it stays, tell the server's operator; Details has what they will ask for.", weight=10)
_WAIT = Remedy("{wait}", weight=70)
_NOT_STANDARD = Remedy(
    "Tell the server's operator: clients cannot use this answer (RFC 6749, section 5.1).", weight=40
)

KINDS: Mapping[str, Explanation] = MappingProxyType(
    {
        "redirect": Explanation(
            "The server points to another address",
            remedies=(
                Remedy(
                    "If you trust the address it points to, enter that; ccflow follows no redirects.",
                    ENDPOINT,
                    60,
                ),
                Remedy("A redirect to a sign-in page means this is not the token endpoint.", ENDPOINT, 50),
                _GUEST_NETWORK,
            ),
            can_retry=False,
        ),
        "html": Explanation(
            "A web page came back instead of a token",
            remedies=(
                _PAGE_INSTEAD,
                _GUEST_NETWORK,
                Remedy("A proxy or firewall may have put its own page in between.", weight=30),
            ),
            can_retry=False,
        ),
        "form-encoded": Explanation(
            "The answer is not JSON",
            remedies=(
                Remedy(
                    "If the server can be set to answer in JSON, do that: the standard asks for it.",
                    weight=50,
                ),
                _NOT_STANDARD,
            ),
            can_retry=False,
        ),
        "empty": Explanation(
            "The answer is empty",
            remedies=(_ADDRESS, Remedy("Retry; if it stays, tell the server's operator.", weight=40)),
        ),
        "bad-json": Explanation("The answer cannot be read", remedies=(_ADDRESS, _NOT_STANDARD)),
        "missing-field": Explanation("The answer holds no usable token", remedies=(_ADDRESS, _NOT_STANDARD)),
        "token-type": Explanation(
            "The token is of a kind ccflow cannot use",
            remedies=(
                Remedy(
                    "Set the client to Bearer tokens at the server; or to DPoP, here and there.",
                    "dpop",
                    60,
                ),
            ),
        ),
    }
)

_UNREADABLE = Explanation("The answer is not a token response", remedies=(_ADDRESS, _NOT_STANDARD))

STATUSES: Mapping[int, Explanation] = MappingProxyType(
    {
        400: Explanation(
            "The server could not make sense of the request",
            remedies=(
                _ADDRESS,
                Remedy(
                    "Compare scope, audience and resource with what the server's documentation asks for.",
                    "scope",
                    50,
                ),
            ),
        ),
        401: Explanation(
            "The server asks for other credentials",
            remedies=(Remedy("Check the client ID and its secret or key.", "client_id", 20),),
        ),
        403: Explanation(
            "The server does not let this request in",
            remedies=(
                Remedy("Check that the application is enabled at the server.", weight=40),
                Remedy("Check the token endpoint's address.", ENDPOINT, 30),
            ),
        ),
        404: Explanation("There is nothing at this address", can_retry=False),
        405: Explanation(
            "This address takes no POST requests",
            remedies=(
                Remedy(
                    "Check that it is the token endpoint and not the authorization endpoint.", ENDPOINT, 60
                ),
            ),
            can_retry=False,
        ),
        407: NETWORK_KINDS["proxy"],
        408: Explanation("The server gave up waiting", remedies=(Remedy("Retry.", weight=60), _OPERATOR)),
        415: Explanation(
            "The server does not take form data here",
            remedies=(
                Remedy(
                    "Check that it is the token endpoint; those take form data (RFC 6749, section 4.4.2).",
                    ENDPOINT,
                    60,
                ),
            ),
            can_retry=False,
        ),
        429: Explanation(
            "Too many requests for now",
            remedies=(
                _WAIT,
                Remedy(
                    "If other programs use this client, let them share a token instead of fetching anew.",
                    weight=40,
                ),
            ),
        ),
        502: Explanation("The server behind the gateway gave no good answer", remedies=(_WAIT, _OPERATOR)),
        503: Explanation("The server is not available right now", remedies=(_WAIT, _OPERATOR)),
        504: Explanation("The server behind the gateway took too long", remedies=(_WAIT, _OPERATOR)),
    }
)

_SERVER_FAULT = Explanation("The server ran into a problem of its own", remedies=(_WAIT, _OPERATOR))
_OTHER_STATUS = Explanation("The server did not issue a token", remedies=(_ADDRESS, _OPERATOR))
_SERVER_ERRORS = range(500, 600)


def explain_answer(kind: str, case: Case) -> Explanation:
    """Return the explanation of an answer that is no token response, by its kind or HTTP status."""
    if kind == "http-error":
        found = _explain_status(case)
    else:
        found = KINDS.get(kind) or DPOP_KINDS.get(kind) or NETWORK_KINDS.get(kind, _UNREADABLE)
    return replace(found, reason=found.reason or "{what}")


def _explain_status(case: Case) -> Explanation:
    status = case.exchange.http_status or 0
    found = STATUSES.get(status, _SERVER_FAULT if status in _SERVER_ERRORS else _OTHER_STATUS)
    return replace(found, remedies=(*found.remedies, *status_causes(case)))

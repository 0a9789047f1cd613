"""Why a server may not accept a client's credentials, by how the client authenticates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ccflow_tui.models.profile import AssertionAudience, AuthMethod, BasicEncoding, Profile
from ccflow_tui.models.token_request import percent_encode
from ccflow_tui.oauth.algorithms import chosen_alg
from ccflow_tui.oauth.audience import verified_issuer
from ccflow_tui.oauth.clock_skew import speaks_of_time
from ccflow_tui.oauth.diagnosis_clues import REPLAY, other_name_remedies
from ccflow_tui.oauth.explanation import ENDPOINT, Case, Remedy, duration
from ccflow_tui.oauth.providers import form_of, preset_of

AHEAD_TOLERANCE, BEHIND_TOLERANCE = 40.0, 6.0
"""Seconds. An assertion lives 60 s and is back-dated 5 s, so our clock may be this far behind or ahead of
the server's before the server finds it expired or not yet valid."""
_SECRET_AGAIN = "Enter the client secret again; it may be cut short, expired or replaced."  # noqa: S105 - advice


def clock_remedy(case: Case) -> Iterator[Remedy]:
    """Yield the remedy for a wrong clock, where the Date header proves that a signed assertion suffers."""
    skew = case.clock_error
    if not case.signs or -BEHIND_TOLERANCE <= skew <= AHEAD_TOLERANCE:
        return
    way = "behind" if skew > 0 else "ahead of"
    yield Remedy(
        f"This computer's clock is about {duration(abs(skew))} {way} the server's, so the assertion looks "
        f"{'expired' if skew > 0 else 'not yet valid'}. Set the clock, then retry.",
        weight=98,
    )


def credential_causes(case: Case) -> Iterator[Remedy]:
    """Yield what is usually wrong when a server does not accept a client's credentials, by method."""
    method = case.profile.auth_method
    if case.signs:
        yield from clock_remedy(case)
        yield from _assertion_causes(case)
        yield Remedy(
            "Check that the client ID belongs to this server, and is registered there for {method}.",
            "client_id",
            45,
        )
        return
    yield Remedy("Check that the client ID belongs to this server.", "client_id", 45)
    if method is AuthMethod.NONE:
        yield Remedy(
            "Choose the method that the client is registered for; none proves nothing.", "auth_method", 80
        )
        return
    yield Remedy("Check that the application at the server is registered for {method}.", "auth_method", 44)
    if method.uses_certificate:
        yield from _certificate_causes(case)
        return
    yield Remedy(_SECRET_AGAIN, "client_secret", 60)
    if case.profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC:
        yield from basic_causes(case)


def _certificate_causes(case: Case) -> Iterator[Remedy]:
    if case.profile.auth_method is AuthMethod.TLS_CLIENT_AUTH:
        registered = (
            "the certificate's subject (or SAN) is the one registered, and that the server trusts its issuer"
        )
    else:
        registered = "this very certificate is registered at the server"
    yield Remedy(f"Check that {registered}.", "mtls", 60)
    if case.profile.request_endpoint == case.profile.token_endpoint:
        yield Remedy(
            "The server may have another address for mutual TLS; discovery finds it where it is published.",
            ENDPOINT,
            50,
        )


def basic_causes(case: Case) -> Iterator[Remedy]:
    """Yield the two ways in which a Basic header can be misread."""
    if case.profile.basic_encoding is BasicEncoding.RAW:
        proven = "encod" in case.said.lower()
        yield Remedy(
            "Switch the Basic encoding back to standard; raw credentials fail at servers that decode them.",
            "basic_encoding",
            95 if proven else 62,
        )
    elif ":" in case.profile.client_id:  # raw Basic would be cut there
        yield Remedy(
            "Some servers do not decode Basic credentials, and cut an ID with a colon in two. If the client "
            "may use client_secret_post, choose that.",
            "auth_method",
            55,
        )
    else:
        yield from _raw_basic(case)


def _raw_basic(case: Case) -> Iterator[Remedy]:
    """Propose raw Basic where the two encodings of these credentials differ, or may."""
    encoded = case.exchange.basic_encoded
    if encoded is None:
        encoded = percent_encode(case.profile.client_id) != case.profile.client_id or None
    if encoded is False:
        return
    yield Remedy(
        "Some servers do not decode Basic credentials. If ID or secret hold characters such as + / %, "
        "switch the Basic encoding to raw.",
        "basic_encoding",
        61 if encoded else 42,
    )


def _assertion_causes(case: Case) -> Iterator[Remedy]:
    under = " under the key ID {kid}" if case.profile.assertion_kid else ""
    if case.profile.auth_method is AuthMethod.CLIENT_SECRET_JWT:
        yield Remedy(_SECRET_AGAIN, "client_secret", 60)
        yield Remedy("Check that the client is registered there for {alg}.", "assertion_alg", 48)
    else:
        place = form_of(case.profile).key_place
        where = f" ({place})" if place else ""
        yield Remedy(
            f"Check that the public half of this key is registered at the server{under}{where}.",
            "key_reference",
            60,
        )
    yield from other_name_remedies(chosen_alg(case.profile), "assertion_alg")
    # The type of an assertion goes with its audience (draft-ietf-oauth-rfc7523bis, section 4).
    told = re.search(r"\b(?:aud(?:ience)?|typ)\b", case.said, re.IGNORECASE) is not None
    own = case.profile.assertion_audience not in set(AssertionAudience)
    if told or own or not preset_of(case.profile).takes_any_audience:
        yield Remedy(_other_audience(case.profile), "assertion_audience", 95 if told else 70 if own else 47)
    yield replace(REPLAY, weight=46)  # servers that answer in one sentence for all do not tell a replay
    if speaks_of_time(case.said):
        yield Remedy(
            "Compare this computer's clock with a reliable one; an assertion is valid for a minute.",
            weight=92,
        )


def _other_audience(profile: Profile) -> str:
    match profile.assertion_audience:
        case AssertionAudience.AUTO:
            uses_issuer = bool(verified_issuer(profile))
        case AssertionAudience.ISSUER | AssertionAudience.TOKEN_ENDPOINT as chosen:
            uses_issuer = chosen == AssertionAudience.ISSUER
        case _:
            return "Set the assertion's audience to auto; the server may not go by the one entered."
    wanted = "the token endpoint, which older servers want" if uses_issuer else "the server's issuer"
    return f"Set the assertion's audience to {wanted}."

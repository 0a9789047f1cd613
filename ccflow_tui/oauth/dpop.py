"""DPoP (RFC 9449): proofs that the client holds the key that its tokens are bound to."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import DpopProof
from ccflow_tui.oauth.algorithms import DPOP_ALGS
from ccflow_tui.oauth.jwt_signing import sign_jwt
from ccflow_tui.oauth.response_headers import Headers, header
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.signing_key import SigningKey
from ccflow_tui.oauth.url_validation import origin_of

DPOP_HEADER = "DPoP"
TYP = "dpop+jwt"
USE_NONCE, INVALID_PROOF = "use_dpop_nonce", "invalid_dpop_proof"
"""Error codes (RFC 9449, sections 5, 7.1, 8 and 9)."""
NONCE_MISSING, NONCE_REPEATED, NONCE_CHANGING = "nonce-missing", "nonce-repeated", "nonce-changing"
"""Why no further request could satisfy a server that asks for a nonce; ``Refused.cause``."""
BACKDATE = 2
"""Seconds ``iat`` lies before the clock: some servers take no date ahead of theirs, some none 10 s old."""
MAX_AGE = 20.0
"""Seconds after which a proof that was not sent yet is made anew; strict servers take none much older."""

_PUBLIC = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}
"""Members of each kind of key that its thumbprint counts (RFC 7638, section 3.2; RFC 8037, section 2)."""
_NONCE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,2048}")
"""NQCHAR (RFC 6749, appendix A), as RFC 9449, section 8.1, has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofTerms:
    """What a proof is to say."""

    method: str
    """HTTP method of the request it is for."""
    url: str
    """The request's URL as sent."""
    alg: str
    nonce: str = ""
    """What the server asked for, or an empty text."""
    access_token: Secret | None = None
    """The token that goes along, at a protected API; its hash becomes ``ath``."""
    backdate: int = BACKDATE


def sign_proof(terms: ProofTerms, *, key: SigningKey, now: float, jti: str) -> DpopProof:
    """Sign one proof, to be used for one request (RFC 9449, section 4.2).

    ``now`` is epoch seconds, ``jti`` a fresh random text of 96 bits or more. Raises ``InputProblem`` when
    the algorithm does not fit the key.
    """
    check_dpop_alg(key, terms.alg)
    proof_header: dict[str, Any] = {"typ": TYP, "alg": terms.alg, "jwk": public_jwk(key)}
    claims: dict[str, Any] = {
        "jti": jti,
        "htm": terms.method,
        "htu": target_uri(terms.url),
        "iat": math.floor(now) - terms.backdate,
    }
    if terms.access_token is not None:
        claims["ath"] = access_token_hash(terms.access_token)
    if terms.nonce:
        claims["nonce"] = terms.nonce
    return DpopProof(
        sign_jwt(proof_header, claims, key),
        MappingProxyType(proof_header),
        MappingProxyType(claims),
        key.thumbprint,
    )


def is_proof_stale(proof: DpopProof, now: float) -> bool:
    """Whether a proof is too old to be sent at ``now`` (epoch seconds), or dated later than that."""
    return now - proof.issued_at > MAX_AGE or proof.issued_at > now


def check_dpop_alg(key: SigningKey, alg: str) -> None:
    """Make sure that ``alg`` is asymmetric and fits the key; raises ``InputProblem`` naming both."""
    if alg not in DPOP_ALGS:
        raise InputProblem("dpop_alg", f"{scrub(alg, limit=40)} cannot sign a DPoP proof.", "Choose ES256.")
    if alg not in key.algs:
        raise InputProblem(
            "dpop_alg", f"{alg} does not fit the DPoP key, which is {key.label}.", f"Choose {key.algs[0]}."
        )


def public_jwk(key: SigningKey) -> dict[str, str]:
    """Return the public members of a key and nothing else (RFC 7638, section 3.2)."""
    members = key.jose.as_dict(private=False)
    return {name: str(members[name]) for name in _PUBLIC[key.kty]}


def target_uri(url: str) -> str:
    """Return ``htu``: the URL without query and fragment, scheme and host in normal form (section 4.2).

    Servers compare after normalisation (RFC 3986, section 6.2); not all of them do, so what they would
    change is changed here, and nothing else. Raises ``InputProblem`` for anything but an http URL.
    """
    origin = origin_of(url)
    if not origin:
        raise InputProblem("url", "A DPoP proof cannot be made for this address.", "Enter an https address.")
    return f"{origin}{urlsplit(url).path or '/'}"


def access_token_hash(token: Secret) -> str:
    """Return ``ath``: base64url of the SHA-256 of the token's ASCII (section 4.2).

    Raises ``InputProblem`` for a token that is not ASCII, which no header can carry.
    """
    text = token.reveal()
    if not text.isascii():
        problem = "The token holds characters that no token may have (RFC 6750, section 2.1)."
        raise InputProblem("access_token", problem, "Get a new one.")
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def offered_nonce(headers: Headers) -> str:
    """Return the nonce of a DPoP-Nonce header (section 8.1), or an empty text when there is no usable one.

    Header names are in lower case.
    """
    value = header(headers, "dpop-nonce").strip()
    return value if _NONCE.fullmatch(value) else ""

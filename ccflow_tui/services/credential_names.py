"""The names secrets are stored under: each binds a secret to the profile, client and server it is for.

A secret saved for one origin is simply not found under another, so a profile whose token endpoint was
changed (by a hand, a settings file or a discovery document) cannot carry it to a different server.
"""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointMode, EndpointSource, MutualTls, Profile
from ccflow_tui.models.secret_reference import scheme_of
from ccflow_tui.oauth.url_validation import origin_of

MAX_NAME_LENGTH = 200
"""Characters; Windows takes user names of up to 513, and a chunk number may follow."""


def client_secret_name(profile: Profile) -> str:
    """Return the name of a profile's client secret; raises ``InputProblem`` while its server is unknown."""
    return _bound_name("client-secret", profile)


def shared_secret_name(name: str, profile: Profile) -> str:
    """Return the name of the secret that profiles of one server refer to as ``keyring:<name>``.

    Raises ``InputProblem`` while the server is unknown.
    """
    return _bound_to_origin("shared-secret", profile, name)


def access_token_name(profile: Profile) -> str:
    """Return the name of a profile's access token; raises ``InputProblem`` while its server is unknown."""
    return _bound_name("access-token", profile)


def dpop_key_name(profile: Profile) -> str:
    """Return the name of a profile's DPoP key; raises ``InputProblem`` while its server is unknown."""
    return _bound_name("dpop-key", profile)


def private_key_name(name: str) -> str:
    """Return the name of the private key that profiles refer to as ``keyring:<name>``.

    A private key is bound to no origin: only signatures leave this machine, never the key.
    """
    return _join("private-key", name)


def passphrase_name(reference: str) -> str:
    """Return the name of the passphrase of the key that ``reference`` (path, ``keyring:``, ``env:``) is."""
    return _join("key-passphrase", reference)


def server_origin(profile: Profile) -> str:
    """Return the origin (RFC 6454) that a profile's requests go to, or an empty text while it is unknown.

    With a client certificate that is the origin of the alias for mutual TLS, so a secret saved for the
    ordinary endpoint does not follow a request to another host.
    """
    return origin_of(profile.request_endpoint) if profile.request_endpoint else ""


def filing(profile: Profile) -> Profile:
    """Return the profile with nothing but what decides about the names of its secrets.

    The token endpoint is then the origin alone; while that is unknown, the issuer that can tell it stays.
    """
    origin = server_origin(profile)
    asks_issuer = profile.endpoint_mode is EndpointMode.ISSUER and not origin
    return Profile(
        name=profile.name,
        endpoint_mode=EndpointMode.ISSUER if asks_issuer else EndpointMode.MANUAL,
        issuer=profile.issuer if asks_issuer else "",
        token_endpoint=origin,
        endpoint_source=EndpointSource.TYPED if origin else EndpointSource.NONE,
        client_id=profile.client_id,
        secret_reference=profile.secret_reference.strip() if _is_shared(profile) else "",
        key_reference=profile.key_reference.strip(),
        mtls=MutualTls(cert_ref=profile.mtls.cert_ref.strip(), key_ref=profile.mtls.key_ref.strip()),
    )


def _is_shared(profile: Profile) -> bool:
    return scheme_of(profile.secret_reference) == "keyring"


def _bound_name(kind: str, profile: Profile) -> str:
    return _bound_to_origin(kind, profile, profile.name, profile.client_id)


def _bound_to_origin(kind: str, profile: Profile, *parts: str) -> str:
    origin = server_origin(profile)
    if not origin:
        raise InputProblem(
            "token_endpoint",
            "The token endpoint is not known yet, so no secret can be bound to it.",
            "Complete the configuration first.",
        )
    return _join(kind, *parts, origin)


def _join(*parts: str) -> str:
    """Join parts so that no two lists of parts give the same name; a long one ends in its SHA-256."""
    # "surrogatepass", since a path or variable may carry bytes that are no UTF-8.
    name = "/".join(quote(part, safe="", errors="surrogatepass") for part in parts)
    if len(name) <= MAX_NAME_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{name[: MAX_NAME_LENGTH - len(digest) - 1]}~{digest}"

"""What can be wrong with how a client authenticates: its secret, its key reference, its assertion."""

from __future__ import annotations

import re
from types import MappingProxyType

from ccflow_tui.models.problems import FieldProblem, InputProblem
from ccflow_tui.models.profile import AssertionAudience, AuthMethod, BasicEncoding, EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.secret_reference import FORMS, problem_of
from ccflow_tui.oauth.algorithms import algs_of, chosen_alg
from ccflow_tui.oauth.audience import assertion_audience, check_audience, verified_issuer
from ccflow_tui.oauth.field_findings import (
    Findings,
    error,
    has_controls,
    no_controls,
    outside_vschar,
    required,
    url_findings,
    warning,
)
from ccflow_tui.oauth.providers import is_uuid
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.oauth.url_validation import check_issuer, origin_of

_OTHER = MappingProxyType(
    {
        AuthMethod.PRIVATE_KEY_JWT: AuthMethod.CLIENT_SECRET_JWT,
        AuthMethod.CLIENT_SECRET_JWT: AuthMethod.PRIVATE_KEY_JWT,
    }
)
"""The two methods that sign, whose algorithms are easily mistaken for each other's."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_secret(secret: Secret) -> tuple[FieldProblem, ...]:
    """Return what looks odd about a client secret; it is used as it is all the same, never trimmed."""
    return tuple(_odd_secret(secret.reveal()))


def _odd_secret(text: str) -> Findings:
    if text != text.strip():
        yield warning(
            "client_secret",
            "The secret starts or ends with a space or a line break.",
            "If it came along when you copied it, paste the secret again without it.",
        )
    if outside_vschar(text.strip()):
        yield warning(
            "client_secret",
            "The secret holds characters outside printable ASCII (RFC 6749, appendix A.2).",
            "Many servers refuse them; check that the secret was copied whole and unchanged.",
        )
    if is_uuid(text):
        yield warning(
            "client_secret",
            "This has the shape of an ID.",
            "If your server shows both a secret ID and a secret value, paste the value.",
        )


def check_client_authentication(profile: Profile, *, secret_present: bool) -> Findings:
    """Report what the chosen authentication method lacks; fields of the other methods are left alone."""
    reference = profile.secret_reference if profile.auth_method.uses_secret else ""
    if reference and (problem := problem_of(reference)):
        yield error("secret_reference", problem, f"Write {FORMS}.")
    elif profile.auth_method.uses_secret and not secret_present:
        yield error(
            "client_secret",
            f"Client secret is required for {profile.auth_method}.",
            "Type it here, or set CCFLOW_CLIENT_SECRET before you start ccflow.",
        )
    if profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC:
        yield from _check_basic(profile)
    if profile.auth_method is AuthMethod.PRIVATE_KEY_JWT:
        yield from _check_key_reference(profile.key_reference)
        yield from _check_reference(profile.assertion_certificate, "assertion_certificate")
    if profile.auth_method.signs:
        yield from _check_alg(profile)
        yield from no_controls(profile.assertion_kid, "assertion_kid", "Key ID")
        yield from _check_audience(profile)
    if profile.auth_method is AuthMethod.NONE:
        yield warning(
            "auth_method",
            "With none, anybody who knows the client ID can pass for this client.",
            "This grant is for clients that prove who they are (RFC 6749, section 4.4); most servers refuse "
            "it to others.",
        )
    yield from _check_client_certificate(profile)


def _check_basic(profile: Profile) -> Findings:
    if profile.basic_encoding is BasicEncoding.RAW and ":" in profile.client_id:
        yield error(
            "basic_encoding",
            "Raw Basic cannot carry a client ID with a colon: the server would cut it there.",
            "Choose the standard encoding.",
        )


def _check_audience(profile: Profile) -> Findings:
    audience = profile.assertion_audience
    yield from required(
        audience, "assertion_audience", "Assertion audience is required.", "Choose auto when you are unsure."
    )
    yield from no_controls(audience, "assertion_audience", "Assertion audience")
    if not audience.strip() or has_controls(audience):
        return
    found = tuple(_check_typed_issuer(profile))
    yield from found
    if not found and origin_of(profile.request_endpoint):
        yield from _check_addressee(profile)


def _check_typed_issuer(profile: Profile) -> Findings:
    """Report an issuer that the assertion is to be addressed to and that no other check looks at."""
    is_typed = profile.endpoint_mode is EndpointMode.MANUAL
    if not is_typed or profile.assertion_audience != AssertionAudience.ISSUER:
        return
    yield from required(
        profile.issuer,
        "assertion_audience",
        "The assertion's audience is set to the issuer, but no issuer is known.",
        "Choose auto or the token endpoint, or find the endpoint from the issuer instead.",
    )
    if profile.issuer.strip():
        yield from url_findings(check_issuer, profile.issuer, "issuer")


def _check_addressee(profile: Profile) -> Findings:
    """Report an assertion that would be addressed to another server than the one it is sent to."""
    try:
        audience, _ = assertion_audience(profile)
        check_audience(
            audience, token_endpoint=profile.request_endpoint, verified_issuer=verified_issuer(profile)
        )
    except InputProblem as problem:
        yield problem.finding


def _check_key_reference(reference: str) -> Findings:
    yield from required(
        reference,
        "key_reference",
        "Private key is required for private_key_jwt.",
        "Enter keyring:NAME, env:VARIABLE or the path of a PEM, JWK or PKCS#12 file.",
    )
    yield from _check_reference(reference, "key_reference")


def _check_client_certificate(profile: Profile) -> Findings:
    """Report what is missing for presenting a client certificate (RFC 8705)."""
    tls, method = profile.client_tls, profile.auth_method
    if not tls.enabled:
        return
    wanted = f"{method} needs a" if method.uses_certificate else "Mutual TLS is on, but no"
    found = ", and none is named" if method.uses_certificate else " is named"
    yield from required(
        tls.cert_ref,
        "mtls",
        f"{wanted} client certificate{found}.",
        "Enter the path of a PEM certificate or a PKCS#12 file"
        + ("." if method.uses_certificate else ", or turn mutual TLS off."),
    )
    yield from _check_reference(tls.cert_ref, "mtls")
    yield from _check_reference(tls.key_ref, "mtls.key_ref")
    if profile.request_endpoint.strip().lower().startswith("http:"):
        yield (error if method.uses_certificate else warning)(
            "mtls",
            "The token endpoint has no TLS, so the client certificate is never sent.",
            "Use an https endpoint.",
        )


def _check_reference(reference: str, field: str) -> Findings:
    """Report a key in the place of a reference to it, and a reference that names nothing."""
    kind, _, name = reference.strip().partition(":")
    if "-----BEGIN" in reference or reference.lstrip().startswith("{"):
        yield error(
            field,
            "This is a key itself; ccflow asks for where it is kept.",
            "Save it to a file that only you can read and enter its path, or enter keyring:NAME.",
        )
    elif kind == "keyring" and not name.strip():
        yield error(field, "The name of the keyring entry is missing.", "Enter keyring:NAME.")
    elif kind == "env" and not _VARIABLE.fullmatch(name.strip()):
        yield error(
            field,
            "The name of the environment variable is missing or not usable.",
            "Enter env:VARIABLE with letters, digits and _ only.",
        )


def _check_alg(profile: Profile) -> Findings:
    alg, known = chosen_alg(profile), algs_of(profile.auth_method)
    if alg in known:
        return
    choice = f"Choose one of {', '.join(known)}."
    if alg.lower() == "none" or alg in algs_of(_OTHER[profile.auth_method]):
        with_what = "the client secret" if profile.auth_method.uses_secret else "a private key"
        yield error("assertion_alg", f"{scrub(alg, limit=20)} does not sign with {with_what}.", choice)
    else:
        yield error("assertion_alg", "This signature algorithm is not known.", choice)

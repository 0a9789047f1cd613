"""The fields of step 1 below the method; loaded and mounted after the first paint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from textual.widget import Widget
from textual.widgets import Collapsible, Static

from ccflow_tui.models.profile import AssertionAudience, BasicEncoding, Profile
from ccflow_tui.screens.configure_form import (
    DEPENDENT_NAMES,
    MORE_NAMES,
    OWN_AUDIENCE,
    PASSPHRASE,
    TextSpec,
    build_fields,
    choice,
    shown_value,
    visible_fields,
)
from ccflow_tui.widgets.field_frame import FieldFrame
from ccflow_tui.widgets.push_button import PushButton
from ccflow_tui.widgets.steady import SteadyText

ALGORITHMS = tuple(
    (name, name)
    for name in (
        "RS256",
        "ES256",
        "PS256",
        "RS384",
        "ES384",
        "PS384",
        "RS512",
        "ES512",
        "PS512",
        "Ed25519",
        "EdDSA",
        "HS256",
        "HS384",
        "HS512",
    )
)
DPOP_ALGORITHMS = tuple(option for option in ALGORITHMS if not option[0].startswith("HS"))
"""A proof is never signed with a shared secret (RFC 9449, section 4.2)."""
ENCODINGS = (
    (BasicEncoding.STANDARD.value, "percent-encoded (RFC 6749)"),
    (BasicEncoding.RAW.value, "raw, for some servers"),
)
BINDINGS = (
    ("off", "none: Bearer tokens"),
    ("on", "to a key of this profile (DPoP)"),
)
BEARER = (("off", "refused"), ("on", "taken all the same"))
CERTIFICATES = (("off", "none"), ("on", "sent in TLS, to bind tokens"))
AUDIENCES = (
    (AssertionAudience.AUTO.value, "auto: issuer if known"),
    (AssertionAudience.ISSUER.value, "issuer"),
    (AssertionAudience.TOKEN_ENDPOINT.value, "token endpoint"),
    (OWN_AUDIENCE, "own value"),
)
PRODUCTION = (("off", "no"), ("on", "yes"))

LESSON = (
    "A service that acts for itself, with no user, asks for a token with its own credentials: one POST to "
    "the token endpoint, no browser (RFC 6749, section 4.4). Use it for jobs, gateways, agents and other "
    "machine-to-machine calls; never to act as a person, and never from code that runs in a browser."
)
SECURITY_STRIP = (
    "▲ Keep credentials on the server side. Prefer private_key_jwt: the private key never leaves this "
    "machine. Ask for the fewest scopes and the narrowest audience that do the job."
)

CERTIFICATE_WANTED, KEY_WANTED = (
    "PEM or PKCS#12: path, keyring:NAME, env:NAME",
    "empty: the certificate's file holds it",
)
CREDENTIAL_FIELDS = (
    TextSpec("client_secret", "Client secret", True, "type or paste", secret=True),
    TextSpec("key_reference", "Private key", True, "path, keyring:NAME or env:VARIABLE"),
    TextSpec("assertion_kid", "Key ID (kid)", placeholder="empty: taken from the key"),
    TextSpec(
        "mtls_cert_ref",
        "Certificate",
        True,
        CERTIFICATE_WANTED,
        "Presented in the TLS handshake (RFC 8705): the client's own certificate first, then its chain.",
    ),
    TextSpec("mtls_key_ref", "Certificate's key", placeholder=KEY_WANTED),
    TextSpec(PASSPHRASE, "Key passphrase", True, "type or paste", secret=True),
)
AUDIENCE_FIELDS = (
    TextSpec(
        OWN_AUDIENCE,
        "Own aud",
        True,
        "what the server wants to read there",
        "Whom the assertion is for: the server's issuer or an address at its host (RFC 7523, section 3).",
    ),
)
GRANT_FIELDS = (
    TextSpec("scope", "Scope", placeholder="separated by spaces; may be empty"),
    TextSpec("audience", "Audience", placeholder="optional, where the server asks"),
    TextSpec("resources", "Resource", placeholder="optional URIs, separated by spaces"),
    TextSpec("api_base", "API to call", placeholder="optional; step 4 calls it with the token"),
)
REFERENCE_WANTED = "optional: env:NAME, file:PATH, …"
REFERENCE_HIDDEN = "{reference} … (arguments hidden); type to replace"
REFERENCE_FIELDS = (
    TextSpec(
        "secret_reference",
        "Secret from",
        placeholder=REFERENCE_WANTED,
        hint="Where the client secret is kept: env:VARIABLE, file:PATH, keyring:NAME or "
        "command:PROGRAM ARGUMENTS. Never the secret itself.",
    ),
)
TARGET_FIELDS = (
    TextSpec(
        "authorization_details",
        "Details (RFC 9396)",
        placeholder='optional JSON: [{"type": "…"}]',
        hint="Authorization details: a JSON array of objects, each with a type.",
    ),
    TextSpec(
        "extra_parameters",
        "Extra parameters",
        placeholder="optional: name=value&name=value",
        hint="Written as in a URL's query (%26 is &, %20 a space). Never a secret: they are kept and shown.",
    ),
)
CERTIFICATE_FIELDS = (
    TextSpec("bound_cert_ref", "Certificate", True, CERTIFICATE_WANTED),
    TextSpec("bound_key_ref", "Certificate's key", placeholder=KEY_WANTED),
    TextSpec(
        "assertion_certificate",
        "Key's certificate",
        placeholder="optional: for x5t#S256 in the assertion",
        hint="The private key's own: its thumbprint goes into the assertion's header, as Entra ID asks.",
    ),
)

PROFILE_FIELDS = (
    TextSpec(
        "proactive_refresh_seconds",
        "Refresh ahead",
        placeholder="60 to 120 seconds; empty: 90",
        hint="Seconds before expiry at which the next token is fetched in the background: 60 to 120.",
    ),
    TextSpec(
        "note",
        "Note",
        placeholder="optional: what this profile is for",
        hint="One line for the list of profiles. It is kept in plain text and sent nowhere.",
    ),
)
PRODUCTION_HINT = (
    "Marks every step in red, asks before each request, reveals nothing. "
    "The flow is off until your settings switch it on."
)


def algorithms(usable: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return the algorithms to offer, of those that the engine can use."""
    return tuple(option for option in ALGORITHMS if option[0] in usable)


def reference_view(reference: str) -> tuple[str, str]:
    """Return what the field shows of a reference to the client secret, and what it says while it is empty.

    The arguments of a command may be secret, so a command that has some is not put on the screen.
    """
    from ccflow_tui.models.secret_reference import scheme_of, shown_reference, target_of

    if scheme_of(reference) == "command" and len(target_of(reference).split()) > 1:
        return "", REFERENCE_HIDDEN.format(reference=shown_reference(reference))
    return reference, REFERENCE_WANTED


class Fold(PushButton):
    """Shows or hides the fields that most profiles leave as they are, and tells which of them are set."""

    DEFAULT_CSS = """
    Fold {
        background: $background; color: $text-primary; text-style: none;
        text-align: left; content-align: left middle;
        max-width: 100%; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
    CLOSED, OPEN = "▸ More: parameters, DPoP, mutual TLS, refresh, note", "▾ More"

    def __init__(self) -> None:
        super().__init__(self.CLOSED, id="more", compact=True)

    def show(self, fields: Collection[FieldFrame], profile: Profile, *, is_open: bool) -> None:
        """Draw the line anew."""
        plain, foldable = Profile(), (MORE_NAMES - DEPENDENT_NAMES) & visible_fields(profile)
        in_use = [
            field.label
            for field in fields
            if field.field_name in foldable
            and shown_value(profile, field.field_name) != shown_value(plain, field.field_name)
        ]
        closed = f"▸ More · set: {', '.join(in_use)}" if in_use else self.CLOSED
        label = self.OPEN if is_open else closed
        if label != str(self.label):
            self.label = label
            self.refresh(layout=True)


def build_rest(taste: Callable[[str], str] = str) -> Iterator[Widget]:
    """Make what stands below the method: credential, what to ask for, advice."""
    note = SteadyText("", id="method-note", markup=False)
    note.display = False
    yield note
    yield from build_fields(CREDENTIAL_FIELDS)
    yield choice("assertion_alg", "Algorithm", ALGORITHMS)
    yield choice("assertion_audience", "Assertion aud", AUDIENCES)
    yield from build_fields(AUDIENCE_FIELDS)
    yield choice("basic_encoding", "Basic encoding", ENCODINGS)
    yield from build_fields(GRANT_FIELDS)
    yield Fold()
    yield from _build_more()
    yield Static(SECURITY_STRIP, id="security", markup=False)
    yield Collapsible(
        Static(LESSON, markup=False), title=taste("🤖 What is the client credentials grant?"), id="lesson"
    )


def _build_more() -> Iterator[Widget]:
    yield from build_fields(REFERENCE_FIELDS + TARGET_FIELDS)
    yield choice("dpop", "Token binding", BINDINGS)
    yield choice("dpop_alg", "DPoP algorithm", DPOP_ALGORITHMS)
    yield choice("dpop_allow_bearer", "Bearer instead", BEARER)
    yield choice("mtls_enabled", "Client certificate", CERTIFICATES)
    yield from build_fields(CERTIFICATE_FIELDS)
    refresh, note = build_fields(PROFILE_FIELDS)
    yield refresh
    yield choice("production", "Production", PRODUCTION, PRODUCTION_HINT)
    yield note

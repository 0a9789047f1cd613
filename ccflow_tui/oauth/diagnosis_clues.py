"""Evidence in what the server wrote: patterns of real servers' descriptions and what each points to.

The patterns come from PingOne, Microsoft Entra ID, Okta, Auth0, Keycloak and panva's oidc-provider; each is
worded loosely enough to catch its relatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.oauth.algorithms import ED25519, EDDSA, OKP_ALGS
from ccflow_tui.oauth.explanation import ENDPOINT, Case, Remedy

_ANY = frozenset(AuthMethod)
_JWT = frozenset({AuthMethod.PRIVATE_KEY_JWT})
_SIGNED = frozenset(method for method in AuthMethod if method.signs)
_SECRET = frozenset(method for method in AuthMethod if method.uses_secret)
_CERTIFICATE = frozenset(method for method in AuthMethod if method.uses_certificate)

_AUTHENTICATION = frozenset({"invalid_client", "unauthorized_client", "invalid_request", "invalid_grant"})
_TARGETS = frozenset({"invalid_request", "access_denied", "invalid_target", "invalid_scope"})
_SCOPES = frozenset({"invalid_scope", "invalid_request", "access_denied"})


@dataclass(frozen=True, slots=True)
class Clue:
    """A pattern in the description, the codes and methods it counts for, and what to do."""

    pattern: str
    codes: frozenset[str]
    remedy: Remedy
    methods: frozenset[AuthMethod] = _ANY


REPLAY = Remedy(
    "The server may have seen this assertion before, and takes each one once; Retry signs a new one.",
    "",
    97,
)


def other_name_remedies(alg: str, field: str) -> Iterator[Remedy]:
    """Yield the remedy for an algorithm of two names (RFC 9864), set in ``field``; nothing for any other."""
    if alg in OKP_ALGS:
        yield Remedy(
            f"{ED25519} and {EDDSA} name the same algorithm, but a server may know only one name. This "
            f"request says {alg}; try the other.",
            field,
            58,
        )


CLUES = (
    Clue(
        r"unsupported auth\w* method|auth\w* method[^.]{0,40}(?:not |mismatch)|method is not (?:allowed|supp)"
        r"|client auth\w* method|token_endpoint_auth_method",
        _AUTHENTICATION,
        Remedy(
            "The application at the server is set to another authentication method than {method}. "
            "Choose the method it is set to.",
            "auth_method",
            100,
        ),
    ),
    Clue(
        r"AADSTS7000215|secret ID|not the (?:client )?secret id",
        _AUTHENTICATION,
        Remedy("Enter the secret's value. What was sent may be the secret's ID.", "client_secret", 99),
        _SECRET,
    ),
    Clue(
        r"AADSTS7000222|(?:secret|credential|key)s?\b[^.]{0,30}\bexpired|expired[^.]{0,20}\bsecret",
        _AUTHENTICATION,
        Remedy(
            "The secret has expired at the server. Create a new one there and enter it.", "client_secret", 98
        ),
        _SECRET,
    ),
    Clue(
        r"AADSTS700016|AADSTS900023|(?:client|application)\b[^.]{0,80}(?:not found|does not exist|unknown)"
        r"|(?:unknown|no such|unrecogni[sz]ed) (?:client|application)|invalid client.?id",
        _AUTHENTICATION,
        Remedy(
            "The server knows no client of this ID. Check the client ID, and that it belongs to this server.",
            "client_id",
            96,
        ),
    ),
    Clue(
        r"invalid (?:client )?(?:secret|credentials)|invalid client or",
        frozenset({"unauthorized_client"}),  # Keycloak's code for a wrong secret
        Remedy("Enter the client secret again; the server says it is wrong.", "client_secret", 95),
        _SECRET,
    ),
    Clue(
        r"(?:invalid|malformed|bad)\b[^.]{0,20}\bclient_secret\b|\bclient_secret\b[^.]{0,20}\b(?:invalid|malformed)",
        frozenset({"invalid_request"}),
        Remedy(
            "The server does not take this client secret as text: it may hold a character that no secret may "
            "(RFC 6749, appendix A.2). Enter it again.",
            "client_secret",
            95,
        ),
        _SECRET,
    ),
    Clue(
        r"AADSTS90002|tenant\b[^.]{0,40}not found|(?:environment|realm)\b[^.]{0,40}(?:not found|not exist)",
        _AUTHENTICATION,
        Remedy("The server does not know this tenant or environment. Check its address.", ENDPOINT, 97),
    ),
    Clue(
        r"\bjti\b|replay|already been used|already used|used once",
        _AUTHENTICATION,
        REPLAY,
        _SIGNED,
    ),
    Clue(
        r"\bkid\b|no (?:matching|suitable|applicable) key|key[^.]{0,20}not found|unable to find[^.]{0,20}key",
        _AUTHENTICATION,
        Remedy(
            "The server found no registered key for this key ID. Enter the key ID under which the public key "
            "is registered there.",
            "assertion_kid",
            94,
        ),
        _JWT,
    ),
    Clue(
        r"\balg\b|algorithm",
        _AUTHENTICATION,
        Remedy(
            "The server does not take {alg} from this client. Choose the algorithm registered there.",
            "assertion_alg",
            93,
        ),
        _SIGNED,
    ),
    Clue(
        r"AADSTS700027|signature|jwks|public key",
        _AUTHENTICATION,
        Remedy(
            "The public key registered at the server does not belong to this private key. Register the "
            "matching one, or choose the matching private key.",
            "key_reference",
            91,
        ),
        _JWT,
    ),
    Clue(
        r"signature",
        _AUTHENTICATION,
        Remedy(
            "The server knows another secret than the one that signed. Enter the client secret again.",
            "client_secret",
            91,
        ),
        frozenset({AuthMethod.CLIENT_SECRET_JWT}),
    ),
    Clue(
        r"certificate|mutual.?tls|\bmtls\b",
        _AUTHENTICATION,
        Remedy("The server wants a client certificate. Turn on mutual TLS and name it.", "mtls", 92),
        _ANY - _CERTIFICATE,
    ),
    Clue(
        r"not provided|no (?:client )?certificate|missing|required|not presented",
        _AUTHENTICATION,
        Remedy(
            "The server saw no client certificate. A proxy that ends TLS may have taken it; the server may "
            "also have another address for mutual TLS.",
            ENDPOINT,
            94,
        ),
        _CERTIFICATE,
    ),
    Clue(
        r"subject|mismatch|not match|unregistered|unknown certificate|\bDN\b|SAN",
        _AUTHENTICATION,
        Remedy(
            "The certificate is not the one registered for this client. Compare its subject with the "
            "registration at the server, or name the registered certificate.",
            "mtls",
            95,
        ),
        _CERTIFICATE,
    ),
    Clue(
        r"custom scopes are not allowed",
        _SCOPES,
        Remedy(
            "This is Okta's organisation server, which grants okta.* scopes only. Use a custom authorization "
            "server, such as the one under /oauth2/default.",
            ENDPOINT,
            99,
        ),
    ),
    Clue(
        r"AADSTS70011|AADSTS1002012|/\.default",
        _SCOPES,
        Remedy(
            "Microsoft Entra ID wants one scope here: the API's identifier followed by /.default.",
            "scope",
            99,
        ),
    ),
    Clue(
        r"\bscopes?\b[^.]{0,40}(?:required|missing|empty|must|provided)",
        _SCOPES,
        Remedy("The server wants a scope with this request. Enter the one your API documents.", "scope", 92),
    ),
    Clue(
        r"more than one resource|multiple resource",
        _SCOPES,
        Remedy("All scopes of a request must belong to one resource at this server.", "scope", 96),
    ),
    Clue(
        r"\btoken parameter\b|missing\b[^.]{0,30}\bparameter\W{1,6}token\b",
        frozenset({"invalid_request"}),
        Remedy(
            "This may be the address for introspection or revocation, which wants a token. Enter that of the "
            "token endpoint.",
            ENDPOINT,
            97,
        ),
    ),
    Clue(
        r"\baudience\b|service not enabled|not authorized to access",
        _TARGETS,
        Remedy(
            "Enter the audience: the identifier under which the API is registered at the server.",
            "audience",
            90,
        ),
    ),
)


def evidence(code: str, case: Case) -> Iterator[Remedy]:
    """Yield a remedy for every clue that the server's own words give."""
    for clue in CLUES:
        counts = code in clue.codes and case.profile.auth_method in clue.methods
        if counts and re.search(clue.pattern, case.said, re.IGNORECASE):
            yield clue.remedy

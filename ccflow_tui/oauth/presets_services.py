"""The presets of identity services: PingOne, Okta and Auth0, from their public documentation."""

from __future__ import annotations

from ccflow_tui.models.profile import AssertionAudience, AuthMethod
from ccflow_tui.oauth.explanation import Remedy
from ccflow_tui.oauth.presets import DENIED, EMPTY, FILLED, SCOPE, SEVERAL, UUID, Hint, ProviderPreset, Rule

_OKTA_HOST = (
    r"(?!(?:www|developer|help|support|login|status|trust)\.)[a-z0-9-]+\.(?:okta|oktapreview|okta-emea)\.com"
)
_AUTH0_HOST = (
    r"(?!(?:www|manage|community|support|status|cdn|marketplace)\.)"
    r"[a-z0-9-]+(?:\.[a-z]{2}(?:-\d)?)?\.auth0\.com"
)

PINGONE = ProviderPreset(
    issuer="https://auth.pingone.{tld}/{environment_id}/as",
    token_endpoint="{issuer}/token",
    api_base="https://api.pingone.{tld}/v1/environments/{environment_id}",
    names={
        "tld": (
            "region",
            {"us": "com", "ca": "ca", "eu": "eu", "ap": "asia", "au": "com.au", "sg": "sg"},
        )
    },
    addresses=(
        rf"https://(?:auth|api|console|apps)\.pingone\.(?P<tld>com\.au|com|ca|eu|asia|sg)"
        rf"(?::443)?/\S*?(?P<environment_id>{UUID})(?![0-9a-f])\S*",
    ),
    takes_any_audience=True,
    rules=(
        Rule(
            "client_id",
            r"^(?=[!-~](?:[ -~]*[!-~])?$)(?![A-Za-z0-9_-]{8,}$)",
            "This does not look like a PingOne client ID.",
            "They have at least 8 letters, digits, - or _; check that it was copied whole.",
        ),
        Rule(
            "scope",
            r"(?:^|\s)p1:",
            "PingOne's p1: scopes let people manage their own account; a worker application's rights come "
            "from its roles.",
            "Leave the scope empty for a worker application.",
        ),
    ),
    hints=(
        Hint(
            SCOPE,
            Remedy(
                "Leave the scope empty for a PingOne worker application: its roles decide what it may do.",
                "scope",
                85,
            ),
            "p1:",
        ),
        Hint(
            SCOPE,
            Remedy("In PingOne, all scopes of a request must belong to one resource.", "scope", 55),
            SEVERAL,
        ),
    ),
)

OKTA_ORG = ProviderPreset(
    issuer="https://{domain}",
    token_endpoint="https://{domain}/oauth2/v1/token",
    addresses=(
        rf"https://(?P<domain>{_OKTA_HOST})/oauth2/v1/\S*",
        rf"https://(?P<domain>{_OKTA_HOST})/\.well-known/(?:openid-configuration|oauth-authorization-server)",
    ),
    methods=(AuthMethod.PRIVATE_KEY_JWT,),
    rules=(
        Rule(
            "dpop",
            "False",
            "Okta makes API Services apps with DPoP switched on.",
            "Choose DPoP, unless Proof of possession is switched off in the application's general settings.",
        ),
        Rule(
            "scope",
            EMPTY,
            "Okta's org server wants a scope.",
            "Enter the okta.* scopes that the API you call documents, such as okta.users.read.",
        ),
        Rule(
            "scope",
            r"(?:^|\s)(?!okta\.)\S",
            "Okta's org server grants okta.* scopes only.",
            "Use a custom authorization server for scopes of your own.",
        ),
    ),
    hints=(
        Hint(
            SCOPE | DENIED,
            Remedy(
                "Grant the scopes to the application (Okta API Scopes) and give it an admin role that has "
                "these rights.",
                "scope",
                66,
            ),
        ),
        Hint(
            frozenset({"invalid_dpop_proof", "use_dpop_nonce"}),
            Remedy(
                "API Services apps in Okta want DPoP: use it here, or switch off Proof of possession in the "
                "application's general settings.",
                weight=90,
            ),
        ),
    ),
)

OKTA_CUSTOM = ProviderPreset(
    issuer="https://{domain}/oauth2/{server}",
    token_endpoint="{issuer}/v1/token",
    addresses=(
        rf"https://(?P<domain>{_OKTA_HOST})/oauth2/(?!v1(?:/|$))(?P<server>[A-Za-z0-9]+)(?:/\S*)?",
        rf"https://(?P<domain>{_OKTA_HOST})/\.well-known/oauth-authorization-server/oauth2/"
        r"(?P<server>[A-Za-z0-9]+)",
    ),
    methods=(AuthMethod.PRIVATE_KEY_JWT, AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST),
    rules=(
        Rule(
            "scope",
            EMPTY,
            "Okta's custom servers want a scope with this grant.",
            "Enter a scope of this authorization server, or set a default scope there.",
        ),
        Rule(
            "scope",
            r"(?:^|\s)okta\.",
            "okta.* scopes are granted by Okta's org server only.",
            "Choose Okta (org server) to call Okta's own API.",
        ),
    ),
    hints=(
        Hint(
            SCOPE | DENIED,
            Remedy(
                "In Okta, look at the authorization server's Scopes and Access Policies: a rule must allow "
                "this client, this grant and this scope.",
                "scope",
                66,
            ),
        ),
    ),
)

AUTH0 = ProviderPreset(
    issuer="https://{domain}/",
    token_endpoint="https://{domain}/oauth/token",
    addresses=(rf"https://(?P<domain>{_AUTH0_HOST})(?:/(?:oauth/token|api/v2|\.well-known)\S*|/)?",),
    assertion_audience=AssertionAudience.ISSUER,
    rules=(
        Rule(
            "audience",
            EMPTY,
            "Auth0 issues a token for one API, named by its audience.",
            "Enter the API's identifier, unless the tenant has a default audience.",
        ),
        Rule(
            "resources",
            FILLED,
            "Auth0 goes by the audience; it documents resource for a compatibility setting only.",
            "Enter the API's identifier as the audience.",
        ),
    ),
    hints=(
        Hint(
            DENIED,
            Remedy(
                "In Auth0, authorize this application for the API: Applications, APIs, the API, Machine to "
                "Machine Applications.",
                "audience",
                70,
            ),
        ),
    ),
)

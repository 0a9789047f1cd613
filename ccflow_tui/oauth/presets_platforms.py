"""The presets of cloud platforms and of servers one runs oneself, from their public documentation."""

from __future__ import annotations

from ccflow_tui.models.profile import AssertionAudience, AuthMethod
from ccflow_tui.oauth.explanation import Remedy
from ccflow_tui.oauth.presets import (
    EMPTY,
    FILLED,
    SCOPE,
    UUID,
    Hint,
    IssuerQuirk,
    ProviderPreset,
    Rule,
)

_ENTRA_HOST = r"login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)"
_COGNITO_HOST = r"[a-z0-9-]+\.auth(?:-fips)?\.[a-z0-9-]+\.amazoncognito\.com"

ENTRA = ProviderPreset(
    issuer="https://{host}/{tenant}/v2.0",
    token_endpoint="https://{host}/{tenant}/oauth2/v2.0/token",
    addresses=(
        rf"https://(?P<host>{_ENTRA_HOST})/(?P<tenant>{UUID}|[a-z0-9-]+(?:\.[a-z0-9-]+)+)"
        r"(?:/(?:oauth2|v2\.0|\.well-known)\S*|/)?",
    ),
    methods=(AuthMethod.CLIENT_SECRET_POST, AuthMethod.PRIVATE_KEY_JWT),
    assertion_audience=AssertionAudience.TOKEN_ENDPOINT,
    rules=(
        Rule(
            "assertion_certificate",
            EMPTY,
            "Microsoft Entra ID knows a key by its certificate (x5t#S256 in the assertion's header).",
            "Name the certificate that is registered there (assertion.certificate in the settings).",
            (AuthMethod.PRIVATE_KEY_JWT,),
        ),
        Rule(
            "scope",
            r"^(?!\S*/\.default\s*$)",
            "Microsoft Entra ID wants one scope: the API's identifier followed by /.default.",
            "Enter it like https://graph.microsoft.com/.default.",
        ),
        Rule(
            "audience",
            FILLED,
            "Microsoft Entra ID goes by the scope; an audience has no effect there.",
            "Leave it empty.",
        ),
        Rule(
            "resources",
            FILLED,
            "Microsoft Entra ID goes by the scope; its v2 endpoint refuses a resource.",
            "Leave it empty.",
        ),
    ),
    hints=(
        Hint(
            SCOPE,
            Remedy(
                "Microsoft Entra ID wants one scope here: the API's identifier followed by /.default.",
                "scope",
                95,
            ),
            r"^(?!\S*/\.default\s*$)",
        ),
        Hint(
            frozenset({"invalid_client"}),
            Remedy(
                "Enter the secret's value; Entra shows it once, beside the secret's ID.", "client_secret", 63
            ),
        ),
    ),
    issuer_quirks=(
        IssuerQuirk(
            name="entra-shared-tenant",
            asked=rf"https://{_ENTRA_HOST}/(?P<alias>common|organizations|consumers)(?:/v2\.0)?/?",
            problem="This address of Microsoft Entra ID is shared by all tenants; its issuer is a template.",
            remedy="Enter your own tenant's issuer: put its Directory (tenant) ID where {alias} stands.",
        ),
        IssuerQuirk(
            name="entra-tenant-domain",
            asked=rf"https://{_ENTRA_HOST}/(?P<domain>[a-z0-9-]+(?:\.[a-z0-9-]+)+)/v2\.0/?",
            stated=rf"https://{_ENTRA_HOST}/(?P<id>{UUID})/v2\.0",
            problem="Microsoft Entra ID names the issuer of a tenant by the tenant's ID, not by its domain.",
            remedy="Put {id} where {domain} stands.",
        ),
        IssuerQuirk(
            name="entra-version-1",
            asked=rf"https://(?P<host>{_ENTRA_HOST})/[a-z0-9.-]+/?",
            stated=rf"https://sts\.(?:windows\.net|chinacloudapi\.cn)/(?P<id>{UUID})/",
            problem="This is the address of version 1 of Microsoft Entra ID, whose issuer is another one.",
            remedy="Enter the issuer of version 2: https://{host}/{id}/v2.0",
        ),
        IssuerQuirk(
            name="entra-external-id",
            asked=r"https://(?P<domain>[a-z0-9-]+)\.ciamlogin\.com/[a-z0-9.-]+/v2\.0/?",
            stated=rf"https://(?P<id>{UUID})\.ciamlogin\.com/(?P=id)/v2\.0",
            problem="Microsoft Entra External ID names the issuer of a tenant by its ID, in host and path.",
            remedy="Enter the issuer as https://{id}.ciamlogin.com/{id}/v2.0",
        ),
        IssuerQuirk(
            name="b2c-policy",
            asked=r"(?P<base>https://(?:[a-z0-9-]+\.b2clogin\.com/[^\s?#]+?|[^\s?#]+/b2c_1a?_[a-z0-9_-]+))"
            r"/v2\.0/?",
            problem="Azure AD B2C publishes metadata for each policy, but under another issuer than that; it "
            "cannot be verified.",
            remedy="Choose to type the token endpoint by hand: {base}/oauth2/v2.0/token",
            field="endpoint_mode",
        ),
    ),
)

KEYCLOAK = ProviderPreset(
    issuer="{base_url}/realms/{realm}",
    token_endpoint="{issuer}/protocol/openid-connect/token",
    addresses=(
        r"(?P<base_url>https?://[^\s?#@\\]+?)/realms/(?P<realm>[A-Za-z0-9._~-]+)"
        r"(?:/(?:protocol/openid-connect|\.well-known)\S*|/)?",
        r"(?P<base_url>https?://[^\s?#@\\]+?)/admin/(?P<realm>[A-Za-z0-9._~-]+)/console\S*",
    ),
    rules=(
        Rule(
            "resources",
            FILLED,
            "Keycloak does not go by the resource parameter.",
            "Have a mapper put the audience into the token.",
        ),
    ),
    hints=(
        Hint(
            frozenset({"unauthorized_client"}),
            Remedy("In Keycloak, switch on Service account roles in the client's settings.", weight=70),
        ),
        Hint(
            SCOPE,
            Remedy("In Keycloak, add the scope to the client's Client scopes.", "scope", 66),
        ),
    ),
)

COGNITO = ProviderPreset(
    issuer="https://cognito-idp.{aws_region}.amazonaws.com/{pool}",
    token_endpoint="https://{domain}/oauth2/token",
    addresses=(
        rf"https://(?P<domain>{_COGNITO_HOST})(?:/\S*)?",
        r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/(?P<pool>[a-z0-9-]+_[A-Za-z0-9]+)(?:/\S*)?",
    ),
    methods=(AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST),
    endpoint_elsewhere="Amazon Cognito has its token endpoint on the user pool's own domain, so this is "
    "expected; check that the domain is yours.",
    rules=(
        Rule(
            "scope",
            r"(?:^|\s)[^/\s]+(?=\s|$)",
            "Amazon Cognito writes scopes as resource-server/scope.",
            "Copy it from the user pool's resource servers, or leave it empty for all that are allowed.",
        ),
    ),
    hints=(
        Hint(
            SCOPE | frozenset({"unauthorized_client", "invalid_grant"}),
            Remedy(
                "In Cognito, allow the client credentials grant and the custom scopes for this app client.",
                "scope",
                70,
            ),
        ),
    ),
)

HYDRA = ProviderPreset(
    issuer="{base_url}",
    token_endpoint="{base_url}/oauth2/token",
    addresses=(r"(?P<base_url>https://[a-z0-9-]+\.projects\.oryapis\.com)(?:/\S*)?",),
    assertion_audience=AssertionAudience.TOKEN_ENDPOINT,
    rules=(
        Rule(
            "resources",
            FILLED,
            "Ory Hydra does not go by the resource parameter.",
            "Enter the audience instead; several are separated by spaces.",
        ),
    ),
    hints=(
        Hint(
            frozenset({"invalid_target", "invalid_request", "access_denied"}),
            Remedy("Add the audience to the client's audience list in Hydra.", "audience", 70),
        ),
        Hint(SCOPE, Remedy("Add the scope to the client's scope list in Hydra.", "scope", 66)),
    ),
)

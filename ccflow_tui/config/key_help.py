"""What each key of the settings file means, in one line; the JSON Schema shows it in editors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

KEY_HELP: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Settings": {
            "oauth": "Holds clientCredentials: the flow's switch, and what every profile starts from.",
            "profiles": "One client each, by the name that --profile takes.",
            "defaultProfile": "The profile to open when none is asked for.",
            "secretStore": "Where secrets are kept: keyring, memory or file.",
            "ui": "How the wizard looks and which keys it listens to.",
        },
        "OAuthSettings": {"clientCredentials": "What every profile starts from."},
        "ClientCredentialsSettings": {"enabled": "Switches the flow on or off."},
        "ClientSettings": {
            "provider": "Whose server it is; chooses the preset.",
            "providerInputs": "What the preset asks for, by name.",
            "environmentId": "PingOne environment, a UUID.",
            "region": "PingOne region: us, eu, ca, ap, au or sg.",
            "issuer": "Issuer, whose metadata names the token endpoint (RFC 8414).",
            "tokenEndpoint": "Token endpoint by hand.",
            "allowEndpoint": "Origin, besides its own, on which the issuer may name a token endpoint.",
            "apiBase": "Base URL of the API that step 4 calls with the token.",
            "clientId": "The client's id at the server.",
            "authMethod": "How the client proves who it is.",
            "secretReference": "Where the client secret is: env:, file:, keyring: or command:.",
            "secretCommand": "A program, with its arguments, that writes the client secret.",
            "basicEncoding": "How id and secret enter the Basic header.",
            "scopes": "Scopes to ask for.",
            "audience": "Audience to ask for, where the server takes one.",
            "resource": "Resource indicators (RFC 8707): one text or a list.",
            "authorizationDetails": "Authorization details (RFC 9396): a list of objects with a type.",
            "extraParameters": "The server's own parameters by name; never a secret.",
            "proactiveRefreshSeconds": "Seconds before expiry at which a new token is fetched, 60 to 120.",
            "assertion": "How a client assertion is signed.",
            "mtls": "The client certificate for the TLS handshake.",
            "dpop": "Whether tokens are bound to a key (RFC 9449).",
            "production": "Marks the profile in red, asks before each request, and reveals nothing.",
            "note": "One line that tells people what the profile is for.",
        },
        "AssertionSettings": {
            "alg": "Signature algorithm, such as RS256.",
            "kid": "Key id of the header; else the key's own.",
            "audience": "auto, issuer, token_endpoint, or the audience itself.",
            "key": "The private key by reference: a path, keyring:NAME or env:VARIABLE.",
            "certificate": "The key's certificate by reference; adds x5t#S256 to the header.",
        },
        "MtlsSettings": {
            "enabled": "Presents the certificate with every method.",
            "certRef": "The certificate by reference: a path, keyring:NAME or env:VARIABLE.",
            "keyRef": "Its private key by reference, where the certificate's file does not hold it.",
        },
        "DpopSettings": {
            "enabled": "Binds tokens to a key of the profile's own.",
            "alg": "Algorithm of the proofs, such as ES256 or Ed25519.",
            "allowBearer": "Takes a Bearer token all the same.",
        },
        "UiSettings": {
            "theme": "The theme to start with.",
            "emoji": "false leaves out pictures; every word stays.",
            "motion": "false stops animations, and counts down by the minute.",
            "keys": "Other keys for actions by the action's id: f9, ctrl+n, y and such, separated by commas.",
        },
    }
)

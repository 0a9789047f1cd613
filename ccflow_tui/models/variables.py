"""The names of ccflow's environment variables that configuration and credentials both read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PROFILE_VARIABLE = "CCFLOW_PROFILE"
SECRET_VARIABLE = "CCFLOW_CLIENT_SECRET"  # noqa: S105 - the variable's name, not a secret
SECRET_ORIGIN_VARIABLE = "CCFLOW_SECRET_ORIGIN"  # noqa: S105
"""The one origin that the secret beside it may be sent to besides the server named there."""
ALLOW_ENDPOINT_VARIABLE = "CCFLOW_ALLOW_ENDPOINT"
"""The one origin, besides its own, on which the issuer may name a token endpoint."""
CERT_VARIABLE, CERT_KEY_VARIABLE = "CCFLOW_MTLS_CERT", "CCFLOW_MTLS_KEY"
"""The client certificate by reference, which switches mutual TLS on, and its key."""
PASSPHRASE_VARIABLE = "CCFLOW_KEY_PASSPHRASE"  # noqa: S105
"""The passphrase of encrypted private keys; it opens files here and is sent nowhere."""
STORE_PASSPHRASE_VARIABLE = "CCFLOW_STORE_PASSPHRASE"  # noqa: S105
"""The passphrase of the encrypted file of secrets; of the process environment only."""
ENABLED_VARIABLE = "CCFLOW_ENABLED"
"""Switches the flow on or off."""
TRUST_FOLDER_VARIABLE = "CCFLOW_TRUST_FOLDER"
"""The whole path of the working folder whose files are trusted; of the process environment only."""
SECRET_STORE_VARIABLE = "CCFLOW_SECRET_STORE"  # noqa: S105
"""Where secrets are kept: a value of ``StoreChoice``."""

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "CCFLOW_PROVIDER": "provider",
        "CCFLOW_PROVIDER_INPUTS": "provider_inputs",
        "CCFLOW_ENVIRONMENT_ID": "environment_id",
        "CCFLOW_REGION": "region",
        "CCFLOW_ISSUER": "issuer",
        "CCFLOW_TOKEN_ENDPOINT": "token_endpoint",
        "CCFLOW_CLIENT_ID": "client_id",
        "CCFLOW_AUTH_METHOD": "auth_method",
        "CCFLOW_SECRET_REFERENCE": "secret_reference",
        "CCFLOW_PRIVATE_KEY": "key_reference",
        "CCFLOW_CERTIFICATE": "assertion_certificate",
        "CCFLOW_SCOPE": "scope",
        "CCFLOW_AUDIENCE": "audience",
        "CCFLOW_RESOURCE": "resources",
        "CCFLOW_AUTHORIZATION_DETAILS": "authorization_details",
        "CCFLOW_EXTRA_PARAMETERS": "extra_parameters",
        "CCFLOW_KID": "assertion_kid",
        "CCFLOW_ALG": "assertion_alg",
        "CCFLOW_BASIC_ENCODING": "basic_encoding",
        ALLOW_ENDPOINT_VARIABLE: "endpoint_consent",
        "CCFLOW_DPOP": "dpop",
        "CCFLOW_DPOP_ALG": "dpop_alg",
        "CCFLOW_DPOP_ALLOW_BEARER": "dpop_allow_bearer",
    }
)
"""The variable of each profile attribute that has one."""

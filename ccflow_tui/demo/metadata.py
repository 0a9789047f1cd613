"""What the demo authorization server publishes about itself (RFC 8414, OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from typing import Any

from ccflow_tui.demo.addresses import Addresses
from ccflow_tui.demo.client_authentication import METHODS
from ccflow_tui.demo.clients import GRANT_TYPE, SECRET_ALG
from ccflow_tui.demo.dpop_proofs import PROOF_ALGS

SIGNING_ALGS = ("RS256", "ES256", SECRET_ALG)


def metadata_document(addresses: Addresses, scopes: list[str]) -> dict[str, Any]:
    """Return the one document that both well-known addresses give."""
    methods = [method.value for method in METHODS]
    return {
        "issuer": addresses.issuer,
        "token_endpoint": addresses.token_endpoint,
        "jwks_uri": addresses.jwks_uri,
        "introspection_endpoint": addresses.introspection_endpoint,
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint": addresses.revocation_endpoint,
        "revocation_endpoint_auth_methods_supported": methods,
        "grant_types_supported": [GRANT_TYPE],
        # RFC 8414 requires the member although this server has no authorization endpoint.
        "response_types_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(SIGNING_ALGS),
        "dpop_signing_alg_values_supported": list(PROOF_ALGS),
        "scopes_supported": scopes,
        "claims_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }

"""ccflow: the OAuth 2.0 client credentials grant (RFC 6749, section 4.4), as a wizard and as a library.

The names in ``__all__`` are the library; each is loaded when it is first used, so that importing this
package costs nothing, and none of them loads Textual.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ccflow_tui.library.client import TokenClient as TokenClient
    from ccflow_tui.library.credentials import ClientCertificate as ClientCertificate
    from ccflow_tui.library.credentials import ClientSecret as ClientSecret
    from ccflow_tui.library.credentials import PrivateKey as PrivateKey
    from ccflow_tui.library.credentials import PublicClient as PublicClient
    from ccflow_tui.library.errors import TokenCancelled as TokenCancelled
    from ccflow_tui.library.errors import TokenError as TokenError
    from ccflow_tui.library.errors import TokenMalformed as TokenMalformed
    from ccflow_tui.library.errors import TokenRefused as TokenRefused
    from ccflow_tui.library.errors import TokenUnreachable as TokenUnreachable
    from ccflow_tui.library.httpx_auth import TokenAuth as TokenAuth
    from ccflow_tui.library.target import Target as Target
    from ccflow_tui.models.access_token import AccessToken as AccessToken
    from ccflow_tui.models.problems import CcflowError as CcflowError
    from ccflow_tui.models.problems import InputProblem as InputProblem
    from ccflow_tui.models.problems import IssuerMismatch as IssuerMismatch
    from ccflow_tui.models.secret import Secret as Secret

__all__ = [
    "AccessToken",
    "CcflowError",
    "ClientCertificate",
    "ClientSecret",
    "InputProblem",
    "IssuerMismatch",
    "PrivateKey",
    "PublicClient",
    "Secret",
    "Target",
    "TokenAuth",
    "TokenCancelled",
    "TokenClient",
    "TokenError",
    "TokenMalformed",
    "TokenRefused",
    "TokenUnreachable",
]

_HOMES = MappingProxyType(
    {
        "AccessToken": "models.access_token",
        "CcflowError": "models.problems",
        "ClientCertificate": "library.credentials",
        "ClientSecret": "library.credentials",
        "InputProblem": "models.problems",
        "IssuerMismatch": "models.problems",
        "PrivateKey": "library.credentials",
        "PublicClient": "library.credentials",
        "Secret": "models.secret",
        "Target": "library.target",
        "TokenAuth": "library.httpx_auth",
        "TokenCancelled": "library.errors",
        "TokenClient": "library.client",
        "TokenError": "library.errors",
        "TokenMalformed": "library.errors",
        "TokenRefused": "library.errors",
        "TokenUnreachable": "library.errors",
    }
)
"""Where each of them is; only the module that is asked for is loaded."""


def __getattr__(name: str) -> Any:
    """Load a published name at its first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List what is published."""
    return [*__all__, "__version__"]

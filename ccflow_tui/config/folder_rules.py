"""What a file that merely lies in the working folder may say before it is trusted.

Such a file may have come with somebody else's project. It may make things stricter, never laxer, and it names
neither a server nor a key. The rules are a table, and a test holds every field of a profile against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """Which values of a field count without trust, and what follows from the others."""

    allowed: tuple[object, ...] | None = None
    """``None`` for every value; a field that eases something counts in its stricter direction only."""
    stops: bool = False
    """Whether a script gets no token as long as such a value waits for trust: it would be another's token."""

    def allows(self, value: object) -> bool:
        """Whether a value counts without trust."""
        return self.allowed is None or value in self.allowed


HARMLESS = Rule()
GUARDED = Rule((), stops=True)
STRICTER_ON, STRICTER_OFF = Rule((True,)), Rule((False,))

PROFILE_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        # Where credentials and tokens go.
        "endpoint_mode": GUARDED,
        "provider": GUARDED,
        "environment_id": GUARDED,
        "region": GUARDED,
        "provider_inputs": GUARDED,
        "issuer": GUARDED,
        "token_endpoint": GUARDED,
        "endpoint_consent": GUARDED,
        "api_base": Rule(()),  # a token is had without it
        # Which credential is used, how, and for whom it counts.
        "auth_method": GUARDED,
        "secret_reference": GUARDED,
        "key_reference": GUARDED,
        "assertion_certificate": GUARDED,
        "assertion_audience": GUARDED,
        "mtls": GUARDED,
        # What protects the token.
        "dpop": STRICTER_ON,
        "dpop_allow_bearer": STRICTER_OFF,
        "production": STRICTER_ON,
        # What the user's own server is asked for.
        "client_id": HARMLESS,
        "basic_encoding": HARMLESS,
        "assertion_alg": HARMLESS,
        "assertion_kid": HARMLESS,
        "scope": HARMLESS,
        "audience": HARMLESS,
        "resources": HARMLESS,
        "authorization_details": HARMLESS,
        "extra_parameters": HARMLESS,
        "proactive_refresh_seconds": HARMLESS,
        "dpop_alg": HARMLESS,
        "note": HARMLESS,
    }
)
"""The rule of every profile attribute that a file can say."""

OTHER_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "default_profile": GUARDED,
        "enabled": STRICTER_OFF,
        "client_secret": Rule(()),  # the one that is typed or kept is used meanwhile, if there is one
        "secret_store": Rule(()),  # nor memory, behind which what is kept could not be found and removed
    }
)
"""The rules of what a file says besides its profiles, looks excepted."""


def counting(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return profile values of an untrusted file that count, and those that are held back."""
    good = {name: value for name, value in values.items() if PROFILE_RULES[name].allows(value)}
    return good, {name: value for name, value in values.items() if name not in good}

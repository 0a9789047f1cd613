"""What a program authenticates with: a shared secret or a private key."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ccflow_tui.models.profile import AuthMethod, BasicEncoding, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import Credential


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A shared secret, sent as ``method`` says: in the Authorization header or in the body.

    ``encoding`` is for servers that do not decode the header (RFC 6749, section 2.3.1).
    """

    secret: Secret
    method: AuthMethod = AuthMethod.CLIENT_SECRET_BASIC
    encoding: BasicEncoding = BasicEncoding.STANDARD

    def __init__(
        self,
        secret: str | Secret,
        method: AuthMethod | str = AuthMethod.CLIENT_SECRET_BASIC,
        encoding: BasicEncoding = BasicEncoding.STANDARD,
    ) -> None:
        object.__setattr__(self, "secret", secret if isinstance(secret, Secret) else Secret(secret))
        object.__setattr__(self, "method", AuthMethod(method))
        object.__setattr__(self, "encoding", encoding)

    def applied_to(self, profile: Profile) -> Profile:
        """Return the profile with this credential's method."""
        return replace(profile, auth_method=self.method, basic_encoding=self.encoding)

    def as_credential(self) -> Credential:
        """Return what the request builder takes."""
        return Credential(secret=self.secret, source="program")


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key that signs client assertions (``private_key_jwt``, RFC 7523).

    ``key`` is PEM or JWK text; ``kid`` defaults to the JWK's own, else the key's thumbprint (RFC 7638).
    """

    key: Secret
    alg: str = "RS256"
    kid: str = ""

    def __init__(self, key: str | Secret, alg: str = "RS256", kid: str = "") -> None:
        object.__setattr__(self, "key", key if isinstance(key, Secret) else Secret(key))
        object.__setattr__(self, "alg", alg)
        object.__setattr__(self, "kid", kid)

    def applied_to(self, profile: Profile) -> Profile:
        """Return the profile with this credential's method."""
        return replace(
            profile,
            auth_method=AuthMethod.PRIVATE_KEY_JWT,
            assertion_alg=self.alg,
            assertion_kid=self.kid,
            key_reference="program",
        )

    def as_credential(self) -> Credential:
        """Return what the request builder takes."""
        return Credential(key=self.key, source="program")


@dataclass(frozen=True, slots=True)
class GivenCredential:
    """Implements ``request_builder.Credentials`` for the one credential that a program gave."""

    given: Credential

    async def credential(self, profile: Profile) -> Credential:
        """Return it, whatever the profile."""
        return self.given

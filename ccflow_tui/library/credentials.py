"""What a program authenticates with: a shared secret, a private key, a certificate, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PurePath
from typing import TypeVar

from ccflow_tui.library.parameter_kinds import check_flag, check_kind, check_text
from ccflow_tui.models.problems import InputProblem, KeyProblem
from ccflow_tui.models.profile import AssertionAudience, AuthMethod, BasicEncoding, MutualTls, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.key_pkcs12 import UNREADABLE, as_text
from ccflow_tui.services.key_reading import CERTIFICATE, PRIVATE_KEY, KeyReader, check_reference
from ccflow_tui.services.ports import Credential

T = TypeVar("T", bound=StrEnum)

KEY_REFERENCE = "program"
"""What stands for the reference of a key that a program gave."""


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A shared secret, used as ``method`` says: in the Authorization header, in the body, or to sign.

    With ``client_secret_jwt`` it signs assertions by ``alg`` (HS256, HS384 or HS512) for ``audience``, as
    ``PrivateKey`` has it, and is not sent. ``encoding`` is for servers that do not decode the header
    (RFC 6749, section 2.3.1). Raises ``InputProblem`` for a method or encoding that there is not, and for a
    method that would leave the secret unused.
    """

    secret: Secret
    method: AuthMethod = AuthMethod.CLIENT_SECRET_BASIC
    encoding: BasicEncoding = BasicEncoding.STANDARD
    alg: str = "HS256"
    audience: str = AssertionAudience.AUTO

    def __init__(
        self,
        secret: str | Secret,
        method: AuthMethod | str = AuthMethod.CLIENT_SECRET_BASIC,
        encoding: BasicEncoding | str = BasicEncoding.STANDARD,
        alg: str = "HS256",
        audience: str = AssertionAudience.AUTO,
    ) -> None:
        methods = [each for each in AuthMethod if each.uses_secret]
        object.__setattr__(self, "secret", _secret(secret, "client_secret"))
        object.__setattr__(self, "method", _one_of(methods, method, "auth_method"))
        object.__setattr__(self, "encoding", _one_of(list(BasicEncoding), encoding, "basic_encoding"))
        _set_texts(self, alg=alg, audience=audience)

    def applied_to(self, profile: Profile) -> Profile:
        """Return the profile with this credential's method."""
        return replace(
            profile,
            auth_method=self.method,
            basic_encoding=self.encoding,
            assertion_alg=self.alg,
            assertion_audience=self.audience,
        )

    def as_credential(self) -> Credential:
        """Return what the request builder takes."""
        return Credential(secret=self.secret, source="program")

    def passphrases(self) -> dict[str, Secret]:
        """Return nothing: a secret needs no passphrase."""
        return {}


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key that signs client assertions (``private_key_jwt``, RFC 7523).

    ``key`` is PEM or JWK text, or the bytes of a PEM, JWK or PKCS#12 file; ``passphrase`` opens an encrypted
    one. ``kid`` defaults to the JWK's own, else the key's thumbprint (RFC 7638). A certificate that comes
    with the key (PEM or PKCS#12) puts its thumbprint into the header (``x5t#S256``). ``audience`` of the
    assertions is ``auto`` (the issuer where discovery verified one, else the token endpoint), ``issuer``,
    ``token_endpoint``, or an address of the server's own. Raises ``InputProblem`` for a value of the wrong
    kind, and for bytes that are no key.
    """

    key: Secret
    alg: str = "RS256"
    kid: str = ""
    passphrase: Secret = field(default=Secret(""))
    audience: str = AssertionAudience.AUTO

    def __init__(
        self,
        key: str | bytes | Secret,
        alg: str = "RS256",
        kid: str = "",
        passphrase: str | Secret = "",
        audience: str = AssertionAudience.AUTO,
    ) -> None:
        object.__setattr__(self, "key", _key_text(key))
        object.__setattr__(self, "passphrase", _secret(passphrase, "passphrase"))
        _set_texts(self, alg=alg, kid=kid, audience=audience)

    def applied_to(self, profile: Profile) -> Profile:
        """Return the profile with this credential's method."""
        return replace(
            profile,
            auth_method=AuthMethod.PRIVATE_KEY_JWT,
            assertion_alg=self.alg,
            assertion_kid=self.kid,
            assertion_audience=self.audience,
            key_reference=KEY_REFERENCE,
        )

    def as_credential(self) -> Credential:
        """Return what the request builder takes."""
        return Credential(key=self.key, source="program")

    def passphrases(self) -> dict[str, Secret]:
        """Return what opens the key, by its reference."""
        return {KEY_REFERENCE: self.passphrase}


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate for the TLS handshake (RFC 8705).

    ``certificate`` is the path of a PEM chain or of a PKCS#12 file, ``key`` that of its private key unless
    the certificate's file holds it. As a client's credential it stands for ``tls_client_auth``, or with
    ``self_signed`` for ``self_signed_tls_client_auth``. Raises ``InputProblem`` for a key in place of a path.
    """

    certificate: str
    key: str = ""
    passphrase: Secret = field(default=Secret(""))
    self_signed: bool = False

    def __init__(
        self,
        certificate: str | Path,
        key: str | Path = "",
        passphrase: str | Secret = "",
        *,
        self_signed: bool = False,
    ) -> None:
        object.__setattr__(self, "certificate", _path_text(certificate, "certificate", CERTIFICATE))
        object.__setattr__(self, "key", _path_text(key, "key", PRIVATE_KEY))
        object.__setattr__(self, "passphrase", _secret(passphrase, "passphrase"))
        check_flag(self_signed, "self_signed")
        object.__setattr__(self, "self_signed", self_signed)

    def applied_to(self, profile: Profile) -> Profile:
        """Return the profile with this credential's method."""
        method = AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH if self.self_signed else AuthMethod.TLS_CLIENT_AUTH
        return replace(self.presented_by(profile), auth_method=method)

    def presented_by(self, profile: Profile) -> Profile:
        """Return the profile with this certificate beside whatever it authenticates with."""
        return replace(profile, mtls=MutualTls(True, self.certificate, self.key))

    def as_credential(self) -> Credential:
        """Return what the request builder takes: nothing, since the handshake proves the client."""
        return Credential(source="program")

    def passphrases(self) -> dict[str, Secret]:
        """Return what opens the key, by its reference."""
        return {self.key or self.certificate: self.passphrase}


@dataclass(frozen=True, slots=True)
class PublicClient:
    """No credential: the client only says who it is (``none``, RFC 7591, section 2).

    Anybody who knows the client id can get the same tokens, so RFC 6749, section 4.4, has servers refuse this
    grant to public clients. Some take it, such as test servers, or where the network vouches for the client.
    """

    def applied_to(self, profile: Profile) -> Profile:
        """Return the profile with this method."""
        return replace(profile, auth_method=AuthMethod.NONE)

    def as_credential(self) -> Credential:
        """Return what the request builder takes: nothing."""
        return Credential(source="program")

    def passphrases(self) -> dict[str, Secret]:
        """Return nothing."""
        return {}


ClientCredential = ClientSecret | PrivateKey | ClientCertificate | PublicClient
"""Whatever a program may authenticate with."""


@dataclass(frozen=True, slots=True)
class GivenCredential:
    """Implements ``request_builder.Credentials`` for the one credential that a program gave."""

    given: Credential
    reader: KeyReader

    async def credential(self, profile: Profile) -> Credential:
        """Return it, whatever the profile."""
        return self.given


def _secret(text: str | Secret, field: str) -> Secret:
    check_kind(text, str | Secret, field, "Give a str or a Secret.")
    return text if isinstance(text, Secret) else Secret(text)


def _set_texts(credential: ClientSecret | PrivateKey, **given: str) -> None:
    for name, text in given.items():
        check_text(text, name)
        object.__setattr__(credential, name, text)


def _one_of(choices: Sequence[T], given: T | str, field: str) -> T:
    if given in choices:
        return choices[choices.index(given)]  # a StrEnum is equal to its text
    # What was given is not repeated: it may be the secret, in the wrong place.
    raise InputProblem(field, "There is no such choice here.", f"Choose one of {', '.join(choices)}.")


def _path_text(path: str | Path, name: str, noun: str) -> str:
    check_kind(path, str | PurePath, name, "Give a path, as a str or a Path.")
    text = str(path)
    try:
        check_reference(text, noun)
    except KeyProblem as problem:
        found = problem.about("mtls")
    else:
        return text
    raise found


def _key_text(key: str | bytes | Secret) -> Secret:
    if not isinstance(key, bytes):
        check_kind(
            key, str | Secret, "key_reference", "Give a str, a Secret, or the bytes of the key's file."
        )
        return key if isinstance(key, Secret) else Secret(key)
    try:
        return Secret(as_text(key))
    except ValueError:
        pass
    raise KeyProblem(*UNREADABLE)

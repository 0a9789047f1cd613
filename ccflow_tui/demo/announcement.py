"""The one line by which the demo server tells its parent where it stands and which clients it prepared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from ccflow_tui.models.profile import (
    AuthMethod,
    BasicEncoding,
    EndpointConsent,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
    Provider,
    ServerFacts,
)
from ccflow_tui.models.secret import Secret

KEYRING_PREFIX = "keyring:"
PLACES = ("issuer", "token_endpoint", "api_base", "environment_id")


@dataclass(frozen=True, slots=True)
class Offer:
    """A prepared client as the wizard needs it."""

    profile: Profile
    secret: Secret | None = None
    key: Secret | None = None
    """The private key (PEM, PKCS #8) that ``profile.key_reference`` names."""


@dataclass(frozen=True, slots=True)
class DemoInfo:
    """A running demo server: where it is, and the profiles it prepared, the preferred one first."""

    issuer: str
    token_endpoint: str
    api_base: str
    environment_id: str
    profiles: tuple[Profile, ...]
    secrets: Mapping[str, Secret]
    """Client secrets by profile name."""
    keys: Mapping[str, Secret]
    """Private keys by NAME, where a profile's ``key_reference`` is ``keyring:NAME``."""

    @classmethod
    def of(
        cls, *, issuer: str, token_endpoint: str, api_base: str, environment_id: str, offers: Sequence[Offer]
    ) -> DemoInfo:
        """Gather what was prepared."""
        return cls(
            issuer,
            token_endpoint,
            api_base,
            environment_id,
            profiles=tuple(offer.profile for offer in offers),
            secrets=MappingProxyType({o.profile.name: o.secret for o in offers if o.secret is not None}),
            keys=MappingProxyType({_key_name(o.profile): o.key for o in offers if o.key is not None}),
        )


def encode_announcement(info: DemoInfo) -> str:
    """Return the line, in ASCII and without its line end; it carries secrets and is for a pipe only."""
    clients = [
        {
            "profile": asdict(profile),
            "secret": _revealed(info.secrets.get(profile.name)),
            "key": _revealed(info.keys.get(_key_name(profile))),
        }
        for profile in info.profiles
    ]
    places = {name: getattr(info, name) for name in PLACES}
    return json.dumps({**places, "clients": clients}, separators=(",", ":"))


def decode_announcement(line: str) -> DemoInfo:
    """Read the line back; raises ``ValueError`` when it is none."""
    try:
        document = json.loads(line)
        return DemoInfo.of(
            **{name: document[name] for name in PLACES},
            offers=[_offer(client) for client in document["clients"]],
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ValueError("this is not the announcement of a demo server") from None


def _key_name(profile: Profile) -> str:
    return profile.key_reference.removeprefix(KEYRING_PREFIX)


def _revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()


def _offer(client: dict[str, Any]) -> Offer:
    fields = dict(client["profile"])
    fields.update(
        endpoint_mode=EndpointMode(fields["endpoint_mode"]),
        endpoint_source=EndpointSource(fields["endpoint_source"]),
        auth_method=AuthMethod(fields["auth_method"]),
        basic_encoding=BasicEncoding(fields["basic_encoding"]),
        provider=Provider(fields["provider"]),
        resources=tuple(fields["resources"]),
        **{name: tuple(map(tuple, fields[name])) for name in ("provider_inputs", "extra_parameters")},
        mtls=MutualTls(**fields["mtls"]),
        endpoint_consent=EndpointConsent(**fields["endpoint_consent"]),
        server=ServerFacts(),  # discovery tells it anew
    )
    secret, key = client["secret"], client["key"]
    return Offer(
        Profile(**fields),
        secret=None if secret is None else Secret(secret),
        key=None if key is None else Secret(key),
    )

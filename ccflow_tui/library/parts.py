"""What a ``TokenClient`` is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccflow_tui.library.credentials import ClientCertificate, ClientCredential, GivenCredential
from ccflow_tui.library.dpop_key import ProgramKey
from ccflow_tui.library.log import StandardLog
from ccflow_tui.library.parameter_kinds import check_flag, check_kind, check_number, check_text, check_texts
from ccflow_tui.library.target import details_text, parameter_pairs
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import EndpointMode, EndpointSource, MutualTls, Profile
from ccflow_tui.services.client_certificates import ClientCertificates
from ccflow_tui.services.connections import Connections
from ccflow_tui.services.dpop_prover import DpopProver
from ccflow_tui.services.flow_log import FlowLog
from ccflow_tui.services.key_reading import KeyReader
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.ports import Clock, Transport
from ccflow_tui.services.redaction import Redactor
from ccflow_tui.services.request_builder import RequestBuilder
from ccflow_tui.services.server_notes import ServerNotes
from ccflow_tui.services.token_cache import TokenCache
from ccflow_tui.services.token_fetcher import TokenFetcher
from ccflow_tui.services.transport import HttpTransport
from ccflow_tui.services.variables import Variables

if TYPE_CHECKING:
    from ccflow_tui.library.client import TokenClient

_REMEMBERED_TOKENS = 16
"""The latest, which a server could still repeat in an error; the client's own secrets are always known."""


@dataclass(frozen=True, slots=True)
class ClientParts:
    """They belong to one event loop, as soon as they are used."""

    connections: Connections
    cache: TokenCache
    prover: DpopProver
    fetcher: TokenFetcher


def wire(client: TokenClient) -> ClientParts:
    """Make the parts of a client; nothing is read and nothing sent yet."""
    redactor = Redactor(_REMEMBERED_TOKENS)
    log = FlowLog(StandardLog(redactor))
    reader = KeyReader(MemoryStore(), Variables({}, {}), log.warning)
    opening = client.credential.passphrases()
    opening |= client.certificate.passphrases() if client.certificate else {}
    for reference, passphrase in opening.items():
        reader.remember_passphrase(reference, passphrase)
    credential = GivenCredential(client.credential.as_credential(), reader)
    prover = DpopProver(ProgramKey(), ServerNotes(), client.clock)
    builder = RequestBuilder(client.clock, credential, redactor, log, prover)
    certificates = ClientCertificates(builder.keys, client.clock)

    given, clock = client.transport, client.clock  # and not the client, which is to end when it is let go of

    def transport_for(mtls: MutualTls) -> Transport:
        return given or HttpTransport(clock=clock, mtls=mtls, certificates=certificates.load)

    connections = Connections(transport_for, client.clock, log.discovery_attempt)
    fetcher = TokenFetcher(
        clock=client.clock,
        connections=connections,
        builder=builder,
        redactor=redactor,
        log=log,
        certificates=certificates,
        attempts=client.attempts,
        deadline=client.timeout,
    )
    return ClientParts(connections, TokenCache(client.clock, on_fault=log.not_refreshed), prover, fetcher)


def refuse_unusable(client: TokenClient) -> None:
    """Raise ``InputProblem`` for a value of the wrong kind, and for one that no profile's rules will see."""
    for field in ("client_id", "token_endpoint", "issuer", "scope", "audience", "dpop_alg"):
        check_text(getattr(client, field), field)
    check_texts(client.resources, "resources")
    for field in ("dpop", "dpop_allow_bearer"):
        check_flag(getattr(client, field), field)
    credentials = "Give a ClientSecret, PrivateKey, ClientCertificate or PublicClient."
    check_kind(client.credential, ClientCredential, "credential", credentials)
    check_kind(client.certificate, ClientCertificate | None, "certificate", "Give a ClientCertificate.")
    check_kind(
        client.transport, Transport | None, "transport", "Give exchange, warm and close (ports.Transport)."
    )
    check_kind(client.clock, Clock, "clock", "Give wall, monotonic and sleep (ports.Clock).")
    _check_numbers(client)


def _check_numbers(client: TokenClient) -> None:
    attempts, seconds, ahead = "Allow 1 or more.", "Give seconds, such as 30.", "Give 0 seconds or more."
    check_number(client.attempts, "attempts", attempts, whole=True)
    check_number(client.timeout, "timeout", seconds)
    check_number(client.refresh_ahead, "refresh_ahead", ahead)
    if client.attempts < 1:
        raise InputProblem("attempts", "Without an attempt there is no token.", attempts)
    if client.timeout <= 0:
        raise InputProblem("timeout", "The limit is a time above 0.", seconds)
    if client.refresh_ahead < 0:
        raise InputProblem("refresh_ahead", "A refresh after the expiry is late.", ahead)


def described(client: TokenClient) -> Profile:
    """Return what a client's parameters say, as a profile; raises ``InputProblem`` for one of no use."""
    profile = Profile(
        name="program",
        endpoint_mode=EndpointMode.ISSUER if client.issuer else EndpointMode.MANUAL,
        endpoint_source=EndpointSource.NONE if client.issuer else EndpointSource.TYPED,
        issuer=client.issuer,
        token_endpoint="" if client.issuer else client.token_endpoint,
        client_id=client.client_id,
        scope=client.scope,
        audience=client.audience,
        resources=tuple(client.resources),
        authorization_details=details_text(client.authorization_details),
        extra_parameters=parameter_pairs(client.extra_parameters),
        dpop=client.dpop,
        dpop_alg=client.dpop_alg,
        dpop_allow_bearer=client.dpop_allow_bearer,
    )
    if client.certificate is not None:
        profile = client.certificate.presented_by(profile)
    return client.credential.applied_to(profile)

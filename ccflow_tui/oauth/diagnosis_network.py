"""Why no answer arrived: one explanation for each kind of network failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from ccflow_tui.models.outcome import Phase
from ccflow_tui.models.provider_forms import inputs_of
from ccflow_tui.oauth.explanation import ENDPOINT, Case, Explanation, Remedy

_CONNECTION = Remedy("Check the network connection, and the VPN if the server is only reachable through one.")
_SPELLING = Remedy("Check the spelling of {server}.", ENDPOINT, 60)
_CLOCK = Remedy("Check this computer's date and time: a wrong clock makes valid certificates look expired.")
_OPERATOR = Remedy("If it stays, tell the operator of {server}.", weight=10)
_RETRY = Remedy("Retry; a short disturbance passes by itself.", weight=70)

KINDS: Mapping[str, Explanation] = MappingProxyType(
    {
        "name-not-found": Explanation(
            "{server} was not found",
            "No address is known for this name (DNS). Nothing was sent.",
            (_SPELLING, _CONNECTION, Remedy("If the name is new, wait until DNS knows it.", weight=20)),
        ),
        "refused": Explanation(
            "{server} refused the connection",
            "The machine answers, but nothing accepts connections on this port. Nothing was sent.",
            (
                Remedy("Check the port and whether the server is running.", ENDPOINT, 60),
                Remedy(
                    "A firewall can refuse in the server's place; check the VPN or ask your network team."
                ),
            ),
        ),
        "unreachable-network": Explanation(
            "There is no way to {server}",
            "This computer found no network route to the server. Nothing was sent.",
            (_CONNECTION, Remedy("If the server is on a private network, connect to that first.", weight=40)),
        ),
        "tls-expired": Explanation(
            "The certificate of {server} has expired",
            "The server could not prove who it is, so no credentials were sent.",
            (
                Remedy("Ask the server's operator to renew the certificate.", weight=60),
                _CLOCK,
            ),
        ),
        "tls-self-signed": Explanation(
            "The certificate of {server} is self-signed",
            "No authority that this computer trusts vouches for it, so no credentials were sent.",
            (
                Remedy(
                    "If it is your own server, add its certificate to this computer's trust store.", weight=60
                ),
                Remedy("If you did not expect that, check the address and the network you are on.", ENDPOINT),
            ),
        ),
        "tls-wrong-host": Explanation(
            "The certificate is not for {server}",
            "The server showed a certificate for another name, so no credentials were sent.",
            (
                Remedy(
                    "Use the host name that the certificate is made for, not an alias or IP address.",
                    ENDPOINT,
                    60,
                ),
                Remedy("On a guest network, sign in to the network first, then retry."),
            ),
        ),
        "tls-unknown-ca": Explanation(
            "The certificate of {server} comes from an unknown authority",
            "This computer does not trust the authority that issued it, so no credentials were sent.",
            (
                Remedy("Add your organisation's root certificate to this computer's trust store.", weight=60),
                Remedy("The server may leave out an intermediate certificate; tell its operator.", weight=40),
            ),
        ),
        "tls-failed": Explanation(
            "No secure connection to {server} came about",
            "The TLS handshake failed, so no credentials were sent.",
            (
                Remedy(
                    "Check that the port speaks https and the server offers TLS 1.2 or later.", ENDPOINT, 50
                ),
                Remedy(
                    "A proxy or firewall that inspects TLS can cause this; try another network.", weight=30
                ),
            ),
        ),
        "timed-out": Explanation(
            "{server} took too long",
            "No complete answer arrived in time.",
            (_RETRY, _CONNECTION, _OPERATOR),
        ),
        "reset": Explanation(
            "The connection to {server} was cut off",
            "The other side, or something in between, closed it before an answer arrived.",
            (
                _RETRY,
                Remedy("A proxy, firewall or VPN can cut connections; try without it.", weight=40),
                _OPERATOR,
            ),
        ),
        "closed-early": Explanation(
            "The answer of {server} broke off",
            "The connection closed before the whole answer had arrived, so it was not used.",
            (_RETRY, _OPERATOR),
        ),
        "proxy": Explanation(
            "The proxy did not let the request through",
            "The way to {server} leads through a proxy, which refused or failed.",
            (
                Remedy("Check HTTPS_PROXY, and that the proxy allows {server}.", weight=60),
                Remedy("If no proxy is needed for this server, add it to NO_PROXY.", weight=50),
            ),
        ),
        "protocol": Explanation(
            "{server} does not speak HTTP as expected",
            "The answer breaks the rules of HTTP, so it was not used.",
            (Remedy("Check host and port: another service may be listening there.", ENDPOINT, 60), _OPERATOR),
        ),
        "too-large": Explanation(
            "The answer was far too large",
            "A token response is a few kilobytes; reading stopped at 1 MiB.",
            (Remedy("Check that this is the token endpoint and not a page or a download.", ENDPOINT, 60),),
            can_retry=False,
        ),
        "encoded": Explanation(
            "The answer came compressed",
            "ccflow asks for uncompressed answers and does not unpack others.",
            (
                Remedy("Ask the server's operator not to compress the token endpoint's answers.", weight=60),
                Remedy("If a proxy in between compresses, exclude {server} from it.", weight=40),
            ),
            can_retry=False,
        ),
    }
)

_UNKNOWN = Explanation(
    "{server} could not be reached",
    "The request ended before an answer arrived.",
    (_RETRY, _CONNECTION, _OPERATOR),
)
_PREPARING = Explanation(
    "The request could not be prepared",
    "{what} Nothing was sent.",
    (Remedy("Open Edit configuration and correct what is named above."),),
    can_retry=False,
)
_NOT_LISTENING = Remedy(
    "Start the server on this computer; for the embedded one, run ccflow --demo.", weight=80
)
_CLIENT_CERTIFICATE = Remedy(
    "The server may not accept the client certificate; check certificate and key.", "mtls", 80
)
_NO_CERTIFICATE = Remedy("The server wants a client certificate. Turn on mutual TLS and name it.", "mtls", 80)
_MAYBE_NO_CERTIFICATE = Remedy(
    "Some servers end the handshake like this when they want a client certificate; if yours does, turn on "
    "mutual TLS.",
    "mtls",
    40,
)
_STRICT_CERTIFICATE = Remedy(
    "The certificate lacks a field that RFC 5280 demands and newer Python versions insist on; ask for a "
    "complete one.",
    weight=90,
)
_STRICT_FIELDS = ("key identifier", "key usage")
_UNCONNECTED = frozenset({Phase.DNS, Phase.CONNECT})
_PRESET_CONNECTION = replace(_CONNECTION, weight=80)


def explain_network(kind: str, phase: Phase, case: Case) -> Explanation:
    """Return the explanation of a failure below HTTP, ranked by what is known of the server."""
    if phase is Phase.PREPARE:
        return _PREPARING
    found = KINDS.get(kind, _UNKNOWN)
    extra: list[Remedy] = []
    if case.is_local and (kind == "refused" or (kind == "timed-out" and phase in _UNCONNECTED)):
        extra.append(_NOT_LISTENING)
    inputs = inputs_of(case.profile)
    if kind == "name-not-found" and inputs and not any(item.names_host(case.profile) for item in inputs):
        extra.append(_PRESET_CONNECTION)  # the name is derived, so it is spelled right
    if kind in {"tls-failed", "reset"}:
        extra.extend(_about_client_certificates(case))
    if phase is Phase.TLS and any(name in case.what.lower() for name in _STRICT_FIELDS):
        extra.append(_STRICT_CERTIFICATE)
    if kind == "timed-out" and phase in {Phase.DNS, Phase.CONNECT, Phase.TLS}:
        found = replace(found, reason="No connection came about in time. Nothing was sent.")
    return replace(found, remedies=(*extra, *found.remedies))


def _about_client_certificates(case: Case) -> Iterator[Remedy]:
    """Yield what a broken handshake may have to do with a client certificate (RFC 8446, section 6.2)."""
    if case.profile.client_tls.enabled:
        yield _CLIENT_CERTIFICATE
    elif "client certificate" in case.what.lower():
        yield _NO_CERTIFICATE
    elif "handshake failure" in case.what.lower():
        yield _MAYBE_NO_CERTIFICATE

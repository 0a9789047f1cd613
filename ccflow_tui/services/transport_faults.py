"""What can go wrong on the way to an HTTP answer: told apart, named and put into words."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from ccflow_tui.models.outcome import Phase
from ccflow_tui.models.problems import CcflowError
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.services.exchange_trail import Trail

_PASSING_KINDS = frozenset({"refused", "unreachable-network", "timed-out", "reset", "closed-early"})
ANSWERED_BADLY = frozenset({"too-large", "encoded"})
"""Kinds that say that a server answered, in a way that cannot be used."""

_EXPIRED, _NOT_YET_VALID = 10, 9
_SELF_SIGNED_LEAF = 18
_WRONG_HOST = frozenset({62, 63, 64})
"""OpenSSL's X509_V_ERR codes; for the host name, e-mail address and IP address that do not match."""
_CLIENT_CERTIFICATE_ALERTS = frozenset(
    {
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
    }
)
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})


class TransportFault(CcflowError):
    """No whole HTTP answer arrived.

    ``kind`` is one of name-not-found, refused, unreachable-network, tls-expired, tls-self-signed,
    tls-wrong-host, tls-unknown-ca, tls-failed, timed-out, reset, closed-early, too-large, encoded, protocol,
    proxy. ``transient`` says whether asking again may help: by default when the fault came before anything
    was sent (RFC 9110, section 9.2.2). ``on_kept`` says that a connection which had served before ended
    without a word of an answer: its server may have closed it just as it was used (RFC 9112, section 9.5).
    """

    def __init__(
        self, phase: Phase, kind: str, detail: str, *, transient: bool | None = None, on_kept: bool = False
    ) -> None:
        super().__init__(detail)
        self.on_kept = on_kept
        self.phase, self.kind, self.detail = phase, kind, detail
        if transient is None:
            transient = kind in _PASSING_KINDS and phase in {Phase.CONNECT, Phase.TLS, Phase.SEND}
        self.transient = transient


def timed_out(trail: Trail, seconds: float) -> TransportFault:
    """Return the fault of an exchange that used up its ``seconds``."""
    waiting = {
        Phase.CONNECT: f"connecting to {trail.host}",
        Phase.TLS: "the TLS handshake",
        Phase.SEND: "sending the request",
        Phase.RECEIVE: "the rest of the answer" if trail.answered else "an answer",
    }.get(trail.phase, "the start of the request")
    if trail.at_proxy:
        waiting = f"the proxy {trail.proxy}"
    detail = f"Gave up after {seconds:g} s, waiting for {waiting}."
    return TransportFault(trail.phase, "timed-out", detail, transient=False)


def unasked_answer(trail: Trail) -> TransportFault:
    """Return the fault of an answer that was there before its request: sent too much earlier, or a trap."""
    detail = f"{trail.host} had answered before it was asked, so the answer belongs to an earlier request."
    return TransportFault(Phase.RECEIVE, "protocol", detail, transient=True)


def explain(error: Exception, trail: Trail) -> TransportFault:
    """Return the fault that stands for an exception of httpx, ssl or the operating system.

    The text never repeats a header of ours, which httpx's own messages can do.
    """
    causes = tuple(_causes(error))
    if trail.at_proxy:
        return _proxy_fault(error, causes, trail)
    for cause in causes:
        fault = _known_cause(cause, trail)
        if fault is not None:
            return fault
    return _http_fault(error, causes, trail)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it, groups opened, most telling first."""
    pending, seen = [error], set[int]()
    while pending:
        current = pending.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            pending.extend(current.exceptions)
        pending.extend(link for link in (current.__cause__, current.__context__) if link is not None)


def _known_cause(cause: BaseException, trail: Trail) -> TransportFault | None:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _certificate_fault(cause, trail)
    if isinstance(cause, ssl.SSLError):
        return _tls_fault(cause, trail)
    if isinstance(cause, socket.gaierror | UnicodeError):
        return _name_fault(cause, trail)
    if isinstance(cause, OSError):
        return _socket_fault(cause, trail)
    return None


def _name_fault(cause: socket.gaierror | UnicodeError, trail: Trail) -> TransportFault:
    passing = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
    ending = "; the name server did not answer." if passing else "."
    detail = f"The host name {trail.host} was not found{ending}"
    return TransportFault(Phase.DNS, "name-not-found", detail, transient=passing)


def _socket_fault(cause: OSError, trail: Trail) -> TransportFault | None:
    if isinstance(cause, ConnectionRefusedError):
        return TransportFault(
            Phase.CONNECT, "refused", f"{trail.host} refused the connection: nothing listens on that port."
        )
    if cause.errno in _UNREACHABLE:
        return TransportFault(
            Phase.CONNECT, "unreachable-network", f"There is no route to {trail.host} from this machine."
        )
    if isinstance(cause, TimeoutError) and trail.phase is Phase.CONNECT:
        return TransportFault(
            Phase.CONNECT, "timed-out", f"{trail.host} did not take the connection in time."
        )
    if isinstance(cause, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        return _reset(trail)
    return None


def _reset(trail: Trail) -> TransportFault:
    when = "in the middle of its answer" if trail.answered else "before it answered"
    hint = " Servers that demand a client certificate do that, too." if trail.wants_certificate else ""
    detail = f"{trail.host} reset the connection {when}.{hint}"
    on_kept = trail.reused and not trail.answered
    return TransportFault(trail.phase, "reset", detail, transient=not trail.answered, on_kept=on_kept)


def _certificate_fault(cause: ssl.SSLCertVerificationError, trail: Trail) -> TransportFault:
    """Name the certificate problem; macOS and Windows give a text, OpenSSL a code as well."""
    code, text = (
        getattr(cause, "verify_code", 0),
        (getattr(cause, "verify_message", "") or str(cause)).lower(),
    )
    host = trail.host
    if code in _WRONG_HOST or "hostname mismatch" in text or "name does not match" in text:
        kind, detail = "tls-wrong-host", f"The server's certificate is not for {host}."
    elif code == _EXPIRED or "expired" in text:
        kind, detail = "tls-expired", f"The certificate of {host} has expired."
    elif code == _NOT_YET_VALID:
        kind, detail = (
            "tls-failed",
            f"The certificate of {host} is not valid yet; check this machine's clock.",
        )
    elif code == _SELF_SIGNED_LEAF:
        kind, detail = "tls-self-signed", f"The certificate of {host} is signed by itself."
    else:
        kind, detail = (
            "tls-unknown-ca",
            f"The certificate of {host} comes from an authority not trusted here.",
        )
    said = f" ({scrub(text, limit=120)})" if text else ""
    return TransportFault(Phase.TLS, kind, f"{detail[:-1]}{said}.")


def _tls_fault(cause: ssl.SSLError, trail: Trail) -> TransportFault:
    reason = getattr(cause, "reason", None) or ""  # absent where Python made the exception, not OpenSSL
    if reason in _CLIENT_CERTIFICATE_ALERTS:
        detail = (
            f"{trail.host} refused the TLS handshake over the client certificate: it wants one that it trusts"
        )
    elif reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        detail = f"{trail.host} does not speak TLS on this port; is the URL's scheme or port right?"
    else:
        detail = f"The TLS connection to {trail.host} failed"
    said = f" ({scrub(reason.replace('_', ' ').lower(), limit=120)})" if reason else ""
    return TransportFault(Phase.TLS, "tls-failed", f"{detail}{said}.", transient=False)


def _proxy_fault(error: Exception, causes: tuple[BaseException, ...], trail: Trail) -> TransportFault:
    import httpx

    if isinstance(error, httpx.ProxyError):
        why = f"answered {scrub(str(error), limit=120)}"
    elif any(isinstance(cause, socket.gaierror) for cause in causes):
        why = "was not found"
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        why = "refused the connection"
    else:
        why = "could not be used"
    detail = f"The proxy {trail.proxy} from the environment (HTTPS_PROXY, ALL_PROXY) {why}."
    return TransportFault(Phase.CONNECT, "proxy", detail)


def _http_fault(error: Exception, causes: tuple[BaseException, ...], trail: Trail) -> TransportFault:
    """Name what is left: HTTP that breaks its own rules, or ends too soon."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return TransportFault(trail.phase, "timed-out", f"{trail.host} did not take the connection in time.")
    if isinstance(error, httpx.RemoteProtocolError):
        return _broken_answer(str(error), trail)
    if isinstance(error, httpx.NetworkError):
        if trail.phase is Phase.TLS:
            detail = f"{trail.host} closed the connection during the TLS handshake."
            return TransportFault(Phase.TLS, "tls-failed", detail)
        if trail.phase is Phase.CONNECT:
            said = next(
                (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.errno), ""
            )
            detail = f"No connection to {trail.host} could be made{f' ({said})' if said else ''}."
            return TransportFault(Phase.CONNECT, "unreachable-network", detail)
        return _reset(trail)
    return TransportFault(trail.phase, "protocol", "The request cannot be sent as HTTP.", transient=False)


def _broken_answer(text: str, trail: Trail) -> TransportFault:
    if "disconnected without" in text:
        detail = f"{trail.host} closed the connection without an answer."
        return TransportFault(trail.phase, "closed-early", detail, transient=True, on_kept=trail.reused)
    if "peer closed connection" in text:
        detail = f"{trail.host} closed the connection before its answer was complete."
        return TransportFault(trail.phase, "closed-early", detail, transient=False)
    # After the colon the library quotes the bytes it could not read; they may repeat the credential.
    rule = scrub(text.partition(":")[0], limit=160)
    # On a connection that served before, it may be the tail of an earlier answer.
    transient = trail.reused and not trail.answered
    return TransportFault(
        trail.phase, "protocol", f"{trail.host} sent no valid HTTP: {rule}.", transient=transient
    )

"""Hostile answers, each with the one way in which it must end."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass

from ccflow_tui.models.outcome import Granted, Malformed, Outcome, Phase, Refused, Unreachable
from tests.support import fault_server as faults
from tests.support.fault_server import Connection, Script, answers, closes, http_answer

GOOD_BODY = b'{"access_token":"good","token_type":"Bearer","expires_in":60}'
ODD_BODY = b'{"access_token":"good","token_type":" BEARER ","expires_in":6.05e1,"scope":["a"],"x":{"y":[1]}}'
GOOD = http_answer("200 OK", GOOD_BODY, "Cache-Control: no-store")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CLOSING = HEAD + b"Connection: close\r\n\r\n"
ELSEWHERE = "Location: https://evil.example/token?code=1"
LIMIT = 4
"""Attempts that the token client makes where asking again may help."""


@dataclass(frozen=True)
class Case:
    """One answer; ``kind`` is that of the outcome, or the code of an OAuth error."""

    name: str
    script: Script
    outcome: type[Outcome]
    kind: str
    phase: Phase
    requests: int = 1
    lasts: bool = False
    """Whether only the deadline ends it."""


def endless(head: bytes, piece: bytes, *, pause: float = 0.0) -> Script:
    """Begin an answer and repeat one piece of it for ever."""

    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(head)
        while True:
            await connection.send(piece)
            await asyncio.sleep(pause)

    return play


def said(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json") -> Script:
    """Answer by the rules of HTTP, so that the connection serves on."""
    return answers(http_answer(status, body, *headers, content_type=kind), GOOD)


def bare(status: str) -> Script:
    return answers(f"HTTP/1.1 {status}\r\n\r\n".encode(), GOOD)


def unreachable(name: str, script: Script, kind: str, requests: int = 1) -> Case:
    return Case(name, script, Unreachable, kind, Phase.RECEIVE, requests)


def lasting(name: str, script: Script) -> Case:
    return Case(name, script, Unreachable, "timed-out", Phase.RECEIVE, lasts=True)


def refused_unread(name: str, script: Script, kind: str) -> Case:
    return Case(name, script, Malformed, kind, Phase.RECEIVE)


def malformed(name: str, script: Script, kind: str = "bad-json", phase: Phase = Phase.PARSE) -> Case:
    return Case(name, script, Malformed, kind, phase)


def refused(name: str, script: Script, code: str) -> Case:
    return Case(name, script, Refused, code, Phase.OAUTH)


def compressed(coding: str, packed: bytes) -> Case:
    return refused_unread(f"{coding} bomb", said(packed, f"Content-Encoding: {coding}"), "encoded")


def odd_sizes(lengths: str) -> Script:
    return closes(HEAD + lengths.encode() + b"\r\n\r\n" + GOOD_BODY)


SLOW = (
    lasting("silence", faults.hang),
    lasting("silence after the headers", faults.hang_after_headers),
    lasting("a body in drips", faults.drip),
    lasting("headers in drips", endless(HEAD, b"X", pause=0.02)),
    lasting("a header in drips, line by line", endless(HEAD, b"X-A: b\r\n", pause=0.02)),
    lasting("interim answers for ever", endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50, pause=0.001)),
    lasting("empty lines in drips", endless(b"HTTP/1.1 200 OK", b" ", pause=0.02)),
)

BROKEN = (
    refused_unread("2 MiB in chunks", faults.stream_forever, "too-large"),
    refused_unread(
        "2 MiB with its length", endless(HEAD + b"Content-Length: 2097152\r\n\r\n", b" " * 65536), "too-large"
    ),
    refused_unread("a body without end", endless(CLOSING, b" " * 65536), "too-large"),
    compressed("gzip", faults.gzip_bomb().partition(b"\r\n\r\n")[2]),
    compressed("deflate", zlib.compress(b"0" * 5_000_000)),
    compressed("br, gzip", b"\x00"),
    unreachable("headers for ever", endless(HEAD, b"X-A: b\r\n" * 1000), "protocol"),
    unreachable("a header line for ever", endless(HEAD + b"X: ", b"a" * 10_000), "protocol"),
    unreachable("a chunk extension for ever", endless(CHUNKED + b"5;", b"a" * 10_000), "protocol"),
    unreachable("trailers for ever", endless(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 1000), "protocol"),
    unreachable("a truncated body", closes(http_answer(length=500)), "closed-early"),
    unreachable("a truncated chunk", closes(CHUNKED + b"50\r\n" + GOOD_BODY[:20]), "closed-early"),
    unreachable("no last chunk", closes(CHUNKED + b"2\r\n{}\r\n"), "closed-early"),
    unreachable("chunks of garbage", closes(CHUNKED + b"zz\r\nhello"), "protocol"),
    unreachable("a chunk of 80 bits", closes(CHUNKED + b"F" * 21 + b"\r\n{}"), "protocol"),
    unreachable("a chunk longer than it says", closes(CHUNKED + b"1\r\n{}\r\n0\r\n\r\n"), "protocol"),
    unreachable("reset in the middle", faults.reset_mid_body, "reset"),
    unreachable("reset at once", faults.reset_at_once, "reset", LIMIT),
    unreachable("closed without a word", closes(), "closed-early", LIMIT),
    unreachable("half a status line", closes(b"HTTP/1.1 20"), "closed-early", LIMIT),
    unreachable("a banner of SMTP", closes(b"\x1b]0;evil\x07 220 smtp.example ESMTP\r\n\r\n"), "protocol"),
    unreachable("frames of HTTP/2", closes(b"\x00\x00\x12\x04" + b"\x00" * 23), "protocol"),
    unreachable("an alert of TLS", closes(b"\x15\x03\x01\x00\x02\x02\x16"), "protocol"),
    unreachable("a header without colon", closes(HEAD + b"no colon\r\n\r\n"), "protocol"),
    unreachable("a header with NUL", closes(HEAD + b"X: a\x00b\r\n\r\n"), "protocol"),
    unreachable("a length of 5000 digits", odd_sizes("Content-Length: " + "9" * 5000), "protocol"),
    unreachable("a length below zero", odd_sizes("Content-Length: -1"), "protocol"),
    unreachable("two lengths", odd_sizes("Content-Length: 5\r\nContent-Length: 6"), "protocol"),
    unreachable("a coding that nobody asked for", odd_sizes("Transfer-Encoding: gzip, chunked"), "protocol"),
    unreachable(
        "another protocol", closes(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "protocol"
    ),
    unreachable("a status below 100", closes(b"HTTP/1.1 099 X\r\n\r\n"), "protocol"),
)

UNUSABLE = (
    malformed("no body", said(b""), "empty"),
    malformed("white space", said(b" \r\n\t" * 1000), "empty"),
    malformed("204", bare("204 No Content"), "empty"),
    malformed("205", answers(b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", GOOD), "empty"),
    malformed("304", bare("304 Not Modified"), "http-error", Phase.HTTP),
    malformed("999", said(b"{}", status="999 Whatever"), "http-error", Phase.HTTP),
    malformed("a page", said(b"<!doctype html><title>Sign in</title>", kind="text/html"), "html"),
    malformed("a page called JSON", said(b"\n<html>" + b"<p>\x1b[2J" * 9000), "html"),
    malformed("UTF-16", said(GOOD_BODY.decode().encode("utf-16")), "bad-json"),
    malformed("UTF-16 without a mark", said(GOOD_BODY.decode().encode("utf-16-le")), "bad-json"),
    malformed("UTF-32", said(GOOD_BODY.decode().encode("utf-32")), "bad-json"),
    malformed("bytes that are no UTF-8", said(b'{"access_token":"\xff\xfe"}'), "bad-json"),
    malformed("members twice", said(b'{"access_token":"a",' + GOOD_BODY[1:]), "bad-json"),
    malformed("100,000 brackets", said(b"[" * 100_000), "bad-json"),
    malformed("100,000 objects", said(b'{"a":' * 100_000), "bad-json"),
    malformed("a number of 5000 digits", said(GOOD_BODY[:-3] + b"9" * 5000 + b"}"), "bad-json"),
    malformed("a number that is none", said(GOOD_BODY[:-3] + b"NaN}"), "bad-json"),
    malformed("half of the JSON", said(GOOD_BODY[:-5]), "bad-json"),
    malformed("two documents", said(GOOD_BODY + GOOD_BODY), "bad-json"),
    malformed("an array", said(b"[" + GOOD_BODY + b"]"), "bad-json"),
    malformed("a text", said(b'"token"'), "bad-json"),
    malformed("a quote that never ends", said(b'{"' + b"a" * 1_000_000), "bad-json"),
    malformed("a form", said(b"access_token=a&token_type=bearer", kind="text/plain"), "form-encoded"),
    malformed("no token", said(b'{"token_type":"Bearer"}'), "missing-field"),
    malformed("a token of another type", said(b'{"access_token":"a","token_type":"mac"}'), "token-type"),
    malformed(
        "a token with a line end",
        said(b'{"access_token":"a\\r\\nX: y","token_type":"Bearer"}'),
        "missing-field",
    ),
    malformed("250,000 numbers", said(b'{"x":[' + b"1e1," * 250_000 + b"1]}"), "missing-field"),
    malformed(
        "a megabyte beyond ASCII",
        said(b'{"token_type":"' + b"\xf0\x9f\x98\x80" * 250_000 + b'"}'),
        "missing-field",
    ),
    malformed("300,000 objects", said(b'{"x":[' + b"{}," * 300_000 + b"{}]}"), "bad-json"),
    *(
        malformed(
            f"{code} to another host", said(b"", ELSEWHERE, status=f"{code} Moved"), "redirect", Phase.HTTP
        )
        for code in (301, 302, 303, 307, 308)
    ),
    malformed(
        "a redirect to nowhere", said(b"", "Location: http://[::", status="302 Found"), "redirect", Phase.HTTP
    ),
    refused("an error with 200", said(b'{"error":"invalid_scope"}'), "invalid_scope"),
    refused("an error beside a token", said(b'{"error":"x",' + GOOD_BODY[1:]), "x"),
    refused(
        "an error of a megabyte",
        said(b'{"error":"x","error_description":"' + b"\\u001b[2J" * 90_000 + b'"}'),
        "x",
    ),
    refused(
        "an error in ISO-8859-1",
        said('{"error":"x","error_description":"für Sie"}'.encode("latin-1"), status="401 No"),
        "x",
    ),
    malformed("a silent 403", said(b"", status="403 Forbidden"), "http-error", Phase.HTTP),
    malformed(
        "the phrase of a framework",
        said(b'{"error":"Not Found"}', status="404 Not Found"),
        "http-error",
        Phase.HTTP,
    ),
    refused(
        "2000 challenges",
        said(b"", *['WWW-Authenticate: Bearer error="x"'] * 2000, status="401 Unauthorized"),
        "x",
    ),
)

USABLE = tuple(
    Case(name, script, Granted, "", Phase.OAUTH)
    for name, script in (
        ("a byte order mark", said(b"\xef\xbb\xbf" + GOOD_BODY)),
        (
            "a token in chunks of one byte",
            answers(CHUNKED + b"".join(b"1\r\n%c\r\n" % c for c in GOOD_BODY) + b"0\r\n\r\n", GOOD),
        ),
        ("an interim answer first", answers(b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD, GOOD)),
        (
            "early hints first",
            answers(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" + GOOD, GOOD),
        ),
        (
            "chunks with an extension and trailers",
            answers(
                CHUNKED + b"%02x;a=1\r\n" % len(GOOD_BODY) + GOOD_BODY + b"\r\n0\r\nX-Sum: 1\r\n\r\n", GOOD
            ),
        ),
        ("an expiry with a fraction and a type in spaces", said(ODD_BODY)),
        ("HTTP/1.0 until the end", closes(b"HTTP/1.0 200 OK\r\n\r\n" + GOOD_BODY)),
        ("line ends without carriage return", closes(GOOD.replace(b"\r\n", b"\n"))),
        ("a second answer behind the first", answers(GOOD + http_answer("401 No", b'{"error":"x"}'), GOOD)),
        ("a body longer than it says", answers(GOOD + b"and more", GOOD)),
    )
)

EVERY = (*BROKEN, *UNUSABLE, *USABLE)

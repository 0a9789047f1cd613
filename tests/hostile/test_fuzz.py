"""Whatever comes, no exception escapes that is not of ccflow's own making, and what is accepted is sound."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import httpx
from hypothesis import strategies as st

from ccflow_tui.models.finding import Finding
from ccflow_tui.models.outcome import Granted, Malformed, Refused
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import MutualTls, Profile
from ccflow_tui.models.strict_json import StrictJsonError, parse_object
from ccflow_tui.oauth.challenges import MAX_CHALLENGES, MAX_PARAMETERS, parse_challenges
from ccflow_tui.oauth.diagnosis import advise
from ccflow_tui.oauth.introspection import read_introspection
from ccflow_tui.oauth.jwks import parse_jwks
from ccflow_tui.oauth.jwt_verify import read_signed
from ccflow_tui.oauth.jwt_view import view_token
from ccflow_tui.oauth.metadata import issuer_from_well_known, parse_metadata, well_known_urls
from ccflow_tui.oauth.own_expiry import own_lifetime, quick_claims
from ccflow_tui.oauth.response import TokenAnswer, parse_token_response
from ccflow_tui.oauth.revocation import read_revocation
from ccflow_tui.oauth.scopes import parse_scope
from ccflow_tui.oauth.token_fields import read_scope
from ccflow_tui.oauth.url_validation import check_endpoint_url, check_issuer, check_resource, origin_of
from ccflow_tui.services.cache_key import cache_key
from ccflow_tui.services.transport import _destination
from ccflow_tui.services.transport_faults import TransportFault
from tests.hostile.fuzzing import ODD, TEXT, VALUE, fuzzed, inert, members
from tests.support.fakes import EPOCH

ISSUER = "https://as.example/t"
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "content-type",
                "date",
                "retry-after",
                "location",
                "www-authenticate",
                "x-request-id",
                "dpop-nonce",
            ]
        ),
        TEXT
        | ODD
        | st.sampled_from(
            [
                "application/json",
                "text/html",
                "Wed, 21 Oct 2026 07:28:00 GMT",
                "999999",
                'Bearer error="x"',
                "http://[::",
            ]
        ),
    ),
    max_size=4,
).map(tuple)


def body_of(value: object) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def mangled(body: bytes, at: int, piece: bytes) -> bytes:
    at %= len(body) + 1
    return body[:at] + piece + body[at + 1 :]


def bodies(*names: str) -> st.SearchStrategy[bytes]:
    """Bytes of every kind: of objects, of objects with a fault, of anything."""
    whole = members(*names).map(body_of)
    return (
        whole
        | st.builds(mangled, whole, st.integers(0, 400), st.binary(max_size=4))
        | st.binary(max_size=200)
    )


def answer(status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> TokenAnswer:
    return TokenAnswer(status, headers, body, EPOCH, 1_000.0, requested_scope="a b", received_at=EPOCH + 1)


TOKEN_MEMBERS = (
    "access_token",
    "token_type",
    "expires_in",
    "scope",
    "error",
    "error_description",
    "error_uri",
    "refresh_token",
    "id_token",
    "message",
    "status",
    "path",
    "id",
    "correlation_id",
)


@fuzzed(st.integers(100, 999), HEADERS, bodies(*TOKEN_MEMBERS))
def test_B1_any_answer_is_one_outcome(status: int, headers: Any, body: bytes) -> None:
    outcome = parse_token_response(answer(status, headers, body))
    assert isinstance(outcome, Granted | Refused | Malformed)
    if isinstance(outcome, Granted):
        token = outcome.token.value.reveal()
        assert token.isascii() and token.isprintable() and token.strip()
        assert 200 <= status < 300
        assert outcome.token.expires_in is None or 0 <= outcome.token.expires_in <= 31_536_000
        said = parse_object(body)
        assert not (isinstance(said.get("error"), str) and said["error"].strip())
        return
    advice = advise(outcome, Profile(token_endpoint=f"{ISSUER}/token"))
    assert advice is not None
    assert advice.what_to_do
    assert all(inert(text) for text in (advice.title, advice.reason, advice.server_said))


@fuzzed(st.integers(100, 999), HEADERS, bodies("active", "scope", "exp", "aud", "cnf", "error"))
def test_G7_G8_any_answer_about_a_token_is_read(status: int, headers: Any, body: bytes) -> None:
    about = answer(status, headers, body)
    found = read_introspection(about)
    assert found.active in {True, False, None}
    assert found.active is not None or found.problem
    revocation = read_revocation(about)
    assert revocation.revoked is (status == 200)


PIECES = [
    '"',
    "\\",
    ",",
    "=",
    " ",
    "a",
    "\t",
    ";",
    "\x00",
    "é",
    '="',
    "a=",
    'a="b"',
    "Bearer ",
    "\\\\",
    "DPoP",
]


@fuzzed(st.lists(TEXT | st.lists(st.sampled_from(PIECES), max_size=30).map("".join), max_size=5))
def test_G4_any_www_authenticate_is_read_and_bounded(lines: list[str]) -> None:
    found = parse_challenges(lines)
    assert len(found) <= MAX_CHALLENGES
    for challenge in found:
        assert challenge.scheme
        assert challenge.scheme == challenge.scheme.lower()
        assert len(challenge.parameters) <= MAX_PARAMETERS


@fuzzed(TEXT | st.lists(ODD | st.sampled_from(["a", "b", ",", "\t"]), max_size=9).map(" ".join), VALUE)
def test_A12_any_scope_is_read_or_refused(text: str, granted: object) -> None:
    scope, notes = read_scope({"scope": granted}, text)
    assert scope is None or inert(scope)
    assert all(inert(note) for note in notes)
    try:
        parsed = parse_scope(text)
    except InputProblem as problem:
        assert problem.finding.field
        assert problem.finding.remedy
        return
    assert all(0x21 <= ord(char) <= 0x7E and char not in '"\\' for token in parsed.tokens for char in token)
    assert parse_scope(" ".join(parsed.tokens)).tokens == parsed.tokens


SCHEMES = st.sampled_from(["https://", "http://", "HTTPS://", "https:/", "ftp://", "", "https:\\\\", "//"])
HOSTS = st.sampled_from(
    [
        "as.example",
        "AS.example:443",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "localhost.",
        "u:p@as.example",
        "as.example\\@evil.example",
        "раураl.com",
        "xn--l-7sba6dbr.com",
        "as.example:0",
        "[::1",
        "1.2.3.4.5",
        "a" * 70,
    ]
)
TAILS = st.lists(
    st.sampled_from(
        ["/", "..", "%2e", "?", "#", "@", "\\", "a", "%", "é", "\r\n", " ", "client_secret=x", ";"]
    ),
    max_size=6,
).map("".join)
URLS = st.builds("{}{}{}".format, SCHEMES, HOSTS | TEXT, TAILS | TEXT) | TEXT


@fuzzed(URLS)
def test_C2_an_accepted_url_means_the_same_to_whoever_sends_it(text: str) -> None:
    origin = origin_of(text)
    for check in (check_issuer, check_resource):
        try:
            check(text)
        except InputProblem as problem:
            assert problem.finding.remedy
    assert issuer_from_well_known(text) is not None
    try:
        checked = check_endpoint_url(text)
    except InputProblem as problem:
        assert problem.finding.remedy
        return
    sent = httpx.URL(checked.url)
    assert origin == checked.origin == origin_of(str(sent))
    assert sent.scheme == "https" or checked.loopback
    assert not sent.userinfo and not sent.fragment
    try:
        destination = _destination(text)
    except TransportFault:
        return
    assert destination.url == sent
    assert destination.host.strip("[]") == sent.raw_host.decode("ascii").strip("[]")


@fuzzed(
    bodies(
        "issuer",
        "token_endpoint",
        "jwks_uri",
        "scopes_supported",
        "grant_types_supported",
        "token_endpoint_auth_methods_supported",
        "introspection_endpoint",
        "mtls_endpoint_aliases",
    ),
    URLS,
    st.booleans(),
)
def test_E4_any_document_is_metadata_of_this_issuer_or_refused(body: bytes, url: str, fitting: bool) -> None:
    if fitting:
        try:
            stated: dict[str, Any] = parse_object(body)
        except StrictJsonError:
            stated = {}
        body = body_of({**stated, "issuer": ISSUER, "token_endpoint": url})
    try:
        metadata = parse_metadata(body, issuer=ISSUER)
    except InputProblem as problem:
        assert problem.finding.remedy
        return
    assert metadata.issuer == ISSUER
    assert check_endpoint_url(metadata.token_endpoint)
    assert all(inert(warning) for warning in metadata.warnings)


@fuzzed(URLS)
def test_E1_any_issuer_that_is_accepted_has_two_addresses_at_its_own_origin(text: str) -> None:
    try:
        issuer = check_issuer(text)
    except InputProblem:
        return
    assert {origin_of(url) for url in well_known_urls(issuer.url)} == {issuer.origin}


@fuzzed(
    bodies("keys", "kty", "n", "e", "crv"),
    st.lists(members("kty", "n", "e", "crv", "x", "y", "use", "alg", "kid", "d"), max_size=3),
)
def test_E12_any_key_set_is_read_or_refused(body: bytes, keys: list[dict[str, Any]]) -> None:
    for document in (body, body_of({"keys": keys})):
        try:
            parse_jwks(document)
        except InputProblem as problem:
            assert problem.finding.remedy


def base64url(value: object) -> str:
    return urlsafe_b64encode(body_of(value)).decode().rstrip("=")


CLAIMS = members("exp", "iat", "nbf", "iss", "aud", "cnf", "scope").map(base64url)
JOSE = members("alg", "enc", "typ", "kid", "jku", "crit").map(base64url) | st.just(
    base64url({"alg": "RS256"})
)
PARTS = TEXT | CLAIMS | JOSE


@fuzzed(st.lists(PARTS, min_size=1, max_size=6).map(".".join) | st.builds("{}.{}.c2ln".format, JOSE, CLAIMS))
def test_G11_any_token_can_be_looked_at(token: str) -> None:
    assert view_token(token).kind in {"jwt", "jwe", "opaque"}
    claims = quick_claims(token)
    for server_time in (None, EPOCH):
        lifetime = own_lifetime(claims, server_time=server_time)
        assert lifetime is None or lifetime == lifetime  # noqa: PLR0124 - a number, and not NaN
    read = read_signed(token)
    assert not isinstance(read, Finding) or inert(read.text)


FIELDS = (
    "issuer",
    "token_endpoint",
    "environment_id",
    "client_id",
    "audience",
    "assertion_kid",
    "assertion_alg",
)
PAIRS = st.lists(st.tuples(TEXT | ODD, TEXT | ODD), max_size=3).map(tuple)
KEYED = st.tuples(
    st.tuples(*[st.sampled_from(["", "a", "ab", "b", "1:a,", "\ud800"]) | TEXT] * len(FIELDS)),
    st.lists(TEXT, max_size=3).map(tuple),
    PAIRS,
    TEXT,
    TEXT,
    TEXT,
)


def key_of(keyed: Any) -> str:
    values, resources, extra, fingerprint, certificate, binding = keyed
    profile = replace(Profile(scope="b a"), **dict(zip(FIELDS, values, strict=True)), resources=resources)
    return cache_key(replace(profile, mtls=MutualTls(True, certificate)), fingerprint, extra, binding=binding)


@fuzzed(KEYED, KEYED)
def test_L4_any_two_requests_that_differ_have_different_keys(one: Any, other: Any) -> None:
    assert (key_of(one) == key_of(other)) is (one == other)

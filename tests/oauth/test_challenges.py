"""WWW-Authenticate, read as RFC 9110 writes it, and as servers write it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.oauth.challenges import (
    MAX_CHALLENGES,
    MAX_LENGTH,
    MAX_PARAMETERS,
    Challenge,
    challenges_in,
    find_challenge,
    parse_challenges,
)

Told = tuple[str, dict[str, str], str]


def said(*lines: str) -> list[Told]:
    return [(one.scheme, dict(one.parameters), one.token68) for one in parse_challenges(lines)]


def bearer(**parameters: str) -> Told:
    return ("bearer", parameters, "")


def bare(scheme: str) -> Told:
    return (scheme, {}, "")


BY_THE_GRAMMAR: dict[str, list[Told]] = {
    "": [],
    " ": [],
    ",": [],
    " , ,, ": [],
    "Bearer": [bare("bearer")],
    "  Bearer  ": [bare("bearer")],
    "bEARer": [bare("bearer")],
    ", Bearer,": [bare("bearer")],
    "Negotiate, NTLM": [bare("negotiate"), bare("ntlm")],
    "Negotiate ,NTLM": [bare("negotiate"), bare("ntlm")],
    "Negotiate oRkwF6ADCgEB": [("negotiate", {}, "oRkwF6ADCgEB")],
    "Negotiate YII=": [("negotiate", {}, "YII=")],
    "Negotiate YII==, Basic realm=x": [("negotiate", {}, "YII=="), ("basic", {"realm": "x"}, "")],
    "Bearer realm=, error=e": [("bearer", {"error": "e"}, "realm=")],
    "Negotiate a-._~+/9== ,Bearer": [("negotiate", {}, "a-._~+/9=="), bare("bearer")],
    "Bearer realm=api": [bearer(realm="api")],
    'Bearer realm="api"': [bearer(realm="api")],
    'BEARER REALM="Api"': [bearer(realm="Api")],
    'Bearer realm=""': [bearer(realm="")],
    'Bearer realm="a, b"': [bearer(realm="a, b")],
    'Bearer realm="a=b"': [bearer(realm="a=b")],
    'Bearer realm="Basic realm=x"': [bearer(realm="Basic realm=x")],
    r'Bearer realm="a\"b"': [bearer(realm='a"b')],
    r'Bearer realm="a\\"': [bearer(realm="a\\")],
    r'Bearer realm="a\\", error="e"': [bearer(realm="a\\", error="e")],
    r'Bearer realm="\a\,\""': [bearer(realm='a,"')],
    "Bearer realm='x'": [bearer(realm="'x'")],
    'Bearer realm = "x" , error\t=\t"e"': [bearer(realm="x", error="e")],
    'Bearer realm="x",error="e"': [bearer(realm="x", error="e")],
    'Bearer\trealm="x"': [bearer(realm="x")],
    'Bearer   realm="x",   error=e': [bearer(realm="x", error="e")],
    'Bearer ,realm="x"': [bearer(realm="x")],
    'Bearer realm="x",,, ,error="e",': [bearer(realm="x", error="e")],
    'Bearer realm="first", realm="second"': [bearer(realm="first")],
    'Bearer Realm="first", rEALM="second"': [bearer(realm="first")],
    'Bearer x*y!#$="z"': [("bearer", {"x*y!#$": "z"}, "")],
    'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"': [
        ("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}, ""),
        ("basic", {"realm": "simple"}, ""),
    ],
    'Basic realm="x", Bearer realm="y", error="invalid_token"': [
        ("basic", {"realm": "x"}, ""),
        bearer(realm="y", error="invalid_token"),
    ],
    'Bearer error="invalid_token", Basic realm="x"': [
        bearer(error="invalid_token"),
        ("basic", {"realm": "x"}, ""),
    ],
    'Bearer, Basic realm="x"': [bare("bearer"), ("basic", {"realm": "x"}, "")],
    'Bearer realm="x", DPoP algs="ES256 PS256", error="use_dpop_nonce"': [
        bearer(realm="x"),
        ("dpop", {"algs": "ES256 PS256", "error": "use_dpop_nonce"}, ""),
    ],
    'DPoP error="invalid_dpop_proof", error_description="iat, too old"': [
        ("dpop", {"error": "invalid_dpop_proof", "error_description": "iat, too old"}, "")
    ],
    'Bearer realm="x", Bearer realm="y"': [bearer(realm="x"), bearer(realm="y")],
    'Bearer error="insufficient_scope", scope="a b:c d/e"': [
        bearer(error="insufficient_scope", scope="a b:c d/e")
    ],
    'Bearer resource_metadata="https://h/.well-known/oauth-protected-resource?a=b,c"': [
        bearer(resource_metadata="https://h/.well-known/oauth-protected-resource?a=b,c")
    ],
    'Digest realm="r", qop="auth,auth-int", nonce=7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v==': [
        (
            "digest",
            {"realm": "r", "qop": "auth,auth-int", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v=="},
            "",
        )
    ],
}

AS_SERVERS_BREAK_IT: dict[str, list[Told]] = {
    'Bearer realm="x" error="e"': [bearer(realm="x", error="e")],
    'Bearer realm="x"error="e"': [bearer(realm="x", error="e")],
    'Bearer realm="x"; error="e"': [bearer(realm="x", error="e")],
    "Bearer error=invalid_token scope=a": [bearer(error="invalid_token", scope="a")],
    'Bearer error="e", error_description=The token has expired': [
        bearer(error="e", error_description="The token has expired")
    ],
    "Bearer error_description=The token has expired, error=e": [
        bearer(error_description="The token has expired", error="e")
    ],
    'Basic realm="x" Bearer realm="y"': [("basic", {"realm": "x"}, ""), bearer(realm="y")],
    'Basic Bearer realm="y"': [bare("basic"), bearer(realm="y")],
    'Bearer realm="never ends': [bearer(realm="never ends")],
    'Bearer realm="never ends\\': [bearer(realm="never ends")],
    'Bearer realm="': [bearer(realm="")],
    "Bearer error=e, realm=": [bearer(error="e", realm="")],
    "Bearer resource=https://h/a?b=c": [bearer(resource="https://h/a?b=c")],
    'Bearer "stray", error="e"': [bearer(error="e")],
    'Bearer @ error="e"': [bearer(error="e")],
    'Bearer: error="e"': [bearer(error="e")],
    'Bearer ="e"': [],
    'realm="no scheme"': [],
    'error="no scheme", Bearer error="e"': [bearer(error="e")],
    '="x"': [],
    '"': [],
    "\\": [],
    "Bearer\x00error=e": [bearer(error="e")],
    'Bearer error="\u202ee"': [bearer(error="\u202ee")],
    "Bäsic x=y": [("b", {}, ""), ("sic", {"x": "y"}, "")],
    'Bearer realm="x", , =, ="y", error="e"': [bearer(realm="x", error="e")],
}


@pytest.mark.parametrize("text", BY_THE_GRAMMAR)
def test_G4_a_header_is_read_by_the_grammar_of_rfc9110(text: str) -> None:
    assert said(text) == BY_THE_GRAMMAR[text]


@pytest.mark.parametrize("text", AS_SERVERS_BREAK_IT)
def test_G4_what_breaks_the_grammar_is_read_as_it_was_meant(text: str) -> None:
    assert said(text) == AS_SERVERS_BREAK_IT[text]


def test_G4_several_lines_are_one_list() -> None:
    assert said('Basic realm="x"', 'Bearer error="e"') == [("basic", {"realm": "x"}, ""), bearer(error="e")]
    assert said("Bearer", 'error="e"') == [bearer(error="e")]


def test_G4_a_quote_that_never_ends_takes_no_other_line_with_it() -> None:
    assert said('Basic realm="x', 'Bearer error="e"') == [("basic", {"realm": "x"}, ""), bearer(error="e")]
    assert said("Basic realm=x", "Bearer error=e") == [("basic", {"realm": "x"}, ""), bearer(error="e")]


def test_G4_only_www_authenticate_is_read() -> None:
    headers = (
        ("proxy-authenticate", "Basic realm=p"),
        ("www-authenticate", "Bearer error=e"),
        ("www-authenticate", "DPoP"),
    )
    assert [one.scheme for one in challenges_in(headers)] == ["bearer", "dpop"]


def test_G4_of_several_challenges_of_a_scheme_the_one_with_an_error_is_found() -> None:
    challenges = parse_challenges(['Basic realm="x", Bearer realm="y", Bearer error="e"'])
    assert find_challenge(challenges, "bearer") == Challenge("bearer", {"error": "e"})
    assert find_challenge(challenges, "dpop", "basic") == Challenge("basic", {"realm": "x"})
    assert find_challenge(challenges, "dpop") is None


def test_G4_a_challenge_cannot_be_changed_afterwards() -> None:
    with pytest.raises(TypeError):
        parse_challenges(["Bearer a=b"])[0].parameters["a"] = "c"  # type: ignore[index]


def test_G4_what_is_read_is_bounded() -> None:
    assert len(parse_challenges(["a," * 5_000])) == MAX_CHALLENGES
    many = parse_challenges(["Bearer " + ",".join(f"p{number}=1" for number in range(1_000))])
    assert len(many) == 1
    assert len(many[0].parameters) == MAX_PARAMETERS


def test_G4_a_line_beyond_the_bound_is_left_out_whole_so_that_nothing_is_cut() -> None:
    long = f'Bearer error="{"x" * MAX_LENGTH}"'
    assert said("Basic realm=r", long, "DPoP") == [("basic", {"realm": "r"}, "")]


HOSTILE = ['"', "\\", ",", "=", " ", "a", "\t", ";", "\x00", "é", '="', "a=", 'a="b"', "Bearer ", "\\\\"]


LINES = st.lists(
    st.one_of(st.text(max_size=300), st.lists(st.sampled_from(HOSTILE)).map("".join)), max_size=5
)
STEADY = settings(deadline=None, derandomize=True)


@STEADY
@given(LINES)
def test_G4_hostile_headers_never_raise_and_stay_bounded(lines: list[str]) -> None:
    found = parse_challenges(lines)
    assert len(found) <= MAX_CHALLENGES
    for challenge in found:
        assert challenge.scheme
        assert challenge.scheme == challenge.scheme.lower()
        assert len(challenge.parameters) <= MAX_PARAMETERS


_TOKENS = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=8)
_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@STEADY
@given(
    st.lists(
        st.tuples(_TOKENS, st.dictionaries(_TOKENS.map(str.lower), _VALUES, min_size=1, max_size=4)),
        max_size=4,
    )
)
def test_G4_what_is_written_by_the_grammar_is_read_back(challenges: list[tuple[str, dict[str, str]]]) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = ", ".join(
        f"{scheme} " + ", ".join(f"{name}={quoted(value)}" for name, value in parameters.items())
        for scheme, parameters in challenges
    )
    assert said(text) == [(scheme.lower(), parameters, "") for scheme, parameters in challenges]


@pytest.mark.parametrize("piece", ['a="', '"\\', "a b", "a=b ", "a==", ",\\", "=", 'a="b"c'])
def test_G4_a_long_hostile_line_takes_linear_time(piece: str) -> None:
    """A pattern that backtracks would make this test hang for hours."""
    assert len(parse_challenges(["Bearer " + piece * (MAX_LENGTH // len(piece) - 10)])) <= MAX_CHALLENGES

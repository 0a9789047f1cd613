from __future__ import annotations

import unicodedata
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.oauth.url_validation import (
    MAX_URL_LENGTH,
    CheckedUrl,
    check_endpoint_url,
    check_issuer,
    check_resource,
    origin_of,
)

FIELDS = {"check_endpoint_url": "token_endpoint", "check_issuer": "issuer", "check_resource": "resources"}


def refusal(text: str, check: Callable[[str], CheckedUrl] = check_endpoint_url) -> str:
    with pytest.raises(InputProblem) as caught:
        check(text)
    finding = caught.value.finding
    assert finding.field == FIELDS[check.__name__]
    assert finding.problem
    assert finding.remedy
    return str(caught.value)


def test_A8_https_endpoint_is_accepted_as_typed() -> None:
    checked = check_endpoint_url("https://AS.example:8443/token")
    assert checked.url == "https://AS.example:8443/token"
    assert checked.origin == "https://as.example:8443"
    assert not checked.loopback_http
    assert checked.notes == ()


@pytest.mark.parametrize("url", ["http://as.example/token", "HTTP://as.example/token", "http://10.0.0.1/t"])
def test_A8_plain_http_off_the_machine_is_refused(url: str) -> None:
    assert "Use https" in refusal(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/token",
        "http://[::1]:9/",
        "http://localhost:9/",
        "http://127.255.0.1/t",
        "http://LOCALHOST/t",
        "http://[0:0:0:0:0:0:0:1]/t",
    ],
)
def test_A8_C3_plain_http_to_this_machine_carries_a_banner(url: str) -> None:
    checked = check_endpoint_url(url)
    assert checked.loopback_http
    assert any("this machine" in note for note in checked.notes)
    assert check_issuer(url).loopback_http


@pytest.mark.parametrize(
    "host",
    [
        "localhost.",
        "localhost.evil.com",
        "app.localhost",
        "127.0.0.1.nip.io",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "[::]",
        "128.0.0.1",
    ],
)
def test_C3_what_only_looks_like_loopback_needs_https(host: str) -> None:
    assert "Use https" in refusal(f"http://{host}/t")
    assert check_endpoint_url(f"https://{host}/t").url == f"https://{host}/t"


@pytest.mark.parametrize(
    "host",
    ["127.1", "0x7f.1", "0x7F000001", "2130706433", "127.0.0.01", "1.2.3.4.5", "256.1.1.1", "1.2.3.4."],
)
def test_C3_numbers_that_resolvers_read_differently_are_refused(host: str) -> None:
    assert "all four parts" in refusal(f"https://{host}/t")


@pytest.mark.parametrize("url", ["https://h/t#x", "https://h/t?a=b#x", "https://h/t#"])
def test_A9_fragment_is_refused(url: str) -> None:
    assert "fragment" in refusal(url)


@pytest.mark.parametrize("url", ["https://h/t?api-version=1", "https://h/t?", "https://h", "https://h?x=1"])
def test_A9_query_is_kept_as_typed(url: str) -> None:
    assert check_endpoint_url(url).url == url


@pytest.mark.parametrize("name", ["client_secret", "Client_Secret", "client%5Fsecret", "access_token"])
def test_A7_credentials_in_the_query_are_refused_and_not_repeated(name: str) -> None:
    text = refusal(f"https://h/t?a=1&{name}=hunter2")
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "url",
    ["https://u:hunter2@h/t", "https://hunter2@h/t", "u:hunter2@h/t", "ftp://u:hunter2@h/t", "https://@h/"],
)
def test_C1_userinfo_is_refused_and_not_repeated(url: str) -> None:
    assert "hunter2" not in refusal(url)
    assert "hunter2" not in refusal(url, check_issuer)


def test_C1_userinfo_in_a_resource_is_refused() -> None:
    assert "hunter2" not in refusal("https://u:hunter2@h/t", check_resource)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://as.example\\@evil/", "a backslash"),
        ("https://h/a b", "a space"),
        ("https://h/a\tb", "a tab"),
        ("https://h/a\r\nb", "a line break"),
        ("https://h/\x00", "U+0000"),
        ("https://h/\u202egro", "U+202E"),
        ("https://h/\u200b", "U+200B"),
        ("https://h/{x}", "{ (U+007B)"),
        ("https://h/[x]", "[ (U+005B)"),
        ("https://h/ü", "ü (U+00FC)"),
        ("https://h/?q=<", "< (U+003C)"),
    ],
)
def test_C2_characters_that_parsers_disagree_about_are_named(url: str, named: str) -> None:
    assert named in refusal(url)


@pytest.mark.parametrize("url", [" https://h/t", "https://h/t\n", "https://h/t\u00a0"])
def test_C2_white_space_around_the_url_is_refused(url: str) -> None:
    assert "before or after" in refusal(url)


@pytest.mark.parametrize("url", ["https://h/%zz", "https://h/%", "https://h/?a=%4"])
def test_C2_broken_percent_encoding_is_refused(url: str) -> None:
    assert "%25" in refusal(url)


@pytest.mark.parametrize("path", ["/a/../token", "/./token", "/..", "/a/%2e%2E/t", "/.%2e/"])
def test_C2_dot_segments_are_refused(path: str) -> None:
    assert "segment" in refusal(f"https://h{path}")


def test_C4_international_host_is_shown_in_both_forms_and_mixed_scripts_are_warned() -> None:
    host = "раураl.com"  # Cyrillic but for the last letter of the first label
    checked = check_endpoint_url(f"https://{host}/token?x=1")
    assert checked.url == "https://xn--l-7sba6dbr.com/token?x=1"
    assert checked.origin == "https://xn--l-7sba6dbr.com"
    assert checked.notes[0] == f"{host} is xn--l-7sba6dbr.com on the wire."
    assert "Cyrillic and Latin" in checked.notes[1]
    assert check_issuer("https://xn--l-7sba6dbr.com").notes == checked.notes


@pytest.mark.parametrize("host", ["bücher.example", "例え.jp", "日本のlogin.jp"])
def test_C4_ordinary_international_host_has_one_note(host: str) -> None:
    checked = check_endpoint_url(f"https://{host}/")
    assert len(checked.notes) == 1
    assert checked.url.isascii()
    assert httpx.URL(f"https://{host}/").raw_host.decode() in checked.url


@pytest.mark.parametrize("host", ["straße.de", "a。example", "exａmple.com", "ü" * 64 + ".com"])
def test_C4_international_host_without_one_ascii_form_is_refused(host: str) -> None:
    assert "xn--" in refusal(f"https://{host}/")


@pytest.mark.parametrize("label", ["xn--99999999999", "xn--a-ecp.ru"])
def test_C4_undecodable_punycode_gives_no_false_note(label: str) -> None:
    assert all(label not in note or " is " in note for note in check_endpoint_url(f"https://{label}/").notes)


def test_C4_punycode_that_hides_control_characters_is_not_shown() -> None:
    hidden = "xn--" + "a\u202eb".encode("punycode").decode()
    assert check_endpoint_url(f"https://{hidden}/").notes == ()


def test_C5_trailing_slash_of_an_issuer_is_kept() -> None:
    assert check_issuer("https://t.example/").url == "https://t.example/"
    assert check_issuer("https://t.example").url == "https://t.example"


def test_C6_origin_is_normal_but_the_url_stays_as_typed() -> None:
    assert check_issuer("https://H.example:443/x").url == "https://H.example:443/x"
    assert origin_of("https://H.example:443/x") == origin_of("HTTPS://h.EXAMPLE/y") == "https://h.example"
    assert origin_of("http://[0:0::1]:80/") == "http://[::1]"
    assert origin_of("http://h:443/") == "http://h:443"


@pytest.mark.parametrize("url", ["", "h", "urn:x", "https://u@h/", "https://127.1/", "https:///x"])
def test_C6_origin_of_unusable_text_is_empty(url: str) -> None:
    assert origin_of(url) == ""


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("as.example/token", "https://as.example/token"),
        ("localhost:8080/token", "https://localhost:8080/token"),
        ("https:as.example", "https://as.example"),
        ("https:/as.example", "https://as.example"),
        ("ftp://as.example", "The scheme is ftp"),
        ("/token", "Begin it with https://."),
        ("//h/t", "Begin it with https://."),
        ("https:", "Begin it with https://."),
        ("as.example/\u00fc", "Begin it with https://."),
    ],
)
def test_C7_wrong_beginning_gets_a_suggestion(url: str, hint: str) -> None:
    assert hint in refusal(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https:///token",
        "https://:443/",
        "https://h:/",
        "https://h:x/",
        "https://h:1:2/",
        "https://https://h/",
        "https://a..b/",
        "https://-a/",
        "https://a%41/",
        "https://a;b/",
        "https://" + "a" * 64 + "/",
        "https://" + "a." * 130 + "b/",
        "https://[::1/",
        "https://[::1]x/",
        "https://[x]/",
        "https://[fe80::1%25eth0]/",
        "https://[]/",
    ],
)
def test_C7_broken_host_or_port_is_refused(url: str) -> None:
    refusal(url)


PORTS = ["0", "65536", "9" * 1900, "0443", "0000443", "000000443", "443000000"]


@pytest.mark.parametrize("port", PORTS, ids=lambda port: str(port)[:9])
def test_C7_port_out_of_range_or_with_zeros_in_front_is_refused(port: str) -> None:
    assert "65535" in refusal(f"https://h:{port}/")


@pytest.mark.parametrize("text", ["", "  "])
def test_C7_empty_url_is_required(text: str) -> None:
    assert "required" in refusal(text)
    assert "required" in refusal(text, check_resource)


def test_C7_overlong_url_is_refused() -> None:
    assert str(MAX_URL_LENGTH) in refusal("https://h/" + "a" * MAX_URL_LENGTH)


@pytest.mark.parametrize("url", ["https://h/?a", "https://h/#a", "https://h/x?"])
def test_E6_issuer_has_no_query_and_no_fragment(url: str) -> None:
    assert "no query" in refusal(url, check_issuer)


def test_fields_are_named_as_asked() -> None:
    with pytest.raises(InputProblem) as caught:
        check_endpoint_url("x", field="api_base")
    assert caught.value.finding.field == "api_base"


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://api.example/v1", "https://api.example"),
        ("http://api.example", "http://api.example"),
        ("urn:example:api", ""),
        ("api://3f2a1b4c", ""),
    ],
)
def test_G1_resource_is_any_absolute_uri(uri: str, origin: str) -> None:
    checked = check_resource(uri)
    assert (checked.url, checked.origin, checked.loopback, checked.notes) == (uri, origin, False, ())


@pytest.mark.parametrize(
    "uri", ["api", "https:", "urn:", "https://", "/api", "https://a#x", "urn:a#", "urn:a b", "urn:ü"]
)
def test_G1_what_is_no_absolute_uri_is_refused(uri: str) -> None:
    refusal(uri, check_resource)


def test_G1_resource_with_a_query_gets_a_note() -> None:
    assert "query" in check_resource("https://api.example/?a=1").notes[0]
    assert "query" in check_resource("urn:example:api?a=1").notes[0]


URL_TEXT = st.text(
    st.one_of(st.sampled_from("/?&=:.%@[]-_~!$'()*+,;\\ #|^`{}\"<>0aZü"), st.characters()), max_size=30
)


@settings(deadline=None)  # a busy machine is no failure
@given(st.sampled_from(["https://", "https://h", "https://as.example/", "http://127.0.0.1:9/", ""]), URL_TEXT)
def test_A7_accepted_urls_reach_the_wire_byte_for_byte(start: str, rest: str) -> None:
    try:
        checked = check_endpoint_url(start + rest)
    except InputProblem as problem:
        assert all(char.isprintable() for char in str(problem))
        return
    parsed = httpx.URL(checked.url)
    typed = checked.url.split("://", 1)[1]
    cut = min((typed.find(char) for char in "/?" if char in typed), default=len(typed))
    target = typed[cut:]
    assert parsed.raw_path.decode() == (target if target.startswith("/") else "/" + target)
    assert parsed.userinfo == b""
    assert checked.origin == origin_of(str(parsed))
    assert not any(unicodedata.category(char)[0] == "C" for char in checked.url)


@settings(deadline=None)  # a busy machine is no failure
@given(st.text())
def test_checks_raise_nothing_but_input_problems(text: str) -> None:
    for check in (check_endpoint_url, check_issuer, check_resource):
        try:
            check(text)
        except InputProblem:
            continue
    assert isinstance(origin_of(text), str)

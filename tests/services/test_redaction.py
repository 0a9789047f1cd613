from __future__ import annotations

import base64
import html
import json
import re
import string
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.oauth.sanitize import scrub
from ccflow_tui.services.redaction import CAPACITY, Redactor
from ccflow_tui.services.secret_forms import base64_cores, exact_forms

CANARY = 'CANARY/5f1c+9e 2b:7a%"q\\é=='
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
PEM = "\n".join(
    [
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
        "-----END PRIVATE KEY-----",
    ]
)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def knowing(*texts: str) -> Redactor:
    redactor = Redactor()
    for text in texts:
        redactor.know(Secret(text))
    return redactor


FORMS = {
    "plain": CANARY,
    "form": urlencode({"": CANARY})[1:],
    "percent": quote(CANARY, safe=""),
    "percent-lower": re.sub("%..", lambda match: match[0].lower(), quote(CANARY, safe="")),
    "percent-slash": quote(CANARY),
    "json": json.dumps(CANARY),
    "json-utf8": json.dumps(CANARY, ensure_ascii=False),
    "json-in-json": json.dumps(json.dumps({"x": CANARY})),
    "repr": repr(CANARY),
    "base64": b64(CANARY),
    "base64url": base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("="),
    "basic": b64(f"client:{quote(CANARY, safe='-._~')}"),
    "basic-plus": b64(f"c:{quote_plus(CANARY)}"),
    "basic-raw": b64(f"cl:{CANARY}"),
    "hex": CANARY.encode().hex(),
    "hex-upper": CANARY.encode().hex().upper(),
    "percent-all": "".join(f"%{byte:02x}" for byte in CANARY.encode()),
    "percent-all-upper": "".join(f"%{byte:02X}" for byte in CANARY.encode()),
    "escapes": "".join(f"\\u{ord(char):04x}" for char in CANARY),
    "escapes-upper": "".join(f"\\u{ord(char):04X}" for char in CANARY),
    "entities": "".join(f"&#{ord(char)};" for char in CANARY),
    "entities-hex": "".join(f"&#x{ord(char):X};" for char in CANARY),
    "upper": CANARY.upper(),
    "lower": CANARY.lower(),
    "swapped": CANARY.swapcase(),
    "backwards": CANARY[::-1],
    "lines": f"{CANARY[:9]}\n{CANARY[9:]}",
    "indented-lines": f"{CANARY[:9]}\r\n    {CANARY[9:15]}\n\t{CANARY[15:]}",
    "escaped-lines": f"{CANARY[:9]}\\n{CANARY[9:]}",
    "tags": f"{CANARY[:9]}<br/>{CANARY[9:]}",
    "base64-lines": f"{b64(CANARY)[:20]}\n{b64(CANARY)[20:]}",
    "basic-lines": f"{b64(f'client:{CANARY}')[:20]}\n {b64(f'client:{CANARY}')[20:]}",
}


@pytest.mark.parametrize("form", FORMS)
def test_L1_known_secret_is_masked_in_every_form(form: str) -> None:
    masked = knowing(CANARY).redact(f"before {FORMS[form]} after")
    assert masked.startswith("before ") and masked.endswith(" after")
    assert MASK in masked
    assert "5f1c" not in masked and FORMS[form] not in masked


def test_many_broken_secrets_in_a_long_text_take_no_time() -> None:
    long = "CANA\nRY-5f1c-9e\n" * 50_000
    started = time.process_time()
    assert "5f1c" not in knowing("CANARY-5f1c-9e").redact(long)
    assert time.process_time() - started < 5.0


def test_words_that_stand_beside_each_other_stay() -> None:
    text = "the scope\nof the client <b>is not</b> known"
    assert knowing("CANARY-5f1c-9e", "s3cr3t-value").redact(text) == text


def test_without_secrets_a_text_stays_as_it_is() -> None:
    text = "POST /token method=client_secret_basic host=as.example status=200"
    assert Redactor().redact(text) == text
    assert knowing("other-secret").redact(text) == text


def test_the_whole_base64_text_around_a_secret_goes() -> None:
    masked = knowing("s3cr3t-value").redact(f"x={b64('my-client:s3cr3t-value')} y")
    assert masked == f"x={MASK} y"


def test_longer_secret_is_masked_before_a_shorter_one_inside_it() -> None:
    assert knowing("abcd", "abcdefgh").redact("abcdefgh abcd") == f"{MASK} {MASK}"


def test_secrets_of_three_characters_are_left_to_the_patterns() -> None:
    assert knowing("abc", "").redact("abc client_secret=abc") == f"abc client_secret={MASK}"


def test_the_oldest_tokens_make_room_and_used_ones_stay() -> None:
    redactor = Redactor(capacity=3)
    for text in ("token-a", "token-b", "token-c", "token-a", "token-d"):
        redactor.know_token(Secret(text))
    assert redactor.redact("token-a token-b token-c token-d") == f"{MASK} token-b {MASK} {MASK}"


@pytest.mark.parametrize("before", [False, True], ids=["known first", "known as a token first"])
def test_L1_no_number_of_tokens_pushes_a_client_s_own_secret_out(before: bool) -> None:
    redactor, own = Redactor(capacity=3), ("own-secret", "own-key", "own-passphrase", "own-header")
    if before:
        redactor.know_token(Secret(own[0]))
    for text in own:
        redactor.know(Secret(text))
    redactor.know_token(Secret(own[0]))  # as a server may echo it
    for number in range(2000):
        redactor.know_token(Secret(f"token-{number}"))
    assert redactor.redact(" ".join(own)) == " ".join([MASK] * len(own))
    assert redactor.redact("token-1 token-1999") == f"token-1 {MASK}"


def test_a_client_s_own_secrets_do_not_grow_without_end_either() -> None:
    redactor = Redactor()
    for number in range(CAPACITY + 10):
        redactor.know(Secret(f"rotated-{number:04}"))
    assert redactor.redact("rotated-0009 rotated-0010") == f"rotated-0009 {MASK}"


def test_private_key_is_masked_line_by_line_and_member_by_member() -> None:
    line = PEM.splitlines()[1]
    assert knowing(PEM).redact(f"bad line {line}!") == f"bad line {MASK}!"
    member = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFy"
    assert knowing(json.dumps({"kty": "EC", "d": member})).redact(f"d is {member}") == f"d is {MASK}"


def test_redactor_shows_no_secret_of_its_own() -> None:
    redactor = knowing(CANARY)
    assert CANARY not in repr(redactor) and CANARY not in repr(vars(redactor))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"got {JWT}.", f"got {MASK}"),
        (f"x_{JWT} y", f"x_{MASK} y"),
        (f"jwe {JWT}.a.b end", f"jwe {MASK} end"),
        (f"key: {PEM} end", f"key: {MASK} end"),
        (PEM[:60] + " cut", MASK),
        (PEM.replace("\n", "\\n"), MASK),
        ("Authorization: Basic YTpi", f"Authorization: Basic {MASK}"),
        ("authorization: bearer short", f"authorization: bearer {MASK}"),
        ('{"Authorization": "DPoP abc", "a": 1}', f'{{"Authorization": "DPoP {MASK}", "a": 1}}'),
        ("('Authorization', 'Basic YTpi')", f"('Authorization', 'Basic {MASK}')"),
        ("(b'Authorization', b'Digest a=1, b=2')", f"(b'Authorization', b'{MASK}')"),
        ("Proxy-Authorization=x y\nnext", f"Proxy-Authorization={MASK}\nnext"),
        ("sent Bearer abcdefghijklmnop1 ok", f"sent Bearer {MASK} ok"),
        (f"sent Basic {b64('client:secret')} ok", f"sent Basic {MASK} ok"),
        ("a=1&client_secret=x%20y&b=2", f"a=1&client_secret={MASK}&b=2"),
        (
            "client_assertion=abc&client_assertion_type=urn:x",
            f"client_assertion={MASK}&client_assertion_type=urn:x",
        ),
        ("CCFLOW_CLIENT_SECRET=hunter2", f"CCFLOW_CLIENT_SECRET={MASK}"),
        ('{"access_token": "a\\"b", "scope": "s"}', f'{{"access_token": "{MASK}", "scope": "s"}}'),
        ("{'refresh_token': 'x'}", f"{{'refresh_token': '{MASK}'}}"),
        ('"{\\"access_token\\":\\"abc\\",\\"n\\":1}"', f'"{{\\"access_token\\":\\"{MASK}\\",\\"n\\":1}}"'),
        ('{"access_token":"cut off', f'{{"access_token":"{MASK}"'),
        ("('client_secret', 'x y')", f"('client_secret', '{MASK}')"),
        ('password="a b c" x', f'password="{MASK}" x'),
        ("client_secret: 2YotnFZFEjr1z end", f"client_secret: {MASK} end"),
        ('{"kty":"RSA","d":"Zm9vYmFyYmF6cXV4Zm9v"}', f'{{"kty":"RSA","d":"{MASK}"}}'),
        ("https://user:pa@ss@as.example/token", f"https://{MASK}@as.example/token"),
    ],
)
def test_L1_the_shape_of_a_credential_is_masked(text: str, masked: str) -> None:
    assert Redactor().redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "client_secret: The secret is missing. Type it in step 1.",
        "Request denied: Unsupported authentication method client_secret_post",
        'method=private_key_jwt token_type=Bearer scopes="a b"',
        "Basic authentication failed, use Bearer tokens",
        "Basic knowledge is enough",
        "authorization server https://as.example/as said no",
        "www.example.com a.b.c 1.2.3.4 keyJson.parse.me",
        "mail me@example.com, see https://example.com/@user",
        "grant_type=client_credentials&scope=p1%3Aread",
        '{"token_type_hint": "access_token", "iss": "https://as.example"}',
        '{"said": "no token",\n  "status" : 401}',
        '"{\\"hint\\":\\"refresh_token\\",\\"n\\":1}"',
        "{'grant': 'password', 'n': 1}",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert Redactor().redact(text) == text


ALPHABET = st.characters(exclude_categories=["Cs"])
SECRETS = st.text(ALPHABET, min_size=4, max_size=40) | st.sampled_from([CANARY, JWT, PEM, "•a••", "a••••"])
ENCODERS = st.sampled_from(
    [
        str,
        quote,
        quote_plus,
        lambda text: quote(text, safe="-._~"),
        lambda text: json.dumps(text)[1:-1],
        lambda text: repr(text)[1:-1],
        b64,
    ]
)


def test_L1_a_secret_is_masked_in_an_answer_that_was_scrubbed_before() -> None:
    text = "canary\twith\u200bodd\x07characters\n"
    redactor = Redactor()
    redactor.know(Secret(text))
    assert redactor.redact(scrub(f"no entry for <{text}>")) == f"no entry for <{MASK} >"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(secret=SECRETS, encode=ENCODERS, before=st.text(max_size=20), after=st.text(max_size=20))
@example(secret="a••••", encode=str, before="aaaa", after="")
def test_any_secret_in_any_form_is_gone_and_redacting_twice_changes_nothing(
    secret: str, encode: type[str], before: str, after: str
) -> None:
    assume(secret.strip(MASK))
    redactor = knowing(secret)
    masked = redactor.redact(f"{before}{encode(secret)}{after}")
    assert encode(secret) not in masked
    assert redactor.redact(masked) == masked


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    client=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=12),
    secret=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=8, max_size=40),
    raw=st.booleans(),
)
def test_basic_credentials_are_gone_whatever_the_client_id(client: str, secret: str, raw: bool) -> None:
    pair = f"{client}:{secret}" if raw else f"{quote(client, safe='')}:{quote(secret, safe='-._~')}"
    assert b64(pair) not in knowing(secret).redact(f"value {b64(pair)} end")


MARKS = "eyJ Authorization Basic Bearer client_secret access_token = : ' \" \\ :// @ & . , -----BEGIN A-----"
PIECES = st.sampled_from([*FORMS.values(), *MARKS.split(" "), "-----END A-----", JWT, PEM, MASK, "\n", " "])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(PIECES | st.text(max_size=5), max_size=15).map("".join))
def test_redaction_is_idempotent_on_any_mixture(text: str) -> None:
    redactor = knowing(CANARY, "a••••")
    masked = redactor.redact(text)
    assert redactor.redact(masked) == masked
    assert CANARY not in masked


@pytest.mark.parametrize(
    "unit",
    [
        "eyJ",
        "eyJ.",
        "-----BEGIN A-----",
        'client_secret="',
        "client_secret='\\",
        "secret: ",
        "://a",
        "@",
        "Basic ",
        "a.",
        "Authorization:",
        '"token",',
        '"token","a" ',
        '"token","a',
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    redactor = knowing(CANARY)
    text = unit * (200_000 // len(unit))
    started = time.process_time()
    redactor.redact(text)
    assert time.process_time() - started < 2


def test_lone_surrogates_do_no_harm() -> None:
    assert exact_forms("abc\udcff") and base64_cores("abcdefgh\udcff")


def test_forms_of_short_and_bulleted_texts_are_left_out() -> None:
    assert not {form for form in exact_forms("••••") if not form.strip(MASK)}
    assert all(len(form) >= 4 for form in exact_forms("ab"))
    assert all(len(core) >= 8 for core in base64_cores("abcdefgh"))


def test_the_characters_of_most_tokens_are_written_the_same_everywhere_but_in_base64() -> None:
    plain = string.ascii_letters + string.digits + "._~-"
    written = {quote(plain), quote_plus(plain), json.dumps(plain)[1:-1], html.escape(plain), scrub(plain)}
    assert written == {plain}
    encoded = {encode(plain.encode()).decode() for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    assert exact_forms(plain) == {plain} | encoded | {form.rstrip("=") for form in encoded}


@pytest.mark.parametrize("token", ["eyJhbGciOi.J9_~-x", "a+b/c==d&e"])
@pytest.mark.parametrize("before", ["", "i", "id", "id:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["std", "url"])
def test_base64_around_a_token_is_found_wherever_it_starts(
    token: str, before: str, encode: Callable[[bytes], bytes]
) -> None:
    text = encode(f"{before}{token}>?".encode()).decode()
    assert any(core in text for core in base64_cores(token))

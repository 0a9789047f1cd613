"""Secrets that were cut short or stand in several strings: no piece of them stays, and innocent texts do."""

from __future__ import annotations

import json
import pprint
import string
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.secret import MASK, Secret
from ccflow_tui.models.token_request import ClientAssertion, TokenRequest
from ccflow_tui.services.redaction import LONGEST_SPELT, Redactor, redact_answer_to
from ccflow_tui.services.secret_pieces import Forms, mask_spans, samples_of

SECRET = "Q7x/5f1c+9eZ2b:7aK%w0d~Vu3"
"""Of no eight characters that stand in it twice."""
DOTTED = "m4k2j8h6g5f3.s9d7a1"
QUOTED = 'p1o3i5u7y9t2"r4e6w8q0'
WINDOW = 8


def knowing(*texts: str) -> Redactor:
    redactor = Redactor()
    for text in texts:
        redactor.know(Secret(text))
    return redactor


def leaked(secret: str, masked: str) -> list[str]:
    """Return the pieces of a secret that can be read in a text."""
    windows = (secret[at : at + WINDOW] for at in range(len(secret) - WINDOW + 1))
    return [window for window in windows if window in masked]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f'{{"error": "{SECRET[:10]}", "x": 1}}', f'{{"error": "{MASK}", "x": 1}}'),
        (f'{{"x": 1, "was": "{SECRET[10:]} it"}}', f'{{"x": 1, "was": "{MASK} it"}}'),
        (f'{{"a": "{SECRET[:13]}", "b": "{SECRET[13:]}", "c": ""}}', f'{{"a": "{MASK}", "c": ""}}'),
        (f'["{SECRET[:3]}", "{SECRET[3:9]}",\n "{SECRET[9:]}"]', f'["{MASK}"]'),
        (f'"{SECRET[:4]}" + "{SECRET[4:]}"', f'"{MASK}"'),
        (f"(b'{SECRET[:4]}'\n b'{SECRET[4:]}')", f"(b'{MASK}')"),
        (f'{{\\"a\\":\\"{SECRET[:9]}\\",\\"b\\":\\"{SECRET[9:]}\\"}}', f'{{\\"a\\":\\"{MASK}\\"}}'),
        (f"sent {SECRET[:5]}\n{SECRET[5:12]}", f"sent {MASK}"),
        (f"sent {SECRET[:12]}\nand more", f"sent {MASK}\nand more"),
        (f"sent {SECRET[:5]}<br>{SECRET[5:12]}… and more", f"sent {MASK}… and more"),
        (f"{SECRET[-12:]} was sent", f"{MASK} was sent"),
        (f"it was …{SECRET[-12:]}", f"it was …{MASK}"),
        (SECRET[7:20], MASK),
        (f"{DOTTED[:12]}... and more", f"{MASK}.. and more"),
        (f"'{DOTTED[:12]}.'", f"'{MASK}'"),
        (f'["{QUOTED[:12]}", 1]', f'["{MASK}, 1]'),
    ],
)
def test_L1_a_piece_is_masked_at_the_edge_of_a_string(text: str, masked: str) -> None:
    assert knowing(SECRET, DOTTED, QUOTED).redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        f"{SECRET[:7]} and {SECRET[-7:]}",
        f"a {SECRET[4:20]} in the middle",
        f'{{"mode": "{SECRET[:7]}", "{SECRET[-7:]}": ""}}',
    ],
)
def test_what_is_short_or_stands_within_a_text_stays(text: str) -> None:
    assert knowing(SECRET).redact(text) == text


@pytest.mark.parametrize(
    "secret",
    ["production-secret-of-orders-2026", "Client Credentials for the demo at home", "invalid_client_x9"],
)
def test_words_of_which_a_secret_was_made_stay(secret: str) -> None:
    text = '{"stage": "production", "kind": "Client Credentials", "error": "invalid_", "of": "the demo"}'
    assert knowing(secret).redact(text) == text


def test_words_that_are_half_of_a_secret_go() -> None:
    assert knowing("correct horse battery").redact('{"said": "correct horse"}') == f'{{"said": "{MASK}"}}'


def test_a_long_token_is_found_in_pieces_too() -> None:
    token = "".join(f"{number:x}/" for number in range(0x1000, 0x1000 + LONGEST_SPELT // 2))
    redactor = Redactor()
    redactor.know_token(Secret(token))
    text = json.dumps({"a": token[:600], "x": 1, "b": token[600:], "c": [token[:70], token[70:]]})
    assert not leaked(token, redactor.redact(text))


def test_pieces_of_an_assertion_are_masked_in_the_answer_to_its_request_and_not_remembered() -> None:
    redactor = knowing("another-secret-1")
    request = TokenRequest("https://as.example", (), (), ClientAssertion(Secret(SECRET), {}, {}))
    redact = redact_answer_to(request, redactor.redact)
    assert redact(f'"{SECRET[:12]}" another-secret-1') == f'"{MASK}" {MASK}'
    assert redactor.redact(SECRET) == SECRET
    unsigned = TokenRequest("https://as.example", (), ())
    assert redact_answer_to(unsigned, redactor.redact)("another-secret-1") == MASK


def test_spans_that_overlap_or_touch_become_one_mask() -> None:
    assert mask_spans("abcdefgh", [(4, 6), (0, 2), (1, 4)]) == f"{MASK}gh"
    assert mask_spans("abcdefgh", [(6, 8), (0, 2)]) == f"{MASK}cdef{MASK}"
    assert mask_spans("abcdefgh", []) == "abcdefgh"


@pytest.mark.parametrize("before", range(9))
def test_samples_tell_of_each_piece_wherever_it_stands(before: int) -> None:
    forms = Forms.of([SECRET], [SECRET])
    for piece in (SECRET, SECRET[:WINDOW], SECRET[-WINDOW:]):
        text = f"{'.' * before}{piece}"
        assert forms.may_be_in(text, samples_of(text))


def test_an_innocent_text_is_not_searched_for_each_of_many_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = knowing(SECRET)
    for number in range(256):
        redactor.know_token(Secret(f"{number:x}-{DOTTED}-{number:x}"))
    searched: list[str] = []
    monkeypatch.setattr(Forms, "whole_spans", lambda _, text: searched.append(text) or [])
    text = json.dumps({"message": "The client is not known here.", "id": "8f14e45f-ceea-467f-9c1d"}, indent=2)
    assert redactor.redact(text) == text
    assert searched == []
    redactor.redact(f"{text}{SECRET}")
    assert searched


CHARACTERS = string.ascii_letters + string.digits + "+/=-_~.:%&"
PAIRS = st.tuples(st.sampled_from(CHARACTERS), st.sampled_from(string.digits)).map("".join)
SECRETS = st.lists(PAIRS, min_size=12, max_size=30).map("".join)
"""With a digit everywhere, since pieces of mere words are left alone."""
WORDS = st.lists(st.sampled_from(["the", "scope", "of", "client", "is", "not", "known"]), max_size=4).map(
    " ".join
)
WRITERS: list[Callable[[object], str]] = [
    json.dumps,
    lambda value: json.dumps(value, indent=2),
    lambda value: json.dumps(json.dumps(value)),
    repr,
    lambda value: pprint.pformat(value, width=20),
]


def in_parts(secret: str, cuts: Sequence[int]) -> list[str]:
    """Return the secret cut at these places."""
    places = [0, *sorted(cut % len(secret) for cut in cuts), len(secret)]
    return [secret[first:last] for first, last in pairwise(places)]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    secret=SECRETS,
    cut=st.integers(WINDOW, 16),
    writer=st.sampled_from(WRITERS),
    between=WORDS,
    before=WORDS,
    swapped=st.booleans(),
)
def test_no_half_of_a_secret_stays_in_two_strings_of_a_document(
    secret: str, cut: int, writer: Callable[[object], str], between: str, before: str, swapped: bool
) -> None:
    halves = {"first": f"{before} {secret[:cut]}", "between": between, "second": f"{secret[cut:]} {before}"}
    text = writer(dict(sorted(halves.items(), reverse=swapped)))
    redactor = knowing(secret)
    masked = redactor.redact(text)
    assert not leaked(secret, masked)
    assert redactor.redact(masked) == masked


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    secret=SECRETS,
    cuts=st.lists(st.integers(0, 1000), max_size=12),
    writer=st.sampled_from(WRITERS),
    named=st.booleans(),
)
def test_a_secret_in_any_number_of_strings_one_after_the_other_is_gone(
    secret: str, cuts: list[int], writer: Callable[[object], str], named: bool
) -> None:
    parts = in_parts(secret, cuts)
    document = {f"{number:02}": part for number, part in enumerate(parts)} if named else parts
    redactor = knowing(secret)
    masked = redactor.redact(writer(document))
    assert not [part for part in parts if len(part) >= 4 and part in masked]
    assert redactor.redact(masked) == masked


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    secret=SECRETS,
    cuts=st.lists(st.integers(0, 1000), max_size=6),
    length=st.integers(WINDOW, 60),
    gap=st.sampled_from(["\n", "\r\n  ", " ", "<br/>", "\\n", "\t\n"]),
    before=WORDS,
    after=st.sampled_from(["", "…", "..."]),
)
def test_a_secret_that_is_broken_and_cut_short_is_gone(
    secret: str, cuts: list[int], length: int, gap: str, before: str, after: str
) -> None:
    kept = secret[:length]
    text = f"{before} {gap.join(part for part in in_parts(kept, cuts) if part)}{after}"
    masked = knowing(secret).redact(text)
    assert not leaked(secret, "".join(masked.replace("<br/>", "").replace("\\n", "").split()))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(secret=SECRETS, words=st.dictionaries(WORDS, WORDS | st.lists(WORDS, max_size=3), max_size=6))
def test_innocent_documents_stay_as_they_are(secret: str, words: dict[str, object]) -> None:
    redactor = knowing(secret)
    for writer in WRITERS:
        text = writer(words)
        assert redactor.redact(text) == text


PREFIX = SECRET[:WINDOW]
CORE = b64encode(f":{SECRET}".encode()).decode()[2:-4]


@pytest.mark.parametrize(
    "unit",
    [
        CORE,
        f"{CORE} ",
        PREFIX,
        f"{PREFIX}x",
        f'"{PREFIX}"',
        SECRET[:-1],
        f'{SECRET[:-1]}"',
        '"',
        "\\",
        '\\"',
        '", "',
        '"a":',
    ],
)
def test_hostile_texts_take_linear_time(unit: str) -> None:
    redactor = knowing(SECRET, "a" * 2000, "ab" * 500)
    for number in range(64):
        redactor.know_token(Secret(f"{SECRET[:-1]}-{number}"))
    text = unit * (200_000 // len(unit))
    started = time.process_time()
    masked = redactor.redact(text)
    assert time.process_time() - started < 4
    assert SECRET[: WINDOW + 1] not in masked


def test_a_secret_that_repeats_itself_takes_linear_time() -> None:
    redactor = knowing("a" * 2000, "ab" * 500)
    started = time.process_time()
    for unit in ("a" * 1999 + "x", "ab" * 499 + "x"):
        redactor.redact(unit * (200_000 // len(unit)))
    assert time.process_time() - started < 4

from __future__ import annotations

import codecs
import json
import time
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.strict_json import MAX_MARKS, StrictJsonError, parse_object, parse_object_text

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**90), 10**90)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"access_token":"a","access_token":"b"}', 'the member "access_token" occurs twice'),
        (b'{"a":{"b":1,"b":2}}', 'the member "b" occurs twice'),
        (b'{"expires_in":NaN}', "NaN is not a JSON number"),
        (b'{"expires_in":-Infinity}', "-Infinity is not a JSON number"),
        pytest.param(b'{"expires_in":' + b"9" * 5000 + b"}", "a number is too long", id="5000 digits"),
        (b"", "the body is empty"),
        (b" \r\n ", "the body is empty"),
        (b"[1, 2]", "the JSON is not an object"),
        (b'"text"', "the JSON is not an object"),
        (b"null", "the JSON is not an object"),
        ('{"a":1}'.encode("utf-16"), "the text is UTF-16 or UTF-32, not UTF-8"),
        ('{"a":1}'.encode("utf-16-be"), "the text is UTF-16 or UTF-32, not UTF-8"),
        ('{"a":1}'.encode("utf-32"), "the text is UTF-16 or UTF-32, not UTF-8"),
        (b'{"a":"\xff\xfe"}', "the text is not UTF-8"),
        (b'{"a":1', "not valid JSON (Expecting ',' delimiter, line 1, column 7)"),
        (b'{"a":1} trailing', "not valid JSON (Extra data, line 1, column 9)"),
        (b'{"a\x1b\x5b2J":1}', "not valid JSON (Invalid control character at, line 1, column 4)"),
    ],
)
def test_B15_B16_what_two_parsers_could_read_differently_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(StrictJsonError) as caught:
        parse_object(body)
    assert str(caught.value) == reason


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"[{"])
def test_B16_deep_nesting_is_refused_before_parsing(opening: bytes) -> None:
    with pytest.raises(StrictJsonError, match="nested deeper than 32 levels"):
        parse_object(opening * 100_000)


@pytest.mark.parametrize("piece", [b"{},", b'"",', b"[[]],"])
def test_B16_a_document_that_would_grow_in_memory_is_refused_before_parsing(piece: bytes) -> None:
    with pytest.raises(StrictJsonError, match="far too many values"):
        parse_object(b'{"a":[' + piece * MAX_MARKS + b"1]}")
    few = 1000
    assert len(parse_object(b'{"a":[' + piece * few + b"1]}")["a"]) == few + 1


def test_B16_depth_is_counted_outside_texts_only() -> None:
    assert parse_object(b'{"a":"' + b"[{" * 100 + b'\\"[["}') == {"a": "[{" * 100 + '"[['}
    assert parse_object(b'{"a":[[1],[2]]}', max_depth=3) == {"a": [[1], [2]]}
    with pytest.raises(StrictJsonError, match="nested deeper than 2 levels"):
        parse_object(b'{"a":[[1],[2]]}', max_depth=2)


@pytest.mark.parametrize(
    "body",
    [b'{"a":"' + b'\\"' * 500_000, b'"' * 1_000_001, b"\\" * 1_000_000],
    ids=["unending text", "quotes", "backslashes"],
)
def test_B16_a_hostile_mebibyte_is_refused_in_linear_time(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(StrictJsonError):
        parse_object(body)
    assert time.process_time() - started < 3


def test_B14_a_utf8_byte_order_mark_is_skipped() -> None:
    assert parse_object(codecs.BOM_UTF8 + b'{"a":1}') == {"a": 1}


def test_an_error_tells_its_place_where_there_is_one() -> None:
    with pytest.raises(StrictJsonError) as caught:
        parse_object_text('{\n  "a": 1,\n]')
    assert (caught.value.reason, caught.value.line, caught.value.column) == ("not valid JSON", 3, 1)
    assert caught.value.detail
    with pytest.raises(StrictJsonError) as caught:
        parse_object_text("[]")
    assert (caught.value.detail, caught.value.line, caught.value.column) == ("", 0, 0)


def test_a_hostile_member_name_stays_one_inert_line() -> None:
    name = "\u202e\n\x1b[2J" + "x" * 100
    with pytest.raises(StrictJsonError) as caught:
        parse_object_text("{" + f"{json.dumps(name)}:1," * 2 + '"b":1}')
    assert str(caught.value).isprintable() and len(str(caught.value)) < 120


def test_finite_refuses_what_overflows() -> None:
    assert parse_object_text('{"a":1.5}', finite=True) == {"a": 1.5}
    with pytest.raises(StrictJsonError, match="too large"):
        parse_object_text('{"a":1e309}', finite=True)


def test_an_infinite_float_is_left_to_the_reader() -> None:
    assert parse_object(b'{"expires_in":1e309}') == {"expires_in": float("inf")}


@pytest.mark.parametrize("body", [b'{"access_token":"CANARY-1",}', b'{"access_token":"CANARY-1\xff"}'])
def test_L1_an_error_does_not_carry_the_document(body: bytes) -> None:
    with pytest.raises(StrictJsonError) as caught:
        parse_object(body)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert "CANARY" not in "".join(traceback.format_exception_only(caught.value))


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_what_json_writes_is_read_back(members: dict[str, object]) -> None:
    assert parse_object(json.dumps(members).encode()) == members


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\0123456789eE+-.truefalsn \ud800', max_size=60))
def test_arbitrary_bytes_give_an_object_or_the_one_error(body: bytes | str) -> None:
    data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    try:
        assert isinstance(parse_object(data), dict)
    except StrictJsonError as error:
        assert str(error)

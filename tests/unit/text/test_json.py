"""The JSON reader: values as RFC 8259 has them, places, and hostile text."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.text.json import Array, Object, Scalar, Value, read_json
from policyscan.text.source import Source, Span


def read(text: str | bytes) -> Value:
    document = read_json(Source("a.json", text.encode() if isinstance(text, str) else text))
    assert document.errors == ()
    assert document.value is not None
    return document.value


def plain(value: Value) -> object:
    match value:
        case Scalar():
            return value.value
        case Array():
            return [plain(item) for item in value.items]
        case Object():
            return {name: plain(member.value) for name, member in value.members.items()}


def test_every_value_and_name_has_its_place() -> None:
    value = read('{\n  "é": [1, "a\\n"],\n  "b": {"c": null}\n}')
    assert isinstance(value, Object)
    first, second = value.members.values()
    assert first.name_span.text == '"é"'
    assert first.value.span.text == '[1, "a\\n"]'
    assert isinstance(first.value, Array)
    assert [item.span.text for item in first.value.items] == ["1", '"a\\n"']
    assert second.name_span.line == 3
    assert second.value.span.text == '{"c": null}'
    assert value.span.text.startswith("{") and value.span.text.endswith("}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        (" {} \r\n", {}),
        ("\ufeff1", 1),
        ("-0.5e+1", -5.0),
        ("[true, false, null]", [True, False, None]),
        (r'"\"\\\/\b\f\n\r\t\u00e9"', '"\\/\b\f\n\r\té'),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\ud83d\ud83d\ude00\ude00x"', "\ufffd😀\ufffdx"),
        ("[[[]], [{}]]", [[[]], [{}]]),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert plain(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "", "expected a value"),
        ("[1 2]", "2", "expected `,` or `]`"),
        ('{"a": 1 "b"', '"', "expected `,` or `}`"),
        ("[1,]", "]", "expected a value"),
        ("{a: 1}", "a", "expected a name in double quotes"),
        ('{"a" 1}', "1", "expected `:`"),
        ("[1] x", "x", "goes on after its value"),
        ("nul", "n", "expected a value"),
        ("01", "1", "goes on"),
        ('"a', "", "not closed on its line"),
        ('"a\n"', "\n", "not closed on its line"),
        (r'"\x"', "\\", "invalid escape"),
        ("1e999", "1", "too large"),
        ("9" * 5000, "9", "too large"),
        ("[" * 201, "[", "nested more than 200 levels deep"),
        (b'"\xff"', "\ufffd", "not UTF-8"),
    ],
)
def test_what_is_wrong_and_where(text: str | bytes, place: str, message: str) -> None:
    source = Source("a.json", text.encode() if isinstance(text, str) else text)
    document = read_json(source)
    assert document.value is None
    (error,) = document.errors
    assert message in error.message
    assert error.span is not None
    assert error.span.text == place


def test_a_repeated_name_is_an_error_and_the_first_holds() -> None:
    document = read_json(Source("a.json", b'{"a": 1,\n "a": 2}'))
    assert document.value is not None
    assert plain(document.value) == {"a": 1}
    (error,) = document.errors
    assert error.message == "this name was set before, on line 1"
    assert error.span is not None
    assert (error.span.text, error.span.line) == ('"a"', 2)


def test_depth_up_to_the_limit() -> None:
    assert plain(read("[" * 3 + "]" * 3)) == [[[]]]
    read("[" * 200 + "]" * 200)


def test_bombs_end_quickly() -> None:
    start = time.thread_time()
    for text in ("[" * 1_000_000, '{"a":' * 500_000, '"' + "\\" * 1_000_000, "1" * 1_000_000):
        assert read_json(Source("a.json", text.encode())).value is None
    assert time.thread_time() - start < 2


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_reads_what_the_standard_library_writes(
    value: object, ascii_only: bool, indent: int
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert plain(read(text)) == value


def spans(value: Value) -> Iterator[Span]:
    yield value.span
    if isinstance(value, Array):
        for item in value.items:
            yield from spans(item)
    elif isinstance(value, Object):
        for member in value.members.values():
            yield member.name_span
            yield from spans(member.value)


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text('{}[]",:\\u0d8e1 tf', max_size=40).map(str.encode))
def test_agrees_with_the_standard_library_on_any_text(data: bytes) -> None:
    document = read_json(Source("a.json", data))
    try:
        expected = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        assert document.value is None
        assert document.errors
        return
    if document.value is not None and not document.errors and "\\u" not in data.decode():
        assert plain(document.value) == expected
    if document.value is not None:
        assert all(0 <= span.start < span.end <= len(data) for span in spans(document.value))

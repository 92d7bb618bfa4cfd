from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.errors import UsageError
from policyscan.text.settings import Entry, read_settings


def read(text: str) -> Entry:
    top = read_settings("s.yaml", text.encode())
    assert top is not None
    return top


def complaint(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read_settings("s.yaml", text.encode())
    return caught.value.message


def test_values_keep_their_places() -> None:
    fields = read("a: 1\nb:\n  - x\n  - y: z\n").fields(("a", "b"))
    assert fields["a"].place == "s.yaml:1:4"
    assert fields["b"].items()[1].fields(("y",))["y"].place == "s.yaml:4:8"
    assert fields["b"].items()[1].fields(("y",))["y"].key == "b[1].y"


def test_unknown_key_names_place_and_nearest_key() -> None:
    with pytest.raises(UsageError) as caught:
        read("a: 1\nproyect: x\n").fields(("a", "project"))
    assert caught.value.message == "s.yaml:2:10: 'proyect' is not a key of the file"
    assert caught.value.hint == "Did you mean 'project'?"


def test_unknown_key_far_from_all_lists_them() -> None:
    with pytest.raises(UsageError) as caught:
        read("zzz: 1\n").fields(("alpha", "beta"))
    assert caught.value.hint == "Known here: alpha, beta."


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: 1\na: 2\n", "s.yaml:2:1: the key 'a' is there twice"),
        ("? [1]\n: 2\n", "s.yaml:1:3: a key must be plain text"),
    ],
)
def test_mappings_refuse(text: str, part: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text).entries()
    assert caught.value.message == part


def test_an_alias_is_refused() -> None:
    assert "anchors and aliases" in complaint("a: &x [1]\nb: *x\n")


def test_a_short_file_that_stands_for_an_endless_one_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    assert "anchors and aliases" in complaint("\n".join(lines))


def test_a_structure_that_contains_itself_is_refused() -> None:
    assert "anchors and aliases" in complaint("a: &x [*x]\n")


def test_deep_nesting_is_refused() -> None:
    assert "nested too deeply" in complaint("[" * 5000)


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "a: 'b", "--- a\n--- b\n", "%", "*x"])
def test_what_is_not_yaml_is_a_complaint_with_a_place(text: str) -> None:
    assert complaint(text).startswith("s.yaml:")


def test_bytes_that_are_not_utf8() -> None:
    with pytest.raises(UsageError, match="byte 3 is not UTF-8"):
        read_settings("s.yaml", b"a: \xff")


def test_a_control_character() -> None:
    with pytest.raises(UsageError, match="character 4 is not allowed"):
        read_settings("s.yaml", b"a: \x00")


def test_too_large() -> None:
    with pytest.raises(UsageError, match="larger than"):
        read_settings("s.yaml", b"#" * 1_000_001)


def test_nothing_but_comments() -> None:
    assert read_settings("s.yaml", b"# nothing\n") is None


def test_plain_data() -> None:
    top = read("a: [1, 2.5, true, null, 'x']\nb: {c: 0x10, d: no}\n")
    assert top.plain() == {"a": [1, 2.5, True, None, "x"], "b": {"c": 16, "d": False}}


@pytest.mark.parametrize(
    "value", ["2026-01-01", "!!python/name:os.system x", "!x y", "!!binary aGk=", "!!int x"]
)
def test_what_is_not_plain_is_refused(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(f"a: {value}\n").plain()
    assert caught.value.hint == "Put it in quotes."


def test_text_is_text() -> None:
    with pytest.raises(UsageError, match="'a' must be text, found int"):
        read("a: 12\n").fields(("a",))["a"].text()
    with pytest.raises(UsageError, match="'a' must not be empty"):
        read("a: ' '\n").fields(("a",))["a"].text()


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        top = read_settings("s.yaml", text.encode("utf-8", "surrogatepass"))
        if top is not None:
            top.plain()
    except UsageError as error:
        assert error.message.startswith("s.yaml")

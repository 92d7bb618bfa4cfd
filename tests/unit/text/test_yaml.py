from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.errors import FileError
from policyscan.text.yaml import (
    MAX_BYTES,
    MAX_PROBLEMS,
    Document,
    Entry,
    read_settings,
    read_yaml,
)


def read(text: str) -> Entry:
    top = read_yaml(Document("s.yaml", text))
    assert top is not None
    return top


def complaint(text: str) -> str:
    with pytest.raises(FileError) as caught:
        read_yaml(Document("s.yaml", text))
    return str(caught.value)


def test_values_keep_their_places() -> None:
    fields = read("a: 1\nb:\n  - x\n  - y: z\n").fields(("a", "b"))
    assert fields["a"].place == "s.yaml:1:4"
    assert fields["b"].items()[1].fields(("y",))["y"].place == "s.yaml:4:8"
    assert fields["b"].items()[1].fields(("y",))["y"].name == "b[1].y"


def test_an_unknown_key_is_shown_in_its_line() -> None:
    with pytest.raises(FileError) as caught:
        read("a: 1\nproyect: x\n").fields(("a", "project"))
    assert str(caught.value) == "s.yaml:2:1: unknown key 'proyect'; did you mean 'project'?"
    assert caught.value.snippet == "proyect: x\n^^^^^^^"


def test_a_word_far_from_all_lists_them() -> None:
    with pytest.raises(FileError, match="unknown a 'zzz'; write one of alpha, beta"):
        read("a: zzz\n").entries()["a"].choice(("alpha", "beta"))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: 1\na: 2\n", "s.yaml:2:1: the key 'a' is there twice"),
        ("? [1]\n: 2\n", "s.yaml:1:3: a key must be text"),
        ("a: &x [1]\nb: *x\n", "s.yaml:1:4: anchors and aliases are not read here"),
        ("a: &x [*x]\n", "s.yaml:1:4: anchors and aliases are not read here"),
        ("a: !!python/name:os.system x", "s.yaml:1:4: tags are not read here"),
        ("a: !!int x", "s.yaml:1:4: tags are not read here"),
        ("[" * 5000 + "]" * 5000, "s.yaml:1:18: more than 16 levels of nesting"),
        ("[" * 900_000, "s.yaml:1:18: more than 16 levels of nesting"),
        ("--- a\n--- b\n", "s.yaml:2:1: the file must hold one document"),
        ("a: \x00", "s.yaml:1:4: a character that YAML does not allow"),
    ],
)
def test_only_plain_data_is_read(text: str, part: str) -> None:
    assert complaint(text).startswith(part)


def test_problems_can_be_collected_and_the_rest_is_read() -> None:
    problems: list[FileError] = []
    text = "a: 1\nb: &x [1]\nc: !!int x\na: 2\n? [k]\n: v\nd: [*x, 3]\ne: 4\n--- f\n"
    top = read_yaml(Document("s.yaml", text), problems)
    assert top is not None
    assert [str(problem).partition(" ")[0] for problem in problems] == [
        "s.yaml:2:4:", "s.yaml:3:4:", "s.yaml:4:1:", "s.yaml:5:3:", "s.yaml:7:5:", "s.yaml:9:1:",
    ]  # fmt: skip
    broken = {name for name, entry in top.value.items() if entry.broken}
    assert (top.broken, broken) == (True, {"a", "b", "c"})
    assert top.value["e"].data() == 4
    assert [item.broken for item in top.value["d"].items()] == [True, False]


def test_a_file_with_very_many_problems_is_given_up() -> None:
    problems: list[FileError] = []
    with pytest.raises(FileError, match="anchors and aliases"):
        read_yaml(Document("s.yaml", "- &x a\n" * (MAX_PROBLEMS + 1)), problems)
    assert len(problems) == MAX_PROBLEMS


def test_a_short_file_that_stands_for_an_endless_one_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    assert "anchors and aliases" in complaint("\n".join(lines))


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "a: 'b", "%"])
def test_what_is_not_yaml_is_a_complaint_with_a_place(text: str) -> None:
    assert complaint(text).startswith("s.yaml:1:")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a:\n\tb: 1\n", "Indent with spaces: a tab stands here."),
        ("a:\n  - b: 1\n   c: 2\n", "Compare its indentation with the lines above."),
        (
            "a: b: c",
            "Text with a colon and a space in it needs quotes; else compare its indentation "
            "with the line above.",
        ),
        ("a: 1\nb:c\nd: 1\n", "A key ends with a colon and a space: `owner: alice`."),
        ("a: {path: *}", "Text that begins with * or & needs quotes."),
        ("a: 'b", "A quotation mark before it is not closed."),
        ("a: [b\nc: d\n", "A bracket before it is not closed, or a comma is missing."),
    ],
)
def test_what_is_not_yaml_is_a_complaint_that_says_what_to_do(text: str, hint: str) -> None:
    with pytest.raises(FileError) as caught:
        read_yaml(Document("s.yaml", text))
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [("keys: a", "brackets"), ("keys:\n  name: a\n", "begins with a dash"), ("keys: 3", "")],
)
def test_what_is_no_list_says_how_one_is_written(text: str, hint: str) -> None:
    with pytest.raises(FileError, match="must be a list") as caught:
        read(text).value["keys"].items()
    assert hint in caught.value.hint and bool(hint) == bool(caught.value.hint)


def test_a_key_whose_lines_are_comments_still() -> None:
    top = read_yaml(Document("s.yaml", "keys:\n#  - name: a\n"))
    assert top is not None
    for read in (Entry.items, Entry.entries):
        with pytest.raises(FileError, match="this is nothing") as caught:
            read(top.value["keys"])
        assert "still comments" in caught.value.hint


def test_bytes_that_are_not_utf8() -> None:
    with pytest.raises(FileError, match=r"^s\.yaml:2: this file is not UTF-8"):
        Document.of("s.yaml", b"a: 1\nb: \xff")


def test_too_large() -> None:
    with pytest.raises(FileError, match="larger than 1,000,000 bytes"):
        Document.of("s.yaml", b"#" * (MAX_BYTES + 1))


def test_nothing_but_comments() -> None:
    assert read_yaml(Document("s.yaml", "# nothing\n")) is None
    assert read_settings("s.yaml", b"# nothing\n", ("version",), version=1) == {}


def test_plain_data() -> None:
    top = read(
        "a: [1, 2.5, true, null, 'x', 1e3, ~]\nb: {c: 0x10, d: 'no', e: 10.0.0.0/8, f: -7}\n"
    )
    assert top.data() == {
        "a": [1, 2.5, True, None, "x", 1000.0, None],
        "b": {"c": 16, "d": "no", "e": "10.0.0.0/8", "f": -7},
    }


@pytest.mark.parametrize(
    "value", ["no", "Yes", "on", "012345678901", "1_000", "2026-01-01", "12:30", "0b1", ".inf"]
)
def test_what_yaml_has_two_meanings_for_is_refused(value: str) -> None:
    with pytest.raises(FileError, match=r"^s\.yaml:1:4: ") as caught:
        read(f"a: {value}\n").data()
    assert caught.value.hint == "Put it in quotes."
    assert read(f"a: '{value}'\n").data() == {"a": value}


@pytest.mark.parametrize(
    ("value", "found"), [("12", "12"), ("true", "true"), ("[]", "a list"), ("{}", "a mapping")]
)
def test_text_is_text(value: str, found: str) -> None:
    with pytest.raises(FileError, match=f"a must be text, this is {found}"):
        read(f"a: {value}\n").fields(("a",))["a"].text()


@pytest.mark.parametrize("value", ["", "' '"])
def test_text_is_not_empty(value: str) -> None:
    with pytest.raises(FileError, match="a must not be empty"):
        read(f"a: {value}\n").fields(("a",))["a"].text()


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        top = read_yaml(Document.of("s.yaml", text.encode("utf-8", "surrogatepass")))
        if top is not None:
            top.data()
    except FileError as error:
        assert str(error).startswith("s.yaml")

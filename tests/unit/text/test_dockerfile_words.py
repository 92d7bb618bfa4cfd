"""Words as the Dockerfile reference writes them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.errors import ParseError
from policyscan.text.dockerfile import Pieces, Variable, Word, parse_word
from policyscan.text.source import Source


def parse(text: str, escape: str = "\\") -> Pieces:
    source = Source("Dockerfile", text.encode("utf-8", "surrogatepass"))
    return parse_word(Word(text, source.whole()), escape)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("$A", (Variable("A"),)),
        ("${A}b", (Variable("A"), "b")),
        ("x$A_1.y", ("x", Variable("A_1"), ".y")),
        ("$12", (Variable("12"),)),
        ("a$ b$", ("a$ b$",)),
        (r"\$A", ("$A",)),
        ("'$A'", ("$A",)),
        ('"$A"', (Variable("A"),)),
        (r'"\$A \" \\ \n"', (r"$A " + '"' + r" \ \n",)),
        (r"a\ b\n", ("a bn",)),
        ("'a'\"b\"c", ("abc",)),
        ("${A:-d}", (Variable("A", "-", True, ("d",)),)),
        ("${A-d}", (Variable("A", "-", False, ("d",)),)),
        ("${A:+d}", (Variable("A", "+", True, ("d",)),)),
        ("${A+d}", (Variable("A", "+", False, ("d",)),)),
        ("${A:?no}", (Variable("A", "?", True, ("no",)),)),
        ("${A#*/}", (Variable("A", "#", False, ("*/",)),)),
        ("${A##*/}", (Variable("A", "##", False, ("*/",)),)),
        (r"${A%\*}", (Variable("A", "%", False, (r"\*",)),)),
        ("${A%%-*}", (Variable("A", "%%", False, ("-*",)),)),
        ("${A/a/b}", (Variable("A", "/", False, ("a",), ("b",)),)),
        ("${A//a/b/c}", (Variable("A", "//", False, ("a",), ("b/c",)),)),
        ("${A:-${B:-'}'}}", (Variable("A", "-", True, (Variable("B", "-", True, ("}",)),)),)),
    ],
)
def test_pieces(text: str, pieces: Pieces) -> None:
    assert parse(text) == pieces


def test_the_escape_character_may_be_a_backtick() -> None:
    assert parse(r"c:\dir`$A", "`") == (r"c:\dir$A",)


@pytest.mark.parametrize(
    "text", ["'a", '"a', "${A", "${", "${}", "${A:-b", "${A^^}", "${A/b}", "${{A}}", "${A:0:1}"]
)
def test_what_is_no_word_is_an_error_at_its_place(text: str) -> None:
    with pytest.raises(ParseError) as error:
        parse(text)
    assert error.value.span is not None
    assert error.value.span.text == text


def test_substitutions_nest_to_a_limit() -> None:
    assert parse("${A:-" * 32 + "}" * 32)
    with pytest.raises(ParseError, match="32 deep"):
        parse("${A:-" * 33 + "}" * 33)


@given(st.text(alphabet="$A{}:-+#%/'\"\\ab ", max_size=40))
def test_any_text_is_pieces_or_an_error(text: str) -> None:
    try:
        pieces = parse(text)
    except ParseError:
        return
    texts = [isinstance(piece, str) for piece in pieces]
    assert not any(a and b for a, b in pairwise(texts))

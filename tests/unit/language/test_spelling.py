"""The canonical spelling of a tree is an expression that parses to the same tree."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given
from test_evaluator import TRUE

from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import walk, written


@pytest.mark.parametrize("text", TRUE)
def test_it_parses_to_itself(text: str) -> None:
    once = written(parse(text))
    assert written(parse(once)) == once


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a&&b||c", "a && b || c"),
        ("a&&(b||c)", "a && (b || c)"),
        ("(a&&b)&&c", "a && b && c"),
        ("1-(2-3)", "1 - (2 - 3)"),
        ("(1-2)-3", "1 - 2 - 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("!(a==b)", "!(a == b)"),
        ("(a?b:c)?d:e", "(a ? b : c) ? d : e"),
        ("a?b:(c?d:e)", "a ? b : c ? d : e"),
        ("(a?b:c).d", "(a ? b : c).d"),
        ("(a+b).size()", "(a + b).size()"),
        ("[1,2].all(x,x>0)", "[1, 2].all(x, x > 0)"),
        ("r'a\\b'", '"a\\\\b"'),
        (
            "has(a.b)&&{'k':a['k']}.k==resources('T')",
            'has(a.b) && {"k": a["k"]}.k == resources("T")',
        ),
        ("-x", "-x"),
        ("- -1", "--1"),
    ],
)
def test_spellings(text: str, canonical: str) -> None:
    assert written(parse(text)) == canonical
    assert written(parse(canonical)) == canonical


TREES = st.recursive(
    st.sampled_from(["a", "1", "2.5", '"s"', "null", "true"]),
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(["+", "-", "*", "in", "&&", "||", "=="]),
            inner,
        ),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("({}).f".format, inner),
        st.builds("({}).map(x, {})".format, inner, inner),
        st.builds("[{}, {}][{}]".format, inner, inner, inner),
    ),
    max_leaves=12,
)


@given(TREES)
def test_any_tree_keeps_its_shape(text: str) -> None:
    once = written(parse(text))
    assert written(parse(once)) == once


@pytest.mark.parametrize(
    "text",
    [
        "((resource.xs)).all(x, (x) > 1)",
        "((resource.a)) && (!(resource.b))",
        "(resource.xs + [(1)])[(0)] == ((1))",
        "((resource.s)).startsWith(('x'))",
        "((resource)).a",
        "(true ? (false) : ((true)))",
    ],
)
def test_every_part_holds_as_many_brackets_that_open_as_that_close(text: str) -> None:
    for node in walk(parse(text)):
        part = text[node.start : node.end]
        assert part.count("(") == part.count(")"), part

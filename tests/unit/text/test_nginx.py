"""The words and blocks of nginx. Expected values follow ngx_conf_file.c's documented syntax."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.errors import ParseError
from policyscan.text.nginx import Directive, read_nginx
from policyscan.text.source import Source

Shape = tuple[str, list[str], object]


def shape(directives: list[Directive]) -> list[Shape]:
    return [
        (d.name, [w.text for w in d.words], None if d.block is None else shape(d.block))
        for d in directives
    ]


def read(text: str | bytes) -> list[Shape]:
    data = text if isinstance(text, bytes) else text.encode()
    return shape(read_nginx(Source("nginx.conf", data)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# nothing; {\n", []),
        ("user nginx;", [("user", ["nginx"], None)]),
        ("a 'x y' \"z;{\" ;", [("a", ["x y", "z;{"], None)]),
        ("a 'it\\'s' \"q\\\"q\" b\\;c;", [("a", ["it's", 'q"q', "b\\;c"], None)]),
        ("a b#c d'e; # f\n", [("a", ["b#c", "d'e"], None)]),
        ("a ${x}y $z;", [("a", ["${x}y", "$z"], None)]),
        ("http{server{listen 80;}}", [("http", [], [("server", [], [("listen", ["80"], None)])])]),
        ("location ~ \\.php$ { }", [("location", ["~", "\\.php$"], [])]),
        ("log_format m '$a '\n  '$b';", [("log_format", ["m", "$a ", "$b"], None)]),
        ("\ufeffa b;", [("a", ["b"], None)]),
    ],
)
def test_the_structure(text: str, expected: list[Shape]) -> None:
    assert read(text) == expected


def test_places() -> None:
    (http,) = read_nginx(Source("n", b"http {\n  access_log /x  main;\n}"))
    (log,) = http.inside
    assert (log.span.text, log.span.line) == ("access_log /x  main", 2)


@pytest.mark.parametrize("text", ["a", "a {", "}", "a; }", "{ }", ";", "a 'x;", 'a "x', "a } b;"])
def test_what_does_not_parse(text: str) -> None:
    with pytest.raises(ParseError):
        read(text)


@pytest.mark.parametrize(
    "text", ["{" * 9, "a{" * 99, "'" * 400_000, "\\" * 400_000, "a${" * 200_000, "a\\ " * 200_000]
)
def test_hostile_text_takes_no_time(text: str) -> None:
    start = time.process_time()
    with pytest.raises(ParseError):
        read(text)
    assert time.process_time() - start < 3


@given(st.text(alphabet="ab \n;{}'\"#\\$", max_size=40))
def test_nothing_else_is_raised(text: str) -> None:
    try:
        read(text)
    except ParseError as error:
        assert error.span is not None

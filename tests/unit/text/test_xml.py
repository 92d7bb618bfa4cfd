"""XML with places; what is hostile is refused."""

from __future__ import annotations

import time

import pytest

from policyscan.errors import ParseError
from policyscan.text.source import Source
from policyscan.text.xml import MAX_DEPTH, NO_DOCTYPE, Element, read_xml


def read(text: str | bytes) -> Element:
    return read_xml(Source("x.xml", text if isinstance(text, bytes) else text.encode()))


def test_elements_know_their_place() -> None:
    top = read('<?xml version="1.0"?>\n<a x="1">\n  <n:b/>\n  <c>te<!-- - -->xt</c>\n</a>')
    assert [each.name for each in top.walk()] == ["a", "b", "c"]
    b, c = top.children
    assert (b.span.text, b.span.line) == ("<n:b/>", 3)
    assert (c.span.text, c.text) == ("<c>te<!-- - -->xt</c>", "text")
    assert top.span.text.endswith("</a>")
    assert top.attribute("X") == "1"
    assert [each.name for each in top.named("B", "c")] == ["b", "c"]


def test_entities_of_the_language_and_cdata() -> None:
    assert read("<a>&lt;&amp;<![CDATA[<b>]]></a>").text == "<&<b>"


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>',
        '<!DOCTYPE a PUBLIC "-//x//y" "file:///etc/passwd"><a/>',
    ],
)
def test_a_document_type_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match=NO_DOCTYPE):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"text",
        b"<a>",
        b"<a></b>",
        b"<a>&x;</a>",
        b"<a/><b/>",
        b"\xff\xfe<\x00",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
        b"<a>" + b"<b/>" * 60_000 + b"</a>",
        b"<a x='1' x='2'/>",
    ],
)
def test_what_is_not_read(text: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read(text)
    assert caught.value.span is not None


def test_much_takes_no_time() -> None:
    start = time.process_time()
    read("<a " + " ".join(f"a{n}='{n}'" for n in range(20_000)) + "/>")
    read("<a>" + "<b>x</b>" * 40_000 + "</a>")
    assert time.process_time() - start < 5

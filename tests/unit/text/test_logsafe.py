"""Reports in a log: who reads the log obeys nothing, who reads the report misses nothing."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from policyscan.text.logsafe import json_without_orders, markup_without_orders, without_orders
from tests import log_processors

ORDERS = (
    "::error::x",
    "a\n  ::warning file=b::x",
    "a\n\u00a0\u2003::set-output name=c::x",
    "##[group]x",
    "a ##vso[task.complete]x",
    "##teamcity[testStarted name='x']",
)
NONE = ("a::b", "IPv6 ::1 in a line", "## a heading", "#::# #")


def obeyed(log: str) -> list[object]:
    return [
        *log_processors.github(log),
        *log_processors.azure(log),
        *log_processors.teamcity(log),
    ]


@pytest.mark.parametrize("text", ORDERS)
def test_the_orders_are_orders(text: str) -> None:
    assert obeyed(text)


@pytest.mark.parametrize("text", ORDERS + NONE)
def test_text_gives_no_orders(text: str) -> None:
    assert obeyed(without_orders(text)) == []
    assert without_orders(text).replace("\\", "") == text


@pytest.mark.parametrize("text", ORDERS + NONE)
def test_json_gives_no_orders_and_means_the_same(text: str) -> None:
    safe = json_without_orders(json.dumps({text: text}).encode())
    assert obeyed(safe.decode()) == []
    assert json.loads(safe) == {text: text}


@pytest.mark.parametrize("text", ORDERS + NONE)
def test_markup_gives_no_orders_and_means_the_same(text: str) -> None:
    element = ElementTree.Element("a", name=text)
    element.text = text
    safe = markup_without_orders(ElementTree.tostring(element, encoding="utf-8"))
    assert obeyed(safe.decode()) == []
    read = ElementTree.fromstring(safe)
    assert (read.text, read.attrib) == (text, {"name": text})

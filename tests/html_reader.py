"""Reads an HTML report back, as a program would that has never seen the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "hr", "img", "link"}


@dataclass(eq=False, repr=False)
class Element:
    tag: str
    attributes: dict[str, str]
    ancestors: tuple[Element, ...]
    page_text: list[str]
    """All text of the page, piece by piece; its own goes from `start` to `end`."""
    start: int
    end: int

    @property
    def text(self) -> str:
        """All text inside, that of its descendants included."""
        return "".join(self.page_text[self.start : self.end])


@dataclass(eq=False, repr=False)
class Page:
    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Tags that do not nest, attributes that occur twice."""

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def having(self, attribute: str) -> list[Element]:
        return [element for element in self.elements if attribute in element.attributes]

    def by_id(self, id_: str) -> Element:
        (found,) = [e for e in self.elements if e.attributes.get("id") == id_]
        return found

    @property
    def findings(self) -> Counter[tuple[str, str]]:
        """(fingerprint, verdict) of every finding."""
        return Counter(
            (e.attributes["data-fingerprint"], e.attributes["data-verdict"])
            for e in self.having("data-fingerprint")
        )

    @property
    def gaps(self) -> Counter[tuple[str, str]]:
        """(reason, subject) of every gap."""
        return Counter(
            (e.attributes["data-reason"], e.attributes["data-subject"])
            for e in self.having("data-gap")
        )

    @property
    def drift(self) -> Counter[tuple[str, str]]:
        """(declared address, state) of every pair of a declared and an observed thing."""
        return Counter(
            (e.attributes["data-declared"], e.attributes["data-state"])
            for e in self.having("data-declared")
        )

    @property
    def controls(self) -> dict[str, str]:
        """The state of every control."""
        return {
            e.attributes["data-control"]: e.attributes["data-state"]
            for e in self.having("data-control")
        }

    @property
    def criteria(self) -> Counter[str]:
        """The ids of all criteria that are listed."""
        return Counter(e.attributes["data-criterion"] for e in self.having("data-criterion"))

    @property
    def shape(self) -> set[tuple[str, ...]]:
        """Every element with the names of its attributes."""
        return {(e.tag, *sorted(e.attributes)) for e in self.elements}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[Element] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        here = len(self.text)
        element = Element(tag, named, tuple(self.open), self.text, here, here)
        if len(element.attributes) != len(attrs):
            self.page.faults.append(f"{tag} repeats an attribute")
        self.page.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1].tag == tag:
            self.open.pop().end = len(self.text)
        else:
            self.page.faults.append(f"</{tag}> at line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@lru_cache(maxsize=8)
def read_html(document: bytes) -> Page:
    """The page, with every element in document order."""
    reader = _Reader()
    reader.feed(document.decode("utf-8"))
    reader.close()
    for element in reader.open:
        element.end = len(reader.text)
    reader.page.faults += [f"{element.tag} is not closed" for element in reader.open]
    return reader.page

"""XML in which every element knows its place.

Document types are refused, and with them entities: nothing is expanded and nothing is fetched. The
parser is expat, which is fed once; depth and number of elements are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from msgspec import Struct, field

from policyscan.errors import ParseError
from policyscan.text.source import Source, Span

MAX_DEPTH = 100
MAX_ELEMENTS = 50_000
NO_DOCTYPE = "document types are not read here"


class Element(Struct):
    """One element; names are without their namespace prefix."""

    name: str
    attributes: dict[str, str]
    span: Span
    """From the start of its opening tag to the end of the element."""
    children: list[Element] = field(default_factory=list)
    text: str = ""
    """The text directly inside it."""

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in the order of the document."""
        pending = [self]
        while pending:
            element = pending.pop()
            yield element
            pending += reversed(element.children)

    def named(self, *names: str) -> Iterator[Element]:
        """Those of `walk` with one of these names, in any case of letters."""
        wanted = {name.lower() for name in names}
        return (element for element in self.walk() if element.name.lower() in wanted)

    def attribute(self, name: str) -> str | None:
        """An attribute by its name in any case of letters."""
        return next((v for k, v in self.attributes.items() if k.lower() == name.lower()), None)


def read_xml(source: Source) -> Element:
    """The top element. Raises `ParseError`."""
    return _Builder(source).read()


class _Builder:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._open: list[Element] = []
        self._top: Element | None = None
        self._count = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self) -> Element:
        try:
            self._parser.Parse(self._source.data, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            at = max(0, min(self._parser.ErrorByteIndex, len(self._source.data)))
            span = self._source.span(at, at)
            raise ParseError(self._source.path, f"not XML: {error}", span=span) from None
        assert self._top is not None
        return self._top

    def _here(self) -> int:
        return max(0, min(self._parser.CurrentByteIndex, len(self._source.data)))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise self._error("too many elements, or nested too deeply")
        start = self._here()
        end = self._source.data.find(b">", start) + 1
        element = Element(
            name.rpartition(":")[2], attributes, self._source.span(start, max(end, start))
        )
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._top = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        here, data = self._here(), self._source.data
        end = data.find(b">", here) + 1 if data.startswith(b"</", here) else here
        element.span = self._source.span(element.span.start, max(end, element.span.start))

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text

    def _doctype(self, *_: object) -> None:
        raise self._error(NO_DOCTYPE)

    def _error(self, message: str) -> ParseError:
        at = self._here()
        return ParseError(self._source.path, message, span=self._source.span(at, at))

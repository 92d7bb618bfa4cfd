"""HCL files to syntax trees; what cannot be understood becomes a located error."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from policyscan.errors import GapReason, ParseError, ReadError
from policyscan.text.hcl import recover
from policyscan.text.hcl.convert import Converter
from policyscan.text.hcl.grammar import Budget, OverBudgetError, parse
from policyscan.text.hcl.recover import Fault
from policyscan.text.hcl.syntax import Argument, Block, Body, Comment, File
from policyscan.text.hcl.templates import UnclosedError
from policyscan.text.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_BYTES = 5_000_000

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SURROGATES = re.compile("[\udc80-\udcff]+")
_NOT_UTF8 = "bytes that are not UTF-8"
_MAX_UNDECODABLE = 100
"""Places with such bytes; a file with more is no text."""


def read_hcl(source: Source) -> File:
    """The syntax tree of a file in HCL's native syntax. Never raises for what the text holds.

    A top-level block or argument of which anything is not certain is left out whole and named in
    `errors`, because a block that lost an argument may look better than it is. Two errors cost
    nothing and leave the block in place: a missing line break between arguments, and an argument
    that is set twice, of which the first holds.
    """
    if len(source.data) > MAX_BYTES:
        message = f"HCL files of more than {MAX_BYTES // 1_000_000} MB are not read"
        return _unread(source, ReadError(GapReason.TOO_LARGE, source.path, message))
    if source.data.startswith(_UTF16):
        error = ParseError(source.path, "the file is UTF-16; HCL is UTF-8", span=source.span(0, 2))
        return _unread(source, error)
    reading = _Reading(source)
    if len(reading.undecodable) > _MAX_UNDECODABLE:
        return _unread(source, ParseError(source.path, _NOT_UTF8, span=reading.undecodable[0]))
    return reading.file()


def _unread(source: Source, error: ReadError) -> File:
    return File(source, Body({}, (), source.whole()), (), (error,))


class _Reading:
    """One file on its way through parser and converter, in stretches that each end at a fault."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.undecodable: list[Span] = []
        # A heredoc whose marker ends the file is certain enough; the grammar wants a line feed.
        self._data = self._decodable() + b"\n"
        self._budget = Budget()
        self._arguments: dict[str, Argument] = {}
        self._blocks: list[Block] = []
        self._comments: list[Comment] = []
        self._errors: list[ReadError] = []

    def file(self) -> File:
        """Read everything that can be read."""
        position = len(_BOM) if self._data.startswith(_BOM) else 0
        try:
            while position < len(self._data):
                position = self._stretch(position)
        except OverBudgetError as error:
            line = self._source.line_of(position)
            self._errors.append(
                ReadError(
                    GapReason.TOO_LARGE,
                    self._source.path,
                    f"not everything from line {line} on was read: {error}",
                    span=self._span(position, position),
                )
            )
        body = Body(self._arguments, tuple(self._blocks), self._source.whole())
        return File(self._source, body, tuple(self._comments), tuple(self._errors))

    def _decodable(self) -> bytes:
        """The bytes, with `?` for each that is not UTF-8; those are noted."""
        data = self._source.data
        try:
            data.decode()
        except UnicodeDecodeError:
            text = data.decode("utf-8", "surrogateescape")
        else:
            return data
        position = offset = 0
        for match in _SURROGATES.finditer(text):
            offset += len(text[position : match.start()].encode())
            end = offset + len(match[0])
            self.undecodable.append(self._source.span(offset, end))
            position, offset = match.end(), end
            if len(self.undecodable) > _MAX_UNDECODABLE:
                break
        return _SURROGATES.sub(lambda match: "?" * len(match[0]), text).encode()

    def _stretch(self, position: int) -> int:
        """Read from byte `position` to the next fault; where to go on after it."""
        data = self._data[position:]
        root = parse(data, self._budget)
        convert = Converter(self._source, data, position, self._budget)
        intact, faulty = _split(convert, root)
        fault = None
        end = -1
        for node in intact:
            convert.check_separate(end, node)
            end = node.end_byte
            try:
                item = convert.item(node)
                self._refuse_undecodable(item.span, convert.comments)
                if isinstance(item, Block):
                    self._blocks.append(item)
                else:
                    convert.add_argument(self._arguments, item)
            except UnclosedError as error:
                faulty = node
                fault = _fault(error)
                break
            except ParseError as error:
                self._not_read(position + node.start_byte, position + end, _fault(error))
        self._errors += convert.errors
        start = len(self._data) if faulty is None else position + faulty.start_byte
        self._comments += [Comment(self._span(*place)) for place in sorted(convert.comments)]
        if faulty is None:
            return len(self._data)
        resume = recover.next_start(self._data, start)
        self._not_read(start, resume, fault or self._find_fault(root, start, resume, position))
        return resume

    def _refuse_undecodable(self, item: Span, comments: set[tuple[int, int]]) -> None:
        """Raise if anything but a comment holds undecodable bytes inside `item`."""
        first = bisect_left(self.undecodable, item.start, key=lambda span: span.start)
        for span in self.undecodable[first:]:
            if span.start >= item.end:
                return
            if not any(start <= span.start < end for start, end in comments):
                raise ParseError(self._source.path, _NOT_UTF8, span=span)

    def _find_fault(self, root: Node, start: int, end: int, position: int) -> Fault:
        """What is wrong between bytes `start` and `end`."""
        fault = recover.diagnose(self._data, start, end)
        if fault:
            return fault
        for span in self.undecodable:
            if start <= span.start < end:
                return Fault(span.start, span.end, _NOT_UTF8)
        fault = recover.syntax_fault(root, self._data[position:], start - position)
        return Fault(fault.start + position, fault.end + position, fault.message)

    def _not_read(self, start: int, end: int, fault: Fault) -> None:
        """Note that what begins at byte `start` was left out, and why."""
        name = recover.header(self._data, start)
        first = self._source.line_of(start)
        last = self._source.line_of(start + len(self._data[start:end].rstrip()))
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        what = f"`{name}` ({lines})" if name else lines
        self._errors.append(
            ParseError(
                self._source.path,
                f"{what} not read: {fault.message}",
                span=self._span(fault.start, fault.end),
            )
        )

    def _span(self, start: int, end: int) -> Span:
        """A span inside the source: the parser may point behind the end."""
        size = len(self._source.data)
        return Span(self._source, min(start, size), min(end, size))


def _fault(error: ParseError) -> Fault:
    assert error.span is not None
    return Fault(error.span.start, error.span.end, error.message)


def _split(convert: Converter, root: Node) -> tuple[list[Node], Node | None]:
    """The arguments and blocks before the first syntax error, and the node that holds it.

    What the parser makes of the text behind an error is arbitrary, and the value in front of it may
    have been cut: `1e5` comes back as the number 1 and an error.
    """
    intact: list[Node] = []
    for child in convert.children(root):
        for node in convert.children(child) if child.type == "body" else (child,):
            if node.type in ("attribute", "block") and not node.has_error:
                intact.append(node)
                continue
            end = intact[-1].end_byte if intact else 0
            joined = intact and b"\n" not in convert.data[end : node.start_byte]
            return intact, intact.pop() if joined else node
    return intact, None

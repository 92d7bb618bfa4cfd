"""The shape of source around a place: functions, branches and assignments.

It is read from the text with comments and strings blanked out, by indentation or by braces. The
rules could match it all, at a hundred times the cost. What it gives only ever raises a doubt, or
fills in a constant that each place of the file agrees on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice

from msgspec import Struct

from policyscan.text.source import Source

_PYTHON_BLANK = re.compile(
    rb"\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*",
    re.DOTALL,
)
_BRACES_BLANK = re.compile(
    rb"/\*.*?(?:\*/|\Z)|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*(?:`|\Z)",
    re.DOTALL,
)
_PYTHON_HEAD = re.compile(
    rb"^([ \t]*)(?:(?:async[ \t]+)?def[ \t]+(\w+)|(if|match|except)\b([^\n]*))", re.MULTILINE
)
_NOT_FUNCTIONS = frozenset(
    "if for while switch catch else do try finally class interface struct return new select case"
    " default synchronized with enum import export type var const let static".split()
)
_CAUGHT = "an error is caught"
_HEAD = 240
"""Bytes before a brace that may say what it opens."""
_VALUE = 2_000
"""Bytes of a value that are looked at."""
_MOST_LINES = 300_000
"""Lines that are looked at to find where blocks end, all blocks together."""
_MOST_PARTS = 20_000
"""Functions and branches of one file."""
_MOST_GIVEN = 100
"""Places that give one name a value."""
_MOST_NAMES = 200
"""Names of one file whose assignments are looked for; the others stay unknown."""


_PAIRS = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"))


class Function(Struct, frozen=True):
    """A function and where it is; an anonymous one has no name."""

    name: str
    start: int
    end: int


class Branch(Struct, frozen=True):
    """A part that may or may not be run, and what decides."""

    condition: str
    start: int
    end: int


class Assigned(Struct, frozen=True):
    """A variable or field and what it is given, in one place."""

    name: str
    value: str


class Shape:
    """That of one file."""

    def __init__(self, source: Source, language: str) -> None:
        self._source = source
        self._by_indent = language == "python"
        self._assigned: dict[str, tuple[Assigned, ...]] = {}
        self._lines = 0
        self._too_much = False

    @cached_property
    def blank(self) -> bytes:
        """The text without comments and strings; every byte is where it was."""
        return self._source.once(_python_blank if self._by_indent else _braces_blank)

    @cached_property
    def functions(self) -> list[Function]:
        """All functions."""
        return [each for each in self._parts if isinstance(each, Function)]

    @cached_property
    def branches(self) -> list[Branch]:
        """All branches, but those on how the file is run."""
        return [
            each
            for each in self._parts
            if isinstance(each, Branch) and "__name__" not in each.condition
        ]

    @cached_property
    def _parts(self) -> Sequence[Function | Branch]:
        look = _python_parts if self._by_indent else _braces_parts
        parts, self._too_much = self._source.once(look)
        return parts

    def look(self) -> tuple[Sequence[Function | Branch], bool]:
        """The functions and branches, and whether there are too many of them to look at all."""
        found = self._indented() if self._by_indent else self._braced()
        parts = tuple(islice(found, _MOST_PARTS + 1))
        return parts, self._too_much or len(parts) > _MOST_PARTS

    @property
    def is_known(self) -> bool:
        """Whether the whole file was looked at: nobody writes what is too much for that."""
        return bool(self._parts is not None and not self._too_much)

    # -- by indentation ----------------------------------------------------------------------------

    def _indented(self) -> Iterator[Function | Branch]:
        for head in _PYTHON_HEAD.finditer(self.blank):
            if self._too_much:
                return
            name = head[2]
            goes_on = head[3] in (b"if", b"match")
            end = self._end_of_block(head.end(), len(head[1]), goes_on=goes_on)
            if name is not None:
                yield Function(name.decode(), head.start(), end)
            elif head[3] == b"except":
                yield Branch(_CAUGHT, head.start(), end)
            else:
                text = self._source.data[head.start(4) : head.end(4)].decode("utf-8", "replace")
                yield Branch(text.rpartition(":")[0].strip() or text.strip(), head.start(), end)

    def _end_of_block(self, at: int, indent: int, *, goes_on: bool) -> int:
        """Where the lines end that are indented further, and those of `elif` and `else`."""
        blank = self.blank
        at = self._end_of_head(at)
        while at < len(blank):
            self._lines += 1
            if self._lines > _MOST_LINES:
                self._too_much = True
                break
            end = blank.find(b"\n", at)
            end = len(blank) if end < 0 else end
            line = blank[at:end].rstrip()
            body = line.lstrip(b" \t")
            if body and len(line) - len(body) <= indent and body[:1] not in b")]}":
                same = len(line) - len(body) == indent
                if not (goes_on and same and re.match(rb"(?:elif|else)\b", body)):
                    return at
            at = end + 1
        return len(blank)

    def _end_of_head(self, at: int) -> int:
        """Behind the line on which the head of a block ends, whose brackets may span several."""
        blank = self.blank
        start = blank.rfind(b"\n", 0, at) + 1
        depth = 0
        for place in range(start, min(len(blank), start + 5_000)):
            letter = blank[place : place + 1]
            depth += (letter in b"([{") - (letter in b")]}")
            if letter == b"\n" and depth <= 0:
                return place + 1
        return blank.find(b"\n", at) + 1 or len(blank)

    # -- by braces ---------------------------------------------------------------------------------

    def _braced(self) -> Iterator[Function | Branch]:
        blank = self.blank
        opened: list[tuple[int, Function | Branch | None]] = []
        last = 0
        for found in re.finditer(rb"[{};]", blank):
            at = found.start()
            if found[0] == b"{":
                start = max(last, at - _HEAD)
                opened.append((at, self._opens(start, at)))
            elif found[0] == b"}" and opened:
                _, part = opened.pop()
                if isinstance(part, Function):
                    yield Function(part.name, part.start, at + 1)
                elif isinstance(part, Branch):
                    yield Branch(part.condition, part.start, at + 1)
            last = at + 1
        yield from self._without_braces()

    def _opens(self, start: int, at: int) -> Function | Branch | None:
        head = self.blank[start:at].decode("latin-1").rstrip()
        condition = re.search(r"\b(?:if|switch)\b(.*)\Z", head, re.DOTALL)
        if re.search(r"\bcatch\b\s*(?:\([^()]*\))?\Z", head):
            return Branch(_CAUGHT, start + head.rindex("catch"), at)
        if condition and not re.search(r"=>\s*\Z|\bfunc\w*\s*\([^)]*\)[^)]*\Z", head):
            text = self._source.data[start + condition.start(1) : at].decode("utf-8", "replace")
            return Branch(_unwrapped(text), start + condition.start(), at)
        if re.search(r"\belse\Z", head):
            return Branch("", start + len(head) - 4, at)
        found = _function(head)
        return None if found is None else Function(found[0], start + found[1], at)

    def _without_braces(self) -> Iterator[Branch]:
        """A single statement behind a condition."""
        for number, found in enumerate(re.finditer(rb"\bif\s*\(", self.blank)):
            if number > _MOST_PARTS:
                self._too_much = True
                return
            close = self._closing(found.end() - 1)
            rest = self.blank[close : close + _HEAD]
            statement = re.match(rb"\s*([^{\s][^;\n]*)[;\n]", rest)
            if statement:
                text = self._source.data[found.end() : close - 1].decode("utf-8", "replace")
                yield Branch(text, found.start(), close + statement.end())

    def _closing(self, at: int) -> int:
        depth = 0
        for found in re.compile(rb"[()]").finditer(self.blank, at, at + _HEAD):
            depth += 1 if found[0] == b"(" else -1
            if depth == 0:
                return found.end()
        return at + 1

    # -- assignments -------------------------------------------------------------------------------

    def assigned(self, name: str) -> tuple[Assigned, ...]:
        """What is given to a variable or field of that name anywhere, by whatever it is a field
        of."""
        if name not in self._assigned:
            enough = len(self._assigned) >= _MOST_NAMES
            self._assigned[name] = (
                () if enough else tuple(islice(self._assignments(name), _MOST_GIVEN))
            )
        return self._assigned[name]

    def _assignments(self, name: str) -> Iterator[Assigned]:
        pattern = re.compile(
            rb"(?:^|[;{])[ \t]*+(?:[\w<>\[][\w<>\[\], \t]*[ \t])?((?:[\w$]+\??\.)*"
            + re.escape(name.encode())
            + rb")[ \t]*(?:,[ \t]*\w+[ \t]*)?(?::[^=\n(){}]*)?(?::=|=)(?![=>])[ \t]*\n?[ \t]*",
            re.MULTILINE,
        )  # fmt: skip
        depth = last = 0
        for found in pattern.finditer(self.blank):
            passed = self.blank[last : found.start(1)]
            depth += sum(passed.count(a) - passed.count(b) for a, b in _PAIRS)
            last = found.start(1)
            if self._by_indent and depth > 0:
                continue  # an argument of a call
            end = self._end_of_value(found.end())
            value = self._source.data[found.end() : end].decode("utf-8", "replace")
            yield Assigned(found[1].decode(), value.strip().rstrip(";,").strip())

    def _end_of_value(self, at: int) -> int:
        depth = 0
        for found in re.compile(rb"[()\[\]{};\n]").finditer(self.blank, at, at + _VALUE):
            if found[0] in b"([{":
                depth += 1
            elif found[0] in b")]}":
                depth -= 1
            if depth < 0 or (depth == 0 and found[0] in b";\n"):
                return found.start()
        return min(len(self.blank), at + _VALUE)

    def variable_before(self, at: int) -> str:
        """The variable or field that is given the expression that starts at a place."""
        before = self._source.data[max(0, at - 200) : at].decode("utf-8", "replace")
        found = re.search(
            r"(?:^|[\s;{(])([\w$]+(?:\??\.[\w$]+)*)\s*(?:,\s*\w+\s*)?(?::[^=\n(){}]*)?(?::=|=)"
            r"\s*\(?(?:await\s+|&|new\s+)?\Z",
            before,
        )
        return found[1] if found else ""


def _unwrapped(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


_ARROW = re.compile(r"([\w$]+)\s*(?::[^=]*)?=\s*(?:async\s*)?\(?[^=]*=>\s*\Z")
_LAMBDA = re.compile(r"(?:\([^()]*\)|[\w$]+)\s*(?::\s*[\w<>\[\]|. ]+)?\s*(?:=>|->)\s*\Z")
_GO = re.compile(r"\bfunc\b\s*(?:\([^)]*\)\s*)?(\w*)\s*\(")
_SCRIPT = re.compile(r"\bfunction\b\s*\*?\s*([\w$]*)\s*\(")
_METHOD = re.compile(
    r"([\w$]+)\s*(?:<[^<>]*>)?\s*\([^{}]*\)\s*"
    r"(?:throws\s[\w., ]+|:\s*[\w<>\[\]|., ]+)?\Z"
)


def _function(head: str) -> tuple[str, int] | None:
    """The name of the function whose head this is, empty for one without, and where in the head it
    begins; None if it is none."""
    if re.search(r"(?:=>|->)\s*\Z", head):
        named = _ARROW.search(head)
        found = named or _LAMBDA.search(head)
        return (named[1] if named else "", found.start() if found else 0)
    for pattern in (_GO, _SCRIPT):
        *_, last = (None, *pattern.finditer(head))
        if last is not None:
            return last[1], last.start()
    method = _METHOD.search(head)
    if method is None or method[1] in _NOT_FUNCTIONS:
        return None
    return method[1], method.start()


def _python_blank(source: Source) -> bytes:
    return _blank(source, _PYTHON_BLANK)


def _braces_blank(source: Source) -> bytes:
    return _blank(source, _BRACES_BLANK)


def _blank(source: Source, pattern: re.Pattern[bytes]) -> bytes:
    return pattern.sub(lambda found: re.sub(rb"[^\n]", b" ", found[0]), source.data)


def _python_parts(source: Source) -> tuple[Sequence[Function | Branch], bool]:
    return Shape(source, "python").look()


def _braces_parts(source: Source) -> tuple[Sequence[Function | Branch], bool]:
    return Shape(source, "").look()

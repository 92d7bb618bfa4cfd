"""Waivers that are written beside the code, as comments:

    # policyscan: waive PS-NET-004 until 2027-01-31 because the bastion moves in January

A comment is about the line on which it stands; one that has its line for itself is about the first
line below it that is no comment. What stands in a text of the language (a string, a heredoc, a
block of YAML) is no comment.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from msgspec import Struct

from policyscan.text.display import path_text
from policyscan.text.source import Source

FORM = "policyscan: waive POLICY until YYYY-MM-DD because REASON"
MOST = 500
"""Comments of one document that are read; more of them are no way to accept failures."""

_WORDS = re.compile(rb"policyscan:[ \t]*waive\b")
_LINE = r"[\s#/*!;<-]*policyscan:\s*waive\b(?P<rest>.*)"
_REST = (
    r"\s+(?P<policy>[A-Za-z0-9_.-]+)\s+until\s+(?P<until>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"\s+because\s+(?P<reason>\S.*)"
)
_STRING = rb"""(?:"(?:\\.|[^"\\\r\n])*"?|'(?:\\.|[^'\\\r\n])*'?)"""
_TRIPLE = rb'(?:"""(?:\\.|[^\\])*?(?:"""|\Z)' + rb"|'''(?:\\.|[^\\])*?(?:'''|\Z))"
_HEREDOC = (
    rb"""<<[-~]?["']?(?P<mark>\w+)["']?[^\r\n]{0,200}+[\r\n].*?(?:^[ \t]*(?P=mark)[ \t\r]*$|\Z)"""
)
_HASH = rb"(?P<c>\#[^\r\n]*)"
_SLASHES = rb"(?P<c>//[^\r\n]*|/\*.*?(?:\*/|\Z))"
_BOTH = rb"(?P<c>\#[^\r\n]*|//[^\r\n]*|/\*.*?(?:\*/|\Z))"
_ALONE = rb"^[ \t]*(?P<c>[\#;][^\r\n]*)"
_SPACED = rb"(?:^|(?<=[ \t]))(?P<c>\#[^\r\n]*)"


def _grammar(*alternatives: bytes) -> bytes:
    """What is a text is found first; nothing is read twice, whatever is left open."""
    return rb"|".join(alternatives)


_HCL = _grammar(_HEREDOC, rb'"(?:\\.|[^"\\\r\n])*"?', _BOTH)
_C_LIKE = _grammar(_TRIPLE, rb"`[^`]*(?:`|\Z)", _STRING, _SLASHES)
_PYTHON = _grammar(_TRIPLE, _STRING, _HASH)
_SHELL = _grammar(_HEREDOC, _ALONE)
_SETTINGS = _grammar(_STRING, _SPACED)
_XML = _grammar(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)", rb"(?P<c><!--.*?(?:-->|\Z))")
_DASHES = _grammar(_STRING, rb"(?P<c>--[^\r\n]*)")
_YAML = _grammar(_SPACED)
_GRAMMARS = {
    _HCL: "tf tfvars hcl tofu",
    _C_LIKE: "java kt kts scala groovy js mjs cjs ts tsx jsx go c cc cpp h hpp cs rs swift",
    _PYTHON: "py pyi pyw",
    _SETTINGS: "conf toml",
    _XML: "xml html xsd pom",
    _DASHES: "sql lua",
    _YAML: "yaml yml",
}
_BY_SUFFIX = {suffix: form for form, names in _GRAMMARS.items() for suffix in names.split()}
_WITHOUT = ("json", "ipynb", "md", "rst", "txt", "csv")
"""Forms that have no comments, or are read by people."""


class Comment(Struct, frozen=True, kw_only=True):
    """One waiver beside the code."""

    source: Source
    line: int
    """Where it stands."""
    target: int
    """The line that it is about; 0 if there is none."""
    policy: str = ""
    until: date | None = None
    reason: str = ""
    problem: str = ""
    """Why it is no waiver; the rest is empty then."""

    @property
    def path(self) -> str:
        """As `Location.path` has it."""
        return path_text(self.source.path)

    @property
    def place(self) -> str:
        """`path:line`, for messages."""
        return f"{self.path}:{self.line}"

    @property
    def text(self) -> str:
        """What has to be the same on the trusted side."""
        return f"{self.policy} until {self.until} because {self.reason}"


def comments_of(sources: Iterable[Source]) -> tuple[Comment, ...]:
    """The waivers in the comments of some documents, in the order of their places."""
    found = [source for source in sources if _WORDS.search(source.data)]
    return tuple(
        comment
        for source in sorted(found, key=lambda source: source.path)
        for comment in _of_source(source)
    )


def _of_source(source: Source) -> Iterator[Comment]:
    comments = tuple(_spans(source))
    layout = _Layout(source)
    layout.learn(comments)
    number = 0
    for start, end in comments:
        if not _WORDS.search(source.data, start, end):
            continue
        for line, text in _lines(source, start, end):
            called = re.match(_LINE, text)
            if called is None:
                continue
            number += 1
            if number > MOST:
                problem = f"more than {MOST} waivers in one document; the rest does not count"
                yield Comment(source=source, line=line, target=0, problem=problem)
                return
            yield _comment(source, line, layout.target(start, end), called["rest"])


def _comment(source: Source, line: int, target: int, rest: str) -> Comment:
    def refused(problem: str) -> Comment:
        return Comment(source=source, line=line, target=target, problem=problem)

    match = re.fullmatch(_REST, re.sub(r"\s*(?:\*/|-->)?\s*$", "", rest))
    if match is None:
        return refused(f"it is not of the form `{FORM}`")
    try:
        until = date.fromisoformat(match["until"])
    except ValueError:
        return refused(f"there is no day {match['until']}")
    if not target:
        return refused("nothing stands right below it")
    return Comment(
        source=source,
        line=line,
        target=target,
        policy=match["policy"],
        until=until,
        reason=" ".join(match["reason"].split()),
    )


def _lines(source: Source, start: int, end: int) -> Iterator[tuple[int, str]]:
    """The part of each line of a document that lies in a range, by number."""
    first = source.line_of(start)
    for line in range(first, source.line_of(max(start, end - 1)) + 1):
        begin = max(start, source.line_starts[line - 1])
        stop = source.line_starts[line] if line < len(source.line_starts) else len(source.data)
        yield line, source.data[begin : min(stop, end)].decode("utf-8", "replace").rstrip("\r\n")


class _Layout:
    """What stands beside a comment on its lines."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ends: dict[int, tuple[int, int]] = {}
        self.alone: dict[int, int] = {}
        """The lines that hold a comment and nothing else, each with the last one of its run."""

    def learn(self, comments: Iterable[tuple[int, int]]) -> None:
        """Notes the comments that have their lines for themselves."""
        whole = [span for span in comments if not (self._before(*span) or self._behind(*span))]
        for start, end in reversed(whole):
            first, last = self._first(start), self._last(start, end)
            run = self.alone.get(last + 1, last)
            self.alone |= dict.fromkeys(range(first, last + 1), run)

    def target(self, start: int, end: int) -> int:
        """The line that a comment is about; 0 if there is none."""
        if self._before(start, end):
            return self._first(start)
        last = self._last(start, end)
        if last not in self.alone:
            return last
        below = self.alone[last] + 1
        return below if below <= len(self._source.line_starts) and any(self._text(below)) else 0

    def _first(self, start: int) -> int:
        return self._source.line_of(start)

    def _last(self, start: int, end: int) -> int:
        return self._source.line_of(max(start, end - 1))

    def _before(self, start: int, end: int) -> bool:  # noqa: ARG002 - called like `_behind`
        return self._text(self._first(start))[0] < start

    def _behind(self, start: int, end: int) -> bool:
        return self._text(self._last(start, end))[1] > end

    def _text(self, line: int) -> tuple[int, int]:
        """From the first to behind the last byte of a line that is no blank; 0 and 0 if it is
        empty. Worked out once: a line may be long, and hold many comments."""
        if line not in self._ends:
            starts, data = self._source.line_starts, self._source.data
            begin = starts[line - 1]
            text = data[begin : starts[line] if line < len(starts) else len(data)]
            if begin == 0 and text.startswith(BOM_UTF8):
                begin, text = len(BOM_UTF8), text[len(BOM_UTF8) :]
            stop = begin + len(text.rstrip())
            self._ends[line] = (stop - len(text.strip()), stop) if text.strip() else (0, 0)
        return self._ends[line]


def _spans(source: Source) -> Iterator[tuple[int, int]]:
    """Where the comments of a document are, in bytes."""
    name = source.path.rpartition("/")[2].lower()
    suffix = name.rpartition(".")[2] if "." in name else ""
    if suffix in _WITHOUT:
        return
    form = _BY_SUFFIX.get(suffix, _SHELL)
    pattern = re.compile(form, re.DOTALL | re.MULTILINE)  # few documents have such comments
    found = (match.span("c") for match in pattern.finditer(source.data) if match["c"] is not None)
    yield from _outside_texts(source, found) if form is _YAML else found


def _outside_texts(source: Source, found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Of what looks like comments in YAML, those that stand in no text."""
    import yaml  # late: few documents have such comments

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts: list[tuple[tuple[int, int], tuple[int, int]]] = []
    try:
        for event in yaml.parse(source.data, Loader=loader):
            if isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">", '"', "'"):
                texts.append((_mark(event.start_mark), _mark(event.end_mark)))
    except (yaml.YAMLError, ValueError):  # then it was not read, and nothing stands in it
        return
    for start, end in found:
        line = source.line_of(start)
        column = len(source.data[source.line_starts[line - 1] : start].decode("utf-8", "replace"))
        before = bisect_right(texts, ((line, column), (1 << 60, 0))) - 1
        if before < 0 or texts[before][1] <= (line, column):
            yield start, end


def _mark(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column

"""From spans to what reports hold: locations, excerpts and provenance, masked and cut."""

from __future__ import annotations

from functools import lru_cache

from policyscan.findings.derivation import Link
from policyscan.findings.model import Excerpt, Location, Mark, ProvenanceStep
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.masking import mask
from policyscan.text.display import clipped, path_text
from policyscan.text.linehash import LineHashes
from policyscan.text.source import Source, Span

MAX_LINES = 7
MAX_WIDTH = 200
_QUOTING = frozenset({StepKind.ATTRIBUTE, StepKind.EXPRESSION})
"""Steps whose labels quote the text that they stand for."""
_CHUNK = 200
"""Lines; those before, in and after a chunk are masked together."""
_KEPT = 512
"""Documents and chunks of which results are kept: each policy goes through all of them again."""


def location_of(span: Span | None, *, hashed: bool = False) -> Location | None:
    """Where `span` is; with GitHub's hash of its first line if asked for."""
    if span is None or not span.source.data:
        return None
    start_line, start_column = span.source.position(span.start)
    end_line, end_column = span.source.position(max(span.end, span.start))
    line_hash = ""
    if hashed:
        hashes = _hashes(span.source)
        line_hash = hashes.of_line(start_line) if start_line <= len(hashes) else ""
    return Location(
        path_text(span.source.path), start_line, start_column, end_line, end_column, line_hash
    )


@lru_cache(maxsize=_KEPT)
def _hashes(source: Source) -> LineHashes:
    return LineHashes(source)


def excerpt_of(span: Span | None) -> Excerpt | None:
    """The lines of `span`, at most `MAX_LINES`, with its part of each marked."""
    if span is None or not span.source.data:
        return None
    source = span.source
    first = source.line_of(span.start)
    last = min(source.line_of(max(span.end - 1, span.start)), first + MAX_LINES - 1)
    lines: list[str] = []
    marks: list[Mark] = []
    for number in range(first, last + 1):
        text, masked = source.line_text(number), _safe_line(source, number)
        start, end = _range(span, number) if masked == text else (0, len(masked))
        start = max(start, len(masked) - len(masked.lstrip()))
        shown = clipped(masked, MAX_WIDTH)
        lines.append(shown)
        if start < min(end, len(shown)):
            marks.append(Mark(number, start, min(end, len(shown))))
    return Excerpt(path_text(source.path), first, tuple(lines), tuple(marks))


def _safe_line(source: Source, number: int) -> str:
    """A line without secrets. A line of a key block or heredoc cannot be recognised alone, so the
    lines around it are masked together."""
    chunk, index = divmod(number - 1, _CHUNK)
    return _safe_lines(source, chunk)[_CHUNK * (chunk > 0) + index]


@lru_cache(maxsize=_KEPT)
def _safe_lines(source: Source, chunk: int) -> tuple[str, ...]:
    begin = max(chunk - 1, 0) * _CHUNK
    end = min((chunk + 2) * _CHUNK, len(source.line_starts))
    texts = [source.line_text(number + 1) for number in range(begin, end)]
    together = mask("\n".join(texts)).split("\n")
    return tuple(together if len(together) == len(texts) else (mask(text) for text in texts))


def _range(span: Span, line: int) -> tuple[int, int]:
    """The code points of one line that lie in `span`."""
    source = span.source
    begin = source.line_starts[line - 1]
    start, end = max(span.start, begin), span.end
    before = source.data[begin:start].decode("utf-8", "replace")
    inside = source.data[start:end].decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
    return len(before), len(before) + len(inside)


def provenance_of(chain: Chain) -> tuple[ProvenanceStep, ...]:
    """A chain as reports hold it."""
    return tuple(
        ProvenanceStep(step.kind.value, clipped(_label(step), MAX_WIDTH), location_of(step.span))
        for step in chain
    )


def links_of(chain: Chain) -> tuple[Link, ...]:
    """A chain as derivations hold it, with the line of each step."""
    return tuple(map(_link, chain))


@lru_cache(maxsize=_KEPT)
def _link(step: Step) -> Link:
    return Link(
        step.kind.value,
        clipped(_label(step), MAX_WIDTH),
        location_of(step.span),
        _first_line(step.span),
    )


def _first_line(span: Span | None) -> str:
    """The line on which a span begins, masked and cut."""
    if span is None or not span.source.data:
        return ""
    return clipped(_safe_line(span.source, span.line).strip(), MAX_WIDTH)


def _label(step: Step) -> str:
    """The label without secrets. One that quotes a line with a secret is that line, masked: what
    it quotes may have lost the name that gives the secret away."""
    span = step.span
    if step.kind in _QUOTING and span is not None and span.source.data:
        source = span.source
        first, last = source.line_of(span.start), source.line_of(max(span.end - 1, span.start))
        for number in range(first, min(last, first + MAX_LINES) + 1):
            if _safe_line(source, number) != source.line_text(number):
                return " ".join(_safe_line(source, first).split())
    return mask(step.label)

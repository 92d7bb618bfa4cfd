"""Keys and secrets that somebody pasted into a register: they are taken out before anything else
looks at the text, so that no message and no excerpt can show them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyscan.resources.secret_signs import token_pattern

Range = tuple[int, int]

_RUN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{24,}(?![A-Za-z0-9])")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{40,}={0,2}(?![A-Za-z0-9+/_=-])")
_BESIDE_FINGERPRINT = re.compile(r"fingerprint[\"']?[ \t]*:[ \t]*[\"']?([^\s\"',}\]#]{13,})")
"""A fingerprint has 12 digits; what is longer is perhaps the key itself."""
_COMMENT = re.compile(r"(?m)(?:^|[ \t])#")
_FILLER = "X"


def pasted(text: str) -> list[Range]:
    """Where the text holds what looks like a key or a secret; sorted and disjoint."""
    found = sorted((*_tokens(text), *_runs(text)))
    merged: list[Range] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def without(text: str, ranges: list[Range]) -> str:
    """The text with these ranges filled with a letter, so that everything keeps its place."""
    parts: list[str] = []
    done = 0
    for start, end in ranges:
        parts += (text[done:start], _FILLER * (end - start))
        done = end
    return "".join((*parts, text[done:]))


def _tokens(text: str) -> Iterator[Range]:
    yield from (match.span() for match in token_pattern().finditer(text))
    yield from (match.span(1) for match in _BESIDE_FINGERPRINT.finditer(text))


def _runs(text: str) -> Iterator[Range]:
    for match in _RUN.finditer(text):
        run = match[0]
        if _is_mixed(run) or (len(run) >= 32 and _has_both(run) and not _in_comment(text, match)):
            yield match.span()
    for match in _BASE64.finditer(text):
        if _is_mixed(match[0]) and not _is_words(match[0]):
            yield match.span()


def _is_mixed(run: str) -> bool:
    return _has_both(run) and run.lower() != run != run.upper()


def _has_both(run: str) -> bool:
    return any(map(str.isdigit, run)) and any(map(str.isalpha, run))


def _is_words(run: str) -> bool:
    """Whether it is a name of short words, like `Binance-Api-Key-Production-eu-west-1-AbCdEf`."""
    return all(len(word) <= 12 for word in re.split(r"[+/_-]", run))


def _in_comment(text: str, match: re.Match[str]) -> bool:
    """Whether it stands in a comment, where the digest of a commit is nothing to hide."""
    start = text.rfind("\n", max(0, match.start() - 400), match.start()) + 1
    return _COMMENT.search(text, max(start, match.start() - 400), match.start()) is not None

"""Places and texts in the terms of SARIF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from policyscan.findings.model import Location
from policyscan.findings.report import Document
from policyscan.reporters.places import tidy
from policyscan.text.display import clipped, one_line

_BRACKETS = re.compile(r"[\[\]\\]")
_ESCAPED = r"\\\g<0>"

MAX_TEXT = 1024
"""Characters of a description; GitHub refuses longer ones."""
_MAX_PATH = 200
"""Of a path in a message."""


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """A message on one line, cut, in which nothing is an embedded link (SARIF 3.11.6)."""
    return clipped(one_line(text).replace("](", r"\]("), limit)


@lru_cache(maxsize=4096)
def uri(path: str) -> str:
    """A reference relative to the top of the repository; lone surrogates become `\\udcff`. Empty if
    the path names nothing."""
    return quote(tidy(path).encode("utf-8", "backslashreplace"), safe="/")


def region(place: Location) -> dict[str, int]:
    """The range; columns count UTF-16 code units and the end is exclusive, as in `Location`."""
    return {
        "startLine": place.start_line,
        "startColumn": place.start_column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


class Artifacts:
    """The files that a run mentions, numbered in order of first mention; each once, however its
    path is written."""

    def __init__(self, documents: Iterable[Document], prefix: str = "") -> None:
        self._prefix = prefix
        """Of every path, to make it one from the top of the repository."""
        self._documents: dict[str, Document] = {}
        for document in documents:
            self._documents.setdefault(self._uri(document.path), document)
        self._indexes: dict[str, int] = {}

    def location(self, place: Location, message: str = "", number: int = 0) -> dict[str, Any]:
        """`place` as a SARIF location; with `number` as its id if that is not 0."""
        address = self._uri(place.path)
        index = self._indexes.setdefault(address, len(self._indexes))
        location: dict[str, Any] = {"id": number} if number else {}
        location["physicalLocation"] = {
            "artifactLocation": {"uri": address, "index": index},
            "region": region(place),
        }
        if message:
            location["message"] = {"text": plain(message)}
        return location

    def link(self, place: Location, number: int) -> str:
        """A link to the related location with this id, for a message (SARIF 3.11.6)."""
        path = one_line(tidy(self._prefix + place.path))
        shown = path if len(path) <= _MAX_PATH else f"…{path[-_MAX_PATH:]}"
        return f"[{_BRACKETS.sub(_ESCAPED, f'{shown}:{place.start_line}')}]({number})"

    def listed(self, *, all_read: bool = False) -> Iterator[dict[str, Any]]:
        """What was mentioned until it is asked for, with digests where the file was read; with
        `all_read`, what was read and not mentioned as well."""
        if all_read:
            for address in filter(None, self._documents):
                self._indexes.setdefault(address, len(self._indexes))
        yield from map(self._artifact, self._indexes)

    def _uri(self, path: str) -> str:
        return uri(self._prefix + path)

    def _artifact(self, address: str) -> dict[str, Any]:
        artifact: dict[str, Any] = {"location": {"uri": address}}
        if document := self._documents.get(address):
            artifact |= {"length": document.size, "hashes": {"sha-256": one_line(document.sha256)}}
        return artifact

"""Places and texts in the terms of SARIF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeGuard
from urllib.parse import quote

from policyscan.findings.model import Finding, Location
from policyscan.findings.report import Document
from policyscan.text.display import one_line

MAX_TEXT = 1024
"""Characters of a description; GitHub refuses longer ones."""


def plain(text: str) -> str:
    """A message on one line, cut, in which nothing is an embedded link (SARIF 3.11.6)."""
    text = one_line(text).replace("](", r"\](")
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


@lru_cache(maxsize=4096)
def uri(path: str) -> str:
    """A reference relative to the top of the repository, without `.` and `..`, and which never
    leads out of it; lone surrogates become `\\udcff`. Empty if the path names nothing."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return quote("/".join(parts).encode("utf-8", "backslashreplace"), safe="/")


def is_file(place: Location | None) -> TypeGuard[Location]:
    """Whether there is a place, and it is one in a file."""
    return place is not None and bool(uri(place.path))


def place_of(finding: Finding) -> Location | None:
    """The tightest place in a file: of the first witness that has one, else of the finding."""
    places = (*(witness.location for witness in finding.witnesses), finding.location)
    return next(filter(is_file, places), None)


def region(place: Location) -> dict[str, int]:
    """The range; columns count UTF-16 code units and the end is exclusive, as in `Location`."""
    return {
        "startLine": place.start_line,
        "startColumn": place.start_column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


class Artifacts:
    """The files that a run mentions, numbered in order of first mention."""

    def __init__(self, documents: Iterable[Document], prefix: str = "") -> None:
        self._prefix = prefix
        """Of every path, to make it one from the top of the repository."""
        self._documents = {document.path: document for document in documents}
        self._indexes: dict[str, int] = {}

    def location(self, place: Location, message: str = "", number: int = 0) -> dict[str, Any]:
        """`place` as a SARIF location; with `number` as its id if that is not 0."""
        index = self._indexes.setdefault(place.path, len(self._indexes))
        location: dict[str, Any] = {"id": number} if number else {}
        location["physicalLocation"] = {
            "artifactLocation": {"uri": uri(self._prefix + place.path), "index": index},
            "region": region(place),
        }
        if message:
            location["message"] = {"text": plain(message)}
        return location

    def listed(self, *, all_read: bool = False) -> Iterator[dict[str, Any]]:
        """What was mentioned until it is asked for, with digests where the file was read; with
        `all_read`, what was read and not mentioned as well."""
        if all_read:
            for path in self._documents:
                if uri(path):
                    self._indexes.setdefault(path, len(self._indexes))
        yield from map(self._artifact, self._indexes)

    def _artifact(self, path: str) -> dict[str, Any]:
        artifact: dict[str, Any] = {"location": {"uri": uri(self._prefix + path)}}
        if document := self._documents.get(path):
            artifact |= {"length": document.size, "hashes": {"sha-256": one_line(document.sha256)}}
        return artifact

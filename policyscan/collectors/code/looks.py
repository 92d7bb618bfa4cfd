"""What a quick look at the content of a source file tells, kept from run to run.

Most of a program says nothing that is judged, and to find that out again takes most of the time of
a second run. What is kept follows from the bytes, the language and this package alone, and holds no
text of the file: only where the signs are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from policyscan.collectors.code.exchange_signs import Sign, SignKind, signs_of
from policyscan.collectors.code.python.quick_look import may_configure
from policyscan.collectors.code.quick_look import names_client
from policyscan.collectors.code.semgrep.rules import prefilter
from policyscan.data import package_digest
from policyscan.text.cache import ContentCache, key_of


class Mark(Struct, frozen=True, array_like=True):
    """Where a sign stands."""

    exchange: str
    sign: SignKind
    start: int
    length: int


class Look(Struct, frozen=True, array_like=True):
    """What one content tells."""

    marks: tuple[Mark, ...]
    """Each sign once, at its first place."""
    logs: bool
    """Whether it may configure logging."""
    steers: bool
    """Whether a rule may match in it."""
    connects: bool
    """Whether it may make connections."""

    def signs(self, data: bytes) -> Iterator[Sign]:
        """The signs in the content that was looked at."""
        for mark in self.marks:
            text = data[mark.start : mark.start + mark.length].decode("ascii", "replace")
            yield Sign(mark.exchange, mark.sign, text, mark.start)


class Looks:
    """The looks at all contents of a run."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is where they are kept, if anywhere."""
        self._cache = ContentCache(folder, "looks", package_digest()) if folder else None

    def at(self, data: bytes, language: str) -> Look:
        """What a content tells, looked up if it was seen before."""
        if self._cache is None:
            return _look(data, language)
        key = key_of(language.encode(), data)
        look = _decoded(self._cache.get(key))
        if look is None:
            look = _look(data, language)
            self._cache.put(key, msgspec.msgpack.encode(look))
        return look

    def save(self) -> None:
        """Keep them for the next run."""
        if self._cache is not None:
            self._cache.save()


def _decoded(kept: bytes | None) -> Look | None:
    try:
        return msgspec.msgpack.decode(kept, type=Look) if kept is not None else None
    except msgspec.MsgspecError:
        return None


def _look(data: bytes, language: str) -> Look:
    marks: dict[tuple[str, SignKind, str], Mark] = {}
    for sign in signs_of(data, data.lower(), language):
        mark = Mark(sign.exchange, sign.sign, sign.start, len(sign.text))
        marks.setdefault((sign.exchange, sign.sign, sign.text), mark)
    return Look(
        tuple(marks.values()),
        language == "python" and may_configure(data),
        prefilter().may_match(data, language),
        names_client(data, language),
    )

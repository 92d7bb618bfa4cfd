"""What a quick look at the content of a source file tells, kept from run to run.

Most of a program says nothing that is judged, and to find that out again takes most of the time of
a second run. What is kept follows from the bytes, the language and this package alone, and holds no
text of the file: only where the signs are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from policyscan.collectors.code.exchange_signs import Sign, SignKind, signs_of
from policyscan.collectors.code.python.quick_look import may_configure
from policyscan.collectors.code.quick_look import names_client
from policyscan.collectors.code.semgrep.rules import prefilter
from policyscan.data import package_digest
from policyscan.text.cache import ContentCache, key_of

if TYPE_CHECKING:
    from policyscan.collectors.code.tls.uses import Uses
    from policyscan.text.source import Source

Kept = TypeVar("Kept")


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
        key = key_of(language.encode(), data) if self._cache else b""
        return self._kept(key, Look, lambda: _look(data, language))

    def uses(self, source: Source, language: str) -> list[Uses]:
        """How it uses the libraries that make connections."""
        from policyscan.collectors.code.tls.uses import Uses, uses_of  # late: often not needed

        key = key_of(b"uses", language.encode(), source.data) if self._cache else b""
        return self._kept(key, list[Uses], lambda: uses_of(source, language))

    def _kept(self, key: bytes, form: type[Kept], make: Callable[[], Kept]) -> Kept:
        if self._cache is None:
            return make()
        kept = self._cache.get(key)
        with suppress(msgspec.MsgspecError):
            if kept is not None:
                return msgspec.msgpack.decode(kept, type=form)
        value = make()
        self._cache.put(key, msgspec.msgpack.encode(value))
        return value

    def save(self) -> None:
        """Keep them for the next run."""
        if self._cache is not None:
            self._cache.save()


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

"""What semgrep found in a content, kept from run to run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from policyscan.collectors.code.semgrep.answer import Seen
from policyscan.collectors.code.semgrep.workspace import Given
from policyscan.text.cache import ContentCache, key_of

_FORM = "1"
"""Of what is kept; to be counted up with every change of `Seen`."""


class Kept:
    """The facts of contents, as these rules and this version of semgrep find them."""

    def __init__(self, folder: Path | None, rules: str, version: str) -> None:
        self._cache = ContentCache(folder, "semgrep", f"{_FORM} {rules} {version}")

    def get(self, file: Given) -> Seen | None:
        """What was found in this content under this suffix."""
        value = self._cache.get(_key(file))
        if value is None:
            return None
        try:
            return msgspec.msgpack.decode(value, type=Seen)
        except msgspec.MsgspecError:
            return None

    def put(self, file: Given, seen: Seen) -> None:
        """Keep what was found, unless another look may find more."""
        if all(fault.lasting for fault in seen.faults):
            self._cache.put(_key(file), msgspec.msgpack.encode(seen))

    def save(self) -> None:
        """Write it."""
        self._cache.save()


def _key(file: Given) -> bytes:
    return key_of(file.name.rpartition(".")[2].encode(), file.data)

"""One line of progress on a terminal, for runs that take longer than a second."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import TextIO

from policyscan.text.display import one_line

PATIENCE = 1.0
"""Seconds before the first line appears."""


class Progress:
    """Call it with what is being done; call `clear` before anything else is printed."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._start = clock()
        self._shown = False

    def __call__(self, text: str) -> None:
        """Replaces the line."""
        if not self._stream.isatty() or self._clock() - self._start < PATIENCE:
            return
        width = shutil.get_terminal_size().columns
        self._stream.write("\r\x1b[K" + one_line(text)[: width - 1])
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Takes the line away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False

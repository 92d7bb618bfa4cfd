"""Interrupts: the first one ends the run in order, so that partial reports can be written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Signals:
    """What arrived so far."""

    received: int = signal.SIGINT
    """The last signal that asked for an end."""

    @property
    def exit_code(self) -> int:
        """130 after SIGINT, 143 after SIGTERM."""
        return 128 + self.received


@contextmanager
def watch_signals() -> Iterator[Signals]:
    """Turns SIGTERM into the same `KeyboardInterrupt` as SIGINT, and remembers which one it was."""
    signals = Signals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return

    def end(number: int, _frame: FrameType | None) -> None:
        signals.received = number
        raise KeyboardInterrupt

    former = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signals
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)

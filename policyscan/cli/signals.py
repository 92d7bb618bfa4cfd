"""Interrupts: the first one ends the run in order, so that partial reports can be written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from policyscan.text.interrupts import STATE, finishing

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks for an end: somebody at the terminal, a supervisor, a terminal that closes."""


class Signals:
    """What arrived so far."""

    @property
    def exit_code(self) -> int:
        """129 after SIGHUP, 130 after SIGINT, 143 after SIGTERM."""
        return 128 + STATE.received

    @property
    def pending(self) -> bool:
        """Whether an end was asked for when there was nothing left to interrupt."""
        return STATE.pending

    @property
    def insisted(self) -> bool:
        """Whether an end was asked for again, so that not even partial reports are waited for."""
        return STATE.insisted


@contextmanager
def watch_signals() -> Iterator[Signals]:
    """Makes an interrupt of each of `ENDING`, for the stages that listen. One that is ignored, as
    `nohup` does with SIGHUP and a shell with SIGINT of what runs behind it, stays ignored."""
    signals = Signals()
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGTERM) is _end:
        yield signals
        return
    former = {
        number: signal.getsignal(number)
        for number in ENDING
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    STATE.forget()
    with finishing():
        for number in former:
            signal.signal(number, _end)
        try:
            yield signals
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
            STATE.pending = False  # the command has ended, and its code has told


def _end(number: int, _frame: FrameType | None) -> None:
    STATE.note(number)

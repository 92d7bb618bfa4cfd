"""When a request to end (SIGINT, SIGTERM, SIGHUP) becomes a `KeyboardInterrupt`.

At once where nobody says otherwise. While a command is `finishing`, the first request waits for a
stage that is `listening`, so that reports are still written; who asks again is heard everywhere.
While something is `held` that must not be done by half, both wait. Without handlers, as in a
library, nothing of this has an effect.
"""

from __future__ import annotations

import signal
import time
from types import TracebackType

LISTENING, FINISHING, HELD = range(3)

GRACE = 1.0
"""Seconds in which a second request is the same one: a terminal and a wrapper both pass it on."""


class Interrupts:
    """What was asked for so far. Only the main thread changes it."""

    def __init__(self) -> None:
        self.level = LISTENING
        self.forget()

    def forget(self) -> None:
        """As if nothing had been asked for."""
        self.received: int = signal.SIGINT
        """The last signal that asked for an end."""
        self.pending = False
        """Whether somebody asked and no `KeyboardInterrupt` came of it so far."""
        self.insisted = False
        self._first: float | None = None

    def note(self, number: int) -> None:
        """A signal arrived; raises `KeyboardInterrupt` if it is its time."""
        now = time.monotonic()
        if self._first is None:
            self._first = now
        elif now - self._first >= GRACE:
            self.insisted = True
        else:
            return
        self.received = number
        self.pending = True
        self.answer()

    def answer(self) -> None:
        """Raises `KeyboardInterrupt` if an end was asked for and nothing holds it."""
        if self.pending and (self.level == LISTENING or (self.insisted and self.level < HELD)):
            self.pending = False
            raise KeyboardInterrupt


STATE = Interrupts()
"""Signals belong to the process, so there is one."""


class Level:
    """A level for the length of a `with`; it ends with the level before."""

    def __init__(self, level: int, *, afresh: bool = False) -> None:
        self._level = level
        self._afresh = afresh
        self._former = LISTENING

    def __enter__(self) -> Level:
        self._former = STATE.level
        STATE.level = self._level
        if not self._afresh:
            self._answer(self._former)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        STATE.level = self._former
        if kind is None:
            STATE.answer()

    def lifted(self) -> Level:
        """The level before, for a while."""
        return Level(self._former)

    def _answer(self, former: int) -> None:
        try:
            STATE.answer()
        except KeyboardInterrupt:
            STATE.level = former
            raise


def listening(*, afresh: bool = False) -> Level:
    """A stage that any request ends; `afresh`, only one that arrives while it lasts."""
    return Level(LISTENING, afresh=afresh)


def finishing() -> Level:
    """Work of which something shall come although an end was asked for."""
    return Level(FINISHING)


def held() -> Level:
    """Work that is done whole or not at all, and takes no time."""
    return Level(HELD)

"""How much work one root may cost."""

from __future__ import annotations

import time
from types import TracebackType

MAX_STEPS = 3_000_000
MAX_DEPTH = 300
MAX_SECONDS = 60.0


class Budget:
    """Counts evaluation steps and their nesting; used as `with budget.step() as allowed`."""

    __slots__ = ("_deadline", "_depth", "_steps", "exhausted")

    def __init__(self) -> None:
        self._steps = 0
        self._depth = 0
        self._deadline = time.monotonic() + MAX_SECONDS
        self.exhausted = False
        """True once steps or time have run out: whatever came later is unknown."""

    def step(self) -> Budget:
        """One more evaluation."""
        self._steps += 1
        if self._steps > MAX_STEPS or (
            self._steps % 4096 == 0 and time.monotonic() > self._deadline
        ):
            self.exhausted = True
        return self

    def __enter__(self) -> bool:
        self._depth += 1
        return self._depth <= MAX_DEPTH and not self.exhausted

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._depth -= 1

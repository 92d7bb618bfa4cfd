"""How much work one root may cost."""

from __future__ import annotations

import time
from types import TracebackType

MAX_STEPS = 250_000
MAX_DEPTH = 300
MAX_SECONDS = 60.0
MAX_INSTANCES = 10_000
"""Of modules, and of all blocks with `count` or `for_each`, together."""
MAX_BLOCKS = 20_000
"""Resources in all module instances, and all those instances, together."""


class Budget:
    """Counts evaluation steps and their nesting; used as `with budget.step() as allowed`."""

    __slots__ = ("_deadline", "_depth", "_instances", "_steps", "crowded", "exhausted")

    def __init__(self) -> None:
        self._steps = 0
        self._depth = 0
        self._instances = 0
        self._deadline = time.monotonic() + MAX_SECONDS
        self.exhausted = False
        """True once steps or time have run out: whatever came later is unknown."""
        self.crowded = False
        """True once there was no room for an instance: some are not looked at."""

    def step(self) -> Budget:
        """One more evaluation."""
        self._steps += 1
        if self._steps > MAX_STEPS or (
            self._steps % 4096 == 0 and time.monotonic() > self._deadline
        ):
            self.exhausted = True
        return self

    def admit(self, number: int, limit: int = MAX_INSTANCES) -> bool:
        """Whether there is room for so many more instances; if so, it is taken."""
        if self._instances + number > limit:
            self.crowded = True
            return False
        self._instances += number
        return True

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

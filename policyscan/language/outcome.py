"""What a condition says about one resource or one set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from policyscan.language.explaining.derivation import Deduction
from policyscan.language.explaining.evidence import Evidence
from policyscan.language.reading.fields import Fields
from policyscan.values import Unknown

Touched = frozenset[tuple[str, str]]
"""Address and path of what was read; the address of the resource that is judged is empty."""


@dataclass(frozen=True)
class Outcome:
    """What a condition says about one resource or one set."""

    truth: bool | None
    """None if it cannot be told."""
    error: str = ""
    """Set if it cannot be told because an operation had no result."""
    reasons: tuple[Unknown, ...] = ()
    """Why it cannot be told."""
    look: Callable[[], tuple[Evidence, ...]] = field(default=tuple, repr=False, compare=False)
    """Finds the witnesses: most outcomes pass, and nobody asks for theirs."""
    derive: Callable[[], Deduction | None] = field(default=lambda: None, repr=False, compare=False)
    """Tells how the answer came about, for those who ask."""
    residual: str = ""
    """What decides it where it cannot be told: `PASS iff resource.retention_days >= 90`."""
    trace: Callable[[], Touched] = field(default=frozenset, repr=False, compare=False)
    """Finds what was read."""
    fields: Fields | None = field(default=None, repr=False, compare=False)
    """What is certain about that without finding it, if anything is."""

    @cached_property
    def witnesses(self) -> tuple[Evidence, ...]:
        """What decides; where it cannot be told, the values on which it hangs."""
        return self.look()

    @cached_property
    def deduction(self) -> Deduction | None:
        """Every sub-expression with its value; None if nothing was evaluated."""
        return self.derive()

    @cached_property
    def touched(self) -> frozenset[str]:
        """Paths inside the resource that were read."""
        return frozenset(path for owner, path in self._all_touched if not owner)

    @cached_property
    def touched_elsewhere(self) -> frozenset[tuple[str, str]]:
        """Address and path of what was read of other resources, or of the members of the set."""
        if self.fields is not None and not self.fields.elsewhere:
            return frozenset()
        return frozenset(pair for pair in self._all_touched if pair[0])

    @cached_property
    def _all_touched(self) -> Touched:
        return self.trace()

    def touches(self, field: str) -> bool:
        """Whether it read a field of the resource."""
        if self.fields is not None:
            if field in self.fields.surely:
                return True
            if self.fields.perhaps is not None and field not in self.fields.perhaps:
                return False
        return field in self.touched

"""A waiver beside the failures that it is for: which of them it accepts, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from policyscan.findings.report import Waiver
from policyscan.text.words import count

IN_FORCE, EXPIRING, EXPIRED = "in force", "expiring", "expired"
LAPSED, UNUSED, REFUSED = "lapsed", "unused", "refused"
STATES = (IN_FORCE, EXPIRING, LAPSED, EXPIRED, UNUSED, REFUSED)


class Candidate(Struct):
    """A waiver of the file or of a comment."""

    waiver: Waiver
    """Without what became of it."""
    expires: date
    refusal: str = ""
    """Why it does not hold, whatever it selects."""
    chosen: dict[int, str] = field(default_factory=dict)
    """The failures that it is for, by their place: what of each is more than it accepts, in words;
    empty for what it accepts."""
    aside: list[str] = field(default_factory=list)
    """The addresses that it selects and has no values for."""
    idle: str = ""
    """Why it is for nothing, if it is."""
    standing: str = ""
    """Why it holds, where that is not plain."""

    def holds(self, today: date) -> bool:
        """Whether it accepts what its values cover."""
        return not self.refusal and today <= self.expires

    def accepts(self, place: int, today: date) -> bool:
        """Whether it accepts a failure."""
        return self.holds(today) and self.chosen.get(place) == ""

    def objection(self, place: int, today: date) -> str:
        """Why it does not accept a failure that it is for."""
        name = self.waiver.id
        if self.refusal:
            return f"{name} does not hold: {self.refusal}"
        if today > self.expires:
            return f"{name} expired at the end of {self.expires} (UTC)"
        return f"{name} accepts less: {self.chosen[place]}"

    def record(self, today: date, soon: int) -> Waiver:
        """The waiver with what became of it."""
        status, because = self._state(today, soon)
        covers = sum(not exceeds for exceeds in self.chosen.values()) if self.holds(today) else 0
        return replace(self.waiver, status=status, because=because, covers=covers)

    def _state(self, today: date, soon: int) -> tuple[str, str]:
        again = f"; {count(len(self.chosen), 'failure')} that it is for" if self.chosen else ""
        if self.refusal:
            return REFUSED, self.refusal + again
        if today > self.expires:
            return EXPIRED, f"its last day was {self.expires} (UTC){again}"
        if not self.chosen:
            return UNUSED, self._unused()
        exceeded = [words for words in self.chosen.values() if words]
        if exceeded:
            of = f"{len(exceeded):,} of {count(len(self.chosen), 'failure')}"
            return LAPSED, f"{of} got worse than it accepts: {_some(exceeded)}"
        left = (self.expires - today).days
        if left <= soon:
            ends = "today" if left == 0 else f"in {count(left, 'day')}"
            return EXPIRING, "; ".join(filter(None, (f"it ends {ends}", self._notes())))
        return IN_FORCE, self._notes()

    def _unused(self) -> str:
        if self.aside:
            return f"it has no values for {_some(self.aside)}, which fails"
        return self.idle or "nothing fails that it is for"

    def _notes(self) -> str:
        missing = f"it has no values for {_some(self.aside)}, which fails" if self.aside else ""
        return "; ".join(filter(None, (self.standing, missing)))


def _some(texts: Iterable[str], most: int = 3) -> str:
    distinct = list(dict.fromkeys(texts))
    more = f" and {len(distinct) - most:,} more" if len(distinct) > most else ""
    return "; ".join(distinct[:most]) + more

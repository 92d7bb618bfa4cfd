"""Verdicts counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policyscan.findings import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Tally:
    """How many verdicts of each sort, on how many different resources."""

    counts: Mapping[Verdict, int]
    resources: int

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Tally:
        """The count of `findings`."""
        judged = tuple(findings)
        refs = {(f.resource.kind, f.resource.unit, f.resource.address) for f in judged}
        return cls(Counter(finding.verdict for finding in judged), len(refs))

    def __getitem__(self, verdict: Verdict) -> int:
        return self.counts.get(verdict, 0)

    @property
    def total(self) -> int:
        """All verdicts, those included that say a policy does not apply."""
        return sum(self.counts.values())

    @property
    def evidence(self) -> int:
        """The verdicts that say something: all but `not_applicable`."""
        return self.total - self[Verdict.NOT_APPLICABLE]

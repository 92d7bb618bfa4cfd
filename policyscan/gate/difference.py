"""What became of every finding and gap since the base or the baseline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from policyscan.findings.difference import Before, Difference, Gone, Known
from policyscan.findings.model import Change, Finding, GapRecord, Verdict

FAILS = (Verdict.FAIL, Verdict.WAIVED)


def compared(
    before: Before, findings: Sequence[Finding], gaps: Sequence[GapRecord]
) -> tuple[tuple[Finding, ...], tuple[GapRecord, ...], Difference]:
    """Findings and gaps with their changes, in order, and the difference as a whole."""
    known: defaultdict[str, list[Known]] = defaultdict(list)
    for pair in before.pairs:
        known[pair.fingerprint].append(pair)
    told = []
    for finding in findings:
        earlier = known[finding.fingerprint].pop(0) if known[finding.fingerprint] else None
        told.append(replace(finding, change=_change(earlier, finding)))
    gone = tuple(_gone(pair) for pairs in known.values() for pair in pairs)
    seen = Counter(gap.fingerprint for gap in before.gaps)
    counted = Counter(finding.change for finding in told)
    counts = {change: counted[change] for change in Change} | {Change.GONE: len(gone)}
    return (
        tuple(told),
        tuple(_gap(seen, gap) for gap in gaps),
        Difference(
            before.kind, before.name, before.commit, counts, gone, before.why, before.touched
        ),
    )


def _change(earlier: Known | None, finding: Finding) -> Change:
    if earlier is None:
        return Change.NEW
    if finding.verdict in FAILS:
        covered = earlier.verdict in FAILS and earlier.facts == finding.facts
        return Change.UNCHANGED if covered else Change.WORSE
    if finding.verdict is earlier.verdict:
        return Change.UNCHANGED
    if finding.verdict is Verdict.UNKNOWN:
        return Change.NEWLY_UNKNOWN
    return Change.BETTER if earlier.verdict in (*FAILS, Verdict.UNKNOWN) else Change.UNCHANGED


def _gap(seen: Counter[str], gap: GapRecord) -> GapRecord:
    is_known = seen[gap.fingerprint] > 0
    seen[gap.fingerprint] -= 1
    return replace(gap, change=Change.UNCHANGED if is_known else Change.NEW)


def _gone(pair: Known) -> Gone:
    return Gone(
        pair.fingerprint,
        pair.policy_id,
        pair.verdict,
        pair.severity,
        pair.resource.unit,
        pair.resource.shown,
        pair.message,
        pair.location,
    )

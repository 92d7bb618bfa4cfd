"""What became of every finding and gap since the base or the baseline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from policyscan.facts.plain import NEEDS, REF, written
from policyscan.findings.difference import BASE, BASELINE, Before, Difference, Gone, Known
from policyscan.findings.model import Change, Finding, GapRecord, Verdict
from policyscan.gate.gaps import compared_gaps
from policyscan.gate.knowing import Resources, known_pairs, more_besides, names_of
from policyscan.gate.pairing import Pairing, pair_edited
from policyscan.gate.things import Names
from policyscan.gate.worse import covers, what_got_worse
from policyscan.resources.base import ProofLevel

FAILS = (Verdict.FAIL, Verdict.WAIVED)
_WAS = {
    Verdict.PASS: "it passed",
    Verdict.FAIL: "it failed",
    Verdict.WAIVED: "it failed and was waived",
    Verdict.UNKNOWN: "it was not known",
    Verdict.NOT_APPLICABLE: "it was not judged",
}
_MORE = "it failed, and with more"
_IN_PART = "all that is seen of it failed before"
_BROUGHT = (Change.NEW, Change.WORSE, Change.NARROWED)
"""What becomes of a gap that is the doing of the change."""


def compared(
    before: Before,
    findings: Sequence[Finding],
    gaps: Sequence[GapRecord],
    blocks: Callable[[GapRecord], bool],
    resources: Resources | None = None,
    tip: Before | None = None,
) -> tuple[tuple[Finding, ...], tuple[GapRecord, ...], Difference]:
    """Findings and gaps with their changes, in order, and the difference as a whole. `blocks` is
    asked of gaps whose change is known; `tip` is where the branch of `before` has gone since, if
    that is known."""
    now = known_pairs(findings, resources or {})
    names = names_of(before, now, resources or {})
    pairing = pair_edited(before, now, names)
    told_gaps = compared_gaps(before.gaps, gaps, _lost(before, pairing))
    hides = any(gap.change in _BROUGHT and blocks(gap) for gap in told_gaps)
    beside = _Beside(now, names, _without(tip, now, resources or {}), hides)
    renamed = {unit: _Renamed(known) for unit, known in pairing.moved.items()}
    told = tuple(
        _told(before, pairing, renamed, beside, place, finding)
        for place, finding in enumerate(findings)
    )
    gone = tuple(map(_gone, _left(before, pairing, findings)))
    counted = Counter(finding.change for finding in told)
    counts = {change: counted[change] for change in Change} | {Change.GONE: len(gone)}
    return (
        told,
        told_gaps,
        Difference(
            before.kind, before.name, before.commit, counts, gone, before.why, before.touched
        ),
    )


def _left(before: Before, pairing: Pairing, findings: Sequence[Finding]) -> Iterator[Known]:
    """The failures and doubts of before that have no counterpart; of a baseline, also the entries
    of what does not fail any more, since they are to be taken out of it."""
    settled = (Verdict.PASS, Verdict.NOT_APPLICABLE) if before.kind == BASELINE else ()
    met = {
        place
        for place_now, place in pairing.earlier.items()
        if findings[place_now].verdict not in settled
    }
    for place, each in enumerate(before.pairs):
        if place not in met and each.verdict in (*FAILS, Verdict.UNKNOWN):
            yield each


def _lost(before: Before, pairing: Pairing) -> Iterator[Known]:
    """What was judged and has no counterpart."""
    met = {*pairing.earlier.values()}
    for place, each in enumerate(before.pairs):
        if place not in met and each.verdict is not Verdict.NOT_APPLICABLE:
            yield each


class _Beside(Struct, frozen=True):
    """What else tells of failures that are no worse by the values that their policies look at."""

    now: Sequence[Known]
    """The pairs of the findings, in order."""
    names: Names
    without: Mapping[int, str]
    """By the place of a pair that the branch has no more, or never had, the name of the branch: to
    merge it where it moved to would bring back what others got rid of."""
    hides: bool
    """Whether a gap that was not there before holds the change up: what is not known of a failure
    for that is no other news."""

    def told(self, place: int, earlier: Known) -> tuple[Change, str] | None:
        """What became of a failure of before, and how it was, in words; None if no more of it."""
        if place in self.without and _where(earlier) != _where(self.now[place]):
            return Change.NEW, f"{self.without[place]} does not have it any more"
        more = more_besides(earlier, self.now[place], self.names)
        return (Change.WORSE, more) if more else None


def _told(
    before: Before,
    pairing: Pairing,
    renamed: Mapping[str, _Renamed],
    beside: _Beside,
    place: int,
    finding: Finding,
) -> Finding:
    """The finding with its change. A commit says nothing of what runs, and a baseline lists
    failures alone: of a pair that it does not list and that does not fail, it says nothing."""
    if place not in pairing.earlier:
        observed = finding.resource.proof is ProofLevel.OBSERVED
        silent = observed if before.kind == BASE else finding.verdict not in FAILS
        return replace(finding, change=None if silent else Change.NEW)
    earlier = before.pairs[pairing.earlier[place]]
    names = renamed.get(finding.resource.unit)
    facts = names.before(finding.facts) if names is not None else finding.facts
    change, was = _change(earlier, finding, facts, beside)
    moved_from = _from(earlier, finding)
    if finding.verdict in FAILS and change in (Change.UNCHANGED, Change.BETTER):
        change, was = beside.told(place, earlier) or (change, was)
    return replace(finding, change=change, before="; ".join(filter(None, (moved_from, was))))


def _without(tip: Before | None, now: Sequence[Known], resources: Resources) -> Mapping[int, str]:
    """By the place of a pair that the branch has no more, or never had, the name of the branch."""
    if tip is None:
        return {}
    found = pair_edited(tip, now, names_of(tip, now, resources)).earlier
    return {place: tip.name for place in range(len(now)) if place not in found}


def _where(one: Known) -> tuple[str, str, str]:
    return one.resource.unit, one.resource.address, one.location.path if one.location else ""


def _from(earlier: Known, finding: Finding) -> str:
    """Where it was, if it was elsewhere."""
    old, new = earlier.resource, finding.resource
    if (old.unit, old.address) == (new.unit, new.address):
        return ""
    return f"it was {old.address}" + (f" in {old.unit}" if old.unit != new.unit else "")


def _change(
    earlier: Known, finding: Finding, facts: Mapping[str, Any], beside: _Beside
) -> tuple[Change, str]:
    """What became of a pair, and how it was, in words. `facts` are those of the finding by the
    names of before."""
    if finding.verdict in FAILS and earlier.verdict in FAILS:
        return _of_failures(earlier.facts, facts, finding, beside)
    if finding.verdict in FAILS:
        return Change.WORSE, _WAS[earlier.verdict]
    if finding.verdict is earlier.verdict:
        return Change.UNCHANGED, ""
    if finding.verdict is Verdict.UNKNOWN:
        return Change.NEWLY_UNKNOWN, _WAS[earlier.verdict]
    if finding.verdict is Verdict.NOT_APPLICABLE:
        return Change.NARROWED, _WAS[earlier.verdict]
    is_better = earlier.verdict in (*FAILS, Verdict.UNKNOWN)
    return Change.BETTER if is_better else Change.UNCHANGED, _WAS[earlier.verdict]


def _of_failures(
    then: Mapping[str, Any], now: Mapping[str, Any], finding: Finding, beside: _Beside
) -> tuple[Change, str]:
    kind = finding.resource.kind
    if more := what_got_worse(then, now, kind, as_seen=beside.hides):
        return Change.WORSE, more
    if what_got_worse(then, now, kind):
        return Change.UNCHANGED, _IN_PART
    return (Change.UNCHANGED, "") if covers(now, then, kind) else (Change.BETTER, _MORE)


class _Renamed:
    """The names of before of resources that were renamed in one unit, by those of now."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        local = {new.partition("#")[2]: old.partition("#")[2] for new, old in names.items()}
        self._known = {name: old for name, old in {**local, **names}.items() if name}
        """With the file that they are in, or without."""

    def before(self, value: Any) -> Any:
        """Facts with the names of before."""
        if isinstance(value, list):
            return sorted(map(self.before, value), key=written)
        if not isinstance(value, dict):
            return value
        renamed = {key: self.before(item) for key, item in value.items()}
        if isinstance(value.get(REF), str):
            renamed[REF] = self._names.get(value[REF], value[REF])
        if isinstance(value.get(NEEDS), str):
            renamed[NEEDS] = self._in_words(value[NEEDS])
        return renamed

    def _in_words(self, text: str) -> str:
        here = sorted((name for name in self._known if name in text), key=len, reverse=True)
        if not here:
            return text
        every = "|".join(map(re.escape, here))
        form = rf"(?<![\w.-])(?:{every})(?![\w-])"
        return re.sub(form, lambda found: self._known[found[0]], text)


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

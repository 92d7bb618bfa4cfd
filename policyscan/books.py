"""The books of a run: what was found, judged and not seen, and what that means for its exit."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from msgspec.structs import replace

from policyscan.errors import GapReason, ReadError
from policyscan.evaluate import Evaluation
from policyscan.findings.fingerprint import fingerprint
from policyscan.findings.model import Finding, GapRecord, Verdict
from policyscan.findings.places import location_of
from policyscan.findings.report import Coverage, Exclusion, LedgerEntry, Summary
from policyscan.inventory.assigned import idle
from policyscan.request import Collected, Run, ScanRequest
from policyscan.resources.base import Gap, Tally
from policyscan.resources.masking import mask
from policyscan.resources.units import GLOBAL, in_account, region_of, set_unit
from policyscan.text.display import path_text
from policyscan.text.tree import Tree

GATE = "gate"
"""The collector of what steers the gate: it looks at no target."""
_OUTCOMES = {
    0: "nothing blocks, and nothing that blocks was left unseen",
    1: "at least one failure blocks",
    3: "incomplete: what was not seen or could not be decided may hide a failure",
}
_OF_STATEMENTS = (GapReason.UNSUPPORTED, GapReason.NOT_FETCHED)
"""Gaps that hide what one statement names; others hide the whole document."""
_LINK = "symbolic link"
_LARGEST = 64_000_000
_MOST_LOOKS = 8
"""Documents that are too large to be judged and are looked at to tell whether they changed."""


def ledger(
    request: ScanRequest,
    run: Run,
    evaluation: Evaluation,
    tree: Tree,
) -> tuple[LedgerEntry, ...]:
    """One entry for the documents of each collector and one for each kind."""
    read = {source.path for source in tree.sources()}
    entries: list[LedgerEntry] = []
    for part in run.collected:
        if part.target:
            entries.extend(_live(part, evaluation))
        else:
            entries.append(_documents(request, part, read))
            entries.extend(_kind(request.target, part, tally, evaluation) for tally in part.tallies)
    return tuple(entries)


def _documents(request: ScanRequest, part: Collected, read: set[str]) -> LedgerEntry:
    returned = sum(path in read for path in part.paths)
    unread = len(part.paths) - returned
    return LedgerEntry(
        collector=part.collector,
        target=request.target,
        kind="document",
        asked=len(part.paths),
        returned=returned,
        found=len(part.paths),
        normalised=returned,
        dropped={"not read (see the gaps)": unread} if unread else {},
        gaps=len(part.gaps),
        judged=0,
        policies=0,
    )


def _live(part: Collected, evaluation: Evaluation) -> Iterator[LedgerEntry]:
    """One entry for each unit and kind that was asked for, answered or not."""
    tallies = {(tally.unit, tally.kind): tally for tally in part.tallies}
    pairs = [(each.unit, kind) for each in part.asked for kind in each.kinds]
    for unit, kind in sorted({*pairs, *tallies}):
        tally = tallies.get((unit, kind), Tally(part.target, kind, 0, 0, unit=unit))
        questions = [each for each in part.asked if each.unit == unit and kind in each.kinds]
        yield replace(
            _kind(part.target, part, tally, evaluation),
            asked=len(questions),
            returned=sum(each.failed is None for each in questions),
            unit=unit,
            calls=sum(each.calls for each in questions),
            pages=sum(each.pages for each in questions),
            denied=sum(each.failed is GapReason.DENIED for each in questions),
        )


def _kind(target: str, part: Collected, tally: Tally, evaluation: Evaluation) -> LedgerEntry:
    def is_meant(collector: str, of: str, unit: str, kind: str) -> bool:
        here = not part.target or (of == part.target and unit == tally.unit)
        return (collector, kind) == (part.collector, tally.kind) and here

    return LedgerEntry(
        collector=part.collector,
        target=target,
        kind=tally.kind,
        asked=len(part.paths),
        returned=len(part.paths),
        found=tally.found,
        normalised=tally.normalised,
        dropped=dict(sorted(tally.dropped.items())),
        gaps=sum(_is_of(gap, tally) for gap in part.gaps),
        judged=sum(count for key, count in evaluation.judged.items() if is_meant(*key)),
        policies=sum(tally.kind in policy.kinds for policy in evaluation.policies),
        resources=sum(
            resource.kind == tally.kind and tally.unit in ("", resource.origin.unit)
            for resource in part.resources
        ),
    )


def _is_of(gap: Gap, tally: Tally) -> bool:
    return tally.kind in gap.hides and (not tally.unit or gap.unit in ("", tally.unit))


def gap_records(
    request: ScanRequest,
    run: Run,
    evaluation: Evaluation,
    entries: tuple[LedgerEntry, ...],
    tree: Tree,
) -> tuple[GapRecord, ...]:
    """All gaps, those that the books reveal included, in a stable order."""
    here = request.target
    found = [
        (part.collector, part.target or here, gap) for part in run.collected for gap in part.gaps
    ]
    found += [("policies", here, gap) for gap in evaluation.gaps]
    if run.interrupted:
        message = "the run was interrupted; what came later was neither read nor judged"
        found.append(("run", here, Gap(GapReason.TRUNCATED, here, message)))
    else:
        found += [(e.collector, e.target, _imbalance(e)) for e in entries if not e.balanced]
    hidden = _Hidden(tree) if request.compares else None
    records = {
        record.fingerprint: record
        for record in (_record(*origin_and_gap, hidden) for origin_and_gap in found)
    }
    return tuple(sorted(records.values(), key=lambda r: (r.collector, r.subject, r.message)))


def _imbalance(entry: LedgerEntry) -> Gap:
    """What was found in the source and neither judged nor accounted for."""
    message = (
        f"the books of {entry.kind} do not balance: {entry.found} found in the source, "
        f"{entry.normalised} normalised, {sum(entry.dropped.values())} left out for a reason; "
        f"{entry.resources} resources x {entry.policies} policies, {entry.judged} judged"
    )
    return Gap(GapReason.TRUNCATED, entry.kind, message, hides=(entry.kind,), unit=entry.unit)


def _record(collector: str, target: str, gap: Gap, hidden: _Hidden | None) -> GapRecord:
    subject, message = path_text(gap.subject), path_text(mask(gap.message))
    return GapRecord(
        reason=gap.reason,
        subject=subject,
        message=message,
        collector=collector,
        target=target,
        unit=gap.unit,
        location=location_of(gap.span),
        hides=gap.hides,
        fingerprint=fingerprint(gap.reason.value, collector, subject, message, gap.unit),
        digest="" if hidden is None else hidden.digest(gap),
    )


class _Hidden:
    """Digests of what gaps hide, by which a gap is the same before and after a change."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._read = {source.path: source for source in tree.sources()}
        self._problems = {problem.subject: problem.message for problem in tree.problems()}
        self._looks = _MOST_LOOKS

    def digest(self, gap: Gap) -> str:
        """16 hex digits over the text that a gap hides: the document that it is about, or else the
        statement that names what was not seen. Of a link that leads out of the tree, over that it
        does: what is outside no change touches. Empty if nothing tells."""
        if gap.digest:
            return gap.digest
        data = self._text(gap)
        return "" if data is None else hashlib.sha256(data).hexdigest()[:16]

    def _text(self, gap: Gap) -> bytes | None:
        if gap.span is not None and gap.reason in _OF_STATEMENTS:
            statement = " ".join((gap.statement or gap.span).text.split())
            words = f"{gap.subject} {gap.message} {statement}"
            return mask(words).encode("utf-8", "surrogatepass")
        source = gap.span.source if gap.span is not None else self._read.get(gap.subject)
        if source is not None:
            return source.data
        problem = self._problems.get(gap.subject, "")
        if problem.startswith(_LINK):
            return f"{gap.subject} {problem}".encode("utf-8", "surrogatepass")
        return self._look(gap.subject) if gap.reason is GapReason.TOO_LARGE else None

    def _look(self, path: str) -> bytes | None:
        """A document that is too large to be judged; a few of them, up to a limit."""
        if not self._looks:
            return None
        self._looks -= 1
        try:
            return self._tree.peek(path, limit=_LARGEST)
        except ReadError:
            return None


def summary(
    request: ScanRequest, findings: tuple[Finding, ...], gaps: tuple[GapRecord, ...], run: Run
) -> Summary:
    """The counts, and the exit code by the table of the README. A target of which nothing at all
    was seen leaves the run incomplete, whatever the reason."""
    counts = Counter(finding.verdict for finding in findings)
    own = [f.verdict for f in findings if f.resource.collector == GATE]
    if request.select and len(own) == len(findings):  # nothing else was asked for
        own = []
    judged = counts.total() - counts[Verdict.NOT_APPLICABLE] - len(own)
    blocking = [finding for finding in findings if finding.blocking]
    blocking_gaps = sum(gap.blocking for gap in gaps)
    decided = judged - counts[Verdict.UNKNOWN] + own.count(Verdict.UNKNOWN)
    nothing = not judged or not (_resources(run) or decided)
    silent = bool({*request.declared} - {*_reached(request, run), *run.needless})
    unseen = (
        nothing or silent or blocking_gaps or any(f.verdict is Verdict.UNKNOWN for f in blocking)
    )
    code = 1 if any(f.verdict is Verdict.FAIL for f in blocking) else 3 if unseen else 0
    outcome = _OUTCOMES[code]
    if nothing and code == 3:
        outcome = "incomplete: nothing was found that a policy could judge"
    elif silent and code == 3:
        outcome = "incomplete: of a target that was to be looked at, nothing was seen"
    if run.interrupted:
        outcome = f"interrupted: {outcome}"
    return Summary(
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        blocking_findings=len(blocking),
        blocking_gaps=blocking_gaps,
        gaps=len(gaps),
        assumed_passes=sum(bool(finding.assumes) for finding in findings),
        complete=not (gaps or counts[Verdict.UNKNOWN] or nothing or silent or run.interrupted),
        exit_code=code,
        outcome=outcome,
    )


def _resources(run: Run) -> bool:
    """Whether there was anything to judge besides what steers the gate."""
    return any(part.resources for part in run.collected if part.collector != GATE)


def _reached(request: ScanRequest, run: Run) -> tuple[str, ...]:
    """The targets of which something was seen. Of a directory, that is a file to read; whether
    there was anything to judge in it is another question."""
    answered = {part.target for part in run.collected if any(asked.pages for asked in part.asked)}
    if any(not part.target and part.paths for part in run.collected):
        answered.add(str(request.path))
    return tuple(target for target in request.declared if target in answered)


def _units(run: Run) -> dict[str, tuple[str, ...]]:
    """The roots and files, and the accounts and regions, that each collector judged."""
    found: dict[str, tuple[str, ...]] = {}
    for part in run.collected:
        if part.paths or part.gaps or part.asked:
            units = dict.fromkeys((*part.units, *(asked.unit for asked in part.asked)))
            before = found.get(part.collector, ())
            found[part.collector] = (*before, *(path_text(unit) for unit in units if unit))
    return found


def _not_asked(run: Run) -> Iterator[str]:
    """What lies beside what the live targets were asked about."""
    for target in run.needless:
        yield f"{target}: no policy that was selected judges what it shows"
    for part in run.collected:
        regions: dict[str, set[str]] = {}
        kinds = sorted({kind for asked in part.asked for kind in asked.kinds})
        for asked in part.asked:
            if in_account(asked.unit):
                regions.setdefault(set_unit(asked.unit), set()).add(region_of(asked.unit))
        for account, here in sorted(regions.items()):
            named = ", ".join(sorted(here - {GLOBAL})) or "none"
            yield f"{part.target}: regions of {account} besides {named}; kinds besides " + (
                ", ".join(kinds)
            )
        chosen = sorted({kind for each in part.asked if not each.whole for kind in each.kinds})
        if chosen:
            yield f"{part.target}: {', '.join(chosen)} besides those that were named"


def coverage(request: ScanRequest, run: Run, tree: Tree) -> Coverage:
    """What was there to be looked at and what was."""
    read = {source.path for source in tree.sources()}
    claimed = {path for part in run.collected for path in part.paths}
    excluded = [
        Exclusion(
            path_text(paths[0]) if len(paths) == 1 else f"{len(paths)} files", reason, len(paths)
        )
        for reason, paths in sorted(run.excluded.items())
    ]
    left_out = [path for paths in run.excluded.values() for path in paths]
    excluded += [
        Exclusion(f"nothing: no file matches {path_text(each.path)}", each.reason, 0)
        for each in request.configuration.exclude
        if not any(fnmatchcase(path, each.path) for path in left_out)
    ]
    excluded += [
        Exclusion(path_text(subject), reason, count) for subject, reason, count in tree.excluded()
    ]
    gap_subjects = {gap.subject for part in run.collected for gap in part.gaps}
    excluded += [
        Exclusion(path_text(problem.subject), problem.message)
        for problem in tree.problems()
        if problem.subject not in gap_subjects
    ]
    extensions = Counter(
        path_text(PurePosixPath(path).suffix or PurePosixPath(path).name)
        for path in run.unclaimed
        if path not in read
    )
    return Coverage(
        targets_declared=request.declared,
        targets_reached=_reached(request, run),
        excluded=tuple(excluded),
        units=_units(run),
        files_seen=len(claimed) + len(run.unclaimed) + sum(map(len, run.excluded.values())),
        files_read=len(tree.sources()),
        files_unclaimed=dict(sorted(extensions.items(), key=lambda item: (-item[1], item[0]))),
        types_without_kind=dict(
            sorted(sum((part.types for part in run.collected), Counter()).items())
        ),
        idle_assignments=tuple(
            path_text(each.place) for each in idle(request.configuration.scope, run.resources)
        ),
        targets_needless=tuple(run.needless),
        not_asked=tuple(map(path_text, _not_asked(run))),
    )

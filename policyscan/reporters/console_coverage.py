"""What was not decided and what was not looked at, on the console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from policyscan.findings.model import Change, Finding, GapRecord, Verdict
from policyscan.findings.report import ControlState, Report
from policyscan.reporters.console_findings import place
from policyscan.reporters.console_live import asked_lines
from policyscan.reporters.console_text import Page, some
from policyscan.reporters.difference_words import became, is_old
from policyscan.reporters.words import gap_unit
from policyscan.text.display import shortened
from policyscan.text.words import count

T = TypeVar("T")

SHOWN = 8
"""How many groups or gaps are listed unless everything is asked for."""
_KINDS = 6
"""Kinds that are named of policies that judged nothing."""
_MOST = 160
"""Characters of what would make a verdict pass; `explain` has it whole."""


def unknown_lines(report: Report, page: Page) -> Iterator[str]:
    """The verdicts that could not be reached, grouped by what would decide them; those from before
    that do not block are only counted."""
    unknown = report.of(Verdict.UNKNOWN)
    if not unknown:
        return
    groups: dict[str, list[Finding]] = {}
    listed = [finding for finding in unknown if _is_listed(finding, page)]
    for finding in listed:
        groups.setdefault("; ".join(finding.needs) or finding.reason, []).append(finding)
    newly = _newly(unknown)
    more = f", {newly:,} of them newly" if newly else ""
    yield page.heading(f"{count(len(unknown), 'verdict')} not known{more}")
    if len(listed) < len(unknown):
        words = f"not listed: {len(unknown) - len(listed):,} from before (-v lists all)"
        yield from page.wrap(words, 4, first=2)
    ordered = sorted(groups.items(), key=lambda item: (-_newly(item[1]), -len(item[1]), item[0]))
    for needs, members in _listed(ordered, page):
        yield from page.wrap(f"{len(members):,} decided by: {needs}", 4, first=2)
        yield from page.wrap(some(_pairs(members), len(members) if page.verbose else 4), 6)
        for residual in list(dict.fromkeys(one.residual for one in members if one.residual))[:3]:
            yield from page.wrap(residual if page.verbose else shortened(residual, _MOST), 6)
    yield from _rest(len(ordered), "group", page)
    for reason, number in _reasons(unknown).items():
        yield from page.wrap(f"{number:,} {reason}", 4, first=2)
    yield ""


def _newly(findings: Sequence[Finding]) -> int:
    return sum(finding.change is Change.NEWLY_UNKNOWN for finding in findings)


def gap_lines(report: Report, page: Page) -> Iterator[str]:
    """What was asked for and not seen."""
    if not report.gaps:
        return
    yield page.heading(f"{count(len(report.gaps), 'gap')}: asked for and not seen")
    for gap in _listed(sorted(report.gaps, key=lambda gap: not gap.blocking), page):
        yield from page.wrap(_gap(gap), 4, first=2)
    yield from _rest(len(report.gaps), "gap", page)
    yield ""


def question_lines(report: Report, page: Page) -> Iterator[str]:
    """At most five answers that would decide the most."""
    if not report.scope_questions:
        return
    yield page.heading("answers that would decide more")
    for question in report.scope_questions[:5]:
        text = f"{question.question} ({question.answer_in}; decides {question.decides:,})"
        yield from page.wrap(text, 4, first=2)
    yield ""


def coverage_lines(report: Report, page: Page) -> Iterator[str]:
    """What there was to look at, what was read, and what nobody judges."""
    coverage = report.coverage
    yield page.heading("looked at")
    live = {entry.collector for entry in report.ledger if entry.live}
    for collector, units in coverage.units.items():
        if collector in live:
            continue
        named = f" ({some(units, len(units) if page.verbose else 5)})" if units else ""
        yield from page.wrap(f"{collector}: {len(units):,}{named}", 4, first=2)
    if not coverage.units and not live:
        yield "  nothing: no file here is of a kind that a collector reads"
    yield from asked_lines(report, page)
    told = {*coverage.targets_reached, *coverage.targets_needless}
    missed = [target for target in coverage.targets_declared if target not in told]
    if missed:
        yield from page.wrap(f"targets not reached: {', '.join(missed)}", 4, first=2)
    for text in coverage.not_asked:
        yield from page.wrap(f"not asked: {text}", 4, first=2)
    if coverage.files_seen or not live:
        yield f"  {coverage.files_read:,} of {count(coverage.files_seen, 'file')} read"
    yield from _tally(page, "file", "not read by any collector", coverage.files_unclaimed)
    yield from _tally(
        page, "resource", "of a type that no policy knows", coverage.types_without_kind
    )
    for exclusion in _listed(coverage.excluded, page):
        text = f"left out: {exclusion.subject} ({exclusion.reason}; {exclusion.count:,})"
        yield from page.wrap(text, 4, first=2)
    yield from _rest(len(coverage.excluded), "exclusion", page)
    for where in coverage.idle_assignments:
        yield from page.wrap(f"scope.assign at {where} matches no resource", 4, first=2)
    yield from _idle_lines(report, page)
    yield ""


def _idle_lines(report: Report, page: Page) -> Iterator[str]:
    """The policies that judged nothing, by reason; those of one reason together."""
    idle: dict[str, Counter[str]] = {}
    for policy in report.policies:
        if policy.idle:
            reason = policy.idle.removesuffix(policy.kind)
            kind = policy.kind if reason != policy.idle else ""
            idle.setdefault(reason, Counter())[kind] += 1
    for reason, kinds in sorted(idle.items(), key=lambda item: -item[1].total()):
        words = count(kinds.total(), "policy", "policies")
        found = [f"{kind} ({number:,})" for kind, number in kinds.most_common() if kind]
        named = some(found, len(found) if page.verbose else _KINDS)
        yield from page.wrap(f"{words} judged nothing: {reason}{named}", 4, first=2)


def control_lines(report: Report, page: Page) -> Iterator[str]:
    """The controls whose evidence fails, in one paragraph."""
    if not report.controls:
        return
    states = Counter(control.state for control in report.controls)
    failing = [one for one in report.controls if one.state is ControlState.FAILING]
    incomplete = states[ControlState.UNDETERMINED] + states[ControlState.HIDDEN]
    named = f": {', '.join(control.id for control in failing)}" if failing else ""
    drafts = sum(control.draft for control in report.controls)
    text = (
        f"{len(failing):,} of {count(len(report.controls), 'control')} with failing evidence"
        f"{named}; {incomplete:,} incomplete, {states[ControlState.NO_EVIDENCE]:,} without evidence"
    )
    without = [policy.id for policy in report.policies if not policy.controls]
    if without:
        text += f"; {count(len(without), 'policy', 'policies')} in no control"
    yield from page.wrap(text + (f" ({count(drafts, 'draft')})" if drafts else ""), 2, first=0)


def _is_listed(finding: Finding, page: Page) -> bool:
    return page.verbose or page.changed or finding.blocking or not is_old(finding)


def _pairs(members: list[Finding]) -> Iterator[str]:
    by_policy: dict[str, list[str]] = {}
    for finding in members:
        by_policy.setdefault(finding.policy_id, []).append(finding.resource.shown)
    for policy, addresses in by_policy.items():
        yield f"{policy} on {some(addresses, 3)}"


def _reasons(unknown: tuple[Finding, ...]) -> Mapping[str, int]:
    """Why they block or do not, counted."""
    return Counter(
        f"{'blocking' if finding.blocking else 'not blocking'}: {finding.blocking_reason}"
        for finding in unknown
        if finding.blocking_reason
    )


def _gap(gap: GapRecord) -> str:
    unit = gap_unit(gap)
    where = f"{gap.subject} in {unit}" if unit else gap.subject
    if gap.location:
        at = place(gap.location)
        is_place = gap.subject.startswith(at)
        where = f"{gap.subject} ({at})"
        if is_place or gap.subject == gap.location.path:
            where = gap.subject if is_place else at
    hides = f" (may hide {', '.join(gap.hides)})" if gap.hides else ""
    blocks = "BLOCKS " if gap.blocking else ""
    change = f"; {became(gap)}" if gap.change else ""
    return f"{blocks}{gap.reason.value} {where}: {gap.message}{hides}{change}"


def _tally(page: Page, noun: str, fact: str, numbers: Mapping[str, int]) -> Iterator[str]:
    if not numbers:
        return
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    named = some((f"{name or 'no suffix'} {number:,}" for name, number in ordered), 6)
    yield from page.wrap(f"{count(sum(numbers.values()), noun)} {fact}: {named}", 4, first=2)


def _listed(items: Sequence[T], page: Page) -> Iterator[T]:
    return islice(items, None if page.verbose else SHOWN)


def _rest(total: int, noun: str, page: Page) -> Iterator[str]:
    if total > SHOWN and not page.verbose:
        yield f"  and {count(total - SHOWN, 'more ' + noun)} (-v lists all)"

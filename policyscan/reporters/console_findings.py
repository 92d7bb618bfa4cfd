"""Failures on the console, by file: what, where, why, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from msgspec.structs import replace

from policyscan.findings.model import Finding, Location, Severity, Verdict, Witness
from policyscan.findings.report import PolicyRecord, Report, RunRecord
from policyscan.reporters.again import explain_command
from policyscan.reporters.console_excerpt import excerpt_lines
from policyscan.reporters.console_text import Page
from policyscan.reporters.difference_words import became, edit_of, is_old
from policyscan.reporters.order import ordered
from policyscan.reporters.words import place_seen, scope_answer, seen, spot
from policyscan.text.display import one_line, path_text
from policyscan.text.words import count

_INDENT = 4
_NAMED = 5
"""Of what blocks, the most that the end of the log names."""


def failure_lines(report: Report, page: Page) -> Iterator[str]:
    """Every failure under its file, the file with the worst first; those that need no full account
    have one line each, and those that were there before and do not block are only counted."""
    outside = {criterion.id for criterion in report.criteria if not criterion.in_scope}
    policies = {policy.id: _in_scope(policy, outside) for policy in report.policies}
    worst: dict[str, tuple[bool, bool, int]] = {}
    listed = [finding for finding in report.of(Verdict.FAIL) if _is_listed(finding, page)]
    for finding in listed:
        subject = _subject(finding)
        worst[subject] = min(worst.get(subject, _weight(finding)), _weight(finding))
    failures = sorted(listed, key=lambda finding: (worst[_subject(finding)], _order(finding)))
    for subject, group in groupby(failures, key=_subject):
        found = list(group)
        yield page.heading(path_text(subject))
        for finding in found:
            if _in_full(finding, page):
                policy = policies.pop(finding.policy_id, None)
                yield from _full(finding, policy, report.run, page)
        brief = [finding for finding in found if not _in_full(finding, page)]
        for finding in brief:
            yield from _brief(finding, page)
        if brief:
            yield ""


def why_not_lines(report: Report, page: Page) -> Iterator[str]:
    """The failures that do not block, counted by the reason."""
    reasons: dict[str, int] = {}
    for finding in report.of(Verdict.FAIL):
        if not finding.blocking:
            reasons[finding.blocking_reason] = reasons.get(finding.blocking_reason, 0) + 1
    if not reasons:
        return
    yield page.heading("not blocking")
    for reason, number in reasons.items():
        yield from page.wrap(f"{count(number, 'failure')}: {reason or 'not said'}", 4, first=2)
    yield ""


def blocking_lines(report: Report, page: Page) -> Iterator[str]:
    """What blocks, once more and in short: gaps first, since the rest may follow from them."""
    told = [
        f"{gap.reason.value} {place(gap.location) or gap.subject}: {gap.message}"
        for gap in report.gaps
        if gap.blocking
    ]
    for finding in ordered(report.findings):
        if finding.blocking:
            at = f" {place(finding.location)}" if finding.location else ""
            told.append(f"{finding.policy_id}{at}: {finding.message}")
    if told:
        yield page.heading("blocks")
    for text in told[:_NAMED]:
        yield from page.wrap(text, 4, first=2)
    if len(told) > _NAMED:
        yield f"  and {len(told) - _NAMED:,} more, above"


def place(location: Location | None) -> str:
    """`path:line`, safe to show; empty without a place."""
    return path_text(location.place) if location else ""


def _is_listed(finding: Finding, page: Page) -> bool:
    return page.verbose or page.changed or finding.blocking or not is_old(finding)


def _order(finding: Finding) -> tuple[str, bool, bool, int, int, str]:
    line = finding.location.start_line if finding.location else 0
    return (_subject(finding), *_weight(finding), line, finding.policy_id)


def _weight(finding: Finding) -> tuple[bool, bool, int]:
    """What blocks comes first, then what was not there before, then what is more severe."""
    return (not finding.blocking, is_old(finding), finding.severity.rank)


def _subject(finding: Finding) -> str:
    """What a failure is shown under: its file, or else its target."""
    if finding.location:
        return finding.location.path
    where = place_seen(finding.resource.unit) if finding.resource.observed_at else ""
    target = finding.resource.target
    if not where:
        return f"{target} ({finding.resource.collector})"
    return target if where == target else f"{target}, {where}"


def _in_scope(policy: PolicyRecord, outside: set[str]) -> PolicyRecord:
    """The policy with the criteria that count."""
    if outside.isdisjoint(policy.criteria):
        return policy
    return replace(policy, criteria=tuple(one for one in policy.criteria if one not in outside))


def _in_full(finding: Finding, page: Page) -> bool:
    severe = finding.severity in (Severity.CRITICAL, Severity.HIGH)
    return page.verbose or finding.blocking or severe


def _full(
    finding: Finding, policy: PolicyRecord | None, run: RunRecord, page: Page
) -> Iterator[str]:
    """One failure with its evidence; `policy` is given once, with its first failure."""
    status = page.paint("BLOCKS", "red", "bold") if finding.blocking else "does not block"
    name = page.paint(one_line(finding.policy_id), "bold")
    yield f"  {page.severity(finding.severity)} {name}  {status}"
    where = f"{spot(finding.location)}: " if finding.location else ""
    yield from page.wrap(where + finding.message, _INDENT)
    yield ""
    if finding.excerpt:
        yield from excerpt_lines(finding.excerpt, page, _INDENT)
        yield ""
    for witness in finding.witnesses:
        yield from page.labelled("because", _evidence(witness, finding), _INDENT)
        yield from page.labelled("from", _path(witness), _INDENT)
    shown = {witness.path for witness in finding.witnesses}
    for answer in finding.scope:
        if answer.question not in shown:
            yield from page.labelled("scope", scope_answer(answer), _INDENT)
    yield from page.labelled("seen", seen(finding.resource), _INDENT)
    yield from page.labelled("change", became(finding), _INDENT)
    yield from page.labelled("if", finding.conditional.removeprefix("if "), _INDENT)
    yield from page.labelled("waiver", finding.unwaived, _INDENT)
    if policy:
        yield from page.labelled("why", policy.why, _INDENT)
        yield from page.labelled("fix", policy.fix, _INDENT)
        yield from page.labelled("evidence", ", ".join(policy.criteria), _INDENT)
    gate = "blocks" if finding.blocking else "does not block"
    yield from page.labelled("gate", f"{gate}: {finding.blocking_reason}", _INDENT)
    if finding.derivation:
        yield from page.labelled("more", explain_command(run, finding.fingerprint), _INDENT)
    yield ""


def _brief(finding: Finding, page: Page) -> Iterator[str]:
    start = f"  {finding.severity.value:<8} {one_line(finding.policy_id)}  {_line(finding)}"
    edits = filter(None, map(edit_of, finding.witnesses))
    told = (": ".join((finding.message, *edits)), finding.conditional, finding.unwaived)
    text = ", ".join(part for part in told if part)
    lines = page.wrap(text, 11, first=len(start))
    yield f"  {page.severity(finding.severity)} " + start[11:] + lines[0][len(start) :]
    yield from lines[1:]


def _line(finding: Finding) -> str:
    return f"line {finding.location.start_line}  " if finding.location else ""


def _evidence(witness: Witness, finding: Finding) -> str:
    left = f"{witness.path} = {witness.value}" if witness.path else witness.value
    note = "" if witness.note in finding.message else witness.note
    text = ": ".join(part for part in (left, note) if part)
    elsewhere = witness.location and witness.location != finding.location
    return f"{text} ({place(witness.location)})" if elsewhere else text


def _path(witness: Witness) -> str:
    """How the value came to be there, nearest step first; one step says nothing new, unless it
    says what a change did."""
    if len(witness.provenance) < 2 and not edit_of(witness):
        return ""
    steps = (
        f"{step.label} ({place(step.location)})" if step.location else step.label
        for step in witness.provenance
    )
    return " <- ".join(steps)

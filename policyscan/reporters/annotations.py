"""Annotations of a GitHub workflow: orders to the runner, which shows them at the lines that a
pull request changes.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands; what escapes
what: `ActionCommand.cs` of the runner.
"""

from __future__ import annotations

from collections.abc import Iterable

from policyscan.findings.model import Finding, GapRecord, Location, Severity, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.difference_words import became, is_old, no_longer_judged
from policyscan.reporters.order import ordered, ordered_gaps
from policyscan.reporters.outcome import counts, verdict
from policyscan.reporters.places import in_repository, is_file, origin, path_from_top
from policyscan.reporters.words import spot_in
from policyscan.text.display import clipped, one_line, path_text
from policyscan.text.logsafe import without_orders
from policyscan.text.words import count

MOST = 10
"""GitHub shows as many errors, as many warnings and as many notices of a step, and drops the rest
without a word."""
MOST_TEXT = 2_000
"""Characters of a message; a title has at most a tenth of it."""


class AnnotationsReporter:
    """Workflow commands: write them to the standard output of a step, nowhere else. This is the
    one format that gives orders to a CI system, and nothing in them is an order of anybody else."""

    name = "annotations"
    suffix = ".txt"

    def render(self, report: Report) -> bytes:
        """At most `MOST` errors, warnings and notices, the most important ones; the last notice
        counts everything. What blocks is an error, other failures that are new or worse are
        warnings, as are other gaps, and those of low severity are notices. Failures that were
        there before are counted alone: a pull request is not the place to read them."""
        by_kind: dict[str, list[Finding | GapRecord]] = {"error": [], "warning": [], "notice": []}
        every: list[Finding | GapRecord] = [*ordered_gaps(report.gaps), *ordered(report.findings)]
        for one in every:
            if kind := _kind(one):
                by_kind[kind].append(one)
        fixes = {policy.id: policy.fix for policy in report.policies}
        shown = [
            _gap(kind, one, report)
            if isinstance(one, GapRecord)
            else _finding(kind, one, report, fixes.get(one.policy_id, ""))
            for kind, found in by_kind.items()
            for one in found[: MOST - (kind == "notice")]
        ]
        old = sum(map(_is_old, every))
        shown.append(_last(report, sum(map(len, by_kind.values())) - len(shown), old))
        return "".join(f"{command}\n" for command in shown).encode()


def _kind(one: Finding | GapRecord) -> str:
    """`error`, `warning` or `notice`; empty for what is only counted."""
    if one.blocking:
        return "error"
    if isinstance(one, GapRecord):
        return "warning"
    if one.verdict is not Verdict.FAIL:
        return ""
    if _is_old(one):
        return ""
    return "notice" if one.severity is Severity.LOW else "warning"


def _is_old(one: Finding | GapRecord) -> bool:
    return (
        isinstance(one, Finding)
        and one.verdict is Verdict.FAIL
        and not one.blocking
        and is_old(one)
    )


def _finding(kind: str, finding: Finding, report: Report, fix: str) -> str:
    title = f"{finding.severity.value} {finding.policy_id}: {finding.title}"
    moved = in_repository(finding, report)
    parts = [
        finding.message,
        _origin(moved, report),
        f"Change: {became(finding)}" if finding.before else "",
        f"Not waived: {finding.unwaived}" if finding.unwaived else "",
        f"Fix: {fix}" if fix else "",
        f"Finding {finding.fingerprint}",
    ]
    return _command(kind, title, parts, moved.location, report)


def _origin(finding: Finding, report: Report) -> str:
    """Where the value that decides comes from, if that is another line than the annotated one."""
    place = origin(finding, finding.location)
    return f"From: {spot_in(path_from_top(place.path, report), place)}" if place else ""


def _gap(kind: str, gap: GapRecord, report: Report) -> str:
    hidden = ", ".join(gap.hides) or "anything"
    parts = [f"Not seen: {gap.subject}: {gap.message}", f"Hides {hidden}"]
    return _command(kind, f"gap: {gap.reason.value}", parts, gap.location, report)


def _last(report: Report, left: int, old: int) -> str:
    more = f"{left:,} more in the report. " if left else ""
    more += f"{count(old, 'failure')} that {'was' if old == 1 else 'were'} there before. " * bool(
        old
    )
    return _command(
        "notice",
        f"policyscan: {verdict(report)}",
        [f"{more}{counts(report)}{_narrowed(report)}"],
        None,
        report,
    )


def _narrowed(report: Report) -> str:
    number = len(no_longer_judged(report))
    return f". {number:,} judged before and no longer judged" if number else ""


def _command(
    kind: str, title: str, parts: Iterable[str], place: Location | None, report: Report
) -> str:
    """`::error file=…,line=…,title=…::message`; columns only for what is on one line, since GitHub
    refuses them otherwise."""
    properties: dict[str, str] = {}
    if is_file(place):
        properties["file"] = _property(without_orders(path_text(path_from_top(place.path, report))))
        properties |= {"line": str(place.start_line), "endLine": str(place.end_line)}
        if place.start_line == place.end_line:
            properties["col"] = str(place.start_column)
            properties["endColumn"] = str(max(place.end_column - 1, place.start_column))
    properties["title"] = _property(_line(title, MOST_TEXT // 10))
    told = ",".join(f"{name}={value}" for name, value in properties.items())
    message = "\n".join(_line(part, MOST_TEXT) for part in parts if part)
    return f"::{kind} {told}::{_data(message)}"


def _line(text: str, limit: int) -> str:
    """On one line, cut, and without what other CI systems would obey."""
    return clipped(without_orders(one_line(text)), limit)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

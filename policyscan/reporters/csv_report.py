"""CSV for spreadsheets: a row for each finding and each gap, in which nothing is a formula.

RFC 4180: commas, quotes where they are needed, CRLF. It begins with a byte order mark, since Excel
takes a file without one for another encoding than UTF-8.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO

from policyscan.findings.model import Finding, GapRecord, Location
from policyscan.findings.report import Report, Waiver
from policyscan.reporters.order import ordered, ordered_gaps
from policyscan.reporters.places import path_from_top, path_shown
from policyscan.reporters.words import waiver_people
from policyscan.text.display import clipped, one_line, path_text
from policyscan.text.logsafe import without_orders

COLUMNS = (
    "record", "verdict", "blocks", "change", "severity", "policy", "title", "message", "before",
    "kind", "resource", "unit", "target", "path", "line", "evidence", "reason", "needs", "scope",
    "observed_at", "waiver", "waived_until", "waived_by", "waived_because", "not_waived", "gate",
    "controls", "criteria", "fingerprint",
)  # fmt: skip
MOST = 32_000
"""Characters of a cell; Excel takes 32,767."""

# What a spreadsheet takes for the beginning of a formula, in full width as well, and after a
# semicolon, which many take for the end of a cell. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"(^\s*|;\s*)(?=[=+\-@\t\r\n＝＋－＠|%﹦﹢﹣﹫])")


class CsvReporter:
    """Flat, for people who sort and filter; what blocks comes first, then what is new or worse."""

    name = "csv"
    suffix = ".csv"

    def render(self, report: Report) -> bytes:
        """UTF-8 with a byte order mark; the first row names the columns."""
        file = StringIO(newline="")
        writer = csv.writer(file, dialect="excel", strict=True)
        writer.writerow(COLUMNS)
        for row in _rows(report):
            writer.writerow([cell(row.get(column, "")) for column in COLUMNS])
        return file.getvalue().encode("utf-8-sig")


def cell(text: str) -> str:
    """`text` on one line, with an apostrophe before whatever a spreadsheet would calculate, and no
    order for the CI system whose log it is printed into."""
    return _FORMULA.sub(r"\1'", clipped(without_orders(one_line(text)), MOST))


def _rows(report: Report) -> Iterator[dict[str, str]]:
    policies = {policy.id: policy for policy in report.policies}
    waivers = {waiver.id: waiver for waiver in report.waivers}
    for gap in ordered_gaps(report.gaps):
        yield _gap(gap, report)
    for finding in ordered(report.findings):
        policy = policies.get(finding.policy_id)
        yield _finding(finding, report, waivers.get(finding.waiver)) | {
            "controls": _listed(policy.controls) if policy else "",
            "criteria": _listed(policy.criteria) if policy else "",
        }


def _finding(finding: Finding, report: Report, waiver: Waiver | None) -> dict[str, str]:
    resource = finding.resource
    return {
        "record": "finding",
        "verdict": finding.verdict.value,
        "blocks": _yes(finding.blocking),
        "change": finding.change.value if finding.change else "",
        "severity": finding.severity.value,
        "policy": finding.policy_id,
        "title": finding.title,
        "message": finding.message,
        "before": finding.before,
        "kind": resource.kind,
        "resource": resource.shown,
        "unit": resource.unit,
        "target": resource.target,
        "evidence": _listed(
            f"{one.path} = {one.value}" if one.path else one.value for one in finding.witnesses
        ),
        "reason": finding.reason or finding.conditional,
        "needs": _listed(finding.needs),
        "scope": _listed(f"{one.question} {one.answer} ({one.basis})" for one in finding.scope),
        "observed_at": resource.observed_at,
        "waiver": finding.waiver,
        "waived_until": waiver.expires if waiver else "",
        "waived_by": waiver_people(waiver) if waiver else "",
        "waived_because": waiver.reason if waiver else "",
        "not_waived": finding.unwaived,
        "gate": finding.blocking_reason,
        "fingerprint": finding.fingerprint,
    } | _place(path_shown(finding, report), finding.location)


def _gap(gap: GapRecord, report: Report) -> dict[str, str]:
    return {
        "record": "gap",
        "blocks": _yes(gap.blocking),
        "change": gap.change.value if gap.change else "",
        "message": gap.message,
        "kind": _listed(gap.hides),
        "resource": gap.subject,
        "unit": gap.unit,
        "target": gap.target,
        "reason": gap.reason.value,
        "gate": gap.blocking_reason,
        "fingerprint": gap.fingerprint,
    } | _gap_place(gap, report)


def _gap_place(gap: GapRecord, report: Report) -> dict[str, str]:
    path = path_from_top(gap.location.path, report) if gap.location else ""
    return _place(path, gap.location)


def _place(path: str, place: Location | None) -> dict[str, str]:
    return {"path": path_text(path), "line": str(place.start_line)} if place else {}


def _listed(texts: Iterable[str]) -> str:
    return "; ".join(texts)


def _yes(value: bool) -> str:
    return "yes" if value else "no"

"""A security report of GitLab (SAST), for its vulnerability pages and merge request approvals.

Version 15.0.6 of https://gitlab.com/gitlab-org/security-products/security-report-schemas.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid5

from policyscan.findings.model import Finding, Location, Severity, Witness
from policyscan.findings.report import PolicyRecord, Report
from policyscan.reporters.difference_words import became
from policyscan.reporters.gitlab.told import gap_text, not_told, path_of, shown
from policyscan.reporters.layout import dump
from policyscan.reporters.order import ordered_gaps
from policyscan.reporters.outcome import counts, seen_whole, verdict
from policyscan.text.display import clipped, one_line
from policyscan.text.markdown import code, inline, prose

VERSION = "15.0.6"
MOST_MESSAGES = 200

_SCHEMA = (
    "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/"
    f"v{VERSION}/dist/sast-report-format.json"
)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")
_NAMESPACE = UUID("6f1e7a52-3a07-5d6c-9a43-0d1b8f6b6c2e")
_SEVERITIES = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}


class SastReporter:
    """The failures that have a place in a file. Gaps, and the counts of everything else, are
    messages of the scan, which has failed unless everything that blocks was seen."""

    name = "gitlab-sast"
    suffix = ".json"

    def render(self, report: Report) -> bytes:
        """ASCII, a line for each vulnerability."""
        failures = shown(report)
        policies = {policy.id: policy for policy in report.policies}
        seen: dict[str, int] = {}
        made = {
            "version": VERSION,
            "schema": _SCHEMA,
            "scan": _scan(report, len(failures)),
            "vulnerabilities": [
                _vulnerability(one, place, policies.get(one.policy_id), report, seen)
                for one, place in failures
            ],
        }
        return dump(made, depth=2)


def _scan(report: Report, told: int) -> dict[str, Any]:
    tool = {
        "id": "policyscan",
        "name": "policyscan",
        "version": one_line(report.tool.version) or "0",
        "vendor": {"name": "policyscan"},
    }
    return {
        "analyzer": tool,
        "scanner": tool,
        "type": "sast",
        "start_time": _time(report.run.started),
        "end_time": _time(report.run.ended),
        "status": "success" if seen_whole(report) else "failure",
        "messages": _messages(report, told),
    }


def _messages(report: Report, number: int) -> list[dict[str, str]]:
    rest = not_told(report, number)
    told = [("info", f"policyscan: {verdict(report)}; {counts(report)}")]
    if rest:
        told.append(("warn", f"no vulnerability here, but in the full report: {rest}"))
    gaps = ordered_gaps(report.gaps)
    told += [("fatal" if gap.blocking else "warn", gap_text(gap)) for gap in gaps[:MOST_MESSAGES]]
    if len(gaps) > MOST_MESSAGES:
        told.append(("warn", f"{len(gaps) - MOST_MESSAGES:,} more gaps in the full report"))
    return [{"level": level, "value": clipped(one_line(text), 2_000)} for level, text in told]


def _vulnerability(
    finding: Finding,
    place: Location,
    policy: PolicyRecord | None,
    report: Report,
    seen: dict[str, int],
) -> dict[str, Any]:
    """Its text is Markdown, as GitLab shows it."""
    fingerprint = one_line(finding.fingerprint)
    seen[fingerprint] = seen.get(fingerprint, 0) + 1
    policy_id = one_line(finding.policy_id)
    own = str(uuid5(_NAMESPACE, f"{fingerprint} {seen[fingerprint]}"))
    made = {
        "id": own,
        "name": clipped(one_line(finding.title) or policy_id, 255),
        "description": _description(finding, policy),
        "severity": _SEVERITIES[finding.severity],
        "solution": prose(policy.fix, 3_000) if policy else "",
        "identifiers": [
            # GitLab takes two of one place or signature with the same first identifier for one.
            {"type": "policyscan_finding", "name": fingerprint, "value": fingerprint},
            {"type": "policyscan_policy", "name": policy_id, "value": policy_id},
        ],
        "location": _location(place, report),
        # By this it knows one again that has moved; by its lines otherwise.
        "tracking": {
            "type": "source",
            "items": [{"signatures": [{"algorithm": "hash", "value": own}]}],
        },
    }
    return {name: value for name, value in made.items() if value}


def _description(finding: Finding, policy: PolicyRecord | None) -> str:
    blocks = "blocks" if finding.blocking else "does not block"
    parts = [
        inline(finding.message),
        *(f"Because {_evidence(witness)}" for witness in finding.witnesses[:5]),
        f"Change: {inline(became(finding))}" if finding.before else "",
        f"Not waived: {inline(finding.unwaived)}" if finding.unwaived else "",
        prose(policy.why, 2_000) if policy else "",
        f"Gate: {inline(f'{blocks}: {finding.blocking_reason}')}",
    ]
    return "\n\n".join(part for part in parts if part)


def _evidence(witness: Witness) -> str:
    fact = code(f"{witness.path} = {witness.value}" if witness.path else witness.value)
    return f"{fact}: {inline(witness.note)}" if witness.note else fact


def _location(place: Location, report: Report) -> dict[str, Any]:
    return {
        "file": path_of(place.path, report),
        "start_line": place.start_line,
        "end_line": place.end_line,
    }


def _time(text: str) -> str:
    """As the schema wants it, without a zone; the beginning of time if it is none."""
    found = _TIME.fullmatch(text)
    return found[1] if found else "1970-01-01T00:00:00"

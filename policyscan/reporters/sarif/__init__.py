"""SARIF 2.1.0 in the form that GitHub code scanning takes.

Results are the failures that have a place in a file; of a thing that runs, that is the place where
code declares it. What has no result here is counted in the properties of the run and told in its
notifications. Waived failures are no results, since GitHub
would show them as open.
"""

from __future__ import annotations

import gzip
import re
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from policyscan.findings.model import Finding, Verdict
from policyscan.findings.report import LedgerEntry, Report, RunRecord
from policyscan.reporters.drift_words import counts, has_drift
from policyscan.reporters.layout import dump
from policyscan.reporters.sarif.notifications import notifications
from policyscan.reporters.sarif.places import Artifacts, place_of
from policyscan.reporters.sarif.results import result
from policyscan.reporters.sarif.rules import rule
from policyscan.reporters.serving import facts_of, served, without_evidence
from policyscan.text.display import one_line

MAX_RESULTS = 5_000
"""GitHub shows as many of a run."""
MAX_BYTES = 10_000_000
"""Of the file, compressed; GitHub refuses a larger one."""

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


class SarifReporter:
    """Code scanning alerts. Alerts of another `category` on the same commit stay as they are."""

    name = "sarif"
    suffix = ".sarif"

    def __init__(self, category: str = "scan") -> None:
        self.category = category

    def render(self, report: Report) -> bytes:
        """One run, in ASCII, a line for each rule and result; within GitHub's limits."""
        limit = MAX_RESULTS
        data = self._render(report, limit)
        while len(data) > MAX_BYTES and len(gzip.compress(data, mtime=0)) > MAX_BYTES and limit:
            limit //= 2
            data = self._render(report, limit)
        return data

    def _render(self, report: Report, limit: int) -> bytes:
        run = _run(report, self.category, limit)
        return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, depth=6)


def _run(report: Report, category: str, limit: int) -> dict[str, Any]:
    failed = _placed_by_code(report)
    placed = [finding for finding in failed if place_of(finding)]
    kept = _worst(placed, limit)
    artifacts = Artifacts(report.documents, report.run.prefix)
    indexes = {policy.id: index for index, policy in enumerate(report.policies)}
    results = [result(one, indexes.get(one.policy_id), artifacts) for one in kept]
    left_out = {
        "failuresWithoutPlace": len(failed) - len(placed),
        "failuresOverLimit": len(placed) - len(kept),
    }
    evidence = served(report)
    return {
        "tool": {
            "driver": {
                "name": one_line(report.tool.name),
                "version": one_line(report.tool.version),
                "rules": [rule(policy, evidence[policy.id]) for policy in report.policies],
            }
        },
        "automationDetails": {"id": _identity(category, report.run)},
        "columnKind": "utf16CodeUnits",
        "invocations": [_invocation(report, notifications(report, left_out, artifacts))],
        "results": results,
        "artifacts": artifacts.listed(),
        "properties": _properties(report) | left_out,
    }


def _placed_by_code(report: Report) -> list[Finding]:
    """The failures; those of things that run, at the place where code declares the same thing."""
    declared = {
        (one.observed.unit, one.observed.address): replace(one.location, line_hash="")
        for one in report.drift
        if one.location
    }
    return [
        finding
        if place_of(finding)
        else replace(
            finding, location=declared.get((finding.resource.unit, finding.resource.address))
        )
        for finding in report.of(Verdict.FAIL)
    ]


def _worst(findings: list[Finding], limit: int) -> list[Finding]:
    """At most `limit` findings, the most severe and blocking ones, in their order."""
    by_weight = sorted(
        range(len(findings)),
        key=lambda index: (findings[index].severity.rank, not findings[index].blocking, index),
    )
    return [findings[index] for index in sorted(by_weight[:limit])]


def _identity(category: str, run: RunRecord) -> str:
    """Everything up to the last `/` is what GitHub takes for the category."""
    run_id = quote(run.id.encode("utf-8", "backslashreplace"), safe="")
    return f"policyscan/{one_line(category)}/{run_id}"


def _invocation(report: Report, told: list[dict[str, Any]]) -> dict[str, Any]:
    run = report.run
    times = {"startTimeUtc": run.started, "endTimeUtc": run.ended}
    return {
        "executionSuccessful": _saw_everything(report),
        "exitCode": report.summary.exit_code,
        "exitCodeDescription": one_line(report.summary.outcome),
        "commandLine": one_line(run.command),
        "arguments": [one_line(argument) for argument in run.arguments],
        **{name: time for name, time in times.items() if _UTC.fullmatch(time)},
        "toolExecutionNotifications": told,
    }


def _saw_everything(report: Report) -> bool:
    """Whether alerts that are not in this file may be closed."""
    return (
        report.summary.exit_code in (0, 1)
        and not report.run.interrupted
        and not any(gap.blocking for gap in report.gaps)
    )


def _properties(report: Report) -> dict[str, Any]:
    run, summary = report.run, report.summary
    return {
        "verdicts": {verdict.value: summary.verdicts.get(verdict, 0) for verdict in Verdict},
        "gaps": len(report.gaps),
        "blockingGaps": summary.blocking_gaps,
        "complete": summary.complete,
        "trigger": one_line(run.trigger),
        "commit": one_line(run.commit),
        "dirty": run.dirty,
        "base": one_line(run.base),
        "trust": one_line(run.trust),
        "trustCommit": one_line(run.trust_commit),
        "inForce": [
            {name: one_line(getattr(each, name)) for name in ("role", "path", "source")}
            for each in run.in_force
        ],
        "profile": one_line(report.profile.name),
        "policiesDigest": one_line(run.policies_digest),
        "configuration": one_line(run.configuration),
        "controlsFile": one_line(run.controls),
        "controlsDigest": one_line(run.controls_digest),
        "targets": [one_line(target) for target in report.coverage.targets_declared],
        "targetsReached": [one_line(target) for target in report.coverage.targets_reached],
        "asked": [_asked(entry) for entry in report.ledger if entry.live],
        **({"drift": counts(report)} if has_drift(report) else {}),
        "controls": {one_line(one.id): _plain(facts_of(one)) for one in report.controls},
        "withoutAutomatedEvidence": [one_line(name) for name in without_evidence(report.criteria)],
    }


def _asked(entry: LedgerEntry) -> dict[str, Any]:
    """The books of one account, region and kind."""
    return {
        "target": one_line(entry.target),
        "unit": one_line(entry.unit),
        "kind": one_line(entry.kind),
        "asked": entry.asked,
        "answered": entry.returned,
        "denied": entry.denied,
        "calls": entry.calls,
        "pages": entry.pages,
        "found": entry.found,
        "read": entry.normalised,
        "dropped": {one_line(reason): number for reason, number in entry.dropped.items()},
        "resources": entry.resources,
        "policies": entry.policies,
        "judged": entry.judged,
        "balanced": entry.balanced,
    }


def _plain(value: Any) -> Any:
    """`value` with every text on one line, as SARIF viewers expect it."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {one_line(name): _plain(member) for name, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list) else value

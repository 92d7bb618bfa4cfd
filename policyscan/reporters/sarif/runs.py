"""What a SARIF file says of the run as a whole, whichever results are in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from policyscan.findings.model import Verdict
from policyscan.findings.report import LedgerEntry, Report, RunRecord
from policyscan.reporters.drift_words import counts, has_drift
from policyscan.reporters.layout import dump
from policyscan.reporters.outcome import seen_whole
from policyscan.reporters.serving import facts_of, without_evidence
from policyscan.text.display import one_line

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_HOME = "https://github.com/policyscan/policyscan"
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def log_file(runs: Iterable[Mapping[str, Any]]) -> bytes:
    """The file, in ASCII, with a line for each part of a rule and result."""
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": iter(runs)}, depth=6)


def driver(report: Report, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """This program, with the rules of a run."""
    name, version = one_line(report.tool.name), one_line(report.tool.version)
    return {"name": name, "version": version, "informationUri": _HOME, "rules": rules}


def identity(category: str, run: RunRecord) -> str:
    """Everything up to the last `/` is what GitHub takes for the category."""
    run_id = quote(run.id.encode("utf-8", "backslashreplace"), safe="")
    return f"policyscan/{one_line(category)}/{run_id}"


def invocation(report: Report, told: list[dict[str, Any]]) -> dict[str, Any]:
    """How it ran, and what is `told` of what it did not see."""
    run = report.run
    times = {"startTimeUtc": run.started, "endTimeUtc": run.ended}
    return {
        "executionSuccessful": seen_whole(report),
        "exitCode": report.summary.exit_code,
        "exitCodeDescription": one_line(report.summary.outcome),
        "commandLine": one_line(run.command),
        "arguments": [one_line(argument) for argument in run.arguments],
        **{name: time for name, time in times.items() if _UTC.fullmatch(time)},
        "toolExecutionNotifications": told,
    }


def properties(report: Report) -> dict[str, Any]:
    """The counts of the run, and what was in force."""
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
        "waivers": one_line(run.waivers),
        "baselineDigest": one_line(run.baseline_digest),
        "controlsFile": one_line(run.controls),
        "controlsDigest": one_line(run.controls_digest),
        "targets": [one_line(target) for target in report.coverage.targets_declared],
        "targetsReached": [one_line(target) for target in report.coverage.targets_reached],
        "asked": [_asked(entry) for entry in report.ledger if entry.live],
        **({"changes": changes} if (changes := _changes(report)) else {}),
        **({"drift": counts(report)} if has_drift(report) else {}),
        "controls": {one_line(one.id): _plain(facts_of(one)) for one in report.controls},
        "withoutAutomatedEvidence": [one_line(name) for name in without_evidence(report.criteria)],
    }


def _changes(report: Report) -> dict[str, int]:
    difference = report.difference
    return {change.value: n for change, n in difference.counts.items()} if difference else {}


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

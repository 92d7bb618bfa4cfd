"""SARIF 2.1.0 with everything that a report holds, for programs that read the standard.

Every verdict is a result: `kind` says which, and only failures have a level. A waived failure is
one with a suppression; what became of a finding since the base is its `baselineState`. GitHub would
show all of that as alerts: `sarif` is for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyscan.findings.difference import Gone
from policyscan.findings.model import Change, Finding, Location, Verdict
from policyscan.findings.report import Report, RunRecord, Waiver
from policyscan.reporters.places import gone_place, in_repository, is_file
from policyscan.reporters.sarif.notifications import notifications
from policyscan.reporters.sarif.places import Artifacts, plain
from policyscan.reporters.sarif.results import LEVELS, result
from policyscan.reporters.sarif.rules import rule
from policyscan.reporters.sarif.runs import driver, identity, invocation, log_file, properties
from policyscan.reporters.sarif.selection import place_and_hash
from policyscan.reporters.sarif.taxa import Taxonomies
from policyscan.reporters.serving import served
from policyscan.reporters.words import waiver_people
from policyscan.text.display import one_line

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")
_KINDS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.UNKNOWN: "open",
    Verdict.WAIVED: "fail",
    Verdict.NOT_APPLICABLE: "notApplicable",
}
"""Of results, SARIF 3.27.9: `open` is what was judged and could not be decided."""
_STATES = {
    Change.NEW: "new",
    Change.WORSE: "updated",
    Change.NEWLY_UNKNOWN: "updated",
    Change.NARROWED: "updated",
    Change.BETTER: "updated",
    Change.UNCHANGED: "unchanged",
}
"""SARIF 3.27.24."""


class SarifFullReporter:
    """All verdicts in one run."""

    name = "sarif-full"
    suffix = ".full.sarif"

    def __init__(self, category: str = "scan") -> None:
        self.category = category

    def render(self, report: Report) -> bytes:
        """In ASCII, a line for each part of a rule and result."""
        return log_file([_run(report, self.category)])


def _run(report: Report, category: str) -> dict[str, Any]:
    evidence, taxonomies = served(report), Taxonomies(report.criteria)
    rules = [
        rule(policy, evidence[policy.id])
        | {"relationships": taxonomies.relationships(evidence[policy.id])}
        for policy in report.policies
    ]
    artifacts = Artifacts(report.documents, report.run.prefix)
    tool = driver(report, rules) | {"supportedTaxonomies": taxonomies.supported()}
    told = notifications(report, artifacts, whole=True)
    return {
        "tool": {"driver": tool},
        "taxonomies": taxonomies.listed(),
        "automationDetails": {"id": identity(category, report.run)},
        **_provenance(report.run),
        "columnKind": "utf16CodeUnits",
        "invocations": [invocation(report, told)],
        "results": _results(report, artifacts),
        "artifacts": artifacts.listed(all_read=True),  # when the results have been written
        "properties": properties(report),
    }


def _provenance(run: RunRecord) -> dict[str, Any]:
    """Which commit of which repository was read; nothing if either is not known."""
    if not (run.commit and _ADDRESS.fullmatch(run.repository)):
        return {}
    details: dict[str, Any] = {
        "repositoryUri": run.repository,
        "revisionId": one_line(run.commit),
        "properties": {"dirty": run.dirty},
    }
    return {"versionControlProvenance": [details]}


def _results(report: Report, artifacts: Artifacts) -> Iterator[dict[str, Any]]:
    """Every finding, in the order of the report; then, as absent, what is there no more."""
    indexes = {policy.id: index for index, policy in enumerate(report.policies)}
    waivers = {waiver.id: waiver for waiver in report.waivers}
    for finding in (in_repository(one, report) for one in report.findings):
        waiver = waivers.get(finding.waiver)
        yield _result(finding, indexes.get(finding.policy_id), waiver, artifacts)
    for gone in report.difference.gone if report.difference else ():
        yield _absent(gone, gone_place(gone, report), indexes.get(gone.policy_id), artifacts)


def _result(
    finding: Finding, rule_index: int | None, waiver: Waiver | None, artifacts: Artifacts
) -> dict[str, Any]:
    made = result(finding, *place_and_hash(finding), rule_index, artifacts)
    kind = _KINDS[finding.verdict]
    made |= {"kind": kind, "level": LEVELS[finding.severity] if kind == "fail" else "none"}
    logical = _logical(finding.resource.shown, finding.resource.kind)
    made["locations"] = [{**(made["locations"] or [{}])[0], "logicalLocations": [logical]}]
    made["fingerprints"] = {"policyscan/v1": one_line(finding.fingerprint)}
    made["properties"] |= _verdict(finding)
    made["suppressions"] = _suppressions(finding, waiver)
    if finding.change:
        made["baselineState"] = _STATES[finding.change]
    return made


def _verdict(finding: Finding) -> dict[str, Any]:
    """Why it is what it is; only what says something."""
    told = {
        "verdict": finding.verdict.value,
        "reason": one_line(finding.reason),
        "residual": one_line(finding.residual),
        "needs": [one_line(need) for need in finding.needs],
        "assumes": [one_line(assumed) for assumed in finding.assumes],
        "conditional": one_line(finding.conditional),
        "observedAt": one_line(finding.resource.observed_at),
        "observedBy": one_line(finding.resource.observed_by),
        "waiver": one_line(finding.waiver),
        "before": one_line(finding.before),
    }
    return {name: value for name, value in told.items() if value}


def _suppressions(finding: Finding, waiver: Waiver | None) -> list[dict[str, Any]]:
    """Who accepted it, why and until when. Of all others it is said that nobody did: SARIF 3.27.23
    wants it said of all results or of none."""
    if finding.verdict is not Verdict.WAIVED:
        return []
    made: dict[str, Any] = {
        "kind": "inSource" if waiver and waiver.inline else "external",
        "status": "accepted",
        "justification": plain(finding.blocking_reason or f"waived by {finding.waiver}"),
    }
    if waiver:
        told = ", ".join(filter(None, (waiver_people(waiver), f"until {waiver.expires}")))
        made["justification"] = plain(f"{waiver.reason} ({told})")
        facts = {
            "waiver": waiver.id,
            "owner": waiver.owner,
            "approver": waiver.approver,
            "until": waiver.expires,
            "ticket": waiver.ticket,
            "place": waiver.place,
            "status": waiver.status,
        }
        made["properties"] = {name: one_line(value) for name, value in facts.items() if value}
    return [made]


def _absent(
    gone: Gone, place: Location | None, rule_index: int | None, artifacts: Artifacts
) -> dict[str, Any]:
    """A failure or doubt that the base has."""
    kind = _KINDS[gone.verdict]
    location = artifacts.location(place) if is_file(place) else {}
    made: dict[str, Any] = {
        "ruleId": one_line(gone.policy_id),
        "level": LEVELS[gone.severity] if kind == "fail" else "none",
        "kind": kind,
        "message": {"text": plain(gone.message)},
        "locations": [{**location, "logicalLocations": [_logical(gone.address)]}],
        "fingerprints": {"policyscan/v1": one_line(gone.fingerprint)},
        "baselineState": "absent",
        "suppressions": [],
        "properties": {"verdict": gone.verdict.value, "unit": one_line(gone.unit)},
    }
    return made if rule_index is None else made | {"ruleIndex": rule_index}


def _logical(address: str, kind: str = "") -> dict[str, Any]:
    named = {"fullyQualifiedName": one_line(address)}
    return {**named, "kind": one_line(kind)} if kind else named

"""Audits of a moto server in this process, and how one that was disturbed may differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from policyscan.collectors.aws import AwsCollector
from policyscan.collectors.interface import Target
from policyscan.config import parse_configuration
from policyscan.errors import GapReason
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan
from tests.live.fault_proxy import Call
from tests.moto_account import ACCOUNT

REGIONS = ("eu-west-1", "us-east-1")
BUDGET = 0.9
"""Seconds for a service in a region: too few for a second attempt, enough for all first ones."""
NOT_REGIONAL = ("iam", "sts")
Pair = tuple[str, str]
"""A policy, and the address of a resource."""


def audit(
    select: Sequence[str] = (),
    *,
    regions: Sequence[str] = REGIONS,
    profile: str = "audit",
    now: datetime | None = None,
    **settings: object,
) -> Report:
    """The report on what the environment of this process leads to."""
    target = Target("aws", "aws", {"regions": tuple(regions), "budget": BUDGET, **settings})
    request = ScanRequest(
        path=None,
        configuration=parse_configuration("policyscan.yaml", b"version: 1"),
        profile=load_profile(profile, Path.cwd()),
        targets=(target,),
        select=tuple(select),
    )
    return scan(request, now=now or datetime.now(UTC))


@dataclass
class Judged:
    """What an audit said, in the form in which it is compared."""

    report: Report
    verdicts: Mapping[Pair, str] = field(init=False)
    kinds: Mapping[Pair, str] = field(init=False)
    units: Mapping[str, str] = field(init=False)
    """By address, the account and region."""

    def __post_init__(self) -> None:
        found = self.report.findings
        self.verdicts = {(f.policy_id, f.resource.address): f.verdict.value for f in found}
        self.kinds = {(f.policy_id, f.resource.address): f.resource.kind for f in found}
        self.units = {f.resource.address: f.resource.unit for f in found}


_MAY_BECOME = {
    "fail": {"fail", "unknown"},
    "pass": {"pass", "unknown"},
    "unknown": {"unknown"},
    "not_applicable": {"not_applicable", "unknown"},
}
"""By verdict, what becomes of it if less is seen."""


def problems(clean: Judged, faulted: Judged, call: Call) -> Iterator[str]:
    """What is wrong with an audit in which this call failed."""
    report = faulted.report
    if report.summary.exit_code == 0 or report.summary.complete:
        yield f"it ends with {report.summary.exit_code} and complete={report.summary.complete}"
    if any(gap.reason is GapReason.CRASHED for gap in report.gaps):
        yield f"it crashed: {[gap.message for gap in report.gaps]}"
    if not any(call.operation in gap.subject for gap in report.gaps):
        yield f"no gap names it, of {[gap.subject for gap in report.gaps]}"
    hidden = _hidden(faulted)
    kinds = affected_kinds(call)
    for entry in report.ledger:
        here = entry.kind in kinds and _is_of(entry.unit, call)
        if here and entry.gaps == 0:
            yield f"the ledger counts no gap for {entry.kind} in {entry.unit}"
        if here and call.service != "sts" and entry.asked == entry.returned:
            yield f"the ledger counts everything of {entry.kind} in {entry.unit} as answered"
    for pair, before in clean.verdicts.items():
        after = faulted.verdicts.get(pair)
        kind, unit = clean.kinds[pair], clean.units[pair[1]]
        touched = kind in kinds and (_is_of(unit, call) or "/" not in unit)
        if not touched and after != before:
            yield f"{pair} is not concerned and went from {before} to {after}"
        elif after is None and not any(kind in each or not each for each in hidden):
            yield f"{pair} was {before} and is lost: no gap hides {kind}"
        elif after is not None and after not in _MAY_BECOME[before]:
            yield f"{pair} went from {before} to {after}"
    for pair in faulted.verdicts.keys() - clean.verdicts.keys():
        if faulted.verdicts[pair] != "unknown":
            yield f"{pair} is new and {faulted.verdicts[pair]}"


def _hidden(judged: Judged) -> list[tuple[str, ...]]:
    return [gap.hides for gap in judged.report.gaps]


def affected_kinds(call: Call) -> frozenset[str]:
    """The kinds that hang on a call."""
    permissions = AwsCollector.permissions
    if call.service == "sts":
        return frozenset(permissions)
    return frozenset(kind for kind, subjects in permissions.items() if call.subject in subjects)


def _is_of(unit: str, call: Call) -> bool:
    """Whether a unit is one of those that a call is about."""
    if call.service == "sts":
        return True
    region = "global" if call.service in NOT_REGIONAL else call.region
    return unit == f"{ACCOUNT}/{region}"

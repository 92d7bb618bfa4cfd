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
NOT_REGIONAL = ("iam", "sts")
Pair = tuple[str, str]
"""A policy, and the address of a resource."""


def audit(
    select: Sequence[str] = (),
    *,
    regions: Sequence[str] = REGIONS,
    rules: str = "audit",
    policies: Path | None = None,
    now: datetime | None = None,
    **settings: object,
) -> Report:
    """The report on what the environment of this process leads to; by `policies` alone if they
    are given."""
    target = Target("aws", "aws", {"regions": tuple(regions), **settings})
    request = ScanRequest(
        path=None,
        configuration=parse_configuration("policyscan.yaml", b"version: 1"),
        profile=load_profile(rules, Path.cwd()),
        targets=(target,),
        select=tuple(select),
        only_policies=policies,
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


def problems(clean: Judged, faulted: Judged, calls: Sequence[Call]) -> Iterator[str]:
    """What is wrong with an audit in which these calls failed."""
    report = faulted.report
    if _went_elsewhere(clean, faulted, calls):
        return
    if report.summary.exit_code == 0 or report.summary.complete:
        yield f"it ends with {report.summary.exit_code} and complete={report.summary.complete}"
    if any(gap.reason is GapReason.CRASHED for gap in report.gaps):
        yield f"it crashed: {[gap.message for gap in report.gaps]}"
    yield from _unnamed(faulted, calls)
    for pair, before in clean.verdicts.items():
        after = faulted.verdicts.get(pair)
        if not _is_touched(clean, pair, calls):
            if after != before:
                yield f"{pair} is not concerned and went from {before} to {after}"
        elif after is None:
            if not _is_hidden(faulted, _found_as(clean, pair)):
                yield f"{pair} was {before} and is lost: no gap hides it"
        elif after not in _MAY_BECOME[before]:
            yield f"{pair} went from {before} to {after}"
    for pair in faulted.verdicts.keys() - clean.verdicts.keys():
        if faulted.verdicts[pair] != "unknown":
            yield f"{pair} is new and {faulted.verdicts[pair]}"


def _went_elsewhere(clean: Judged, faulted: Judged, calls: Sequence[Call]) -> bool:
    """Whether all that failed is the question who asks, which any other region answers as well."""
    as_before = not faulted.report.gaps and faulted.verdicts == clean.verdicts
    return as_before and all(call.operation == "GetCallerIdentity" for call in calls)


def _unnamed(faulted: Judged, calls: Sequence[Call]) -> Iterator[str]:
    """What neither the gaps nor the ledger tell of the calls that failed. One may fail because
    another did, and then was never made: so at least one is named."""
    gaps = faulted.report.gaps
    named = [
        call
        for call in calls
        if any(call.operation in gap.subject and _is_of(gap.unit, call) for gap in gaps)
    ]
    if not named:
        told = " and ".join(map(str, calls))
        yield f"no gap names {told}, of {[gap.subject for gap in gaps]}"
    for call in named:
        for entry in faulted.report.ledger:
            if entry.kind in affected_kinds(call) and _is_of(entry.unit, call):
                where = f"{entry.kind} in {entry.unit}"
                if entry.gaps == 0:
                    yield f"the ledger counts no gap for {where}"
                if entry.asked == entry.returned:
                    yield f"the ledger counts everything of {where} as answered"


FOUND_IN = {"ApiKey": "Secret"}
"""Kinds that are known of through another: the key that a secret is for."""
ACCOUNT_WIDE = ("Trail", "Detector")
"""Kinds that are judged as one set for all regions of an account."""


def _is_touched(clean: Judged, pair: Pair, calls: Sequence[Call]) -> bool:
    """Whether a verdict may depend on what one of the calls would have told."""
    unit, kind = clean.units[pair[1]], _found_as(clean, pair)
    return any(
        kind in affected_kinds(call)
        and (kind in ACCOUNT_WIDE or (_is_of(unit, call) and _may_be_about(clean, pair[1], call)))
        for call in calls
    )


def _found_as(judged: Judged, pair: Pair) -> str:
    return FOUND_IN.get(judged.kinds[pair], judged.kinds[pair])


def _may_be_about(clean: Judged, address: str, call: Call) -> bool:
    """False for a call about one thing, and another thing."""
    about = [each for each in clean.units if each.startswith("arn:") and each in call.parameters]
    return not about or address in about


def _is_hidden(judged: Judged, kind: str) -> bool:
    return any(kind in gap.hides or not gap.hides for gap in judged.report.gaps)


def affected_kinds(call: Call) -> frozenset[str]:
    """The kinds that hang on a call."""
    permissions = AwsCollector.permissions
    if call.service == "sts":
        return frozenset(permissions)
    subject = call.subject.replace("tagging:", "tag:")
    return frozenset(kind for kind, subjects in permissions.items() if subject in subjects)


def _is_of(unit: str, call: Call) -> bool:
    """Whether a unit is one of those that a call is about."""
    if call.service == "sts":
        return True
    region = "global" if call.service in NOT_REGIONAL else call.region
    return unit == f"{ACCOUNT}/{region}"

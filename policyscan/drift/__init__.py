"""Declared against real: the pairs of a run, both verdicts of each, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from policyscan.drift.compare import Comparison, compared
from policyscan.drift.unpaired import unpaired
from policyscan.findings.drift import (
    Drift,
    DriftDoubt,
    DriftState,
    Unpaired,
    VerdictPair,
)
from policyscan.findings.model import Finding, ResourceRef, Verdict
from policyscan.findings.places import location_of
from policyscan.inventory.counterparts import Pair, counterparts
from policyscan.request import Run
from policyscan.resources.base import Resource
from policyscan.witnesses import Subject

_Key = tuple[str, str, str, str, str]


class Told(Struct, frozen=True):
    """What a report says of declared and real things."""

    drift: tuple[Drift, ...] = ()
    doubts: tuple[DriftDoubt, ...] = ()
    unpaired: tuple[Unpaired, ...] = ()


def drift_of(run: Run, resources: Iterable[Resource], findings: Iterable[Finding]) -> Told:
    """What a run shows of things that are both declared and there. A run that asks nothing live
    does not come here."""
    found = counterparts(resources)
    by_resource: dict[_Key, dict[str, Verdict]] = {}
    for finding in findings:
        by_resource.setdefault(_key(finding.resource), {})[finding.policy_id] = finding.verdict
    comparison = Comparison(found.pairs)
    return Told(
        tuple(_drift(pair, comparison, by_resource) for pair in found.pairs),
        tuple(
            DriftDoubt(
                Subject.of(doubt.declared).ref,
                tuple(Subject.of(candidate).ref.shown for candidate in doubt.candidates),
                doubt.reason,
            )
            for doubt in found.doubts
        ),
        tuple(unpaired(run, found)),
    )


def _drift(
    pair: Pair, comparison: Comparison, verdicts: Mapping[_Key, Mapping[str, Verdict]]
) -> Drift:
    declared, observed = Subject.of(pair.declared), Subject.of(pair.observed)
    of_declared = verdicts.get(_key(declared.ref), {})
    of_observed = verdicts.get(_key(observed.ref), {})
    result = compared(pair, comparison)
    return Drift(
        kind=pair.declared.kind,
        declared=declared.ref,
        observed=observed.ref,
        joined_by=pair.joined_by,
        state=DriftState.DIFFERS if result.attributes else DriftState.SAME,
        compared=result.compared,
        attributes=result.attributes,
        not_known=result.not_known,
        verdicts=tuple(
            VerdictPair(policy, of_declared.get(policy), of_observed.get(policy))
            for policy in sorted({*of_declared, *of_observed})
        ),
        location=location_of(declared.span),
    )


def _key(ref: ResourceRef) -> _Key:
    return ref.kind, ref.collector, ref.target, ref.unit, ref.address

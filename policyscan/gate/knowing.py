"""What is compared of a finding, with what its resource tells besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from policyscan.facts.secrets import FIELDS, secrets_of
from policyscan.findings.difference import Known
from policyscan.findings.model import Finding, Verdict
from policyscan.resources.base import Resource

Resources = Mapping[tuple[str, str, str], Resource]
"""Of the findings: by kind, unit and address as findings show it."""


def known_pairs(findings: Iterable[Finding], resources: Resources) -> tuple[Known, ...]:
    """The pairs of findings, in order."""
    return tuple(_known(finding, resources) for finding in findings)


def _known(finding: Finding, resources: Resources) -> Known:
    ref, pair = finding.resource, Known.of(finding)
    resource = resources.get((ref.kind, ref.unit, ref.address))
    environment = getattr(resource, "environment", "")
    if isinstance(environment, str) and environment:
        pair = replace(pair, environment=environment)
    if resource is None or finding.verdict not in (Verdict.FAIL, Verdict.WAIVED):
        return pair
    if FIELDS.get(ref.kind) in finding.facts:
        pair = replace(pair, secrets=secrets_of(resource))
    return pair


def more_besides(earlier: Known, now: Known) -> str:
    """In words, what is worse of a failure beyond the values that its policy looks at."""
    if earlier.secrets and now.secrets - earlier.secrets:
        return "another secret is written there"
    return ""

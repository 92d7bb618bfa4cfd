"""What a run is compared with, and what came of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from policyscan.findings.model import (
    Change,
    Finding,
    GapRecord,
    Location,
    ResourceRef,
    Severity,
    Verdict,
)

BASE, BASELINE = "base", "baseline"
"""What a run may be compared with: a commit, or a stored list."""


class Held(Struct, frozen=True):
    """What a field holds."""

    digest: str
    """The same for the same, whatever others are called."""
    names: frozenset[str] = frozenset()
    """The addresses of others, and in words what is not known."""


class Known(Struct, frozen=True):
    """One pair as it was before: of a base tree, or an entry of a baseline."""

    fingerprint: str
    policy_id: str
    verdict: Verdict
    resource: ResourceRef
    severity: Severity
    message: str
    facts: Mapping[str, Any] = {}
    location: Location | None = None
    comments: tuple[str, ...] = ()
    """The waivers in comments that are about it, as they read."""
    file: str = ""
    """The path of the document that the resource is written in; empty if that is not told."""
    scope: Mapping[str, str] = {}
    """The answers that are known to questions of scope: `{"environment": "production"}`."""
    held: Mapping[str, Held] | None = None
    """Of a failure, by field what its resource holds; None if that is not told."""
    limits: Mapping[str, Any] = {}
    """Of a failure, as facts, what limits the harm of it, whatever its policy looks at."""
    holders: frozenset[str] | None = None
    """Of a statement of a policy, what it is attached to and whom it names; of a stage, the image
    if it makes that; None if that is not told."""
    secrets: frozenset[str] | None = None
    """Of a failure about secrets, which they are, in a form that means something in this run
    alone; None if that is not told."""

    @property
    def environment(self) -> str:
        """That the resource is in, if that is known."""
        return self.scope.get("environment", "")

    @classmethod
    def of(cls, finding: Finding) -> Known:
        """The pair of a finding."""
        return cls(
            finding.fingerprint,
            finding.policy_id,
            finding.verdict,
            finding.resource,
            finding.severity,
            finding.message,
            finding.facts,
            finding.location,
        )


Scopes = Mapping[tuple[str, str, str], Mapping[str, str]]
"""By kind, unit and address, the answers to questions of scope that a person, a tag or a connection
gave: `{"role": "trading"}`."""


class Before(Struct, frozen=True):
    """Everything that a run is compared with."""

    kind: str
    """`base` or `baseline`."""
    name: str
    """The commit as given, or the path of the file."""
    commit: str
    """The id of the commit; of a baseline, that it was written at, or empty."""
    pairs: tuple[Known, ...]
    """Of a baseline, the failures alone."""
    gaps: tuple[GapRecord, ...]
    why: str = ""
    """Why it is this commit, in words."""
    touched: tuple[str, ...] = ()
    """The documents of the run that are not there, or not as they are now."""
    addresses: frozenset[tuple[str, str]] = frozenset()
    """The units and addresses of all resources there; of a baseline none."""
    renamed: Mapping[str, str] = {}
    """By the path of a document of the run, the path that it had there, if it was renamed since."""
    scopes: Scopes = {}
    """What was known there of the scope of each resource; of a baseline nothing."""
    sha256: str = ""
    """Of the file that is a baseline."""
    tip: str = ""
    """The id of the commit to which its branch has gone on since; empty if it has not."""


class Gone(Struct, frozen=True):
    """A failure or doubt that was there before and has no counterpart now. In a comparison with a
    baseline, an entry that is stale."""

    fingerprint: str
    policy_id: str
    verdict: Verdict
    severity: Severity
    unit: str
    address: str
    message: str
    location: Location | None = None


class Difference(Struct, frozen=True):
    """What came of the comparison; each finding says its own part."""

    kind: str
    name: str
    commit: str
    counts: Mapping[Change, int]
    """All changes, zeros included."""
    gone: tuple[Gone, ...] = ()
    why: str = ""
    """Why it is this commit, in words: `main itself, on which HEAD builds`."""
    touched: tuple[str, ...] = ()
    """The documents that were read and are not there, or not as they are now; paths as elsewhere in
    the report."""

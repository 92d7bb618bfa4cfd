"""A finding: one verdict on one policy and one resource, with the evidence for it.

Everything here is plain data: strings, numbers, tuples. Excerpts and values were cut and masked
before they came here, so that no reporter can leak what it does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from policyscan.errors import GapReason, InvariantError
from policyscan.findings.derivation import Derivation
from policyscan.findings.location import Location as Location  # noqa: PLC0414 - it belongs to the model
from policyscan.resources.base import ProofLevel


class Verdict(StrEnum):
    """The only five ends that a (policy, resource) pair can have."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"


class Change(StrEnum):
    """What became of a pair, or of a gap, since the tree or the list that it is compared with."""

    NEW = "new"
    """It was not there."""
    WORSE = "worse"
    """It was there and fails now, or its failure is not covered by what failed then."""
    NEWLY_UNKNOWN = "newly_unknown"
    """It was there, and had a verdict."""
    NARROWED = "narrowed"
    """It was there and was judged; now the policy is not about it any more. Of a gap: what it hides
    was judged before."""
    UNCHANGED = "unchanged"
    BETTER = "better"
    """It was there, and failed, or failed with more, or was not known."""
    GONE = "gone"
    """It was there, and is no more."""


class Severity(StrEnum):
    """How bad a failure is; critical loses the account or the keys."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


class Plane(StrEnum):
    """Who can break or mend it."""

    CHANGE = "change"
    ACCOUNT = "account"
    ORGANISATION = "organisation"


def family_of(policy_id: str) -> str:
    """`NET` of `PS-NET-004`; an id of another form is its own family."""
    parts = policy_id.split("-")
    return parts[1] if len(parts) == 3 else policy_id


class Mark(Struct, frozen=True):
    """The part of one excerpt line that matters: 0-based code points, end exclusive."""

    line: int
    start: int
    end: int


class Excerpt(Struct, frozen=True):
    """A few lines of a document, masked, long lines cut, with the offending part marked."""

    path: str
    first_line: int
    lines: tuple[str, ...]
    marks: tuple[Mark, ...]
    """`Mark.line` is a line number of the document."""


class ProvenanceStep(Struct, frozen=True):
    """One step from the field of the resource back to the place where the value is written."""

    kind: str
    """A word of `resources.base.StepKind`."""
    label: str
    location: Location | None = None


class Witness(Struct, frozen=True):
    """The smallest evidence that decides: a path inside the resource and the value there."""

    path: str
    """`ingress[3].cidrs[0]`; empty if the whole resource is the evidence."""
    value: str
    """As the language writes it: `"0.0.0.0/0"`, `8443`, `true`; masked if it may be secret."""
    note: str = ""
    """What about it decides: `port 22 is reachable from 0.0.0.0/0`."""
    location: Location | None = None
    excerpt: Excerpt | None = None
    provenance: tuple[ProvenanceStep, ...] = ()


class ScopeAnswer(Struct, frozen=True):
    """An answer to a question of scope that a verdict depends on."""

    question: str
    """`role`, `environment`, `tier` or `purpose`."""
    answer: str
    basis: str
    """`declared`, `tagged`, `derived`, `named` or `default`."""
    because: tuple[ProvenanceStep, ...] = ()
    """The steps from the resource to what says so."""


class ResourceRef(Struct, frozen=True):
    """The resource of a finding, as far as reports need it."""

    kind: str
    address: str
    unit: str
    """The root (or account and region, or file) it was judged in."""
    collector: str
    target: str
    proof: ProofLevel
    observed_at: str = ""
    """When it was seen, RFC 3339 in UTC; empty for what a file declares."""
    observed_by: str = ""
    """The question whose answer showed it: `ec2:DescribeSecurityGroups`."""
    name: str = ""
    """What people call it, where the address of what was seen does not tell: a group's name."""
    digest: str = ""
    """Of what it holds, whatever it is called and wherever it is written; empty unless the run
    compares."""

    @property
    def shown(self) -> str:
        """The address, with the name if there is one: `arn:…:security-group/sg-1 (bot-0)`."""
        return f"{self.address} ({self.name})" if self.name else self.address


class Finding(Struct, frozen=True):
    """One verdict. It cannot be built without evidence that fits the verdict."""

    policy_id: str
    policy_version: int
    title: str
    severity: Severity
    plane: Plane
    verdict: Verdict
    message: str
    """One sentence on this resource, ending without a full stop."""
    resource: ResourceRef
    fingerprint: str
    location: Location | None = None
    """The tightest place to show; None for a thing that no document holds."""
    excerpt: Excerpt | None = None
    witnesses: tuple[Witness, ...] = ()
    reason: str = ""
    """Why it is unknown or does not apply, in words."""
    residual: str = ""
    """For unknown: the condition under which it passes (`PASS iff ...`)."""
    needs: tuple[str, ...] = ()
    """For unknown: what would decide it, each as a phrase with its place."""
    blocking: bool = False
    blocking_reason: str = ""
    """Why it blocks or why it does not, in words of the profile."""
    assumes: tuple[str, ...] = ()
    """For pass: defaults of root variables that it rests on (`var.cidr = "10.0.0.0/8"`)."""
    conditional: str = ""
    """Set if the resource may not exist: `if created: count depends on ...`."""
    scope: tuple[ScopeAnswer, ...] = ()
    """The answers to questions of scope that were looked at."""
    scope_basis: str = ""
    """The weakest basis of an answer that the failure depends on; empty if it depends on none."""
    waiver: str = ""
    """The id of the waiver in force, for verdict `waived`."""
    unwaived: str = ""
    """For a failure that waivers are about and do not accept: which, and why."""
    facts: Mapping[str, Any] = {}
    """For what fails: the values of the fields that the policy looks at, by field, as plain data
    without secrets. What a waiver accepts, and what tells worse from unchanged."""
    derivation: tuple[Derivation, ...] = ()
    """For what fails or is not known: how `when`, if the policy has one, and `require` were
    evaluated. Of what passes or does not apply, only `policyscan explain` tells it."""
    change: Change | None = None
    """Since what it is compared with; None if that says nothing of it: a commit of what runs, a
    list of failures of what does not fail."""
    before: str = ""
    """What it is compared with, in words: `it passed`, `port 22 was open to 10.0.0.0/8`."""

    def __post_init__(self) -> None:
        if not (self.policy_id and self.resource.address and self.fingerprint and self.message):
            raise InvariantError("a finding needs policy, address, fingerprint and message")
        if self.verdict in (Verdict.FAIL, Verdict.WAIVED) and not self.witnesses:
            raise InvariantError(f"{self.policy_id} on {self.resource.address}: no witness")
        if self.verdict is Verdict.UNKNOWN and not (self.reason and (self.residual or self.needs)):
            raise InvariantError(f"{self.policy_id} on {self.resource.address}: unknown why?")
        if self.verdict is Verdict.NOT_APPLICABLE and not self.reason:
            raise InvariantError(f"{self.policy_id} on {self.resource.address}: applies why not?")


class GapRecord(Struct, frozen=True):
    """Something asked for that was not seen, as reports show it."""

    reason: GapReason
    subject: str
    message: str
    collector: str
    target: str
    unit: str = ""
    """The root, or the account and region, if known."""
    location: Location | None = None
    hides: tuple[str, ...] = ()
    blocking: bool = False
    blocking_reason: str = ""
    fingerprint: str = ""
    digest: str = ""
    """Of the text that it hides; empty if nothing of that was read, or the run does not compare."""
    change: Change | None = None
    """Since what the run is compared with; None if it is compared with nothing."""
    before: str = ""
    """What became of it, in words."""

"""The whole result of a run. Every report format is a pure function of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from policyscan.findings.difference import Difference
from policyscan.findings.drift import Drift, DriftDoubt, Unpaired
from policyscan.findings.model import Finding, GapRecord, Plane, Severity, Verdict

SCHEMA = "https://policyscan.dev/schema/report-1.json"
"""The form of the JSON report that a `Report` of this version is."""


class ToolRecord(Struct, frozen=True):
    """What ran."""

    name: str
    version: str
    digest: str
    """SHA-256 over the installed package's files."""
    python: str
    libraries: Mapping[str, str]


class InForce(Struct, frozen=True):
    """A file, or a folder of policies, that steered the gate."""

    role: str
    """`configuration`, `profile`, `policies`, `waivers`, `baseline`, `controls` or `CAs`."""
    path: str
    """As it was named."""
    source: str
    """`disk`, or the commit from which it was read, as that was named."""


class RunRecord(Struct, frozen=True):
    """Who ran it, when, on what, with what in force. Times are RFC 3339 in UTC."""

    id: str
    trigger: str
    """`manual`, `pull_request`, `push`, `schedule` ..."""
    actor: str
    started: str
    ended: str
    arguments: tuple[str, ...]
    command: str
    """The command that repeats this run."""
    commit: str
    """The commit of the tree, or empty outside a git work tree."""
    dirty: bool | None
    """True if a document that was read differs from the commit; None without a commit."""
    base: str
    """The commit that it is compared with, as given; empty without one."""
    policies_digest: str
    configuration: str
    """The path of the configuration in force, or `none`."""
    configuration_digest: str
    waivers_digest: str
    controls: str = "draft"
    """The path of the firm's controls, or `draft`: those that ship."""
    controls_digest: str = ""
    """SHA-256 of that file."""
    baseline_digest: str = ""
    """SHA-256 of the baseline that it is compared with; empty without one."""
    waivers: str = "none"
    """The path of the waivers in force."""
    trust: str = ""
    """The commit from which policies, profile, waivers, baseline and configuration were read;
    empty if they were read from disk."""
    trust_commit: str = ""
    """Its id."""
    in_force: tuple[InForce, ...] = ()
    """What steered the gate besides what ships, and where each was read."""
    interrupted: bool = False
    prefix: str = ""
    """Where the scanned directory lies in its repository: `infra/`; empty at its top. Paths in the
    report are relative to the scanned directory."""
    repository: str = ""
    """Its address on the web, as the CI system tells it, without credentials; empty elsewhere."""
    project: str = ""
    """What the configuration calls it; empty if it does not."""


class Profile(Struct, frozen=True):
    """What blocks, as printed in every report."""

    name: str
    sha256: str
    rules: tuple[str, ...]
    """Each rule as a sentence."""


class LedgerEntry(Struct, frozen=True):
    """The books of one target and kind: found = normalised + dropped, resources x policies =
    judged. `found` counts blocks, statements or stages in the source, by code that shares nothing
    with the normaliser; one block may give several resources."""

    collector: str
    target: str
    kind: str
    """A resource kind, or `document`."""
    asked: int
    """Asked for: files claimed, or questions put to what runs."""
    returned: int
    """Of those, read or answered whole."""
    found: int
    normalised: int
    dropped: Mapping[str, int]
    gaps: int
    judged: int
    """Findings on resources of this kind."""
    policies: int
    """Policies selected for this kind."""
    resources: int = 0
    """Resources of this kind in the inventory."""
    unit: str = ""
    """The account and region; empty for files, and for targets that have no parts."""
    calls: int = 0
    """Requests that were sent, repeated ones included."""
    pages: int = 0
    """Answers that came."""
    denied: int = 0
    """Questions that were refused for want of a right."""

    @property
    def live(self) -> bool:
        """Whether something that runs was asked."""
        return bool(self.unit or self.calls)

    @property
    def balanced(self) -> bool:
        """Whether the books balance."""
        return (
            self.found == self.normalised + sum(self.dropped.values())
            and self.judged == self.resources * self.policies
        )


class Exclusion(Struct, frozen=True):
    """Something in a target that was left out on purpose."""

    subject: str
    reason: str
    count: int = 1


class Coverage(Struct, frozen=True):
    """What was there to be looked at and what was."""

    targets_declared: tuple[str, ...]
    targets_reached: tuple[str, ...]
    excluded: tuple[Exclusion, ...]
    units: Mapping[str, tuple[str, ...]]
    """Roots and other units by collector: `{"terraform": ("infra/prod",)}`."""
    files_seen: int
    files_read: int
    files_unclaimed: Mapping[str, int]
    """Files that no collector reads, by extension."""
    types_without_kind: Mapping[str, int]
    """Types of resources that were read and that no kind models: `{"aws_instance": 3}`."""
    idle_assignments: tuple[str, ...] = ()
    """Where `scope.assign` has answers that match no resource: `policyscan.yaml:7:5`."""
    targets_needless: tuple[str, ...] = ()
    """Targets that were declared and not asked: no selected policy judges what they show."""
    not_asked: tuple[str, ...] = ()
    """What lies beside what live targets were asked about: other regions, kinds, images."""


class Document(Struct, frozen=True):
    """One document that was read."""

    path: str
    sha256: str
    size: int


class Waiver(Struct, frozen=True):
    """An accepted failure."""

    id: str
    policy: str
    selector: str
    reason: str
    owner: str
    approver: str
    expires: str
    """The last day on which it holds, in UTC: `2027-01-31`."""
    status: str
    """`in force`; `expiring`, soon; `expired`; `lapsed`, as values got worse than it accepts;
    `unused`, as nothing fails that it is for; `refused`."""
    covers: int = 0
    """The failures that it accepts: also of one that has lapsed, where its values still do."""
    because: str = ""
    """Why it does not hold, or when it will not."""
    ticket: str = ""
    place: str = ""
    """Where it is written: `waivers.yaml:3`, `infra/main.tf:12`."""
    inline: bool = False
    """Whether it is a comment. Its owner is then who changed the file last, if git knows."""
    since: str = ""
    """The day on which it was granted, in UTC; empty for a comment."""


class Strength(StrEnum):
    """How much the evidence of a control says about a criterion."""

    DIRECT = "direct"
    SUPPORTING = "supporting"
    PARTIAL = "partial"


class ControlState(StrEnum):
    """What the evidence of one run says about a control: the worst that is known. One with anything
    undetermined is never clean."""

    FAILING = "failing"
    UNDETERMINED = "undetermined"
    HIDDEN = "hidden"
    WAIVED = "waived"
    CLEAN = "clean"
    NO_EVIDENCE = "no_evidence"


class Criterion(Struct, frozen=True):
    """A point of an external framework: its id, our own words for it, and what of this run is
    evidence relevant to it."""

    id: str
    """`SOC2:CC6.1`, `ISO27001:A.8.20`, `CSF:PR.AA-05` ..."""
    framework: str
    title: str
    version: str = ""
    """The version of the framework."""
    category: str = ""
    """`availability`, `confidentiality` or `processing_integrity`: what a SOC 2 report may leave
    out; else empty."""
    in_scope: bool = True
    """False for a category that the configuration does not declare."""
    controls: Mapping[str, Strength] = {}
    """The controls that serve it."""
    policies: tuple[str, ...] = ()
    """The policies whose verdicts are evidence relevant to it; without any, none is automated."""
    counts: Mapping[Verdict, int] = {}
    """The verdicts of those policies."""


class Control(Struct, frozen=True):
    """The firm's own statement, which auditors test."""

    id: str
    statement: str
    owner: str
    """Empty if nobody has named one."""
    frequency: str
    policies: tuple[str, ...]
    criteria: tuple[str, ...]
    """The strongest first."""
    draft: bool
    """Whether it is as it ships, adopted by nobody."""
    strengths: Mapping[str, Strength] = {}
    """How strong its evidence is, by criterion."""
    suggested_owner: str = ""
    """Who may own it, where nobody has been named."""
    counts: Mapping[Verdict, int] = {}
    """The verdicts of its policies."""
    gaps: int = 0
    """Gaps that may hide resources which its policies concern."""
    state: ControlState = ControlState.NO_EVIDENCE


class PolicyRecord(Struct, frozen=True, kw_only=True):
    """A policy as it was in force. Of one that was not read whole, since nothing of its kind is
    there, only the head is known."""

    id: str
    slug: str
    version: int
    title: str
    severity: Severity
    plane: Plane
    kind: str
    path: str
    sha256: str
    why: str = ""
    fix: str = ""
    control: str
    """The control that its file names."""
    controls: tuple[str, ...] = ()
    """The controls in force that it is evidence for; in none, if empty."""
    criteria: tuple[str, ...] = ()
    guide: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = {}
    changed: tuple[str, ...] = ()
    """The parameters to which the configuration gave another value than the policy does."""
    when: str = ""
    require: str = ""
    counts: Mapping[Verdict, int]
    idle: str = ""
    """Why it judged nothing; empty if it judged something."""


class ScopeQuestion(Struct, frozen=True):
    """A question whose answer decides verdicts."""

    question: str
    decides: int
    answer_in: str
    """Where to write the answer: a key of policyscan.yaml."""
    entry: str = ""
    """What to write there, as YAML, with the first choice filled in."""


class Summary(Struct, frozen=True):
    """The counts of a run."""

    verdicts: Mapping[Verdict, int]
    """All five, zeros included."""
    blocking_findings: int
    blocking_gaps: int
    gaps: int
    assumed_passes: int
    complete: bool
    """Nothing that was asked for is unseen and no verdict is unknown."""
    exit_code: int
    outcome: str
    """The exit code in words."""
    waivers: Mapping[str, int] = {}
    """By state, how many waivers there are."""


class Report(Struct, frozen=True):
    """The whole result of a run. Findings and gaps are in a stable order."""

    tool: ToolRecord
    run: RunRecord
    profile: Profile
    summary: Summary
    findings: tuple[Finding, ...]
    gaps: tuple[GapRecord, ...]
    ledger: tuple[LedgerEntry, ...]
    coverage: Coverage
    documents: tuple[Document, ...]
    policies: tuple[PolicyRecord, ...]
    controls: tuple[Control, ...]
    criteria: tuple[Criterion, ...]
    waivers: tuple[Waiver, ...] = ()
    scope_questions: tuple[ScopeQuestion, ...] = ()
    drift: tuple[Drift, ...] = ()
    """What is both declared and there, and how the two differ."""
    drift_doubts: tuple[DriftDoubt, ...] = ()
    """What is declared and may be several things that are there."""
    unpaired: tuple[Unpaired, ...] = ()
    """By kind, what is on one side alone."""
    difference: Difference | None = None
    """What became of it since the base or the baseline; None without either."""
    schema: str = SCHEMA

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """The findings with one verdict, in order."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

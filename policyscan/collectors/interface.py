"""What a collector is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct, field

from policyscan.errors import GapReason
from policyscan.resources.base import Gap, Origin, ProofLevel, Resource, Step, StepKind, Tally
from policyscan.text.tree import Tree


class Reading(Struct, frozen=True):
    """What the collector asks of the run besides the tree."""

    target: str
    """What the user asked for, as given."""
    options: Mapping[str, object] = field(default_factory=dict)
    """The collector's own part of the configuration, already validated."""
    now: datetime | None = None
    """When the run began, to tell dates that cannot be; ages are for policies."""
    kinds: frozenset[str] = frozenset()
    """Those of its kinds that the selected policies need: at least one. A live collector asks for
    nothing else, so that it needs no more rights than `collectors permissions` says."""


class Unclassified(Struct, frozen=True):
    """Things that were read and that no kind models, by type, for the coverage."""

    types: Mapping[str, int]


class Units(Struct, frozen=True):
    """The units (roots, files) that the collector judged on their own."""

    names: tuple[str, ...]


class Declined(Struct, frozen=True):
    """Files that were claimed for their name and are not read after all."""

    paths: tuple[str, ...]
    reason: str = ""
    """Why they are left out, which every report says; empty if they turned out to be something
    else, and count as files that no collector reads."""


class Closed(Struct, frozen=True):
    """A source that lists every resource of a kind in a unit: there are no others."""

    kind: str
    unit: str


Item = Resource | Gap | Tally | Unclassified | Units | Declined | Closed


class FileCollector(Protocol):
    """Reads one kind of file in a tree. Nothing it does raises for what a tree holds: whatever
    it cannot read it yields as a `Gap` and goes on."""

    name: str
    kinds: tuple[str, ...]
    """The kinds it can produce."""

    def claims(self, path: str, head: bytes) -> bool:
        """Whether it reads this file; `head` is its first 512 bytes (may be empty)."""

    def read(self, tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
        """Everything in `paths`, in a stable order."""


class Target(Struct, frozen=True):
    """Something to ask that is no file: an account, an engine, endpoints."""

    collector: str
    name: str
    """What reports call it: `aws`, `aws:production`, `docker`, `tls`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What was said of it on the command line or under `targets`, already validated."""


class Answer(Struct, frozen=True):
    """One document of a live source: a page of an API, a handshake, an image as its engine
    describes it. What may be secret is taken out before it becomes one."""

    unit: str
    """Where it was asked: `111122223333/eu-west-1`; resources made from it are judged there."""
    subject: str
    """What was asked: `ec2:DescribeSecurityGroups`, `handshake`."""
    data: Any
    """Plain data, as JSON has it; times are RFC 3339 texts in UTC."""
    about: str = ""
    """The one thing that it was asked about, where each is asked about on its own."""
    page: int = 1
    at: datetime | None = None
    """When, by the clock of who answered, or else by ours."""

    def origin(self, collector: str, target: str) -> Origin:
        """Where a resource comes from that was made from it."""
        return Origin(
            collector,
            target,
            self.unit,
            None,
            ProofLevel.OBSERVED,
            observed_at=self.at,
            observed_by=self.subject,
        )

    def call(self) -> Step:
        """The request that it answers: the last step of the provenance of what it tells."""
        parts = [self.subject, f"in {self.unit}"]
        parts += [f"about {self.about}"] if self.about else []
        parts += [f"page {self.page}"] if self.page > 1 else []
        parts += [f"at {self.at:%Y-%m-%dT%H:%M:%SZ}"] if self.at else []
        return Step(StepKind.CALL, " ".join(parts))


class Asked(Struct, frozen=True):
    """What became of one question in one unit: for the ledger, once it is answered or given up."""

    unit: str
    subject: str
    kinds: tuple[str, ...]
    """The kinds that hang on it."""
    calls: int
    """Requests that were sent, repeated ones included."""
    pages: int
    """Answers that came."""
    failed: GapReason | None = None
    """Why not all of it was answered; the gap says the rest."""
    whole: bool = True
    """False if it was asked only of what the user named: there may be others of these kinds."""


Said = Answer | Asked | Gap
"""What asking yields."""


@runtime_checkable
class Examined(Protocol):
    """A collector that needs more than files: a package, an engine, credentials."""

    name: str

    def doctor(self, target: Target) -> Iterator[tuple[str, str]]:
        """What it has here and what it lacks, for `collectors doctor`: a label and what was found,
        which begins with `ok: ` or `missing: `. It takes seconds, whoever does not answer."""


class LiveCollector(Examined, Protocol):
    """Asks something that runs. `collect` is all input and output; what it raises for is a defect,
    and whatever it cannot see it yields as a `Gap`. `read` is pure: the same answers give the same
    resources, so that tests of policies can hand it answers."""

    name: str
    kinds: tuple[str, ...]
    subjects: Mapping[str, tuple[str, ...]]
    """By the subject of its answers, the kinds that hang on it."""
    permissions: Mapping[str, tuple[str, ...]]
    """By kind, what it needs to be allowed: `ec2:DescribeSecurityGroups`."""

    def collect(self, target: Target, reading: Reading) -> Iterator[Said]:
        """Every answer of a target, for the kinds that `reading` asks for, in a stable order."""

    def read(self, answers: Sequence[Answer], reading: Reading) -> Iterator[Item]:
        """The resources in the answers, and for each kind and unit a tally whose `found` is counted
        by code that makes no resources."""

"""What a scan is asked for, and what it has so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from policyscan.collectors.interface import Answer, Asked, Target
from policyscan.config import Configuration
from policyscan.findings.difference import Before
from policyscan.findings.model import family_of
from policyscan.findings.profiles import ProfileRules
from policyscan.findings.report import InForce
from policyscan.findings.waivers import WaiverFile
from policyscan.policy import Policy
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.resources.kinds import MODULES
from policyscan.resources.units import GLOBAL, in_account, region_of, set_unit
from policyscan.text.files import Folder


def is_selected(policy_id: str, select: Sequence[str]) -> bool:
    """Whether a policy is among the selected: its id or its family is named, or nothing is."""
    names = (policy_id, family_of(policy_id))
    return not select or any(word.upper() in names for word in select)


@dataclass(frozen=True)
class ScanRequest:
    """What is to be scanned, and what is in force while it is."""

    path: Path | None
    """The directory to read; None if only live targets are asked."""
    configuration: Configuration
    profile: ProfileRules
    targets: tuple[Target, ...] = ()
    """What is asked besides files, in order."""
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    """By the name of a target, what it answered: read instead of asking."""
    policy_directories: tuple[Folder, ...] = ()
    """Directories whose policies are judged as well as those that ship."""
    only_policies: Path | None = None
    """A directory to take the place of the policies that ship."""
    loaded: tuple[Policy, ...] = ()
    """Policies that are loaded already: they alone are judged, and nothing is read for them."""
    select: tuple[str, ...] = ()
    """Policy ids and families; empty for all."""
    ref: str = ""
    """A commit to judge instead of the files on disk."""
    staged: bool = False
    """Whether the index is judged instead of the files on disk: what a commit made now would
    hold. It is compared with `HEAD` unless another base is named."""
    index: str = ""
    """The absolute path of another index than the repository's own, for `staged`."""
    base: str = ""
    """A commit that the run is compared with, from where the judged one branched off: only what is
    new or worse blocks."""
    base_commit: str = ""
    """Its id, if that is known already: a name may come to mean something else."""
    exactly: bool = False
    """Whether it is compared with that commit itself, wherever the judged one branched off."""
    baseline: Before | None = None
    """A stored list that it is compared with, in place of a commit."""
    trust: str = ""
    """The commit from which what steers the gate was read; empty if it was read from disk."""
    trust_commit: str = ""
    """Its id, likewise."""
    in_force: tuple[InForce, ...] = ()
    """What steers the gate besides what ships, and where each was read."""
    counterpart: Path | None = None
    """A directory that stands for the trusted side in tests of policies."""
    waivers: WaiverFile | None = None
    """The file of waivers in force."""
    trusts_tree: bool = True
    """Whether what the tree says of the gate (a waiver in a comment) counts: not if a pull request
    can have written it."""
    is_kept: bool = False
    """Whether what comes of it is stored, to be compared with later."""
    explains: str = ""
    """A policy, by its id or slug, or how a fingerprint begins: it is told how those findings were
    decided even if they pass or do not apply."""
    arguments: tuple[str, ...] = ()
    trigger: str = "manual"
    repository: str = ""
    actor: str = ""

    @property
    def has_base(self) -> bool:
        """Whether another commit is judged besides."""
        return self.staged or bool(self.base or self.trust)

    @property
    def target(self) -> str:
        """The directory as given, or else the first live target."""
        return str(self.path) if self.path is not None else self.targets[0].name

    @property
    def declared(self) -> tuple[str, ...]:
        """All that the user asked to look at."""
        files = () if self.path is None else (str(self.path),)
        return (*files, *(target.name for target in self.targets))

    @property
    def compares(self) -> bool:
        """Whether this run is compared with something, or another will be with it."""
        return self.has_base or self.baseline is not None or self.is_kept

    def selects(self, policy_id: str) -> bool:
        """Whether a policy is to be judged."""
        return is_selected(policy_id, self.select)


@dataclass
class Collected:
    """What one collector brought from one target."""

    collector: str
    kinds: tuple[str, ...]
    paths: list[str]
    target: str = ""
    """The live target; empty for files."""
    resources: list[Resource] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    types: Counter[str] = field(default_factory=Counter)
    """Resources that were read and that no kind models, by type."""
    units: list[str] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    """Kind and unit of the sets that it listed whole."""
    opened: dict[tuple[str, str], str] = field(default_factory=dict)
    """Kind and unit of the sets that it asked for and did not list whole, and why."""
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


@dataclass
class Run:
    """What a run has so far; complete unless it was interrupted."""

    collected: list[Collected] = field(default_factory=list)
    excluded: dict[str, list[str]] = field(default_factory=dict)
    """Paths left out by configuration, by the reason it gives."""
    unclaimed: list[str] = field(default_factory=list)
    """Paths that no collector reads."""
    needless: list[str] = field(default_factory=list)
    """Live targets that no selected policy is about: they are not asked."""
    interrupted: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that the inputs found here can be read into."""
        return frozenset(kind for part in self.collected for kind in part.kinds)

    @property
    def resources(self) -> list[Resource]:
        """All resources of all collectors."""
        return [resource for part in self.collected for resource in part.resources]

    @property
    def regions(self) -> Mapping[str, tuple[str, ...]]:
        """By account, the regions of it that were asked, by whichever target."""
        found: dict[str, set[str]] = {}
        for unit in (asked.unit for part in self.collected for asked in part.asked):
            if in_account(unit) and region_of(unit) != GLOBAL:
                found.setdefault(set_unit(unit), set()).add(region_of(unit))
        return {account: tuple(sorted(regions)) for account, regions in sorted(found.items())}

    @property
    def closed(self) -> frozenset[tuple[str, str]]:
        """Kind and unit of the sets that have no members elsewhere."""
        return frozenset(pair for part in self.collected for pair in part.closed)

    @property
    def opened(self) -> dict[tuple[str, str], str]:
        """Kind and unit of the sets that were asked for and may have more members, and why."""
        found: dict[tuple[str, str], str] = {}
        for part in self.collected:
            found |= part.opened
        return found

    @property
    def unseen(self) -> frozenset[str]:
        """The kinds of which there may be some that were not seen."""
        hides = {
            kind for part in self.collected for gap in part.gaps for kind in gap.hides or MODULES
        }
        return frozenset(MODULES if self.interrupted else hides)

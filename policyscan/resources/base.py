"""What every resource has: address, tags, origin and the way each value came to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct, field
from pydantic import BaseModel, ConfigDict

from policyscan.errors import GapReason, ReadError
from policyscan.resources.scope import UNASKED, Environment, Role, Tier
from policyscan.text.source import Span
from policyscan.values import Maybe, Unknown


class ProofLevel(StrEnum):
    """How strong the evidence of a source is, strongest first."""

    OBSERVED = "observed"
    CONFIGURED = "configured"
    HEURISTIC = "heuristic"
    ASSERTED = "asserted"
    EXTERNAL = "external"


class StepKind(StrEnum):
    """What a step of a provenance chain is."""

    ATTRIBUTE = "attribute"
    EXPRESSION = "expression"
    LOCAL = "local"
    MODULE_ARGUMENT = "module argument"
    MODULE_OUTPUT = "module output"
    MODULE_DEFAULT = "module default"
    ROOT_DEFAULT = "root default"
    TFVARS = "tfvars"
    REFERENCE = "reference"
    BLOCK = "block"
    INSTRUCTION = "instruction"
    STAGE = "stage"
    TABLE = "table"
    IMPLIED = "implied"
    COMMIT = "commit"
    CALL = "call"
    ANSWER = "answer"
    JOIN = "join"
    BEFORE = "before"


class Step(Struct, frozen=True):
    """One step of a provenance chain: `label` is what a person calls it (`var.cidr`)."""

    kind: StepKind
    label: str
    span: Span | None = None


Chain = tuple[Step, ...]
"""From the field of the resource back to the place where the value is written."""


class Origin(Struct, frozen=True):
    """Where a resource comes from."""

    collector: str
    target: str
    """What the user asked for, as given."""
    unit: str
    """The root, account and region, or file in which it is judged: `infra/prod`, `.`,
    `111122223333/eu-west-1`."""
    span: Span | None
    """The block, stage or statement; None for a thing that no document holds."""
    proof: ProofLevel
    observed_at: datetime | None = None
    """When it was seen, by the clock of who showed it; ages are counted up to then. None for what
    is written in a file."""
    observed_by: str = ""
    """The question whose answer showed it: `ec2:DescribeSecurityGroups`."""
    region: str = ""
    """Where its provider makes it, if its source says so; of what was seen, the unit tells."""


class Gap(Struct, frozen=True):
    """Something asked for that was not seen, and what that hides."""

    reason: GapReason
    subject: str
    """What was not seen: a path, a module address, an API operation."""
    message: str
    span: Span | None = None
    hides: tuple[str, ...] = ()
    """Kinds that may be there unseen; empty if anything may be."""
    unit: str = ""
    """The root or other unit it belongs to, if known."""
    statement: Span | None = None
    """All that says what is hidden, where that is more than `span`."""
    digest: str = ""
    """By which what it hides is known again, where that is more than one document."""

    @classmethod
    def of(cls, error: ReadError, *, hides: tuple[str, ...] = (), unit: str = "") -> Gap:
        """The gap that a read error leaves."""
        return cls(error.reason, error.subject, error.message, error.span, hides, unit)


# A model's validator is built when its first instance is: a run meets few of the kinds.
_CONFIG = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True)


class Part(BaseModel):
    """A structure inside a resource: a rule of a group. The resource holds its chains."""

    model_config = _CONFIG


class Resource(BaseModel):
    """One thing of one kind, as far as its source tells; policies do not see `HIDDEN` fields."""

    model_config = _CONFIG

    kind: ClassVar[str]
    HIDDEN: ClassVar[frozenset[str]] = frozenset(
        {"origin", "chains", "seals", "conditional", "identity", "names", "scope"}
    )

    address: str
    """Stable across runs: `module.net.aws_security_group.bot[0]`, `Dockerfile#stage-2`."""
    tags: Maybe[Mapping[str, Maybe[str]]] = {}
    """Tags and labels, as they are written: `has(resource.tags.owner)`."""
    origin: Origin
    chains: Mapping[str, Chain] = {}
    """Provenance by field path: `ingress[0].cidrs[1]`."""
    seals: Mapping[str, frozenset[str]] = {}
    """By the path of a field that tells of secrets, the seals of those that are known: see
    `resources.seals`. They mean something in this run alone."""
    conditional: Unknown | None = None
    """Set if it is not known whether the resource exists: an unknown `count`."""
    role: Maybe[Role] = UNASKED
    """What it is for. Like the next two it is decided in the inventory, once for each resource,
    unless its source says it."""
    environment: Maybe[Environment] = UNASKED
    """Tests count as development. A tag that says `prod` means production."""
    tier: Maybe[Tier] = UNASKED
    """The value at risk behind it: over 100,000 US dollars, over 10,000, or less."""
    scope: Mapping[str, str] = {}
    """For fields that answer a question of scope, the basis of the answer: `declared`, `tagged`,
    `derived`, `named` or `default`."""
    identity: str = ""
    """The address under which its findings are known; differs after a `moved` block."""
    names: tuple[str, ...] = ()
    """What else those call it who refer to it: its id, its ARN, the digest of an image."""

    def provenance(self, path: str) -> Chain:
        """How the value at `path` came about; the nearest enclosing path that is known."""
        while path:
            if path in self.chains:
                return self.chains[path]
            cut = max(path.rfind("."), path.rfind("["))
            path = path[:cut] if cut > 0 else ""
        return (Step(StepKind.BLOCK, self.address, self.origin.span), *self._seen_by())

    def _seen_by(self) -> Chain:
        """The call whose answer shows it; nothing for what is written in a file."""
        if self.origin.proof is not ProofLevel.OBSERVED:
            return ()
        steps = (step for chain in self.chains.values() for step in chain)
        return next(((step,) for step in steps if step.kind is StepKind.CALL), ())

    def stable_address(self) -> str:
        """The address that fingerprints use."""
        return self.identity or self.address


class Tally(Struct, frozen=True):
    """A collector's own count of one target: what it asked for and what came of it."""

    target: str
    kind: str
    """Kind of resource, or `document` for files."""
    found: int
    """Counted in the source, without the code that normalises (blocks, statements, stages)."""
    normalised: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Found and not made a resource, by reason: `count is 0`, `joined to its group`."""
    unit: str = ""
    """The account and region that it is about; empty if it is about the whole target."""

    @property
    def balanced(self) -> bool:
        """Whether all that was found became a resource or was left out for a reason."""
        return self.found == self.normalised + sum(self.dropped.values())

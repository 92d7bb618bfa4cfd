"""What a collector is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from policyscan.resources.base import Gap, Resource, Tally
from policyscan.text.tree import Tree


class Reading(Struct, frozen=True):
    """What the collector asks of the run besides the tree."""

    target: str
    """What the user asked for, as given."""
    options: Mapping[str, object] = field(default_factory=dict)
    """The collector's own part of the configuration, already validated."""
    now: datetime | None = None
    """When the run began, to tell dates that cannot be; ages are for policies."""


class Unclassified(Struct, frozen=True):
    """Things that were read and that no kind models, by type, for the coverage."""

    types: Mapping[str, int]


class Units(Struct, frozen=True):
    """The units (roots, files) that the collector judged on their own."""

    names: tuple[str, ...]


class Declined(Struct, frozen=True):
    """Files that were claimed for their name and turned out to be something else; they count as
    files that no collector reads."""

    paths: tuple[str, ...]


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
    permissions: tuple[str, ...]
    """What it needs to be allowed, for `collectors permissions`; empty for files."""

    def claims(self, path: str, head: bytes) -> bool:
        """Whether it reads this file; `head` is its first 512 bytes (may be empty)."""

    def read(self, tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
        """Everything in `paths`, in a stable order."""

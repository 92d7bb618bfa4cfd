"""From what the language says of an evaluation to the derivation of a finding, without secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from msgspec.structs import replace as replaced

from policyscan.findings.derivation import Derivation, Link
from policyscan.findings.hiding import hidden, shown_address
from policyscan.findings.places import links_of
from policyscan.inventory import Inventory
from policyscan.language import Deduction, Outcome
from policyscan.resources.base import Resource
from policyscan.resources.masking import mask
from policyscan.text.display import shortened
from policyscan.values import PartialList
from policyscan.witnesses import Subject, need_of

Derive = Callable[[], tuple[Derivation, ...]]
"""Tells how a verdict came about."""

MAX_TEXT = 300
"""Characters of an expression or a note."""
MAX_CHAINS = 8
"""Values of one tree of which it is told how they came about; of a `when` that holds, none."""


class Derivations:
    """Makes the derivations of a run; equal leaves are one object."""

    def __init__(
        self, inventory: Inventory, secrets: Callable[[Resource], tuple[str, ...]]
    ) -> None:
        self._inventory = inventory
        self._secrets = secrets
        self._leaves: dict[Derivation, Derivation] = {}
        self._last: tuple[Outcome, str, tuple[Derivation, ...]] | None = None

    def of(
        self, subject: Subject, applies: Outcome | None, outcome: Outcome | None, *, is_set: bool
    ) -> tuple[Derivation, ...]:
        """How `when`, if it was asked, and `require` came about. All members of a set share the
        derivation of its one outcome."""
        if not is_set:
            return tuple(self._each(subject, subject.resource, applies, outcome))
        assert outcome is not None
        unit, last = subject.ref.unit, self._last
        if last is None or last[0] is not outcome or last[1] != unit:
            last = self._last = outcome, unit, tuple(self._each(subject, None, None, outcome))
        return last[2]

    def _each(
        self,
        subject: Subject,
        resource: Resource | None,
        applies: Outcome | None,
        outcome: Outcome | None,
    ) -> Iterator[Derivation]:
        for label, one in (("when", applies), ("require", outcome)):
            deduction = one.deduction if one is not None else None
            if one is not None and deduction is not None:
                traced = label == "require" or one.truth is not True
                tree = _Tree(self, subject.ref.unit, resource, MAX_CHAINS if traced else 0)
                made = tree.made(deduction, label)
                secrets = tree.secrets()
                yield hidden(made, secrets) if secrets else made

    def find(self, address: str, unit: str) -> Resource | None:
        """The resource of an address."""
        return self._inventory.find(address, unit)

    def secrets(self, resource: Resource) -> tuple[str, ...]:
        """The texts of a resource that are secrets."""
        return self._secrets(resource)

    def shared(self, leaf: Derivation) -> Derivation:
        """The same leaf, as it was made first."""
        return self._leaves.setdefault(leaf, leaf)


class _Tree:
    """One derivation while it is made."""

    def __init__(
        self, all_: Derivations, unit: str, resource: Resource | None, most_chains: int
    ) -> None:
        self._all = all_
        self._most_chains = most_chains
        self._unit = unit
        self._resource = resource
        self._owners: dict[str, Resource | None] = {"": resource}
        self._chains: dict[tuple[str, str], tuple[Link, ...]] = {}

    def made(self, one: Deduction, label: str = "") -> Derivation:
        """The tree below and with `one`; as deep as the language makes it."""
        parts = tuple(map(self.made, one.parts))
        made = Derivation(
            _masked(one.expression),
            mask(one.value),
            one.decides,
            label or _label(one.label),
            mask(one.path),
            shown_address(one.address),
            _masked(one.note),
            tuple(_masked(need_of(reason)) for reason in one.opened),
            one.rest,
            self._chain(one),
            parts,
        )
        return made if parts or made.provenance else self._all.shared(made)

    def secrets(self) -> tuple[str, ...]:
        """The secrets of all resources that it is about, the longest first."""
        owners = (owner for owner in self._owners.values() if owner is not None)
        found = {text for owner in owners for text in self._all.secrets(owner)}
        return tuple(sorted(found, key=lambda text: (-len(text), text)))

    def _chain(self, one: Deduction) -> tuple[Link, ...]:
        """How a value that decides came about."""
        if not one.path and not one.address:
            return ()
        if one.address not in self._owners:
            self._owners[one.address] = self._all.find(one.address, self._unit)
        owner = self._owners[one.address]
        if owner is None or not one.decides:
            return ()
        key = one.address, one.path
        if key not in self._chains and len(self._chains) < self._most_chains:
            self._chains[key] = links_of(owner.provenance(one.path))
        return self._chains.get(key, ())


def _label(label: str) -> str:
    """The label without secrets. What a variable of a policy is called gives none away, though it
    may well be `secret`."""
    name, equals, member = label.partition(" = ")
    return f"{name}{equals}{_masked(member)}" if equals else _masked(label)


@lru_cache(4096)
def _masked(text: str) -> str:
    """Hidden first and cut then: half a secret could not be recognised."""
    return shortened(mask(text), MAX_TEXT)


def too_few(members: Sequence[Resource] | PartialList[Resource], least: int) -> Outcome:
    """The outcome on a set with fewer members than a policy expects."""
    known = members.known if isinstance(members, PartialList) else members
    told = Deduction(f"size(members) >= {least}", "false", True, note=f"there are {len(known)}")
    if not isinstance(members, PartialList):
        return Outcome(False, derive=lambda: told)
    open_ = replaced(told, value="unknown", opened=(members.unknown,))
    residual = f"PASS iff there are at least {least}"
    return Outcome(None, reasons=(members.unknown,), residual=residual, derive=lambda: open_)

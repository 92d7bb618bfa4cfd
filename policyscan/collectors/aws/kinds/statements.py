"""Statements of the policies of an account's identities, and of their trust policies.

There is one resource for each statement of each policy. The address is the ARN of the policy, or of
the role, user or group that it is written inside, with `#` and the statement's `Sid`, or else its
number among those without one: `#trust.`, `#inline[name].` and `#boundary.` before it say which
policy it is. A policy that AWS manages belongs to each of those it is attached to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policyscan.collectors.aws.answers import LISTED_TWICE, Item, Unit, distinct
from policyscan.collectors.aws.kinds.identities import DETAILS, Holder, Identities, boundary_of
from policyscan.resources.base import Chain, Resource, Step, StepKind, Tally
from policyscan.resources.iam.documents import statements_of
from policyscan.resources.iam.managed_policies import TABLE, lookup, managed_name
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.iam.written import Written, by_table, labelled, nothing_known
from policyscan.values import Many, Maybe, Unknown, Why

JOINED = "joined to its policy"
EMPTY = "its policy has no statement"
OF_AWS = "a text of AWS's own, judged where it is attached"


def read(unit: Unit) -> Iterator[Resource | Tally]:
    """Every statement of every policy, and the count of the policies in their places."""
    if not unit.pages(DETAILS):
        return
    reader = _Reader(unit)
    yield from reader.statements()
    yield Tally(
        unit.target,
        IamStatement.kind,
        _count(unit),
        reader.counts[""],
        {reason: number for reason, number in reader.counts.items() if reason and number},
        unit.name,
    )


def _count(unit: Unit) -> int:
    """Policies and attachments in the answers, by the names of the members that hold them."""
    total = 0
    for page in unit.pages(DETAILS):
        total += len(page.data.get("Policies") or ())
        for name in ("UserDetailList", "GroupDetailList", "RoleDetailList"):
            total += sum(map(_held_by, page.data.get(name) or ()))
    return total


def _held_by(entry: Mapping[str, Any]) -> int:
    """How many policies and attachments an identity has."""
    listed = sum(len(entry.get(name) or ()) for name in _LISTED)
    return listed + sum(entry.get(name) is not None for name in _SINGLE)


_LISTED = ("UserPolicyList", "GroupPolicyList", "RolePolicyList", "AttachedManagedPolicies")
_SINGLE = ("AssumeRolePolicyDocument", "PermissionsBoundary")


@dataclass(frozen=True)
class Place:
    """A policy in its place: what its statements have in common."""

    item: Item
    address: str
    kind: str
    attached_to: Many[Maybe[str]]
    principal_class: Maybe[str]
    boundary: Maybe[str | None] = None
    label: str = ""
    """Which policy of the address it is; ends with a dot."""
    managed: str | None = None
    tags: Maybe[Mapping[str, str]] = field(default_factory=dict)
    service: str = ""


class _Reader:
    """The statements of one account."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._identities = Identities.of(unit)
        listed, doubles = distinct(unit.items(DETAILS, "Policies"), "Arn")
        self._policies = {item.data["Arn"]: item for item in listed}
        self._attached_to: dict[str, list[Holder]] = {}
        self._bounds: dict[str, list[Holder]] = {}
        for holder in self._identities.holders:
            for arn, _ in holder.attached():
                self._attached_to.setdefault(arn, []).append(holder)
            if holder.boundary is not None:
                self._bounds.setdefault(holder.boundary, []).append(holder)
        self.counts: Counter[str] = Counter(doubles)
        self.counts.update({LISTED_TWICE: sum(map(_held_by, self._identities.doubles))})
        """Policies in their places: what became of them, empty for those that are resources."""

    def statements(self) -> Iterator[IamStatement]:
        """Every statement of every policy."""
        for holder in self._identities.holders:
            yield from self._trust(holder)
            yield from self._inline(holder)
            yield from self._attached(holder)
            yield from self._bounding(holder)
        for item in self._policies.values():
            if managed_name(item.data["Arn"]) is None:
                yield from self._managed(item)
            else:
                self.counts[OF_AWS] += 1

    def _noted(self, found: list[IamStatement]) -> list[IamStatement]:
        self.counts["" if found else EMPTY] += 1
        return found

    def _made(self, place: Place, written: Iterable[Written]) -> list[IamStatement]:
        return self._noted(list(made(self._unit, place, written)))

    def _held(self, holder: Holder, kind: str, label: str) -> Place:
        """A policy of one holder alone."""
        return Place(
            holder.item,
            holder.arn,
            kind,
            (holder.arn,),
            self._identities.class_of(holder),
            holder.boundary if kind == "identity" else None,
            label,
            tags=holder.tags,
        )

    def _trust(self, holder: Holder) -> list[IamStatement]:
        if holder.item.data.get("AssumeRolePolicyDocument") is None:
            return []
        return self._made(self._held(holder, "trust", "trust."), holder.trust)

    def _inline(self, holder: Holder) -> Iterator[IamStatement]:
        for name, document, path in holder.inline():
            place = self._held(holder, "identity", f"inline[{name}].")
            yield from self._made(place, _statements(holder.item, document, path))

    def _attached(self, holder: Holder) -> Iterator[IamStatement]:
        """Policies that AWS manages, and others whose text is not in the answer."""
        for arn, why in holder.attached():
            if arn in self._policies and managed_name(arn) is None:
                self.counts[JOINED] += 1
            else:
                yield from self._elsewhere(self._held(holder, "identity", ""), arn, why)

    def _bounding(self, holder: Holder) -> Iterator[IamStatement]:
        arn = holder.boundary
        if holder.item.data.get("PermissionsBoundary") is None:
            return
        if arn is None or (arn in self._policies and managed_name(arn) is None):
            self.counts[JOINED] += 1
            return
        why = holder.item.chain("PermissionsBoundary.PermissionsBoundaryArn")
        yield from self._elsewhere(self._held(holder, "boundary", "boundary."), arn, why)

    def _elsewhere(self, place: Place, arn: str, why: Chain) -> list[IamStatement]:
        """The statements of a policy by the answer or the table, or one of which nothing is
        known."""
        name = managed_name(arn)
        label = f"{place.label}{name or arn.rpartition('/')[2]}."
        place = replace(place, label=label, managed=name)
        item = self._policies.get(arn)
        written = None if item is None else _default_version(item)
        if written is not None:
            return self._made(place, written)
        policy = None if name is None else lookup(name)
        if policy is not None:
            step = Step(StepKind.TABLE, f"{TABLE}, as of {policy.as_of}: {name} {policy.version}")
            return self._made(place, [by_table(row, (*why, step)) for row in policy.statements])
        reason = Unknown(Why.NOT_SEEN, f"the text of the policy {arn}")
        return self._made(place, [nothing_known(reason, why)])

    def _managed(self, item: Item) -> Iterator[IamStatement]:
        """A managed policy of the account, once, with all that it is attached to."""
        arn = item.data["Arn"]
        attached, bounded = self._attached_to.get(arn, []), self._bounds.get(arn, [])
        written = _default_version(item)
        if written is None:
            reason = Unknown(Why.NOT_SEEN, f"the text of the policy {arn}")
            written = [nothing_known(reason, item.chain("PolicyVersionList"))]
        place = self._shared(item, "identity", attached)
        found: list[IamStatement] = []
        if attached or not bounded:
            found += made(self._unit, place, written)
        if bounded:
            found += made(self._unit, self._shared(item, "boundary", bounded), written)
        yield from self._noted(found)

    def _shared(self, item: Item, kind: str, holders: list[Holder]) -> Place:
        """A policy that several may hold."""
        return Place(
            item,
            item.data["Arn"],
            kind,
            self._identities.named(holders),
            self._identities.together(holders),
            boundary_of(holders) if kind == "identity" else None,
            "boundary." if kind == "boundary" else "",
            tags=Unknown(Why.NOT_SEEN, f"the tags of {item.data['Arn']}"),
        )


def _statements(item: Item, document: Any, path: str) -> list[Written]:
    if document is None:
        reason = Unknown(Why.NOT_SEEN, f"{path} of {item.data.get('Arn')}")
        return [nothing_known(reason, item.chain(path))]
    return statements_of(document, lambda inner: item.chain(f"{path}.{inner}" if inner else path))


def _default_version(item: Item) -> list[Written] | None:
    """The statements of the version of a managed policy that is in force."""
    for number, version in enumerate(item.data.get("PolicyVersionList") or ()):
        if version.get("IsDefaultVersion") and version.get("Document") is not None:
            path = f"PolicyVersionList[{number}].Document"
            return _statements(item, version["Document"], path)
    return None


def made(unit: Unit, place: Place, written: Iterable[Written]) -> Iterator[IamStatement]:
    """The resources that the statements of a policy are, in their order."""
    every = list(written)
    addresses: Counter[str] = Counter()
    for sid, statement in labelled(every):
        whole = len(every) == 1 and place.managed is not None
        address = f"{place.address}#{place.label.rstrip('.') if whole else place.label + sid}"
        addresses[address] += 1
        count = addresses[address]
        yield _resource(unit, place, statement, address if count == 1 else f"{address}-{count}")


def _resource(unit: Unit, place: Place, statement: Written, address: str) -> IamStatement:
    values = dict(statement.values)
    if place.service and isinstance(values.get("resources"), tuple):
        assert isinstance(place.attached_to, tuple)
        itself = place.attached_to[0]
        values["resources"] = tuple(
            itself if isinstance(each, str) and each == "*" else each
            for each in values["resources"]
        )
    return IamStatement(
        address=address,
        origin=unit.origin(place.item.answer),
        chains=statement.chains,
        tags=place.tags,
        policy_kind=place.kind,
        service=place.service,
        attached_to=place.attached_to,
        principal_class=place.principal_class,
        boundary=place.boundary,
        managed=place.managed,
        **values,
    )

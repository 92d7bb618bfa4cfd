"""The users, groups and roles of an account, with who acts under them.

From `iam:GetAccountAuthorizationDetails`, which tells of all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from policyscan.collectors.aws.answers import Item, Unit, distinct, tags_of
from policyscan.resources.base import Chain
from policyscan.resources.iam.documents import statements_of
from policyscan.resources.iam.trust import Known, class_of_trust, together
from policyscan.resources.iam.written import Written
from policyscan.values import Maybe, PartialList, Ref, Unknown, Why

DETAILS = "iam:GetAccountAuthorizationDetails"

MAX_ROLES = 20
"""Roles that assume one another in a row."""

ROLES = "RoleDetailList"
_INLINE = {
    "UserDetailList": "UserPolicyList",
    "GroupDetailList": "GroupPolicyList",
    ROLES: "RolePolicyList",
}
"""By list of the answer, the member with the policies that are written inside each."""


@dataclass(frozen=True)
class Holder:
    """A user, group or role: what holds policies."""

    item: Item
    list: str
    trust: tuple[Written, ...] = ()
    """Of a role, the statements that say who may assume it."""

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.item.data["Arn"])

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags; groups have none."""
        return tags_of(self.item.data.get("Tags"))

    @property
    def boundary(self) -> str | None:
        """The ARN of the policy that bounds it."""
        found = self.item.data.get("PermissionsBoundary") or {}
        return found.get("PermissionsBoundaryArn") or None

    def inline(self) -> Iterator[tuple[str, Any, str]]:
        """The policies that are written inside: name, document, and the path of the document."""
        member = _INLINE[self.list]
        for number, policy in enumerate(self.item.data.get(member) or ()):
            path = f"{member}[{number}].PolicyDocument"
            yield policy["PolicyName"], policy.get("PolicyDocument"), path

    def attached(self) -> Iterator[tuple[str, Chain]]:
        """The ARNs of the policies that are attached to it, with their provenance."""
        for number, policy in enumerate(self.item.data.get("AttachedManagedPolicies") or ()):
            path = f"AttachedManagedPolicies[{number}].PolicyArn"
            yield policy["PolicyArn"], self.item.chain(path)


@dataclass(frozen=True)
class Identities:
    """The identities of one account."""

    holders: tuple[Holder, ...]
    more: Unknown | None
    """Why there may be others: not all pages were answered."""
    doubles: tuple[Mapping[str, Any], ...] = ()
    """Those that stand on two pages, the second time."""
    _classes: dict[str, str | Unknown] = field(default_factory=dict)
    _running: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, unit: Unit) -> Identities:
        """The identities in the answers."""
        holders: list[Holder] = []
        doubles: list[Mapping[str, Any]] = []
        for name in _INLINE:
            listed = list(unit.items(DETAILS, name))
            once, _ = distinct(listed, "Arn")
            kept = {id(item) for item in once}
            holders += [Holder(item, name, _trust(item)) for item in once]
            doubles += [item.data for item in listed if id(item) not in kept]
        pages = unit.pages(DETAILS)
        more = None
        if not pages or pages[-1].data.get("IsTruncated"):
            more = Unknown(Why.NOT_SEEN, f"the rest of the answer to {DETAILS} in {unit.name}")
        return cls(tuple(holders), more, tuple(doubles))

    def class_of(self, holder: Holder) -> str | Unknown:
        """Who acts under a holder of policies."""
        if holder.list != ROLES:
            return "human"
        if holder.arn in self._classes:
            return self._classes[holder.arn]
        if holder.arn in self._running or len(self._running) == MAX_ROLES:
            return Unknown(Why.UNSUPPORTED, f"who acts as {holder.arn}, by way of other roles")
        self._running.append(holder.arn)
        found: str | Unknown = Unknown(Why.MISSING, f"who may assume {holder.arn}")
        if holder.trust:
            found = class_of_trust(holder.trust, Known(lambda _: "", self._role))
        self._running.pop()
        self._classes[holder.arn] = found
        return found

    def _role(self, named: Ref | str) -> str | Unknown | None:
        """Who acts as a role of this account; None if it is not one."""
        found = self._by_arn.get(named) if isinstance(named, str) else None
        return None if found is None else self.class_of(found)

    @cached_property
    def _by_arn(self) -> Mapping[str, Holder]:
        return {holder.arn: holder for holder in self.holders}

    def together(self, holders: Iterable[Holder]) -> str | Unknown:
        """Who acts under a policy that all these hold, and those that were not seen."""
        more = () if self.more is None else (self.more.derived,)
        return together([*map(self.class_of, holders), *more])

    def named(self, holders: Iterable[Holder]) -> tuple[str, ...] | PartialList[Maybe[str]]:
        """The holders of a policy as a field has them."""
        found = tuple(holder.arn for holder in holders)
        return found if self.more is None else PartialList(found, self.more)


def boundary_of(holders: Iterable[Holder]) -> Maybe[str | None]:
    """The boundary of all holders, if they have one; None if a holder has none."""
    found = {holder.boundary for holder in holders}
    if None in found or not found:
        return None
    several = Unknown(Why.UNSUPPORTED, "one boundary for all that it is attached to")
    return found.pop() if len(found) == 1 else several


def _trust(item: Item) -> tuple[Written, ...]:
    document = item.data.get("AssumeRolePolicyDocument")
    if document is None:
        return ()
    return tuple(
        statements_of(document, lambda path: item.chain(f"AssumeRolePolicyDocument.{path}"))
    )

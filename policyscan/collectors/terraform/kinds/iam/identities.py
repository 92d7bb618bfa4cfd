"""Roles, users and groups of a root: found by reference or name, with who acts under them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.documents import document_of
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.iam.documents import many, text, written
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Step, StepKind
from policyscan.resources.iam.trust import Known, class_of_trust, together
from policyscan.resources.iam.written import Written
from policyscan.values import Many, Maybe, OneOf, PartialList, Ref, Unknown, Why, opened, same

ROLES = ("aws_iam_role",)
PEOPLE = ("aws_iam_user", "aws_iam_group")

MAX_ROLES = 20
"""Roles that assume one another in a row."""

Holder = Node | Any
"""Who holds a policy: an instance of the root, or the text, `Ref` or reason that stands for it."""


class Identities:
    """The identities of one root."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._nodes = {node.address: node for node in declared.nodes(*ROLES, *PEOPLE)}
        self._names = [
            (name, node) for node in self._nodes.values() if (name := self._name(node)) is not None
        ]
        self._trusts: dict[str, list[Written]] = {}
        self._classes: dict[str, str | Unknown] = {}
        self._running: list[str] = []

    def _name(self, node: Node) -> Any:
        value = self._declared.evaluate(node, "name")
        return None if value is None else fields.text(value)

    def holders(
        self, value: Value | None, *types: str, several: bool = False
    ) -> tuple[list[Holder], Unknown | None]:
        """Whom an argument names, one or `several`, and why there may be others."""
        if value is None:
            return [], None
        found, reason = opened(many(value)) if several else ((text(value),), None)
        holders = [holder for name in found for holder in self._named(name, types)]
        return holders, reason

    def _named(self, name: Any, types: tuple[str, ...]) -> list[Holder]:
        ref = name.of if isinstance(name, Unknown) and name.of is not None else name
        if isinstance(ref, Ref):
            return [self._nodes.get(ref.address, ref)]
        if isinstance(name, str):
            name = name.rpartition("/")[2] if name.startswith("arn:") else name
        alike = [node for known, node in self._names if _is(known, name, node, types)]
        return list[Holder](alike) or [name]

    def trust(self, role: Node) -> list[Written]:
        """The statements that say who may assume a role."""
        if role.address not in self._trusts:
            self._trusts[role.address] = self._read_trust(role)
        return self._trusts[role.address]

    def _read_trust(self, role: Node) -> list[Written]:
        value = self._declared.evaluate(role, "assume_role_policy")
        if value is None:
            return []
        step = Step(StepKind.ATTRIBUTE, f"{role.address}.assume_role_policy", role.block.header)
        return written(document_of(value), (step,))

    def class_of(self, holder: Holder) -> str | Unknown:
        """Who acts under a holder of policies."""
        if isinstance(holder, Node):
            return self._class_of_node(holder)
        if isinstance(holder, Ref) and "aws_ssoadmin_permission_set" in holder.address:
            return "human"
        if isinstance(holder, Unknown):
            return holder.derived
        if isinstance(holder, OneOf):
            return holder.unknown
        where = holder.where if isinstance(holder, Ref) else None
        return Unknown(Why.OUTSIDE, f"who acts as {holder}", where)

    def _class_of_node(self, node: Node) -> str | Unknown:
        known = self._classes.get(node.address)
        if known is not None:
            return known
        if node.address in self._running or len(self._running) == MAX_ROLES:
            needs = f"who acts as {node.address}, by way of other roles"
            return Unknown(Why.UNSUPPORTED, needs, node.block.header)
        self._running.append(node.address)
        found = self._class(node)
        self._running.pop()
        self._classes[node.address] = found
        return found

    def _class(self, node: Node) -> str | Unknown:
        if node.block.labels[0] in PEOPLE:
            return "human"
        trust = self.trust(node)
        if not trust:
            return Unknown(Why.MISSING, f"who may assume {node.address}", node.block.header)
        return class_of_trust(trust, Known(self._issuer, self._role))

    def _role(self, name: Ref | str) -> str | Unknown | None:
        """Who acts as a role of the root; None if it is not one."""
        found = [each for each in self._named(name, ROLES) if isinstance(each, Node)]
        return self.class_of(found[0]) if len(found) == 1 else None

    def together(self, holders: Iterable[Holder], more: Unknown | None) -> str | Unknown:
        """Who acts under a policy that all these hold, and perhaps others."""
        classes = [self.class_of(holder) for holder in holders]
        return together([*classes, *([] if more is None else [more.derived])])

    def _issuer(self, ref: Ref) -> str:
        """What is known of the address of an identity provider."""
        node = self._declared.root.nodes.get(ref.address)
        value = None if node is None else self._declared.evaluate(node, "url")
        if value is None:
            return ""
        known = fields.text(value)
        return known if isinstance(known, str) else _signs(s.label for s in value.trail.chain())

    def boundary(self, holders: Iterable[Holder]) -> Maybe[str | None]:
        """The boundary of all holders, if they have one; None if a holder has none."""
        found: list[Any] = []
        for holder in holders:
            if not isinstance(holder, Node):
                return None
            value = self._declared.evaluate(holder, "permissions_boundary")
            if value is None:
                return None
            found.append(text(value))
        if not found or all(_alike(found[0], other) for other in found[1:]):
            return found[0] if found else None
        where = found[0].where if isinstance(found[0], (Ref, Unknown)) else None
        return Unknown(Why.UNSUPPORTED, "one boundary for all that it is attached to", where)

    def bounded(self) -> list[tuple[Node, Value]]:
        """The identities with a boundary."""
        pairs = (
            (node, self._declared.evaluate(node, "permissions_boundary"))
            for node in self._nodes.values()
            if node.block.labels[0] != "aws_iam_group"
        )
        return [(node, value) for node, value in pairs if value is not None]


def _is(known: Any, name: Any, node: Node, types: tuple[str, ...]) -> bool:
    """Whether a name is that of this instance."""
    if node.block.labels[0] not in types:
        return False
    if isinstance(known, str) or isinstance(name, str):
        return isinstance(known, str) and isinstance(name, str) and known == name
    return isinstance(known, OneOf) and same(known, name)


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, Ref) and isinstance(b, Ref):
        return a.address == b.address
    return isinstance(a, str) and isinstance(b, str) and a == b


def _signs(labels: Iterable[str]) -> str:
    """An address that is not known, by the words of the way it comes: that of a cluster."""
    words = " ".join(labels)
    return "oidc.eks." if "aws_eks_cluster" in words or "module.eks" in words else ""


def named(holders: Iterable[Holder], more: Unknown | None) -> Many[Maybe[str]]:
    """The holders as a field of a resource has them."""
    found = tuple(
        Ref(holder.address, "arn", holder.block.header) if isinstance(holder, Node) else holder
        for holder in holders
    )
    return found if more is None else PartialList(found, more.derived)

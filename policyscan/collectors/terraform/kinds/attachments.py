"""Which resources a security group is attached to."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.value import Value, members
from policyscan.values import OneOf, Ref, Unknown, Why

LOAD_BALANCERS = ("aws_lb", "aws_alb", "aws_elb")
_ARGUMENTS = frozenset(
    {
        "security_groups",
        "security_group_ids",
        "security_group_id",
        "vpc_security_group_ids",
        "cluster_security_group_id",
        "source_security_group_ids",
    }
)


class Attachments:
    """All attachments of a root, collected once."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._users: dict[str, list[Node]] = {}
        self._unclear: list[Unknown] = []
        for type_ in declared.types():
            if type_.startswith(("aws_security_group", "aws_vpc_security_group")):
                continue
            for node in declared.nodes(type_):
                self._collect(node)

    def _collect(self, node: Node) -> None:
        for value in _mentioned(node, self._declared.view(node)):
            for item in (value, *members(value)):
                if isinstance(item.plain, Ref):
                    self._users.setdefault(item.plain.address, []).append(node)
                elif isinstance(item.plain, (Unknown, OneOf)):
                    reason = item.unknown
                    assert reason is not None
                    self._unclear.append(reason)

    def only_public_load_balancer(self, group: Node) -> bool | Unknown:
        """Whether the group is attached to at least one internet-facing load balancer and to
        nothing else. Not known if nothing here is attached to it: its id goes elsewhere."""
        users = self._users.get(group.address, [])
        for node in users:
            if node.block.labels[0] not in LOAD_BALANCERS:
                return False
        for node in users:
            internal = self._declared.evaluate(node, "internal")
            known = fields.boolean(internal) if internal is not None else False
            if isinstance(known, Unknown):
                return known
            if known is not False:
                return False if known is True else known.unknown
        if self._unclear:
            return self._unclear[0]
        what = f"what {'else ' if users else ''}{group.address} is attached to"
        unseen = self._declared.missing(what, users[0] if users else group)
        if unseen is None and not users:
            return Unknown(Why.OUTSIDE, what, group.block.header)
        return True if unseen is None else unseen


def _mentioned(node: Node, view: View) -> Iterator[Value]:
    """The values of all arguments that attach security groups, in nested blocks too."""
    body = node.block.body
    for name in body.arguments:
        if name in _ARGUMENTS:
            value = view.get(name)
            if value is not None:
                yield value
    types = dict.fromkeys(
        block.labels[0] if block.type == "dynamic" and block.labels else block.type
        for block in body.blocks
    )
    todo = [inner for type_ in types for inner in view.blocks(type_)[0]]
    for inner in todo:
        for name in sorted(_ARGUMENTS):
            value = inner.get(name)
            if value is not None:
                yield value

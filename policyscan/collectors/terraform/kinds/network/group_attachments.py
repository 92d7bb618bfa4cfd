"""Which resources a security group is attached to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import BodyView
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.value import Value, derive, members
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why

LOAD_BALANCERS = ("aws_lb", "aws_alb", "aws_elb")
_WORD = "security_group"
"""Part of the name of every argument that attaches a group."""


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
        for value in _mentioned(self._declared.view(node)):
            for item in (value, *members(value)):
                if isinstance(item.plain, Ref):
                    self._users.setdefault(item.plain.address, []).append(node)
                elif isinstance(item.plain, Unknown):
                    self._unclear.append(item.plain)
                elif isinstance(item.plain, (OneOf, PartialList)):
                    self._unclear.append(item.plain.unknown)

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


def _mentioned(view: BodyView) -> Iterator[Value]:
    """The values of all arguments that attach security groups, in nested blocks too."""
    for name, argument in view.body.arguments.items():
        value = view.get(name) if _WORD in argument.span.text else None
        if value is not None:
            yield from (value,) if _WORD in name else _inside(value)
    for type_, written in _nested(view).items():
        if _WORD not in written:
            continue
        views, reason = view.blocks(type_)
        if reason is not None:
            yield derive(reason, view.span, ())
        for inner in views:
            if isinstance(inner, BodyView):
                yield from _mentioned(inner)


def _inside(value: Value) -> Iterator[Value]:
    """The members that attach security groups in objects that stand for blocks; each collection
    once, however often it is shared."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        outer = waiting.pop()
        if id(outer.plain) in seen:
            continue
        seen.add(id(outer.plain))
        if isinstance(outer.plain, dict):
            yield from (member for name, member in outer.plain.items() if _WORD in name)
        waiting.extend(members(outer))


def _nested(view: BodyView) -> Mapping[str, str]:
    """The text of the nested blocks by type, dynamic ones included."""
    found: dict[str, str] = {}
    for block in view.body.blocks:
        dynamic = block.type == "dynamic" and block.labels
        type_ = block.labels[0] if dynamic else block.type
        found[type_] = found.get(type_, "") + block.span.text
    return found

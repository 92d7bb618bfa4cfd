"""Groups that scale machines, joined to the template or configuration they launch from."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.workloads.joined_tags import Tag
from policyscan.collectors.terraform.kinds.workloads.shared import Context
from policyscan.collectors.terraform.kinds.workloads.types import SCALING
from policyscan.collectors.terraform.value import Value
from policyscan.values import OneOf, Unknown, Why, first, reason_or

_LAUNCHED = (
    ("aws_launch_template", ("launch_template",), ("id", "name")),
    (
        "aws_launch_template",
        ("mixed_instances_policy", "launch_template", "launch_template_specification"),
        ("launch_template_id", "launch_template_name"),
    ),
    (
        "aws_launch_template",
        ("mixed_instances_policy", "launch_template", "override", "launch_template_specification"),
        ("launch_template_id", "launch_template_name"),
    ),
    ("aws_launch_configuration", (), ("launch_configuration",)),
)
"""By type of what is launched from: the blocks and then the arguments that name it."""


class Scaling:
    """The scaling groups of a root by the address of what they launch from."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._groups: dict[str, list[Node]] = {}
        self._stray: Unknown | None = None
        for node in context.declared.nodes(*SCALING):
            view = context.declared.view(node)
            for type_, path, names in _LAUNCHED:
                for block in _inside(view, path):
                    self._enter(node, block, type_, names)

    def note(self) -> None:
        """Record what became of each scaling group."""
        joined = {node.address for nodes in self._groups.values() for node in nodes}
        for node in self._context.declared.nodes(*SCALING):
            known = node.address in joined
            outcome = "joined to what it launches" if known else "what it launches is not here"
            self._context.declared.note(node.block, outcome)

    def add_subnets(self, launched: Node, into: Gathering) -> Unknown | None:
        """Add the subnets in which machines are launched; returns why there may be others."""
        groups = self._groups.get(launched.address, [])
        reason = first(
            self._stray, self._context.declared.elsewhere("what launches these machines", launched)
        )
        for node in groups:
            value = self._context.declared.evaluate(node, "vpc_zone_identifier")
            if value is None:
                needs = f"the default subnets in which {node.address} launches"
                reason = reason_or(reason, Why.OUTSIDE, needs, node.block.header)
            into.extend(value, "vpc_zone_identifier")
        if groups:
            return reason
        needs = f"what launches machines from {launched.address}"
        return reason_or(reason, Why.OUTSIDE, needs, launched.block.header)

    def tags_of(self, launched: Node) -> Iterator[Tag | Unknown]:
        """The tags that machines get from the groups that launch them."""
        for node in self._groups.get(launched.address, ()):
            view = self._context.declared.view(node)
            blocks, reason = view.blocks("tag")
            for block in blocks:
                yield from _tag(block)
            if reason is not None:
                yield reason

    def _enter(self, node: Node, block: View, type_: str, names: tuple[str, ...]) -> None:
        for name in names:
            value = block.get(name)
            if value is not None:
                self._join(node, value, type_)

    def _join(self, node: Node, value: Value, type_: str) -> None:
        cases = value.plain.alternatives if isinstance(value.plain, OneOf) else ()
        if cases:
            self._stray = first(self._stray, value.unknown)
            for case in cases:
                self._join(node, case.value, type_)
            return
        found = self._context.links.linked(value, type_)
        target = self._context.links.node(getattr(found, "address", ""))
        if target is not None:
            self._groups.setdefault(target.address, []).append(node)
        elif isinstance(found, Unknown):
            self._stray = first(self._stray, found.derived)


def _inside(view: View, path: tuple[str, ...]) -> Iterator[View]:
    """The blocks at a path of nested blocks."""
    if not path:
        yield view
        return
    for block in view.blocks(path[0])[0]:
        yield from _inside(block, path[1:])


def _tag(block: View) -> Iterator[Tag | Unknown]:
    key, value, spread = (block.get(name) for name in ("key", "value", "propagate_at_launch"))
    name = fields.text(key) if key is not None else None
    launched = fields.boolean(spread) if spread is not None else False
    if isinstance(name, str) and value is not None and launched is True:
        yield name, fields.text(value), fields.chain(value, f"tag.{name}")

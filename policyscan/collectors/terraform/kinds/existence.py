"""Whether two resources exist together, where it is not known how often, or whether at all."""

from __future__ import annotations

from policyscan.collectors.terraform.expansion import Node
from policyscan.values import Unknown, Why, first


def condition_of(node: Node) -> Unknown | None:
    """Why it is not known whether a resource exists."""
    return first(node.conditional, node.scope.instance.conditional)


def doubt_beside(node: Node, other: Node) -> Unknown | None:
    """Why it is not known whether `node` exists, unless `other` exists for the same reason."""
    mine, theirs = condition_of(node), condition_of(other)
    if mine is None or (theirs is not None and theirs.needs == mine.needs):
        return None
    return mine


def doubt_of_join(node: Node, other: Node) -> Unknown | None:
    """Why `node`, which names `other`, may belong to another instance of it: their number is not
    known, and is not the same by the way in which it is written."""
    number = _number(node)
    if not other.address.endswith("[?]"):
        return doubt_beside(node, other)
    if number and number in (_number(other), ".".join(other.block.labels)):
        return None
    needs = f"which {other.address} {node.address} belongs to"
    return Unknown(Why.FOR_EACH, needs, node.block.header)


def _number(node: Node) -> str:
    """How the number of instances is written."""
    arguments = node.block.body.arguments
    written = arguments.get("count") or arguments.get("for_each")
    return "" if written is None else "".join(written.value.span.text.split())

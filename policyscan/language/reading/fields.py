"""Which fields of the resource a condition looks at, as far as that is plain without a run."""

from __future__ import annotations

from msgspec import Struct

from policyscan.language.syntax.tree import (
    Comprehension,
    Logic,
    Name,
    Node,
    Resources,
    Select,
    Ternary,
    walk,
)


class Fields(Struct, frozen=True):
    """The fields of the judged resource that are read, by name."""

    surely: frozenset[str]
    """Whatever the answer is."""
    perhaps: frozenset[str] | None
    """No others are; None if any may be."""
    elsewhere: bool
    """Whether it may read other resources, or is about the members of a set."""


def fields_read(root: Node) -> Fields:
    """The fields that a condition reads of a resource on which all is known."""
    if any(isinstance(each, Comprehension) and each.variable == "resource" for each in walk(root)):
        return Fields(frozenset(), None, elsewhere=True)
    named: set[str] = set()
    whole = elsewhere = False
    selected: set[Node] = set()
    for node in walk(root):
        if isinstance(node, Select) and isinstance(node.operand, Name):
            selected.add(node.operand)
            if node.operand.name == "resource":
                named.add(node.field)
        elif isinstance(node, Name):
            whole |= node.name == "resource" and node not in selected
            elsewhere |= node.name == "members"
        elsewhere |= isinstance(node, Resources)
    return Fields(_surely(root), None if whole else frozenset(named), elsewhere=elsewhere)


def _surely(node: Node) -> frozenset[str]:
    """The fields that are read wherever the node has a value."""
    match node:
        case Select(operand=Name(name="resource")):
            return frozenset({node.field})
        case Logic():
            return _surely(node.operands[0])
        case Comprehension():
            return _surely(node.range)
        case Ternary():
            return _surely(node.condition) | (_surely(node.yes) & _surely(node.no))
    parts = (_surely(child) for child in node.children())
    return frozenset[str]().union(*parts)

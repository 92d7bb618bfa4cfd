"""Wrong names: another field of the same thing, where the policy means this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from policyscan.language import Environment
from policyscan.language.syntax.tree import (
    Comprehension,
    Has,
    Index,
    Name,
    Node,
    Resources,
    Select,
)
from policyscan.language.types import ListOf, MapOf, Object, Optional, Settings, Type
from policyscan.mutation.edits import Edit
from policyscan.mutation.model import Hint

Names = Mapping[str, Type]


def wrong_names(root: Node, environment: Environment) -> Iterator[Edit]:
    """For each field, parameter and name of the context, the next one of the same type in its
    place, in the order of the text."""
    edits = _edits(root, environment.names(), environment)
    yield from sorted(edits, key=lambda edit: (edit.target.start, edit.target.end))


def _edits(root: Node, names: Names, environment: Environment) -> Iterator[Edit]:
    pending = [(root, names)]
    while pending:
        node, known = pending.pop()
        if isinstance(node, Select):
            other = _beside(node, _type(node.operand, known, environment))
            if other:
                yield Edit(node, replace(node, field=other), Hint.FIELD)
        if isinstance(node, Comprehension):
            source = _type(node.range, known, environment)
            item = {node.variable: source.item} if isinstance(source, ListOf) else {}
            inner = {**known, **item}
            pending += [(node.range, known), (node.body, inner)]
        elif isinstance(node, Has):
            pending.append((node.selection.operand, known))
        else:
            pending += [(child, known) for child in node.children()]


def _beside(node: Select, owner: Type | None) -> str:
    """The next field of the same type; after the last comes the first."""
    fields = owner.fields if isinstance(owner, (Object, Settings)) else {}
    alike = [name for name, kind in fields.items() if kind == fields.get(node.field)]
    if node.field not in alike or len(alike) == 1:
        return ""
    return alike[(alike.index(node.field) + 1) % len(alike)]


def _type(node: Node, names: Names, environment: Environment) -> Type | None:
    """The type of what fields are selected of, as far as it is simple."""
    kind: Type | None = None
    match node:
        case Name():
            kind = names.get(node.name)
        case Select():
            owner = _type(node.operand, names, environment)
            kind = owner.fields.get(node.field) if isinstance(owner, (Object, Settings)) else None
        case Index():
            owner = _type(node.operand, names, environment)
            kind = owner.item if isinstance(owner, ListOf) else None
            kind = owner.value if isinstance(owner, MapOf) else kind
        case Resources():
            kind = ListOf(Object(environment.kinds[node.kind]))
        case Comprehension(macro="filter"):
            kind = _type(node.range, names, environment)
    return kind.inner if isinstance(kind, Optional) else kind

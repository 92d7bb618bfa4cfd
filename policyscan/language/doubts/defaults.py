"""Defaults of parameters that do not fit the words of the field that they are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyscan.language import types as t
from policyscan.language.diagnostics import ExpressionError
from policyscan.language.syntax.tree import Binary, Index, Name, Node, Select, walk, written
from policyscan.text.complaints import suggestion


def impossible_defaults(
    root: Node, types: Mapping[Node, t.Type], defaults: Mapping[str, object]
) -> Iterator[ExpressionError]:
    """A word of a default that the field can never have, and a word that a map has no entry for."""
    asked = {
        written(node.right)
        for node in walk(root)
        if isinstance(node, Binary) and node.operator == "in"
    }
    for node in walk(root):
        if isinstance(node, Binary) and node.operator in ("==", "!=", "in"):
            for field, other in ((node.left, node.right), (node.right, node.left)):
                yield from _never(_choice(field, types), other, defaults)
        if isinstance(node, Index) and written(node.operand) not in asked:
            yield from _without(_choice(node.index, types), node.operand, defaults)


def _choice(node: Node, types: Mapping[Node, t.Type]) -> t.Choice | None:
    kind = types.get(node)
    kind = kind.inner if isinstance(kind, t.Optional) else kind
    return kind if isinstance(kind, t.Choice) else None


def _default(node: Node, defaults: Mapping[str, object]) -> object:
    match node:
        case Select(operand=Name(name="params")):
            return defaults.get(node.field)
    return None


def _never(
    choice: t.Choice | None, node: Node, defaults: Mapping[str, object]
) -> Iterator[ExpressionError]:
    default = _default(node, defaults)
    if choice is None or default is None:
        return
    words = default if isinstance(default, (tuple, list, Mapping)) else (default,)
    for word in words:
        if isinstance(word, str) and word not in choice.values:
            close = suggestion(word, choice.values)
            said = f"'{word}', which {written(node)} has by default, is never {choice}{close}"
            yield ExpressionError(said, node.start, node.end)


def _without(
    choice: t.Choice | None, node: Node, defaults: Mapping[str, object]
) -> Iterator[ExpressionError]:
    default = _default(node, defaults)
    if choice is None or not isinstance(default, Mapping):
        return
    missing = [word for word in choice.values if word not in default]
    if missing:
        names = ", ".join(f"'{word}'" for word in missing)
        said = f"{written(node)} has no entry for {names} by default: such a resource is unknown"
        yield ExpressionError(said, node.start, node.end)

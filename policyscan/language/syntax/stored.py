"""Trees as plain data and back, so that what was read once need not be read again."""

from __future__ import annotations

from typing import Any

from msgspec.structs import fields

from policyscan.language.syntax import tree

_CLASSES: dict[str, type[tree.Node]] = {
    name: value
    for name, value in vars(tree).items()
    if isinstance(value, type) and issubclass(value, tree.Node)
}
_FIELDS = {name: [each.name for each in fields(kind)] for name, kind in _CLASSES.items()}


def stored(value: Any) -> Any:
    """A tree as lists, texts and numbers: a node is its class and its fields, any other tuple an
    empty text and its members."""
    if isinstance(value, tree.Node):
        name = type(value).__name__
        return [name, *(stored(getattr(value, field)) for field in _FIELDS[name])]
    return ["", *map(stored, value)] if isinstance(value, tuple) else value


def restored(data: Any) -> Any:
    """The tree that was stored. Raises LookupError and TypeError for what is none."""
    if not isinstance(data, list):
        return data
    members = [restored(each) if isinstance(each, list) else each for each in data[1:]]
    return _CLASSES[data[0]](*members) if data[0] else tuple(members)

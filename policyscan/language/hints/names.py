"""On names, fields and indexes that are not there."""

from __future__ import annotations

from collections.abc import Mapping

from policyscan.language import types as t
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.syntax.parser import MACROS
from policyscan.language.syntax.tree import (
    Index,
    Literal,
    Name,
    OptionalIndex,
    OptionalSelect,
    Select,
    written,
)
from policyscan.text.complaints import suggestion

_CONSTANTS = {"none": "null", "nil": "null", "null": "null", "undefined": "null"}
_CONSTANTS |= {"true": "true", "false": "false", "yes": "true", "no": "false"}
_SIZES = frozenset({"length", "len", "count", "size", "Length", "Count"})
_MANY = 30
"""Names that a hint lists."""


def is_constant(name: str) -> bool:
    """Whether other languages spell a constant like that."""
    return name.lower() in _CONSTANTS


def unknown_name(name: str, variables: Mapping[str, t.Type]) -> tuple[str, str]:
    """What was perhaps meant by a name, as the end of the message, and the next step."""
    if name.lower() in _CONSTANTS:
        return f"; did you mean '{_CONSTANTS[name.lower()]}'?", ""
    if name == "resource" and "members" in variables:
        return (
            "",
            "With `scope: set` all resources are judged together: `members.all(m, ...)`.",
        )
    if name == "resources":
        return "", 'All of a kind are `resources("Trail")`, with the kind in quotes.'
    if name == "members" and "resource" in variables:
        return "", "It is `resource` here; `members` is of policies with `scope: set`."
    for owner in ("resource", "params", "context"):
        fields = getattr(variables.get(owner), "fields", {})
        if name in fields:
            return f"; did you mean '{owner}.{name}'?", ""
    close = suggestion(name, variables)
    return close, "" if close else f'A text stands in quotes: "{name}".'


def no_fields(node: Select | OptionalSelect, owner: t.Type) -> str:
    """On `operand.field` where the operand has no fields."""
    operand = written(node.operand)
    function = FUNCTIONS.get(node.field)
    if node.field in _SIZES:
        return f"Write `size({operand})`."
    if owner == t.TIMESTAMP:
        return f"Its parts are called: `{operand}.getFullYear()`, `.getMonth()`, `.getDate()`."
    if isinstance(owner, t.ListOf):
        item = owner.item
        fields = item.fields if isinstance(item, t.Object) else {}
        if node.field in fields:
            return (
                f"A list is asked about its members: `{operand}.all(x, x.{node.field} ...)` or "
                f"`{operand}.exists(x, x.{node.field} ...)`."
            )
        if node.field in MACROS:
            return f"Write `{operand}.{node.field}(x, ...)`."
        if fields:
            return f"Its members are {item}, with {_listed(fields)}."
    if function is not None and function.as_method:
        return f"Call it: `{operand}.{node.field}(...)`."
    return ""


def unknown_field(node: Select | OptionalSelect, owner: t.Object | t.Settings, close: str) -> str:
    """On a field that is not there, and is not like one that is."""
    if isinstance(owner, t.Object):
        return "" if close else f"{owner} has {_listed(owner.fields)}."
    if owner.name == "params" and not owner.fields:
        return "Declare it: `params: {" + node.field + ": {about: ..., type: ..., default: ...}}`."
    if close or not owner.fields:
        return ""
    declare = "; declare it there" if owner.name == "params" else ""
    return f"Under {owner} there is {_listed(owner.fields)}{declare}."


def settings(owner: t.Settings) -> str:
    """On `params` or `context` where a value is wanted."""
    listed = list(owner.fields)
    return f"Write `{owner}.{listed[0]}`." if len(listed) == 1 else ""


def cannot_be_indexed(node: Index | OptionalIndex, owner: t.Type) -> str:
    """On `operand[index]` where the operand is neither a list nor a map."""
    if isinstance(owner, t.Object) and isinstance(node.index, Literal):
        name = str(node.index.value)
        if name in owner.fields:
            return f"Write `{written(node.operand)}.{name}`."
    if owner == t.STRING:
        return f"Write `{written(node.operand)}.charAt({written(node.index)})`."
    return ""


def wrong_index(node: Index | OptionalIndex, owner: t.Type) -> str:
    """On an index of a type that the list or map does not have."""
    if isinstance(owner, t.MapOf) and isinstance(node.index, Name):
        return f'A text stands in quotes: "{node.index.name}".'
    if isinstance(owner, t.MapOf) and isinstance(node.index, Literal):
        return f'Its keys are text: `["{node.index.value}"]`.'
    return ""


def _listed(names: Mapping[str, t.Type]) -> str:
    words = sorted(names)
    more = f" and {len(words) - _MANY} more" if len(words) > _MANY else ""
    return ", ".join(words[:_MANY]) + more

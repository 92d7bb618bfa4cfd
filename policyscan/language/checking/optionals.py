"""The type rules of optionals: what makes one, and what asks for the value that it holds."""

from __future__ import annotations

from collections.abc import Mapping

from policyscan.language import types as t
from policyscan.language.diagnostics import ExpressionError
from policyscan.language.syntax.parser import OPTIONALS
from policyscan.language.syntax.tree import (
    Call,
    Index,
    Literal,
    Name,
    Node,
    OptionalIndex,
    OptionalSelect,
    Select,
    written,
)

_METHODS: Mapping[str, int] = {"hasValue": 0, "value": 0, "or": 1, "orValue": 1}
"""By name, how many arguments each takes besides its receiver."""


def is_of_optionals(node: Call) -> bool:
    """Whether it calls a function of optionals, which no other table has."""
    return node.function in (_METHODS if node.method else OPTIONALS)


def inside(kind: t.Type) -> t.Type:
    """What an optional or a nullable value holds where it is there."""
    while isinstance(kind, (t.Optional, t.OptionalOf)):
        kind = kind.inner
    return kind


def of(kind: t.Type) -> t.Type:
    """The optional that holds `kind` where it is there: null and absent are the same."""
    return t.OptionalOf(inside(kind))


def called(node: Call, arguments: list[t.Type], present: frozenset[str]) -> t.Type:
    """What a function of optionals gives; `present` are the spellings of the values that are proved
    to be there. Raises ExpressionError."""
    name, given = node.function, len(arguments) - node.method
    wanted = _METHODS[name] if node.method else int(name != "optional.none")
    if given != wanted:
        raise _error(node, f"{name}() takes {wanted} argument(s), this has {given}")
    if not node.method:
        return t.OptionalOf(arguments[0] if arguments else t.NOTHING)
    receiver = arguments[0]
    if not isinstance(receiver, t.OptionalOf):
        raise _error(node, f"{name}() is asked of what .? selects; this is {receiver}")
    if name == "hasValue":
        return t.BOOL
    if name == "value":
        _guarded(node.arguments[0], present)
        return receiver.inner
    other = t.OptionalOf(arguments[1]) if name == "orValue" else arguments[1]
    joined = t.join(receiver, other)
    if not isinstance(joined, t.OptionalOf):
        wanted_kind = receiver.inner if name == "orValue" else receiver
        said = f"what {name}() takes must be {wanted_kind}, this is {arguments[1]}"
        given_value = node.arguments[1]
        whole = wanted_kind == t.DOUBLE and isinstance(given_value, Literal)
        hint = f"Write `{written(given_value)}.0`." if whole and arguments[1] == t.INT else ""
        raise ExpressionError(said, node.start, node.end, hint)
    return joined.inner if name == "orValue" else joined


def _guarded(optional: Node, present: frozenset[str]) -> None:
    """Raises if what an optional of a resource holds is used without a look at whether it does."""
    root, text = optional, written(optional)
    while isinstance(root, (Select, OptionalSelect, Index, OptionalIndex)):
        root = root.operand
    if isinstance(root, Name) and text not in present:
        raise _error(
            optional,
            f"'{text}' may have no value: guard it with {text}.hasValue(), or write "
            f"{text}.orValue(...)",
        )


def _error(node: Node, message: str) -> ExpressionError:
    return ExpressionError(message, node.start, node.end)

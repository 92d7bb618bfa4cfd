"""On functions, and what they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policyscan.language import types as t
from policyscan.language.functions.signatures import Signature
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.hints.operands import operand
from policyscan.language.syntax.parser import MACROS
from policyscan.language.syntax.tree import Call, Literal, Name, Node, written

_FUNCTIONS: Mapping[str, str] = {
    "len": "size(x)",
    "length": "size(x)",
    "count": "size(x), or size(x.filter(y, ...))",
    "empty": "size(x) == 0",
    "isEmpty": "size(x) == 0",
    "is_empty": "size(x) == 0",
    "lower": "x.lowerAscii()",
    "toLower": "x.lowerAscii()",
    "toLowerCase": "x.lowerAscii()",
    "lowercase": "x.lowerAscii()",
    "includes": "x.contains(y) of a text, y in x of a list",
    "any": "x.exists(y, ...)",
    "some": "x.exists(y, ...)",
    "every": "x.all(y, ...)",
    "forall": "x.all(y, ...)",
    "forAll": "x.all(y, ...)",
    "each": "x.all(y, ...)",
    "none": "!x.exists(y, ...)",
    "find": "x.filter(y, ...)",
    "select": "x.filter(y, ...)",
    "where": "x.filter(y, ...)",
    "regex": "x.matches(y)",
    "match": "x.matches(y)",
    "defined": "has(resource.name)",
    "exists": "x.exists(y, ...)",
    "isNull": "x == null",
    "is_null": "x == null",
    "coalesce": "has(resource.name) ? resource.name : y",
    "today": "now",
    "time": "now",
    "now": "now",
    "max": "x.exists(y, y > 1) for a largest member above 1",
    "min": "x.exists(y, y < 1) for a least member below 1",
    "year": "x.getFullYear()",
    "month": "x.getMonth()",
    "day": "x.getDate()",
    "hour": "x.getHours()",
    "cidr_within": "covers(ranges, cidr)",
    "hours": 'duration("1h")',
    "minutes": 'duration("1m")',
    "seconds": 'duration("1s")',
    "weeks": "days(7)",
    "months": "days(30)",
    "years": "days(365)",
    "date": 'timestamp("2026-01-31T00:00:00Z")',
}
"""Functions of other languages, and what is written here."""


_SPANS = frozenset({"days"})
"""Functions that make a span of time, and that people ask of one."""


def wrong_style(node: Call) -> str:
    """On `f(x)` for what is written `x.f()`, or the reverse."""
    if not node.arguments:
        return ""
    if node.function in _SPANS:
        return f"A span of time is compared with a span of time: `... <= {node.function}(30)`."
    return f"Write `{written(Call(0, 0, node.function, node.arguments, not node.method))}`."


def unknown_function(node: Call, receiver: t.Type | None) -> str:
    """On a function that is not there, and is not like one that is."""
    name = node.function
    if isinstance(receiver, t.Object) and name in receiver.fields:
        return f"It is a field: `{written(node.arguments[0])}.{name}`."
    if name in MACROS:
        return f"Write `list.{name}(x, ...)`."
    return f"Write `{_FUNCTIONS[name]}`." if name in _FUNCTIONS else ""


def forms(node: Call, known: Sequence[Signature]) -> str:
    """On arguments that no form of the function takes."""
    written_ = []
    for form in known:
        kinds = [str(kind) for kind in form.parameters]
        receiver = f"{kinds.pop(0)}." if node.method else ""
        written_.append(f"`{receiver}{node.function}({', '.join(kinds)})`")
    return f"It is written {' or '.join(dict.fromkeys(written_))}."


def misfit(node: Call, position: int, kind: t.Type) -> str:
    """On the argument at `position` that has the wrong type."""
    argument = node.arguments[position]
    name, rest = node.function, node.arguments[1:]
    if node.method and position == 0 and isinstance(kind, t.ListOf):
        if name == "contains" and len(rest) == 1:
            return f"Write `{operand(rest[0])} in {operand(argument)}`."
        each = written(Call(0, 0, name, (Name(0, 0, "x"), *rest), method=True))
        return f"Ask its members: `{operand(argument)}.exists(x, {each})` or `.all(x, ...)`."
    if name == "duration" and kind == t.INT:
        return f'Write `days({written(argument)})`, or hours in quotes: `duration("168h")`.'
    if name == "days" and kind == t.DURATION:
        return f"It is a span of time already: `{written(argument)} <= days(30)`."
    if node.method and position == 0 and kind == t.STRING and _takes(name, 0, t.CIDR):
        return f"Write `{written(Call(0, 0, name, (_range(argument), *rest), method=True))}`."
    if node.method and position == 0 and kind == t.CIDR and name in ("contains", "includes"):
        return "Ask for an address with containsIP(), for a range with containsCIDR()."
    if name == "days" and kind == t.DOUBLE:
        return 'Parts of a day are hours: `duration("36h")`.'
    if name == "days" and isinstance(argument, Literal):
        digits = "".join(char for char in str(argument.value) if char.isdigit())
        return f"Write `days({digits or 7})`."
    if kind == t.STRING and _takes_list(name, position):
        return f"Write a list: `[{written(argument)}]`."
    if isinstance(kind, t.ListOf) and kind.item == t.STRING and _takes(name, position, t.STRING):
        return _of_each(node, position)
    return _plain_literal(argument, name, position)


def _of_each(node: Call, position: int) -> str:
    """On a list where a function wants one of its members."""
    argument = node.arguments[position]
    swapped = (*node.arguments[:position], Name(0, 0, "x"), *node.arguments[position + 1 :])
    one = written(Call(0, 0, node.function, swapped, node.method))
    if node.function == "refers_to":
        return f"Ask its members: `{operand(argument)}.exists(x, {one})`."
    return f"It takes one: `{operand(argument)}.exists(x, {one} ...)` or `.all(x, ...)`."


def _range(argument: Node) -> Node:
    return Call(0, 0, "cidr", (argument,), method=False)


def _takes(name: str, position: int, kind: t.Type) -> bool:
    return any(
        signature.parameters[position] == kind
        for signature in FUNCTIONS[name].signatures
        if position < len(signature.parameters)
    )


def _takes_list(name: str, position: int) -> bool:
    return any(
        isinstance(signature.parameters[position], t.ListOf)
        for signature in FUNCTIONS[name].signatures
        if position < len(signature.parameters)
    )


def _plain_literal(argument: Node, name: str, position: int) -> str:
    wanted = {
        signature.parameters[position]
        for signature in FUNCTIONS[name].signatures
        if position < len(signature.parameters)
    }
    if t.STRING in wanted and isinstance(argument, Literal) and argument.value is not None:
        return f'A text stands in quotes: "{written(argument)}".'
    return ""


def bad_literal(node: Call) -> str:
    """On a literal that the function does not take."""
    value = node.arguments[0].value if isinstance(node.arguments[0], Literal) else ""
    text = str(value)
    if node.function == "duration":
        number = text[:-1] if text[-1:] == "d" else text.partition(" ")[0]
        if number.isdecimal() and text.lstrip("0123456789").strip().startswith("d"):
            return f"Write `days({number})`."
    if node.function == "timestamp" and len(text) == 10:
        return f'A time of the day belongs to it: "{text}T00:00:00Z".'
    return ""

"""On operators whose operands do not fit."""

from __future__ import annotations

from policyscan.language import types as t
from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Index,
    Literal,
    Name,
    Node,
    OptionalIndex,
    OptionalSelect,
    Select,
    Unary,
    written,
)

_TIGHT = (Name, Select, OptionalSelect, Index, OptionalIndex, Call, Literal, Comprehension)


def not_bool(node: Node, kind: t.Type) -> str:
    """On what stands where a condition is wanted."""
    text = operand(node)
    if isinstance(kind, (t.ListOf, t.MapOf)):
        return f"Ask its members, `{text}.all(x, ...)`, or its size, `size({written(node)}) > 0`."
    if kind == t.STRING:
        return f'Say what it must be: `{text} != ""`.'
    if isinstance(kind, t.OptionalOf):
        return (
            f"Ask whether it is there: `{text}.hasValue()`; or what counts then: `.orValue(...)`."
        )
    if isinstance(kind, t.Choice):
        return f'Say what it must be: `{text} == "{kind.values[0]}"`.'
    if kind in (t.INT, t.DOUBLE):
        return f"Say what it must be: `{text} > {'0' if kind == t.INT else '0.0'}`."
    if isinstance(kind, t.Object):
        return f"Select one of its fields: `{text}.{next(iter(kind.fields), '...')}`."
    if kind == t.DURATION:
        return f"Compare it: `{text} < days(30)`."
    return f"Compare it: `{text} < now`." if kind == t.TIMESTAMP else ""


def no_operator(node: Unary, kind: t.Type) -> str:
    """On `!` and `-` of what has none."""
    if node.operator != "!":
        return ""
    text = operand(node.operand)
    if kind in (t.STRING,) or isinstance(kind, t.Choice):
        return f"`!` belongs to a condition: `!({text} == ...)`, or `{text} != ...`."
    if isinstance(kind, (t.ListOf, t.MapOf)):
        return f"Write `size({written(node.operand)}) == 0`."
    return f"Write `{text} == 0`." if kind == t.INT else ""


def no_order(node: Binary, left: t.Type, right: t.Type) -> str:
    """On `<`, `<=`, `>` and `>=` of types without an order."""
    if t.BOOL in (left, right) and isinstance(node.left, Binary):
        inner = node.left
        middle = written(inner.right)
        return (
            f"Write `{written(inner)} && {middle} {node.operator} {written(node.right)}`: "
            "each comparison has two sides."
        )
    for part, kind in ((node.left, left), (node.right, right)):
        if isinstance(kind, t.OptionalOf):
            return f"Say what counts where it is absent: `{operand(part)}.orValue(...)`."
    if t.TIMESTAMP in (left, right):
        return _against_time(node, left, right)
    if t.DURATION in (left, right):
        other, kind = (node.right, right) if left == t.DURATION else (node.left, left)
        if kind == t.INT:
            return f"A span of time has a unit: `days({written(other)})`."
        if kind == t.STRING:
            return f'A span of time is written `duration({written(other)})`, such as `"168h"`.'
    for node_, kind, other_kind in ((node.left, left, right), (node.right, right, left)):
        if isinstance(kind, (t.ListOf, t.MapOf)) and other_kind == t.INT:
            return f"Compare its size: `size({written(node_)})`."
    if isinstance(left, t.Choice) or isinstance(right, t.Choice):
        return "Such words have no order; list those that are meant: `x in [...]`."
    return _quotes(node, left, right)


def _against_time(node: Binary, left: t.Type, right: t.Type) -> str:
    moment, other, kind = (
        (node.left, node.right, right) if left == t.TIMESTAMP else (node.right, node.left, left)
    )
    if kind in (t.DURATION, t.INT):
        span = written(other) if kind == t.DURATION else f"days({written(other)})"
        return f"An age is a difference: `now - {operand(moment)} <= {span}`."
    if kind == t.STRING:
        return 'A moment is written `timestamp("2026-01-31T00:00:00Z")`.'
    return ""


def never_equal(node: Binary, left: t.Type, right: t.Type) -> str:
    """On `==` and `!=` of types that have no value in common."""
    for list_, item, kind, other in (
        (node.left, node.right, left, right),
        (node.right, node.left, right, left),
    ):
        if isinstance(kind, t.OptionalOf):
            return f"Say what counts where it is absent: `{operand(list_)}.orValue(...)`."
        if isinstance(kind, t.ListOf) and t.join(kind.item, other) is not None:
            text, value = operand(list_), written(item)
            return f"Write `{operand(item)} in {text}`, or `{text}.all(x, x == {value})`."
        if isinstance(kind, t.ListOf) and other == t.INT:
            return f"Compare its size: `size({written(list_)})`."
        if kind == t.TIMESTAMP and other == t.STRING:
            return 'A moment is written `timestamp("2026-01-31T00:00:00Z")`.'
        if kind == t.DURATION and other == t.STRING:
            return f'A span of time is written `duration({written(item)})`, such as `"168h"`.'
        if kind == t.DURATION and other == t.INT:
            return f"A span of time has a unit: `days({written(item)})`."
    return _quotes(node, left, right)


def _quotes(node: Binary, left: t.Type, right: t.Type) -> str:
    """Quotes that are missing, or that should not be there."""
    for part, kind, other in ((node.right, right, left), (node.left, left, right)):
        if not isinstance(part, Literal):
            continue
        if isinstance(part.value, str) and _spelt(part.value, other):
            return f"Take the quotes away: `{part.value}`."
        if isinstance(part.value, str) and other == t.DOUBLE and _spelt(part.value, t.INT):
            return f"Take the quotes away: `{part.value}`."
        if isinstance(part.value, str) and other in (t.CIDR, t.IP):
            return f"Write `{other}({written(part)})`."
        if kind in (t.INT, t.DOUBLE, t.BOOL) and (other == t.STRING or isinstance(other, t.Choice)):
            return f'A text stands in quotes: "{written(part)}".'
        if kind == t.INT and other == t.DOUBLE:
            return f"Write `{part.value}.0`."
    return ""


def _spelt(text: str, kind: t.Type) -> bool:
    """Whether the text spells a value of the type."""
    if kind == t.BOOL:
        return text in ("true", "false")
    digits = text.removeprefix("-")
    return digits.isdecimal() if kind == t.INT else kind == t.DOUBLE and _is_number(digits)


def _is_number(text: str) -> bool:
    whole, _, part = text.partition(".")
    return whole.isdecimal() and part.isdecimal()


def no_arithmetic(node: Binary, left: t.Type, right: t.Type) -> str:
    """On `+`, `-`, `*`, `/` and `%` of types that do not go together."""
    kinds = (left, right)
    if node.operator in "+-" and t.INT in kinds and (t.TIMESTAMP in kinds or t.DURATION in kinds):
        other = node.right if right == t.INT else node.left
        return f"A span of time has a unit: `days({written(other)})`."
    if set(kinds) == {t.INT, t.DOUBLE}:
        return "Both must be whole numbers, or both must have a point: `1.0`."
    if node.operator == "+" and t.TIMESTAMP in kinds and left == right:
        return "Moments are subtracted: `now - resource.created_at` is a span of time."
    return _quotes(node, left, right)


def no_membership(node: Binary, item: t.Type, container: t.Type) -> str:
    """On `in` where the right side is neither a list nor a map."""
    if container == t.STRING and item == t.STRING:
        return f"Write `{operand(node.right)}.contains({written(node.left)})`."
    if t.join(item, container) is not None:
        return f"Write `{operand(node.left)} == {operand(node.right)}`, or a list: `[a, b]`."
    return ""


def never_in(node: Binary, item: t.Type, member: t.Type) -> str:
    """On `in` a list that cannot hold such a value."""
    if isinstance(item, t.ListOf) and t.join(item.item, member) is not None:
        text, right = operand(node.left), operand(node.right)
        return f"Ask each: `{text}.all(x, x in {right})` or `{text}.exists(x, x in {right})`."
    if isinstance(item, t.Object) and member == t.STRING:
        return f"Ask each: `{operand(node.right)}.exists(x, refers_to(x, {written(node.left)}))`."
    if item == t.INT and member == t.STRING and isinstance(node.left, Literal):
        return f'A text stands in quotes: "{node.left.value}".'
    if item == t.STRING and member == t.INT and isinstance(node.left, Literal):
        return "Take the quotes away." if _spelt(str(node.left.value), t.INT) else ""
    return ""


def never_null(node: Node, kind: t.Type) -> str:
    """On a comparison with null of what always has a value."""
    text = operand(node)
    if isinstance(node, Select) and written(node.operand).endswith(".tags"):
        return f"Ask whether there is such a tag: `has({text})`."
    if isinstance(kind, (t.ListOf, t.MapOf)):
        return f"Without members it is empty: `size({written(node)}) == 0`."
    return (
        f'Take the comparison out, or ask for `{text} == ""`.'
        if kind == t.STRING
        else ("Take the comparison out.")
    )


def guarded(node: Node) -> str:
    """On a value that may be absent."""
    text = written(node)
    there = f"has({text})" if isinstance(node, Select) else f"{operand(node)} != null"
    absent = f"!{there}" if isinstance(node, Select) else f"{operand(node)} == null"
    return f"`{there} && ...` wants it to be there; `{absent} || ...` also lets it be absent."


def macro_body(node: Comprehension, kind: t.Type) -> str:
    """On the body of a quantifier that is no condition."""
    return not_bool(node.body, kind)


def operand(node: Node) -> str:
    """The spelling of a node as the operand of something that binds tightly."""
    text = written(node)
    loose = not isinstance(
        node, (Name, Select, Index, OptionalSelect, OptionalIndex, Call, Literal, Comprehension)
    )
    return f"({text})" if loose and text[:1] not in "([{" else text

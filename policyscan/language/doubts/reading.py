"""From the tree of a condition to a formula over its terms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from policyscan.language import types as t
from policyscan.language.checking.narrowing import compared_with_null
from policyscan.language.doubts.formulas import (
    MAX_WORK,
    Every,
    Fact,
    Formula,
    Not,
    Some,
    Term,
    Truth,
    always,
)
from policyscan.language.proving.evaluator import PROVERS
from policyscan.language.proving.walk import Exhausted, Walk
from policyscan.language.proving.worlds import Split, World
from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Has,
    ListLiteral,
    Literal,
    Logic,
    Name,
    Node,
    Resources,
    Ternary,
    Unary,
    walk,
    written,
)
from policyscan.values import Undetermined

_STEPS = 10_000
_OPEN = object()
"""The value of what is not the same every time."""
_PYTHON: Mapping[type, tuple[t.Type, ...]] = {
    bool: (t.BOOL,),
    int: (t.INT,),
    float: (t.DOUBLE,),
    str: (t.STRING,),
    datetime: (t.TIMESTAMP,),
    timedelta: (t.DURATION,),
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_RELATIONS: Mapping[str, tuple[str, ...]] = {
    "==": ("equal",),
    "<": ("less",),
    "<=": ("less", "equal"),
    ">": ("greater",),
    ">=": ("greater", "equal"),
}
_SAME = (t.BOOL, t.INT, t.STRING, t.TIMESTAMP, t.DURATION)
"""Types whose values are equal to themselves; a double may be NaN."""


class Reader:
    """Reads conditions; `types` says of what type each node is, by its identity, before a guard
    narrows it."""

    def __init__(self, types: Mapping[Node, t.Type]) -> None:
        self._types = types
        self.terms: dict[str, Term] = {}
        self._work = 5 * MAX_WORK

    def always(self, formula: Formula) -> bool | None:
        """The truth of a formula in every case; None if it differs or cannot be told."""
        truth, took = always(formula, self.terms, min(MAX_WORK, self._work))
        self._work -= took
        return truth

    def formula(self, node: Node) -> Formula:
        """What a node of type bool says."""
        value = self._constant(node)
        if isinstance(value, bool):
            return Truth(value)
        match node:
            case Unary(operator="!"):
                return Not(self.formula(node.operand))
            case Logic():
                parts = tuple(self.formula(operand) for operand in node.operands)
                return Every(parts) if node.operator == "&&" else Some(parts)
            case Ternary():
                yes, no = self.formula(node.yes), self.formula(node.no)
                condition = self.formula(node.condition)
                return Some((Every((condition, yes)), Every((Not(condition), no))))
            case Has():
                return self._has(node)
            case Comprehension():
                return self._quantified(node)
            case Binary(operator="=="):
                return self._equal(node.left, node.right, node)
            case Binary(operator="!="):
                return Not(self._equal(node.left, node.right, node))
            case Binary(operator="<" | "<=" | ">" | ">="):
                return self._related(node.operator, node.left, node.right)
            case Binary(operator="in", right=ListLiteral()):
                items = node.right.items if isinstance(node.right, ListLiteral) else ()
                return Some(tuple(self._related("==", node.left, item) for item in items))
        return self._true(node)

    def _kind(self, node: Node) -> t.Type | None:
        kind = self._types.get(node)
        return kind.inner if isinstance(kind, t.Optional) else kind

    def _null(self, node: Node) -> bool:
        return isinstance(self._types.get(node), t.Optional)

    def _true(self, node: Node) -> Formula:
        """A condition of which nothing more is known."""
        name = written(node)
        self.terms[name] = Term(t.BOOL, self._null(node), words=(True, False))
        return Fact(name, "==", True)

    def _has(self, node: Has) -> Formula:
        if self._null(node.selection):
            return Not(self._absent(node.selection))
        owner = self._types.get(node.selection.operand)
        if isinstance(owner, t.Optional):
            owner = owner.inner
        known = isinstance(owner, t.Object) or str(owner) == "params"
        return Truth(value=True) if known else self._true(node)

    def _absent(self, node: Node) -> Formula:
        return Fact(self._term(node), "null")

    def _quantified(self, node: Comprehension) -> Formula:
        body = self.always(self.formula(node.body))
        nothing = isinstance(node.range, ListLiteral) and not node.range.items
        if node.macro == "all" and (body is True or nothing):
            return Truth(value=True)
        if node.macro in ("exists", "exists_one") and (body is False or nothing):
            return Truth(value=False)
        return self._true(node)

    def _equal(self, left: Node, right: Node, node: Binary) -> Formula:
        operand = compared_with_null(node)
        if operand is not None:
            return self._absent(operand) if self._null(operand) else self._true(node)
        if self._kind(left) == t.BOOL and self._kind(right) == t.BOOL:
            one, other = self.formula(left), self.formula(right)
            return Some((Every((one, other)), Every((Not(one), Not(other)))))
        return self._related("==", left, right)

    def _related(self, operator: str, left: Node, right: Node) -> Formula:
        constant = self._constant(left)
        if constant is not _OPEN:
            left, right, operator = right, left, _TURNED.get(operator, operator)
        else:
            constant = self._constant(right)
        if constant is not _OPEN:
            return self._against(operator, left, constant, right)
        return self._between(operator, left, right)

    def _against(self, operator: str, node: Node, constant: object, literal: Node) -> Formula:
        """A term against a value that is always the same."""
        kind = self._kind(node)
        wanted = _PYTHON.get(type(constant), ())
        fits = kind in wanted or (isinstance(kind, t.Choice) and operator == "==")
        if not fits or isinstance(constant, bool) or _is_nan(constant):
            return self._between(operator, node, literal)
        return Fact(self._term(node), operator, constant)

    def _term(self, node: Node) -> str:
        name = written(node)
        kind = self._kind(node)
        sized = isinstance(node, Call) and node.function == "size"
        words = (True, False) if kind == t.BOOL else ()
        self.terms[name] = Term(kind, self._null(node), 0 if sized else None, words)
        return name

    def _between(self, operator: str, left: Node, right: Node) -> Formula:
        """Two terms against each other."""
        one, other = written(left), written(right)
        kinds = self._kind(left), self._kind(right)
        same = one == other and (kinds[0] in _SAME or isinstance(kinds[0], t.Choice))
        if same:
            return Truth("equal" in _RELATIONS[operator])
        if one > other:
            one, other, operator = other, one, _TURNED.get(operator, operator)
        name = f"{one} <=> {other}"
        ordered = kinds[0] in _SAME and kinds[0] == kinds[1]
        ordered = ordered and not self._null(left) and not self._null(right)
        words = ("less", "equal", "greater") if ordered else ("less", "equal", "greater", "none")
        self.terms[name] = Term(None, words=words)
        return Some(tuple(Fact(name, "==", word) for word in _RELATIONS[operator]))

    def _constant(self, node: Node) -> object:
        """The value of what names nothing; `_OPEN` if it names something or has no value."""
        if isinstance(node, Literal):
            return node.value
        if any(isinstance(each, (Name, Resources, Comprehension)) for each in walk(node)):
            return _OPEN
        try:
            value = Walk(PROVERS, {}, None, World(), _STEPS).prove(node).value
        except (Exhausted, Undetermined, Split):
            return _OPEN
        return value if type(value) in _PYTHON else _OPEN


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)

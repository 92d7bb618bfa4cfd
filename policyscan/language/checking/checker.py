"""Judges a tree before it may run: every name, field and function exists, every type fits, and no
optional value is used without a guard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from policyscan.language import left_out
from policyscan.language import types as t
from policyscan.language.checking import called, operators, optionals
from policyscan.language.checking.narrowing import compared_with_null, proves
from policyscan.language.diagnostics import ExpressionError
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.hints import names, operands
from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Has,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Name,
    Node,
    OptionalIndex,
    OptionalSelect,
    Resources,
    Select,
    Ternary,
    Unary,
    written,
)
from policyscan.text.complaints import suggestion

_KEYS = (t.STRING, t.INT, t.BOOL, t.NOTHING)


class Scope(Struct, frozen=True):
    """The variables in sight, and the optional values proved to be there."""

    variables: Mapping[str, t.Type]
    present: frozenset[str] = frozenset()

    def knowing(self, present: frozenset[str]) -> Scope:
        """The same scope with more values proved."""
        return Scope(self.variables, self.present | present) if present else self

    def binding(self, name: str, kind: t.Type) -> Scope:
        """The same scope with one more variable."""
        return Scope({**self.variables, name: kind}, self.present)


class Checker(Struct):
    """Judges one tree; `kinds` and `context` then tell what it reads besides its resource."""

    resource_kinds: Mapping[str, type[Any]]
    kinds: set[str] = field(default_factory=set)
    context: set[str] = field(default_factory=set)
    types: dict[Node, t.Type] = field(default_factory=dict)
    """The type of every node that was judged, not optional where it is proved to be there."""
    declared: dict[Node, t.Type] = field(default_factory=dict)
    """The same before a guard narrows it."""

    def check(self, root: Node, names: Mapping[str, t.Type], *, is_condition: bool) -> t.Type:
        """The type of `root`, a sound expression over `names`. Raises ExpressionError."""
        kind = self._value(root, Scope(names))
        if is_condition and kind != t.BOOL:
            hint = operands.not_bool(root, kind)
            raise _error(root, f"a condition must be bool, this is {kind}", hint)
        return kind

    def _check(self, node: Node, scope: Scope) -> t.Type:
        kind = _CHECKS[type(node)](self, node, scope)
        self.declared[node] = kind
        if isinstance(kind, t.Optional) and written(node) in scope.present:
            kind = kind.inner
        self.types[node] = kind
        return kind

    def _value(self, node: Node, scope: Scope) -> t.Type:
        kind = _present(node, self._check(node, scope))
        if isinstance(kind, t.Settings):
            said = f"'{kind}' is not a value; select one of its names"
            raise _error(node, said, names.settings(kind))
        return kind

    def _literal(self, node: Literal, _: Scope) -> t.Type:
        return _LITERALS[type(node.value)]

    def _name(self, node: Name, scope: Scope) -> t.Type:
        kind = scope.variables.get(node.name)
        if kind is None and node.name in left_out.TYPES:
            raise _error(node, left_out.TYPES[node.name].message)
        if kind is None:
            close, hint = names.unknown_name(node.name, scope.variables)
            raise _error(node, f"unknown name '{node.name}'{close}", hint)
        return kind

    def _select(self, node: Select, scope: Scope) -> t.Type:
        owner = _present(node.operand, self._check(node.operand, scope))
        if isinstance(owner, t.OptionalOf):
            return optionals.of(self._selected(node, owner.inner))
        return self._selected(node, owner)

    def _selected(self, node: Select | OptionalSelect, owner: t.Type) -> t.Type:
        if isinstance(owner, t.MapOf):
            if not t.assignable(t.STRING, owner.key) and owner.key != t.NOTHING:
                raise _at_end(node, f"the keys of {owner} are no names; write [{owner.key}]")
            return owner.value
        if owner == t.NOTHING:
            return owner
        if not isinstance(owner, (t.Object, t.Settings)):
            raise _at_end(node, f"{owner} has no fields", names.no_fields(node, owner))
        kind = owner.fields.get(node.field)
        if kind is None:
            noun = "field" if isinstance(owner, t.Object) else "name"
            close = suggestion(node.field, owner.fields)
            hint = names.unknown_field(node, owner, close)
            raise _at_end(node, f"unknown {noun} '{node.field}' of {owner}{close}", hint)
        if isinstance(owner, t.Settings) and owner.name == "context":
            self.context.add(node.field)
        return kind

    def _optional(self, node: OptionalSelect | OptionalIndex, scope: Scope) -> t.Type:
        owner = optionals.inside(self._check(node.operand, scope))
        if isinstance(node, OptionalSelect):
            return optionals.of(self._selected(node, owner))
        return optionals.of(self._indexed(node, owner, self._value(node.index, scope)))

    def _has(self, node: Has, scope: Scope) -> t.Type:
        self._check(node.selection, scope)
        return t.BOOL

    def _index(self, node: Index, scope: Scope) -> t.Type:
        owner, index = self._value(node.operand, scope), self._value(node.index, scope)
        if isinstance(owner, t.OptionalOf):
            return optionals.of(self._indexed(node, owner.inner, index))
        return self._indexed(node, owner, index)

    def _indexed(self, node: Index | OptionalIndex, owner: t.Type, index: t.Type) -> t.Type:
        if owner == t.NOTHING:
            return owner
        if not isinstance(owner, (t.ListOf, t.MapOf)):
            hint = names.cannot_be_indexed(node, owner)
            raise _error(node.operand, f"{owner} cannot be indexed", hint)
        wanted = t.INT if isinstance(owner, t.ListOf) else owner.key
        if wanted != t.NOTHING and not t.assignable(index, wanted):
            hint = names.wrong_index(node, owner)
            said = f"the index of {owner} must be {wanted}, this is {index}"
            raise _error(node.index, said, hint)
        return owner.item if isinstance(owner, t.ListOf) else owner.value

    def _resources(self, node: Resources, _: Scope) -> t.Type:
        model = self.resource_kinds.get(node.kind)
        if model is None:
            close = suggestion(node.kind, self.resource_kinds)
            hint = "" if close else f"There is {', '.join(sorted(self.resource_kinds))}."
            raise _error(node, f"unknown kind '{node.kind}'{close}", hint)
        self.kinds.add(node.kind)
        return t.ListOf(t.Object(model))

    def _call(self, node: Call, scope: Scope) -> t.Type:
        if optionals.is_of_optionals(node):
            arguments = [self._value(argument, scope) for argument in node.arguments]
            return optionals.called(node, arguments, scope.present)
        function = FUNCTIONS.get(node.function)
        if function is None:
            raise called.unknown(node, lambda: self._check(node.arguments[0], scope))
        forms = called.forms(node, function)
        return called.result(node, function, forms, [self._value(x, scope) for x in node.arguments])

    def _unary(self, node: Unary, scope: Scope) -> t.Type:
        kind = self._value(node.operand, scope)
        if kind not in ((t.BOOL,) if node.operator == "!" else operators.NUMBERS):
            hint = operands.no_operator(node, kind)
            raise _error(node, f"no operator {node.operator} for {kind}", hint)
        return kind

    def _logic(self, node: Logic, scope: Scope) -> t.Type:
        for operand in node.operands:
            kind = self._value(operand, scope)
            if kind != t.BOOL:
                said = f"an operand of {node.operator} must be bool, this is {kind}"
                raise _error(operand, said, operands.not_bool(operand, kind))
            known = proves(operand)
            scope = scope.knowing(known.if_true if node.operator == "&&" else known.if_false)
        return t.BOOL

    def _ternary(self, node: Ternary, scope: Scope) -> t.Type:
        condition = self._value(node.condition, scope)
        if condition != t.BOOL:
            hint = operands.not_bool(node.condition, condition)
            said = f"the condition of ?: must be bool, this is {condition}"
            raise _error(node.condition, said, hint)
        known = proves(node.condition)
        yes = self._value(node.yes, scope.knowing(known.if_true))
        no = self._value(node.no, scope.knowing(known.if_false))
        kind = t.join(yes, no)
        if kind is None:
            raise _error(node, f"the branches of ?: have different types, {yes} and {no}")
        return kind

    def _list(self, node: ListLiteral, scope: Scope) -> t.Type:
        return t.ListOf(self._joined(node.items, scope, "the members of a list"))

    def _map(self, node: MapLiteral, scope: Scope) -> t.Type:
        keys = tuple(key for key, _ in node.entries)
        values = tuple(value for _, value in node.entries)
        key = self._joined(keys, scope, "the keys of a map")
        if isinstance(key, t.Choice):
            key = t.STRING
        if key not in _KEYS:
            raise _error(node, f"the keys of a map must be string, int or bool, these are {key}")
        return t.MapOf(key, self._joined(values, scope, "the values of a map"))

    def _joined(self, nodes: tuple[Node, ...], scope: Scope, what: str) -> t.Type:
        kind: t.Type = t.NOTHING
        for node in nodes:
            each = self._value(node, scope)
            if each == t.NULL:
                raise _error(node, left_out.SYNTAX["null member"].message)
            joined = t.join(kind, each)
            if joined is None:
                raise _error(node, f"{what} must have one type, found {kind} and {each}")
            kind = joined
        return kind

    def _comprehension(self, node: Comprehension, scope: Scope) -> t.Type:
        source = self._value(node.range, scope)
        if not isinstance(source, (t.ListOf, t.MapOf)):
            raise _error(node.range, f"{node.macro}() needs a list or a map, this is {source}")
        if node.variable in scope.variables:
            raise _error(
                node, f"'{node.variable}' already means something here; rename the variable"
            )
        item = source.item if isinstance(source, t.ListOf) else source.key
        body = self._value(node.body, scope.binding(node.variable, item))
        if node.macro == "map":
            return t.ListOf(body)
        if body != t.BOOL:
            hint = operands.not_bool(node.body, body)
            said = f"the body of {node.macro}() must be bool, this is {body}"
            raise _error(node.body, said, hint)
        return t.ListOf(item) if node.macro == "filter" else t.BOOL

    def _binary(self, node: Binary, scope: Scope) -> t.Type:
        if node.operator in ("==", "!="):
            return self._equality(node, scope)
        return operators.binary(node, self._value(node.left, scope), self._value(node.right, scope))

    def _equality(self, node: Binary, scope: Scope) -> t.Type:
        operand = compared_with_null(node)
        if operand is not None:
            kind = self._check(operand, Scope(scope.variables, scope.present - {written(operand)}))
            if not isinstance(kind, t.Optional) and kind != t.NULL:
                hint = operands.never_null(operand, kind)
                raise _error(node, f"'{written(operand)}' is never null", hint)
            return t.BOOL
        if isinstance(node.right, Name) and names.is_constant(node.right.name):
            self._name(node.right, scope)  # None for null explains more than its neighbour
        return operators.equality(
            node, self._value(node.left, scope), self._value(node.right, scope)
        )


def _present(node: Node, kind: t.Type) -> t.Type:
    if isinstance(kind, t.Optional):
        said = f"'{written(node)}' may be absent ({kind}): {_guard(node)}"
        raise _error(node, said, operands.guarded(node))
    return kind


def _guard(node: Node) -> str:
    text = written(node)
    return (
        f"guard it with has({text})"
        if isinstance(node, Select)
        else f"guard it with {text} != null"
    )


def _error(node: Node, message: str, hint: str = "") -> ExpressionError:
    return ExpressionError(message, node.start, node.end, hint)


def _at_end(node: Select | OptionalSelect, message: str, hint: str = "") -> ExpressionError:
    """An error about the field alone."""
    return ExpressionError(message, node.end - len(node.field), node.end, hint)


_LITERALS: Mapping[type, t.Type] = {
    bool: t.BOOL,
    int: t.INT,
    float: t.DOUBLE,
    str: t.STRING,
    type(None): t.NULL,
}
_CHECKS: Mapping[type, Callable[[Checker, Any, Scope], t.Type]] = {
    Literal: Checker._literal,
    Name: Checker._name,
    Select: Checker._select,
    Has: Checker._has,
    Index: Checker._index,
    Resources: Checker._resources,
    Call: Checker._call,
    Unary: Checker._unary,
    Logic: Checker._logic,
    Ternary: Checker._ternary,
    ListLiteral: Checker._list,
    MapLiteral: Checker._map,
    Comprehension: Checker._comprehension,
    Binary: Checker._binary,
    OptionalSelect: Checker._optional,
    OptionalIndex: Checker._optional,
}

"""How each class of node is written in Python."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from policyscan.language import types as t
from policyscan.language.checking.narrowing import compared_with_null
from policyscan.language.compiled import pieces as p
from policyscan.language.compiled.calls import write_call
from policyscan.language.compiled.compiler import (
    Compiler,
    Declined,
    Writer,
    is_setting,
    scalar_class,
    setting_key,
)
from policyscan.language.compiled.loops import write_comprehension
from policyscan.language.compiled.pieces import Key, Scope, Value
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
    Resources,
    Select,
    Ternary,
    Unary,
)

_LOW, _HIGH = -(2**63), 2**63 - 1
_ORDERS: Mapping[str, type[ast.cmpop]] = {"<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
_SUMS: Mapping[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}
_NUMBERS = (t.INT, t.DOUBLE)


def _literal(_: Compiler, node: Literal) -> Value:
    return Value(p.constant(node.value), sure=node.value is not None)


def _name(compiler: Compiler, node: Name) -> Value:
    place = compiler.place(node)
    assert place is not None
    held = compiler.scope.find(place[0])
    if held is not None:
        return held
    return Value(p.name(str(place[0][0])), compiler.is_sure(node.name), place[0])


def _select(compiler: Compiler, node: Select) -> Value:
    return _read(compiler, node)


def _read(compiler: Compiler, node: Select | Index | Resources) -> Value:
    """A value from its place, from where it is held or from before the loops that it does not hang
    on, if it is a field of something that is looked at anyway."""
    place = compiler.place(node)
    if place is None:
        return _fetched(compiler, node, None)
    key, depth = place
    held = compiler.scope.find(key)
    if held is not None:
        return held
    near = isinstance(node, Resources) or (
        isinstance(node, Select) and isinstance(node.operand, Name)
    )
    if near and depth < len(compiler.loops):
        return compiler.ahead(depth, lambda: _fetched(compiler, node, key))
    return _fetched(compiler, node, key)


def _fetched(compiler: Compiler, node: Select | Index | Resources, key: Key | None) -> Value:
    if isinstance(node, Resources):
        return Value(p.call("resources", p.constant(node.kind)), key=key)
    if isinstance(node, Index):
        return Value(_member(compiler, node), key=key)
    owner = compiler.kind(node.operand)
    if isinstance(owner, t.Settings):
        table = compiler.value(node.operand).code
        return Value(p.item(table, p.constant(node.field)), key=key)
    holder = compiler.sure(node.operand)
    if isinstance(owner, t.MapOf):
        return Value(p.item(holder, p.constant(node.field)), key=key)
    if not isinstance(owner, t.Object) or node.field not in owner.fields:
        raise Declined
    return Value(p.attribute(holder, node.field), key=key)


def _member(compiler: Compiler, node: Index) -> ast.expr:
    holder, index = compiler.operands(node.operand, node.index)
    if isinstance(compiler.kind(node.operand), t.ListOf):
        return p.call("at", holder, index)
    return p.item(holder, index)


def _has(compiler: Compiler, node: Has) -> Value:
    selection = node.selection
    owner = compiler.kind(selection.operand)
    if isinstance(owner, t.Object):
        may_be_absent = isinstance(owner.fields.get(selection.field), t.Optional)
        return _presence(
            compiler,
            compiler.value(selection),
            compiler.kind(selection),
            may_be_absent=may_be_absent,
        )
    if not isinstance(owner, t.MapOf):
        return _presence(compiler, compiler.value(selection), compiler.kind(selection))
    held = compiler.sure(selection.operand)
    found = p.call(p.attribute(held, "get"), p.constant(selection.field))
    return _presence(compiler, Value(found), owner.value)


def _presence(
    compiler: Compiler, value: Value, kind: t.Type, *, may_be_absent: bool = True
) -> Value:
    """Whether a value is there, which is known of it. A field that must be there is missed."""
    if value.sure:
        return Value(p.constant(True), sure=True)
    tests = compiler.tests(value, kind.inner if isinstance(kind, t.Optional) else kind)
    if tests is None:
        return Value(p.call("there", value.code), sure=True)
    variable, test = tests
    compiler.scope.hold(Value(variable, False, value.key))
    if not may_be_absent:
        return Value(p.either(test, p.call("left")), sure=True)
    absent = p.compared(variable, ast.Is(), p.constant(None))
    return Value(p.either(test, p.when(absent, p.constant(False), p.call("left"))), sure=True)


def _unary(compiler: Compiler, node: Unary) -> Value:
    operand = compiler.sure(node.operand)
    if node.operator == "!":
        return Value(p.negated(operand), sure=True)
    return Value(p.call("negate", operand))


def _logic(compiler: Compiler, node: Logic) -> Value:
    """One Python expression, as far as no operand has a macro; such a one is worked out by
    statements, under the condition that it is needed."""
    joined = p.both if node.operator == "&&" else p.either
    outer, parts, result = compiler.scope, list[ast.expr](), compiler.new()
    for number, operand in enumerate(node.operands):
        if number == 1:
            compiler.scope = Scope(outer)
        if number and operand in compiler.looping:
            block = compiler.block
            block.append(p.assign(result, joined(*parts)))
            compiler.block = []
            compiler.block.append(p.assign(result, compiler.sure(operand)))
            needed = p.name(result) if node.operator == "&&" else p.negated(p.name(result))
            block.append(p.branch(needed, compiler.block))
            compiler.block, parts = block, [p.name(result)]
        else:
            parts.append(compiler.sure(operand))
    compiler.scope = outer
    return Value(joined(*parts), sure=True)


def _ternary(compiler: Compiler, node: Ternary) -> Value:
    kind = compiler.kind(node)
    statements = node.yes in compiler.looping or node.no in compiler.looping
    test = compiler.sure(node.condition)
    if statements:
        test = compiler.spilled(test)
    outer, block, result = compiler.scope, compiler.block, compiler.new()
    found: list[tuple[Value, list[ast.stmt]]] = []
    for each in (node.yes, node.no):
        compiler.scope, compiler.block = Scope(outer), []
        value = compiler.value(each)
        if scalar_class(kind):
            value = Value(compiler.secured(value, compiler.kind(each)), sure=True)
        found.append((value, compiler.block))
    compiler.scope, compiler.block = outer, block
    (yes, yes_block), (no, no_block) = found
    sure = yes.sure and no.sure
    if not statements:
        return Value(p.when(test, yes.code, no.code), sure)
    yes_block.append(p.assign(result, yes.code))
    no_block.append(p.assign(result, no.code))
    block.append(p.branch(test, yes_block, no_block))
    return Value(p.name(result), sure)


def _list(compiler: Compiler, node: ListLiteral) -> Value:
    if all(isinstance(each, Literal) for each in node.items):
        return Value(p.constant(_constants(node)), sure=True)
    return Value(p.listed(compiler.operands(*node.items, by=_raw)), sure=True)


def _raw(compiler: Compiler, node: Node) -> ast.expr:
    return compiler.value(node).code


def _constants(node: ListLiteral) -> tuple[Any, ...]:
    return tuple(each.value for each in node.items if isinstance(each, Literal))


def _map(compiler: Compiler, node: MapLiteral) -> Value:
    entries = [each for entry in node.entries for each in entry]
    return Value(
        p.call("mapped", compiler.budget(), *compiler.operands(*entries, by=_raw)), sure=True
    )


def _binary(compiler: Compiler, node: Binary) -> Value:
    if node.operator in ("==", "!="):
        return _equality(compiler, node)
    if node.operator == "in":
        return _membership(compiler, node)
    if node.operator in _ORDERS:
        left, right = compiler.operands(node.left, node.right)
        if compiler.kind(node.left) != compiler.kind(node.right):
            order = p.call("compare", p.constant(node.operator), left, right)
            return Value(order, sure=True)
        return Value(p.compared(left, _ORDERS[node.operator](), right), sure=True)
    if compiler.loops and is_setting(node):
        key = setting_key(node, "is")
        held = compiler.scope.find(key)
        return held or compiler.ahead(0, lambda: _arithmetic(compiler, node, key))
    return _arithmetic(compiler, node, None)


def _arithmetic(compiler: Compiler, node: Binary, key: Key | None) -> Value:
    kinds = {compiler.kind(node.left), compiler.kind(node.right)}
    left, right = compiler.operands(node.left, node.right)
    if any(isinstance(kind, t.ListOf) for kind in kinds):
        return Value(p.call("joined", left, right, compiler.budget()), sure=True, key=key)
    if kinds != {t.INT} or node.operator not in _SUMS:
        result = p.call("calculate", p.constant(node.operator), left, right)
        if compiler.kind(node) == t.STRING:
            result = p.call("text", result, compiler.budget())
        return Value(result, key=key)
    variable = compiler.new()
    sum_ = p.bound(variable, p.computed(left, _SUMS[node.operator](), right))
    fits = p.within(_LOW, sum_, _HIGH)
    return Value(p.when(fits, p.name(variable), p.call("left")), sure=True, key=key)


def _equality(compiler: Compiler, node: Binary) -> Value:
    operand = compared_with_null(node)
    if operand is not None:
        found = _presence(compiler, compiler.value(operand), compiler.kind(operand))
        return found if node.operator == "!=" else Value(p.negated(found.code), sure=True)
    kinds = [compiler.kind(node.left), compiler.kind(node.right)]
    classes = {scalar_class(kind) for kind in kinds}
    if None not in classes and (len(classes) == 1 or classes == {int, float}):
        left, right = compiler.operands(node.left, node.right)
        if len(classes) > 1:
            same = p.call("equal", left, right)
            return Value(same if node.operator == "==" else p.negated(same), sure=True)
        operator = ast.Eq() if node.operator == "==" else ast.NotEq()
        return Value(p.compared(left, operator, right), sure=True)
    operands = compiler.operands(node.left, node.right, by=_raw)
    equal = p.call("alike", *operands, compiler.budget())
    return Value(equal if node.operator == "==" else p.negated(equal), sure=True)


def _membership(compiler: Compiler, node: Binary) -> Value:
    item, container = compiler.kind(node.left), compiler.kind(node.right)
    python = scalar_class(item)
    if isinstance(container, t.MapOf):
        if python is not str:
            raise Declined
        key, holder = compiler.operands(node.left, node.right)
        return Value(p.compared(key, ast.In(), holder), sure=True)
    if not isinstance(container, t.ListOf):
        raise Declined
    if isinstance(node.right, ListLiteral) and python in (str, int):
        values = _constants(node.right)
        if len(values) == len(node.right.items) and all(type(each) is python for each in values):
            found = p.compared(compiler.sure(node.left), ast.In(), p.constant(values))
            return Value(found, sure=True)
    if python is None or scalar_class(container.item) not in (python, None):
        operands = compiler.operands(node.left, node.right, by=_raw)
        return Value(p.call("among_alike", *operands, compiler.budget()), sure=True)
    left, right = compiler.operands(node.left, node.right)
    kind = p.name(f"c_{python.__name__}")
    return Value(p.call("among", left, right, kind, compiler.budget()), sure=True)


WRITERS: Mapping[type[Node], Writer] = MappingProxyType(
    {
        Literal: _literal,
        Name: _name,
        Select: _select,
        Has: _has,
        Index: _read,
        Resources: _read,
        Call: write_call,
        Unary: _unary,
        Binary: _binary,
        Logic: _logic,
        Ternary: _ternary,
        ListLiteral: _list,
        MapLiteral: _map,
        Comprehension: write_comprehension,
    }
)
"""What writes each class of node. Each names every field of its class: a tree with more is none
that was meant."""

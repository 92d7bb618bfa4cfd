"""Calls: strict functions get values that are wholly known, lifted ones get them as they are."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from policyscan.language import types as t
from policyscan.language.compiled import pieces as p
from policyscan.language.compiled.compiler import (
    LONG,
    Compiler,
    Declined,
    is_setting,
    scalar_class,
    setting_key,
)
from policyscan.language.compiled.pieces import Key, Value
from policyscan.language.compiled.support import SCALARS
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.table import FUNCTIONS, Function
from policyscan.language.proving.optionals import is_of_optionals
from policyscan.language.syntax.tree import Call, Literal, Node


def write_call(compiler: Compiler, node: Call) -> Value:
    """A call; what follows from parameters and time alone is worked out before any loop."""
    function = FUNCTIONS.get(node.function)
    if function is None or function.asks_unit or is_of_optionals(node):
        raise Declined
    literals = [each.value for each in node.arguments if isinstance(each, Literal)]
    if len(literals) == len(node.arguments) and not function.lifted:
        return _folded(compiler, function, literals)
    if compiler.loops and is_setting(node):
        key = setting_key(node, "is")
        held = compiler.scope.find(key)
        return held or compiler.ahead(0, lambda: _called(compiler, node, function, key))
    return _called(compiler, node, function, None)


def _folded(compiler: Compiler, function: Function, literals: Sequence[Any]) -> Value:
    """What a function says of constants, once and for all."""
    try:
        value = function.call(*literals)
    except (Fault, ValueError, TypeError, ArithmeticError):
        return Value(p.call("left"))
    if value.__class__ in (bool, int, float, str):
        return Value(p.constant(value), sure=True)
    return Value(compiler.helper(value), sure=value.__class__ in SCALARS)


def _called(compiler: Compiler, node: Call, function: Function, key: Key | None) -> Value:
    if function.call is len:
        return Value(p.call("size", compiler.sure(node.arguments[0])), sure=True, key=key)
    if function.lifted:
        arguments = compiler.operands(*node.arguments, by=_settled)
        call = compiler.helper(function.call)
        return Value(p.call("answered", call, *arguments), key=key)
    by = Compiler.sure if function.shallow else _whole
    arguments = compiler.operands(*node.arguments, by=by)
    call = compiler.helper(function.call)
    if function.cost is None:
        result = p.call(call, *arguments)
    else:
        cost = compiler.helper(function.cost)
        result = p.call("costly", call, cost, compiler.budget(), *arguments)
    if compiler.kind(node) == t.STRING:
        result = p.call("text", result, compiler.budget())
    return Value(result, key=key)


def _settled(compiler: Compiler, node: Node) -> ast.expr:
    return p.call("settled", compiler.value(node).code, compiler.budget())


def _whole(compiler: Compiler, node: Node) -> ast.expr:
    """An argument in which nothing at any depth is not known."""
    kind = compiler.kind(node)
    if scalar_class(kind) is str and not isinstance(node, Literal):
        return _text(compiler, node)
    if not isinstance(kind, (t.ListOf, t.MapOf)):
        return compiler.sure(node)
    if not (compiler.loops and is_setting(node)):
        return _looked_through(compiler, node, kind)
    key = setting_key(node, "whole")
    held = compiler.scope.find(key)
    if held is None:
        held = compiler.ahead(
            0, lambda: Value(_looked_through(compiler, node, kind), sure=True, key=key)
        )
    return held.code


def _text(compiler: Compiler, node: Node) -> ast.expr:
    """A text, which costs the more the longer it is."""
    value = compiler.value(node)
    variable = compiler.new()
    secured = p.bound(variable, compiler.secured(value, compiler.kind(node)))
    is_short = p.compared(p.call("size", secured), ast.Lt(), p.constant(LONG))
    cost = p.call("long", p.name(variable), compiler.budget())
    return p.when(p.either(is_short, cost), p.name(variable), p.call("left"))


def _looked_through(compiler: Compiler, node: Node, kind: t.Type) -> ast.expr:
    is_texts = isinstance(kind, t.ListOf) and scalar_class(kind.item) is str
    return p.call("texts" if is_texts else "whole", compiler.sure(node), compiler.budget())

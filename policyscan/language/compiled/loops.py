"""Macros as loops of statements: no frame is made for a member, and the budget is asked once."""

from __future__ import annotations

import ast

from policyscan.language import types as t
from policyscan.language.compiled import pieces as p
from policyscan.language.compiled.compiler import Compiler, Declined, Loop, Variable, steps
from policyscan.language.compiled.pieces import Scope, Value
from policyscan.language.syntax.tree import Comprehension


def write_comprehension(compiler: Compiler, node: Comprehension) -> Value:
    """`all`, `exists`, `exists_one`, `filter` and `map`."""
    if not isinstance(compiler.kind(node.range), (t.ListOf, t.MapOf)):
        raise Declined
    source = compiler.spilled(compiler.sure(node.range))
    outer, block, variables = compiler.scope, compiler.block, compiler.variables
    loop, member = Loop(outer, []), compiler.new()
    compiler.loops.append(loop)
    compiler.variables = {**variables, node.variable: Variable(member, len(compiler.loops))}
    compiler.scope, compiler.block = Scope(outer), []
    start, value = _body(compiler, node, member)
    body = compiler.block
    compiler.loops.pop()
    compiler.scope, compiler.block, compiler.variables = outer, block, variables
    block += [*start, *loop.before, *_charge(source, steps(node.body))]
    block.append(p.loop(member, source, body))
    return value


def _charge(source: ast.expr, each: int) -> list[ast.stmt]:
    """Takes the steps of all members off the budget."""
    work = p.computed(p.call("size", source), ast.Mult(), p.constant(each))
    rest = p.computed(p.name("n"), ast.Sub(), work)
    spent = p.compared(p.name("n"), ast.Lt(), p.constant(0))
    return [p.assign("n", rest), p.branch(spent, [p.statement(p.call("left"))])]


def _body(compiler: Compiler, node: Comprehension, member: str) -> tuple[list[ast.stmt], Value]:
    """What starts the loop, and its value; the body is written to the block."""
    result = compiler.new()
    found = p.name(result)
    if node.macro in ("all", "exists"):
        decisive = node.macro == "exists"
        test = compiler.sure(node.body)
        test = test if decisive else p.negated(test)
        done: list[ast.stmt] = [p.assign(result, p.constant(decisive)), p.leave()]
        compiler.block.append(p.branch(test, done))
        return [p.assign(result, p.constant(not decisive))], Value(found, sure=True)
    if node.macro == "exists_one":
        one_more = p.assign(result, p.computed(found, ast.Add(), p.constant(1)))
        compiler.block.append(p.branch(compiler.sure(node.body), [one_more]))
        one = p.compared(found, ast.Eq(), p.constant(1))
        return [p.assign(result, p.constant(0))], Value(one, sure=True)
    if node.macro == "filter":
        kept = [_append(found, p.name(member))]
        compiler.block.append(p.branch(compiler.sure(node.body), kept))
    elif node.macro == "map":
        compiler.block.append(_append(found, compiler.value(node.body).code))
    else:
        raise Declined
    empty = p.no_members()
    return [p.assign(result, empty)], Value(p.call("limited", found), sure=True)


def _append(members: ast.expr, member: ast.expr) -> ast.stmt:
    return p.statement(p.call(p.attribute(members, "append"), member))

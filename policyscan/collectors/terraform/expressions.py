"""Evaluation of expressions. Never raises for what a module says: what Terraform would refuse is
an `EvaluationError` inside, and `Unknown(evaluation_error)` to whoever asked for the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policyscan.collectors.terraform import operators
from policyscan.collectors.terraform.access import attribute, index, items_of, splat
from policyscan.collectors.terraform.scalars import to_text
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import (
    EvaluationError,
    Plain,
    Value,
    derive,
    literal,
    unknown,
)
from policyscan.text.display import shortened
from policyscan.text.hcl import syntax
from policyscan.text.source import Span
from policyscan.values import (
    Alternative,
    PartialList,
    Ref,
    Undetermined,
    Unknown,
    Why,
    first,
    glued,
    is_known,
    reason_or,
)

MAX_TEXT = 1_000_000


def evaluate(expression: syntax.Expression, scope: Scope) -> Value:
    """The value of `expression`; what cannot be computed is Unknown with the reason."""
    doubt = scope.instance.module.doubt
    if doubt is not None:
        return derive(doubt, expression.span, ())
    try:
        return compute(expression, scope)
    except EvaluationError as error:
        return unknown(Why.EVALUATION_ERROR, error.message, error.span)
    except Undetermined as error:
        return derive(error.unknown, expression.span, ())


def compute(expression: syntax.Expression, scope: Scope) -> Value:
    """As `evaluate`, but raises `EvaluationError` so that `try` and `can` see it."""
    with scope.instance.budget.step() as allowed:
        if not allowed:
            return unknown(Why.BUDGET, "fewer or shallower expressions", expression.span)
        return _COMPUTE[type(expression)](expression, scope)


def _literal(node: syntax.Literal, _: Scope) -> Value:
    return literal(node.value, node.span)


def _template(node: syntax.Template, scope: Scope) -> Value:
    parts = [compute(part, scope) for part in node.parts]
    if len(parts) == 1:
        return derive(parts[0].plain, node.span, parts)
    return operators.lift(parts, node.span, lambda chosen: _joined(chosen, node.span))


def _joined(parts: list[Value], span: Span) -> Value:
    pieces: list[str | Ref | Unknown] = []
    for part in parts:
        if isinstance(part.plain, (Unknown, Ref)):
            pieces.append(part.plain)
        else:
            text = to_text(part.plain)
            if text is None:
                raise EvaluationError("only text can stand inside a string", span)
            pieces.append(text)
    if sum(len(piece) for piece in pieces if isinstance(piece, str)) > MAX_TEXT:
        return unknown(Why.BUDGET, "a shorter text", span, parts)
    return derive(glued(pieces), span, parts)


def _template_if(node: syntax.TemplateIf, scope: Scope) -> Value:
    return _choose(node, scope)


def _template_for(node: syntax.TemplateFor, scope: Scope) -> Value:
    collection = compute(node.collection, scope)

    def render(chosen: list[Value]) -> Value:
        pairs, reason = items_of(chosen[0], node.span)
        parts = [
            compute(node.body, _iteration(scope, node.key, node.value, key, value))
            for key, value in pairs
        ]
        if reason is not None:
            parts.append(derive(reason, node.span, chosen))
        return _joined(parts, node.span)

    return operators.lift([collection], node.span, render)


def _name(node: syntax.Name, scope: Scope) -> Value:
    if node.name in scope.names:
        return _used(scope.names[node.name], node.name, node.span)
    raise EvaluationError(f"there is no {node.name} here", node.span)


def _used(value: Value, label: str, span: Span) -> Value:
    return value.derived(value.plain, span, label)


def _attribute(node: syntax.Attribute, scope: Scope) -> Value:
    found = _root_reference(node, scope)
    return (
        found
        if found is not None
        else attribute(compute(node.target, scope), node.name, node.span, scope.instance.root)
    )


_PREFIXES = {"data": "data.", "resource": ""}
"""What may stand before a type, and how the address begins then."""


def _root_reference(node: syntax.Attribute, scope: Scope) -> Value | None:
    """`var.x`, `aws_vpc.main`, `resource.aws_vpc.main`, `data.aws_ami.x`: what the first names of
    a traversal mean."""
    target = node.target
    if isinstance(target, syntax.Name) and target.name not in scope.names:
        if target.name in _PREFIXES:
            return None
        return scope.instance.resolve(target.name, node.name, node.span, scope)
    if (
        isinstance(target, syntax.Attribute)
        and isinstance(target.target, syntax.Name)
        and target.target.name in _PREFIXES
        and target.target.name not in scope.names
    ):
        prefix = _PREFIXES[target.target.name]
        return scope.instance.resolve_resource(f"{prefix}{target.name}.{node.name}", node.span)
    return None


def _index(node: syntax.Index, scope: Scope) -> Value:
    target, key = compute(node.target, scope), compute(node.key, scope)
    return operators.lift(
        [target, key], node.span, lambda chosen: index(chosen[0], chosen[1], node.span)
    )


def _splat(node: syntax.Splat, scope: Scope) -> Value:
    target = compute(node.target, scope)

    def step(value: Value) -> Value:
        for part in node.steps:
            if isinstance(part, str):
                value = attribute(value, part, node.span, scope.instance.root)
            else:
                value = index(value, compute(part, scope), node.span)
        return value

    return operators.lift([target], node.span, lambda chosen: splat(chosen[0], step, node.span))


def _call(node: syntax.Call, scope: Scope) -> Value:
    from policyscan.collectors.terraform import functions
    from policyscan.collectors.terraform.attempts import first_that_works, whether_it_works
    from policyscan.collectors.terraform.files import FILE_FUNCTIONS, read_file

    if node.name == "try":
        return first_that_works(node, scope)
    if node.name == "can":
        return whether_it_works(node, scope)
    arguments = [compute(argument, scope) for argument in node.arguments]
    if node.expand and arguments:
        last = arguments.pop()
        if isinstance(last.plain, PartialList):
            return derive(last.plain.unknown, node.span, [*arguments, last])
        pairs, reason = items_of(last, node.span)
        if reason is not None:
            return derive(reason, node.span, [*arguments, last])
        arguments.extend(value for _, value in pairs)
    if node.name in FILE_FUNCTIONS:
        return operators.lift(
            arguments, node.span, lambda chosen: read_file(node, chosen, scope.instance)
        )
    return operators.lift(
        arguments, node.span, lambda chosen: functions.call(node.name, chosen, node.span)
    )


def _tuple(node: syntax.TupleItems, scope: Scope) -> Value:
    items = tuple(evaluate(item, scope) for item in node.items)
    return literal(items, node.span)


def _object(node: syntax.ObjectItems, scope: Scope) -> Value:
    found: dict[str, Value] = {}
    for item in node.items:
        key = compute(item.key, scope)
        text = to_text(key.plain)
        if text is None:
            if key.unknown is not None or isinstance(key.plain, Ref):
                needs = f"the key {shortened(item.key.span.text, 60)}"
                return unknown(Why.COMPUTED, needs, item.key.span, (key,))
            raise EvaluationError("a key must be text", item.key.span)
        found[text] = evaluate(item.value, scope)
    return literal(found, node.span)


def _iteration(scope: Scope, key_name: str, value_name: str, key: Value, value: Value) -> Scope:
    names = {value_name: value}
    if key_name:
        names[key_name] = key
    return scope.with_names(names)


def _for(node: syntax.For, scope: Scope) -> Value:
    collection = compute(node.collection, scope)
    return operators.lift([collection], node.span, lambda chosen: _loop(node, scope, chosen[0]))


def _loop(node: syntax.For, scope: Scope, collection: Value) -> Value:
    pairs, reason = items_of(collection, node.span)
    if reason is not None and not pairs:
        return derive(reason, node.span, (collection,))
    results: list[tuple[Value | None, Value]] = []
    for key, value in pairs:
        if scope.instance.budget.exhausted:
            return unknown(Why.BUDGET, "fewer expressions", node.span, (collection,))
        inner = _iteration(scope, node.key_name, node.value_name, key, value)
        if node.condition is not None:
            wanted = evaluate(node.condition, inner)
            truth = operators.truth(wanted)
            if truth is False:
                continue
            if truth is None:
                if is_known(wanted.plain):
                    operators.to_bool(wanted, node.span)
                reason = reason_or(
                    first(reason, wanted.unknown), Why.CONDITION, "the filter", node.span
                )
                continue
        results.append(
            (
                evaluate(node.key, inner) if node.key is not None else None,
                evaluate(node.value, inner),
            )
        )
    if node.key is None:
        items = tuple(value for _, value in results)
        plain: Plain = items if reason is None else PartialList(items, reason)
        return derive(plain, node.span, (collection,))
    return _map(node, collection, results, reason)


def _map(
    node: syntax.For,
    collection: Value,
    results: list[tuple[Value | None, Value]],
    reason: Unknown | None,
) -> Value:
    found: dict[str, Value] = {}
    for key, value in results:
        text = to_text(key.plain) if key is not None else None
        if text is None:
            reason = first(reason, key.unknown if key is not None else None)
            reason = reason_or(reason, Why.COMPUTED, "a key of the map", node.span)
        elif node.group and text in found:
            earlier = found[text].plain
            assert isinstance(earlier, tuple)
            found[text] = derive((*earlier, value), node.span, (value,))
        elif text in found:
            raise EvaluationError("two members have the same key", node.span)
        else:
            found[text] = derive((value,), node.span, (value,)) if node.group else value
    return derive(found if reason is None else reason, node.span, (collection,))


def _conditional(node: syntax.Conditional, scope: Scope) -> Value:
    return _choose(node, scope)


def _choose(node: syntax.Conditional | syntax.TemplateIf, scope: Scope) -> Value:
    condition = compute(node.condition, scope)

    def pick(chosen: list[Value]) -> Value:
        if isinstance(chosen[0].plain, (Unknown, Ref)):
            asked, yes, no = _positive(node.condition)
            question = scope.question(asked)
            both = [
                Alternative(evaluate(node.then, scope), ((question, yes),)),
                Alternative(evaluate(node.otherwise, scope), ((question, no),)),
            ]
            return operators.one_of(both, node.span, (condition,))
        branch = node.then if operators.to_bool(chosen[0], node.span) else node.otherwise
        value = compute(branch, scope)
        return value.derived(value.plain, node.span)

    return operators.lift([condition], node.span, pick)


def _positive(condition: syntax.Expression) -> tuple[syntax.Expression, str, str]:
    """The condition without `!`, and its answers if the whole is true and if it is false."""
    yes, no = "true", "false"
    while isinstance(condition, syntax.Unary) and condition.operator == "!":
        condition, yes, no = condition.operand, no, yes
    return condition, yes, no


def _binary(node: syntax.Binary, scope: Scope) -> Value:
    left = compute(node.left, scope)
    decides = {"&&": False, "||": True}.get(node.operator)
    if decides is not None and operators.truth(left) is decides:
        return left.derived(decides, node.span)
    try:
        right = compute(node.right, scope)
    except EvaluationError:
        if decides is None or left.unknown is None:
            raise
        return left.derived(left.unknown.derived, node.span)
    if decides is not None and operators.truth(right) is decides:
        return right.derived(decides, node.span)
    return operators.lift(
        [left, right],
        node.span,
        lambda chosen: operators.binary(node.operator, chosen[0], chosen[1], node.span),
    )


def _unary(node: syntax.Unary, scope: Scope) -> Value:
    operand = compute(node.operand, scope)
    return operators.lift(
        [operand], node.span, lambda chosen: operators.unary(node.operator, chosen[0], node.span)
    )


_COMPUTE: dict[type[Any], Callable[[Any, Scope], Value]] = {
    syntax.Literal: _literal,
    syntax.Template: _template,
    syntax.TemplateIf: _template_if,
    syntax.TemplateFor: _template_for,
    syntax.Name: _name,
    syntax.Attribute: _attribute,
    syntax.Index: _index,
    syntax.Splat: _splat,
    syntax.Call: _call,
    syntax.TupleItems: _tuple,
    syntax.ObjectItems: _object,
    syntax.For: _for,
    syntax.Conditional: _conditional,
    syntax.Binary: _binary,
    syntax.Unary: _unary,
}

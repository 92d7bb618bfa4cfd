"""`try` and `can`, which tell what Terraform would refuse from what is only not known."""

from __future__ import annotations

from policyscan.collectors.terraform import operators
from policyscan.collectors.terraform.expressions import compute, evaluate
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import (
    EvaluationError,
    Value,
    derive,
    literal,
    members,
)
from policyscan.text.hcl.syntax import Call
from policyscan.values import Alternative, OneOf, PartialList, Unknown, Why

MAX_MEMBERS = 1_000
"""Members among which an error is looked for."""


def first_that_works(node: Call, scope: Scope) -> Value:
    """`try`: the first argument that Terraform would not refuse. One that is not known counts."""
    failure = EvaluationError("no argument of try() can be evaluated", node.span)
    for argument in node.arguments:
        try:
            value = compute(argument, scope)
        except EvaluationError as error:
            failure = error
            continue
        if not _holds_error(value):
            return _without_errors(value, node, scope)
    raise failure


def _holds_error(value: Value) -> bool:
    """Whether Terraform would have refused the expression for a part of the value."""
    pending = [value]
    for _ in range(MAX_MEMBERS):
        if not pending:
            return False
        found = pending.pop()
        reason = found.plain.unknown if isinstance(found.plain, PartialList) else found.plain
        if isinstance(reason, Unknown) and reason.why is Why.EVALUATION_ERROR:
            return True
        pending.extend(members(found))
    return False


def _without_errors(value: Value, node: Call, scope: Scope) -> Value:
    """An alternative that is an error falls through to the last argument of `try`."""
    if not isinstance(value.plain, OneOf) or len(node.arguments) < 2:
        return value
    fallback: list[Alternative[Value]] = []
    for item in value.plain.alternatives:
        plain = item.value.plain
        if isinstance(plain, Unknown) and plain.why is Why.EVALUATION_ERROR:
            fallback.append(Alternative(evaluate(node.arguments[-1], scope), item.choices))
        else:
            fallback.append(item)
    return operators.one_of(fallback, node.span, (value,))


def whether_it_works(node: Call, scope: Scope) -> Value:
    """`can`: whether Terraform would not refuse the argument."""
    try:
        value = compute(node.arguments[0], scope) if node.arguments else None
    except EvaluationError:
        return literal(False, node.span)
    if value is not None and _holds_error(value):
        return literal(False, node.span)
    if value is not None and value.unknown is not None:
        return derive(value.unknown, node.span, (value,))
    return literal(True, node.span)

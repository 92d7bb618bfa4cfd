"""Terraform's deterministic functions, on values of which some are not known."""

from __future__ import annotations

from collections.abc import Sequence

from policyscan.collectors.terraform.functions import (
    collections,
    conversions,
    encoding,
    formatting,
    network,
    numbers,
    pieces,
    strings,
)
from policyscan.collectors.terraform.functions.invocation import MAX_TEXT, MAX_WORK, Invocation
from policyscan.collectors.terraform.functions.table import Table
from policyscan.collectors.terraform.value import Value, derive, unknown
from policyscan.text.source import Span
from policyscan.values import Undetermined, Unknown, Why

_TABLE: Table = {
    **collections.TABLE,
    **conversions.TABLE,
    **encoding.TABLE,
    **formatting.TABLE,
    **network.TABLE,
    **numbers.TABLE,
    **pieces.TABLE,
    **strings.TABLE,
}

NONDETERMINISTIC = frozenset({"bcrypt", "plantimestamp", "timestamp", "uuid"})

KNOWN = frozenset(_TABLE) | NONDETERMINISTIC
"""The functions that `call` answers for; files, templates, `try` and `can` are the evaluator's."""


def call(name: str, arguments: Sequence[Value], span: Span) -> Value:
    """The result of a function; no argument is a `OneOf`. Raises `EvaluationError` where
    Terraform would refuse the call."""
    if name in NONDETERMINISTIC:
        return unknown(Why.NONDETERMINISTIC, f"the result of {name}()", span, arguments)
    if name not in _TABLE:
        return unknown(Why.UNSUPPORTED, f"function {name}()", span, arguments)
    function, least, most = _TABLE[name]
    invocation = Invocation(name, arguments, span)
    if len(arguments) < least or (most is not None and len(arguments) > most):
        raise invocation.error("the number of arguments is wrong")
    try:
        result = function(invocation)
    except Undetermined as undetermined:
        reason = undetermined.unknown
        return derive(
            Unknown(reason.why, reason.needs, reason.where), span, arguments, invocation.label
        )
    except RecursionError:
        return unknown(Why.BUDGET, f"less nesting in {name}()", span, arguments)
    if isinstance(result, Value):
        return result
    if _too_large(result):
        return unknown(Why.BUDGET, f"a smaller result of {name}()", span, arguments)
    return invocation.make(result)


def _too_large(plain: object) -> bool:
    if isinstance(plain, str):
        return len(plain) > MAX_TEXT
    return isinstance(plain, (tuple, dict)) and len(plain) > MAX_WORK

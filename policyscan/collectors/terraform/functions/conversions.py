"""Conversions of primitives, and marks."""

from __future__ import annotations

from collections.abc import Callable

from policyscan.collectors.terraform import scalars
from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.functions.table import Function, Table
from policyscan.collectors.terraform.value import Plain, Value, derive
from policyscan.values import Ref, Unknown


def _to(convert: Callable[[Plain], Plain], wanted: str) -> Function:
    def apply(call: Invocation) -> Plain:
        plain = call.known(call.arguments[0])
        if plain is None:
            return None
        converted = convert(plain)
        if converted is None:
            raise call.error(f"{wanted} is required")
        return converted

    return apply


def _tostring(call: Invocation) -> Plain | Value:
    """What is a string already stays one, known or not."""
    argument = call.arguments[0]
    if isinstance(argument.plain, (Ref, Unknown)):
        return call.pass_on(argument)
    return _to(scalars.to_text, "a string")(call)


def _marked(sensitive: bool) -> Function:
    def apply(call: Invocation) -> Value:
        argument = call.arguments[0]
        passed = derive(argument.plain, call.span, (argument,), call.label)
        return Value(passed.plain, passed.trail, sensitive)

    return apply


TABLE: Table = {
    "nonsensitive": (_marked(False), 1, 1),
    "sensitive": (_marked(True), 1, 1),
    "tobool": (_to(scalars.to_bool, "true or false"), 1, 1),
    "tonumber": (_to(scalars.to_number, "a number"), 1, 1),
    "tostring": (_tostring, 1, 1),
}

"""The shape of the tables that the modules of functions fill."""

from __future__ import annotations

from collections.abc import Callable

from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.value import ListItems, Plain, Value

Function = Callable[[Invocation], Plain | Value]
"""A plain result gets the trail and sensitivity of all arguments; a `Value` is final."""

Table = dict[str, tuple[Function, int, int | None]]
"""By name: the function, the least and the greatest number of arguments."""


def list_made_by(function: Function) -> Function:
    """The function, whose result is a list whatever its argument is."""

    def apply(call: Invocation) -> Plain | Value:
        result = function(call)
        return ListItems(result) if isinstance(result, tuple) else result

    return apply

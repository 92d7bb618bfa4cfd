"""The shape of the tables that the modules of functions fill."""

from __future__ import annotations

from collections.abc import Callable

from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.value import Plain, Value

Function = Callable[[Invocation], Plain | Value]
"""A plain result gets the trail and sensitivity of all arguments; a `Value` is final."""

Table = dict[str, tuple[Function, int, int | None]]
"""By name: the function, the least and the greatest number of arguments."""

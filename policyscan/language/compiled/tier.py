"""From a checked tree to a Python function."""

from __future__ import annotations

from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import Any

from policyscan.language import types as t
from policyscan.language.compiled.compiler import Code, Compiler, Declined, scalar_class
from policyscan.language.compiled.support import Budget, Left, whole
from policyscan.language.fast import LEFT, Condition
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.syntax.tree import Node
from policyscan.values import Undetermined

_WAYS_OUT = (
    *(Left, Undetermined, Fault),
    *(ArithmeticError, LookupError, AttributeError, TypeError, ValueError),
)
_MOST = 10_000
"""Values in an answer that is no scalar."""


def compiled(
    root: Node, types: Mapping[Node, t.Type], names: Mapping[str, t.Type]
) -> Condition | None:
    """A checked tree as a function of its names and of `resources`; None if only the slow tier
    handles it. The function gives LEFT where it has no answer."""
    try:
        function = _function(Compiler(types, names).code(root))
    except (Declined, SyntaxError, RecursionError):
        return None  # more loops in one another than Python allows are a SyntaxError

    def scalar(names: Mapping[str, object], resources: Any) -> object:
        try:
            return function(names, resources)
        except _WAYS_OUT:
            return LEFT

    def other(names: Mapping[str, object], resources: Any) -> object:
        try:
            value = function(names, resources)
            whole(value, Budget(_MOST))
        except _WAYS_OUT:
            return LEFT
        return value

    return scalar if scalar_class(types[root]) else other


def _function(code: Code) -> FunctionType:
    """The function that a tree describes, in a world of its own: nothing is built in there."""
    made = compile(code.tree, "<condition>", "exec", dont_inherit=True)
    inner = next(each for each in made.co_consts if isinstance(each, CodeType))
    return FunctionType(inner, {"__builtins__": {}, **code.helpers})

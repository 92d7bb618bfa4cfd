"""Judges calls: which form of a function fits, and what can be tried before a resource is seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from policyscan.language import left_out
from policyscan.language import types as t
from policyscan.language.advising import calls
from policyscan.language.diagnostics import ExpressionError
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.signatures import Function, Signature
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.syntax.tree import Call, Literal, Name, Node, Select, written
from policyscan.text.complaints import suggestion
from policyscan.text.display import shortened


def function_of(node: Call, receiver: Callable[[], t.Type]) -> Function:
    """The function that a call names; `receiver` finds the type of what a method is called on.
    Raises ExpressionError."""
    function = FUNCTIONS.get(node.function)
    if function is not None:
        return function
    if node.function in left_out.FUNCTIONS:
        raise _error(node, left_out.FUNCTIONS[node.function].message)
    close = suggestion(node.function, FUNCTIONS)
    hint = calls.unknown_function(node, receiver() if node.method else None)
    raise _error(node, f"unknown function '{node.function}'{'' if hint else close}", hint)


def forms_of(node: Call, function: Function) -> list[Signature]:
    """The forms that are written as the call is. Raises ExpressionError if there are none."""
    forms = [
        form
        for form in function.signatures
        if (form.as_method if node.method else form.as_function)
    ]
    if not forms:
        style = f"x.{function.name}()" if function.as_method else f"{function.name}(x)"
        raise _error(node, f"{function.name} is written {style}", calls.wrong_style(node))
    return forms


def result_of(
    node: Call, function: Function, forms: list[Signature], found: list[t.Type]
) -> t.Type:
    """The type that a call on arguments of these types gives. Raises ExpressionError."""
    for form in forms:
        if len(form.parameters) == len(found) and all(map(t.assignable, found, form.parameters)):
            _try_literals(node, function)
            return form.result
    raise _misfit(node, function, forms, found)


def _try_literals(node: Call, function: Function) -> None:
    values = [each.value for each in node.arguments if isinstance(each, Literal)]
    if function.reads_literals and len(values) == len(node.arguments):
        _try(node.arguments[0], lambda: function.call(*values), calls.bad_literal(node))
    for trial in function.trials:
        if trial.argument >= len(node.arguments):
            continue
        argument = node.arguments[trial.argument]
        if isinstance(argument, Literal):
            _try(argument, partial(trial.attempt, argument.value))
        elif trial.settled and not _is_parameter(argument):
            which = f"argument {trial.argument + 1 - node.method} of {function.name}()"
            raise _error(argument, f"{which} must be a literal or a parameter")


def _try(argument: Node, attempt: Callable[[], object], hint: str = "") -> None:
    """Raises an error at the argument if the attempt fails."""
    try:
        attempt()
    except (Fault, ValueError) as fault:
        told = str(fault)
        shown = f"{shortened(written(argument), 60)} is {told}" if told.startswith("not ") else told
        raise _error(argument, shown, hint) from None


def _is_parameter(node: Node) -> bool:
    return (
        isinstance(node, Select)
        and isinstance(node.operand, Name)
        and (node.operand.name == "params")
    )


def _misfit(
    node: Call, function: Function, forms: list[Signature], found: list[t.Type]
) -> ExpressionError:
    sizes = sorted({len(form.parameters) for form in forms})
    if len(found) not in sizes:
        count = " or ".join(str(size - node.method) for size in sizes)
        given = len(found) - node.method
        hint = calls.forms(node, forms)
        return _error(node, f"{function.name}() takes {count} argument(s), this has {given}", hint)
    fitting = [form for form in forms if len(form.parameters) == len(found)]
    for position, kind in enumerate(found):
        wanted = [form.parameters[position] for form in fitting]
        if not any(t.assignable(kind, each) for each in wanted):
            choices = " or ".join(dict.fromkeys(map(str, wanted)))
            which = f"argument {position + 1 - node.method}"
            if node.method and position == 0:
                which = "the receiver"
            return _error(
                node.arguments[position],
                f"{which} of {function.name}() must be {choices}, this is {kind}",
                calls.misfit(node, position, kind),
            )
    said = f"no form of {function.name}() takes these arguments together"
    return _error(node, said, calls.forms(node, forms))


def _error(node: Node, message: str, hint: str = "") -> ExpressionError:
    return ExpressionError(message, node.start, node.end, hint)

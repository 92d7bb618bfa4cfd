"""Which form of a function a call means, and what is wrong with one that means none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from policyscan.language import left_out
from policyscan.language import types as t
from policyscan.language.diagnostics import ExpressionError
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.signatures import Function, Signature, Trial
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.hints import calls
from policyscan.language.reading.ways import chain
from policyscan.language.syntax.tree import (
    Call,
    ListLiteral,
    Literal,
    Node,
    Ternary,
    walk,
    written,
)
from policyscan.text.complaints import suggestion
from policyscan.text.display import shortened


def forms(node: Call, function: Function) -> list[Signature]:
    """The forms that are written as the call is. Raises ExpressionError if there are none."""
    found = [
        form
        for form in function.signatures
        if (form.as_method if node.method else form.as_function)
    ]
    if not found:
        style = f"x.{function.name}()" if function.as_method else f"{function.name}(x)"
        raise error_at(node, f"{function.name} is written {style}", calls.wrong_style(node))
    return found


def result(
    node: Call, function: Function, possible: list[Signature], arguments: list[t.Type]
) -> t.Type:
    """The type of a call with arguments of these types. Raises ExpressionError."""
    for form in possible:
        if len(form.parameters) == len(arguments) and all(
            map(t.assignable, arguments, form.parameters)
        ):
            _try_literals(node, function, arguments)
            return form.result
    raise _misfit(node, function, possible, arguments)


def error_at(node: Node, message: str, hint: str = "") -> ExpressionError:
    """An error about a whole node."""
    return ExpressionError(message, node.start, node.end, hint)


def _try_literals(node: Call, function: Function, found: list[t.Type]) -> None:
    values = [each.value for each in node.arguments if isinstance(each, Literal)]
    if function.reads_literals and len(values) == len(node.arguments):
        _try(node.arguments[0], lambda: function.call(*values), calls.bad_literal(node))
    for trial in function.trials:
        if trial.argument < len(node.arguments):
            _try_argument(node, function, trial, found[trial.argument])


def _try_argument(node: Call, function: Function, trial: Trial, found: t.Type) -> None:
    argument = node.arguments[trial.argument]
    if isinstance(argument, Literal):
        _try(argument, partial(trial.attempt, argument.value))
    elif isinstance(argument, ListLiteral):
        for item in argument.items:
            if isinstance(item, Literal):
                _try(item, partial(trial.attempt, (item.value,)))
    elif trial.otherwise not in (None, found):
        which = f"argument {trial.argument + 1 - node.method} of {function.name}()"
        raise error_at(
            argument, f"{which} must be a literal, or a parameter of type {trial.otherwise}"
        )


def tried_parameters(root: Node) -> Iterator[tuple[str, Callable[[Any], object]]]:
    """The parameters that functions are asked about as they are, each with what tries a value of
    it: that raises Fault or ValueError for one that never has a result."""
    for node in walk(root):
        function = FUNCTIONS.get(node.function) if isinstance(node, Call) else None
        if not isinstance(node, Call) or function is None:
            continue
        trials = [(trial.argument, trial.attempt) for trial in function.trials]
        if function.reads_literals and len(node.arguments) == 1:
            trials.append((0, function.call))
        for number, attempt in trials:
            for argument in node.arguments[number : number + 1]:
                for name in _parameters(argument):
                    yield name, attempt


def _parameters(argument: Node) -> Iterator[str]:
    """The parameters that an argument may be, as they are."""
    if isinstance(argument, Ternary):
        yield from _parameters(argument.yes)
        yield from _parameters(argument.no)
    base, name = chain(argument)
    if base == "params" and name:
        yield name


def _try(argument: Node, attempt: Callable[[], object], hint: str = "") -> None:
    """Raises an error at the argument if the attempt fails."""
    try:
        attempt()
    except (Fault, ValueError) as fault:
        told = str(fault)
        shown = f"{shortened(written(argument), 60)} is {told}" if told.startswith("not ") else told
        raise error_at(argument, shown, hint) from None


def unknown(node: Call, receiver: Callable[[], t.Type]) -> ExpressionError:
    """What is wrong with a name that no function has; `receiver` finds the type of what a method
    is called on."""
    if node.function in left_out.FUNCTIONS:
        return error_at(node, left_out.FUNCTIONS[node.function].message)
    close = suggestion(node.function, FUNCTIONS)
    hint = calls.unknown_function(node, receiver() if node.method else None)
    return error_at(node, f"unknown function '{node.function}'{'' if hint else close}", hint)


def _misfit(
    node: Call, function: Function, possible: list[Signature], found: list[t.Type]
) -> ExpressionError:
    sizes = sorted({len(form.parameters) for form in possible})
    if len(found) not in sizes:
        count = " or ".join(str(size - node.method) for size in sizes)
        given = len(found) - node.method
        said = f"{function.name}() takes {count} argument(s), this has {given}"
        return error_at(node, said, calls.forms(node, possible))
    fitting = [form for form in possible if len(form.parameters) == len(found)]
    for position, kind in enumerate(found):
        wanted = [form.parameters[position] for form in fitting]
        if not any(t.assignable(kind, each) for each in wanted):
            choices = " or ".join(dict.fromkeys(map(str, wanted)))
            which = f"argument {position + 1 - node.method}"
            if node.method and position == 0:
                which = "the receiver"
            return error_at(
                node.arguments[position],
                f"{which} of {function.name}() must be {choices}, this is {kind}",
                calls.misfit(node, position, kind),
            )
    said = f"no form of {function.name}() takes these arguments together"
    return error_at(node, said, calls.forms(node, possible))

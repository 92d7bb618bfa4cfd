"""Operators on values of which some are not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from policyscan.collectors.terraform import scalars
from policyscan.collectors.terraform.scalars import bounded, whole
from policyscan.collectors.terraform.value import (
    EvaluationError,
    Plain,
    SetItems,
    Value,
    derive,
    members,
    unknown,
)
from policyscan.resources.references import same_text
from policyscan.text.source import Span
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why

MAX_ALTERNATIVES = 16


def lift(arguments: Sequence[Value], span: Span, apply: Callable[[list[Value]], Value]) -> Value:
    """`apply` to the arguments, once per consistent combination of their alternatives."""
    if not any(isinstance(argument.plain, OneOf) for argument in arguments):
        return apply(list(arguments))
    combinations: list[tuple[dict[str, str], list[Value]]] = [({}, [])]
    for argument in arguments:
        combinations = [
            (merged, [*chosen, alternative.value])
            for choices, chosen in combinations
            for alternative in alternatives_of(argument)
            if (merged := merge_choices(choices, alternative.choices)) is not None
        ]
        if len(combinations) > MAX_ALTERNATIVES:
            return unknown(Why.BUDGET, f"more than {MAX_ALTERNATIVES} cases", span, arguments)
    results = []
    for choices, chosen in combinations:
        try:
            value = apply(chosen)
        except EvaluationError as error:
            value = unknown(Why.EVALUATION_ERROR, error.message, error.span, chosen)
        results.append(Alternative(value, tuple(choices.items())))
    return one_of(results, span, arguments)


def alternatives_of(value: Value) -> tuple[Alternative[Value], ...]:
    """The alternatives of a value; one without choices if there is just one."""
    if isinstance(value.plain, OneOf):
        return value.plain.alternatives
    return (Alternative(value, ()),)


def merge_choices(
    choices: dict[str, str], more: tuple[tuple[str, str], ...]
) -> dict[str, str] | None:
    """Both together, or None if they contradict each other."""
    merged = dict(choices)
    for question, answer in more:
        if merged.setdefault(question, answer) != answer:
            return None
    return merged


def one_of(results: list[Alternative[Value]], span: Span, parents: Sequence[Value]) -> Value:
    """The value that is one of `results`: flat, and plain if they all agree."""
    flat = [
        Alternative(inner.value, tuple(choices.items()))
        for outer in results
        for inner in alternatives_of(outer.value)
        if (choices := merge_choices(dict(outer.choices), inner.choices)) is not None
    ]
    if len(flat) > MAX_ALTERNATIVES:
        return unknown(Why.BUDGET, f"more than {MAX_ALTERNATIVES} cases", span, parents)
    first = flat[0].value
    if all(equal(first, other.value) is True for other in flat[1:]):
        return first
    questions = dict.fromkeys(question for item in flat for question, _ in item.choices)
    reason = Unknown(Why.CONDITION, "whether " + " and ".join(questions), span)
    return derive(OneOf(tuple(flat), reason), span, [*parents, *(item.value for item in flat)])


def equal(a: Value, b: Value) -> bool | None:
    """Whether the values are equal once they have one type; None if it cannot be told."""
    return _Comparison(typed=False).equal(a.plain, b.plain)


class _Comparison:
    """One comparison; each pair of members is compared once, however often it is shared."""

    def __init__(self, *, typed: bool) -> None:
        self._typed = typed
        """As by `==`: a list is never equal to a tuple, nor a map to an object."""
        self._seen: dict[tuple[int, int], bool | None] = {}

    def equal(self, x: Plain, y: Plain) -> bool | None:
        if isinstance(x, (tuple, dict)) and isinstance(y, (tuple, dict)):
            key = (id(x), id(y))
            if key not in self._seen:
                same = self._members(x, y)
                if same and self._typed and type(x) is not type(y):
                    one_is_set = isinstance(x, SetItems) or isinstance(y, SetItems)
                    same = False if one_is_set else None
                self._seen[key] = same
            return self._seen[key]
        for one, other in ((x, y), (y, x)):
            if isinstance(one, (Unknown, OneOf)):
                return None
            if isinstance(one, PartialList):
                return False if other is None else None
            if isinstance(one, Ref) and not isinstance(other, Ref):
                return False if other is None or isinstance(other, (bool, tuple, dict)) else None
        if isinstance(x, Ref) and isinstance(y, Ref):
            return same_text(x, y)
        if isinstance(x, bool) or isinstance(y, bool) or x is None or y is None:
            return x is y
        return x == y

    def _members(
        self, x: tuple[Value, ...] | dict[str, Value], y: tuple[Value, ...] | dict[str, Value]
    ) -> bool | None:
        if isinstance(x, dict) and isinstance(y, dict):
            if x.keys() != y.keys():
                return False
            return conjunction(self.equal(x[key].plain, y[key].plain) for key in x)
        if isinstance(x, tuple) and isinstance(y, tuple):
            if len(x) != len(y):
                return False
            pairs = zip(x, y, strict=True)
            return conjunction(self.equal(left.plain, right.plain) for left, right in pairs)
        return False


def truth(value: Value) -> bool | None:
    """The value as bool, by Terraform's conversion; None if it is not one or not known."""
    return scalars.to_bool(value.plain)


def conjunction(answers: Iterable[bool | None]) -> bool | None:
    """True if all are, False if one is, None otherwise."""
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def binary(operator: str, left: Value, right: Value, span: Span) -> Value:
    """`left operator right` on values without alternatives."""
    if operator in ("==", "!="):
        answer = _Comparison(typed=True).equal(left.plain, right.plain)
        if answer is None:
            return _undecided(left, right, span)
        return derive(answer if operator == "==" else not answer, span, (left, right))
    for value in (left, right):
        if isinstance(value.plain, (Unknown, Ref)):
            return _undecided(left, right, span)
    if operator in ("&&", "||"):
        both = (to_bool(left, span), to_bool(right, span))
        return derive(all(both) if operator == "&&" else any(both), span, (left, right))
    x, y = (_exact(to_number(value, span)) for value in (left, right))
    return derive(_arithmetic(operator, x, y, span), span, (left, right))


def _exact(number: int | float) -> Fraction:
    """The number as it is written: Terraform's have 512 bits, not 53."""
    return Fraction(number if isinstance(number, int) else repr(number))


def _arithmetic(operator: str, x: Fraction, y: Fraction, span: Span) -> Plain:
    match operator:
        case "<":
            return x < y
        case "<=":
            return x <= y
        case ">":
            return x > y
        case ">=":
            return x >= y
        case "+":
            return whole(bounded(x + y))
        case "-":
            return whole(bounded(x - y))
        case "*":
            return whole(bounded(x * y))
    if y == 0:
        raise EvaluationError("division by zero", span)
    if operator == "/":
        return whole(bounded(x / y))
    remainder = abs(x) % abs(y)
    return whole(-remainder if x < 0 else remainder)


def unary(operator: str, operand: Value, span: Span) -> Value:
    """`-x` and `!x` on a value without alternatives."""
    if isinstance(operand.plain, (Unknown, Ref)):
        return _undecided(operand, operand, span)
    if operator == "!":
        return derive(not to_bool(operand, span), span, (operand,))
    return derive(whole(-to_number(operand, span)), span, (operand,))


def _undecided(left: Value, right: Value, span: Span) -> Value:
    for value in (left, right, *members(left), *members(right)):
        if isinstance(value.plain, Unknown):
            return derive(value.plain.derived, span, (left, right))
        if isinstance(value.plain, PartialList):
            return derive(value.plain.unknown, span, (left, right))
    for value in (left, right):
        if isinstance(value.plain, Ref):
            needs = f"the text of {value.plain}"
            return unknown(Why.COMPUTED, needs, span, (left, right))
    return unknown(Why.COMPUTED, "the values compared", span, (left, right))


def to_number(value: Value, span: Span) -> int | float:
    """Terraform's conversion to number."""
    number = scalars.to_number(value.plain)
    if number is None:
        raise EvaluationError("a number is required", span)
    return number


def to_bool(value: Value, span: Span) -> bool:
    """Terraform's conversion to bool."""
    answer = scalars.to_bool(value.plain)
    if answer is None:
        raise EvaluationError("true or false is required", span)
    return answer

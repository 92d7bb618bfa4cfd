"""What compiled conditions call: small functions that either are right or give up.

None of them meets a value that is not known and goes on: what is not of the very class that its
type stands for raises `Left`, and the slow tier answers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from pydantic import BaseModel

from policyscan.language.functions.answers import Answer
from policyscan.language.functions.arithmetic import MAX_STRING, equal
from policyscan.language.proving.walk import MAX_MEMBERS
from policyscan.values import OneOf, PartialList, Ref, Unknown

SCALARS = frozenset({bool, int, float, str, datetime, timedelta})
_LISTS = (tuple, list)
_NOT_PLAIN = (Unknown, OneOf, Ref, PartialList)


class Left(Exception):  # noqa: N818 - a way out, not an error
    """The answer is left to the slow tier."""


class Budget:
    """How many more members may be looked at in one run."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, work: int) -> None:
        """Takes `work` off. Raises Left if there is not so much."""
        self.left -= work
        if self.left < 0:
            raise Left


def left() -> NoReturn:
    """Gives up."""
    raise Left


def solid(value: Any) -> Any:
    """The value, which is there and known."""
    if value is None or isinstance(value, _NOT_PLAIN):
        raise Left
    return value


def whole(value: Any, budget: Budget) -> Any:
    """The value, in which nothing at any depth is not known; lists as tuples."""
    kind = value.__class__
    if kind in SCALARS:
        return value
    if kind in _LISTS:
        budget.take(len(value))
        return tuple([whole(each, budget) for each in value])
    if kind is dict:
        budget.take(len(value))
        if all(each.__class__ is str for each in value):
            return {key: whole(each, budget) for key, each in value.items()}
    raise Left


def texts(value: Any, budget: Budget) -> tuple[str, ...]:
    """The list, all of whose members are text, as a tuple."""
    if value.__class__ is not tuple:
        value = tuple(value)
    budget.take(len(value))
    for each in value:
        if each.__class__ is not str:
            raise Left
    return value  # type: ignore[no-any-return]


def settled(value: Any, budget: Budget) -> Any:
    """The value as it is, if no choice between alternatives is in it: for functions that look at
    values that are not known themselves."""
    pending = [value]
    while pending:
        each = pending.pop()
        kind = each.__class__
        if kind in SCALARS:
            continue
        if kind in _LISTS:
            budget.take(len(each))
            pending.extend(each)
        elif isinstance(each, PartialList):
            pending.append(each.known)
        elif isinstance(each, BaseModel):
            pending.extend(vars(each).values())
        elif isinstance(each, OneOf):
            raise Left
    return value


def answered(call: Callable[..., Any], *arguments: Any) -> object:
    """What a lifted function says, if it says something."""
    answer = call(*arguments)
    if not isinstance(answer, Answer) or answer.value is None:
        raise Left
    return answer.value


def among(item: Any, members: Any, kind: type, budget: Budget) -> bool:
    """Whether a scalar is in a list of scalars of its class."""
    budget.take(len(members))
    for each in members:
        if each.__class__ is not kind:
            raise Left
        if each == item:
            return True
    return False


def among_alike(item: Any, members: Any, budget: Budget) -> bool:
    """Whether a value of any type is in a list."""
    budget.take(len(members))
    return any(alike(item, each, budget) for each in members)


def alike(one: Any, other: Any, budget: Budget) -> bool:
    """Equality of two values, as far as it has to look for two that differ."""
    kinds = {one.__class__, other.__class__}
    if kinds <= SCALARS:
        return equal(one, other)
    if kinds <= {tuple, list}:
        budget.take(len(one) + len(other))
        if len(one) != len(other):
            return False
        return all(alike(a, b, budget) for a, b in zip(one, other, strict=True))
    if kinds == {dict}:
        budget.take(len(one) + len(other))
        if one.keys() != other.keys():
            return False
        return all(alike(one[key], other[key], budget) for key in one)
    raise Left


def at(members: Any, index: int) -> Any:
    """One member of a list."""
    if not 0 <= index < len(members):
        raise Left
    return members[index]


def mapped(budget: Budget, *entries: Any) -> dict[str, Any]:
    """The map of keys and values in turn."""
    made: dict[str, Any] = {}
    for key, value in zip(entries[::2], entries[1::2], strict=True):
        if key.__class__ is not str or key in made:
            raise Left
        made[key] = value
    budget.take(len(made))
    return made


def joined(one: Any, other: Any, budget: Budget) -> tuple[Any, ...]:
    """Two lists as one."""
    budget.take(len(one) + len(other))
    return limited((*one, *other))


def limited(members: Any) -> tuple[Any, ...]:
    """A list that was made, if it is not too long."""
    if len(members) > MAX_MEMBERS:
        raise Left
    return tuple(members)


def long(value: str, budget: Budget) -> bool:
    """Takes what it costs a function to look at a long text off the budget."""
    budget.take((len(value) >> 10) + 1)
    return True


def costly(
    call: Callable[..., Any], cost: Callable[..., int], budget: Budget, *arguments: Any
) -> Any:
    """What a function says whose cost hangs on its arguments."""
    budget.take(cost(*arguments))
    return call(*arguments)


def text(value: Any, budget: Budget) -> Any:
    """A text that was made, if it is not too long."""
    if value.__class__ is str:
        if len(value) > MAX_STRING:
            raise Left
        budget.take(len(value) >> 4)
    return value


def there(value: Any) -> bool:
    """Whether a value is not null, which is known of it."""
    if isinstance(value, _NOT_PLAIN):
        raise Left
    return value is not None

"""What the language knows of a function: its forms, how it is called, what it is for."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from policyscan.language.types import Type

MEMO = 16_384
"""Results that each function remembers."""


class Signature(Struct, frozen=True):
    """What one form takes and gives."""

    parameters: tuple[Type, ...]
    result: Type
    as_function: bool = True
    """May be written `name(x)`."""
    as_method: bool = False
    """May be written `x.name()`."""

    def written(self, name: str) -> str:
        """The form as documentation shows it: `string.charAt(int) -> string`."""
        receiver, taken = "", self.parameters
        if self.as_method and not self.as_function:
            receiver, taken = f"{taken[0]}.", taken[1:]
        return f"{receiver}{name}({', '.join(map(str, taken))}) -> {self.result}"


class Trial(Struct, frozen=True):
    """An argument that is tried when the policy is loaded, if it is a literal; of a list that is
    written out, each literal member, as a list of its own."""

    argument: int
    attempt: Callable[..., object]
    """Raises Fault or ValueError for a value that never has a result."""
    otherwise: Type | None = None
    """If set, only a literal or a value of this type may stand there."""


class Function(Struct, frozen=True):
    """A function of the language.

    A *strict* function is called only with known values. A *lifted* one takes values as they are,
    partly known ones included, and says itself what follows from them.
    """

    name: str
    signatures: tuple[Signature, ...]
    call: Callable[..., object]
    """Raises Fault or ValueError for values without a result, and nothing else for arguments of
    its types; a lifted one gives an Answer."""
    about: str
    """What it gives, in one sentence."""
    example: str
    """A condition that is true; `resource` is a security group."""
    lifted: bool = False
    asks_unit: bool = False
    """A lifted function that is told as `unit=` where its first argument was read: the unit of
    that resource, or None if the value was made in the condition."""
    shallow: bool = False
    """Does not look at the members of a list, so that they may be unknown."""
    reads_literals: bool = False
    """Tried when the policy is loaded, if all arguments are literals."""
    trials: tuple[Trial, ...] = ()
    partly: Callable[..., bool | None] | None = None
    """What a strict function says all the same if its first argument is a text of which pieces are
    known; None if that takes the whole."""
    cost: Callable[..., int] | None = None
    """Steps of the budget that a call takes beyond one, by its arguments."""

    @property
    def as_function(self) -> bool:
        """Whether any form may be written `name(x)`."""
        return any(each.as_function for each in self.signatures)

    @property
    def as_method(self) -> bool:
        """Whether any form may be written `x.name()`."""
        return any(each.as_method for each in self.signatures)


def function(parameters: tuple[Type, ...], result: Type) -> Signature:
    """A form that is written `name(x)`."""
    return Signature(parameters, result)


def method(parameters: tuple[Type, ...], result: Type) -> Signature:
    """A form that is written `x.name()`; the receiver is the first parameter."""
    return Signature(parameters, result, as_function=False, as_method=True)


def either(parameters: tuple[Type, ...], result: Type) -> Signature:
    """A form that may be written both ways."""
    return Signature(parameters, result, as_function=True, as_method=True)


def converted(result: Type, *others: Type) -> tuple[Signature, ...]:
    """The forms of a conversion; a value that has the type already stays as it is."""
    return tuple(function((each,), result) for each in (result, *others))

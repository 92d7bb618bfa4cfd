"""What CEL has and policies have not: the one table that the lexer, the parser, the checker and the
documentation read, so that using any of it says why it is missing and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct


class LeftOut(Struct, frozen=True):
    """One thing of CEL that is not part of the language."""

    name: str
    """Its key in the table."""
    shown: str
    """What messages call it."""
    example: str
    """How CEL writes it: an expression that is refused with `message`."""
    reason: str
    instead: str = ""
    """What to write in its place; empty if there is nothing."""

    @property
    def message(self) -> str:
        """What whoever uses it reads."""
        next_step = f"; {self.instead}" if self.instead else ""
        return (
            f"{self.shown} is CEL, but not part of the subset of policies: {self.reason}{next_step}"
        )


_ONE_INTEGER = "all integers are of type int"
_NO_BYTES = "no field of a resource holds bytes"
_NO_TYPES = "the type of everything is known when a policy is loaded"
_NO_PACKAGES = "names have no packages"
_TEXT = "what people read is the message of the policy"
_ORDER = "policies ask what is in a list, not in which order"
_TWO = "a macro has one variable"
_VARIABLE = "what an optional holds needs no name of its own"
_NUMBERS = "numbers of resources are compared, added and divided"
_BITS = "no field of a resource holds bits in an integer"
_PARTS = "a part of a condition needs no name of its own"
_MESSAGES = "no resource is a message"

SYNTAX: Mapping[str, LeftOut] = MappingProxyType(
    {
        row.name: row
        for row in (
            LeftOut("uint", "an unsigned integer", "1u", _ONE_INTEGER, "write 1 for 1u"),
            LeftOut(
                "bytes", "a bytes literal", "b'x'", _NO_BYTES, "write text in quotes without b"
            ),
            LeftOut(
                "message", "making a message", "Door{open: true}", "policies make no resources"
            ),
            LeftOut(
                "leading dot", "a name with a leading dot", ".now", _NO_PACKAGES, "leave it out"
            ),
            LeftOut(
                "optional entry",
                "an optional entry",
                "[?optional.of(1)]",
                "lists and maps that are written out say all that is in them",
            ),
            LeftOut(
                "null member",
                "null in a list or map",
                "[null]",
                "what is absent is left out of it",
            ),
            LeftOut(
                "two variables",
                "a macro with two variables",
                "[1].all(i, x, x > i)",
                _TWO,
                "iterate over the keys of a map and look each value up: m.all(k, m[k] > 0)",
            ),
        )
    }
)
"""By what they are, parts of the grammar."""

_FUNCTIONS: tuple[tuple[str, str, str], ...] = (
    ("dyn", _NO_TYPES, ""),
    ("type", _NO_TYPES, ""),
    ("bytes", _NO_BYTES, ""),
    ("uint", _ONE_INTEGER, "write int(x)"),
    ("optMap", _VARIABLE, "write x.hasValue() ? ... x.value() ... : ..."),
    ("optFlatMap", _VARIABLE, "write x.hasValue() ? ... x.value() ... : ..."),
    ("existsOne", _TWO, "write exists_one(x, ...)"),
    ("transformList", _TWO, "write map(x, ...)"),
    ("transformMap", _TWO, ""),
    ("transformMapEntry", _TWO, ""),
    ("format", _TEXT, ""),
    ("quote", _TEXT, ""),
    ("sort", _ORDER, ""),
    ("sortBy", _ORDER, ""),
    ("slice", _ORDER, "write list[0] for one member"),
    ("flatten", _ORDER, "write a macro inside of a macro"),
    ("distinct", _ORDER, "write has_distinct(list, least)"),
    ("first", _ORDER, "write list[?0]"),
    ("last", _ORDER, ""),
    ("greatest", _NUMBERS, "write a > b ? a : b"),
    ("least", _NUMBERS, "write a < b ? a : b"),
    ("ceil", _NUMBERS, ""),
    ("floor", _NUMBERS, ""),
    ("round", _NUMBERS, ""),
    ("trunc", _NUMBERS, "write int(x)"),
    ("abs", _NUMBERS, "write x < 0 ? -x : x"),
    ("sign", _NUMBERS, "compare with 0"),
    ("isNaN", _NUMBERS, ""),
    ("isInf", _NUMBERS, ""),
    ("isFinite", _NUMBERS, ""),
    ("bitAnd", _BITS, ""),
    ("bitOr", _BITS, ""),
    ("bitXor", _BITS, ""),
    ("bitNot", _BITS, ""),
    ("bitShiftLeft", _BITS, ""),
    ("bitShiftRight", _BITS, ""),
    ("encode", _NO_BYTES, ""),
    ("decode", _NO_BYTES, ""),
    ("bind", _PARTS, "write it where it is used"),
    ("block", _PARTS, "write each where it is used"),
    ("hasExt", _MESSAGES, ""),
    ("getExt", _MESSAGES, ""),
)
FUNCTIONS: Mapping[str, LeftOut] = MappingProxyType(
    {
        name: LeftOut(f"{name}()", f"{name}()", f"{name}(1)", reason, instead)
        for name, reason, instead in _FUNCTIONS
    }
)
"""By name, functions and macros of CEL and of its extensions."""

TYPES: Mapping[str, LeftOut] = MappingProxyType(
    {
        name: LeftOut(f"type {name}", f"the type '{name}' as a value", name, _NO_TYPES)
        for name in (
            *("bool", "bytes", "double", "int", "list", "map", "null_type", "optional_type"),
            *("string", "type", "uint"),
        )
    }
)
"""By name, the types that CEL has as values."""


def left_out() -> tuple[LeftOut, ...]:
    """Every row, in the order in which the documentation has them."""
    return (*SYNTAX.values(), *FUNCTIONS.values(), *TYPES.values())

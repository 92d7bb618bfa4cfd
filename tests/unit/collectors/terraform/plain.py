"""Values of Terraform from and to Python's, for tests."""

from typing import Any

from policyscan.collectors.terraform.value import JsonText, SetItems, Value, literal
from policyscan.text.source import Source
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why

SPAN = Source("main.tf", b"expression").whole()


def unknown(needs: str = "x", *fragments: str) -> Unknown:
    return Unknown(Why.VARIABLE_UNSET, needs, fragments=fragments)


def value(python: Any) -> Value:
    """Lists become lists, tuples sets (in the order given), dicts maps."""
    if isinstance(python, Value):
        return python
    if isinstance(python, list):
        return literal(tuple(value(item) for item in python), SPAN)
    if isinstance(python, tuple):
        return literal(SetItems(value(item) for item in python), SPAN)
    if isinstance(python, dict):
        return literal({key: value(item) for key, item in python.items()}, SPAN)
    return literal(python, SPAN)


def some(*known: Any, needs: str = "rest") -> PartialList[Value]:
    return PartialList(tuple(value(item) for item in known), unknown(needs))


def python(given: Value) -> Any:
    """The inverse of `value`; what is not known stays."""
    plain = given.plain
    if isinstance(plain, SetItems):
        return tuple(python(item) for item in plain)
    if isinstance(plain, tuple):
        return [python(item) for item in plain]
    if isinstance(plain, dict):
        return {key: python(item) for key, item in plain.items()}
    return str(plain) if isinstance(plain, JsonText) else plain


def opaque(plain: object) -> bool:
    return isinstance(plain, (Unknown, OneOf, Ref, PartialList))

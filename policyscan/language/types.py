"""The types of expressions, and what the annotations of the kinds mean in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Struct
from pydantic import BaseModel

from policyscan.resources.ports import parse_ports
from policyscan.values import NotKnown, OneOf, PartialList, Ref, Unknown


class Type:
    """The root of the types; `str()` gives the spelling that policies and messages use."""


class Scalar(Type, Struct, frozen=True):
    """A type without parts."""

    name: str

    def __str__(self) -> str:
        return self.name


INT = Scalar("int")
DOUBLE = Scalar("double")
STRING = Scalar("string")
BOOL = Scalar("bool")
NULL = Scalar("null")
TIMESTAMP = Scalar("timestamp")
DURATION = Scalar("duration")
PATTERN = Scalar("pattern")
"""A regular expression that a parameter gives; held as text."""
IP = Scalar("ip")
"""An address, of the network extension."""
CIDR = Scalar("cidr")
"""A range of addresses, of the network extension."""
NOTHING = Scalar("nothing")
"""The members of `[]`: fits every type."""
ANYTHING = Scalar("any value")
"""What a function takes that does not look at it."""


class Choice(Type, Struct, frozen=True):
    """One of a few strings."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return "one of " + ", ".join(f'"{value}"' for value in self.values)


class ListOf(Type, Struct, frozen=True):
    """A list, known wholly or in part."""

    item: Type

    def __str__(self) -> str:
        return f"list({self.item})"


class MapOf(Type, Struct, frozen=True):
    """A map."""

    key: Type
    value: Type

    def __str__(self) -> str:
        return f"map({self.key}, {self.value})"


class Optional(Type, Struct, frozen=True):
    """A value or null; must be guarded before it is used."""

    inner: Type

    def __str__(self) -> str:
        return f"{self.inner} or null"


class OptionalOf(Type, Struct, frozen=True):
    """What `.?` selects: a value that may be absent, never used without saying what then."""

    inner: Type

    def __str__(self) -> str:
        return f"optional({self.inner})"


class Object(Type, Struct, frozen=True):
    """A resource or a part of one."""

    model: type[BaseModel]

    def __str__(self) -> str:
        return self.model.__name__

    @property
    def fields(self) -> Mapping[str, Type]:
        """What policies may select, hidden fields left out."""
        return fields_of(self.model)


class Settings(Type, Struct, frozen=True):
    """`params` or `context`: a fixed set of typed names, not a value of its own."""

    name: str
    members: tuple[tuple[str, Type], ...]

    def __str__(self) -> str:
        return self.name

    @property
    def fields(self) -> Mapping[str, Type]:
        """The names and their types."""
        return dict(self.members)


_SCALARS: Mapping[object, Type] = {
    bool: BOOL,
    int: INT,
    float: DOUBLE,
    str: STRING,
    datetime: TIMESTAMP,
    timedelta: DURATION,
}
_NOT_KNOWN = (Unknown, OneOf, Ref, PartialList)


@cache
def fields_of(model: type[BaseModel]) -> Mapping[str, Type]:
    """The fields of a model that policies may select; one whose type they cannot handle is left
    out, as are the hidden ones."""
    hidden: frozenset[str] = getattr(model, "HIDDEN", frozenset())
    found: dict[str, Type] = {}
    for name, field in model.model_fields.items():
        kind = annotation_type(field.annotation)
        if name not in hidden and kind is not None:
            found[name] = kind
    return MappingProxyType(found)


def annotation_type(annotation: Any) -> Type | None:
    """The type that a field's annotation stands for, or None if policies cannot handle it."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Object(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return annotation_type(arguments[0])
    if origin in (Union, UnionType):
        return _union(arguments)
    if origin is Literal:
        return _literal(arguments)
    if origin in (tuple, list):
        item = annotation_type(arguments[0])
        return ListOf(item) if item else None
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, value = (annotation_type(argument) for argument in arguments)
        return MapOf(key, value) if key and value else None
    return None


def _is_not_known(member: Any) -> bool:
    """Whether a member of a union stands for values that are not known."""
    if get_origin(member) is Annotated:
        return any(isinstance(mark, NotKnown) for mark in get_args(member)[1:])
    return (get_origin(member) or member) in _NOT_KNOWN


def _union(members: tuple[Any, ...]) -> Type | None:
    null = NoneType in members
    known = [m for m in members if m is not NoneType and not _is_not_known(m)]
    types = [annotation_type(member) for member in known]
    inner = types[0] if types else None
    for each in types[1:]:
        inner = join(inner, each) if inner and each else None
    if inner is None or isinstance(inner, Optional):
        return inner
    return Optional(inner) if null else inner


def _literal(values: tuple[Any, ...]) -> Type | None:
    strings = tuple(value for value in values if isinstance(value, str))
    if len(strings) + (None in values) != len(values) or not strings:
        return None
    return Optional(Choice(strings)) if None in values else Choice(strings)


def join(a: Type, b: Type) -> Type | None:
    """The type that holds the values of both, or None if there is none."""
    if b in (a, NOTHING):
        return a
    if a == NOTHING:
        return b
    if isinstance(a, Choice) and isinstance(b, Choice):
        return Choice(tuple(dict.fromkeys(a.values + b.values)))
    if {type(a), type(b)} == {Choice, Scalar} and STRING in (a, b):
        return STRING
    if isinstance(a, ListOf) and isinstance(b, ListOf):
        item = join(a.item, b.item)
        return ListOf(item) if item else None
    if isinstance(a, OptionalOf) and isinstance(b, OptionalOf):
        inner = join(a.inner, b.inner)
        return OptionalOf(inner) if inner else None
    if isinstance(a, MapOf) and isinstance(b, MapOf):
        key, value = join(a.key, b.key), join(a.value, b.value)
        return MapOf(key, value) if key and value else None
    return None


def comparable(a: Type, b: Type) -> bool:
    """Whether a value of one may equal a value of the other: numbers do across their types."""
    if {a, b} <= {INT, DOUBLE} or join(a, b) is not None:
        return True
    if isinstance(a, ListOf) and isinstance(b, ListOf):
        return comparable(a.item, b.item)
    if isinstance(a, MapOf) and isinstance(b, MapOf):
        return join(a.key, b.key) is not None and comparable(a.value, b.value)
    if isinstance(a, OptionalOf) and isinstance(b, OptionalOf):
        return comparable(a.inner, b.inner)
    return False


def assignable(actual: Type, wanted: Type) -> bool:
    """Whether every value of `actual` is one of `wanted`."""
    if wanted == ANYTHING:
        return True
    if isinstance(actual, Object) and isinstance(wanted, Object):
        return issubclass(actual.model, wanted.model)
    if isinstance(actual, ListOf) and isinstance(wanted, ListOf):
        return assignable(actual.item, wanted.item)
    if isinstance(actual, MapOf) and isinstance(wanted, MapOf):
        return assignable(actual.key, wanted.key) and assignable(actual.value, wanted.value)
    return join(actual, wanted) == wanted


_WORD = re.compile(r"\s*([A-Za-z_]+|[(),])")
_NAMED = {str(scalar): scalar for scalar in _SCALARS.values()} | {
    "ports": STRING,
    "pattern": PATTERN,
}

_MEANT = {
    "str": "string",
    "text": "string",
    "regex": "pattern",
    "regexp": "pattern",
    "boolean": "bool",
    "integer": "int",
    "number": "int or double",
    "float": "double",
    "list": "list(string)",
    "array": "list(string)",
    "strings": "list(string)",
    "set": "list(string)",
    "map": "map(string, string)",
    "dict": "map(string, string)",
    "object": "map(string, string)",
}

_INNER = re.compile(r"(?<=[(,])(\s*)(\w+)")


def _meant(word: re.Match[str]) -> str:
    return word[1] + _MEANT.get(word[2].lower(), word[2])


def parse_type(text: str) -> Type:
    """The type that `int`, `list(string)`, `map(string, int)` ... spell. Raises ValueError."""
    words = _WORD.findall(text) if len(text) <= 200 else []
    kind, rest = _spelt(words, 4)
    if kind is None or rest or "".join(words) != "".join(text.split()):
        meant = _MEANT.get(text.strip().lower()) or _INNER.sub(_meant, text)
        known = meant != text and len(text) <= 60
        close = f"did you mean {meant}?" if known else "write one like int, string, list(string)"
        raise ValueError(f"'{text[:60]}' is not a type; {close}")
    return kind


def _spelt(words: list[str], depth: int) -> tuple[Type | None, list[str]]:
    name, rest = (words[0], words[1:]) if words and depth else ("", words)
    if name in _NAMED:
        return _NAMED[name], rest
    if name not in ("list", "map") or rest[:1] != ["("]:
        return None, rest
    first, rest = _spelt(rest[1:], depth - 1)
    second, rest = _spelt(rest[1:], depth - 1) if rest[:1] == [","] else (None, rest)
    if first is None or rest[:1] != [")"]:
        return None, rest
    if name == "list":
        return (ListOf(first) if second is None else None), rest[1:]
    return (MapOf(first, second) if second and first == STRING else None), rest[1:]


def constant(value: object, spelling: str) -> object:
    """`value` as a constant of the type that `spelling` names. `ports` is text that is a port or a
    range of ports. Raises ValueError with what is wrong."""
    conforming = conform(value, parse_type(spelling))
    if spelling == "list(ports)" and isinstance(conforming, tuple):
        for each in conforming:
            parse_ports(each)
    return conforming


def conform(value: object, kind: Type) -> object:
    """`value` as a plain constant of type `kind`: lists become tuples, and integers doubles where
    doubles are wanted. Raises ValueError with what is wrong."""
    if kind == DOUBLE and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(kind, ListOf) and isinstance(value, (list, tuple)):
        return tuple(conform(each, kind.item) for each in value)
    if isinstance(kind, MapOf) and isinstance(value, Mapping):
        return {conform(k, kind.key): conform(v, kind.value) for k, v in value.items()}
    if kind == PATTERN and isinstance(value, str):
        return _pattern(value)
    for python, scalar in _SCALARS.items():
        if scalar == kind and type(value) is python:
            return value
    raise ValueError(f"expected {kind}, found {_called(value)}")


def _pattern(text: str) -> str:
    """A text that is a regular expression. Raises ValueError."""
    from policyscan.language.functions.arithmetic import Fault  # late: functions have types
    from policyscan.language.functions.patterns import compiled

    try:
        compiled(text)
    except Fault as fault:
        raise ValueError(str(fault)) from None
    return text


def _called(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a map" if isinstance(value, Mapping) else repr(value)[:60]

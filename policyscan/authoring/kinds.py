"""What a policy can ask of each kind: its fields, their types and what they mean, as written beside
them in `policyscan.resources`."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise

from msgspec import Struct
from pydantic import BaseModel

from policyscan.language.types import ListOf, MapOf, Object, Optional, Type, fields_of
from policyscan.resources.base import Resource


class Field(Struct, frozen=True):
    """One field, as policies see it."""

    name: str
    type: str
    """As messages spell it: `list(Rule)`, `int or null`."""
    about: str
    """Empty if its name says it all."""


class Described(Struct, frozen=True):
    """A kind, or a part of one."""

    name: str
    about: str
    fields: tuple[Field, ...]


SHARED = ("address", "tags", "role", "environment", "tier")
"""The fields of every resource."""


def shared() -> tuple[Field, ...]:
    """The fields that every resource has."""
    fields, about = fields_of(Resource), _notes(Resource)
    return tuple(Field(name, str(fields[name]), about.get(name, "")) for name in SHARED)


def described(kind: type[Resource]) -> tuple[Described, ...]:
    """A kind without what all have, and then the parts that its fields hold, each once."""
    return tuple(_describe(model) for model in _models(kind, {}))


def _describe(model: type[BaseModel]) -> Described:
    about = _notes(model)
    left_out = SHARED if issubclass(model, Resource) else ()
    fields = tuple(
        Field(name, str(kind), about.get(name, ""))
        for name, kind in fields_of(model).items()
        if name not in left_out
    )
    return Described(model.__name__, _one_line(model.__doc__ or ""), fields)


def _models(
    model: type[BaseModel], seen: dict[type[BaseModel], None]
) -> Mapping[type[BaseModel], None]:
    """The model and all that its fields lead to, in that order."""
    if model not in seen:
        seen[model] = None
        for kind in fields_of(model).values():
            for part in _objects(kind):
                _models(part, seen)
    return seen


def _objects(kind: Type) -> Iterator[type[BaseModel]]:
    match kind:
        case Object():
            yield kind.model
        case ListOf():
            yield from _objects(kind.item)
        case Optional():
            yield from _objects(kind.inner)
        case MapOf():
            yield from _objects(kind.value)


def _notes(model: type[BaseModel]) -> dict[str, str]:
    """The text below each field, of a class and of those that it builds on."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            found |= _written_in(each)
    return found


def _written_in(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    [class_] = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = class_.body if isinstance(class_, ast.ClassDef) else []
    for field, text in pairwise(body):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(note))),
            ):
                yield name, _one_line(note)


def _one_line(text: str) -> str:
    """On one line, and as policies say it: what is None in a kind is null in an expression."""
    return re.sub(r"\bNone\b", "`null`", " ".join(text.split()))

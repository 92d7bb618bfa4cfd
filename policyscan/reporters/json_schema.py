"""The published schema of the JSON report, made from the types that the report is made of."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec.structs import fields

from policyscan.findings.model import Location
from policyscan.findings.report import SCHEMA, Report
from policyscan.reporters.layout import dump

_SIMPLE = {str: "string", int: "integer", bool: "boolean"}


def report_schema() -> bytes:
    """The JSON schema (draft 2020-12) of what `JsonReporter` writes. Later versions of the same
    schema may add members; they take none away."""
    definitions: dict[str, Any] = {}
    root = _object(Report, definitions)
    root["properties"]["schema"] = {"const": SCHEMA}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "policyscan report",
    }
    return dump(head | root | {"$defs": dict(sorted(definitions.items()))}, depth=4)


def _shape(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value of type `hint`; named types go to `definitions`."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        shape = _shape(get_args(hint)[0], definitions)
        # A place is an object even where there is none; its definition allows for nulls.
        return shape if get_args(hint)[0] is Location else {"anyOf": [shape, {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _shape(get_args(hint)[0], definitions)}
    if origin is Mapping:
        key, value = get_args(hint)
        shape = {"type": "object", "additionalProperties": _shape(value, definitions)}
        return shape if key is str else shape | {"propertyNames": _shape(key, definitions)}
    if hint is Any:
        return {}
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}  # a type that mentions itself finds its name taken
        definitions[hint.__name__] = _definition(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _definition(named: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if issubclass(named, Enum):
        return {"description": _text(named.__doc__), "enum": [str(member) for member in named]}
    shape = _object(named, definitions)
    if named is Location:
        for member in shape["properties"].values():
            member["type"] = [member["type"], "null"]
    return shape


def _object(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    docs = _field_docs(cls)
    names = [one.name for one in fields(cls)]
    optional = cls.__struct_config__.omit_defaults
    return {
        "description": _text(cls.__doc__),
        "type": "object",
        "required": [one.name for one in fields(cls) if one.required or not optional],
        "properties": {
            name: _shape(hints[name], definitions)
            | ({"description": docs[name]} if name in docs else {})
            for name in names
        },
    }


def _field_docs(cls: type) -> dict[str, str]:
    """The string that follows each field in the source of `cls`."""
    [definition] = ast.parse(inspect.getsource(cls)).body
    assert isinstance(definition, ast.ClassDef)
    docs = {}
    for before, after in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
            match after:
                case ast.Expr(ast.Constant(str(text))):
                    docs[before.target.id] = _text(text)
    return docs


def _text(doc: str | None) -> str:
    return " ".join((doc or "").split())

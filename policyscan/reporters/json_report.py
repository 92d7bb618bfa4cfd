"""JSON: the canonical form of a report, from which it can be read back whole.

Members have the names of the fields of `findings.report` and `findings.model`; a place is always
an object, whose members are null where there is none. `report_schema` describes the form.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from math import isfinite
from typing import Any, NoReturn, Union, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from policyscan.errors import InvariantError, UsageError
from policyscan.findings.derivation import every_part
from policyscan.findings.model import Location
from policyscan.findings.report import SCHEMA, Report
from policyscan.reporters.layout import dump

_NO_PLACE = {one.name: None for one in fields(Location)}
_DEEPEST = 50
"""Levels of a derivation."""
_AS_IT_IS = frozenset({str, bool, int})


class JsonReporter:
    """Everything, for programs."""

    name = "json"
    suffix = ".json"

    def render(self, report: Report) -> bytes:
        """The report as ASCII; top-level members and their elements have a line each."""
        members = {name: getattr(report, name) for name in report.__struct_fields__}
        texts = {name: _streamed(member) for name, member in members.items()}
        return dump({"schema": report.schema} | texts, depth=2)


def load_report(data: bytes) -> Report:
    """The report that was rendered to `data`. Members it does not know are ignored.

    Raises `UsageError`, which names the member, if this is not such a report.
    """
    try:
        raw = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not a JSON report: {error}") from error
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        raise UsageError("not a report of policyscan", hint=f"its schema must be {SCHEMA}")
    try:
        report: Report = _read(Report, raw, "")
        deep = _is_too_deep(report)
    except RecursionError:  # only derivations hold their like
        deep = True
    if deep:
        raise UsageError("a derivation in the report is too deep")
    return report


def _is_too_deep(report: Report) -> bool:
    """Whether it has a derivation that no policyscan made and no format can show."""
    parts = (part for finding in report.findings for part in every_part(finding.derivation))
    return any(depth > _DEEPEST for depth, _ in parts)


def plain(value: Any) -> Any:
    """`value` in terms of JSON; what JSON has no word for (a date among the parameters of a
    policy, infinity) as its text."""
    if value is None or type(value) in _AS_IT_IS:
        return value
    if isinstance(value, (tuple, list)):
        return [plain(member) for member in value]
    if isinstance(value, Struct):
        return _object(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, int):
        return value
    if isinstance(value, Mapping):
        return {plain(key): plain(member) for key, member in value.items()}
    return str(value)


def _streamed(value: Any) -> Any:
    """`value` in terms of JSON; the members of a sequence when they are asked for."""
    return map(plain, value) if isinstance(value, (tuple, list)) else plain(value)


def _object(value: Struct) -> dict[str, Any]:
    """In one go, since there are millions in a large report."""
    made: dict[str, Any] = {}
    for name, may_lack in _shape(type(value)):
        one = getattr(value, name)
        if may_lack and not one:
            continue
        if one is None and name == "location":
            made[name] = dict(_NO_PLACE)
        else:
            made[name] = one if type(one) in _AS_IT_IS else plain(one)
    return made


@cache
def _shape(cls: type[Struct]) -> tuple[tuple[str, bool], ...]:
    """The members of a type, and whether each is left out where it is empty."""
    omits = cls.__struct_config__.omit_defaults
    return tuple((one.name, omits and not one.required) for one in fields(cls))


@cache
def _fields(cls: type[Struct]) -> tuple[tuple[FieldInfo, Any], ...]:
    hints = get_type_hints(cls)
    return tuple((one, hints[one.name]) for one in fields(cls))


def _read(hint: Any, raw: Any, where: str) -> Any:
    """`raw` as the type `hint` says; `where` is its path for complaints."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _read_optional(get_args(hint)[0], raw, where)
    if origin is tuple:
        item = get_args(hint)[0]
        members = _expect(list, raw, where)
        return tuple(_read(item, one, f"{where}[{n}]") for n, one in enumerate(members))
    if origin is Mapping:
        key, value = get_args(hint)
        return {
            _read(key, name, where): _read(value, one, f"{where}.{name}")
            for name, one in _expect(dict, raw, where).items()
        }
    if hint is Any:
        return raw
    if issubclass(hint, Struct):
        return _read_object(hint, raw, where)
    if issubclass(hint, Enum):
        if raw not in [member.value for member in hint]:
            _refuse(where, " or ".join(hint), raw)
        return hint(raw)
    return _expect(hint, raw, where)


def _read_optional(hint: Any, raw: Any, where: str) -> Any:
    if raw is None or (hint is Location and raw == _NO_PLACE):
        return None
    return _read(hint, raw, where)


def _read_object(cls: Any, raw: Any, where: str) -> Any:
    members = _expect(dict, raw, where)
    values = {}
    for one, hint in _fields(cls):
        place = f"{where}.{one.name}" if where else one.name
        if one.name in members:
            values[one.name] = _read(hint, members[one.name], place)
        elif one.required:
            raise UsageError(f"{place} is missing from the report")
    try:
        return cls(**values)
    except InvariantError as error:
        raise UsageError(f"{where} of the report is not possible: {error}") from error


def _expect(kind: type, raw: Any, where: str) -> Any:
    """`raw` if it is exactly of `kind` (True is no number)."""
    return raw if type(raw) is kind else _refuse(where, _JSON_NAMES[kind], raw)


_JSON_NAMES = {str: "a string", int: "an integer", bool: "a boolean"} | {
    list: "an array",
    dict: "an object",
}


def _refuse(where: str, wanted: str, raw: Any) -> NoReturn:
    found = next((name for kind, name in _JSON_NAMES.items() if type(raw) is kind), "a value")
    raise UsageError(f"{where} of the report must be {wanted}, not {found}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")

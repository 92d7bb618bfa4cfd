"""Google's own CEL on the expressions and values of a campaign."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_optional, ext_strings
from pydantic import BaseModel

from policyscan.values import Unknown, Why
from tests.campaigns.estate import VARIABLES, House

_SCALARS = {
    "bool": cel.Type.BOOL,
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "string": cel.Type.STRING,
    "timestamp": cel.Type.TIMESTAMP,
    "duration": cel.Type.DURATION,
}
_FIELDS = {
    "a": "bool",
    "b": "bool",
    "i": "int",
    "j": "int",
    "d": "double",
    "s": "string",
    "t": "string",
    "built": "timestamp",
    "lasts": "duration",
    "xs": "list(int)",
    "words": "list(string)",
    "limits": "map(string, int)",
}
"""Fields of a house that are typed variables with a dot in their name there: a map of any values
cannot hold times. The others are in such a map, absent where they are null."""


class Refused(Exception):  # noqa: N818 - no fault of the expression
    """The oracle does not take the expression; the text says why."""


def _type(kind: str) -> cel.Type:
    if kind.startswith("list("):
        return cel.Type.List(_type(kind[5:-1]))
    if kind.startswith("map("):
        return cel.Type.Map(cel.Type.STRING, _type(kind[len("map(string, ") : -1]))
    return _SCALARS[kind]


class Oracle:
    """Google's CEL with the variables of the campaigns."""

    def __init__(self) -> None:
        typed = {**VARIABLES, **{f"resource.{name}": kind for name, kind in _FIELDS.items()}}
        variables = {name: _type(kind) for name, kind in typed.items()}
        variables["resource"] = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
        extensions = [ext_strings.ExtStrings(), ext_optional.ExtOptional()]
        self._environment = cel.NewEnv(variables=variables, extensions=extensions)

    def value(self, text: str, values: Mapping[str, Any]) -> object:
        """What the expression is; an error as we have it. Raises Refused if it cannot say."""
        try:
            found = self._environment.compile(text.replace("~", "dyn")).eval(
                data=self._data(values)
            )
            value = found.plain_value()
        except Exception as error:  # whatever it raises is its own way of giving up
            if "duplicate key in map" in str(error):
                return Unknown(Why.EVALUATION_ERROR, str(error))
            raise Refused(str(error)) from None
        if found.type() == cel.Type.ERROR:
            _give_up(str(value))
            return Unknown(Why.EVALUATION_ERROR, str(value))
        return value

    @staticmethod
    def _data(values: Mapping[str, Any]) -> dict[str, Any]:
        data = {name: _plain(value) for name, value in values.items() if name in VARIABLES}
        subject = values["resource"]
        data |= {f"resource.{name}": _plain(getattr(subject, name)) for name in _FIELDS}
        data["resource"] = _plain(subject)
        return data


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, BaseModel):
        hidden = House.HIDDEN | {"built", "lasts"}
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        shown = {n: v for n, v in fields.items() if n not in hidden and _is_simple(v)}
        return {name: _plain(each) for name, each in shown.items()}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _is_simple(value: object) -> bool:
    return value is not None and not isinstance(value, Unknown)


_LIMITS = re.compile("iteration|recursion|depth|RESOURCE_EXHAUSTED|budget", re.IGNORECASE)


def _give_up(message: str) -> None:
    """Raises Refused for an error that is a limit of the oracle, not one of the expression."""
    if _LIMITS.search(message):
        raise Refused(message)


def comparable(value: object) -> object:
    """A value of ours or of the oracle's in a form in which `==` means the same value."""
    if isinstance(value, Unknown):
        return "error" if value.why is Why.EVALUATION_ERROR else f"unknown: {value.needs}"
    if isinstance(value, float):
        return ("double", "nan" if math.isnan(value) else repr(value))
    if isinstance(value, (tuple, list)):
        return ("list", *map(comparable, value))
    if isinstance(value, Mapping):
        return ("map", *((key, comparable(value[key])) for key in sorted(value)))
    return (type(value).__name__, value)

"""What answers the cases: the tiers of the language, and Google's implementation of CEL."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cases import Case
from msgspec import Struct

from policyscan.language import Environment, compile_expression
from policyscan.language import types as t
from policyscan.language.fast import LEFT
from policyscan.values import Unknown, Why


class Error(Struct, frozen=True):
    """An answer that is none."""

    says: str


def slow(case: Case) -> object:
    """The answer of the three-valued tier."""
    env = Environment(variables=case.types)
    program = compile_expression(case.expression, env, is_condition=False)
    value = program.value(**case.values)
    if isinstance(value, Unknown):
        assert value.why is Why.EVALUATION_ERROR, value
        return Error(value.needs)
    return value


def compiled(case: Case) -> object:
    """The answer of the compiled tier alone; LEFT where it has none, as for every error."""
    env = Environment(variables=case.types)
    return compile_expression(case.expression, env, is_condition=False).quick(case.values)


def fast(case: Case) -> object:
    """The answer of the compiled tier, and of the other where it has none."""
    found = compiled(case)
    return slow(case) if found is LEFT else found


TIERS: Mapping[str, Callable[[Case], object]] = {"slow": slow, "fast": fast}
"""What must have all answers right."""


def google(case: Case) -> object:
    """The answer of cel-expr-python, of its runtime alone where its checker is stricter."""
    cel = pytest.importorskip("cel_expr_python.cel")
    optional = pytest.importorskip("cel_expr_python.ext.ext_optional")
    strings = pytest.importorskip("cel_expr_python.ext.ext_strings")
    variables = {name: _google_type(cel, kind) for name, kind in case.types.items()}
    extensions = [optional.ExtOptional(), strings.ExtStrings()]
    env = cel.NewEnv(variables=variables, extensions=extensions)
    try:
        program = env.compile(case.expression)
    except Exception:
        program = env.compile(case.expression, disable_check=True)
    try:
        return _plain(cel, program.eval(data=case.values))
    except RuntimeError as error:
        return Error(str(error))


def _google_type(cel: Any, kind: t.Type) -> Any:
    if isinstance(kind, t.ListOf):
        return cel.Type.List(_google_type(cel, kind.item))
    if isinstance(kind, t.MapOf):
        return cel.Type.Map(_google_type(cel, kind.key), _google_type(cel, kind.value))
    return getattr(cel.Type, str(kind).upper())


def _plain(cel: Any, value: Any) -> object:
    if not isinstance(value, cel.Value):
        return value
    if value.type() == cel.Type.ERROR:
        return Error(str(value))
    found = value.value()
    if isinstance(found, list):
        return [_plain(cel, each) for each in found]
    if isinstance(found, dict):
        return {_plain(cel, key): _plain(cel, each) for key, each in found.items()}
    return found


def alike(a: object, b: object) -> bool:
    """Whether two answers are one: of one type, and a list however it is held."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, float) and isinstance(b, float):
        both_nan = math.isnan(a) and math.isnan(b)
        return both_nan or (a == b and math.copysign(1, a) == math.copysign(1, b))
    return type(a) is type(b) and a == b

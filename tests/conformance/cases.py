"""The cases of conformance: what an expression is, by the specification of CEL.

A file `*.yaml` of this directory holds cases:

    - name: the least integer has no opposite
      of: integer_math/int64_math/int64_min_negate
      expression: -(-9223372036854775808)
      error: overflow

`name` is in our words and unique. `of` refers to what the case restates: file, section and name of
cases of the specification, between spaces; a name alone stands in the section of the one before.
`value` is what the expression is, `error` a part of what its error says. YAML tells ints from
doubles; `!timestamp` and `!duration` mark text that is one. `variables` gives what the expression
may use, as `x: {type: int, value: 3}`; `type` is the type that the checker finds. `oracle` says why
cel-expr-python has another answer, where it has.

A file `excluded*.yaml` holds what CEL has and policies have not, by what they say about it: an
expression of ours, and the cases of the specification that it stands for.

    - left_out: uint                                 # a row of policyscan/language/left_out.py
      cases:
        22u: basic/self_eval_zeroish/self_eval_uint_zero self_eval_uint_alias_zero
    - says: the members of a list must have one type, found int and string
      why: every list has members of one type
      cases: ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, convert, field

from policyscan.language import types as t
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.left_out import left_out

HERE = Path(__file__).parent
_SCALARS: Mapping[str, t.Type] = {
    str(each): each for each in (t.INT, t.DOUBLE, t.STRING, t.BOOL, t.NULL, t.TIMESTAMP, t.DURATION)
}


class Variable(Struct, frozen=True, forbid_unknown_fields=True):
    """A name that an expression may use."""

    type: str
    value: Any


class Case(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One expression and what it is."""

    name: str
    of: str
    expression: str
    value: Any = ...
    error: str = ""
    type: str = ""
    variables: dict[str, Variable] = field(default_factory=dict)
    oracle: str = ""

    @property
    def places(self) -> list[str]:
        """The cases of the specification that this one restates."""
        return places(self.of)

    @property
    def types(self) -> dict[str, t.Type]:
        """The types of the variables."""
        return {name: kind(each.type) for name, each in self.variables.items()}

    @property
    def values(self) -> dict[str, Any]:
        """The values of the variables."""
        return {name: each.value for name, each in self.variables.items()}


class Excluded(Struct, frozen=True):
    """One expression that is no policy, and what is said about it."""

    of: str
    expression: str
    message: str

    @property
    def places(self) -> list[str]:
        """The cases of the specification that it stands for."""
        return places(self.of)


class _Group(Struct, frozen=True, forbid_unknown_fields=True):
    cases: dict[str, str]
    left_out: str = ""
    says: str = ""
    why: str = ""


class _Loader(yaml.SafeLoader):
    pass


def _marked(function: str) -> Any:
    return lambda loader, node: FUNCTIONS[function].call(loader.construct_scalar(node))


for _name in ("timestamp", "duration"):
    _Loader.add_constructor(f"!{_name}", _marked(_name))


def cases() -> list[Case]:
    """All cases, by file."""
    return [
        convert(each, Case)
        for path in sorted(HERE.glob("*.yaml"))
        if not path.name.startswith("excluded")
        for each in _read(path)
    ]


def excluded() -> Iterator[Excluded]:
    """All that is left out."""
    rows = {row.name: row.message for row in left_out()}
    for path in sorted(HERE.glob("excluded*.yaml")):
        for each in _read(path):
            group = convert(each, _Group)
            assert group.left_out or (group.says and group.why), f"{path.name}: no reason"
            message = rows[group.left_out] if group.left_out else group.says
            for expression, of in group.cases.items():
                yield Excluded(of, expression, message)


def _read(path: Path) -> list[Any]:
    found = yaml.load(path.read_text("utf-8"), _Loader)
    assert isinstance(found, list), path
    return found


def places(of: str) -> list[str]:
    """Each reference in full."""
    found: list[str] = []
    for word in of.split():
        section = "" if "/" in word else found[-1].rpartition("/")[0] + "/"
        found.append(section + word)
    return found


def kind(spelling: str) -> t.Type:
    """The type that a case spells: `list(int)`, `map(int, string)`."""
    words = re.findall(r"\w+|[(),]", spelling)
    found = _kind(words)
    assert not words, spelling
    return found


def _kind(words: list[str]) -> t.Type:
    name = words.pop(0)
    if name in _SCALARS:
        return _SCALARS[name]
    words.pop(0)
    first = _kind(words)
    second = _kind(words) if words.pop(0) == "," else None
    if second is not None:
        words.pop(0)
    return t.ListOf(first) if second is None else t.MapOf(first, second)

"""The credentials that a start script puts into the environment of programs; never their values."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from policyscan.collectors.terraform.kinds.workloads.secret_links import points
from policyscan.collectors.terraform.value import Value
from policyscan.resources.placeholders import is_placeholder
from policyscan.resources.secret_forms import holds_secret_form
from policyscan.resources.secret_signs import secret_name
from policyscan.resources.workloads import SecretVariable
from policyscan.values import Ref, Unknown, Why

HOLE = "\ue000"
"""Stands for a piece of the script that is not known."""
POINTERS = ("/", "arn:", "ssm:", "secretsmanager:", "vault:", "file:")
"""How texts begin that name a secret."""

_SET = re.compile(
    r"(?m)(^[^#\n]{0,80}?\bexport\s{1,5}|^\s{0,20}echo\s{1,5}[\"']|^\s{0,20}Environment=[\"']?"
    r"|\s(?:-e|--env)[\s=,]\s{0,5}[\"']?|^\s{0,20})"
    r"([A-Z][A-Z0-9_]{0,80})="
    r"(?:\"([^\"\n]{0,2048})|'([^'\n]{0,2048})|((?:\$\([^\n]{0,2048}|[^\s\"';]{1,2048})?))"
)
"""Variables for programs: assigned, exported, written, handed to a container or a service."""
_VARIABLE = re.compile(r"\$\{?(\w{1,80})\}?")
_ALONE = re.compile(rf"(?m)^[ \t]{{0,20}}{HOLE}[ \t]{{0,20}}$")
"""A piece that may be any number of lines."""


class Setting(Struct, frozen=True):
    """A variable that a script sets."""

    name: str
    value: str
    start: int
    """Where the value begins."""
    handed_over: bool
    """Whether programs get it, and not only the shell."""

    @property
    def computed(self) -> bool:
        """Whether the shell works its value out."""
        return "$" in self.value or "`" in self.value


def settings(script: str) -> Iterator[Setting]:
    """The variables that a script sets."""
    for match in _SET.finditer(script):
        group = next((number for number in (3, 4, 5) if match[number] is not None), 5)
        name, value = match[2], match[group] or ""
        again = _VARIABLE.fullmatch(value)
        handed = bool(match[1].strip()) or (again is not None and again[1] == name)
        yield Setting(name, value, match.start(group), handed)


def credentials(
    script: str,
    holes: Sequence[Ref | Unknown],
    given: Mapping[str, Value],
    fetches: bool,
) -> Iterator[SecretVariable | Unknown]:
    """The variables of a script that hold a credential, and why there may be others. `given` are
    the values of a template, `fetches` tells whether the script reads secrets from a store."""
    places = [match.start() for match in re.finditer(HOLE, script)]
    told: set[tuple[str, str]] = set()
    for setting in settings(script):
        if not secret_name(setting.name):
            if holds_secret_form(setting.value) and (setting.name, "literal") not in told:
                told.add((setting.name, "literal"))
                yield SecretVariable(name=setting.name, source="literal")
            continue
        first = bisect_left(places, setting.start)
        inside = holes[first : first + setting.value.count(HOLE)]
        source = _source(setting, inside, given, fetches)
        if source == "unknown":
            yield Unknown(Why.UNSUPPORTED, f"what {setting.name} holds")
        elif source is not None and (setting.name, source) not in told:
            told.add((setting.name, source))
            yield SecretVariable(name=setting.name, source=source)
    if fetches and not any(source == "store" for _, source in told):
        needs = "whether programs get what its script fetches through their environment"
        yield Unknown(Why.OUTSIDE, needs)
    for match in _ALONE.finditer(script):
        hole = holes[bisect_left(places, match.start())]
        if isinstance(hole, Unknown):
            yield hole.derived


def _source(
    setting: Setting,
    holes: Sequence[Ref | Unknown],
    given: Mapping[str, Value],
    fetches: bool,
) -> Literal["literal", "terraform", "store", "unknown"] | None:
    """Where the value of a credential is; None if it holds none."""
    if holes:
        return None if any(map(points, holes)) else "terraform"
    variable = _VARIABLE.fullmatch(setting.value)
    if variable is not None and variable[1] in given:
        plain = given[variable[1]].plain
        return None if isinstance(plain, (Ref, Unknown)) and points(plain) else "terraform"
    if not setting.value:  # a variable of Terraform may be empty here and nowhere else
        return "unknown"
    if setting.computed:
        return None if not setting.handed_over else "store" if fetches else "unknown"
    if is_placeholder(setting.value) or setting.value.startswith(POINTERS):
        return None
    return "literal"

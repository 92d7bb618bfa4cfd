"""A policy: what it asks of a kind of resource, why, and how to mend what fails it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from policyscan.errors import UsageError
from policyscan.findings.model import Plane, Severity, Verdict, Witness
from policyscan.language import Program
from policyscan.language.checking.called import tried_parameters
from policyscan.language.functions.arithmetic import Fault
from policyscan.language.types import constant
from policyscan.policy.traps import default_hint
from policyscan.text.complaints import suggestion
from policyscan.text.display import shortened
from policyscan.text.words import field_words, value_words
from policyscan.text.yaml import Document

MEANT: Mapping[str, str] = MappingProxyType(
    {
        "kind": "resource",
        "name": "slug",
        "description": "why",
        "remediation": "fix",
        "condition": "require",
        "assert": "require",
        "parameters": "params",
    }
)
"""What people write, and the key that it is here."""
KEYS = (
    "id",
    "version",
    "slug",
    "aliases",
    "deprecated",
    "title",
    "severity",
    "plane",
    "resource",
    "scope",
    "when",
    "require",
    "params",
    "expect_min",
    "message",
    "why",
    "fix",
    "control",
    "criteria",
    "guide",
    "tests",
    "equivalent",
)
"""The keys of a policy file, in the order in which they are written."""
OPTIONAL = frozenset(
    {"aliases", "deprecated", "scope", "when", "params", "expect_min", "equivalent"}
)

CONTEXT: Mapping[str, str] = MappingProxyType(
    {
        "regions": "list(string)",
        "allow_list": "list(string)",
        "verified_allow_list": "list(string)",
    }
)
"""What a configuration may state, by type: what it says under `context`, and the ranges of its
`allow_lists`, of all and of those with an owner and a date."""

PLACEHOLDERS = ("address", "witness.path", "witness.value", "witness.note")
"""What a message may hold in braces."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

Scope = Literal["each", "set"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of a policy that a configuration may change."""

    name: str
    type: str
    """As policies write it: `list(string)`."""
    default: object
    about: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy, checked and ready to judge."""

    id: str
    version: int
    slug: str
    """Names the bad pattern."""
    title: str
    severity: Severity
    plane: Plane
    kinds: tuple[str, ...]
    """The kinds that it judges, each by the same text."""
    scope: Scope
    """`each` resource alone, or all of a unit as one `set`."""
    when: str
    """The condition under which it applies; empty if it always does."""
    require: str
    params: tuple[Parameter, ...]
    expect_min: int
    """The least number of members of a closed set; 0 asks for none."""
    message: str
    why: str
    fix: str
    control: str
    criteria: tuple[str, ...]
    guide: tuple[str, ...]
    aliases: tuple[str, ...]
    """Former ids."""
    deprecated: str
    """Why it should no longer be used; empty if it should."""
    path: str
    sha256: str
    """Of the file, in lower-case hex."""
    require_program: Program = field(repr=False)
    when_program: Program | None = field(repr=False)
    document: Document = field(repr=False)

    @property
    def related(self) -> frozenset[str]:
        """The kinds that it looks at beside those that it judges."""
        when = self.when_program
        return self.require_program.kinds | (when.kinds if when is not None else frozenset())

    def parameters(self, overrides: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """The value of every parameter. Raises UsageError for an override that does not fit."""
        values = {each.name: each.default for each in self.params}
        types = {each.name: each.type for each in self.params}
        for name, value in (overrides or {}).items():
            if name not in types:
                close = suggestion(name, types)
                raise UsageError(f"{self.id} has no parameter '{name}'{close}")
            try:
                values[name] = constant(value, types[name])
                self.try_parameter(name, values[name])
            except ValueError as error:
                said = f"parameter '{name}' of {self.id}: {error}"
                raise UsageError(said, hint=default_hint(str(error))) from None
        return values

    def try_parameter(self, name: str, value: object) -> None:
        """Raises ValueError for a value with which a function that is asked about it never has a
        result: no verdict could be known."""
        for program in filter(None, (self.when_program, self.require_program)):
            for parameter, attempt in tried_parameters(program.root):
                if parameter == name:
                    try:
                        attempt(value)
                    except (Fault, ValueError) as error:
                        one = isinstance(value, str) and f'"{shortened(value, 60)}"'
                        raise ValueError(f"{one or 'one of its members'} is {error}") from None

    def fail_message(self, address: str, witness: Witness) -> str:
        """The message for a resource that fails."""
        values = {
            "address": address,
            "witness.path": field_words(witness.path),
            "witness.value": value_words(witness.value),
            "witness.note": witness.note,
        }
        return PLACEHOLDER.sub(lambda match: values[match[1]], self.message)


@dataclass(frozen=True, slots=True)
class PolicyStub:
    """A policy that was not loaded, because nothing of its kind is there to be judged."""

    id: str
    version: int
    slug: str
    title: str
    severity: Severity
    plane: Plane
    kinds: tuple[str, ...]
    control: str
    path: str
    sha256: str
    criteria: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    related: frozenset[str] = frozenset()
    """Kinds that it looks at beside those that it judges, and perhaps more."""


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What a live source answers in a test; see `collectors.interface.Answer`."""

    collector: str
    unit: str
    subject: str
    about: str
    data: object


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """One test of a policy: files, and the verdict on every resource it judges in them."""

    name: str
    files: Mapping[str, str]
    answers: tuple[RecordedAnswer, ...]
    options: Mapping[str, object]
    """As `policyscan.yaml` would say it."""
    expect: Mapping[str, Verdict]
    line: int
    """Where it stands in the policy's file."""
    before: Mapping[str, str] = field(default_factory=dict)
    """The files of the trusted side, for policies on what a change does; empty without one."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant that no test can find, because it says the same."""

    mutant: str
    """The name that the mutant has where it survives."""
    because: str
    place: str
    """`path:line:column` of the entry."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The policies of one directory."""

    policies: tuple[Policy, ...]
    """Loaded, in order of their ids."""
    stubs: tuple[PolicyStub, ...] = ()
    """Left alone, in order of their ids."""

    @property
    def everything(self) -> tuple[Policy | PolicyStub, ...]:
        """All of them, in order of their ids."""
        return tuple(sorted((*self.policies, *self.stubs), key=_id))


def _id(item: Policy | PolicyStub) -> str:
    return item.id

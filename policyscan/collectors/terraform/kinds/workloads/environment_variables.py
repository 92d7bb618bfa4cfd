"""Environment variables: their names, and the secrets that their values name; never the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.workloads.credentials import (
    set_in_script,
    source_of_text,
    source_of_variable,
    text_with_holes,
)
from policyscan.collectors.terraform.kinds.workloads.secret_links import SecretLinks
from policyscan.collectors.terraform.members import reason_of
from policyscan.collectors.terraform.value import Value, root_defaults
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.placeholders import is_placeholder
from policyscan.resources.secret_forms import MAX_TEXT
from policyscan.resources.secret_signs import secret_name
from policyscan.resources.workloads import SecretVariable
from policyscan.values import OneOf, Unknown, Why, reason_or


class Variables:
    """The variables of one workload as they are found."""

    def __init__(self, secrets: SecretLinks, built: fields.Fields) -> None:
        self.names = Gathering("environment_names", built)
        self.secrets = Gathering("secrets", built)
        self.credentials = Gathering("secret_variables", built)
        self._links = secrets

    @property
    def lists(self) -> tuple[Gathering, ...]:
        """The lists that variables go into."""
        return self.names, self.secrets, self.credentials

    def add(self, name: str, value: Value | None, *, filled: bool = False) -> None:
        """One variable; its value was `filled` in if it stood in a text with holes."""
        if value is None or (value.plain is None and not root_defaults(value)):
            return
        self.names.add(name, _place(name, value))
        self._links.of_value(value, _place(name, value), self.secrets)
        self._credential(name, value, filled)

    def stored(self, name: Any, why: Chain, *, is_secret: bool = False) -> None:
        """A variable that is fetched from a store when the program starts; `is_secret` if that
        is one for secrets only."""
        self.names.add(name, why)
        if isinstance(name, str) and (is_secret or secret_name(name)):
            self.credentials.add(SecretVariable(name=name, source="store"), why)
        elif isinstance(name, Unknown):
            self.credentials.more(name.derived, why)

    def _credential(self, name: str, value: Value, filled: bool) -> None:
        """Keep a variable that holds a credential, unless it only says where one is."""
        plain, why = value.plain, _place(name, value)
        if secret_name(name) and (
            plain is None or (isinstance(plain, str) and is_placeholder(plain))
        ):
            if root_defaults(value):  # nobody runs it with that
                self.credentials.add(SecretVariable(name=name, source="terraform"), why)
            elif filled:
                needs = f"what {name} holds"
                self.credentials.more(Unknown(Why.UNSUPPORTED, needs, why[0].span), why)
            return
        source = source_of_variable(name, value, self._links)
        if isinstance(source, Unknown):
            self.credentials.more(source, why)
        elif source is not None:
            text = plain if isinstance(plain, str) else ""
            self.credentials.add(SecretVariable(name=name, source=source), why, text)

    def command(self, text: Value) -> None:
        """The variables that a word of a command sets, or a secret that it is."""
        whole = source_of_text(text.plain)
        if whole is not None:
            step = Step(StepKind.ATTRIBUTE, "command", text.trail.step.span)
            self.credentials.add(SecretVariable(name="command", source=whole), (step,))
            return
        for name, source in set_in_script(text_with_holes(text.plain)[:MAX_TEXT]):
            step = Step(StepKind.ATTRIBUTE, name, text.trail.step.span)
            self.credentials.add(SecretVariable(name=name, source=source), (step,))

    def table(self, variables: Value) -> None:
        """The variables of a map; if it is one of several, those in which all agree."""
        plain = variables.plain
        if isinstance(plain, dict):
            for name, value in plain.items():
                self.add(name, value)
        elif isinstance(plain, OneOf):
            self._cases([case.value.plain for case in plain.alternatives], variables)
        else:
            self.unknown(variables)

    def unknown(self, value: Value) -> None:
        """Variables of which nothing is known."""
        why = (Step(StepKind.ATTRIBUTE, "environment", value.trail.step.span),)
        span = value.trail.step.span
        reason = reason_or(reason_of(value), Why.COMPUTED, "the environment variables", span)
        for listed in self.lists:
            listed.more(reason.derived, why)

    def _cases(self, cases: list[object], variables: Value) -> None:
        tables = [{} if case is None else case for case in cases]
        if not all(isinstance(table, Mapping) for table in tables):
            self.unknown(variables)
            return
        known: list[Mapping[str, Value]] = [t for t in tables if isinstance(t, Mapping)]
        for name, value in known[0].items():
            if all(table.get(name) is value for table in known[1:]):
                self.add(name, value)
            elif all(name in table for table in known[1:]):
                self.names.add(name, _place(name, value))
        self.unknown(variables)


def _place(name: str, value: Value) -> Chain:
    """Where a variable is set, without the value, which may be a secret."""
    return (Step(StepKind.ATTRIBUTE, f"environment variable {name}", value.trail.step.span),)

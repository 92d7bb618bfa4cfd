"""The steps of a rotation program of the shell, by its lines. What a line does is read only where
it says so. A program that calls others may do more, so that this can show what is wrong, and never
that all is right."""

from __future__ import annotations

import re

from policyscan.resources.rotation.facts import ProgramFacts, facts_from
from policyscan.resources.rotation.model import RotationStep
from policyscan.text.source import Source
from policyscan.values import Unknown, Why

_JOINED = re.compile(r"\\\r?\n")
_FUNCTION = re.compile(r"(?m)^\s*(?:function\s+\w+|\w+\s*\(\))")
_STOPS = re.compile(r"(?m)^\s*set\s+-\w*e|^#!.*\s-\w*e\w*\s*$")
_TRAP = re.compile(r"(?m)^\s*trap\s+(?:['\"])?(.*?)(?:['\"])?\s+(?:ERR|EXIT|0)\b")
_UNDOES = re.compile(
    r"(?i)roll_?-?back|restore|revert|undo|-X\s*DELETE|update-secret-version-stage"
)
_CHECKED = re.compile(r"\bif\b|\|\||&&|\bcurl\b.*\s-\w*f|--fail")
_STEPS: tuple[tuple[RotationStep, re.Pattern[str]], ...] = (
    (
        "revoke",
        re.compile(
            r"(?i)subAccountApi(?!/ip).*DELETE|DELETE.*subAccountApi(?!/ip)|delete-access-key"
        ),
    ),
    (
        "create",
        re.compile(r"(?i)subAccountApi(?!/ip).*POST|POST.*subAccountApi(?!/ip)|create-access-key"),
    ),
    ("set_pending", re.compile(r"put-secret-value\b.*AWSPENDING")),
    (
        "promote",
        re.compile(
            r"update-secret-version-stage\b.*AWSCURRENT|put-secret-value\b"
            r"|secretsmanager update-secret\b"
        ),
    ),
    (
        "validate",
        re.compile(
            r"(?i)api/v3/account|apiRestrictions|\b(?:test|validate|verify|check)[-_]\w*(?:key|secret|cred)"
        ),
    ),
)
_MAX_LINE = 4_000


def shell_facts(source: Source) -> ProgramFacts:
    """What the program does."""
    text = _JOINED.sub(" ", source.data.decode("utf-8", "replace"))
    lines = [line[:_MAX_LINE] for line in text.split("\n") if not line.lstrip().startswith("#")]
    found = [(step, line) for line in lines for step in [_step_of(line)] if step is not None]
    events = tuple(step for step, _ in found)
    rest = Unknown(Why.UNSUPPORTED, f"what else {source.path} does", source.whole())
    in_order = _FUNCTION.search(text) is None
    stops = _STOPS.search(text) is not None
    checks = [line for step, line in found if step == "validate"]
    doubts = {}
    if not stops and not all(_CHECKED.search(line) for line in checks):
        needs = f"whether {source.path} stops if the new key does not work"
        doubts["validates_before_promote"] = Unknown(Why.CONDITION, needs, source.whole())
    undone = any(_UNDOES.search(trap[1]) for trap in _TRAP.finditer(text))
    facts = facts_from(events, events if in_order else (), undone, doubts, rest)
    if in_order:
        return facts
    needs = f"in which order the functions of {source.path} are called"
    unknown = Unknown(Why.UNSUPPORTED, needs, source.whole())
    return ProgramFacts(facts.steps, unknown, unknown, unknown, facts.has_rollback)


def _step_of(line: str) -> RotationStep | None:
    return next((step for step, pattern in _STEPS if pattern.search(line)), None)

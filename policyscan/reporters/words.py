"""Words that several formats use."""

from __future__ import annotations

from policyscan.findings.model import Location, ScopeAnswer
from policyscan.text.display import path_text

MOST_STEPS = 4
"""Steps that lead to an answer of scope which are told; JSON and HTML have all of them."""


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 gap`, `3 gaps`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def scope_answer(one: ScopeAnswer) -> str:
    """`role trading, derived: aws_instance.bot reads aws_secretsmanager_secret.k <- ...` with the
    first steps, not yet safe to show."""
    steps = [
        f"{step.label} ({path_text(step.location.place)})" if step.location else step.label
        for step in one.because
    ]
    way = " <- ".join(steps[:MOST_STEPS] + ["…"] * (len(steps) > MOST_STEPS))
    return f"{one.question} {one.answer}, {one.basis}" + (f": {way}" if way else "")


def spot(location: Location | None) -> str:
    """`path:line:column`, safe to show on one line; empty without a place."""
    if location is None:
        return ""
    return f"{path_text(location.path)}:{location.start_line}:{location.start_column}"

"""Questions of scope that a run leaves open, and how many verdicts each would decide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from policyscan.findings.report import ScopeQuestion
from policyscan.resources.base import Resource
from policyscan.resources.scope import ENVIRONMENTS, ROLES, TIERS
from policyscan.text.display import path_text, shortened
from policyscan.values import Unknown
from policyscan.witnesses import Subject

MAX_QUESTIONS = 5
MAX_ADDRESSES = 8
"""Resources of one question that are named."""
ANSWER_IN = "scope.assign of policyscan.yaml"

_CHOICES = {
    "role": ROLES,
    "environment": ENVIRONMENTS,
    "tier": TIERS,
    "purpose": ("exchange_api_key", "other"),
}


class _Topic(Struct, frozen=True):
    """What one answer would settle: the tier of everything, the environment of a root, what the
    resources of a root are for."""

    question: str
    unit: str = ""
    is_file: bool = False
    """Whether the unit is a single file."""


class _Tally(Struct):
    """How many verdicts hang on a topic, and of which resources."""

    open: int = 0
    unconfirmed: int = 0
    aside: int = 0
    addresses: dict[str, str] = field(default_factory=dict)
    """Each with what reports call it."""


class Questions:
    """Counts them as verdicts come."""

    def __init__(self) -> None:
        self._topics: dict[_Topic, _Tally] = {}

    def open(self, resource: Resource, reasons: Iterable[Unknown]) -> None:
        """A verdict on this resource is unknown for these reasons."""
        asked = dict.fromkeys((r.question, r.about) for r in reasons if r.question)
        for question, about in asked:
            self._tally(resource, question, about).open += 1

    def unconfirmed(self, resource: Resource, question: str) -> None:
        """A failure of this resource depends on an answer that nobody has confirmed."""
        self._tally(resource, question).unconfirmed += 1

    def aside(self, resource: Resource, question: str) -> None:
        """This resource is not judged because of an answer that nobody has confirmed."""
        self._tally(resource, question).aside += 1

    def asked(self) -> tuple[ScopeQuestion, ...]:
        """Those that decide most first, at most five; what a name puts aside comes last."""

        def weight(item: tuple[_Topic, _Tally]) -> tuple[int, int, str, str]:
            topic, tally = item
            return -tally.open - tally.unconfirmed, -tally.aside, topic.question, topic.unit

        ordered = sorted(self._topics.items(), key=weight)
        return tuple(_asked(topic, tally) for topic, tally in ordered[:MAX_QUESTIONS])

    def _tally(self, resource: Resource, question: str, about: str = "") -> _Tally:
        tally = self._topics.setdefault(_topic(resource, question), _Tally())
        tally.addresses[about or resource.address] = about or Subject.of(resource).ref.shown
        return tally


def _topic(resource: Resource, question: str) -> _Topic:
    if question == "tier":
        return _Topic(question)
    unit, span = resource.origin.unit, resource.origin.span
    return _Topic(question, unit, span is not None and span.source.path == unit)


def _asked(topic: _Topic, tally: _Tally) -> ScopeQuestion:
    return ScopeQuestion(
        question=_wording(topic, tally),
        decides=tally.open + tally.unconfirmed + tally.aside,
        answer_in=ANSWER_IN,
        entry="\n".join(_entry(topic, tally)),
    )


def _wording(topic: _Topic, tally: _Tally) -> str:
    count = len(tally.addresses)
    named = shortened(", ".join([*tally.addresses.values()][:MAX_ADDRESSES]), 120)
    unit = path_text(topic.unit)
    where = "" if named == unit else f" in {unit}"
    match topic.question:
        case "tier":
            what = "how much is at risk behind the keys (tier: high, medium or low)"
        case "environment":
            what = f"which environment {unit} is (production, staging or development)"
        case "purpose":
            what = f"whether {named}{where} hold keys of an exchange"
        case _:
            what = f"what {named}{where} {'is' if count == 1 else 'are'} for (role)"
    return what


def _entry(topic: _Topic, tally: _Tally) -> Iterator[str]:
    """The lines of `scope.assign` that would answer it, with the first choice filled in."""
    first, *others = _CHOICES[topic.question]
    choice = f"  {topic.question}: {first}  # or {', '.join(others)}"
    place = "" if topic.unit in ("", ".") else topic.unit if topic.is_file else f"{topic.unit}/*"
    if topic.question in ("role", "purpose"):
        matches = [
            {"path": place, "address": address} if place else {"address": address}
            for address in list(tally.addresses)[:MAX_ADDRESSES]
        ]
    else:
        matches = [{"path": place or "*"}]
    for match in matches:
        selectors = ", ".join(f"{name}: {json.dumps(glob)}" for name, glob in match.items())
        yield f"- match: {{{selectors}}}"
        yield choice

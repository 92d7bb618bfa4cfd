"""The answers of one unit, as the modules of `kinds` look at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from policyscan.collectors.interface import Answer
from policyscan.resources.base import Chain, Origin, ProofLevel, Step, StepKind
from policyscan.values import Unknown, Why


@dataclass(frozen=True)
class Item:
    """One member of a list in an answer, with the way to it."""

    data: Mapping[str, Any]
    answer: Answer
    path: str
    """`SecurityGroups[3]`."""

    def chain(self, path: str = "") -> Chain:
        """The provenance of a value below it: the answer's own path, and the call."""
        where = f"{self.path}.{path}" if path else self.path
        return Step(StepKind.ANSWER, where), call_step(self.answer)


def call_step(answer: Answer) -> Step:
    """The call that an answer is of, as a step of a provenance chain."""
    parts = [answer.subject, f"in {answer.unit}"]
    parts += [f"about {answer.about}"] if answer.about else []
    parts += [f"page {answer.page}"] if answer.page > 1 else []
    parts += [f"at {answer.at:%Y-%m-%dT%H:%M:%SZ}"] if answer.at else []
    return Step(StepKind.CALL, " ".join(parts))


@dataclass(frozen=True)
class Unit:
    """All answers of one account and region."""

    name: str
    """`111122223333/eu-west-1`."""
    target: str
    answers: Sequence[Answer]
    _by_subject: dict[str, list[Answer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for answer in self.answers:
            self._by_subject.setdefault(answer.subject, []).append(answer)

    @property
    def account(self) -> str:
        """The id of the account."""
        return self.name.partition("/")[0]

    @property
    def region(self) -> str:
        """The region, or `global`."""
        return self.name.partition("/")[2]

    @property
    def partition(self) -> str:
        """The partition of its ARNs, by its region."""
        starts = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        return next((starts[start] for start in starts if self.region.startswith(start)), "aws")

    def pages(self, subject: str, about: str = "") -> tuple[Answer, ...]:
        """The answers to one question, page by page; none if it was not answered."""
        found = self._by_subject.get(subject, ())
        return tuple(answer for answer in found if answer.about == about)

    def items(self, subject: str, member: str, about: str = "") -> Iterator[Item]:
        """The members of the list `member` on all pages."""
        for answer in self.pages(subject, about):
            for number, data in enumerate(answer.data.get(member) or ()):
                yield Item(data, answer, f"{member}[{number}]")

    def unanswered(self, subject: str, about: str = "") -> Unknown | None:
        """Why nothing is known of what a question would tell; None if it was answered."""
        if self.pages(subject, about):
            return None
        of = f" about {about}" if about else ""
        return Unknown(Why.NOT_SEEN, f"the answer to {subject}{of} in {self.name}")

    def origin(self, answer: Answer, collector: str = "aws") -> Origin:
        """Where a resource comes from that was made from an answer."""
        return Origin(collector, self.target, self.name, None, ProofLevel.OBSERVED, answer.at)


def moment(text: str | None) -> datetime | None:
    """A time of an answer."""
    return datetime.fromisoformat(text) if text else None


def tags_of(listed: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """The tags of a list of `Key` and `Value`."""
    return {tag["Key"]: tag.get("Value", "") for tag in listed or ()}

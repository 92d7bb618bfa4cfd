"""The answers of one unit, as the modules of `kinds` look at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from policyscan.collectors.interface import Answer
from policyscan.resources.base import Chain, Origin, Resource, Step, StepKind, Tally
from policyscan.values import Unknown, Why

_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}
"""By the beginning of a region, the partition that it is in."""


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
        return Step(StepKind.ANSWER, where), self.answer.call()


@dataclass(frozen=True)
class Unit:
    """All answers of one account and region."""

    name: str
    """`111122223333/eu-west-1`."""
    target: str
    answers: Sequence[Answer]
    others: Sequence[Answer] = ()
    """Those of all units of the target, its own among them."""
    _by_subject: dict[tuple[str, str | None], list[Answer]] = field(default_factory=dict)
    """By subject and the thing that was asked about; None for all of them."""

    def __post_init__(self) -> None:
        for answer in self.answers:
            for about in (None, answer.about):
                self._by_subject.setdefault((answer.subject, about), []).append(answer)

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
        return next((_PARTITIONS[s] for s in _PARTITIONS if self.region.startswith(s)), "aws")

    def pages(self, subject: str, about: str | None = "") -> tuple[Answer, ...]:
        """The answers to one question, page by page; none if it was not answered. With None, about
        whatever it was asked."""
        return tuple(self._by_subject.get((subject, about), ()))

    def items(self, subject: str, member: str, about: str | None = "") -> Iterator[Item]:
        """The members of the list `member` on all pages."""
        for answer in self.pages(subject, about):
            for number, data in enumerate(answer.data.get(member) or ()):
                yield Item(data, answer, f"{member}[{number}]")

    def unanswered(self, subject: str, about: str = "") -> Unknown | None:
        """Why not all is known of what a question would tell; None if it was answered to the last
        page. (Of a question that is asked about several things at once, ask for each thing whether
        it is there.)"""
        pages = self.pages(subject, about)
        of = f" about {about}" if about else ""
        if not pages:
            return Unknown(Why.NOT_SEEN, f"the answer to {subject}{of} in {self.name}")
        if token_of(pages[-1].data):
            return Unknown(Why.NOT_SEEN, f"the last page of {subject}{of} in {self.name}")
        return None

    def regions(self, subject: str) -> tuple[str, ...]:
        """The regions of the account in which a question was answered."""
        start = f"{self.account}/"
        units = {each.unit for each in self.others if each.subject == subject}
        return tuple(sorted(unit[len(start) :] for unit in units if unit.startswith(start)))

    def count(self, subject: str, member: str, about: str | None = "") -> int:
        """How many members the list has on all pages: for tallies, which share nothing with what
        makes resources of them."""
        return sum(len(page.data.get(member) or ()) for page in self.pages(subject, about))

    def tally(
        self, kind: str, found: int, normalised: int, dropped: Mapping[str, int] | None = None
    ) -> Tally:
        """The count of one kind here; `found` comes from `count`."""
        return Tally(self.target, kind, found, normalised, dropped or {}, unit=self.name)

    def arn(self, service: str, rest: str, account: str = "") -> str:
        """The ARN of a thing here, where an answer does not tell it; `account` if it belongs to
        another."""
        return f"arn:{self.partition}:{service}:{self.region}:{account or self.account}:{rest}"

    def origin(self, answer: Answer) -> Origin:
        """Where a resource comes from that was made from an answer."""
        return answer.origin("aws", self.target)


_TOKENS = ("NextToken", "nextToken", "NextMarker", "PaginationToken", "Marker")


def token_of(data: Mapping[str, Any]) -> str:
    """By what a page says that there is another; empty on the last."""
    if data.get("IsTruncated") is False:
        return ""
    return next((str(data[name]) for name in _TOKENS if data.get(name)), "")


R = TypeVar("R", bound=Resource)
LISTED_TWICE = "listed twice"


def distinct(items: Iterable[Item], key: str) -> tuple[list[Item], dict[str, int]]:
    """The items, each once though it stands on two pages (something was made or deleted between
    them), and how many were left out for that, as tallies say it."""
    found: dict[str, Item] = {}
    loose: list[Item] = []
    doubles = 0
    for item in items:
        identity = item.data.get(key)
        if not identity:
            loose.append(item)
        elif identity in found:
            doubles += 1
        else:
            found[identity] = item
    return [*found.values(), *loose], {LISTED_TWICE: doubles} if doubles else {}


def once(made: Iterable[R]) -> tuple[list[R], dict[str, int]]:
    """The same for resources, of which none shares an address with another."""
    every = list(made)
    found = {each.address: each for each in reversed(every)}
    doubles = len(every) - len(found)
    return [*reversed(found.values())], {LISTED_TWICE: doubles} if doubles else {}


def moment(text: str | None) -> datetime | None:
    """A time of an answer."""
    return datetime.fromisoformat(text) if text else None


def tags_of(listed: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """The tags of a list of `Key` and `Value`."""
    return {tag["Key"]: tag.get("Value") or "" for tag in listed or () if "Key" in tag}


def tag_chains(item: Item, member: str = "Tags") -> dict[str, Chain]:
    """Where each tag of a thing stands in the answer, by its path in the resource."""
    return {
        f'tags["{tag["Key"]}"]': item.chain(f"{member}[{number}].Value")
        for number, tag in enumerate(item.data.get(member) or ())
        if "Key" in tag
    }

"""Which addresses rules let in: the set algebra of CIDR ranges, exact under unions.

`reachable` computes with bounds. What a rule certainly lets in is its lower bound, what it may let
in its upper bound; an unknown value lowers the one and raises the other. If the lower bound is too
large the answer is True, if the upper bound is not it is False, and otherwise nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyscan.resources.addresses import (
    WIDTH,
    Family,
    addresses,
    internet,
    of_family,
    parse_network,
)
from policyscan.resources.bounds import Bounds, port_bounds, public_sources
from policyscan.resources.intervals import Intervals, has, intersection, size, union
from policyscan.resources.ports import asked_ports, describe_ports
from policyscan.values import OneOf, Unknown, Why, opened

if TYPE_CHECKING:
    from policyscan.resources.network import Rule

__all__ = ["Reach", "ReachWitness", "covers", "may_reach", "overlaps", "parse_network", "reachable"]

_DEFAULT_LIMIT: Mapping[Family, int] = {"v4": 8, "v6": 16}
_FAMILY_NAME: Mapping[Family, str] = {"v4": "IPv4", "v6": "IPv6"}
_MOST_WITNESSES = 8
_MOST_STEPS = 4_000_000
"""Pairs of a port and a range that are looked at; only a hostile group has more."""


class ReachWitness(Struct, frozen=True):
    """One range of one rule that takes part in the answer."""

    rule_index: int
    cidr_index: int | None
    """None if it is not one member of `cidrs`: a prefix list, a list that is not known."""
    cidr: object
    """As the resource has it: text, or the value that is not known."""
    ports: str
    note: str


class Reach(Struct, frozen=True):
    """Whether the internet gets in; `answer` is None if that depends on the `reasons`."""

    answer: bool | None
    witnesses: tuple[ReachWitness, ...] = ()
    reasons: tuple[Unknown, ...] = ()


class _Grant(Struct, frozen=True):
    """What one range of one rule lets in: public addresses, to which ports."""

    rule_index: int
    cidr_index: int | None
    cidr: object
    ports: Bounds
    sources: Bounds

    def reasons(self) -> Iterator[Unknown]:
        yield from (each.reason for each in (self.ports, self.sources) if each.reason is not None)


def covers(allowed: Sequence[str], cidr: str) -> bool:
    """Whether every address of `cidr` lies in the union of `allowed`. Raises ValueError."""
    wanted = addresses(cidr)
    return intersection(wanted, union(*(addresses(text) for text in allowed))) == wanted


def overlaps(one: str, other: str) -> bool:
    """Whether two ranges have an address in common. Raises ValueError."""
    return bool(intersection(addresses(one), addresses(other)))


def reachable(rules: Any, ports: Sequence[str], max_public: Mapping[str, int]) -> Reach:
    """Whether some port of `ports` takes packets from the internet.

    It does if the ranges that may send to it hold, of one family and without the special blocks,
    more addresses than a network of the prefix length `max_public["v4"]` or `["v6"]`.
    `rules` is a list of `Rule`, as far as known. Raises ValueError for ports that are none.
    """
    if isinstance(rules, OneOf):
        return _agree(
            [reachable(each.value, ports, max_public) for each in rules.alternatives], rules.unknown
        )
    asked = asked_ports(ports)
    known, open_end = opened(rules)
    grants = [each for each in _grants(known) if _matters(each, asked)]
    question = _Question(asked, _limits(max_public))
    if certain := question.answer_is_yes(grants):
        return Reach(True, certain)
    if open_end is not None and asked:
        return Reach(None, question.doubts(grants), (open_end,))
    return question.answer_unless_yes(grants)


def may_reach(rules: Sequence[Rule], ports: Sequence[str]) -> bool:
    """Whether any of the rules may let any public address in, to one of the ports. Raises
    ValueError for ports that are none."""
    asked = asked_ports(ports)
    return any(_matters(grant, asked) for grant in _grants(rules))


def _limits(max_public: Mapping[str, int]) -> dict[Family, int]:
    return {
        family: 1 << max(0, WIDTH[family] - max_public.get(family, default))
        for family, default in _DEFAULT_LIMIT.items()
    }


def _agree(answers: list[Reach], unknown: Unknown) -> Reach:
    """The answer that all alternatives give."""
    if len({each.answer for each in answers}) == 1:
        return answers[0]
    reasons = tuple(reason for each in answers for reason in each.reasons)
    return Reach(None, (), (unknown, *reasons))


class _Question(Struct, frozen=True):
    """Which ports are asked about, and how many addresses are too many."""

    asked: Intervals
    limits: Mapping[Family, int]

    def too_wide(self, numbers: Intervals) -> Family | None:
        """The family of which there are too many addresses."""
        for family, limit in self.limits.items():
            if size(of_family(numbers, family)) > limit:
                return family
        return None

    def answer_is_yes(self, grants: list[_Grant]) -> tuple[ReachWitness, ...]:
        """The smallest set of ranges that certainly lets the internet in; empty if none does."""
        certain = [each for each in grants if intersection(each.ports.low, self.asked)]
        for grant in certain:
            if self.too_wide(grant.sources.low):
                port = intersection(grant.ports.low, self.asked)[0][0]
                open_ports = describe_ports(grant.ports.low, self.asked, port)
                verb = "are" if open_ports.startswith("ports") else "is"
                note = f"{open_ports} {verb} reachable from {_shown(grant)}"
                return (_witness(grant, open_ports, note),)
        if not self.too_wide(union(*(each.sources.low for each in certain))):
            return ()
        for port, sharing in self._ports(certain, [each.ports.low for each in certain]):
            if family := self.too_wide(union(*(each.sources.low for each in sharing))):
                return self._together(sharing, port, family)
        return ()

    def answer_unless_yes(self, grants: list[_Grant]) -> Reach:
        """False if even what is possible is not too wide, else None."""
        if not self.too_wide(union(*(each.sources.high for each in grants))):
            return Reach(False)
        if len(grants) * (len(grants) + len(self.asked)) > _MOST_STEPS:
            return Reach(None, (), (Unknown(Why.BUDGET, "a group of fewer rules"),))
        for _, sharing in self._ports(grants, [each.ports.high for each in grants]):
            if self.too_wide(union(*(each.sources.high for each in sharing))):
                reasons = _unique(reason for each in sharing for reason in each.reasons())
                return Reach(None, self.doubts(sharing), reasons)
        return Reach(False)

    def doubts(self, grants: list[_Grant]) -> tuple[ReachWitness, ...]:
        """The ranges on which the answer depends."""
        return tuple(
            _witness(grant, open_ports, f"{open_ports} may be reachable; it needs {reason.needs}")
            for grant in grants
            if (reason := next(grant.reasons(), None)) is not None
            for port in (intersection(grant.ports.high, self.asked)[0][0],)
            for open_ports in (describe_ports(grant.ports.high, self.asked, port),)
        )[:_MOST_WITNESSES]

    def _ports(
        self, grants: list[_Grant], open_ports: list[Intervals]
    ) -> Iterator[tuple[int, list[_Grant]]]:
        """Each asked port at which a grant begins, with all grants there; no other has more."""
        if len(grants) * (len(grants) + len(self.asked)) > _MOST_STEPS:
            return
        starts = {first for each in open_ports for first, _ in intersection(each, self.asked)}
        seen: set[tuple[int, ...]] = set()
        for port in sorted(starts):
            there = tuple(index for index, each in enumerate(open_ports) if has(each, port))
            if there not in seen:
                seen.add(there)
                yield port, [grants[index] for index in there]

    def _together(
        self, grants: list[_Grant], port: int, family: Family
    ) -> tuple[ReachWitness, ...]:
        """Witnesses for a union: the largest ranges first, until they are too wide together."""
        parts = [(of_family(each.sources.low, family), each) for each in grants]
        parts.sort(key=lambda part: -size(part[0]))
        taken: list[_Grant] = []
        whole: Intervals = ()
        for numbers, grant in parts:
            wider = union(whole, numbers)
            if wider != whole:
                whole = wider
                taken.append(grant)
        shown = taken[:_MOST_WITNESSES]
        rest = f" and {len(taken) - len(shown)} more" if len(taken) > len(shown) else ""
        share = f"more than a /{WIDTH[family] - self.limits[family].bit_length() + 1} of the"
        if whole == of_family(internet(), family):
            share = "the whole"
        names = " and ".join(_shown(each) for each in shown)
        return tuple(
            _witness(
                grant,
                open_ports,
                f"{open_ports}: {names}{rest} together are {share} {_FAMILY_NAME[family]} internet",
            )
            for grant in shown
            for open_ports in (describe_ports(grant.ports.low, self.asked, port),)
        )


def _witness(grant: _Grant, ports: str, note: str) -> ReachWitness:
    return ReachWitness(grant.rule_index, grant.cidr_index, grant.cidr, ports, note)


def _shown(grant: _Grant) -> str:
    return grant.cidr if isinstance(grant.cidr, str) else "a range that is not known"


def _unique(reasons: Iterable[Unknown]) -> tuple[Unknown, ...]:
    return tuple({id(reason): reason for reason in reasons}.values())


def _matters(grant: _Grant, asked: Intervals) -> bool:
    return bool(grant.sources.high and intersection(grant.ports.high, asked))


def _grants(rules: Sequence[Rule]) -> Iterator[_Grant]:
    """Everything the rules let in from addresses; other groups are never the internet."""
    for index, rule in enumerate(rules):
        ports = port_bounds(rule)
        for place, cidr, sources in public_sources(rule):
            yield _Grant(index, place, cidr, ports, sources)

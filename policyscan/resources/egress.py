"""Where a group may send: destinations on the internet, and the ports it may use for them.

Private and other special addresses, other groups, the ranges of VPCs and subnets, and the gateway
endpoints of AWS services are inside: nothing that goes there meets the exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from policyscan.resources.addresses import addresses
from policyscan.resources.bounds import Bounds, anything, public_ranges
from policyscan.resources.intervals import Intervals, difference, union
from policyscan.resources.network import Rule
from policyscan.resources.ports import is_tcp, parse_ports, rule_ports
from policyscan.text.display import shortened
from policyscan.values import OneOf, Ref, Unknown, Why, first, opened, reason_of, reason_or

_MOST_BREACHES = 8


class Breach(Struct, frozen=True):
    """One destination of one rule that breaks, or may break, what is asked."""

    rule_index: int
    place: str
    """Of the destination in the rule: `.cidrs[0]`."""
    value: object
    """As the rule has it: text, or the value that is not known."""
    note: str
    doubt: Unknown | None = None
    """Why it is not certain; None if it is."""


class Sending(Struct, frozen=True):
    """Whether all rules are as asked; `answer` is None if that depends on the `reasons`."""

    answer: bool | None
    breaches: tuple[Breach, ...] = ()
    reasons: tuple[Unknown, ...] = ()


_Judge = Callable[[int, Rule], Iterator[Breach]]


def sends_only_to(rules: Any, allowed: Sequence[str], prefix_lists: Sequence[str]) -> Sending:
    """Whether every destination outside lies in the union of the `allowed` ranges or is one of
    `prefix_lists`, by id or address. Raises ValueError for ranges that are none."""
    listed = union(*(addresses(text) for text in allowed))

    def judge(index: int, rule: Rule) -> Iterator[Breach]:
        for place, value, bounds in _destinations(rule, prefix_lists):
            if difference(bounds.low, listed):
                yield Breach(index, place, value, f"{_shown(value)} is not in the allow-list")
            elif difference(bounds.high, listed):
                yield _doubt(index, place, value, bounds.reason)

    return _sending(rules, judge)


def sends_only_on(rules: Any, ports: Sequence[str]) -> Sending:
    """Whether every destination outside is reached over these TCP ports alone. Raises ValueError
    for ports that are none."""
    asked = union(parse_ports(text) for text in ports)

    def judge(index: int, rule: Rule) -> Iterator[Breach]:
        fits = _fits(rule, asked)
        for place, value, bounds in () if fits is True else _destinations(rule, ()):
            if fits is False and bounds.low:
                note = f"{_traffic(rule)} may go to {_shown(value)}"
                yield Breach(index, place, value, note)
            elif bounds.high:
                open_port = fits if isinstance(fits, Unknown) else None
                yield _doubt(index, place, value, first(bounds.reason, open_port))

    return _sending(rules, judge)


def _sending(rules: Any, judge: _Judge) -> Sending:
    known, open_end = opened(rules)
    breaches = [each for index, rule in enumerate(known) for each in judge(index, rule)]
    certain = [each for each in breaches if each.doubt is None]
    if certain:
        return Sending(False, tuple(certain[:_MOST_BREACHES]))
    reasons = {id(each.doubt): each.doubt for each in breaches if each.doubt is not None}
    if open_end is not None:
        reasons[id(open_end)] = open_end
    if reasons:
        return Sending(None, tuple(breaches[:_MOST_BREACHES]), tuple(reasons.values()))
    return Sending(True)


def _doubt(index: int, place: str, value: object, reason: Unknown | None) -> Breach:
    why = reason_or(reason, Why.COMPUTED, "a destination", None)
    return Breach(
        index, place, value, f"the destination may be anywhere; it needs {why.needs}", why
    )


def _shown(value: object) -> str:
    return shortened(value, 60) if isinstance(value, str) else "a range that is not known"


def _destinations(rule: Rule, listed: Sequence[str]) -> Iterator[tuple[str, object, Bounds]]:
    """The public addresses that a rule lets out to: place, value as it is, and bounds."""
    for number, value, bounds in public_ranges(rule.cidrs):
        yield ".cidrs" if number is None else f".cidrs[{number}]", value, bounds
    lists: Any = rule.prefix_lists
    known, open_end = opened(lists)
    for number, each in enumerate(known):
        if _name(each) not in listed:
            yield f".prefix_lists[{number}]", each, anything(_entries(each))
    if open_end is not None:
        yield ".prefix_lists", open_end, anything(open_end)


def _name(prefix_list: Any) -> str:
    if isinstance(prefix_list, Ref):
        return prefix_list.address
    return prefix_list if isinstance(prefix_list, str) else ""


def _entries(prefix_list: Any) -> Unknown:
    if isinstance(prefix_list, (str, Ref)):
        return Unknown(Why.OUTSIDE, f"the entries of the prefix list {prefix_list}")
    return prefix_list.unknown if isinstance(prefix_list, OneOf) else reason_of(prefix_list)


def _fits(rule: Rule, asked: Intervals) -> bool | Unknown:
    """Whether a rule lets out nothing but TCP to the asked ports."""
    protocol: Any = rule.protocol
    if isinstance(protocol, str) and not is_tcp(protocol):
        return False
    open_values = [
        each.unknown if isinstance(each, OneOf) else reason_of(each)
        for each in (rule.from_port, rule.to_port, protocol)
        if isinstance(each, (Unknown, Ref, OneOf))
    ]
    ports: list[Any] = [rule.from_port, rule.to_port]
    if all(each is None or isinstance(each, int) for each in ports) and difference(
        rule_ports("tcp", *ports), asked
    ):
        return False
    return open_values[0] if open_values else True


def _traffic(rule: Rule) -> str:
    """What a rule lets out, in words: `udp port 53`, `all protocols`."""
    protocol: Any = rule.protocol
    if not isinstance(protocol, str):
        return "traffic"
    if protocol in ("-1", "all"):
        return "all protocols"
    ends = (rule.from_port, rule.to_port)
    if protocol not in ("tcp", "udp") or not all(isinstance(end, int) for end in ends):
        return shortened(protocol, 20)
    if ends[0] == ends[1]:
        return f"{protocol} port {ends[0]}"
    return f"{protocol} ports {ends[0]}-{ends[1]}"

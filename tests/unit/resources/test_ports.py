"""Ports: parsing, complements, and what a rule lets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.resources.intervals import has, intersection, size
from policyscan.resources.ports import (
    EVERY_PORT,
    asked_ports,
    describe_ports,
    other_ports,
    parse_ports,
    rule_ports,
)

UDP = 65_536


@pytest.mark.parametrize(
    ("text", "expected"),
    [("22", (22, 22)), ("1000-2000", (1000, 2000)), (" 0 - 65535 ", (0, 65535)), ("7-7", (7, 7))],
)
def test_ports_and_ranges_are_read(text: str, expected: tuple[int, int]) -> None:
    assert parse_ports(text) == expected


@pytest.mark.parametrize("text", ["", "ssh", "65536", "20-10", "-1", "1-2-3", "٢٢", "22,23"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a port"):
        parse_ports(text)


def test_other_ports_are_the_complement() -> None:
    assert other_ports(["443"]) == ("0-442", "444-65535")
    assert other_ports(["0-79", "80", "82-65535"]) == ("81",)
    assert other_ports([]) == ("0-65535",)
    assert other_ports(["0-65535"]) == ()


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), max_size=6))
def test_a_list_and_its_complement_share_no_port_and_miss_none(
    pairs: list[tuple[int, int]],
) -> None:
    listed = [f"{min(pair)}-{max(pair)}" for pair in pairs]
    named, others = asked_ports(listed), asked_ports(other_ports(listed))
    assert intersection(named, others) == ()
    assert size(named) + size(others) == 2 * 65_536


@pytest.mark.parametrize(
    ("protocol", "first", "last", "expected"),
    [
        ("tcp", 22, 22, ((22, 22),)),
        ("TCP", 22, 22, ((22, 22),)),
        ("6", 20, 30, ((20, 30),)),
        ("06", 22, 22, ((22, 22),)),
        ("0017", 53, 53, ((UDP + 53, UDP + 53),)),
        ("udp", 53, 53, ((UDP + 53, UDP + 53),)),
        ("17", 0, 65535, ((UDP, 2 * UDP - 1),)),
        ("-1", 0, 0, EVERY_PORT),
        ("all", None, None, EVERY_PORT),
        ("-1", 443, 443, EVERY_PORT),
        ("tcp", 0, 0, ((0, 0),)),
        ("tcp", None, None, ((0, 65535),)),
        ("tcp", -1, -1, ((0, 65535),)),
        ("tcp", 0, 65535, ((0, 65535),)),
        ("icmp", -1, -1, ()),
        ("icmpv6", 0, 65535, ()),
        ("58", None, None, ()),
        ("50", None, None, ()),
        ("nonsense", 22, 22, EVERY_PORT),
        ("", 22, 22, EVERY_PORT),
        ("0", None, None, ()),
    ],
)
def test_what_a_rule_lets_through(
    protocol: str, first: int | None, last: int | None, expected: object
) -> None:
    assert rule_ports(protocol, first, last) == expected


def test_ports_are_described_with_their_protocol() -> None:
    asked = asked_ports(["22", "3389"])
    assert describe_ports(rule_ports("tcp", 20, 30), asked, 22) == "port 22 (tcp)"
    assert describe_ports(EVERY_PORT, asked, 22) == "port 22 (tcp and udp)"
    assert describe_ports(rule_ports("udp", 0, 99), asked, UDP + 22) == "port 22 (udp)"
    everything = asked_ports(["0-65535"])
    assert describe_ports(rule_ports("tcp", 0, 1023), everything, 5) == "ports 0-1023 (tcp)"


def test_both_protocols_are_asked_about() -> None:
    assert has(asked_ports(["22"]), 22) and has(asked_ports(["22"]), UDP + 22)

"""What rules let through beyond others, compared with looking at every port and address."""

from __future__ import annotations

import ipaddress
import random
from typing import Any

import pytest

from policyscan.gate.exposure import uncovered

CIDRS = (
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "128.0.0.0/2",
    "192.0.0.0/2",
    "64.0.0.0/2",
    "::/0",
)
SAMPLES = ("1.1.1.1", "65.1.1.1", "129.1.1.1", "193.1.1.1", "2001:db8::1")
"""One address of each part into which the ranges cut the line."""
PROTOCOLS = ("tcp", "udp", "-1", "icmp", "6")
PORTS = range(6)
ALL = (0, 65535)
"""What stands for every port."""


def rule(chance: random.Random) -> dict[str, Any]:
    protocol = chance.choice(PROTOCOLS)
    first = chance.randrange(6)
    ports = chance.choice(((first, chance.randrange(first, 6)), ALL))
    made: dict[str, Any] = {
        "protocol": protocol,
        "from_port": None if protocol == "-1" else ports[0],
        "to_port": None if protocol == "-1" else ports[1],
        "cidrs": chance.sample(CIDRS, chance.randrange(1, 3)),
    }
    if chance.random() < 0.3:
        made["groups"] = chance.sample(["sg-1", "sg-2"], 1)
    return made


def packets(rules: list[dict[str, Any]]) -> set[tuple[str, object, str]]:
    """Every packet that gets through: protocol, port (or type and code), and who sent it."""
    return {
        (protocol, port, sender)
        for each in rules
        for protocol, port in traffic(each)
        for sender in senders(each)
    }


def traffic(each: dict[str, Any]) -> list[tuple[str, object]]:
    ports = [*PORTS, 65535]
    named = {"tcp": "tcp", "6": "tcp", "udp": "udp"}.get(each["protocol"])
    if named:
        return [(named, p) for p in ports if each["from_port"] <= p <= each["to_port"]]
    if each["protocol"] == "icmp":
        return [("icmp", (each["from_port"], each["to_port"]))]
    kinds = [(a, b) for a in PORTS for b in PORTS if a <= b] + [ALL]
    other = [("icmp", kind) for kind in kinds] + [("esp", 0)]
    return [(name, p) for name in ("tcp", "udp") for p in ports] + other


def senders(each: dict[str, Any]) -> list[str]:
    networks = [ipaddress.ip_network(cidr) for cidr in each["cidrs"]]
    found = [one for one in SAMPLES if any(ipaddress.ip_address(one) in n for n in networks)]
    return [*found, *each.get("groups", ())]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_beyond_is_what_no_other_rule_lets_through(seed: int) -> None:
    chance = random.Random(seed)
    told = {True: 0, False: 0}
    for _ in range(150):
        before = [rule(chance) for _ in range(chance.randrange(4))]
        kept = chance.sample(before, chance.randrange(len(before) + 1))
        after = [*kept, *(rule(chance) for _ in range(chance.randrange(2)))]

        beyond = bool(packets(after) - packets(before))
        assert bool(uncovered(after, before)) is beyond, (before, after)
        told[beyond] += 1
    assert min(told.values()) > 20


def test_a_source_that_is_not_known_covers_only_itself() -> None:
    unknown = {"unknown": {"needs": "a value for var.x"}}
    one = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": [unknown]}

    assert not uncovered([one], [one])
    assert uncovered([one], [{**one, "cidrs": ["0.0.0.0/0"]}])
    assert uncovered([{**one, "cidrs": ["10.0.0.0/8"]}], [one])
    assert uncovered([{**one, "to_port": 23}], [one])


def test_ports_that_are_not_known_cover_only_themselves() -> None:
    unknown = {"unknown": {"needs": "a value for var.x"}}
    one = {"protocol": "tcp", "from_port": unknown, "to_port": unknown, "cidrs": ["0.0.0.0/0"]}

    assert not uncovered([one], [one])
    assert uncovered([{**one, "cidrs": ["10.0.0.0/8"]}], [one])
    assert uncovered([{**one, "from_port": 1, "to_port": 1}], [one])

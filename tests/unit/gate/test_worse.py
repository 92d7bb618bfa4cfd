"""What is no worse than what failed before; everything else is worse."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.gate.worse import covers, what_got_worse


def rule(port: int | None = 22, *cidrs: str, protocol: str = "tcp", **more: Any) -> dict[str, Any]:
    last = more.pop("last", port)
    return {"protocol": protocol, "from_port": port, "to_port": last, "cidrs": [*cidrs], **more}


def ingress(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"ingress": {"at most": [*rules]}}


WORLD = "0.0.0.0/0"
SSH = rule(22, WORLD)

NO_WORSE = {
    "the same": (ingress(SSH), ingress(SSH)),
    "nothing left": (ingress(SSH), ingress()),
    "another order": (ingress(SSH, rule(80, WORLD)), ingress(rule(80, WORLD), SSH)),
    "one of two is gone": (ingress(SSH, rule(3389, WORLD)), ingress(SSH)),
    "a smaller range": (ingress(SSH), ingress(rule(22, "10.0.0.0/8"))),
    "halves of a range": (ingress(SSH), ingress(rule(22, "0.0.0.0/1", "128.0.0.0/1"))),
    "a range in two rules": (
        ingress(rule(22, "0.0.0.0/1"), rule(22, "128.0.0.0/1")),
        ingress(SSH),
    ),
    "fewer ports": (ingress(rule(0, WORLD, last=65535)), ingress(SSH, rule(443, WORLD))),
    "ports of two rules": (ingress(SSH, rule(23, WORLD)), ingress(rule(22, WORLD, last=23))),
    "of all traffic, some": (ingress(rule(None, WORLD, protocol="-1")), ingress(SSH)),
    "of all traffic, ping": (
        ingress(rule(None, WORLD, protocol="-1")),
        ingress(rule(8, WORLD, protocol="icmp", last=0)),
    ),
    "a group, on fewer ports": (
        ingress(rule(0, groups=["sg-1"], last=100)),
        ingress(rule(22, groups=["sg-1"])),
    ),
}
WORSE = {
    "another port": (ingress(SSH), ingress(SSH, rule(3389, WORLD)), "port 3389 from 0.0.0.0/0"),
    "a wider range": (ingress(rule(22, "10.0.0.0/8")), ingress(SSH), "port 22 from 0.0.0.0/0"),
    "more ports": (ingress(SSH), ingress(rule(20, WORLD, last=22)), "ports 20-22 from 0.0.0.0/0"),
    "another protocol": (ingress(SSH), ingress(rule(22, WORLD, protocol="udp")), "udp port 22"),
    "the other family": (ingress(SSH), ingress(SSH, rule(22, "::/0")), "port 22 from ::/0"),
    "all traffic": (ingress(SSH), ingress(rule(None, WORLD, protocol="-1")), "all traffic"),
    "ping, of tcp": (ingress(SSH), ingress(rule(8, WORLD, protocol="icmp", last=0)), "icmp 8/0"),
    "all traffic, of all ports": (
        ingress(rule(0, WORLD, last=65535), rule(0, WORLD, protocol="udp", last=65535)),
        ingress(rule(None, WORLD, protocol="-1")),
        "all traffic from 0.0.0.0/0",
    ),
    "ports and ranges crossed": (
        ingress(rule(22, "10.0.0.0/8"), rule(80, WORLD)),
        ingress(SSH, rule(80, "10.0.0.0/8")),
        "port 22 from 0.0.0.0/0",
    ),
    "another group": (
        ingress(rule(22, groups=["sg-1"])),
        ingress(rule(22, groups=["sg-2"])),
        "the group sg-2",
    ),
    "a range for a group": (
        ingress(rule(22, groups=["sg-1"])),
        ingress(rule(22, "10.0.0.0/8")),
        "port 22 from 10.0.0.0/8",
    ),
    "a range that is not known": (
        ingress(SSH),
        ingress({**rule(22), "cidrs": [{"unknown": {"needs": "a value for var.x"}}]}),
        "addresses that are not known",
    ),
    "rules that are not known": (
        ingress(SSH),
        ingress(SSH, {"more": {"needs": "the number of rules"}}),
        "ingress: not all of it is known (the number of rules)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_WORSE)
def test_narrower_rules_are_no_worse(case: str) -> None:
    before, after = NO_WORSE[case]

    assert covers(before, after, "SecurityGroup"), what_got_worse(before, after, "SecurityGroup")


@pytest.mark.parametrize("case", WORSE)
def test_wider_rules_are_worse(case: str) -> None:
    before, after, words = WORSE[case]

    assert not covers(before, after, "SecurityGroup")
    assert words in what_got_worse(before, after, "SecurityGroup")


def test_what_got_worse_in_words() -> None:
    added = ingress(SSH, rule(3389, WORLD))

    words = what_got_worse(ingress(SSH), added, "SecurityGroup")

    assert words == "ingress: port 3389 from 0.0.0.0/0 was not there before"
    several = ingress(SSH, rule(3389, WORLD, last=3390))
    words = what_got_worse(ingress(SSH), several, "SecurityGroup")
    assert words == "ingress: ports 3389-3390 from 0.0.0.0/0 were not there before"


@pytest.mark.parametrize(
    ("ways", "then", "now", "no_worse"),
    [
        ("at most", 90, 30, True),
        ("at most", 90, 400, False),
        ("at least", 90, 400, True),
        ("at least", 90, 30, False),
        ("at most", True, False, True),
        ("at most", False, True, False),
        ("at least", False, True, True),
        ("at least", True, False, False),
        ("at most", {"unknown": {"needs": "x"}}, False, True),
        ("at most", {"unknown": {"needs": "x"}}, True, False),
        ("at most", {"unknown": {"needs": "x"}}, {"unknown": {"needs": "y"}}, False),
        ("at least", "1.0", "1.2", True),
        ("at least", "1.2", "1.0", False),
        ("at least", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", True),
        ("at least", "2026-06-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
        ("at most", "abcd********", "bcde********", False),
        ("same", "a", "b", False),
        ("at most", "1", 1, False),
        ("at most", None, 1, False),
        ("at most, set", None, 400, True),
        ("at most, set", 400, None, False),
        ("at least, unset", None, 400, False),
        ("at least, unset", 400, None, True),
        ("set", "x", {"unknown": {"needs": "x"}}, False),
        ("set", "x", {"ref": "aws_eip.a", "attribute": "id"}, True),
        ("some", ["a"], ["b"], True),
        ("some", ["a"], [], False),
        ("none", ["a"], ["a", "b"], True),
        ("none", [], ["a"], False),
        ("at least, at most", 1, 2, False),
        ("at most", ["a", "b"], ["a"], True),
        ("at most", ["a"], ["a", "b"], False),
        ("at most", ["a"], ["a", "a"], False),
        ("at least", ["a"], ["a", "b"], True),
        ("at least", ["a", "b"], ["a"], False),
        ("at most", ["10.0.0.0/8"], ["10.1.0.0/16"], True),
        ("at most", ["10.0.0.0/8"], ["10.1.0.0/16", "10.2.0.0/16"], False),
        ("at most", ["10.0.0.0/8"], ["0.0.0.0/0"], False),
        ("at most", ["0.0.0.0/8"], ["0.0.0.0"], False),  # which lists take for everywhere
        ("at most", ["0.0.0.0/0"], ["0.0.0.0"], True),
        ("at most", ["::/64"], ["::"], False),
        ("at most", ["a"], {"digest": "0" * 32}, False),
    ],
)  # fmt: skip
def test_values_may_move_as_the_policy_says(
    ways: str, then: Any, now: Any, *, no_worse: bool
) -> None:
    before, after = {"field": {ways: then}}, {"field": {ways: now}}

    assert covers(before, after, "Workload") is no_worse
    assert bool(what_got_worse(before, after, "Workload")) is not no_worse


def test_the_ways_are_those_of_now() -> None:
    assert covers({"days": 90}, {"days": {"at most": 30}}, "Secret")
    assert not covers({"days": {"at most": 90}}, {"days": 30}, "Secret")


def test_what_was_not_looked_at_before_is_worse() -> None:
    assert not covers({}, {"days": 90}, "Secret")
    assert covers({"days": 90, "more": 1}, {"days": 90}, "Secret")


UNSEEN: dict[str, Any] = {"needs": "not_seen"}
UNREAD: dict[str, Any] = {"needs": "a value for var.x"}


@pytest.mark.parametrize(
    ("then", "now", "no_worse"),
    [
        ([SSH], [SSH, {"more": UNSEEN}], True),
        ([SSH], [SSH, {"more": UNREAD}], False),
        ([SSH], [SSH, rule(3389, WORLD), {"more": UNSEEN}], False),
        ([SSH], {"unknown": UNSEEN}, True),
        ([SSH], {"unknown": UNREAD}, False),
        ([SSH, {"more": UNSEEN}], [SSH, rule(3389, WORLD)], False),
    ],
)
def test_what_could_not_be_looked_at_is_left_out_if_that_is_asked(
    then: Any, now: Any, *, no_worse: bool
) -> None:
    before, after = {"ingress": {"at most": then}}, {"ingress": {"at most": now}}

    assert bool(what_got_worse(before, after, "SecurityGroup", as_seen=True)) is not no_worse
    assert what_got_worse(before, after, "SecurityGroup")


@pytest.mark.parametrize(
    ("then", "now", "no_worse"),
    [
        ("literal", "variable", True),
        ("literal", "literal", True),
        ("variable", "literal", False),
        ("generated", "file", False),
        ("literal", "read_back", False),
        ("literal", {"unknown": UNREAD}, False),
    ],
)
def test_a_secret_may_go_where_fewer_read_it(then: Any, now: Any, *, no_worse: bool) -> None:
    assert covers({"value_from": then}, {"value_from": now}, "Secret") is no_worse
    assert covers({"store": then}, {"store": now}, "Secret") is (then == now)

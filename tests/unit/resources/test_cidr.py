"""Address ranges and reachability: exact under unions, honest about what is not known."""

from __future__ import annotations

import ipaddress
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.resources.addresses import addresses as addresses_of
from policyscan.resources.addresses import internet, of_family, public
from policyscan.resources.cidr import Reach, covers, overlaps, parse_network, reachable
from policyscan.resources.intervals import difference, has, intersection, size, union
from policyscan.resources.network import Rule
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why

LIMITS = {"v4": 8, "v6": 16}
UNKNOWN = Unknown(Why.VARIABLE_UNSET, "a value for var.cidr")
OWN_RANGE = Unknown(Why.DATA_SOURCE, "a range", of=Ref("data.aws_vpc.main", "cidr_block"))


def rule(
    *cidrs: Any, ports: tuple[Any, Any] = (22, 22), protocol: Any = "tcp", **more: Any
) -> Rule:
    return Rule(protocol=protocol, from_port=ports[0], to_port=ports[1], cidrs=cidrs, **more)


def rule_of(cidrs: Any, **more: Any) -> Rule:
    return Rule(protocol="tcp", from_port=22, to_port=22, cidrs=cidrs, **more)


def one_of(*values: Any) -> OneOf[Any]:
    return OneOf(tuple(Alternative(v, (("q", str(i)),)) for i, v in enumerate(values)), UNKNOWN)


def ask(*rules: Rule, ports: tuple[str, ...] = ("22",)) -> Reach:
    return reachable(rules, ports, LIMITS)


# networks


def test_host_bits_are_dropped_and_nonsense_is_none() -> None:
    assert parse_network("10.0.0.5/8") == parse_network("10.0.0.0/8")
    assert parse_network("10.0.0.5") == parse_network("10.0.0.5/32")
    for text in ("", "10.0.0.0/33", "300.0.0.0/8", "sg-1", "0.0.0.0/0/0", "fe80::1%eth0%1/64", "²"):
        assert parse_network(text) is None


def test_covers_and_overlaps() -> None:
    assert covers(["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8")
    assert not covers(["10.0.0.0/9"], "10.0.0.0/8")
    assert covers(["::/0"], "2001:db8::/32")
    assert not covers(["0.0.0.0/0"], "::/0")
    assert overlaps("10.0.0.0/8", "10.2.3.0/24")
    assert not overlaps("10.0.0.0/8", "11.0.0.0/8")
    with pytest.raises(ValueError, match="not an address range"):
        covers(["10.0.0.0/8"], "nonsense")


def test_the_public_internet_is_what_remains_of_the_special_blocks() -> None:
    # Special IPv4, by hand: 0/8, 10/8, 127/8 = 3 * 2^24; 224/4 and 240/4 = 2^29; 100.64/10 = 2^22;
    # 172.16/12 = 2^20; 169.254/16 and 192.168/16 = 2^17; 198.18/15 = 2^17; five /24 = 1280.
    special = 3 * 2**24 + 2**29 + 2**22 + 2**20 + 2**17 + 2**17 + 5 * 256
    assert size(of_family(internet(), "v4")) == 2**32 - special
    assert public(addresses_of("10.0.0.0/8")) == ()
    assert public(addresses_of("8.8.8.0/24")) == addresses_of("8.8.8.0/24")
    assert size(public(addresses_of("2000::/3"))) == 2**125 - 2**105 - 2**96 - 2**112 - 2**108


NUMBERS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=8)


def _set(pairs: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return union((first, first + length) for first, length in pairs)


@given(NUMBERS, NUMBERS)
def test_the_algebra_is_that_of_sets(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    a, b = _set(one), _set(other)
    members = [{n for n in range(40) if has(each, n)} for each in (a, b)]
    for made, expected in (
        (union(a, b), members[0] | members[1]),
        (intersection(a, b), members[0] & members[1]),
        (difference(a, b), members[0] - members[1]),
    ):
        assert {n for n in range(40) if has(made, n)} == expected
        assert size(made) == len(expected)
        assert all(left[1] + 1 < right[0] for left, right in pairwise(made))


# reachability of what is known


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule("0.0.0.0/0")], True),
        ([rule("::/0")], True),
        ([rule("0.0.0.0/1"), rule("128.0.0.0/1")], True),
        ([rule("0.0.0.0/1", "128.0.0.0/1")], True),
        ([rule(*(f"{n}.0.0.0/9" for n in range(20, 23)), *("20.128.0.0/9",))], True),
        ([rule("3.0.0.0/8")], False),  # just as large as the limit
        ([rule("3.0.0.0/8", "4.0.0.0/32")], True),  # one address more
        ([rule("3.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")], False),
        ([rule("10.0.0.0/8")], False),
        ([rule("224.0.0.0/3")], False),
        ([rule("2600::/16")], False),
        ([rule("2600::/15")], True),
        ([rule("fc00::/7")], False),
        ([rule("3.0.0.0/8", "2600::/16")], False),  # families are counted apart
        ([rule("0.0.0.0/0", protocol="icmp", ports=(-1, -1))], False),
        ([rule("0.0.0.0/0", protocol="-1", ports=(0, 0))], True),
        ([rule("0.0.0.0/0", ports=(443, 443))], False),
        ([rule("0.0.0.0/0", ports=(0, 65535))], True),
        ([rule("3.0.0.0/8"), rule("128.0.0.0/1", ports=(23, 23))], False),
        ([rule("3.0.0.0/8"), rule("4.0.0.0/8", protocol="udp")], False),
        ([rule(groups=("sg-1",), itself=True)], False),
        ([], False),
    ],
)
def test_known_rules(rules: list[Rule], expected: bool) -> None:
    assert ask(*rules).answer is expected


def test_a_range_of_ports_is_judged_port_by_port() -> None:
    halves = [rule("0.0.0.0/1", ports=(10, 20)), rule("128.0.0.0/1", ports=(20, 30))]
    assert ask(*halves, ports=("0-65535",)).answer is True
    assert ask(*halves, ports=("0-19", "21-65535")).answer is True  # a half is wide as well
    ninths = [rule("3.0.0.0/8", ports=(10, 20)), rule("4.0.0.0/8", ports=(20, 30))]
    assert ask(*ninths, ports=("0-65535",)).answer is True
    assert ask(*ninths, ports=("0-19", "21-65535")).answer is False


def test_one_range_that_suffices_is_the_only_witness() -> None:
    reach = ask(rule("10.0.0.0/8"), rule("10.1.0.0/16", "0.0.0.0/0"))
    (witness,) = reach.witnesses
    assert (witness.rule_index, witness.cidr_index, witness.cidr) == (1, 1, "0.0.0.0/0")
    assert witness.note == "port 22 (tcp) is reachable from 0.0.0.0/0"
    (witness,) = ask(rule("::/0", protocol="-1"), ports=("0-65535",)).witnesses
    assert witness.note == "ports 0-65535 (tcp and udp) are reachable from ::/0"


def test_a_union_names_all_its_parts() -> None:
    reach = reachable([rule("0.0.0.0/1", "128.0.0.0/1")], ["22"], {"v4": 1, "v6": 16})
    assert reach.answer is True
    assert [w.cidr for w in reach.witnesses] == ["0.0.0.0/1", "128.0.0.0/1"]
    assert reach.witnesses[0].note == (
        "port 22 (tcp): 0.0.0.0/1 and 128.0.0.0/1 together are the whole IPv4 internet"
    )


def test_at_most_eight_parts_are_named() -> None:
    parts = [f"20.{n * 16}.0.0/12" for n in range(16)] + ["21.0.0.0/16"]
    reach = ask(rule(*parts))
    assert reach.answer is True
    assert len(reach.witnesses) == 8
    assert " and 9 more together are more than a /8 of the IPv4 internet" in reach.witnesses[0].note


# what is not known


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule(UNKNOWN)], None),
        ([rule(Ref("aws_eip.main", "public_ip"))], None),
        (
            [rule(Unknown(Why.DATA_SOURCE, "a range", of=Ref("data.aws_vpc.main", "cidr_block")))],
            False,
        ),
        ([rule(UNKNOWN, ports=(443, 443))], False),
        ([rule(UNKNOWN), rule("0.0.0.0/0")], True),
        ([rule("0.0.0.0/0", protocol=UNKNOWN)], None),
        ([rule("10.0.0.0/8", protocol=UNKNOWN)], False),
        ([rule("0.0.0.0/0", ports=(UNKNOWN, 20))], False),
        ([rule("0.0.0.0/0", ports=(UNKNOWN, 30))], None),
        ([rule("0.0.0.0/0", ports=(30, UNKNOWN))], False),
        ([rule("0.0.0.0/0", ports=(UNKNOWN, UNKNOWN), protocol="-1")], None),
        ([rule(prefix_lists=("pl-1",))], None),
        ([rule(prefix_lists=UNKNOWN)], None),
        ([rule(prefix_lists=("pl-1",), ports=(443, 443))], False),
        ([rule(groups=UNKNOWN, itself=UNKNOWN)], False),
        ([rule_of(UNKNOWN)], None),
        ([rule_of(PartialList(("0.0.0.0/0",), UNKNOWN))], True),
        ([rule_of(PartialList(("10.0.0.0/8",), UNKNOWN))], None),
        ([rule("not an address range")], None),
        ([rule(one_of("0.0.0.0/0", "::/0"))], None),
        ([rule(one_of("0.0.0.0/0", "0.0.0.0/1"))], True),
        ([rule(one_of("10.0.0.0/8", "192.168.0.0/16"))], False),
        ([rule(one_of("10.0.0.0/8", "0.0.0.0/0"))], None),
        ([rule_of(one_of(("0.0.0.0/0",), ("0.0.0.0/1", "128.0.0.0/1")))], True),
        ([rule_of(one_of(("10.0.0.0/8",), ()))], False),
        ([rule("0.0.0.0/0", ports=(one_of(0, 20), 30))], True),
        ([rule("0.0.0.0/0", ports=(one_of(0, 25), 30))], None),
        ([rule("0.0.0.0/0", protocol=one_of("icmp", "50"))], False),
    ],
)
def test_rules_that_are_partly_known(rules: list[Rule], expected: bool | None) -> None:
    reach = ask(*rules)
    assert reach.answer is expected
    assert bool(reach.reasons) is (expected is None)


def test_rules_that_may_be_more() -> None:
    assert reachable(UNKNOWN, ["22"], LIMITS).answer is None
    assert reachable(PartialList((rule("0.0.0.0/0"),), UNKNOWN), ["22"], LIMITS).answer is True
    partly = reachable(PartialList((rule("10.0.0.0/8"),), UNKNOWN), ["22"], LIMITS)
    assert partly.answer is None and partly.reasons[0] is UNKNOWN
    assert reachable(one_of((rule("0.0.0.0/0"),), (rule("::/0"),)), ["22"], LIMITS).answer is True
    assert reachable(one_of((rule("0.0.0.0/0"),), ()), ["22"], LIMITS).answer is None
    assert reachable(UNKNOWN, [], LIMITS).answer is False


def test_a_doubt_names_its_place() -> None:
    (witness,) = ask(rule("10.0.0.0/8", UNKNOWN)).witnesses
    assert (witness.rule_index, witness.cidr_index) == (0, 1)
    assert witness.cidr is UNKNOWN
    assert witness.note == "port 22 (tcp) may be reachable; it needs a value for var.cidr"


def test_ports_that_are_none_are_an_error() -> None:
    with pytest.raises(ValueError, match="is not a port"):
        reachable((), ["ssh"], LIMITS)


# laws, on a world of sixteen addresses and four ports

SMALL = {"v4": 30, "v6": 128}  # more than four addresses are the internet
ALL_SMALL = [
    f"8.8.8.{start}/{length}"
    for length in range(28, 33)
    for start in range(0, 16, 2 ** (32 - length))
]
small_rules = st.builds(
    lambda cidrs, first, more, protocol: rule(
        *cidrs, ports=(first, min(3, first + more)), protocol=protocol
    ),
    st.lists(st.sampled_from(ALL_SMALL), max_size=4),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["tcp", "udp", "-1", "icmp"]),
)
small_groups = st.lists(small_rules, max_size=5)
asked = st.lists(st.sampled_from(["0", "1-2", "3", "0-3"]), min_size=1, max_size=2)


def by_hand(rules: list[Rule], ports: list[str]) -> bool:
    """Counts every address for every port and protocol."""
    wanted = {
        n for text in ports for n in range(int(text.split("-")[0]), int(text.split("-")[-1]) + 1)
    }
    for protocol in ("tcp", "udp"):
        for port in wanted:
            open_to = {
                address
                for each in rules
                if each.protocol == "-1"
                or (each.protocol == protocol and each.from_port <= port <= each.to_port)
                for cidr in each.cidrs
                for address in ipaddress.ip_network(cidr)
            }
            if len(open_to) > 4:
                return True
    return False


@given(small_groups, asked)
@settings(max_examples=300, deadline=None)
def test_counting_by_hand_agrees(rules: list[Rule], ports: list[str]) -> None:
    assert reachable(rules, ports, SMALL).answer is by_hand(rules, ports)


@given(small_groups, asked, small_rules)
@settings(max_examples=150, deadline=None)
def test_another_rule_never_closes_anything(
    rules: list[Rule], ports: list[str], more: Rule
) -> None:
    if reachable(rules, ports, SMALL).answer:
        assert reachable([*rules, more], ports, SMALL).answer is True


@given(small_groups.filter(bool), asked, st.data())
@settings(max_examples=300, deadline=None)
def test_forgetting_a_value_never_turns_an_answer_round(
    rules: list[Rule], ports: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(rules) - 1))
    field = data.draw(st.sampled_from(["protocol", "from_port", "to_port", "cidrs", "one cidr"]))
    forgotten = rules[place]
    if field == "one cidr":
        cidrs = tuple(
            UNKNOWN if index == 0 else cidr for index, cidr in enumerate(rules[place].cidrs)
        )
        forgotten = forgotten.model_copy(update={"cidrs": cidrs})
    else:
        either = one_of(getattr(forgotten, field), UNKNOWN)
        value = UNKNOWN if data.draw(st.booleans()) else either
        forgotten = forgotten.model_copy(update={field: value})
    before = reachable(rules, ports, SMALL).answer
    after = reachable([*rules[:place], forgotten, *rules[place + 1 :]], ports, SMALL)
    assert after.answer in (before, None)


def test_a_huge_group_ends_soon() -> None:
    rules = [rule(f"20.{n % 200}.0.0/24", ports=(n, n + 9000)) for n in range(3000)]
    started = time.process_time()
    assert ask(*rules, ports=("0-65535",)).answer is False
    assert time.process_time() - started < 2

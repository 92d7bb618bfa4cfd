"""Where rules send: checked against address by address arithmetic, and honest about the unknown."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.resources.egress import Sending, sends_only_on, sends_only_to
from policyscan.resources.network import Rule
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why

GUIDE = ("52.84.25.0/24", "52.84.26.0/24", "54.230.137.0/24")
UNKNOWN = Unknown(Why.VARIABLE_UNSET, "a value for var.cidr")
OWN_RANGE = Unknown(
    Why.DATA_SOURCE, "a range", of=Ref('module.m["a.b"].aws_vpc.x[0]', "cidr_block")
)
OTHER_RANGE = Unknown(Why.DATA_SOURCE, "a range", of=Ref("aws_vpc_endpoint.x", "cidr_block"))


def rule(
    *cidrs: Any, ports: tuple[Any, Any] = (443, 443), protocol: Any = "tcp", **more: Any
) -> Rule:
    return Rule(protocol=protocol, from_port=ports[0], to_port=ports[1], cidrs=cidrs, **more)


def rule_of(cidrs: Any, **more: Any) -> Rule:
    return Rule(protocol="tcp", from_port=443, to_port=443, cidrs=cidrs, **more)


def one_of(*values: Any) -> OneOf[Any]:
    return OneOf(tuple(Alternative(v, (("q", str(i)),)) for i, v in enumerate(values)), UNKNOWN)


def to(*rules: Rule, lists: tuple[str, ...] = ()) -> Sending:
    return sends_only_to(rules, GUIDE, lists)


@pytest.mark.parametrize(
    ("cidrs", "answer"),
    [
        ((), True),
        (GUIDE, True),
        (("52.84.25.128/25",), True),
        (("52.84.25.7",), True),
        (("52.84.24.0/23",), False),
        (("52.84.25.0/24", "52.84.27.1/32"), False),
        (("0.0.0.0/0",), False),
        (("0.0.0.0/1", "128.0.0.0/1"), False),
        (("::/0",), False),
        (("2600:9000::/28",), False),
        (("64:ff9b::808:808/128",), False),
        (("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8"), True),
        (("169.254.169.253/32", "100.64.0.0/10"), True),
        (("172.0.0.0/8",), False),
        (("fc00::/6",), False),
        ((UNKNOWN,), None),
        ((UNKNOWN, "8.8.8.8/32"), False),
        (("nonsense",), None),
        ((Ref("aws_eip.x", "public_ip"),), None),
        ((OWN_RANGE,), True),
        ((OTHER_RANGE,), None),
        ((one_of("52.84.25.0/24", "10.0.0.0/8"),), True),
        ((one_of("52.84.25.0/24", "8.8.8.8/32"),), None),
        ((one_of("8.8.4.4/32", "8.8.8.8/32"),), None),
        ((one_of("8.0.0.0/8", "8.8.8.8/32"),), False),
    ],
)
def test_destinations(cidrs: tuple[Any, ...], answer: bool | None) -> None:
    assert to(rule(*cidrs)).answer is answer


def test_two_neighbours_on_the_list_cover_a_range_over_both() -> None:
    assert sends_only_to((rule("52.84.26.0/23"),), ("52.84.26.0/24", "52.84.27.0/24"), ()).answer


def test_every_protocol_carries_data_out() -> None:
    for protocol in ("tcp", "udp", "icmp", "-1", "50", UNKNOWN):
        assert to(rule("8.8.8.8/32", protocol=protocol, ports=(None, None))).answer is False


def test_lists_that_are_open_pass_only_if_nothing_else_can_come() -> None:
    assert to(rule_of(PartialList(("52.84.25.0/24",), UNKNOWN))).answer is None
    assert to(rule_of(PartialList(("8.8.8.8/32",), UNKNOWN))).answer is False
    assert to(rule_of(UNKNOWN)).answer is None
    assert to(rule_of(one_of(("10.0.0.0/8",), ("52.84.25.0/24",)))).answer is True
    assert sends_only_to(PartialList((), UNKNOWN), GUIDE, ()).answer is None
    assert sends_only_to(PartialList((rule("8.8.8.8/32"),), UNKNOWN), GUIDE, ()).answer is False
    assert sends_only_to(UNKNOWN, GUIDE, ()).answer is None
    assert sends_only_to((), (), ()).answer is True


def test_groups_and_gateway_endpoints_are_inside() -> None:
    endpoint = Ref("data.aws_prefix_list.s3", "id")
    inside = rule(groups=(UNKNOWN, "sg-1"), itself=UNKNOWN, gateway_endpoints=(endpoint,))
    assert to(inside).answer is True


@pytest.mark.parametrize(
    ("lists", "allowed", "answer"),
    [
        (("pl-1",), (), None),
        (("pl-1",), ("pl-1",), True),
        (("pl-1", "pl-2"), ("pl-1",), None),
        ((Ref("data.aws_prefix_list.x"),), ("data.aws_prefix_list.x",), True),
        ((UNKNOWN,), ("pl-1",), None),
        (PartialList(("pl-1",), UNKNOWN), ("pl-1",), None),
        (UNKNOWN, (), None),
        (one_of(("pl-1",), ()), ("pl-1",), None),
    ],
)
def test_prefix_lists_are_not_known_unless_allowed(
    lists: Any, allowed: tuple[str, ...], answer: bool | None
) -> None:
    assert to(rule(prefix_lists=lists), lists=allowed).answer is answer


def test_the_rule_and_the_range_that_break_it_are_named() -> None:
    sending = to(rule("10.0.0.0/8"), rule("52.84.25.0/24", "8.8.8.8/32"))
    (breach,) = sending.breaches
    assert (breach.rule_index, breach.place, breach.value) == (1, ".cidrs[1]", "8.8.8.8/32")
    assert breach.note == "8.8.8.8/32 is not in the allow-list"


def test_a_doubt_names_what_it_needs() -> None:
    sending = to(rule("52.84.25.0/24"), rule(UNKNOWN), rule(prefix_lists=("pl-1",)))
    assert [reason.needs for reason in sending.reasons] == [
        "a value for var.cidr",
        "the entries of the prefix list pl-1",
    ]
    assert [breach.place for breach in sending.breaches] == [".cidrs[0]", ".prefix_lists[0]"]


def test_a_list_that_holds_no_range_is_refused() -> None:
    with pytest.raises(ValueError, match="not an address range"):
        sends_only_to((), ("binance",), ())


# ports


@pytest.mark.parametrize(
    ("protocol", "ports", "answer"),
    [
        ("tcp", (443, 443), True),
        ("6", (9443, 9443), True),
        ("TCP", (443, 443), True),
        ("tcp", (443, 444), False),
        ("tcp", (443, 9443), False),
        ("tcp", (0, 65535), False),
        ("tcp", (None, None), False),
        ("tcp", (-1, -1), False),
        ("udp", (443, 443), False),
        ("icmp", (-1, -1), False),
        ("-1", (443, 443), False),
        ("-1", (0, 0), False),
        (UNKNOWN, (443, 443), None),
        (UNKNOWN, (22, 22), False),
        ("tcp", (UNKNOWN, 443), None),
        ("tcp", (UNKNOWN, UNKNOWN), None),
        ("udp", (UNKNOWN, UNKNOWN), False),
        ("tcp", (one_of(443, 22), 443), None),
    ],
)
def test_ports(protocol: Any, ports: tuple[Any, Any], answer: bool | None) -> None:
    outside = rule("0.0.0.0/0", protocol=protocol, ports=ports)
    assert sends_only_on((outside,), ("443", "9443")).answer is answer


def test_ports_matter_only_towards_the_outside() -> None:
    def ask(*cidrs: Any, **more: Any) -> bool | None:
        return sends_only_on(
            (rule(*cidrs, protocol="udp", ports=(53, 53), **more),), ("443",)
        ).answer

    assert ask("10.0.0.2/32", "169.254.169.253/32", "fd00:ec2::253/128") is True
    assert ask(OWN_RANGE, groups=("sg-1",)) is True
    assert ask("8.8.8.8/32") is False
    assert ask(UNKNOWN) is None
    assert ask(prefix_lists=("pl-1",)) is None


def test_what_may_go_where_is_said_in_words() -> None:
    def note(**more: Any) -> str:
        return sends_only_on((rule("0.0.0.0/0", **more),), ("443",)).breaches[0].note

    assert note(ports=(22, 22)) == "tcp port 22 may go to 0.0.0.0/0"
    assert note(ports=(0, 65535)) == "tcp ports 0-65535 may go to 0.0.0.0/0"
    assert note(protocol="-1") == "all protocols may go to 0.0.0.0/0"
    assert note(protocol="icmp", ports=(None, None)) == "icmp may go to 0.0.0.0/0"


# against arithmetic on single addresses

V4 = st.builds(
    lambda base, length: str(ipaddress.ip_network((base << 24, length), strict=False)),
    st.sampled_from([8, 9, 10, 11, 52, 127, 172, 192]),
    st.integers(6, 12),
)


def _is_inside(address: ipaddress.IPv4Address) -> bool:
    return not address.is_global and not address.is_multicast


@given(st.lists(V4, max_size=4), st.lists(V4, max_size=4), st.randoms(use_true_random=False))
def test_no_address_of_a_pass_lies_outside(
    sent: list[str], allowed: list[str], random: Any
) -> None:
    answer = sends_only_to((rule(*sent),), allowed, ()).answer
    listed = [ipaddress.ip_network(text) for text in allowed]
    for text in sent:
        network = ipaddress.ip_network(text)
        for offset in (0, network.num_addresses - 1, random.randrange(network.num_addresses)):
            address = network[offset]
            assert isinstance(address, ipaddress.IPv4Address)
            if not _is_inside(address) and not any(address in each for each in listed):
                assert answer is False
    if not sent or all(any(_within(text, each) for each in allowed) for text in sent):
        assert answer is True


def _within(text: str, other: str) -> bool:
    return ipaddress.IPv4Network(text).subnet_of(ipaddress.IPv4Network(other))

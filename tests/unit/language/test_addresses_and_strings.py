"""What the specification's cases of strings and addresses leave out."""

from __future__ import annotations

import ipaddress
from random import Random
from typing import Any

import pytest
from houses import house, judge, one_of, truth, unknown

from policyscan.language import Environment, compile_expression
from policyscan.language.explaining.evidence import text_of
from policyscan.language.functions import strings
from policyscan.language.functions.arithmetic import MAX_STRING, Fault, TooLarge
from policyscan.language.functions.networks import Cidr, Ip, cidr, ip, is_global_unicast
from policyscan.values import PartialList, Why


def value(text: str, **variables: Any) -> object:
    program = compile_expression(text, Environment(), is_condition=False)
    return program.value(**variables)


# -- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("", " 10.0.0.1", "10.0.0.1 ", "10.0.0", "10.0.0.01", "0x7f.0.0.1", "127.1", "2130706433"),
        *("10.0.0.1/32", "１0.0.0.1", "::1%1", "fe80::1%eth0", "::ffff:10.0.0.1", ":::", "1::2::3"),
        *("12345::", "[::1]", "::1\n", "\ud800", "1" * 100_000),
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(Fault, match="not an address"):
        ip(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08"),
        *(
            "10.0.0.0/8/8",
            "10.0.0.0/255.0.0.0",
            "::/129",
            "::ffff:a00:0/104",
            "::ffff:10.0.0.0/104",
        ),
        *("fe80::%eth0/64", "10.0.0.0/８", "10.0.0.0 /8", "1" * 100_000 + "/8"),
    ],
)
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(Fault, match="not a"):
        cidr(text)


def test_one_address_is_one_however_it_is_written() -> None:
    assert ip("::FFFF:0a00:0001") == ip("10.0.0.1") == Ip(4, 10 << 24 | 1)
    assert str(ip("::ffff:a00:1")) == "10.0.0.1"
    assert str(ip("2001:0DB8:0:0:1:0:0:1")) == "2001:db8::1:0:0:1"  # RFC 5952, 4.2.3
    assert str(ip("2001:db8:0:1:1:1:1:1")) == "2001:db8:0:1:1:1:1:1"  # RFC 5952, 4.2.2
    assert ip("0.0.0.1") != ip("::1")


def test_host_bits_are_kept_and_do_not_matter() -> None:
    one, other = cidr("10.1.2.3/8"), cidr("10.0.0.0/8")
    assert one != other
    assert str(one) == "10.1.2.3/8"
    assert value('cidr("10.1.2.3/8").containsIP("10.9.9.9")') is True
    assert value('cidr("10.1.2.3/8").containsCIDR("10.9.9.9/9")') is True
    assert value('cidr("10.1.2.3/9").containsCIDR("10.1.2.3/8")') is False
    assert value('cidr("0.0.0.0/0").containsIP("::1")') is False
    assert value('cidr("::/0").containsCIDR("10.0.0.0/8")') is False


def test_the_classes_of_addresses_are_those_of_the_registries() -> None:
    random = Random(1)
    fixed = (
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.255",
        "224.0.1.0",
        "169.254.0.0",
        "::",
        "ff02::",
    )
    numbers = [ipaddress.IPv4Address(random.getrandbits(32)) for _ in range(3_000)]
    wide = [ipaddress.IPv6Address(random.getrandbits(128) | 0xF << 124) for _ in range(3_000)]
    for address in (*map(ipaddress.ip_address, fixed), *numbers, *wide):
        ours = Ip(address.version, int(address))
        sent_alone = not (
            address.is_multicast
            or address.is_link_local
            or address.is_loopback
            or address.is_unspecified
            or str(address) == "255.255.255.255"
        )
        assert is_global_unicast(ours) is sent_alone, address


def test_containment_is_that_of_networks() -> None:
    random = Random(2)
    for _ in range(3_000):
        width = random.choice((32, 128))
        family = 4 if width == 32 else 6
        number = random.getrandbits(width)
        near = number ^ random.choice((0, 1 << random.randrange(width)))
        lengths = [random.randint(0, width) for _ in range(2)]
        nets = [
            ipaddress.ip_network((each, length), strict=False)
            for each, length in zip((number, near), lengths, strict=True)
        ]
        texts = [
            str(Cidr(Ip(family, each), length))
            for each, length in zip((number, near), lengths, strict=True)
        ]
        expected = nets[1].subnet_of(nets[0])  # type: ignore[arg-type]
        if "::ffff:" not in "".join(texts):
            assert value(f'cidr("{texts[0]}").containsCIDR("{texts[1]}")') is expected
            inner = str(ipaddress.ip_address(near))
            within = ipaddress.ip_address(near) in nets[0]
            assert value(f'cidr("{texts[0]}").containsIP("{inner}")') is within or family == 6


def test_addresses_that_are_not_known() -> None:
    u = unknown()
    text = 'cidr("10.0.0.0/8").containsIP(resource.s)'
    assert truth(text, s="10.1.2.3") is True
    assert truth(text, s="11.1.2.3") is False
    assert judge(text, house(s=u)).reasons == (u,)
    assert judge(text, house(s="no address")).reasons[0].why is Why.EVALUATION_ERROR
    assert truth(text, s=one_of("q", a="10.0.0.1", b="10.0.0.2")) is True
    assert truth(text, s=one_of("q", a="10.0.0.1", b="11.0.0.2")) is None
    every = 'resource.words.all(w, cidr("10.0.0.0/8").containsIP(w))'
    assert truth(every, words=PartialList(("10.0.0.1", "11.0.0.1"), u)) is False
    assert truth(every, words=PartialList(("10.0.0.1",), u)) is None


def test_addresses_are_shown_as_they_are_written() -> None:
    assert text_of(ip("::FFFF")) == 'ip("::ffff")'
    assert text_of((cidr("10.0.0.0/8"), 1)) == "2 members"
    assert text_of(cidr("10.1.0.0/8")) == 'cidr("10.1.0.0/8")'


# -- strings -------------------------------------------------------------------------------------


def test_a_result_may_be_too_long() -> None:
    with pytest.raises(TooLarge):
        strings.replace("a" * 300, "a", "b" * 300)
    with pytest.raises(TooLarge):
        strings.replace("", "", "b" * (MAX_STRING + 1))
    with pytest.raises(TooLarge):
        strings.join(("a" * 40_000, "b" * 40_000))
    with pytest.raises(TooLarge):
        strings.split("a" * 20_000, "")
    assert len(strings.replace("a" * 300_000, "a", "b")) == 300_000
    assert len(strings.split("a" * 20_000, "", 10_000)) == 10_000
    outcome = judge(
        "size(resource.s.replace('a', resource.t)) > 0", house(s="a" * 999, t="b" * 999)
    )
    assert (outcome.truth, outcome.reasons[0].why) == (None, Why.BUDGET)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("''.split(',')", [""]),
        ("''.split('')", [""]),
        ("'日本'.split('')", ["日", "本"]),
        ("'abc'.split('', 2)", ["a", "bc"]),
        ("'abc'.split('', 9)", ["a", "b", "c"]),
        ("'a,b,c'.split(',', 2)", ["a", "b,c"]),
        ("'a,b,c'.split(',', -7)", ["a", "b", "c"]),
        ("',a,'.split(',')", ["", "a", ""]),
    ],
)
def test_parts(text: str, parts: list[str]) -> None:
    assert value(text) == tuple(parts)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("'abc'.replace('', '-')", "-a-b-c-"),
        ("'abc'.replace('', '-', 2)", "-a-bc"),
        ("'aaa'.replace('a', '', 2)", "a"),
        ("'abc'.replace('b', 'x', 0)", "abc"),
        ("'\\u001cabc\\u001c'.trim()", "\x1cabc\x1c"),
        ("'ÀÉz'.upperAscii()", "ÀÉZ"),
        ("'abc'.charAt(3)", ""),
        ("'abc'.substring(3, 3)", ""),
    ],
)
def test_results(text: str, result: str) -> None:
    assert value(text) == result


def test_strings_that_are_not_known() -> None:
    u = unknown()
    for text in (
        "resource.s.split(',') == ['x']",
        "resource.words.join() == 'x'",
        "resource.s.replace('a', 'b') == 'x'",
        "resource.s.trim().upperAscii().reverse().charAt(0) == 'x'",
        "resource.s.indexOf('a') == 0 && resource.s.lastIndexOf('a', 0) == 0",
    ):
        outcome = judge(text, house(s=u, words=("a", u)))
        assert outcome.reasons in ((u,), (u, u)), text
    partial: Any = PartialList(("a",), u)
    assert truth("resource.words.join() == 'a'", words=partial) is None

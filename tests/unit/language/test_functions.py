"""The functions that policies may call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from houses import house, judge, one_of, truth, unknown

from policyscan.language.functions.arithmetic import Fault
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.functions.times import days, duration, timestamp
from policyscan.resources.network import Rule
from policyscan.values import PartialList, Ref, Unknown, Why

U = unknown()
REACHES = "reaches_internet(resource.rules, params.ports, params.max_public)"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("168h", 604_800),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1.s", 1),
        ("1h1m1s1ms1us", 3661.001001),
        ("-90s", -90),
        ("+1m", 60),
        ("0s", 0),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "-", "1", "h", "1d", "1 h", "1h ", "--1h", "1e3s", "9" * 30 + "h"]
)
def test_what_is_not_a_duration(text: str) -> None:
    with pytest.raises(Fault, match="not a duration"):
        duration(text)


def test_days_are_24_hours() -> None:
    assert days(7) == timedelta(hours=168)
    assert truth("now - resource.built <= days(100)") is True
    assert truth("now - resource.built <= days(99)") is False
    assert truth("now - resource.built <= days(resource.i)", i=U) is None
    with pytest.raises(Fault, match="more than a duration can be"):
        days(10**10)


def test_timestamps() -> None:
    assert timestamp("2026-01-31T00:00:00Z") == datetime(2026, 1, 31, tzinfo=UTC)
    assert (
        timestamp("2026-01-31t01:30:00.5+01:30").isoformat() == "2026-01-31T00:00:00.500000+00:00"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "2026-01-31T00:00:00",
        "2026-02-29T00:00:00Z",
        "2026-01-31T25:00:00Z",
        "20260131T000000Z",
        "0001-01-01T00:00:00+01:00",
        "２026-01-31T00:00:00Z",
    ],
)
def test_what_is_not_a_timestamp(text: str) -> None:
    with pytest.raises(Fault, match="not a timestamp"):
        timestamp(text)


def test_ranges_of_addresses() -> None:
    assert truth('covers(["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8")') is True
    assert truth('covers(["10.0.0.0/9"], "10.0.0.0/8")') is False
    assert truth('overlaps("10.0.0.0/8", "10.1.0.0/16")') is True
    assert truth('overlaps("10.0.0.0/8", "11.0.0.0/8")') is False
    assert truth('other_ports(["443"]) == ["0-442", "444-65535"]') is True
    assert truth('other_ports(["1-65535"] + ["0"]) == []') is True


def test_public_and_wide_ranges() -> None:
    for text in ("8.8.8.0/24", "0.0.0.0/0", "172.0.0.0/8", "2000::/3"):
        assert truth(f'is_public("{text}")') is True
    for text in ("10.0.0.0/8", "172.16.0.0/12", "169.254.169.254", "fd00::/8"):
        assert truth(f'is_public("{text}")') is False
    limits = {"max_public": {"v4": 20, "v6": 48}}
    for text, wide in (
        ("52.84.16.0/20", False),
        ("52.84.0.0/19", True),
        ("2001:db8::/48", False),
        ("2001:db8::/47", True),
    ):
        test = f'wider_than("{text}", params.max_public)'
        assert judge(test, params=limits).truth is wide


def test_how_many_values_differ() -> None:
    def differ(*words: Any, least: int = 2) -> bool | None:
        return truth(f"has_distinct(resource.words, {least})", words=words)

    def listed(number: int, source: str = "z") -> Unknown:
        of = Ref(f"data.aws_availability_zones.{source}.names[{number}]", "name")
        return Unknown(Why.DATA_SOURCE, str(of), of=of)

    assert differ("a", "b") is True
    assert differ("a", "a") is False
    assert differ() is False
    assert differ("a", U) is None
    assert differ(U, U) is None
    assert differ(U) is False
    assert differ("a", "a", U, least=3) is False
    assert differ(listed(0), listed(1)) is True
    assert differ(listed(0), listed(0)) is False
    assert differ(listed(0), listed(1, "y")) is None
    assert differ(listed(0), "a") is None
    assert truth("has_distinct(resource.words, 2)", words=PartialList(("a",), U)) is None
    assert truth("has_distinct(resource.words, 2)", words=PartialList(("a", "b"), U)) is True
    assert truth("has_distinct(resource.words, 2)", words=U) is None


def test_sending_is_judged_on_what_is_known() -> None:
    def ask(text: str, *rules: Rule, more: Unknown | None = None) -> bool | None:
        listed = rules if more is None else PartialList(rules, more)
        return truth(text, rules=listed)

    to = 'sends_only_to(resource.rules, ["52.84.25.0/24"], [])'
    inside = Rule(protocol="tcp", from_port=443, to_port=443, cidrs=("52.84.25.0/25", "10.0.0.0/8"))
    outside = Rule(protocol="tcp", from_port=443, to_port=443, cidrs=("0.0.0.0/0",))
    assert ask(to, inside) is True
    assert ask(to, inside, outside, more=U) is False
    assert ask(to, inside, more=U) is None
    assert ask('sends_only_on(resource.rules, ["443"])', inside, outside) is True
    assert ask('sends_only_on(resource.rules, ["9443"])', outside) is False


def test_a_strict_function_is_not_called_with_anything_open() -> None:
    assert truth("covers([resource.s], '10.0.0.0/8')", s=U) is None
    assert (
        truth("covers(resource.words, '10.0.0.0/8')", words=PartialList(("0.0.0.0/0",), U)) is None
    )
    assert truth("covers(resource.words, '10.0.0.0/8')", words=("0.0.0.0/0", U)) is None
    words = (one_of("q", a="10.0.0.0/8", b="0.0.0.0/0"),)
    assert truth("covers(resource.words, '10.0.0.0/8')", words=words) is True


def test_an_argument_that_has_no_result_is_a_reason() -> None:
    for text in ("overlaps(resource.s, '10.0.0.0/8')", "size(other_ports([resource.s])) == 1"):
        outcome = judge(text, house(s="nonsense"))
        assert (outcome.truth, outcome.reasons[0].why) == (None, Why.EVALUATION_ERROR)
    rules = (Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("0.0.0.0/0",)),)
    outcome = judge(REACHES, house(rules=rules), params={"ports": ("x",), "max_public": {}})
    assert (outcome.truth, outcome.reasons[0].why) == (None, Why.EVALUATION_ERROR)


def test_reachability_is_judged_on_what_is_known() -> None:
    ssh = Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("0.0.0.0/0",))
    web = Rule(protocol="tcp", from_port=443, to_port=443, cidrs=("0.0.0.0/0", U))
    assert truth(REACHES, rules=(web,)) is False
    assert truth(REACHES, rules=PartialList((web,), U)) is None
    assert truth(REACHES, rules=PartialList((web, ssh), U)) is True
    assert truth(REACHES, rules=U) is None
    assert truth(REACHES, rules=()) is False


def test_reachability_needs_its_parameters() -> None:
    outcome = judge(REACHES, params={})
    assert outcome.truth is None
    assert [each.needs for each in outcome.reasons] == [
        "a value for params.ports",
        "a value for params.max_public",
    ]


def test_the_table_is_closed() -> None:
    names = """
    bool charAt cidr contains containsCIDR containsIP covers days double duration endsWith family
    getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes
    getMonth getSeconds has_distinct indexOf int ip ip.isCanonical isCIDR isGlobalUnicast isIP
    isLinkLocalMulticast isLinkLocalUnicast isLoopback isUnspecified is_public join lastIndexOf
    lowerAscii masked matches other_ports overlaps prefixLength reaches_internet refers_to replace
    reverse sends_only_on sends_only_to size split startsWith string substring timestamp trim
    upperAscii wider_than
    """
    assert sorted(FUNCTIONS) == names.split()

"""How an answer came about: every sub-expression with its value, by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policyscan.language import Deduction, compile_expression
from policyscan.language.explaining import derivation
from policyscan.language.explaining.evidence import text_of
from policyscan.language.explaining.telling import shown
from policyscan.resources.network import Rule
from policyscan.values import PartialList
from tests.unit.language.houses import (
    NOW,
    SET,
    VALUES,
    Door,
    House,
    house,
    judge,
    one_of,
    unknown,
)


def tree(one: Deduction | None) -> list[str]:
    """A line for each node: `>` if it decides, its value, and the rest indented."""
    assert one is not None
    found = []
    pending = [(0, one)]
    while pending:
        depth, each = pending.pop()
        place = ".".join(filter(None, (each.address, each.path)))
        told = (
            "> " if each.decides else "  ",
            "  " * depth,
            f"{each.label}: " if each.label else "",
            f"{each.expression} = {each.value}" if each.value else f"{each.expression} not needed",
            f" @{place}" if place else "",
            f" ({each.note})" if each.note else "",
            "".join(f" needs {reason.needs}" for reason in each.opened),
            f" [{each.rest}]" if each.rest else "",
        )
        found.append("".join(told))
        pending.extend((depth + 1, part) for part in reversed(each.parts))
    return found


def told(text: str, subject: House | None = None, **more: object) -> list[str]:
    return tree(judge(text, subject, **more).deduction)


def count(one: Deduction) -> int:
    return 1 + sum(map(count, one.parts))


def test_what_comes_after_the_operand_that_decides_is_not_needed() -> None:
    assert told("resource.a && resource.i == 1 && resource.b") == [
        "> resource.a && resource.i == 1 && resource.b = false",
        "    resource.a = true @a",
        ">   resource.i == 1 = false",
        ">     resource.i = 0 @i",
        "    resource.b not needed",
    ]


def test_all_operands_decide_where_none_does_alone() -> None:
    assert told("resource.b || resource.i == 1") == [
        "> resource.b || resource.i == 1 = false",
        ">   resource.b = false @b",
        ">   resource.i == 1 = false",
        ">     resource.i = 0 @i",
    ]
    assert told("resource.a || resource.i == 1") == [
        "> resource.a || resource.i == 1 = true",
        ">   resource.a = true @a",
        "    resource.i == 1 not needed",
    ]


def test_of_what_is_not_known_the_open_operands_decide() -> None:
    assert told("resource.a && resource.i == 1", house(i=unknown())) == [
        "> resource.a && resource.i == 1 = unknown",
        "    resource.a = true @a",
        ">   resource.i == 1 = unknown",
        ">     resource.i = unknown @i needs a value for var.x",
    ]


def test_a_choice_tells_its_condition_and_the_branch() -> None:
    assert told("resource.opt == null ? resource.b : resource.a") == [
        "> resource.opt == null ? resource.b : resource.a = false",
        ">   resource.opt == null = true",
        ">     resource.opt = null @opt",
        ">   resource.b = false @b",
        "    resource.a not needed",
    ]


DOORS = (Door(port=3), Door(port=4), Door(port=5), Door(port=3, open=True))


def test_of_a_macro_the_member_that_decides_is_told_and_the_others_are_counted() -> None:
    subject = house(doors=DOORS)
    assert told("resource.doors.all(d, d.open || d.port == params.n)", subject) == [
        "> resource.doors.all(d, d.open || d.port == params.n) = false"
        " [3 more members: 1 true, 2 not needed]",
        "    resource.doors = 4 members @doors",
        ">   d = resource.doors[1]: d.open || d.port == params.n = false",
        ">     d.open = false @doors[1].open",
        ">     d.port == params.n = false",
        ">       d.port = 4 @doors[1].port",
        ">       params.n = 3",
    ]


def test_of_a_macro_that_holds_for_all_some_members_are_told() -> None:
    subject = house(doors=tuple(Door(open=True) for _ in range(20)))
    assert told("resource.doors.all(d, d.open)", subject) == [
        "> resource.doors.all(d, d.open) = true [17 more members, all true]",
        ">   resource.doors = 20 members @doors",
        ">   d = resource.doors[0]: d.open = true @doors[0].open",
        ">   d = resource.doors[1]: d.open = true @doors[1].open",
        ">   d = resource.doors[2]: d.open = true @doors[2].open",
    ]


def test_of_an_open_macro_the_open_members_decide() -> None:
    subject = house(doors=(Door(open=True), Door(open=unknown())))
    assert told("resource.doors.all(d, d.open)", subject) == [
        "> resource.doors.all(d, d.open) = unknown [1 more member, true]",
        "    resource.doors = 2 members @doors",
        ">   d = resource.doors[1]: d.open = unknown @doors[1].open needs a value for var.x",
    ]


def test_a_list_that_may_have_more_members_says_why() -> None:
    words = PartialList(("x",), unknown("the blocks of a dynamic block"))
    assert told('resource.words.all(w, w == "x")', house(words=words)) == [
        '> resource.words.all(w, w == "x") = unknown [1 member, true]',
        '>   resource.words = ["x", …] @words needs the blocks of a dynamic block',
    ]


def test_a_macro_over_a_map_tells_the_key() -> None:
    subject = house(limits={"a": 5, "b": 1})
    assert told("resource.limits.all(k, resource.limits[k] > params.n)", subject) == [
        "> resource.limits.all(k, resource.limits[k] > params.n) = false [1 more member, true]",
        '    resource.limits = {"a": 5, "b": 1} @limits',
        '>   k = "b": resource.limits[k] > params.n = false',
        '>     resource.limits[k] = 1 @limits["b"]',
        ">     params.n = 3",
    ]


def test_a_member_that_is_a_value_keeps_its_place() -> None:
    assert told("!resource.words.exists(w, w in params.names)", house(words=("q", "x"))) == [
        "> !resource.words.exists(w, w in params.names) = false",
        ">   resource.words.exists(w, w in params.names) = true [1 more member, false]",
        '      resource.words = ["q", "x"] @words',
        ">     w = resource.words[1]: w in params.names = true",
        '>       w = "x" @words[1]',
        '>       params.names = ["x", "y"]',
    ]


def test_macros_inside_macros() -> None:
    subject = house(doors=(Door(), Door(names=("a", "b"))))
    assert told('resource.doors.all(d, d.names.all(n, n != "b"))', subject) == [
        '> resource.doors.all(d, d.names.all(n, n != "b")) = false [1 more member, true]',
        "    resource.doors = 2 members @doors",
        '>   d = resource.doors[1]: d.names.all(n, n != "b") = false [1 more member, true]',
        '      d.names = ["a", "b"] @doors[1].names',
        '>     n = resource.doors[1].names[1]: n != "b" = false',
        '>       n = "b" @doors[1].names[1]',
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("resource.xs.exists_one(x, x == 1)", "= true [2 more members, all false]"),
        ("resource.xs.filter(x, x > 1) == [2, 3]", "= true"),
        ("resource.xs.map(x, x + 1) == [2, 3, 4]", "= true"),
    ],
)
def test_other_macros(text: str, first: str) -> None:
    lines = told(text, house(xs=(1, 2, 3)))
    assert lines[0].endswith(first)
    assert any("x = resource.xs[" in line for line in lines)


def test_a_lifted_function_tells_what_it_found() -> None:
    rules = (Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("0.0.0.0/0",)),)
    text = "!reaches_internet(resource.rules, params.ports, params.max_public)"
    assert told(text, house(rules=rules)) == [
        f"> {text} = false",
        f">   {text[1:]} = true",
        '>     resource.rules[0].cidrs[0] = "0.0.0.0/0" @rules[0].cidrs[0]'
        " (port 22 (tcp) is reachable from 0.0.0.0/0)",
        "      resource.rules = 1 member @rules",
        '      params.ports = ["22"]',
        '      params.max_public = {"v4": 8, "v6": 16}',
    ]


def test_times_are_told_in_words() -> None:
    assert told("now - resource.built <= days(params.by_tier[resource.tier])") == [
        "> now - resource.built <= days(params.by_tier[resource.tier]) = false",
        ">   now - resource.built = 100 days",
        ">     now = 2026-06-01 12:00 UTC",
        ">     resource.built = 2026-02-21 12:00 UTC @built",
        ">   days(params.by_tier[resource.tier]) = 7 days",
        ">     params.by_tier[resource.tier] = 7",
        '>       resource.tier = "high" @tier',
    ]


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "0 seconds"),
        (0.51, "30 minutes 36 seconds"),
        (1, "1 hour"),
        (49.5, "2 days 1 hour"),
        (-24, "-1 day"),
    ],
)
def test_spans(hours: float, words: str) -> None:
    assert shown(timedelta(hours=hours)) == words


def test_of_one_of_a_few_each_case_is_told() -> None:
    subject = house(tier=one_of("account tier", high="high", low="low"))
    assert told('resource.tier == "low"', subject) == [
        '> resource.tier == "low" = unknown',
        '>   if account tier is high: resource.tier == "low" = false',
        '>     resource.tier = "high" @tier',
        '>   if account tier is low: resource.tier == "low" = true',
        '>     resource.tier = "low" @tier',
    ]


def test_many_cases_are_counted() -> None:
    subject = house(i=one_of("size", **{f"n{n}": n for n in range(8)}))
    one = judge("resource.i < 100", subject).deduction
    assert one is not None and len(one.parts) == derivation.MAX_CASES
    assert one.rest == "4 cases, all true"
    assert count(one) <= derivation.MAX_NODES


def test_an_error_is_told_where_it_happens() -> None:
    lines = told("resource.xs[7] == 1 || resource.b", house(xs=(1,)))
    assert lines == [
        "> resource.xs[7] == 1 || resource.b = unknown",
        ">   resource.xs[7] == 1 = unknown",
        ">     resource.xs[7] = unknown needs no member 7 in resource.xs[7]",
        "    resource.b = false @b",
    ]


def test_members_of_a_set() -> None:
    program = compile_expression("members.exists(m, m.i == 1)", SET)
    outcome = program.run(now=NOW, members=(house("house.a"), house("house.b")), params=VALUES)
    assert tree(outcome.deduction) == [
        "> members.exists(m, m.i == 1) = false",
        ">   members = 2 members @members",
        ">   m = house.a: m.i == 1 = false",
        ">     m.i = 0 @house.a.i",
        ">   m = house.b: m.i == 1 = false",
        ">     m.i = 0 @house.b.i",
    ]


def test_other_resources() -> None:
    others = (house("house.b", i=7),)
    text = 'resources("House").exists(h, h.i == resource.i)'
    assert told(text, house(i=7), resources=lambda _: others) == [
        f"> {text} = true",
        '    resources("House") = 1 member',
        ">   h = house.b: h.i == resource.i = true",
        ">     h.i = 7 @house.b.i",
        ">     resource.i = 7 @i",
    ]


def test_what_was_not_stated() -> None:
    assert told('context.regions.all(r, r == "eu")') == [
        '> context.regions.all(r, r == "eu") = unknown',
        ">   context.regions = unknown needs a value for context.regions",
    ]


def test_optionals_and_addresses_have_their_spelling() -> None:
    assert told('resource.?opt.orValue("x") == "y"', house(opt="q")) == [
        '> resource.?opt.orValue("x") == "y" = false',
        '>   resource.?opt.orValue("x") = "q" @opt',
        '>     resource.?opt = optional.of("q") @opt',
    ]
    assert told('resource.?opt.orValue("x") == "y"')[2:] == [
        ">     resource.?opt = optional.none() @opt"
    ]
    text = 'cidr(resource.s).containsIP(ip("10.0.0.1"))'
    assert told(text, house(s="11.0.0.0/8")) == [
        f"> {text} = false",
        '>   cidr(resource.s) = cidr("11.0.0.0/8")',
        '>     resource.s = "11.0.0.0/8" @s',
    ]


def test_optionals() -> None:
    assert told('resource.?opt.orValue("x") == "y"', house(opt="y")) == [
        '> resource.?opt.orValue("x") == "y" = true',
        '>   resource.?opt.orValue("x") = "y" @opt',
        '>     resource.?opt = optional.of("y") @opt',
    ]
    assert told("resource.?opt.hasValue()")[1] == ">   resource.?opt = optional.none() @opt"
    assert told("resource.limits.?a.hasValue()", house(limits=unknown("limits")))[0] == (
        "> resource.limits.?a.hasValue() = unknown"
    )


def test_values_of_every_type_are_written_as_the_language_writes_them() -> None:
    assert 'cidr(resource.s) = cidr("10.0.0.0/8")' in " ".join(
        told('cidr(resource.s).containsIP("10.0.0.1")', house(s="10.0.0.0/8"))
    )
    assert text_of(timedelta(days=30, microseconds=500_000)) == 'duration("2592000.5s")'


def test_a_tree_has_limits() -> None:
    wide = " && ".join(f"resource.i == {number}" for number in [0] * 60 + [1])
    one = judge(wide).deduction
    assert one is not None and count(one) <= derivation.MAX_NODES
    assert one.rest == f"{61 - derivation.MAX_NODES + 1} more not shown"
    assert [part.value for part in one.parts if part.decides] == ["false"]
    deep = "!" * 40 + "resource.a"
    made = judge(deep).deduction
    assert made is not None and count(made) == derivation.MAX_DEPTH + 1


def test_an_evaluation_without_end_is_told_as_such() -> None:
    many = house(xs=tuple(range(400)))
    outcome = judge("resource.xs.all(x, resource.xs.all(y, x + y >= 0))", many)
    assert outcome.truth is None and outcome.deduction is None


def test_what_takes_too_many_steps_is_not_told() -> None:
    text = "resource.xs.all(x, resource.xs.exists(y, y == x))"
    lines = told(text, house(xs=tuple(range(200))))
    assert lines == [f"> {text} = true [more steps than can be told]"]

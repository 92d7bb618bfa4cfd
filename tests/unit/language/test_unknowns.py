"""Kleene's logic on values that are not known, and what is said about them."""

from __future__ import annotations

import pytest
from houses import NOW, SET, Door, house, judge, truth, unknown

from policyscan.language import compile_expression
from policyscan.text.source import Source
from policyscan.values import PartialList, Ref, Unknown, Why, glued

U = unknown()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resource.a && true", None),
        ("resource.a && false", False),
        ("false && resource.a", False),
        ("resource.a || true", True),
        ("resource.a || false", None),
        ("!resource.a", None),
        ("resource.a ? true : false", None),
        ("resource.a ? true : true", True),
        ("true ? false : resource.a", False),
        ("resource.a == true", None),
        ("resource.a in [true, false]", None),
        ("[resource.a].all(x, x)", None),
        ("[resource.a, false].all(x, x)", False),
        ("[resource.a, true].exists(x, x)", True),
        ("[resource.a, true, true].exists_one(x, x)", False),
        ("[resource.a, true].exists_one(x, x)", None),
        ("size([resource.a]) == 1", True),
        ("[true, resource.a] == [false, resource.a]", False),
        ("[true, resource.a] == [true]", False),
        ("[resource.a] + [true] == [true]", False),
        ("{'k': resource.a} == {'k': true}", None),
        ("{'k': resource.a} == {'other': true}", False),
    ],
)
def test_an_unknown_value(text: str, expected: bool | None) -> None:
    assert truth(text, a=U) is expected


@pytest.mark.parametrize(
    "text",
    [
        "resource.i + 1 == 1",
        "-resource.i == 1",
        "resource.i < 1",
        "[1][resource.i] == 1",
        "resource.s.startsWith('a')",
        "resource.opt == null",
        "has(resource.opt)",
        "has(resource.opt) && resource.opt == 'x'",
        "resource.xs.all(x, x > 1)",
        "1 in resource.xs",
        "size(resource.xs) == 0",
        "resource.xs[0] == 1",
        "resource.limits.x == 1",
        "'x' in resource.limits",
        "has(resource.limits.x)",
        "resource.s in params.by_tier",
        "params.by_tier[resource.s] == 1",
        "resource.xs == [1]",
        "resource.front != null && resource.front.open",
    ],
)
def test_an_unknown_operand_leaves_it_open(text: str) -> None:
    fields = dict.fromkeys(("i", "s", "opt", "xs", "limits"), U)
    outcome = judge(text, house(front=Door(open=U), **fields))
    assert (outcome.truth, outcome.error, outcome.reasons) == (None, "", (U,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resource.xs.all(x, x < 2)", False),
        ("resource.xs.all(x, x < 9)", None),
        ("resource.xs.exists(x, x == 2)", True),
        ("resource.xs.exists(x, x == 9)", None),
        ("resource.xs.exists_one(x, x > 0)", False),
        ("resource.xs.exists_one(x, x == 1)", None),
        ("1 in resource.xs", True),
        ("9 in resource.xs", None),
        ("size(resource.xs) == 2", None),
        ("resource.xs[0] == 1", None),
        ("resource.xs == []", False),
        ("resource.xs == [1, 2]", None),
        ("resource.xs.filter(x, x > 1).exists(x, x == 2)", True),
        ("resource.xs.filter(x, x > 1).all(x, x == 2)", None),
        ("resource.xs.map(x, x + 1).exists(y, y == 3)", True),
        ("resource.xs.map(x, x + 1).all(y, y > 0)", None),
        ("(resource.xs + [7]).exists(x, x == 7)", True),
        ("(resource.xs + [7]).all(x, x > 0)", None),
        ("(resource.xs + [7]).all(x, x > 1)", False),
    ],
)
def test_a_list_known_in_part(text: str, expected: bool | None) -> None:
    assert truth(text, xs=PartialList((1, 2), U)) is expected


def test_references_have_an_identity_but_no_text() -> None:
    one, same, other = Ref("aws_vpc.a"), Ref("aws_vpc.a", "arn"), Ref("aws_vpc.b")
    data = Ref("data.aws_vpc.c")
    assert truth("resource.s == resource.t", s=one, t=same) is True
    assert truth("resource.s == resource.t", s=one, t=other) is False
    assert truth("resource.s != resource.t", s=one, t=data) is None
    of_subnet = Ref("aws_subnet.a", "vpc_id")
    assert truth("resource.s == resource.t", s=one, t=of_subnet) is None
    assert truth("resource.s != resource.t", s=one, t=of_subnet) is None
    assert truth("resource.s in [resource.t]", s=one, t=of_subnet) is None
    assert truth("resource.s == resource.t", s=of_subnet, t=of_subnet) is True
    assert truth("[resource.s] == [resource.t]", s=one, t=same) is True
    assert truth('resource.s == "vpc-1"', s=one) is None
    assert truth('resource.s in ["vpc-1"]', s=one) is None
    assert truth("resource.s in [resource.t]", s=one, t=same) is True
    assert truth("resource.opt != null && has(resource.opt)", opt=one) is True
    assert truth("resource.opt == null", opt=one) is False
    assert truth('resource.s.startsWith("v")', s=one) is None
    assert truth("resource.a", a=one) is None
    assert truth('resource.s < "v"', s=one) is None
    outcome = judge('resource.s == "vpc-1"', house(s=one))
    assert [(r.why, r.needs) for r in outcome.reasons] == [
        (Why.COMPUTED, "the value of aws_vpc.a.id")
    ]


def test_a_certain_fragment_excludes_texts_that_lack_it() -> None:
    part = unknown(fragments=("prod-",))
    assert truth('resource.s == "staging"', s=part) is False
    assert truth('resource.s != "staging"', s=part) is True
    assert truth('resource.s == "prod-1"', s=part) is None
    assert truth('resource.s in ["a", "b"]', s=part) is False


def test_what_was_not_stated_is_unknown_and_never_empty() -> None:
    outcome = judge('context.regions.all(r, r == "eu")')
    assert outcome.truth is None
    assert [(r.why, r.needs) for r in outcome.reasons] == [
        (Why.UNDECLARED, "a value for context.regions")
    ]
    stated = judge('context.regions.all(r, r == "eu")', context={"regions": ()})
    assert stated.truth is True
    assert judge("params.n == 3", params={}).truth is None
    assert judge("has(context.regions)").truth is None


def test_other_resources_are_an_open_world() -> None:
    text = 'resources("House").exists(h, h.a)'
    assert judge(text).truth is None
    assert judge(text, resources=lambda _: ()).truth is False
    assert judge(text, resources=lambda _: PartialList((), U)).truth is None
    assert judge(text, resources=lambda _: PartialList((house(),), U)).truth is True
    kinds: list[str] = []
    judge(text, resources=lambda kind: kinds.append(kind) or ())  # type: ignore[func-returns-value]
    assert set(kinds) == {"House"}


def test_a_set() -> None:
    program = compile_expression("members.all(m, m.a)", SET)
    good, bad = house("house.good"), house("house.bad", a=False)
    assert program.run(members=(good,), now=NOW).truth is True
    assert program.run(members=PartialList((good,), U), now=NOW).truth is None
    outcome = program.run(members=PartialList((good, bad), U), now=NOW)
    assert outcome.truth is False
    assert [(w.address, w.path, w.value_text) for w in outcome.witnesses] == [
        ("house.bad", "a", "false")
    ]
    assert outcome.touched == frozenset()
    assert outcome.touched_elsewhere == {("house.good", "a"), ("house.bad", "a")}


def test_every_reason_is_named_once() -> None:
    source = Source("main.tf", b"variable a\nvariable b\n")
    first = Unknown(Why.VARIABLE_UNSET, "a value for var.a", source.span(0, 10))
    again = Unknown(Why.VARIABLE_UNSET, "a value for var.a", source.span(0, 10))
    second = Unknown(Why.VARIABLE_UNSET, "a value for var.b", source.span(11, 21))
    outcome = judge(
        "resource.a && resource.i == 1 && resource.s == 't'", house(a=first, i=again, s=second)
    )
    assert [reason.needs for reason in outcome.reasons] == [
        "a value for var.a",
        "a value for var.b",
    ]


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ('resource.s.startsWith("/desk/")', True),
        ('resource.s.startsWith("/de")', True),
        ('resource.s.startsWith("")', True),
        ('resource.s.startsWith("/desk/gateway")', None),
        ('resource.s.startsWith("/home")', False),
        ('resource.s.startsWith("desk")', False),
        ('resource.s.endsWith("-logs")', True),
        ('resource.s.endsWith("x-logs")', None),
        ('resource.s.endsWith("-log")', False),
        ('resource.s.contains("esk")', True),
        ('resource.s.contains("k/-l")', None),
        ('resource.s.contains("gateway")', None),
        ("resource.s.startsWith(resource.t)", None),
        ('resource.s.matches("^/desk/")', None),
    ],
)
def test_pieces_of_a_text_decide_where_they_can(text: str, truth: bool | None) -> None:
    name = glued(["/desk/", unknown("a value for var.name"), "-logs"])
    assert judge(text, house(s=name, t=unknown())).truth is truth


def test_a_text_of_which_pieces_are_known_is_there() -> None:
    name = glued(["/desk/", unknown("a value for var.name")])
    assert judge("has(resource.opt)", house(opt=name)).truth is True
    assert (
        judge('has(resource.opt) && resource.opt.startsWith("/d")', house(opt=name)).truth is True
    )
    assert judge("resource.opt == null", house(opt=name)).truth is False
    assert judge("has(resource.opt)", house(opt=unknown())).truth is None


def test_the_end_of_a_text_says_nothing_about_its_beginning() -> None:
    name = glued([unknown("a value for var.name"), "-logs"])
    assert judge('resource.s.startsWith("/desk/")', house(s=name)).truth is None
    assert judge('resource.s.startsWith("")', house(s=name)).truth is True
    assert judge('resource.s.endsWith("logs")', house(s=name)).truth is True


@pytest.mark.parametrize(
    ("ref", "there"),
    [
        (Ref("aws_kms_key.k", "arn"), True),
        (Ref("aws_vpc.main", "id"), True),
        (Ref("aws_db_instance.d", "kms_key_id"), None),
        (Ref("aws_instance.a", "key_name"), None),
    ],
)
def test_the_name_of_a_resource_is_there_and_another_attribute_may_be_null(
    ref: Ref, there: bool | None
) -> None:
    assert judge("has(resource.opt)", house(opt=ref)).truth is there
    assert judge("resource.opt != null", house(opt=ref)).truth is there
    assert judge("null == resource.opt", house(opt=ref)).truth is (
        there if there is None else False
    )


@pytest.mark.parametrize(
    "text",
    [
        'resource.s.lowerAscii().startsWith("AB")',
        'resource.s.lowerAscii() == "abx"',
        'resource.s.replace("A", "x").contains("AB")',
        "has({resource.s: true}.x)",
        '{resource.s: "x"}[resource.s].startsWith("AB")',
        '(resource.a ? resource.s : "q").contains("AB")',
        'resource.words[resource.i].contains("AB")',
        'resource.s.split("-")[0].startsWith("AB")',
    ],
)
def test_pieces_of_a_text_say_nothing_of_what_is_made_of_it(text: str) -> None:
    name = glued(["AB", unknown("a value for var.name")])
    subject = house(s=name, a=unknown(), words=name, i=unknown())
    assert judge(text, subject).truth is None

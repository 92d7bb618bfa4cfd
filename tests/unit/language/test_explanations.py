"""Witnesses, residual conditions and what was read: the parts of an answer that people see."""

from __future__ import annotations

from houses import Door, house, judge, one_of, unknown

from policyscan.language import Evidence
from policyscan.resources.network import Rule
from policyscan.values import PartialList, Ref

U = unknown()
DOORS = (Door(port=443, names=("a",)), Door(port=22, names=("a", "any"), open=True))


def found(text: str, **fields: object) -> list[tuple[str, str, str]]:
    outcome = judge(text, house(**fields))
    return [(each.path, each.value_text, each.note) for each in outcome.witnesses]


def test_a_comparison_names_its_field() -> None:
    assert found("resource.i >= params.n", i=2) == [("i", "2", "resource.i >= 3 is false")]
    assert found("resource.i < params.n", i=2) == [("i", "2", "resource.i < 3 is true")]
    assert found("resource.s + 'b' == 'ab'") == [("s", '"x"', 'resource.s + "b" == "ab" is false')]


def test_a_field_that_is_the_condition() -> None:
    assert found("resource.b") == [("b", "false", "resource.b is false")]
    assert found("!resource.a") == [("a", "true", "resource.a is true")]


def test_a_conjunction_names_the_side_that_fails() -> None:
    text = 'resource.a && resource.s == "x" && resource.i == 1 && resource.t == "?"'
    assert found(text) == [("i", "0", "resource.i == 1 is false")]


def test_a_conjunction_that_holds_names_all_sides() -> None:
    assert [path for path, _, _ in found('resource.a && resource.s == "x"')] == ["a", "s"]


def test_a_disjunction_names_the_side_that_holds_or_all_that_fail() -> None:
    assert [path for path, _, _ in found('resource.b || resource.s == "x"')] == ["s"]
    assert [path for path, _, _ in found('resource.b || resource.s == "?"')] == ["b", "s"]


def test_a_quantifier_names_the_member_that_decides() -> None:
    text = 'resource.doors.all(d, d.names.all(n, n != "any"))'
    assert found(text, doors=DOORS) == [
        ("doors[1].names[1]", '"any"', 'resource.doors[1].names[1] != "any" is false')
    ]
    assert found("resource.doors.exists(d, d.open)", doors=DOORS) == [
        ("doors[1].open", "true", "resource.doors[1].open is true")
    ]
    assert found("resource.doors.exists(d, true)", doors=DOORS) == [
        ("doors[0]", "Door", "resource.doors.exists(d, true) is true")
    ]


def test_a_quantifier_that_no_member_decides_names_the_list() -> None:
    assert found("resource.xs.all(x, x > 0)", xs=(1, 2)) == [
        ("xs", "[1, 2]", "resource.xs.all(x, x > 0) is true")
    ]
    assert found("resource.doors.exists(d, d.open)", doors=()) == [
        ("doors", "[]", "resource.doors.exists(d, d.open) is false")
    ]


def test_members_keep_their_place_through_filter() -> None:
    text = "resource.doors.filter(d, d.open).all(d, d.port == 443)"
    assert found(text, doors=DOORS) == [
        ("doors[1].port", "22", "resource.doors[1].port == 443 is false")
    ]
    assert found("size(resource.doors.filter(d, d.open)) == 0", doors=DOORS) == [
        ("doors[1]", "Door", "size(resource.doors.filter(d, d.open)) == 0 is false")
    ]


def test_an_absent_value_is_null() -> None:
    assert found("has(resource.opt)") == [("opt", "null", "has(resource.opt) is false")]
    assert found("resource.opt != null") == [("opt", "null", "resource.opt != null is false")]


def test_what_picks_the_bound_is_evidence_too() -> None:
    assert [each[:2] for each in found("resource.i > params.by_tier[resource.tier]")] == [
        ("i", "0"),
        ("tier", '"high"'),
    ]


def test_a_known_answer_always_has_a_witness() -> None:
    assert found("1 == 2") == [("", "false", "1 == 2 is false")]
    assert found("size(params.names) == 2") == [("", "true", 'size(["x", "y"]) == 2 is true')]


def test_other_resources_are_named_by_address() -> None:
    text = 'resources("House").all(h, h.a)'
    outcome = judge(text, resources=lambda _: (house("h.1"), house("h.2", a=False)))
    assert outcome.witnesses == (Evidence("a", "false", "h.2.a is false", "h.2"),)
    assert outcome.touched_elsewhere == {("h.1", "a"), ("h.2", "a")}


def test_reachability_names_rule_range_and_port() -> None:
    inside = Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("10.0.0.0/8",))
    outside = Rule(protocol="tcp", from_port=20, to_port=25, cidrs=("10.0.0.0/8", "0.0.0.0/0"))
    text = "!reaches_internet(resource.rules, params.ports, params.max_public)"
    assert found(text, rules=(inside, outside)) == [
        ("rules[1].cidrs[1]", '"0.0.0.0/0"', "port 22 (tcp) is reachable from 0.0.0.0/0")
    ]
    filtered = text.replace("resource.rules", "resource.rules.filter(r, size(r.cidrs) == 2)")
    assert found(filtered, rules=(inside, outside)) == found(text, rules=(inside, outside))


def test_reachability_that_hangs_on_an_unknown_range() -> None:
    rule = Rule(protocol="tcp", from_port=22, to_port=22, cidrs=(U,))
    text = "!reaches_internet(resource.rules, params.ports, params.max_public)"
    outcome = judge(text, house(rules=(rule,)))
    assert (outcome.truth, outcome.reasons) == (None, (U,))
    assert [each.path for each in outcome.witnesses] == ["rules[0].cidrs[0]"]
    assert "rules[0].cidrs[0]" in outcome.touched


def residual(text: str, **fields: object) -> str:
    outcome = judge(text, house(**fields))
    assert outcome.truth is None
    return outcome.residual


def test_the_residual_is_what_is_still_open() -> None:
    assert residual("resource.i >= params.n", i=U) == "PASS iff resource.i >= 3"
    assert residual("resource.a && resource.i >= 90", i=U) == "PASS iff resource.i >= 90"
    assert residual("resource.a && resource.i > 1 && resource.s == 'a'", i=U, s=U) == (
        'PASS iff resource.i > 1 && resource.s == "a"'
    )
    assert residual("!(resource.b || resource.i > 1)", i=U) == "PASS iff !(resource.i > 1)"
    assert residual("resource.a && (resource.i == 1 || resource.s == 'a')", i=U, s=U) == (
        'PASS iff resource.i == 1 || resource.s == "a"'
    )
    assert residual("resource.b ? true : resource.i > 1", i=U) == "PASS iff resource.i > 1"
    assert residual("resource.a ? true : resource.i > 1", a=U) == (
        "PASS iff resource.a ? true : resource.i > 1"
    )


def test_the_residual_names_members_by_place() -> None:
    assert residual("resource.xs.all(x, x > 0)", xs=(1, U)) == "PASS iff resource.xs[1] > 0"
    assert residual("resource.xs.exists(x, x > 5)", xs=(U, 1, U)) == (
        "PASS iff resource.xs[0] > 5 || resource.xs[2] > 5"
    )
    assert residual("resource.xs.all(x, x > 0)", xs=PartialList((1, U), U)) == (
        "PASS iff resource.xs.all(x, x > 0)"
    )
    assert residual("[1, 2].all(n, n < resource.i)", i=U) == (
        "PASS iff 1 < resource.i && 2 < resource.i"
    )


def test_an_open_answer_shows_the_open_places() -> None:
    assert found("resource.a && resource.i > 1 && resource.xs.all(x, x > 0)", i=U, xs=(1, U)) == [
        ("i", "unknown", "a value for var.x"),
        ("xs[1]", "unknown", "a value for var.x"),
    ]
    assert found("resource.xs.all(x, x > 0)", xs=PartialList((1,), U)) == [
        ("xs", "[1, …]", "a value for var.x")
    ]
    assert found('resource.s == "a"', s=Ref("aws_vpc.a")) == [
        ("s", "aws_vpc.a.id", "the value of aws_vpc.a.id")
    ]


def test_touched_is_exactly_what_was_read() -> None:
    assert judge("resource.b && resource.i == 1").touched == {"b"}
    assert judge("resource.i == 0 || resource.b").touched == {"i"}
    doors = judge("resource.doors.exists(d, d.open)", house(doors=DOORS)).touched
    assert doors == {"doors", "doors[0]", "doors[0].open", "doors[1]", "doors[1].open"}
    limits = judge("resource.limits.a == 1", house(limits={"a": 1, "b": 2})).touched
    assert limits == {"limits", 'limits["a"]'}
    assert judge("params.n == 3").touched == frozenset()


def test_long_values_are_cut() -> None:
    ((_, value, note),) = found('resource.s == "?"', s="z" * 5000)
    assert value == '"' + "z" * 118 + "…"
    assert len(note) < 500


def test_the_other_side_of_a_split_is_in_the_residual() -> None:
    days = one_of("account tier", high=100, low=3)
    assert residual("resource.i < 7 && resource.j > 5", i=days, j=U) == (
        "PASS iff account tier is low and resource.j > 5"
    )

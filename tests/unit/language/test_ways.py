"""Which way values have to move for a condition not to become less true."""

from __future__ import annotations

import pytest

from policyscan.language.reading.ways import Way, reading_of
from policyscan.language.syntax.parser import parse

R = "resource."
WAYS: dict[str, dict[str, str]] = {
    "resource.a": {"a": "at least"},
    "!resource.a": {"a": "at most"},
    "!resource.a.b": {"a.b": "at most"},
    "resource.a <= 90": {"a": "at most"},
    "90 <= resource.a": {"a": "at least"},
    "resource.a >= 90": {"a": "at least"},
    "!(resource.a < 90)": {"a": "at least"},
    "now - resource.a <= days(90)": {"a": "at least"},
    "resource.a >= now + days(30)": {"a": "at least"},
    "resource.a == 90": {"a": "same"},
    'resource.a != "x"': {"a": "same"},
    'resource.a in ["x"]': {"a": "same"},
    '"x" in resource.a': {"a": "at least"},
    '!("x" in resource.a)': {"a": "at most"},
    "resource.a == true": {"a": "at least"},
    "resource.a != true": {"a": "at most"},
    "resource.a != null": {"a": "set"},
    "null == resource.a": {"a": "unset"},
    "resource.a == null || resource.a >= 90": {"a": "at least, unset"},
    "resource.a && (!resource.b || resource.c)": {
        "a": "at least",
        "b": "at most",
        "c": "at least",
    },
    "resource.a || !resource.a": {"a": "at least, at most"},
    "resource.a ? resource.b : resource.c": {
        "a": "at least, at most",
        "b": "at least",
        "c": "at least",
    },
    "resource.a == null ? resource.b : true": {"a": "set, unset", "b": "at least"},
    "(resource.a == resource.b) == resource.c": {"a": "same", "b": "same", "c": "same"},
    "resource.a + resource.b <= 9": {"a": "at most", "b": "at most"},
    "resource.a * resource.b <= 9": {"a": "same", "b": "same"},
    "-resource.a <= 9": {"a": "at least"},
    "params.x[resource.a] <= resource.b": {"a": "same", "b": "at least"},
    "has(resource.a)": {"a": "same"},
    "resource.a.matches('x')": {"a": "same"},
    "resource.a.getFullYear() >= 2026": {"a": "at least"},
    "resource.a.getHours() >= 6": {"a": "same"},
    "covers(resource.a, resource.b)": {"a": "at least", "b": "same"},
    "!covers(resource.a, '10.0.0.0/8')": {"a": "at most"},
    "overlaps(resource.a, resource.b)": {"a": "same", "b": "same"},
    "cidr(resource.a).containsIP(resource.b)": {"a": "same", "b": "same"},
    "size(other_ports(resource.a)) <= 1": {"a": "same"},
    "resource.a.split(resource.b).all(x, x != '')": {"a": "same", "b": "same"},
    "refers_to(resource.a, resource)": {"a": "same", "address": "same", "name": "same"},
    "resource.a.startsWith('x')": {"a": "same"},
    "size(resource.a) > 0": {"a": "some"},
    "!(size(resource.a) > 0)": {"a": "none"},
    "size(resource.a) <= 1": {"a": "at most"},
    "size(resource.a) == 1": {"a": "same"},
    "resource.a.all(x, x in params.ok)": {"a": "at most"},
    "!resource.a.all(x, x in params.ok)": {"a": "at least"},
    "resource.a.exists(x, x == resource.b)": {"a": "at least", "b": "same"},
    "!resource.a.exists(x, !resource.b)": {"a": "at most", "b": "at least"},
    "resource.a.exists_one(x, x == 1)": {"a": "same"},
    "size(resource.a.filter(x, x > 1)) <= 2": {"a": "same"},
    "resource.a.map(x, x) == []": {"a": "same"},
    "params.terms.all(t, t in resource.a)": {"a": "at least"},
    "params.terms.all(t, resource.a.exists(x, x == t))": {"a": "at least"},
    "reaches_internet(resource.a, params.p, params.m)": {"a": "at least"},
    "!reaches_internet(resource.a, params.p, params.m)": {"a": "at most"},
    "sends_only_to(resource.a, params.p, params.l)": {"a": "at most"},
    "has_distinct(resource.a, params.n)": {"a": "at least"},
    "members.exists(t, t.a && !t.b)": {"a": "at least", "b": "at most"},
    "context.regions.all(r, members.exists(d, d.a == r && d.b))": {"a": "same", "b": "at least"},
}


@pytest.mark.parametrize("text", WAYS)
def test_the_ways_follow_from_the_condition(text: str) -> None:
    ways = reading_of(parse(text), None).ways

    assert {path: ", ".join(sorted(each)) for path, each in ways.items()} == WAYS[text]


def test_what_fulfils_the_premise_is_judged_so_less_of_it_is_better() -> None:
    ways = reading_of(parse("resource.a"), parse("resource.b && resource.a")).ways

    assert ways == {"a": {Way.LEAST, Way.MOST}, "b": {Way.MOST}}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("resource.a.all(x, x.b != 1 && x.c.d)", {"a": {"b", "c"}}),
        ("resource.a.all(x, x.b) && resource.a.exists(x, x.c)", {"a": {"b", "c"}}),
        ("resource.a.all(x, x.b && x in params.p)", {}),
        ("resource.a.all(x, x.b.all(y, y.c))", {"a": {"b"}}),
        ("resource.a.filter(x, x.b).all(y, y.c)", {}),
    ],
)
def test_of_members_the_fields_that_are_read(text: str, parts: dict[str, set[str]]) -> None:
    assert reading_of(parse(text), None).parts == parts


def test_what_is_read_of_other_resources() -> None:
    text = 'resources("Vpc").exists(v, v.a == resource.b && v.c)'

    reading = reading_of(parse(text), None)

    assert reading.ways == {"b": {Way.SAME}}
    assert reading.others == {"Vpc": {Way.LEAST}}
    assert reading.fields == {"Vpc": {"a", "c"}}


def test_what_others_are_called_is_read_where_they_are_meant() -> None:
    text = 'resources("Vpc").exists(v, refers_to(resource.a, v) && !v.b)'
    reading = reading_of(parse(text), None)
    assert reading.ways == {"a": {Way.SAME}}
    assert reading.others == {"Vpc": {Way.LEAST}}
    assert reading.fields == {"Vpc": {"address", "name", "b"}}

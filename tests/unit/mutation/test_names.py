"""Wrong names: the next field, parameter or name of the context of the same type."""

from __future__ import annotations

import pytest

from policyscan.language import Environment
from policyscan.language.syntax.parser import parse
from policyscan.mutation.names import wrong_names
from tests.unit.language.houses import House

ENVIRONMENT = Environment(
    resource=House,
    params={"n": "int", "m": "int", "names": "list(string)"},
    context={"regions": "list(string)", "ranges": "list(string)"},
    kinds={"House": House},
)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("resource.a", ["resource.b"]),
        ("resource.b", ["resource.a"]),  # after the last comes the first
        ("resource.tier == 'high'", []),  # no other field holds such a word
        ("resource.i > params.n", ["resource.j > params.n", "resource.i > params.m"]),
        (
            "resource.s in context.regions",
            ["resource.t in context.regions", "resource.s in context.ranges"],
        ),
        ("resource.front.port > 1", []),
        ("resource.xs.all(x, x > 0)", []),
        ("resource.doors.all(d, d.names == ['a'])", []),
        ("has(resource.opt)", []),  # what is asked for by has() stays
        ("resources('House').exists(h, h.a)", ['resources("House").exists(h, h.b)']),
        (
            "resources('House').filter(h, h.a)[0].b",
            ['resources("House").filter(h, h.a)[0].a', 'resources("House").filter(h, h.b)[0].b'],
        ),
        ("unknown.a", []),
    ],
)
def test_the_next_of_the_same_type_takes_its_place(text: str, changed: list[str]) -> None:
    root = parse(text)
    assert [edit.applied(root) for edit in wrong_names(root, ENVIRONMENT)] == changed

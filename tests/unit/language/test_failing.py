"""An answer that becomes an error by learning more is none: what may fail leaves it open."""

from __future__ import annotations

import pytest
from houses import house, judge, unknown

OPEN = [
    "size([1 / resource.i, 2]) == 2",
    "1 / resource.i > 0 ? true : true",
    "size(resource.words.map(w, int(w))) > 0",
    '"k" in {"k": int(resource.s)}',
    '{"a": 1 / resource.i, "b": 2}.b == 2',
    "optional.of(int(resource.s)).hasValue()",
    "!(1 / resource.i in [])",
    "!resource.words.exists_one(w, w == 'x' || w == '7' || int(w) == 0)",
    "resource.words.filter(w, int(w) > 6).exists(w, w == '7')",
    "[resource.xs[0], 1].exists(x, x == 1)",
    "[-resource.i, 1].exists(x, x == 1)",
    "[days(resource.i), days(1)].exists(x, x == days(1))",
    "[resource.limits.a, 1].exists(x, x == 1)",
    "size([resource.a ? 1 / resource.j : 1]) == 1",
    'size([cidr("10.0.0.0/8").containsIP(resource.s)]) == 1',
    'resource.words[resource.i].startsWith("")',
    "has_distinct([resource.s, resource.words[resource.i]], 2) ? true : true",
]

DEFINITE = [
    "size([resource.i, 2]) == 2",
    "[resource.i, 2].exists(x, x == 2)",
    "resource.i > 0 ? true : true",
    '{"a": resource.i, "b": 2}.b == 2',
    '"k" in {"k": resource.s}',
    "size([resource.s + 'x']) == 1",
    "size([resource.s.startsWith('x'), true]) == 2",
    "size([size(resource.s), 1]) == 2",
    "optional.of(resource.s).hasValue()",
    "1 / resource.i > 0 || true",
    "!(1 / resource.i > 0 && false)",
    "resource.words.exists(w, w == '7' || int(w) == 0)",
    "size(resource.words.map(w, w)) > 0",
    "!resource.words.exists_one(w, w == '7')",
    "!(resource.i in [])",
    '"k" in {"k": {"a": resource.s}.a}',
    "size([[resource.s][0]]) == 1",
    "([resource.i, resource.i] + []).all(x, size([x]) == 1)",
    "(true ? [resource.i] : []).all(x, size([x]) == 1)",
]


@pytest.mark.parametrize("text", OPEN)
def test_what_may_fail_leaves_the_whole_open(text: str) -> None:
    lost = unknown()
    subject = house(i=lost, j=lost, a=lost, s=lost, xs=lost, limits=lost, words=("7", lost, "7"))
    outcome = judge(text, subject)
    assert outcome.truth is None
    assert [each.needs for each in outcome.reasons] == ["a value for var.x"]


@pytest.mark.parametrize("text", DEFINITE)
def test_what_cannot_fail_does_not(text: str) -> None:
    lost = unknown()
    assert judge(text, house(i=lost, s=lost, words=("7", lost, "7"))).truth is True

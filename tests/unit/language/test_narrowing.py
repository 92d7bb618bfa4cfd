"""What passes the checker never meets a null: guards prove what they must, and nothing more."""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
import pytest
from houses import ENVIRONMENT, NOW, VALUES, Door, house
from hypothesis import HealthCheck, given, settings

from policyscan.errors import PolicyError
from policyscan.language import compile_expression

PROVED = [
    "has(resource.opt) == true && resource.opt == 'x'",
    "(resource.opt == null) == false && resource.opt == 'x'",
    "has(resource.opt) != false && resource.opt == 'x'",
    "false == has(resource.opt) || resource.opt == 'x'",
    "!(resource.opt == null) && resource.opt == 'x'",
    "!!has(resource.opt) && resource.opt == 'x'",
    "!(resource.a && has(resource.opt)) || resource.opt == 'x'",
    "!(resource.a || resource.opt == null) && resource.opt == 'x'",
    "(resource.opt == null ? false : resource.a) && resource.opt == 'x'",
    "(has(resource.opt) ? resource.a : false) && resource.opt == 'x'",
    "!(has(resource.opt) ? resource.a : true) && resource.opt == 'x'",
    "has(resource.opt) && (resource.a || resource.opt == 'x')",
    "has(resource.opt) && resource.words.all(w, resource.words.exists(v, v == resource.opt))",
    "has(resource.front) && has(resource.front.label) && resource.front.label.size() > 1",
    "resource.doors.all(d, d.label == null || d.label == 'x')",
    "resource.doors.all(d, has(d.label) ? d.label == 'x' : true)",
    "has(resource.opt) ? (resource.a ? resource.opt == 'x' : true) : resource.a",
    "(has(resource.opt) && has(resource.count)) ? resource.opt == 'x' && resource.count > 1 : true",
]

NOT_PROVED = [
    # the other outcome
    "!has(resource.opt) && resource.opt == 'x'",
    "has(resource.opt) || resource.opt == 'x'",
    "has(resource.opt) ? true : resource.opt == 'x'",
    "has(resource.opt) == false && resource.opt == 'x'",
    # only one of two ways
    "(has(resource.opt) || resource.a) && resource.opt == 'x'",
    "!(has(resource.opt) && resource.a) && resource.opt == 'x'",
    "!(resource.opt == null && resource.a) && resource.opt == 'x'",
    "(resource.a ? has(resource.opt) : true) && resource.opt == 'x'",
    "(has(resource.opt) == resource.a) && resource.opt == 'x'",
    # another value
    "has(resource.count) && resource.opt == 'x'",
    "has(resource.front) && resource.front.label == 'x'",
    "resource.doors.exists(d, has(d.label)) && resource.doors.all(d, d.label == 'x')",
    "resource.doors.filter(d, has(d.label)).all(d, d.label == 'x')",
    "resource.doors.all(d, has(d.label) && resource.doors.all(e, e.label == 'x'))",
    "size(resource.doors) > 1 && resource.doors[0].label != null && resource.doors[1].label == 'x'",
    # too late
    "resource.opt == 'x' && has(resource.opt)",
    "(resource.a && resource.opt == 'x') || has(resource.opt)",
    "resource.doors.all(d, d.label == 'x' && has(d.label))",
    # it ends where the guard ends
    "(has(resource.opt) && resource.a) || resource.opt == 'x'",
    "(has(resource.opt) ? resource.a : resource.b) && resource.opt == 'x'",
]


@pytest.mark.parametrize("text", PROVED)
def test_it_is_proved(text: str) -> None:
    compile_expression(text, ENVIRONMENT)


@pytest.mark.parametrize("text", NOT_PROVED)
def test_it_is_not_proved(text: str) -> None:
    with pytest.raises(PolicyError, match="may be absent"):
        compile_expression(text, ENVIRONMENT)


def _conditions(depth: int, uses: list[str]) -> st.SearchStrategy[str]:
    if depth == 0:
        return st.sampled_from(uses)
    part = _conditions(depth - 1, uses)
    return st.one_of(
        st.sampled_from(uses),
        st.builds("({} && {})".format, part, part),
        st.builds("({} || {})".format, part, part),
        st.builds("({} ? {} : {})".format, part, part, part),
        st.builds("!({})".format, part),
        st.builds("({} == {})".format, part, st.sampled_from(["true", "false", "resource.a"])),
    )


USES = [
    "has(resource.opt)", "resource.opt == null", "null != resource.opt", "resource.opt == 'x'",
    "resource.opt.startsWith('x')", "resource.a", "true", "has(resource.count)",
    "resource.count > 1", "resource.doors.all(d, has(d.label) && d.label == 'x')",
    "resource.doors.exists(d, d.label == null || resource.opt == d.label)",
    "(resource.a && has(resource.opt))", "(!has(resource.opt) || resource.b)",
]  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=_conditions(3, USES))
def test_what_is_accepted_has_an_answer_for_every_value(text: str) -> None:
    try:
        program = compile_expression(text, ENVIRONMENT)
    except PolicyError as error:
        assert "may be absent" in error.message
        return
    doors = (Door(label=None), Door(label="x"))
    for a, b, opt, count in product((True, False), (True, False), (None, "x"), (None, 2)):
        subject = house(a=a, b=b, opt=opt, count=count, doors=doors)
        outcome = program.run(resource=subject, now=NOW, params=VALUES)
        assert outcome.truth is not None, outcome.error

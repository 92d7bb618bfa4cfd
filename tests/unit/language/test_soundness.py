"""The law behind every verdict: an answer given while something is unknown stays the answer
whatever the unknown turns out to be."""

from __future__ import annotations

from itertools import product
from typing import Any

import hypothesis.strategies as st
from houses import ENVIRONMENT, NOW, Door, house, judge, unknown
from hypothesis import HealthCheck, given, settings

from policyscan.language import compile_expression
from policyscan.values import PartialList, Unknown

DOMAINS: dict[str, tuple[Any, ...]] = {
    "a": (True, False),
    "b": (True, False),
    "i": (0, 1, 2),
    "j": (0, 1),
    "s": ("x", "y"),
    "opt": (None, "x", "z"),
}
LEAVES = {
    "bool": ["true", "false", "resource.a", "resource.b", "has(resource.opt)"],
    "int": ["0", "1", "2", "resource.i", "resource.j", "size(resource.xs)"],
    "string": ['"x"', '"y"', "resource.s", '(has(resource.opt) ? resource.opt : "y")'],
}


def texts(*templates: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Any of the templates with its letters filled in."""
    return st.one_of(
        st.builds(template.format, **{k: v for k, v in parts.items() if "{" + k + "}" in template})
        for template in templates
    )


@st.composite
def conditions(draw: st.DrawFn) -> str:
    return draw(_conditions(2, ""))


def _leaf(kind: str, more: str = "") -> st.SearchStrategy[str]:
    return st.sampled_from(LEAVES[kind] + (more.split() if kind == "int" else []))


def _conditions(depth: int, names: str) -> st.SearchStrategy[str]:
    if depth == 0:
        return _leaf("bool")
    c = _conditions(depth - 1, names)
    n = _numbers(depth - 1, names)
    s = _leaf("string")
    macros = []
    if names.count(" ") < 2:
        variable = f"v{names.count(' ')}"
        m = _conditions(depth - 1, f"{names} {variable}")
        macros = [
            texts(
                "{l}.all(" + variable + ", {m})",
                "{l}.exists(" + variable + ", {m})",
                "{l}.exists_one(" + variable + ", {m})",
                "(size({l}.filter(" + variable + ", {m})) == {n})",
                "{l}.filter(" + variable + ", {m}).exists(w, w == {n})",
                "({n} in {l}.map(" + variable + ", " + variable + " + {n}))",
                l=st.sampled_from(
                    ["resource.xs", "[resource.i, 1]", "resource.doors.map(d, d.port)"]
                ),
                m=m,
                n=n,
            )
        ]
    return st.one_of(
        texts("({p} && {q})", "({p} || {q})", "!{p}", "({p} ? {q} : {p})", p=c, q=c),
        texts("({x} == {y})", "({x} < {y})", "({x} != {y})", "({x} in resource.xs)", x=n, y=n),
        texts("({u} == {v})", "{u}.startsWith({v})", "({u} in [{v}, resource.s])", u=s, v=s),
        st.sampled_from(
            [
                "resource.doors.exists(d, d.open && d.port == 1)",
                "(resource.xs == [1])",
                "(resource.opt == null)",
            ]
        ),
        *macros,
    )


def _numbers(depth: int, names: str) -> st.SearchStrategy[str]:
    if depth == 0:
        return _leaf("int", names)
    x = _numbers(depth - 1, names)
    return st.one_of(
        _leaf("int", names),
        texts("({x} + {y})", "({x} - {y})", "({x} / {y})", "({x} % {y})", "-({x})", x=x, y=x),
    )


HOLES = st.sets(st.sampled_from([*DOMAINS, "xs", "xs[]", "port"]), max_size=3)
VALUES = st.fixed_dictionaries({name: st.sampled_from(d) for name, d in DOMAINS.items()})
LISTS = st.lists(st.integers(0, 2), max_size=2).map(tuple)


def lists_with(known: tuple[Any, ...]) -> list[tuple[int, ...]]:
    """Lists that a list known in part may be: the known members in order, and up to one more."""
    return [
        known,
        *((*known[:at], extra, *known[at:]) for at in range(len(known) + 1) for extra in (0, 1, 2)),
    ]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=conditions(), fields=VALUES, xs=LISTS, holes=HOLES)
def test_a_definite_answer_survives_every_substitution(
    text: str, fields: dict[str, Any], xs: tuple[int, ...], holes: set[str]
) -> None:
    lost = unknown()
    partial: dict[str, Any] = {**fields, "xs": xs, "doors": (Door(port=1, open=True),)}
    possible: dict[str, list[Any]] = {name: [value] for name, value in partial.items()}
    for name in holes & set(DOMAINS):
        partial[name], possible[name] = lost, list(DOMAINS[name])
    if "xs" in holes:
        partial["xs"], possible["xs"] = lost, [(), (0,), (1,), (2, 1), (1, 1)]
    elif "xs[]" in holes:
        partial["xs"], possible["xs"] = PartialList(xs, lost), lists_with(xs)
    if "port" in holes:
        partial["doors"] = (Door(port=lost, open=True),)
        possible["doors"] = [(Door(port=port, open=True),) for port in (0, 1, 2)]
    program = compile_expression(text, ENVIRONMENT)
    answer = program.run(resource=house(**partial), now=NOW)
    assert answer.truth is not None or (answer.reasons and answer.residual)
    assert answer.truth is None or answer.witnesses
    for values in product(*possible.values()) if answer.truth is not None else ():
        concrete = dict(zip(possible, values, strict=True))
        assert program.run(resource=house(**concrete), now=NOW).truth is answer.truth, concrete


KLEENE = (True, False, None)


def _kleene_and(p: bool | None, q: bool | None) -> bool | None:
    return False if p is False or q is False else (None if p is None or q is None else True)


def test_the_tables_of_kleene() -> None:
    def as_field(value: bool | None) -> bool | Unknown:
        return unknown() if value is None else value

    for p, q in product(KLEENE, repeat=2):
        subject = house(a=as_field(p), b=as_field(q))
        both = _kleene_and(p, q)
        negated = [None if v is None else not v for v in (p, q)]
        either = _kleene_and(*negated)
        assert judge("resource.a && resource.b", subject).truth is both
        assert judge("resource.a || resource.b", subject).truth is (
            None if either is None else not either
        )
        assert judge("!(resource.a && resource.b)", subject).truth is (
            judge("!resource.a || !resource.b", subject).truth
        )
        assert judge("[resource.a, resource.b].all(x, x)", subject).truth is both

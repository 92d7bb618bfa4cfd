"""The fast tier: it gives the answer of the slow one, or none; and its code reaches nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import FunctionType
from typing import Any

import hypothesis.strategies as st
import pytest
from houses import ENVIRONMENT, NOW, SET, VALUES, Door, House, house, one_of, unknown
from hypothesis import HealthCheck, given, settings

from policyscan.errors import PolicyError
from policyscan.language import LEFT, Environment, Program, compile_expression
from policyscan.language import types as t
from policyscan.language.compiled import tier
from policyscan.language.compiled.compiler import MAX_WORK
from policyscan.language.compiled.writers import WRITERS
from policyscan.language.functions.table import FUNCTIONS, Function
from policyscan.language.syntax import tree
from policyscan.resources.base import Resource
from policyscan.resources.network import Rule
from policyscan.values import PartialList, Ref, Unknown, Why

NAN = float("nan")
LOST = unknown()
REF = Ref("aws_vpc.a")


def both(text: str, subject: House, **more: Any) -> tuple[object, bool | None]:
    """What the fast tier says and what the slow one does."""
    program = compile_expression(text, ENVIRONMENT)
    names = {"resource": subject, "now": NOW, "params": VALUES, **more}
    resources = names.pop("resources", None)
    return program.quick(names, resources), program.proved(names, resources).truth


def with_values(**fields: Any) -> House:
    """A house with fields that nobody has checked."""
    return house().model_copy(update=fields)


# -- what is answered ------------------------------------------------------------------------------

KNOWN: dict[str, dict[str, Any]] = {
    'resource.s != "" && resource.s != "root"': {},
    'resource.s == "y" || resource.s == "x"': {},
    "!resource.a || resource.b": {},
    "now - resource.built <= duration('720h')": {},
    "resource.built < now && resource.warranty == duration('1h')": {},
    "has(resource.opt) ? resource.opt.startsWith('a') : resource.a": {},
    "has(resource.opt) && resource.opt.startsWith('a') ": {"opt": "ab"},
    "resource.opt != null && resource.opt == 'ab'": {"opt": "ab"},
    "resource.opt == null": {},
    "has(resource.front) && resource.front.port == 1": {"front": Door(port=1)},
    "resource.front == null || resource.front.port == 1": {},
    "resource.xs.all(x, x > 1)": {"xs": (2, 3)},
    "resource.xs.exists_one(x, x == 2)": {"xs": (2, 3, 2)},
    "resource.xs.filter(x, x > 2).map(x, x + 1) == [4]": {"xs": (2, 3)},
    "resource.xs.map(x, x * 2 - 1).exists(y, y == 5)": {"xs": (2, 3)},
    "resource.xs + [1] == [2, 1]": {"xs": (2,)},
    "resource.xs[1] == 3 && size(resource.xs) == 2": {"xs": (2, 3)},
    "3 in resource.xs": {"xs": (2, 3)},
    "resource.s in params.names": {},
    "resource.tier in ['high', 'low']": {},
    "'a' in resource.limits && resource.limits['a'] == 1": {"limits": {"a": 1}},
    "has(resource.limits.a) && resource.limits.a == 1": {"limits": {"a": 1}},
    "resource.limits.all(k, resource.limits[k] > 0)": {"limits": {"a": 1, "b": 2}},
    "resource.limits == {'a': 1}": {"limits": {"a": 1}},
    "params.by_tier[resource.tier] == 7": {},
    "resource.i / 2 == -1 && resource.i % 2 == -1 && -resource.i == 3": {"i": -3},
    "resource.d / 0.0 > 1.0 && resource.i < resource.d": {},
    "resource.s + resource.t == 'xy' && size(resource.s + '日本') == 3": {},
    "resource.doors.exists(d, d.open && d.names.all(n, n.contains('a')))": {
        "doors": (Door(open=True, names=("a", "ba")),)
    },
    "resource.doors.map(d, d.port) == [1, 2]": {"doors": (Door(port=1), Door(port=2))},
    "[resource.i, resource.j].all(x, x in [0, 1])": {},
    "resource.words.all(w, params.names.exists(n, n == w))": {"words": ("x",)},
    "resource.words.all(w, covers(params.ranges, w))": {"words": ("10.0.0.0/24",)},
    "resource.words.exists(w, is_public(w)) || overlaps('10.0.0.0/8', resource.words[0])": {
        "words": ("10.0.0.0/24",)
    },
    "other_ports(params.ports + ['80']) == other_ports(['22', '80'])": {},
    "reaches_internet(resource.rules, params.ports, params.max_public)": {
        "rules": (Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("0.0.0.0/0",)),)
    },
    "has_distinct(resource.words, 2)": {"words": ("a", "b", "a")},
    "resource.xs.all(x, resource.xs.all(y, x != y || x == 1))": {"xs": (1, 1)},
    "resource.a ? resource.xs.exists(x, x == 1) : resource.xs.all(x, x == 1)": {"xs": (1, 2)},
    "(resource.a ? resource.xs : [1]) == [1, 2]": {"xs": (1, 2)},
    'resources("House").exists(h, h.address != resource.address && h.a)': {},
    "context.regions.all(r, r == 'eu')": {},
    "days(1) < days(2) && timestamp('2026-01-01T00:00:00Z') < now": {},
}


@pytest.mark.parametrize("text", KNOWN)
def test_known_values_are_judged_fast(text: str) -> None:
    environment = Environment(
        resource=House,
        params={**ENVIRONMENT.params, "ranges": "list(string)"},
        context=ENVIRONMENT.context,
        kinds=ENVIRONMENT.kinds,
    )
    program = compile_expression(text, environment)
    names = {
        "resource": house(**KNOWN[text]),
        "now": NOW,
        "params": {**VALUES, "ranges": ("10.0.0.0/8",)},
        "context": {"regions": ("eu",)},
    }
    quick = program.quick(names, lambda _: (house("house.b"),))
    assert quick is program.proved(names, lambda _: (house("house.b"),)).truth
    assert isinstance(quick, bool)


def test_every_shipped_condition_compiles() -> None:
    from pathlib import Path

    from policyscan.policy.loader import load_policies
    from policyscan.resources.kinds import MODULES, load_kinds

    directory = Path(__file__).parents[3] / "policies"
    for policy in load_policies(directory, load_kinds(MODULES)).policies:
        for program in filter(None, (policy.require_program, policy.when_program)):
            for each in program.environments:
                types = program.types if each is program.environments[0] else None
                if types is not None:
                    assert tier.compiled(program.root, types, each.names()), program.text
            assert len(program.environments) == len(policy.kinds)


def test_a_program_of_several_kinds_is_compiled_for_each() -> None:
    class Hut(Resource):
        kind = "Hut"
        s: str = "x"

    program = compile_expression('resource.s == "x"', ENVIRONMENT)
    several = Program(
        program.text,
        program.root,
        program.kinds,
        program.context,
        (ENVIRONMENT, Environment(resource=Hut)),
    )
    hut = Hut(address="hut.a", origin=house().origin)
    assert several.quick({"resource": hut, "now": NOW}) is True
    assert several.quick({"resource": house(s="z"), "now": NOW}) is False
    assert program.quick({"resource": hut, "now": NOW}) is LEFT


def test_a_program_without_environments_leaves_everything() -> None:
    program = compile_expression("resource.a", ENVIRONMENT)
    bare = Program(program.text, program.root, program.kinds, program.context)
    assert bare.quick({"resource": house(), "now": NOW}) is LEFT
    assert bare.run(resource=house(), now=NOW).truth is True


def test_a_set() -> None:
    program = compile_expression("members.exists(m, m.a) && size(members) == 2", SET)
    members = (house("house.a", a=False), house("house.b"))
    assert program.quick({"members": members, "now": NOW}) is True
    assert program.quick({"members": PartialList(members, LOST), "now": NOW}) is LEFT


def test_expressions_of_any_type() -> None:
    variables = {"n": t.INT, "xs": t.ListOf(t.INT), "m": t.MapOf(t.STRING, t.INT)}
    environment = Environment(variables=variables)

    def value(text: str, **names: Any) -> object:
        program = compile_expression(text, environment, is_condition=False)
        quick = program.quick(names)
        slow = program.value(**names)
        assert quick is LEFT or (quick == slow and type(quick) is type(slow))
        return quick

    assert value("n + 1", n=1) == 2
    assert value("n + 1", n=2**63 - 1) is LEFT
    assert value("xs.map(x, x * n)", n=2, xs=(1, 2)) == (2, 4)
    assert value("xs.map(x, x * n)", n=2, xs=[1, 2]) == (2, 4)
    assert value("m", m={"a": 1}) == {"a": 1}
    assert value("m", m={"a": LOST}) is LEFT
    assert value("xs", xs=(1, LOST)) is LEFT
    assert value("m.a", m={}) is LEFT
    assert value("{'a': n}", n=1) == {"a": 1}
    assert value("n", n=True) is LEFT


# -- what is left ----------------------------------------------------------------------------------

OPEN: list[tuple[str, dict[str, Any]]] = [
    ('resource.s == "x"', {"s": REF}),
    ('resource.s != "x"', {"s": REF}),
    ('resource.s == "x"', {"s": LOST}),
    ('resource.s == "x"', {"s": one_of("tier", high="x", low="x")}),
    ('resource.s == "x"', {"s": None}),
    ("resource.s == resource.t", {"s": REF, "t": REF}),
    ("resource.s == resource.t", {"s": LOST, "t": LOST}),
    ('resource.s in ["x", "y"]', {"s": REF}),
    ("resource.s in resource.words", {"words": (REF,)}),
    ("resource.s in resource.words", {"s": REF, "words": (REF,)}),
    ("resource.s in resource.words", {"s": "z", "words": ("x", REF)}),
    ("resource.s in resource.words", {"s": "z", "words": ("x", None)}),
    ("resource.words == ['x']", {"words": (REF,)}),
    ("resource.words == ['x', 'y']", {"words": ("x", LOST)}),
    ("resource.words.exists(w, w == 'y')", {"words": ("x", REF)}),
    ("resource.words.all(w, w != 'y')", {"words": ("x", REF)}),
    ("resource.words.all(w, w != 'y')", {"words": PartialList(("x",), LOST)}),
    ("size(resource.words) == 1", {"words": PartialList(("x",), LOST)}),
    ("resource.limits['a'] == 1", {"limits": {}}),
    ("resource.limits.a == 1", {"limits": {"a": LOST}}),
    ("resource.limits[resource.s] == 1", {"limits": {"x": 1}, "s": REF}),
    ("resource.s in resource.limits", {"limits": {"x": 1}, "s": REF}),
    ("resource.limits == {'a': 1}", {"limits": {"a": REF}}),
    ("has(resource.opt)", {"opt": LOST}),
    ("has(resource.opt)", {"opt": REF}),
    ("resource.opt == null", {"opt": REF}),
    ("resource.opt == null", {"opt": one_of("tier", high=None, low=None)}),
    ("has(resource.limits.a)", {"limits": {"a": LOST}}),
    ("resource.i == 1", {"i": True}),
    ("resource.i == 1", {"i": 1.0}),
    ("resource.a", {"a": 1}),
    ("resource.d == 1.0", {"d": 1}),
    ("1 in resource.xs", {"xs": (True,)}),
    ("resource.xs[2] == 1", {"xs": (1,)}),
    ("resource.xs[-1] == 1", {"xs": (1,)}),
    ("resource.big + 1 > 0", {}),
    ("-resource.i > 0", {"i": -(2**63)}),
    ("resource.big * 2 > 0", {}),
    ("resource.i / resource.i == 1", {}),
    ("resource.i % 0 == 1", {}),
    ("resource.a || 1 / resource.i == 1", {"a": LOST}),
    ("1 / resource.i == 1 || resource.a", {}),
    ("resource.a && resource.b", {"a": LOST}),
    ("resource.front.port == 1 || resource.front == null", {"front": LOST}),
    ("resource.doors.all(d, d.port == 1)", {"doors": (REF,)}),
    ("resource.doors.all(d, d.port == 1)", {"doors": (LOST,)}),
    ("resource.built < now", {"built": datetime(2026, 1, 1)}),
    ("timestamp('9999-12-31T23:30:00Z') + resource.warranty > now", {}),
    (
        "resource.built + duration('2500000h') > timestamp('2300-01-01T00:00:00Z')",
        {"built": NOW.replace(year=9999)},
    ),
    ("resource.s != ''", {"s": None}),
    ("has(resource.s)", {"s": None}),
    ("params.n == 3", {"params": {}}),
    ("context.regions == []", {}),
    ("covers(params.names, resource.s)", {}),
    ("covers(resource.words, '10.0.0.0/8')", {"words": ("10.0.0.0/8", REF)}),
    ("has_distinct(resource.words, 2)", {"words": ("a", LOST)}),
    ("has_distinct(resource.words, 2)", {"words": one_of("tier", high=("a",), low=())}),
    ('resources("House").all(h, h.a)', {}),
    ("resource.s.startsWith('x')", {"s": REF}),
    ("resource.words.map(w, w + 'x') == ['x']", {"words": (REF,)}),
    ("resource.s + 'x' == 'xx'", {"s": REF}),
]


@pytest.mark.parametrize(("text", "fields"), OPEN)
def test_everything_else_is_left(text: str, fields: dict[str, Any]) -> None:
    text = text.replace("resource.front.port == 1 || ", "has(resource.front) || ")
    more = {name: fields[name] for name in fields if name == "params"}
    subject = with_values(**{name: fields[name] for name in fields if name not in more})
    quick, _ = both(text, subject, **more)
    assert quick is LEFT


def test_a_bool_is_no_number_in_any_list() -> None:
    assert both("resource.xs == [1]", with_values(xs=(True,))) == (False, False)
    assert both("[resource.i] == [1]", with_values(i=True)) == (False, False)
    assert both("[resource.i] in [[1]]", with_values(i=True)) == (False, False)


def test_nan_is_not_itself() -> None:
    for text in ("resource.d == resource.d", "resource.d in [resource.d]"):
        quick, slow = both(text, house(d=NAN))
        assert quick is False
        assert slow is False
    quick, slow = both("[resource.d] == [resource.d]", house(d=NAN))
    assert (quick, slow) == (False, False)


def test_a_member_that_decides_does_not_hide_the_budget() -> None:
    many = tuple(range(60_000))
    quick, slow = both("resource.xs.all(x, x >= 0 && x >= 0 && x >= 0)", with_values(xs=many))
    assert (quick, slow) == (LEFT, None)
    quick, slow = both("resource.xs.exists(x, x == 0)", with_values(xs=many))
    assert (quick, slow) == (LEFT, True)
    quick, slow = both("resource.xs.all(x, resource.xs.all(y, x in resource.xs))", house(xs=many))
    assert (quick, slow) == (LEFT, None)
    quick, slow = both("resource.xs.exists(x, x in resource.xs)", house(xs=many[: MAX_WORK // 8]))
    assert (quick, slow) == (True, True)


def test_the_budget_of_an_answer_is_enough_for_the_slow_tier() -> None:
    for text in (
        "resource.xs.all(x, x in resource.xs || x < 0)",
        "resource.xs + resource.xs == []",
    ):
        for size in (100, 200, 240, 300, 320, 400, 17_000, 26_000):
            quick, slow = both(text, house(xs=tuple(range(size))))
            assert quick is LEFT or quick is slow, size


def test_texts_do_not_grow_without_end() -> None:
    text = "resource.xs.map(x, resource.s + resource.s).all(s, s != '')"
    quick, slow = both(text, house(s="x" * 32_000, xs=tuple(range(100))))
    assert (quick, slow) == (LEFT, None)
    assert both("resource.s + 'x' != ''", house(s="x" * 65_536)) == (LEFT, None)


# -- the code --------------------------------------------------------------------------------------


def function_of(text: str, environment: Environment = ENVIRONMENT) -> FunctionType:
    program = compile_expression(text, environment)
    assert program.types is not None
    code = tier.Compiler(program.types, environment.names()).code(program.root)
    return tier._function(code)


@pytest.mark.parametrize("text", KNOWN)
def test_the_code_reaches_nothing(text: str) -> None:
    function = function_of(text.replace("params.ranges", "params.names"))
    assert function.__globals__["__builtins__"] == {}
    assert function.__closure__ is None
    fields = {*House.model_fields, *Door.model_fields, *Rule.model_fields}
    reached = set(function.__code__.co_names)
    assert reached <= fields | set(function.__globals__) | {"__class__", "get", "append"}
    names = ("names", "resources", "n", "b")
    assert all(each in names or each[0] == "v" for each in function.__code__.co_varnames)
    assert not any(hasattr(each, "co_code") for each in function.__code__.co_consts)


def test_names_of_policies_are_no_names_of_python() -> None:
    for name in ("n", "b", "left", "names", "resources", "size", "c_str", "v1", "g2", "__class__"):
        text = f"resource.xs.all({name}, {name} == 1 && size(resource.xs) == 1)"
        assert both(text, house(xs=(1,))) == (True, True), name


@pytest.mark.parametrize("field", ["__class__", "model_fields", "origin", "__dict__", "copy"])
def test_only_fields_of_the_kind_are_attributes(field: str) -> None:
    """Even if a tree that nobody checked asks for others."""
    program = compile_expression("resource.a", ENVIRONMENT)
    select = program.root
    assert isinstance(select, tree.Select)
    forged = tree.Select(0, 1, select.operand, field)
    types = {forged: t.BOOL, select.operand: t.Object(House)}
    assert tier.compiled(forged, types, ENVIRONMENT.names()) is None


def test_what_it_does_not_know_it_leaves() -> None:
    class New(tree.Node, frozen=True, eq=False):
        """A class of node that came later."""

    node = New(0, 1)
    assert tier.compiled(node, {node: t.BOOL}, ENVIRONMENT.names()) is None
    literal = tree.Literal(0, 1, True)
    assert tier.compiled(literal, {}, ENVIRONMENT.names()) is None, "a node without a type"
    assert tier.compiled(literal, {literal: t.OptionalOf(t.BOOL)}, ENVIRONMENT.names()) is None
    call = tree.Call(0, 1, "unheard", (literal,), method=False)
    assert tier.compiled(call, {call: t.BOOL, literal: t.BOOL}, ENVIRONMENT.names()) is None


def test_more_loops_in_one_another_than_python_allows() -> None:
    text = "resource.a"
    for number in range(24):
        text = f"[1].all(v{number}, {text})"
    assert both(text, house()) == (LEFT, True)


def test_the_writers_know_every_field_of_every_class() -> None:
    """Whoever adds a field to a class of node tells the fast tier what it means."""
    fields = {kind.__name__: kind.__struct_fields__[2:] for kind in WRITERS}
    assert fields == {
        "Literal": ("value",),
        "Name": ("name",),
        "Select": ("operand", "field"),
        "Has": ("selection",),
        "Index": ("operand", "index"),
        "Resources": ("kind",),
        "Call": ("function", "arguments", "method"),
        "Unary": ("operator", "operand"),
        "Binary": ("operator", "left", "right"),
        "Logic": ("operator", "operands"),
        "Ternary": ("condition", "yes", "no"),
        "ListLiteral": ("items",),
        "MapLiteral": ("entries",),
        "Comprehension": ("macro", "range", "variable", "body"),
    }
    assert Function.__struct_fields__ == (
        "name",
        "signatures",
        "call",
        "about",
        "example",
        "lifted",
        "asks_unit",
        "shallow",
        "reads_literals",
        "trials",
        "partly",
        "cost",
    )
    assert FUNCTIONS["size"].call is len


# -- both tiers on anything ------------------------------------------------------------------------

POISON: list[Any] = [
    *(LOST, REF, Ref("data.aws_vpc.a"), PartialList((1, "x"), LOST), None, True, 1, 1.0, NAN),
    *("x", (), ("x",), (1,), {"a": 1}, {"a": LOST}, one_of("tier", high="x", low="y")),
    *(one_of("tier", high=1, low=True), unknown(fragments=("z",)), NOW, timedelta(1), 2**63),
]


def among(*values: Any) -> st.SearchStrategy[Any]:
    """One of the values, which nothing asks for their hash."""
    return st.integers(0, len(values) - 1).map(values.__getitem__)


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "a": st.booleans(),
    "b": st.booleans(),
    "i": st.sampled_from([0, 1, 2, -7, 2**63 - 1]),
    "d": st.sampled_from([0.0, 1.0, -2.5, NAN]),
    "s": st.sampled_from(["x", "y", ""]),
    "opt": st.sampled_from([None, "x", "z"]),
    "tier": st.sampled_from(["high", "low"]),
    "built": st.sampled_from([NOW, NOW - timedelta(days=3)]),
    "xs": st.lists(among(0, 1, 2, 1, *POISON), max_size=3).map(tuple),
    "words": st.lists(among("x", "y", "x", *POISON), max_size=3).map(tuple),
    "limits": st.dictionaries(st.sampled_from(["x", "a"]), among(0, 1, *POISON), max_size=2),
    "doors": st.lists(among(Door(port=1, open=True), Door(), *POISON), max_size=2).map(tuple),
}


@st.composite
def subjects(draw: st.DrawFn) -> House:
    fields = draw(st.fixed_dictionaries(FIELDS))
    for name in draw(st.sets(st.sampled_from(list(FIELDS)), max_size=3)):
        fields[name] = draw(among(*POISON))
    return with_values(**fields)


BOOLS = st.deferred(lambda: _bools)
INTS = st.deferred(lambda: _ints)
TEXTS = st.deferred(lambda: _texts)
LISTS = st.deferred(lambda: _lists)


def _of(template: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(template.format, **parts)


_names = st.integers(0, 10**9).map(lambda n: f"v{n}")


@st.composite
def _macro(draw: st.DrawFn, macro: str, end: str = "") -> str:
    name, source = draw(_names), draw(LISTS)
    body = draw(
        st.one_of(
            _of("({n} {o} {i})", n=st.just(name), o=st.sampled_from(["<", "==", "!="]), i=INTS),
            _of("({n} in {l} || {b})", n=st.just(name), l=LISTS, b=BOOLS),
            BOOLS,
        )
    )
    return f"{source}.{macro}({name}, {body}){end}"


_bools = st.one_of(
    st.sampled_from(["resource.a", "resource.b", "true", "has(resource.opt)", "!resource.a"]),
    _of("({p} && {q})", p=BOOLS, q=BOOLS),
    _of("({p} || {q})", p=BOOLS, q=BOOLS),
    _of("({p} ? {q} : {r})", p=BOOLS, q=BOOLS, r=BOOLS),
    _of("!{p}", p=BOOLS),
    _of("({x} {o} {y})", x=INTS, o=st.sampled_from(["==", "!=", "<", ">="]), y=INTS),
    _of("({x} {o} {y})", x=TEXTS, o=st.sampled_from(["==", "!=", "<"]), y=TEXTS),
    _of("({x} in {l})", x=INTS, l=LISTS),
    _of("({x} == {y})", x=LISTS, y=LISTS),
    _of("({x} in resource.words)", x=TEXTS),
    _of("({x} in [{y}, 'x'])", x=TEXTS, y=TEXTS),
    _of("({x} in resource.limits)", x=TEXTS),
    _of("{x}.startsWith({y})", x=TEXTS, y=TEXTS),
    st.sampled_from(
        [
            "(resource.opt == null)",
            "(resource.opt != null && resource.opt in resource.words)",
            "resource.limits.all(k, resource.limits[k] > 0)",
            "has(resource.limits.a)",
            "(resource.limits == {'a': 1})",
            "resource.doors.all(d, d.open && d.port == 1)",
            "resource.doors.exists(d, has(d.label) || d.names == [])",
            "(resource.words == ['x', 'y'])",
            "resource.words.exists(w, resource.words.exists(o, o != w))",
            "(resource.d == resource.d)",
            "(resource.d in [resource.d, 1.0])",
            "(resource.i < resource.d)",
            "(now - resource.built < days(2))",
            "(resource.tier == 'high')",
            "has_distinct(resource.words, 2)",
            "([[resource.i], resource.xs] == [resource.xs, [1]])",
            "([resource.i] in [resource.xs])",
            "({resource.s: resource.i} == resource.limits)",
        ]
    ),
    *map(_macro, ("all", "exists", "exists_one")),
)
_ints = st.one_of(
    st.sampled_from(["0", "1", "2", "resource.i", "size(resource.xs)", "size(resource.s)"]),
    st.sampled_from(["resource.limits.a", "resource.limits[resource.s]", "resource.xs[0]"]),
    _of("({x} {o} {y})", x=INTS, o=st.sampled_from(list("+-*/%")), y=INTS),
    _of("-({x})", x=INTS),
    _of("({p} ? {x} : {y})", p=BOOLS, x=INTS, y=INTS),
)
_texts = st.one_of(
    st.sampled_from(["'x'", "'y'", "resource.s", "resource.words[0]"]),
    st.sampled_from(["(has(resource.opt) ? resource.opt : 'y')", "params.names[1]"]),
    _of("({x} + {y})", x=TEXTS, y=TEXTS),
)
_lists = st.one_of(
    st.sampled_from(["resource.xs", "[1, 2]", "[resource.i, 1]", "resource.doors.map(d, d.port)"]),
    _of("({x} + {y})", x=LISTS, y=LISTS),
    _macro("filter"),
    _of("[{x}, {y}]", x=INTS, y=INTS),
    _of("{l}.map({n}, {i})", l=LISTS, n=_names, i=INTS),
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=BOOLS, subject=subjects())
def test_both_tiers_agree_whatever_stands_in_the_fields(text: str, subject: House) -> None:
    try:
        program = compile_expression(text, ENVIRONMENT)
    except PolicyError:  # too long, or a variable twice
        return
    names = {"resource": subject, "now": NOW, "params": VALUES}
    quick = program.quick(names)
    if quick is not LEFT:
        assert program.proved(names).truth is quick
    outcome = program.run(resource=subject, now=NOW, params=VALUES)
    if quick is not LEFT:
        slow = program.proved(names)
        assert outcome.truth is slow.truth
        assert outcome.witnesses == slow.witnesses
        assert outcome.touched == slow.touched
        for field in House.model_fields:
            assert outcome.touches(field) is (field in slow.touched)


def test_a_function_that_has_no_result_on_constants_is_left() -> None:
    program = compile_expression('"ab".indexOf("a", 16) == 0', ENVIRONMENT)
    assert program.quick({"resource": house(), "now": NOW}) is LEFT
    assert program.run(resource=house(), now=NOW).error.startswith("no place 16")


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "==", "!="])
def test_numbers_of_two_types_are_compared_as_doubles(operator: str) -> None:
    for text in (f"resource.d {operator} resource.i", f"resource.i {operator} resource.d"):
        for i in (2**53, 2**53 + 1, 2**53 + 2):
            program = compile_expression(text, ENVIRONMENT)
            names = {"resource": house(d=2.0**53, i=i), "now": NOW}
            assert program.quick(names) in (LEFT, program.proved(names).truth)


def test_unknown_reason() -> None:
    """What nobody stated is left with the question."""
    program = compile_expression("params.n == 3", ENVIRONMENT)
    outcome = program.run(resource=house(), now=NOW)
    assert isinstance(outcome.reasons[0], Unknown)
    assert outcome.reasons[0].why is Why.UNDECLARED

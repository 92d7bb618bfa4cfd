"""Unknown values: no definite answer is contradicted by what the unknown may turn out to be.

Each condition is judged while one to three things are not known, and again in every world that they
leave possible. What is left of the condition where it cannot be told must decide it in each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

from policyscan.errors import PolicyError
from policyscan.language import Outcome, Program, compile_expression
from policyscan.language.fast import LEFT
from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import Comprehension, Name
from policyscan.language.syntax.tree import walk as every_node
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why
from tests.campaigns.estate import JUDGED, NOW, PARAMS, Door, House, house
from tests.campaigns.grammar import Expression, Generator, judging, smallest

MOST_WORLDS = 80
Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Hole:
    """What is not known, and everything that it may be: fields of a house, or of `params`."""

    given: Fields
    possible: tuple[Fields, ...]
    about: str = "resource"


def unknown(needs: str, **more: Any) -> Unknown:
    return Unknown(Why.VARIABLE_UNSET, needs, **more)


def _one_field(name: str, *values: Any) -> Callable[[Random, Fields], Hole]:
    """A field of which nothing is known."""

    def hole(_: Random, __: Fields) -> Hole:
        return Hole({name: unknown(name)}, tuple({name: value} for value in values))

    return hole


def _fragment(_: Random, __: Fields) -> Hole:
    """A text of which a piece is known."""
    texts = ("x", "ax", "xy")
    return Hole({"s": unknown("s", fragments=("x",))}, tuple({"s": text} for text in texts))


def _alternatives(random: Random, _: Fields) -> Hole:
    """Two fields that hang on one question."""
    pairs = [{"i": random.randint(0, 2), "s": random.choice("xy")} for _ in range(2)]
    given = {
        name: OneOf(
            tuple(Alternative(pair[name], (("stage", str(n)),)) for n, pair in enumerate(pairs)),
            unknown(f"{name} of the stage"),
        )
        for name in ("i", "s")
    }
    return Hole(given, tuple(pairs))


def _one_of(random: Random, _: Fields) -> Hole:
    """A field that is one of a few, under conditions of their own."""
    name, values = random.choice((("j", (0, 1, 5)), ("t", ("x", "q")), ("a", (True, False))))
    cases = tuple(Alternative(value, ()) for value in values)
    return Hole({name: OneOf(cases, unknown(name))}, tuple({name: value} for value in values))


def _references(random: Random, _: Fields) -> Hole:
    """Two texts that are ids of resources; different resources have different ids."""
    alike = random.random() < 0.5
    given = {"s": Ref("aws_a.x"), "t": Ref("aws_a.x" if alike else "aws_b.y")}
    texts = [{"s": s, "t": t} for s, t in product("xyz", repeat=2) if (s == t) is alike]
    return Hole(given, tuple(texts))


def _reference(_: Random, __: Fields) -> Hole:
    """A text that is the id of a resource."""
    return Hole({"opt": Ref("aws_c.z")}, tuple({"opt": text} for text in ("p", "q", "")))


def _whole_list(_: Random, __: Fields) -> Hole:
    lists = ((), (0,), (1,), (2, 1), (1, 1))
    return Hole({"xs": unknown("xs")}, tuple({"xs": each} for each in lists))


def _more_members(random: Random, known: Fields) -> Hole:
    """A list of which some members are known: others may stand anywhere between them."""
    name, extras = random.choice((("xs", (0, 1, 7)), ("words", ("x", "", "zz"))))
    members = known[name]
    more = [(*members[:at], e, *members[at:]) for at in range(len(members) + 1) for e in extras]
    given = {name: PartialList(members, unknown(f"more of {name}"))}
    return Hole(given, tuple({name: each} for each in (members, *more)))


def _one_member(random: Random, known: Fields) -> Hole:
    """A list one of whose members is not known."""
    name, values = random.choice((("xs", (0, 1, 7)), ("words", ("x", "", "zz"))))
    at = random.randint(0, len(known[name]))
    before, after = known[name][:at], known[name][at + 1 :]
    lists = tuple({name: (*before, value, *after)} for value in values)
    return Hole({name: (*before, unknown(f"{name}[{at}]"), *after)}, lists)


def _limit(_: Random, __: Fields) -> Hole:
    """A map one of whose values is not known."""
    return Hole(
        {"limits": {"a": 1, "x": unknown("limits.x")}},
        tuple({"limits": {"a": 1, "x": value}} for value in (0, 1, 2)),
    )


def _whole_map(_: Random, __: Fields) -> Hole:
    maps = ({}, {"a": 0}, {"a": 1, "k": 2}, {"x": 1})
    return Hole({"limits": unknown("limits")}, tuple({"limits": each} for each in maps))


def _part(random: Random, known: Fields) -> Hole:
    """A part with a field that is not known."""
    name, values = random.choice(
        (("port", (0, 1, 2)), ("open", (True, False)), ("label", (None, "x", "z")))
    )
    rest = known["doors"][1:]
    doors = [(Door(port=1, open=True).model_copy(update={name: v}), *rest) for v in values]
    given = (Door(port=1, open=True).model_copy(update={name: unknown(name)}), *rest)
    return Hole({"doors": given}, tuple({"doors": each} for each in doors))


def _more_parts(_: Random, known: Fields) -> Hole:
    """A list of parts that may have more."""
    extra = (Door(port=1, open=True), Door(port=0, labels=("x",)), Door(port=9, label="x"))
    lists = (known["doors"], *((*known["doors"], each) for each in extra))
    given = PartialList(known["doors"], unknown("more doors"))
    return Hole({"doors": given}, tuple({"doors": each} for each in lists))


def _front(_: Random, __: Fields) -> Hole:
    ports = (0, 1, 2)
    given = {"front": Door(port=unknown("front.port"), open=True)}
    return Hole(given, tuple({"front": Door(port=port, open=True)} for port in ports))


def _parameter(random: Random, _: Fields) -> Hole:
    """A parameter that was not given."""
    name, values = random.choice((("n", (0, 1, 2)), ("names", ((), ("x",), ("y", "x")))))
    given = {name: unknown(f"params.{name}")}
    return Hole(given, tuple({name: value} for value in values), about="params")


HOLES = (
    _one_field("a", True, False),
    _one_field("b", True, False),
    _one_field("i", 0, 1, 2, -1),
    _one_field("j", 0, 1, 2**63 - 1),
    _one_field("d", 0.0, 1.5, float("nan")),
    _one_field("s", "x", "y", ""),
    _one_field("s", "10.1.0.0/16", "::1", "8.8.8.8/32", "x"),
    _one_field("built", NOW, NOW - timedelta(days=400), NOW + timedelta(hours=1)),
    _one_field("lasts", timedelta(), timedelta(hours=2)),
    _one_field("opt", None, "x", "z"),
    _one_field("count", None, 0, 3),
    _one_field("tier_of", "high", "medium", "low"),
    _one_field("doors", (), (Door(port=1, open=True),), (Door(port=0), Door(port=1, label="x"))),
    _one_field("words", (), ("x",), ("y", "x")),
    *(_fragment, _alternatives, _one_of, _references, _reference, _whole_list, _more_members),
    *(_one_member, _limit, _whole_map, _part, _more_parts, _front, _parameter),
)


@dataclass(frozen=True)
class Situation:
    """What is known of a house and the parameters, and what is not."""

    known: Fields
    holes: tuple[Hole, ...]

    def _filled(self, fillings: tuple[Fields, ...]) -> tuple[House, Fields]:
        fields, params = dict(self.known), dict(PARAMS)
        for hole, filling in zip(self.holes, fillings, strict=True):
            (fields if hole.about == "resource" else params).update(filling)
        return house(**fields), params

    def as_given(self) -> tuple[House, Fields]:
        """The house and the parameters with what is not known."""
        return self._filled(tuple(hole.given for hole in self.holes))

    def worlds(self) -> list[tuple[House, Fields]]:
        """Everything that they may turn out to be, or a part of it if that is much."""
        every = list(product(*(hole.possible for hole in self.holes)))
        step = max(1, len(every) // MOST_WORLDS)
        return [self._filled(each) for each in every[::step]]


def drawn_situation(random: Random) -> Situation:
    """A house with one to three holes."""
    known: dict[str, Any] = {
        "a": random.random() < 0.5,
        "b": random.random() < 0.5,
        "i": random.randint(-1, 2),
        "j": random.randint(0, 1),
        "s": random.choice(("x", "y", "")),
        "t": random.choice("xy"),
        "opt": random.choice((None, "x", "z")),
        "count": random.choice((None, 0, 2)),
        "xs": tuple(random.randint(0, 2) for _ in range(random.randint(0, 3))),
        "words": tuple(random.choice("xyz") for _ in range(random.randint(0, 2))),
        "doors": tuple(Door(port=n, open=n > 0) for n in range(random.randint(0, 2))),
        "limits": {"a": 1, "k": 0},
    }
    holes: list[Hole] = []
    taken: set[str] = set()
    for make in random.sample(HOLES, random.randint(1, 3)):
        hole = make(random, known)
        if taken.isdisjoint(hole.given):
            holes.append(hole)
            taken |= hole.given.keys()
    return Situation(known, tuple(holes))


def judged(program: Program, world: tuple[House, Fields]) -> Outcome:
    """The outcome in one world. Raises AssertionError if the tiers do not agree about it."""
    outcome = program.run(resource=world[0], params=world[1], now=NOW)
    quick = program.quick({"resource": world[0], "params": world[1], "now": NOW})
    if quick is not LEFT and quick is not outcome.truth:
        raise AssertionError(f"tiers: fast {quick}, slow {outcome.truth} with {_shown(world)}")
    return outcome


@dataclass
class Tally:
    """What a campaign has found so far."""

    conditions: int = 0
    definite: int = 0
    lost: int = 0
    """Definite ones that in some world are an error: of a member of a list at which nothing looks,
    or of the condition of a `?:` whose branches agree."""
    open: int = 0
    constant: int = 0
    """Open ones that had one and the same answer in every world."""
    residuals: int = 0
    """Open ones whose residual is a condition in the words of the language."""
    found: list[str] = field(default_factory=list)


class Soundness:
    """One campaign; the same seed makes the same one."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._generator = Generator(judging(), self._random)
        self.tally = Tally()

    def run(self, count: int) -> Tally:
        """Judges that many conditions."""
        for _ in range(count):
            expression = self._generator.expression("bool", self._random.choice((2, 3, 3, 4)))
            situation = drawn_situation(self._random)
            problem = self._problem(expression.text, situation, self.tally)
            if problem:
                self._note(expression, situation, problem)
        return self.tally

    def _note(self, expression: Expression, situation: Situation, problem: str) -> None:
        def fails(candidate: Expression) -> bool:
            found = self._problem(candidate.text, situation, Tally())
            return found.split(":")[0] == problem.split(":", maxsplit=1)[0]

        small = smallest(expression, fails).text
        said = self._problem(small, situation, Tally())
        given = "".join(f"\n    given: {dict(hole.given)}" for hole in situation.holes)
        self.tally.found.append(f"{small}\n    {said}{given}")

    def _problem(self, text: str, situation: Situation, tally: Tally) -> str:
        """What is wrong with the judgement of one condition, or nothing."""
        try:
            return self._judge(text, situation, tally)
        except AssertionError as error:
            return str(error)

    def _judge(self, text: str, situation: Situation, tally: Tally) -> str:
        try:
            program = compile_expression(text, JUDGED)
        except PolicyError as error:
            return f"refused: {error.message}"
        outcome = judged(program, situation.as_given())
        worlds = situation.worlds()
        tally.conditions += 1
        if outcome.deduction is None:
            return f"no derivation: {outcome.error}"
        if outcome.truth is None:
            return self._open(program, outcome, worlds, tally)
        tally.definite += 1
        if not outcome.witnesses:
            return "an answer without a witness"
        for world in worlds:
            said = judged(program, world)
            if said.truth is None and said.error:
                tally.lost += 1
                return ""
            if said.truth is not outcome.truth:
                return (
                    f"unsound: {outcome.truth}, but {said.truth} {said.error} with {_shown(world)}"
                )
        return ""

    def _open(
        self,
        program: Program,
        outcome: Outcome,
        worlds: list[tuple[House, Fields]],
        tally: Tally,
    ) -> str:
        if not outcome.reasons or not outcome.residual.startswith("PASS iff "):
            return f"open without reasons or residual: {outcome}"
        truths = [judged(program, world).truth for world in worlds]
        tally.open += 1
        tally.constant += len(set(truths)) == 1 and None not in truths
        left = _condition(outcome.residual.removeprefix("PASS iff "))
        if left is None:
            return ""
        tally.residuals += 1
        for world, truth in zip(worlds, truths, strict=True):
            if truth is not None and judged(left, world).truth is not truth:
                said = judged(left, world).truth
                return f"residual: {left.text} is {said}, the whole {truth} with {_shown(world)}"
        return ""


def _condition(text: str) -> Program | None:
    """The residual as a program if it is in the words of the language. The guard of what it reads
    may be in the part that is decided, and is not asked for."""
    try:
        return compile_expression(text, JUDGED)
    except PolicyError as error:
        if not re.search("may be absent|may have no value", error.message):
            return None
    root = parse(text)
    bound = {node.variable for node in every_node(root) if isinstance(node, Comprehension)}
    names = {node.name for node in every_node(root) if isinstance(node, Name)}
    if not names <= bound | {"resource", "params", "now"}:
        return None  # a value that is not known is spelt out
    return Program(text, root, frozenset(), frozenset())


def _shown(world: tuple[House, Fields]) -> str:
    subject, params = world
    names = ("a", "b", "i", "j", "d", "s", "t", "opt", "count", "tier_of", "xs", "words", "limits")
    fields = ", ".join(f"{name}={getattr(subject, name)!r}" for name in (*names, "doors", "front"))
    return f"{fields}, params={dict(params)}"

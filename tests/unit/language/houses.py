"""A kind made for tests of the language, and short ways to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from policyscan.language import LEFT, Environment, Outcome, compile_expression
from policyscan.resources.base import Origin, Part, ProofLevel, Resource
from policyscan.resources.network import Rule
from policyscan.values import Alternative, Many, Maybe, OneOf, Unknown, Why

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ORIGIN = Origin("test", ".", ".", None, ProofLevel.CONFIGURED)


class Door(Part):
    port: Maybe[int] = 0
    open: Maybe[bool] = False
    label: Maybe[str | None] = None
    names: Many[Maybe[str]] = ()


class House(Resource):
    kind: ClassVar[str] = "House"

    a: Maybe[bool] = True
    b: Maybe[bool] = False
    i: Maybe[int] = 0
    j: Maybe[int] = 1
    big: Maybe[int] = 2**63 - 1
    d: Maybe[float] = 1.5
    s: Maybe[str] = "x"
    t: Maybe[str] = "y"
    opt: Maybe[str | None] = None
    count: Maybe[int | None] = None
    tier: Maybe[Literal["high", "medium", "low"]] = "high"
    built: Maybe[datetime] = NOW - timedelta(days=100)
    warranty: Maybe[timedelta] = timedelta(hours=1)
    xs: Many[Maybe[int]] = ()
    words: Many[Maybe[str]] = ()
    doors: Many[Door] = ()
    front: Door | None = None
    limits: Maybe[Mapping[str, int]] = Field(default_factory=dict)
    rules: Many[Rule] = ()


PARAMS = {
    "n": "int",
    "ports": "list(string)",
    "names": "list(string)",
    "max_public": "map(string, int)",
    "by_tier": "map(string, int)",
}
VALUES = {
    "n": 3,
    "ports": ("22",),
    "names": ("x", "y"),
    "max_public": {"v4": 8, "v6": 16},
    "by_tier": {"high": 7, "medium": 30},
}
ENVIRONMENT = Environment(
    resource=House, params=PARAMS, context={"regions": "list(string)"}, kinds={"House": House}
)
SET = Environment(members=House, params=PARAMS, kinds={"House": House})


def house(address: str = "house.a", **fields: Any) -> House:
    return House(address=address, origin=ORIGIN, **fields)


def unknown(needs: str = "a value for var.x", **more: Any) -> Unknown:
    return Unknown(Why.VARIABLE_UNSET, needs, **more)


def one_of(question: str, **answers: Any) -> OneOf[Any]:
    """One value for each answer to a question."""
    alternatives = tuple(Alternative(v, ((question, a),)) for a, v in answers.items())
    return OneOf(alternatives, unknown(f"an answer to {question}"))


def judge(text: str, subject: House | None = None, **more: Any) -> Outcome:
    program = compile_expression(text, ENVIRONMENT)
    given: dict[str, Any] = {"params": VALUES, "now": NOW, **more}
    names = {**given, "resource": subject or house()}
    resources = names.pop("resources", None)
    outcome = program.proved(names, resources)
    quick = program.quick(names, resources)
    assert quick is LEFT or quick is outcome.truth, f"the tiers disagree: {quick}"
    return outcome


def truth(text: str, **fields: Any) -> bool | None:
    return judge(text, house(**fields)).truth

"""What generated expressions talk about: a kind, free variables of every type, and their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, ClassVar, Literal

from pydantic import Field

from policyscan.language import Environment
from policyscan.language.types import parse_type
from policyscan.resources.base import Origin, Part, ProofLevel, Resource
from policyscan.values import Many, Maybe

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ORIGIN = Origin("test", ".", ".", None, ProofLevel.CONFIGURED)


class Door(Part):
    port: Maybe[int] = 0
    open: Maybe[bool] = False
    label: Maybe[str | None] = None
    labels: Many[Maybe[str]] = ()


class House(Resource):
    kind: ClassVar[str] = "House"

    a: Maybe[bool] = True
    b: Maybe[bool] = False
    i: Maybe[int] = 0
    j: Maybe[int] = 1
    d: Maybe[float] = 1.5
    s: Maybe[str] = "x"
    t: Maybe[str] = "y"
    opt: Maybe[str | None] = None
    count: Maybe[int | None] = None
    tier_of: Maybe[Literal["high", "medium", "low"]] = "high"
    built: Maybe[datetime] = NOW - timedelta(days=100)
    lasts: Maybe[timedelta] = timedelta(hours=1)
    xs: Many[Maybe[int]] = ()
    words: Many[Maybe[str]] = ()
    doors: Many[Door] = ()
    front: Door | None = None
    limits: Maybe[Mapping[str, Maybe[int]]] = Field(default_factory=dict)


def house(**fields: Any) -> House:
    return House(address="house.a", origin=ORIGIN, **fields)


VARIABLES = {
    "vb": "bool",
    "vi": "int",
    "vj": "int",
    "vd": "double",
    "vs": "string",
    "vt": "string",
    "at": "timestamp",
    "span": "duration",
    "bools": "list(bool)",
    "ints": "list(int)",
    "doubles": "list(double)",
    "strings": "list(string)",
    "times": "list(timestamp)",
    "spans": "list(duration)",
    "nested": "list(list(int))",
    "mb": "map(string, bool)",
    "mi": "map(string, int)",
    "md": "map(string, double)",
    "ms": "map(string, string)",
    "mt": "map(string, timestamp)",
    "mp": "map(string, duration)",
    "ml": "map(string, list(int))",
}
"""Spelling of the type of each free variable."""

KNOWN = Environment(
    resource=House,
    kinds={"House": House},
    variables={name: parse_type(kind) for name, kind in VARIABLES.items()},
)
"""For expressions of any type over known values."""

PARAMS: Mapping[str, object] = {"n": 1, "names": ("x", "y"), "limits": {"v4": 8, "x": 1}}
JUDGED = Environment(
    resource=House,
    params={"n": "int", "names": "list(string)", "limits": "map(string, int)"},
    kinds={"House": House},
)
"""For conditions of policies."""

POOLS: Mapping[str, tuple[Any, ...]] = {
    "bool": (True, False),
    "int": (*(0, 0, 1, 1, 2, 2, 3, -1, -7, 10, 63), 2**31, 2**53 + 1, 2**63 - 1, -(2**63)),
    "double": (0.0, -0.0, 1.0, 1.5, -2.5, 1e308, 5e-324, 2.0**53, float("inf"), float("nan")),
    # No NUL, at which the oracle cuts a text; nothing that C++ alone takes for a double (0x1f,
    # 1e400) or a timestamp (a leap second).
    "string": (
        *(
            "",
            "a",
            "b",
            "A",
            "abc",
            "x.y",
            "a,b,c",
            "日本",
            "é𝒳",
            "e\u0301",
            " pad\t",
            "\x01",
            "\x7f",
        ),
        *("1", "-5", "1.5", "1e300", "true", "9223372036854775808", "10.0.0.0/8", "::1"),
        *("1h", "-1.5s", "2026-01-31T00:00:00Z", "a\nb", "İß"),
    ),
    "timestamp": (
        NOW,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2024, 2, 29, 23, 59, 59, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC),
    ),
    "duration": (
        timedelta(),
        timedelta(microseconds=1),
        timedelta(hours=1),
        timedelta(seconds=-1.5),
        timedelta(days=30),
        timedelta(days=-106000),
        timedelta(days=106000),
    ),
}
"""Values at which things break."""
KEYS = ("a", "a", "k", "k", "", "x.y", "日本")


def draw(kind: str, random: Random) -> Any:
    """A value of the type that `kind` spells."""
    if kind in POOLS:
        return random.choice(POOLS[kind])
    if kind.startswith("list("):
        return tuple(draw(kind[5:-1], random) for _ in range(random.choice((0, 1, 2, 2, 3))))
    keys = random.sample(KEYS, random.choice((0, 2, 3, 4, 5)))
    return {key: draw(kind[len("map(string, ") : -1], random) for key in keys}


def drawn_house(random: Random) -> House:
    """A house with everything known."""
    return house(
        a=draw("bool", random),
        b=draw("bool", random),
        i=draw("int", random),
        j=draw("int", random),
        d=draw("double", random),
        s=draw("string", random),
        t=draw("string", random),
        opt=_perhaps(draw("string", random), random),
        count=_perhaps(draw("int", random), random),
        built=draw("timestamp", random),
        lasts=draw("duration", random),
        xs=draw("list(int)", random),
        words=draw("list(string)", random),
        doors=tuple(drawn_door(random) for _ in range(random.randint(0, 3))),
        front=_perhaps(drawn_door(random), random),
        limits=draw("map(string, int)", random),
    )


def _perhaps(value: Any, random: Random) -> Any:
    return value if random.random() < 0.6 else None


def drawn_door(random: Random) -> Door:
    return Door(
        port=draw("int", random),
        open=draw("bool", random),
        label=draw("string", random) if random.random() < 0.5 else None,
        labels=draw("list(string)", random),
    )


def drawn_values(random: Random) -> dict[str, Any]:
    """A value for every free variable, and a house."""
    values = {name: draw(kind, random) for name, kind in VARIABLES.items()}
    return {"now": NOW, "resource": drawn_house(random), **values}

"""The slow tier alone, and a proof as one line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from houses import NOW, Door, House, house, unknown
from msgspec import Struct

from policyscan.language.optionals import Perhaps
from policyscan.language.proving.evaluator import PROVERS
from policyscan.language.proving.walk import Failure, Frame, Proof, Table, Walk
from policyscan.language.proving.worlds import World
from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import Literal, written
from policyscan.resources.base import Resource
from policyscan.resources.network import Rule
from policyscan.values import PartialList, Ref, Unknown

STEPS = 1_000
AROUND = Frame("around", Proof(7, Literal(0, 0, 7), None), None)
"""The frame in which all is proved: whatever is proved in it says so."""
SUBJECT = house(
    i=4,
    b=unknown("b"),
    j=unknown("j"),
    s=Ref("aws_key.k", "arn"),
    opt=None,
    count=unknown("count"),
    xs=(1, 2),
    words=PartialList(("a", "b"), unknown("more words")),
    doors=(Door(port=22, names=("m", "n")), Door(port=unknown("port"), open=True, label="back")),
    front=Door(port=80, label="main"),
    limits={"k": 8},
    rules=PartialList(
        (
            Rule(protocol="tcp", from_port=443, to_port=443, cidrs=("10.0.0.0/8",)),
            Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("10.0.0.0/8", "0.0.0.0/0")),
        ),
        unknown("more rules"),
    ),
)
OTHERS = (
    house("house.b", i=5),
    house(
        "house.c",
        i=6,
        xs=(9,),
        count=unknown("count of c"),
        rules=(Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("0.0.0.0/0",)),),
    ),
)
BARE: dict[str, object] = {
    "gone": Ref("aws_key.gone[?]"),
    "key": Ref("aws_kms_key.key", "arn"),
    "piece": unknown("piece", fragments=("ab",)),
    "door": Door(port=80),
    "numbers": (unknown("first"), 3),
    "table": {"k": unknown("k")},
    "ruled": OTHERS[1].rules,
}
"""Variables, whose values stand at no place of a resource."""
PARAMS = {"n": 3, "table": {"k": 1}, "ports": ("22",), "public": {"v4": 8, "v6": 16}}


class Proved(Struct, frozen=True):
    """What came of it."""

    proof: Proof
    walk: Walk
    allowed: int

    @property
    def cost(self) -> int:
        return self.allowed - self.walk.steps

    @property
    def touched(self) -> list[str]:
        return sorted(f"{owner}:{path}" for owner, path in self.walk.touched)


def prove(
    text: str,
    subject: House | None = SUBJECT,
    steps: int = STEPS,
    resources: Callable[[str], object] | None = lambda _: OTHERS,
    **names: Any,
) -> Proved:
    """The proof of an expression, unchecked, about one house."""
    given = {
        "resource": subject,
        "now": NOW,
        "params": Table("params", PARAMS),
        "context": Table("context", {}),
        **BARE,
        **names,
    }
    walk = Walk(PROVERS, given, resources, World(), steps)
    return Proved(walk.prove(parse(text), AROUND), walk, steps)


def shown(proof: Proof) -> str:
    """`text = value`, `{variables around it}`, `@ place` and `<- what it rests on`."""
    assert isinstance(proof.parts, tuple)
    line = f"{written(proof.node)} = {value_text(proof.value)}"
    names = []
    frame = proof.frame
    while frame is not None and frame is not AROUND:
        names.append(frame.name)
        frame = frame.outer
    if names or frame is None:
        line += f" {{{', '.join(names)}{'' if frame else '?'}}}"
    if proof.path is not None:
        line += f" @{proof.owner and proof.owner + ':'}{proof.path}"
    if proof.parts:
        line += f" <- ({'; '.join(map(shown, proof.parts))})"
    return line


def value_text(value: object) -> str:
    """A value, known or not: `?why` for an unknown, `!what` for an error of CEL."""
    if isinstance(value, Unknown):
        return f"{'!' if isinstance(value, Failure) else '?'}<{value.needs}>"
    if isinstance(value, PartialList):
        return f"{value_text(value.known)}+{value_text(value.unknown)}"
    if isinstance(value, Perhaps):
        return f"some {value_text(value.value)}" if value.present else "none"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, Resource):
        return value.address
    if isinstance(value, (Door, Rule)):
        return type(value).__name__
    return str(value) if isinstance(value, Ref) else repr(value)


def told(found: Proved) -> str:
    """The steps that it took, and what it read."""
    reads = ", ".join(found.touched) if len(found.touched) < 9 else f"{len(found.touched)} places"
    return f"{found.cost} steps" + (f"; reads {reads}" if reads else "")

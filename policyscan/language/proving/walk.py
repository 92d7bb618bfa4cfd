"""What one evaluation carries with it: proofs, variables, the world it assumes, and its budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policyscan.language.functions.arithmetic import Fault, TooLarge
from policyscan.language.proving.worlds import World
from policyscan.language.syntax.tree import Comprehension, ListLiteral, Node, literal_text, written
from policyscan.resources.base import Resource
from policyscan.values import OneOf, PartialList, Ref, Undetermined, Unknown, Why, reason_of

MAX_STEPS = 100_000
MAX_MEMBERS = 10_000
"""Members of a list that an expression makes."""


class Exhausted(Exception):  # noqa: N818 - a limit, not an error of the policy
    """The evaluation took more steps than it may."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Failure(Unknown):
    """An error of CEL: the operation has no result on these values, whatever is not known. What is
    merely not known may turn out to be anything, so `&&` and `||` prefer it; whatever needs all of
    its parts, a call or a list, fails if one of them does."""


class Frame:
    """One variable of a macro, and the frame around it."""

    __slots__ = ("name", "outer", "proof")

    def __init__(self, name: str, proof: Proof, outer: Frame | None) -> None:
        self.name = name
        self.proof = proof
        self.outer = outer


class Proof:
    """The value of a node and what it rests on.

    `parts` are the proofs that decided it, or for an open value those that are open themselves.
    `path` is the place inside a resource that the value was read from, None for a value made here;
    `owner` is the address of that resource, empty for the one that is judged.
    """

    __slots__ = ("frame", "node", "owner", "parts", "path", "value")

    def __init__(
        self,
        value: object,
        node: Node,
        frame: Frame | None,
        parts: tuple[Proof, ...] = (),
        *,
        path: str | None = None,
        owner: str = "",
    ) -> None:
        self.value = value
        self.node = node
        self.frame = frame
        self.parts = parts
        self.path = path
        self.owner = owner


class Table:
    """`params` or `context`: what was not stated is unknown, never empty."""

    def __init__(self, name: str, values: Mapping[str, object]) -> None:
        self.name = name
        self.values = values

    def get(self, key: str) -> object:
        """The value of `key`, or the Unknown that asks for it."""
        if key in self.values:
            return self.values[key]
        return Unknown(Why.UNDECLARED, f"a value for {self.name}.{key}")


Prover = Callable[["Walk", Any, "Frame | None"], Proof]


class Walk:
    """One evaluation in one world."""

    def __init__(
        self,
        provers: Mapping[type[Node], Prover],
        names: Mapping[str, object],
        resources: Callable[[str], object] | None,
        world: World,
        steps: int,
    ) -> None:
        self._provers = provers
        self.names = names
        self.resources = resources
        self.world = world
        self.steps = steps
        """How many more steps it may take."""
        self.touched: set[tuple[str, str]] = set()
        """Owner and path of every value read."""
        self.units: dict[str, set[str]] = {}
        """By the addresses of other resources that were looked at, their units."""

    def prove(self, node: Node, frame: Frame | None = None) -> Proof:
        """The proof of one node. Raises Split and Exhausted."""
        self.steps -= 1
        if self.steps < 0:
            raise Exhausted
        return self._provers[node.__class__](self, node, frame)

    def charge(self, work: int) -> None:
        """Takes `work` steps off the budget. Raises Exhausted."""
        self.steps -= work
        if self.steps < 0:
            raise Exhausted

    def settled(self, value: object) -> object:
        """The value in this world: anything but a `OneOf`. Raises Split."""
        while isinstance(value, OneOf):
            value = self.world.settle(value)
        return value

    def read(
        self, value: object, step: str, owner: Proof, node: Node, frame: Frame | None
    ) -> Proof:
        """The proof of a value that stands at `step` inside `owner`."""
        value = self.settled(value)
        if owner.path is None:
            return Proof(value, node, frame)
        path = owner.path + step if owner.path else step.removeprefix(".")
        self.touched.add((owner.owner, path))
        return Proof(value, node, frame, path=path, owner=owner.owner)

    def members(self, source: Proof, node: Node, frame: Frame | None) -> Iterator[Proof]:
        """The known members of a list, or the keys of a map, each with its own place."""
        value = source.value
        if isinstance(value, Mapping):
            for key in value:
                yield Proof(key, node, frame)
        elif made_here(source):
            yield from source.parts
        else:
            for number in range(len(known_members(value))):
                yield self.member(source, number, node, frame)

    def member(self, source: Proof, number: int, node: Node, frame: Frame | None) -> Proof:
        """Member `number` of the known ones of a list."""
        if made_here(source):
            return source.parts[number]
        item = known_members(source.value)[number]
        if isinstance(item, Resource):
            self.units.setdefault(item.address, set()).add(item.origin.unit)
            return Proof(item, node, frame, path="", owner=item.address)
        return self.read(item, f"[{number}]", source, node, frame)


def made_here(source: Proof) -> bool:
    """Whether a list was made by the expression, so that its parts are its members."""
    return source.path is None and isinstance(source.node, (ListLiteral, Comprehension))


def is_list(value: object) -> bool:
    """Whether it is a list of which at least some members are known."""
    return isinstance(value, (tuple, list, PartialList))


def known_members(value: Any) -> Any:
    """The members of a list that are known."""
    return value.known if isinstance(value, PartialList) else value


def reason(value: object, node: Node) -> Unknown:
    """Why an operation at `node` has no answer on `value`."""
    if isinstance(value, Failure):
        return value
    if isinstance(value, (Unknown, OneOf, Ref, PartialList)):
        return reason_of(value).derived  # pieces of a text are not pieces of what is made of it
    return fault(node, "null has no value" if value is None else "a value of another type")


def fault(node: Node, what: str) -> Failure:
    """The reason that an error at `node` leaves."""
    return Failure(Why.EVALUATION_ERROR, f"{what} in {written(node)[:200]}")


def failure(parts: Iterable[Proof]) -> Proof | None:
    """The first of these that is an error."""
    return next((part for part in parts if isinstance(part.value, Failure)), None)


def foremost(parts: Iterable[Proof]) -> Proof:
    """Of parts that are open, the one that says why the whole is: an error only if all are."""
    found = tuple(parts)
    return next((part for part in found if not isinstance(part.value, Failure)), found[0])


def limited(members: tuple[Any, ...]) -> tuple[Any, ...]:
    """The members of a list that is made. Raises Undetermined if they are too many."""
    if len(members) > MAX_MEMBERS:
        raise Undetermined(Unknown(Why.BUDGET, f"a list of at most {MAX_MEMBERS} members"))
    return members


def computed(
    walk: Walk,
    node: Node,
    frame: Frame | None,
    parts: tuple[Proof, ...],
    work: Callable[[], object],
) -> Proof:
    """The proof of what `work` gives; its Fault becomes the reason of an open value."""
    try:
        value = work()
    except TooLarge as error:
        raise Undetermined(Unknown(Why.BUDGET, str(error))) from None
    except Fault as error:
        value = fault(node, str(error))
    if isinstance(value, str):
        walk.charge(len(value) // 16)
    return Proof(value, node, frame, parts)


def key_text(key: object) -> str:
    """The step into a map: `["Name"]`."""
    return f"[{literal_text(key if isinstance(key, (str, bool, int)) else str(key))}]"

"""Why an answer is what it is: every sub-expression with its value, those that decide marked.

A proof holds only what decides. So the condition is evaluated once more, in the same world, and
what is met on the way is recorded; what is not met was not needed. The tree is as wide, as deep and
as large as the limits below allow, what decides first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import Any

from msgspec import Struct

from policyscan.language.explaining.recording import Recording
from policyscan.language.explaining.telling import place_text, shown, spelt, told
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.proving.walk import Frame, Proof, Walk, is_list, known_members, reason
from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Has,
    Literal,
    Logic,
    Node,
    Resources,
    Ternary,
    Unary,
)
from policyscan.values import OneOf, PartialList, Ref, Unknown

MAX_NODES = 40
"""Of one tree."""
MAX_DEPTH = 12
"""Levels below the root."""
MAX_MEMBERS = 3
"""Members of a list that are shown under one macro."""
MAX_CASES = 4
"""Worlds that are shown."""
_QUANTIFIERS = {"all": False, "exists": True}
"""Macros for which one member can decide, with the value that does."""


_UNMET = "not needed"


class Deduction(Struct, frozen=True):
    """One sub-expression as it was evaluated."""

    expression: str
    """In the canonical spelling."""
    value: str
    """As the language writes it; empty if it was not needed."""
    decides: bool
    """Whether the value of the whole rests on it."""
    label: str = ""
    """What it is about, where the expression does not say: the member that a variable stands for
    (`r = resource.ingress[3]`), or the case (`if account tier is high`)."""
    path: str = ""
    """The place inside a resource that the value was read from; empty if it was made."""
    address: str = ""
    """Of that resource; empty for the one that is judged."""
    note: str = ""
    """What the function says about it: `port 22 is reachable`."""
    opened: tuple[Unknown, ...] = ()
    """Why it is not known, where none of the parts says so."""
    rest: str = ""
    """What is not among the parts: `17 more members, all true`."""
    parts: tuple[Deduction, ...] = ()


def deduced(walk: Walk, proof: Proof) -> Deduction:
    """The tree of the condition that `walk` evaluated to `proof`."""
    recording, root = Recording(walk), proof.node
    again = recording.root_proof(root)
    if again is None:
        return Deduction(spelt(root), shown(proof.value), True, rest="more steps than can be told")
    return _Tree(recording, root, again).grown()


def of_cases(root: Node, truth: bool | None, cases: Sequence[tuple[str, Deduction]]) -> Deduction:
    """The tree of a condition that was tried in several worlds, each with its assumptions."""
    settled = shown(truth)
    order = sorted(cases, key=lambda case: case[1].value == "true")
    share = MAX_NODES // min(len(cases), MAX_CASES)
    parts = tuple(_case(words, one, share) for words, one in order[:MAX_CASES])
    left = Counter(one.value for _, one in order[MAX_CASES:])
    value = settled if truth is not None else "unknown"
    return Deduction(spelt(root), value, True, rest=_rest("case", left), parts=parts)


def _case(words: str, one: Deduction, share: int) -> Deduction:
    return Deduction(
        one.expression,
        one.value,
        one.decides,
        f"if {words}",
        opened=one.opened,
        rest=one.rest,
        parts=_trimmed(one.parts, share - 1),
    )


def _trimmed(parts: tuple[Deduction, ...], share: int) -> tuple[Deduction, ...]:
    """At most `share` of the nodes, level by level."""
    kept: dict[int, list[Deduction]] = {}
    level = [(id(parts), one) for one in parts]
    while level and share > 0:
        below: list[tuple[int, Deduction]] = []
        for holder, one in level[:share]:
            kept.setdefault(holder, []).append(one)
            below.extend((id(one), part) for part in one.parts)
        share -= len(level)
        level = below
    return tuple(_with(one, kept) for one in kept.get(id(parts), ()))


def _with(one: Deduction, kept: dict[int, list[Deduction]]) -> Deduction:
    parts = kept.get(id(one), [])
    if len(parts) == len(one.parts) and not parts:
        return one
    lost = len(one.parts) - len(parts)
    rest = "; ".join(filter(None, (one.rest, f"{lost} more not shown" if lost else "")))
    made = tuple(_with(part, kept) for part in parts)
    return Deduction(
        one.expression, one.value, one.decides, one.label, one.path, one.address, one.note,
        one.opened, rest, made,
    )  # fmt: skip


class _Branch:
    """A node of the tree while it grows."""

    __slots__ = ("address", "decides", "frame", "label", "node", "note", "parts", "path", "proof",
                 "rest", "text")  # fmt: skip

    def __init__(
        self,
        node: Node,
        frame: Frame | None,
        proof: Proof | None,
        decides: bool,
        label: str = "",
        note: str = "",
    ) -> None:
        self.node = node
        self.frame = frame
        self.proof = proof
        """None if it was not evaluated."""
        self.decides = decides
        self.label = label
        self.note = note
        self.text = ""
        """What stands for the node, if it is none of the condition."""
        self.rest = ""
        self.parts: list[_Branch] = []

    @property
    def value(self) -> object:
        """Its value; None also if it was not evaluated."""
        return self.proof.value if self.proof is not None else None


class _Tree:
    """Grows the tree, what decides before the rest and what is near the root before the leaves."""

    def __init__(self, recording: Recording, root: Node, proof: Proof) -> None:
        self._recording = recording
        self._root = _Branch(root, None, proof, True)
        self._size = 1
        """Nodes so far."""
        self._count = 0
        self._queue: list[tuple[bool, int, int, _Branch]] = []

    def grown(self) -> Deduction:
        """The whole tree."""
        self._enqueue(self._root, 0)
        while self._queue:
            _, depth, _, branch = heappop(self._queue)
            for part in self._kept(branch, self._parts(branch)):
                branch.parts.append(part)
                if depth + 1 < MAX_DEPTH and part.proof is not None:
                    self._enqueue(part, depth + 1)
        return _finished(self._root)

    def _enqueue(self, branch: _Branch, depth: int) -> None:
        heappush(self._queue, (not branch.decides, depth, self._count, branch))
        self._count += 1

    def _kept(self, branch: _Branch, parts: list[_Branch]) -> list[_Branch]:
        """The parts for which there is room: of too many, those that decide."""
        room = MAX_NODES - self._size
        self._size += min(len(parts), room)
        if len(parts) <= room:
            return parts
        chosen = sorted(parts, key=lambda part: not part.decides)[: max(room, 0)]
        more = f"{len(parts) - len(chosen)} more not shown"
        branch.rest = f"{branch.rest}; {more}" if branch.rest else more
        return [part for part in parts if part in chosen]

    def _parts(self, branch: _Branch) -> list[_Branch]:
        node, proof = branch.node, branch.proof
        if proof is None or branch.text or (not branch.decides and _is_plain(node, proof.value)):
            return []
        if isinstance(node, Comprehension):
            return self._of_macro(branch, node, proof)
        if isinstance(node, Call) and _is_lifted(node):
            return self._of_lifted(branch, node, proof)
        if isinstance(node, Has):
            return []
        parts = [self._branch(child, branch) for child in told(node)]
        self._decide(branch, parts)
        return parts

    def _branch(self, node: Node, parent: _Branch) -> _Branch:
        proof = self._recording.proof_of(node, parent.frame)
        return _Branch(node, parent.frame, proof, False)

    def _decide(self, branch: _Branch, parts: list[_Branch]) -> None:
        """Marks the parts on which the value of a branch that decides rests."""
        if not branch.decides:
            return
        met = [part for part in parts if part.proof is not None]
        if isinstance(branch.node, Logic) and isinstance(branch.value, bool):
            chosen = [part for part in met if part.value is branch.value]
        elif isinstance(branch.value, bool):
            chosen = met
        else:
            opened = [part for part in met if _is_open(part.value)]
            chosen = opened if opened and _is_open(branch.value) else met
        for part in chosen:
            part.decides = True

    # -- macros --------------------------------------------------------------------------------

    def _of_macro(self, branch: _Branch, node: Comprehension, proof: Proof) -> list[_Branch]:
        """The list, the members that decide, and how many others there are."""
        source = self._branch(node.range, branch)
        bodies = [
            _Branch(node.body, frame, body, False, self._label(frame))
            for frame, body in self._recording.bodies(node, branch.frame)
        ]
        chosen = _chosen(node.macro, proof.value, bodies)
        shown = chosen[:MAX_MEMBERS]
        one_decides = node.macro in _QUANTIFIERS and proof.value is _QUANTIFIERS[node.macro]
        for body in shown:
            body.decides = branch.decides
        undecided = _is_open(proof.value) and bool(shown) and not _is_open(source.value)
        source.decides = branch.decides and not one_decides and not undecided
        left = Counter(_word(body.value) for body in bodies if body not in shown)
        unmet = _number(source.value) - len(bodies)
        if unmet > 0:
            left[_UNMET] += unmet
        branch.rest = _rest("more member" if shown else "member", left)
        return [source, *shown]

    def _label(self, frame: Frame) -> str:
        member = frame.proof
        if member.path is None:
            return f"{frame.name} = {shown(member.value)}"
        return f"{frame.name} = {place_text(member.path, member.owner)}"

    # -- lifted functions ----------------------------------------------------------------------

    def _of_lifted(self, branch: _Branch, node: Call, proof: Proof) -> list[_Branch]:
        """What the function points at, then its arguments."""
        clues = []
        for part in proof.parts:
            if isinstance(part.node, Literal) and part.node not in node.arguments:
                clue = _Branch(part.node, part.frame, part, branch.decides)
                clue.note = str(part.node.value)
                clue.text = (
                    place_text(part.path, part.owner) if part.path is not None else spelt(node)
                )
                clues.append(clue)
        arguments = [self._branch(child, branch) for child in told(node)]
        if not clues:
            self._decide(branch, arguments)
        left = len(clues) - MAX_MEMBERS
        branch.rest = f"{left} more of the kind" if left > 0 else ""
        return clues[:MAX_MEMBERS] + arguments


def _is_lifted(node: Call) -> bool:
    function = FUNCTIONS.get(node.function)
    return function is not None and function.lifted


def _is_plain(node: Node, value: object) -> bool:
    """Whether the value of a node tells that of its part: `!x`, or `x == "a"` that is true."""
    if isinstance(node, Unary):
        return isinstance(value, bool) and not told(node.operand)
    is_same = isinstance(node, Binary) and node.operator == "==" and value is True
    return is_same and len(told(node)) == 1


def _chosen(macro: str, value: object, bodies: list[_Branch]) -> list[_Branch]:
    """The members that a macro rests on, the most telling first."""
    if isinstance(value, bool) and macro in _QUANTIFIERS:
        return [body for body in bodies if body.value is value]
    if not isinstance(value, bool) and _is_open(value):
        undecided = [body for body in bodies if _is_open(body.value)]
        if undecided or macro in _QUANTIFIERS:
            return undecided
    if macro == "map":
        return bodies
    return [body for body in bodies if body.value is True]


def _number(value: object) -> int:
    """The known members of a list; 0 of anything else."""
    return len(known_members(value)) if is_list(value) else 0


def _rest(noun: str, left: Counter[str]) -> str:
    """`17 more members, all true`, `3 members: 2 true, 1 not needed`."""
    number = left.total()
    if not number:
        return ""
    counted = f"{number} {noun}" if number == 1 else f"{number} {noun}s"
    if len(left) == 1:
        word = next(iter(left))
        return f"{counted}, all {word}" if number > 1 and word != _UNMET else f"{counted}, {word}"
    return f"{counted}: " + ", ".join(f"{n} {word}" for word, n in left.items())


def _word(value: object) -> str:
    """The value of a body, in a count."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "unknown" if _is_open(value) else "with a value"


def _is_open(value: object) -> bool:
    return isinstance(value, (Unknown, OneOf, Ref, PartialList))


# -- what comes of it --------------------------------------------------------------------------


def _finished(branch: _Branch) -> Deduction:
    """The branch as it is handed out; no deeper than `MAX_DEPTH`."""
    parts = tuple(map(_finished, branch.parts))
    proof = branch.proof
    expression = branch.text or spelt(branch.node)
    if proof is None:
        return Deduction(expression, "", False, branch.label)
    path, address = _place(branch.node, proof)
    return Deduction(
        expression,
        shown(proof.value),
        branch.decides,
        branch.label,
        path,
        address,
        branch.note,
        _reasons(branch, proof),
        branch.rest,
        parts,
    )


def _place(node: Node, proof: Proof) -> tuple[str, str]:
    """Where the value was read; of `has(x)` that does not hold, where `x` would stand."""
    if isinstance(node, Has) and proof.parts and proof.value is not True:
        proof = proof.parts[0]
    made = proof.path is None or isinstance(node, (Resources, Ternary))
    return ("", "") if made else (proof.path or "", proof.owner)


def _reasons(branch: _Branch, proof: Proof) -> tuple[Unknown, ...]:
    """Why a value is not known, unless one of its parts says so."""
    if not _is_open(proof.value) or any(_is_open(part.value) for part in branch.parts):
        return ()
    own = (part.value for part in proof.parts if part.node is branch.node)
    found: Iterable[Any] = (each for each in own if isinstance(each, Unknown))
    return tuple(found)[:MAX_MEMBERS] or (reason(proof.value, branch.node),)

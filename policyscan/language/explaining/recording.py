"""An evaluation that keeps the proof of everything it meets."""

from __future__ import annotations

from policyscan.language.proving.evaluator import PROVERS
from policyscan.language.proving.walk import Exhausted, Frame, Proof, Walk
from policyscan.language.syntax.tree import Comprehension, Node
from policyscan.values import Undetermined

MAX_STEPS = 25_000
"""Of an evaluation that is told step by step; a verdict may take more."""


class Recording(Walk):
    """A walk like another one, in the same world, with a budget of its own."""

    def __init__(self, walk: Walk) -> None:
        super().__init__(PROVERS, walk.names, walk.resources, walk.world, MAX_STEPS)
        self._proofs: dict[tuple[int, int], Proof] = {}
        """By node and frame, each by its identity."""
        self._frames: list[Frame] = []
        """All of them, so that no identity is given twice."""
        self._bodies: dict[tuple[int, int], list[tuple[Frame, Proof]]] = {}

    def root_proof(self, root: Node) -> Proof | None:
        """The proof of the whole; None for one that takes too many steps to be told."""
        try:
            return self.prove(root)
        except Exhausted:
            return None
        except Undetermined as error:
            return Proof(error.unknown, root, None)

    def prove(self, node: Node, frame: Frame | None = None) -> Proof:
        """The proof, recorded."""
        if isinstance(node, Comprehension):
            self._bodies[id(node.body), id(frame)] = []
        proof = super().prove(node, frame)
        self._proofs[id(node), id(frame)] = proof
        if frame is not None:
            bodies = self._bodies.get((id(node), id(frame.outer)))
            if bodies is not None and (not bodies or bodies[-1][0] is not frame):
                bodies.append((frame, proof))
                self._frames.append(frame)
        return proof

    def proof_of(self, node: Node, frame: Frame | None) -> Proof | None:
        """What was found for a node; None if it was not met."""
        return self._proofs.get((id(node), id(frame)))

    def bodies(self, node: Comprehension, frame: Frame | None) -> list[tuple[Frame, Proof]]:
        """The members of a macro that were met, and what its body was for each."""
        return self._bodies.get((id(node.body), id(frame)), [])

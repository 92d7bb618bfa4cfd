"""Bytes to the concrete syntax tree of tree-sitter, within a budget."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Point, Tree

SECONDS = 2.0
"""CPU time that one file may take."""
MAX_NODES = 1_000_000
"""Nodes of the concrete tree; a file of 5 MB has about as many."""

_CHUNK = 4096
_SMALL = 1 << 16


class OverBudgetError(Exception):
    """The text takes too long or has too many nodes; the message says which."""


class Budget:
    """CPU time of the current thread, counted from the creation of the object."""

    def __init__(self) -> None:
        self._end = time.thread_time() + SECONDS

    def check(self) -> None:
        """Raise `OverBudgetError` once the time is used up."""
        if time.thread_time() > self._end:
            raise OverBudgetError(f"reading takes longer than {SECONDS} seconds")


def parse(data: bytes, budget: Budget) -> Node:
    """The root of the concrete tree of `data`; raises `OverBudgetError`."""
    budget.check()
    root = _tree(data, budget).root_node
    budget.check()
    if root.descendant_count > MAX_NODES:
        raise OverBudgetError(f"the text has more than {MAX_NODES} syntax nodes")
    return root


def _tree(data: bytes, budget: Budget) -> Tree:
    parser = _parser()
    if len(data) <= _SMALL:
        return parser.parse(data)

    def chunk(offset: int, _point: Point) -> bytes:
        # The only place at which a running parse can be stopped: it asks for the next bytes.
        budget.check()
        return data[offset : offset + _CHUNK]

    try:
        return parser.parse(chunk)
    finally:
        parser.reset()


@cache
def _parser() -> Parser:
    from tree_sitter import Language, Parser
    from tree_sitter_hcl import language

    return Parser(Language(language()))

"""A plugin of pytest: runs the tests once, and then, in a process of its own for each mutant,
those that reach it, until one fails. What killed most mutants of a function goes first."""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.switch import State, reached
from tests.mutants.tree import Mutant

_SURVIVES, _DIES = 0, 1


def pytest_runtestloop(session: pytest.Session) -> bool:
    mutants = msgspec.json.decode(Path("mutants.json").read_bytes(), type=list[Mutant])
    arena = Arena(session.items)
    for number, mutant in enumerate(mutants, 1):
        if len(arena.running) == int(os.environ["JOBS"]):
            arena.collect()
        arena.send(mutant)
        if number % 100 == 0:
            print(f"{number} of {len(mutants)}", file=sys.__stderr__, flush=True)
    while arena.running:
        arena.collect()
    Path("verdicts.json").write_bytes(msgspec.json.encode(arena.verdicts))
    return True


class Arena:
    """The tests, the mutants that run, and what came of those that did."""

    def __init__(self, items: list[pytest.Item]) -> None:
        self._items = items
        self._seconds = dict(_rehearsed(items))
        self._kills: Counter[str] = Counter()
        self._kills_of: Counter[tuple[str, str]] = Counter()
        self.running: dict[int, tuple[Mutant, int]] = {}
        self.verdicts: dict[str, str] = {}
        gc.freeze()  # else each child copies all that its collector looks at

    def send(self, mutant: Mutant) -> None:
        """Starts a process for a mutant, which writes the name of the test that fails."""
        tests = [item for item in self._items if item.nodeid in reached[mutant.function]]
        tests.sort(key=lambda item: self._rank(mutant, item.nodeid))
        allowed = 5 + 5 * sum(self._seconds[item.nodeid] for item in tests)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            _challenge(mutant, tests, int(allowed), write)
        os.close(write)
        self.running[child] = mutant, read

    def collect(self) -> None:
        """Waits for one of them."""
        child, status = os.wait()
        mutant, pipe = self.running.pop(child)
        with os.fdopen(pipe) as file:
            killer = file.read()
        code = os.waitstatus_to_exitcode(status)
        self._kills[killer] += 1
        self._kills_of[mutant.function, killer] += 1
        said = {_SURVIVES: "survived", _DIES: "killed"}.get(code, "timeout")
        self.verdicts[f"{mutant.module}.{mutant.name}"] = said

    def _rank(self, mutant: Mutant, test: str) -> tuple[float, float, float]:
        return -self._kills_of[mutant.function, test], -self._kills[test], self._seconds[test]


def _rehearsed(items: list[pytest.Item]) -> Iterator[tuple[str, float]]:
    """How long each test takes where nothing is wrong."""
    for item, following in pairwise((*items, None)):
        assert item is not None
        State.test = item.nodeid
        begin = time.perf_counter()
        failed = _fails(item, following)
        yield item.nodeid, time.perf_counter() - begin
        if failed:
            pytest.exit(f"{item.nodeid} fails without any mutant", 3)
    State.test = ""


def _fails(item: pytest.Item, following: pytest.Item | None) -> bool:
    return any(report.failed for report in runtestprotocol(item, nextitem=following, log=False))


def _challenge(mutant: Mutant, tests: list[pytest.Item], seconds: int, pipe: int) -> None:
    """Ends the process, with the verdict on the mutant."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    State.module, State.mutant = mutant.module, mutant.name
    code = _DIES
    try:
        killers = (item for item, then in pairwise((*tests, None)) if item and _fails(item, then))
        killer = next(killers, None)
        os.write(pipe, b"" if killer is None else killer.nodeid.encode())
        code = _SURVIVES if killer is None else _DIES
    finally:
        os._exit(code)

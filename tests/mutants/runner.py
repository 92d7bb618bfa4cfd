"""A plugin of pytest: runs the tests once, and then, in a process of its own for each mutant,
those that reach it, the fastest first, until one fails."""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections.abc import Iterator
from itertools import pairwise, starmap
from pathlib import Path

import msgspec
import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.switch import State, reached
from tests.mutants.tree import Mutant

_SURVIVES, _DIES = 0, 1


def pytest_runtestloop(session: pytest.Session) -> bool:
    mutants = msgspec.json.decode(Path("mutants.json").read_bytes(), type=list[Mutant])
    seconds = dict(_rehearsed(session.items))
    items = sorted(session.items, key=lambda item: seconds[item.nodeid])
    verdicts: dict[str, str] = {}
    gc.freeze()  # else each child copies what its collector looks at
    running: dict[int, Mutant] = {}
    for mutant in mutants:
        if len(running) == int(os.environ["JOBS"]):
            _collect(running, verdicts)
        tests = [item for item in items if item.nodeid in reached[mutant.function]]
        allowed = 5 + 5 * sum(seconds[item.nodeid] for item in tests)
        child = os.fork()
        if child == 0:
            _challenge(mutant, tests, int(allowed))
        running[child] = mutant
    while running:
        _collect(running, verdicts)
    Path("verdicts.json").write_bytes(msgspec.json.encode(verdicts))
    return True


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


def _challenge(mutant: Mutant, tests: list[pytest.Item], seconds: int) -> None:
    """Ends the process, with the verdict on the mutant."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    State.module, State.mutant = mutant.module, mutant.name
    code = _DIES
    try:
        code = _DIES if any(starmap(_fails, pairwise((*tests, None)))) else _SURVIVES
    finally:
        os._exit(code)


def _collect(running: dict[int, Mutant], verdicts: dict[str, str]) -> None:
    child, status = os.wait()
    mutant = running.pop(child)
    code = os.waitstatus_to_exitcode(status)
    said = {_SURVIVES: "survived", _DIES: "killed"}.get(code, "timeout")
    if code == _SURVIVES:
        print(mutant, file=sys.__stdout__, flush=True)
    verdicts[f"{mutant.module}.{mutant.name}"] = said

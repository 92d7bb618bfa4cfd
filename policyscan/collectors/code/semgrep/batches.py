"""Many files, one engine that may fail on any of them: in batches, and in halves after a failure.

With every batch goes a file of our own in which there is something to find; an answer without that
is worth nothing. After an answer that is worth nothing the engine is given this file alone. If it
passes, the fault lies in the files, and halving them leads to the one; otherwise the next engine
takes over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from policyscan.collectors.code.semgrep.answer import Fault, Seen, read_answer, unusable
from policyscan.collectors.code.semgrep.engines import Engine
from policyscan.collectors.code.semgrep.model import Rule
from policyscan.collectors.code.semgrep.workspace import Given, command, workspace
from policyscan.errors import GapReason, ReadError
from policyscan.text.process import run

BATCH = 250
"""Files that are given together."""
BUDGET = 600.0
"""Seconds for all files of a run."""
START = 40.0
PER_FILE = 1.0
"""Seconds that one answer may take: semgrep itself gives up on a file long before."""
MOST_FAILURES = 40
"""Unusable answers after which the rest is given up."""
MOST_ANSWER = 1 << 27

_PROBE = Given("probe.py", b"policyscan_probe(1)\n")
_PROBE_RULE = Rule(
    id="probe",
    languages=("python",),
    kind="",
    literals=(),
    body={
        "id": "probe",
        "languages": ["python"],
        "severity": "INFO",
        "message": "$V",
        "pattern": "policyscan_probe($V)",
    },
)


class Search:
    """One run of the rules over many files."""

    def __init__(self, engines: Sequence[Engine], rules: Sequence[Rule]) -> None:
        self._engines = list(engines)
        self._rules = rules
        self._deadline = time.monotonic() + BUDGET
        self._failures = 0
        self._is_sound: dict[str, bool] = {}

    def look_at(self, files: Sequence[Given]) -> Iterator[tuple[Given, Seen]]:
        """What came of each file."""
        rest = iter(files)
        while batch := list(islice(rest, BATCH)):
            yield from self._look(batch)

    def _look(self, files: Sequence[Given]) -> Iterator[tuple[Given, Seen]]:
        try:
            seen = self._ask(files)
        except ReadError as failure:
            yield from self._after(failure, files)
        else:
            yield from ((file, seen[file.name]) for file in files)

    def _ask(self, files: Sequence[Given]) -> dict[str, Seen]:
        if not self._engines:
            raise unusable("no way to start it works")
        left = self._deadline - time.monotonic()
        if left <= 0 or self._failures >= MOST_FAILURES:
            raise unusable("it failed too often or took too long on other files")
        return _answer(self._engines[0], files, self._rules, left)

    def _after(self, failure: ReadError, files: Sequence[Given]) -> Iterator[tuple[Given, Seen]]:
        """What is to be done with files after an answer that says nothing."""
        self._failures += 1
        given_up = time.monotonic() > self._deadline or self._failures >= MOST_FAILURES
        if self._engines and not given_up and not self._passes_alone(self._engines[0]):
            self._engines.pop(0)
            if self._engines:
                yield from self._look(files)
                return
        if len(files) == 1 or not self._engines or given_up:
            fault = Fault(GapReason.CRASHED, f"semgrep failed: {failure.message}")
            yield from ((file, Seen(faults=[fault])) for file in files)
            return
        half = len(files) // 2
        yield from self._look(files[:half])
        yield from self._look(files[half:])

    def _passes_alone(self, engine: Engine) -> bool:
        if engine.name not in self._is_sound:
            left = self._deadline - time.monotonic()
            try:
                _answer(engine, (), (), left)
                sound = True
            except ReadError:
                sound = False
            self._is_sound[engine.name] = sound
        return self._is_sound[engine.name]


def _answer(
    engine: Engine, files: Sequence[Given], rules: Sequence[Rule], left: float
) -> dict[str, Seen]:
    """Raises `ReadError`."""
    timeout = min(START + PER_FILE * len(files), left)
    files, rules = (*files, _PROBE), (*rules, _PROBE_RULE)
    try:
        with workspace(files, rules) as folder:
            done = run(command(engine, folder), timeout=timeout, most=MOST_ANSWER)
    except TimeoutError:
        raise unusable(f"it did not end within {timeout:.0f} seconds") from None
    except OSError as error:
        raise unusable(error.strerror or str(error)) from error
    sizes = {file.name: len(file.data) for file in files}
    seen = read_answer(done, sizes, {rule.id for rule in rules}, engine.version)
    if [(place.rule, place.text) for place in seen[_PROBE.name].places] != [("probe", "1")]:
        raise unusable("it does not find what is certainly there")
    return seen

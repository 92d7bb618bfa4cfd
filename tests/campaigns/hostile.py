"""Hostile expressions: each ends in an answer or a located error, in little time and memory."""

from __future__ import annotations

import gc
import json
import multiprocessing
import resource as limits
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from policyscan.errors import PolicyError
from policyscan.language import Environment, compile_expression
from policyscan.language.fast import LEFT
from policyscan.language.optionals import Perhaps
from policyscan.policy import load_policies
from policyscan.values import PartialList, Ref, Unknown, Why
from tests.campaigns.estate import NOW, Door, House, house
from tests.campaigns.hostile_texts import hostile_text

SECONDS = 1.0
"""Of the processor, for an expression on one resource and all that is said about it."""
MEGABYTES = 64
"""What a worker may take for all its expressions."""
CHUNK = 1_000
"""Expressions for each worker."""
_PATIENCE = 300.0
_FILES_ONE_IN = 25

ENVIRONMENT = Environment(
    resource=House,
    params={
        "n": "int",
        "names": "list(string)",
        "many": "list(int)",
        "texts": "list(string)",
        "long": "list(string)",
        "limits": "map(string, int)",
    },
    context={"regions": "list(string)"},
    kinds={"House": House},
)
PARAMS: Mapping[str, object] = {
    "n": 1,
    "names": ("x", "y"),
    "many": tuple(range(1_000)),
    "long": ("a" * 100_000 + "!", "a" * 30 + "!", "ab " * 30_000, "\n" * 50_000, "x," * 40_000),
    "limits": {"v4": 8},
    "texts": tuple(f"text {number}" for number in range(1_000)),
}
_LOST = Unknown(Why.VARIABLE_UNSET, "a value for var.x")
SUBJECTS = (
    house(xs=(1, 2, 3), doors=(Door(port=1), Door(port=2, label="x")), limits={"a": 1}),
    house(
        **dict.fromkeys(("a", "b", "i", "s", "opt", "built", "limits"), _LOST),
        xs=PartialList((1, 2), _LOST),
        doors=PartialList((Door(port=_LOST),), _LOST),
    ),
)
_PLAIN = (bool, int, float, str, datetime, timedelta, type(None), Unknown, Ref, House, Door)


class _TimeUp(BaseException):
    """An expression took too long; no handler of the product catches it."""


@dataclass
class Casualties:
    """What a campaign has found so far."""

    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    in_files: int = 0
    """Those that were read from a policy's file as well."""
    slowest: float = 0.0
    slowest_text: str = ""
    megabytes: float = 0.0
    """By which the largest worker grew."""
    found: list[str] = field(default_factory=list)

    def add(self, other: Casualties) -> None:
        """Counts what another has found."""
        self.made += other.made
        self.refused += other.refused
        self.in_files += other.in_files
        if other.slowest > self.slowest:
            self.slowest, self.slowest_text = other.slowest, other.slowest_text
        self.megabytes = max(self.megabytes, other.megabytes)
        self.found += other.found


def run(count: int, seed: int) -> Casualties:
    """Judges that many hostile expressions, in workers that have limits."""
    total = Casualties()
    context = multiprocessing.get_context("spawn")
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        with context.Pool(1) as pool:
            try:
                total.add(pool.apply_async(worker, (size, seed + start)).get(_PATIENCE))
            except multiprocessing.TimeoutError:
                total.found.append(f"a worker hangs: {size} expressions of seed {seed + start}")
    return total


def worker(count: int, seed: int) -> Casualties:
    """Judges hostile expressions in this process, whose memory it limits."""
    random, seen = Random(seed), Casualties()
    _judge("resource.a && params.many.all(x, x >= 0)", is_condition=True)
    for _ in range(50):
        hostile_text(Random(seed))
    gc.collect()
    before = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss
    most = _virtual_size() + MEGABYTES * 2**20
    limits.setrlimit(limits.RLIMIT_AS, (most, limits.RLIM_INFINITY))
    signal.signal(signal.SIGPROF, _time_is_up)
    with tempfile.TemporaryDirectory() as place:
        for _ in range(count):
            family, text = hostile_text(random)
            _one(seen, family, text, random, Path(place))
    grown = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss - before
    seen.megabytes = grown / 1024
    return seen


def _one(seen: Casualties, family: str, text: str, random: Random, place: Path) -> None:
    seen.made[family] += 1
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        problem = _judge(text, is_condition=random.random() < 0.7)
        if random.randrange(_FILES_ONE_IN) == 0:
            seen.in_files += 1
            problem = _read(text, place, random) or problem
    except _TimeUp:
        problem = f"more than {SECONDS} s"
    except BaseException as error:  # what must not come out of there is what this looks for
        problem = f"{type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    spent = time.process_time() - start
    if spent > seen.slowest:
        seen.slowest, seen.slowest_text = spent, text[:200]
    if problem == "refused":
        seen.refused[family] += 1
    elif problem:
        seen.found.append(f"{family}: {problem}\n    {ascii(text)[:400]}")


def _time_is_up(_: int, __: FrameType | None) -> None:
    raise _TimeUp


def _virtual_size() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * limits.getpagesize()


def _judge(text: str, *, is_condition: bool) -> str:
    """What is wrong with what is said of an expression; `refused` if it is no expression."""
    try:
        program = compile_expression(text, ENVIRONMENT, is_condition=is_condition)
    except PolicyError as error:
        return _misplaced(error, text) or "refused"
    for subject in SUBJECTS:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # for each, all that is asked of it
        quick = program.quick({"resource": subject, "params": PARAMS, "now": NOW})
        if quick is not LEFT and not all(isinstance(each, _PLAIN) for each in _inside(quick)):
            return f"a way out: {quick!r}"
        if not is_condition:
            value = program.value(resource=subject, now=NOW, **_tables())
            if not all(isinstance(each, _PLAIN) for each in _inside(value)):
                return f"a way out: {value!r}"
            continue
        outcome = program.run(resource=subject, now=NOW, params=PARAMS)
        if outcome.truth is None and not (outcome.reasons and outcome.residual):
            return "open without a reason or a residual"
        said = repr(outcome.witnesses) + repr(outcome.deduction)
        if len(said) + len(outcome.residual) > 200_000:
            return "an explanation without end"
    return ""


def _tables() -> dict[str, Any]:
    from policyscan.language.proving.walk import Table

    return {"params": Table("params", PARAMS), "context": Table("context", {})}


def _inside(value: object) -> Iterator[object]:
    """The value, or what it holds; of what holds much, the beginning."""
    if isinstance(value, PartialList):
        value = value.known
    if isinstance(value, Perhaps):
        yield from _inside(value.value)
    elif isinstance(value, (tuple, list)):
        for each in value[:10]:
            yield from _inside(each)
    elif isinstance(value, Mapping):
        for each in list(value.values())[:10]:
            yield from _inside(each)
    else:
        yield value


def _misplaced(error: PolicyError, text: str) -> str:
    """What is wrong with an error about the text, or nothing."""
    lines = text.split("\n")
    if not error.message or error.line is None or error.column is None:
        return f"an error without a place: {error.message}"
    if not 1 <= error.line <= len(lines) or not 1 <= error.column <= len(lines[error.line - 1]) + 1:
        return f"an error outside of the text, at {error.line}:{error.column}"
    return "" if "^" in (error.snippet or "") else "an error without a caret"


_FILE = """
id: PS-TST-001
version: 1
slug: hostile
title: Hostile
severity: high
plane: change
resource: House
when: {when}
require: {require}
message: "{{resource}} is hostile"
why: Because.
fix: Do not.
control: CTL-SG
criteria: [SOC2:CC6.6]
guide: [none]
tests: []
""".lstrip()


def _read(text: str, place: Path, random: Random) -> str:
    """What is wrong with what is said of a policy's file that has the text as a condition."""
    block = "|\n" + "".join(f"  {line}\n" for line in text.split("\n"))
    spelt = random.choice((json.dumps(text), text, block, "'" + text.replace("'", "''") + "'"))
    when, require = random.choice((("resource.a", spelt), (spelt, "resource.a")))
    file = place / "hostile.yaml"
    file.write_bytes(_FILE.format(when=when, require=require).encode("utf-8", "surrogatepass"))
    try:
        load_policies(place, {"House": House})
    except PolicyError as error:
        if error.path.endswith("hostile.yaml") and error.message.endswith("is not UTF-8"):
            return ""
        if not error.path.endswith("hostile.yaml") or not error.line or not error.column:
            return f"an error without a place in the file: {error}"
        return "" if "^" in (error.snippet or "") else f"an error without a caret: {error}"
    return ""

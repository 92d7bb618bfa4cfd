"""What a whole process costs, and several of them in turn."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

_DEV_NULL = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
_MEGABYTE = 1024 * (1 if os.uname().sysname == "Linux" else 1024)
"""In the unit of `ru_maxrss`: kilobytes on Linux, bytes on macOS."""


@dataclass(frozen=True)
class Command:
    """A process to measure, and the exit codes with which it has done its work."""

    name: str
    argv: tuple[str, ...]
    done: frozenset[int]


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    cpu: float
    """Seconds of user and system time, those of its child processes included."""
    wall: float
    """Seconds."""
    peak: float
    """Megabytes of resident memory, of the largest process."""


class BrokenRunError(Exception):
    """A run that did not do its work: its cost means nothing."""


def run(command: Command) -> Cost:
    """Runs it once, its output thrown away. Raises `BrokenRunError`."""
    start = time.perf_counter()
    pid = os.posix_spawn(command.argv[0], command.argv, _environment(), file_actions=_DEV_NULL)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in command.done:
        raise BrokenRunError(f"{command.name} ended with {code}: {' '.join(command.argv)[:500]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / _MEGABYTE)


def _environment() -> Mapping[str, str]:
    """Ours, with byte code kept between runs as in every installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def interleaved(commands: Iterable[Command], rounds: int) -> Mapping[str, list[Cost]]:
    """The costs by name: after one run of each that does not count, A B C A B C …, so that
    whatever else the machine does slows all of them."""
    each = tuple(commands)
    for command in each:
        run(command)
    costs: dict[str, list[Cost]] = {command.name: [] for command in each}
    for _ in range(rounds):
        for command in each:
            costs[command.name].append(run(command))
    return costs


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the most of a series."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of at least one value."""
        ordered = sorted(values)
        return cls(ordered[0], median(ordered), ordered[-1])

    def __iter__(self) -> Iterator[float]:
        return iter((self.low, self.middle, self.high))


def ratios(peer: list[Cost], ours: list[Cost]) -> Spread:
    """How many times the CPU time of ours the peer takes, taken round by round."""
    return Spread.of(theirs.cpu / own.cpu for theirs, own in zip(peer, ours, strict=True))

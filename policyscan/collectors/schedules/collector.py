"""From schedules to the jobs that rotate keys, gaps and the books.

The reader of each form is imported when the first file of it comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from policyscan.collectors.interface import Declined, Item, Reading, Units
from policyscan.collectors.schedules.names import Form, form_of
from policyscan.collectors.schedules.quick_look import may_rotate
from policyscan.errors import FileError, GapReason, ReadError
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.text.source import Source, Span
from policyscan.text.tree import Tree

if TYPE_CHECKING:
    from policyscan.collectors.schedules.jobs import Job
    from policyscan.collectors.schedules.programs import Programs

MAX_BYTES = 250_000
"""A larger file is too large for a schedule."""
MAX_JOBS = 200
"""Jobs of one file that rotate keys."""
_KIND = "RotationProcess"
_KINDS = (_KIND,)
OTHER = "rotates no keys"
_NO_JOB = "is no job of cron"


class _File:
    """One file as it is read: its jobs, its gaps and its books."""

    def __init__(
        self, tree: Tree, source: Source, programs: Callable[[], Programs], reading: Reading
    ) -> None:
        self.tree = tree
        self.source = source
        self.programs = programs
        self.reading = reading
        self.items: list[Item] = []
        self.dropped: Counter[str] = Counter()
        self.found = 0
        self.taken: set[str] = set()

    def job(self, job: Job) -> None:
        """Enters a job, if it rotates keys."""
        from policyscan.collectors.schedules.jobs import job_resource

        resource = job_resource(job, self.programs(), self.reading, self.taken)
        if resource is None:
            self.dropped[OTHER] += 1
        else:
            self.items.append(resource)

    def gap(self, reason: GapReason, message: str, span: Span | None) -> None:
        """Enters what was not read."""
        path = self.source.path
        self.items.append(Gap(reason, path, message, span, _KINDS, path))


def read_all(tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
    """The jobs of all files that rotate keys, in the order of the paths, the gaps and the books."""
    programs = cache(lambda: _programs(tree))
    found = normalised = 0
    dropped: Counter[str] = Counter()
    declined: list[str] = []
    for path in paths:
        try:
            source = tree.read(path, limit=MAX_BYTES)
        except ReadError as error:
            yield Gap.of(error, hides=_KINDS, unit=path)
            continue
        file = _File(tree, source, programs, reading)
        form = form_of(path)
        if form is None or not _READERS[form](file):
            declined.append(path)
        found += file.found
        normalised += sum(isinstance(item, Resource) for item in file.items)
        dropped.update(file.dropped)
        yield from file.items
    yield Units(tuple(path for path in paths if path not in declined))
    yield Declined(tuple(declined))
    yield Tally(reading.target, _KIND, found, normalised, dict(dropped))


def _programs(tree: Tree) -> Programs:
    from policyscan.collectors.schedules.programs import Programs

    return Programs(tree)


def _crontab(file: _File) -> bool:
    """The jobs of a crontab; false if it is something else."""
    from policyscan.collectors.schedules.count import count_jobs
    from policyscan.collectors.schedules.crontabs import crontab_lines
    from policyscan.resources.rotation.words import rotates_keys

    lines = list(crontab_lines(file.source))
    if lines and not any(line.job for line in lines):
        return False
    file.found = count_jobs(file.source.data)
    for line in lines:
        if line.job is None:
            file.dropped[_NO_JOB] += 1
            if rotates_keys(line.text) is not False:
                message = "a line that seems to rotate keys is none that cron would run"
                file.gap(GapReason.UNPARSEABLE, message, line.span)
        elif sum(isinstance(item, Resource) for item in file.items) >= MAX_JOBS:
            file.dropped[_TOO_MANY] += 1
        else:
            file.job(line.job)
    if file.dropped[_TOO_MANY]:
        file.gap(GapReason.TOO_LARGE, f"more than {MAX_JOBS} jobs rotate keys", None)
    return True


_TOO_MANY = f"comes after {MAX_JOBS} that rotate keys"


def _run_parts(file: _File) -> bool:
    """The one job that the file is."""
    from policyscan.collectors.schedules.crontabs import run_parts_job

    file.found = 1
    file.job(run_parts_job(file.source))
    return True


def _timer(file: _File) -> bool:
    """The one job of a timer; false if it is none of systemd."""
    from policyscan.collectors.schedules.timers import timer_job

    job = timer_job(file.source, file.tree)
    if job is None:
        return False
    file.found = 1
    file.job(job)
    return True


def _workflow(file: _File) -> bool:
    """The job of a workflow with a schedule."""
    if not may_rotate(file.source.data):
        return True
    from policyscan.collectors.schedules.workflows import workflow_job

    try:
        job = workflow_job(file.source)
    except FileError as error:
        at = file.source.line_starts[min(error.line, len(file.source.line_starts)) - 1]
        file.gap(GapReason.UNPARSEABLE, error.message, file.source.span(at, at + 1))
        return True
    if job is not None:
        file.found = 1
        file.job(job)
    return True


_READERS: Mapping[Form, Callable[[_File], bool]] = {
    "crontab": _crontab,
    "run_parts": _run_parts,
    "timer": _timer,
    "workflow": _workflow,
}

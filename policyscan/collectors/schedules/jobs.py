"""From one scheduled job to the resource that it is, if it rotates keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from policyscan.collectors.interface import Reading
from policyscan.collectors.schedules.commands import program_of, tells_of_failure
from policyscan.collectors.schedules.programs import Programs
from policyscan.collectors.schedules.shell import guard_of
from policyscan.resources.base import Chain, Origin, ProofLevel, Step, StepKind
from policyscan.resources.rotation.model import RotationProcess
from policyscan.resources.rotation.words import purpose_of, rotates_keys
from policyscan.text.display import shortened
from policyscan.text.source import Span
from policyscan.values import Maybe, Unknown, Why

_SHOWN = 80


class Job(Struct, frozen=True):
    """A job as its schedule describes it."""

    form: Literal["cron", "systemd_timer", "github_schedule"]
    path: str
    names: tuple[str, ...]
    """Texts that tell what it is for, besides the command."""
    command: Maybe[str | None]
    schedule: str | None
    interval: Callable[[], Maybe[float | None]]
    """The longest time between two runs in days. Like the next it is worked out for few jobs."""
    tells: Callable[[], Maybe[bool]]
    """Whether something besides the command tells somebody of a failure."""
    span: Span
    schedule_span: Span
    title: str = ""
    """What follows `#` in its address; by default the name of its program."""


def job_resource(
    job: Job, programs: Programs, reading: Reading, taken: set[str]
) -> RotationProcess | None:
    """The resource that the job is; None if it rotates no keys. `taken` holds the addresses of the
    file so far."""
    command = job.command if isinstance(job.command, str) else ""
    program = programs.find(program_of(command))
    if rotates_keys(*job.names, command) is False and not program.rotates():
        return None
    facts = program.facts()
    title = job.title or program.written.rpartition("/")[2] or "job"
    address = _address(job.path, title, taken)
    return RotationProcess(
        address=address,
        origin=Origin("schedules", reading.target, job.path, job.span, ProofLevel.HEURISTIC),
        chains=_chains(job),
        form=job.form,
        name=title,
        purpose=purpose_of((*job.names, command), address),
        schedule=job.schedule,
        interval_days=_interval(job, command, program.written),
        command=job.command,
        script=program.path or None,
        script_exists=program.exists,
        notifies_on_failure=_told(job.tells(), tells_of_failure(command)),
        steps=facts.steps,
        order_ok=facts.order_ok,
        validates_before_promote=facts.validates_before_promote,
        revokes_after_promote=facts.revokes_after_promote,
        has_rollback=facts.has_rollback,
    )


def _interval(job: Job, command: str, program: str) -> Maybe[float | None]:
    """The interval of the schedule, if every run of the job starts the program."""
    guard = guard_of(command, program)
    if guard:
        needs = f"how often `{shortened(' '.join(guard.split()), _SHOWN)}` lets the job go on"
        return Unknown(Why.CONDITION, needs, job.span)
    return job.interval()


def _told(one: Maybe[bool], other: Maybe[bool]) -> Maybe[bool]:
    """True if either is, unknown if either is."""
    if one is True or other is True:
        return True
    return one if isinstance(one, Unknown) else other


def _address(path: str, title: str, taken: set[str]) -> str:
    address, number = f"{path}#{title}", 2
    while address in taken:
        address, number = f"{path}#{title}:{number}", number + 1
    taken.add(address)
    return address


def _chains(job: Job) -> dict[str, Chain]:
    def step(span: Span) -> Chain:
        return (Step(StepKind.INSTRUCTION, shortened(" ".join(span.text.split()), _SHOWN), span),)

    when: dict[str, Any] = dict.fromkeys(("schedule", "interval_days"), step(job.schedule_span))
    return {**when, "command": step(job.span), "notifies_on_failure": step(job.span)}

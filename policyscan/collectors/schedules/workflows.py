"""Jobs of GitHub workflows that a schedule starts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from policyscan.collectors.schedules.commands import names_a_channel, program_of
from policyscan.collectors.schedules.jobs import Job
from policyscan.collectors.schedules.quick_look import may_rotate
from policyscan.collectors.schedules.shell import loses_failure
from policyscan.resources.rotation.words import rotates_keys
from policyscan.resources.schedules.crontab import crontab_interval_days
from policyscan.text.source import Source, Span
from policyscan.text.yaml import Document, Entry, read_yaml
from policyscan.values import Maybe, Unknown, Why

_ALWAYS = re.compile(r"(?:\$\{\{)?\s*(?:always|success)\(\)\s*(?:\}\})?|true")
_MENDED = re.compile(r"failure\(\)|always\(\)|!\s*cancelled\(\)")


class Step(Struct, frozen=True):
    """A step of a job, as far as it matters here."""

    text: str
    """Its name, what it runs or uses, and what it hands over."""
    run: str
    condition: str
    """Under which it runs, its own and that of its job; empty for always."""
    span: Span
    forgiven: bool
    """Whether the job goes on if it fails."""


def workflow_job(source: Source) -> Job | None:
    """The job of a workflow that has a schedule and seems to rotate something; None for others.
    Raises `FileError` if it is not YAML as GitHub reads it."""
    if not may_rotate(source.data):
        return None
    top = read_yaml(Document.of(source.path, source.data))
    table = top.value if top is not None and isinstance(top.value, dict) else {}
    crons = list(_crons(table.get("on")))
    if not crons:
        return None
    steps = list(_steps(source, table.get("jobs")))
    rotating = [step for step in steps if rotates_keys(step.text) is not False]
    when = _span(source, crons[0])
    schedules = tuple(str(cron.value) for cron in crons)
    name = _text(table.get("name"))
    return Job(
        form="github_schedule",
        path=source.path,
        names=(
            name,
            source.path.rpartition("/")[2].rpartition(".")[0],
            *(s.text for s in rotating),
        ),
        command="\n".join(step.run for step in rotating) or None,
        schedule="; ".join(schedules),
        interval=lambda: _interval(schedules, rotating, when),
        tells=lambda: _tells(steps, rotating, when),
        span=rotating[0].span if rotating else when,
        schedule_span=when,
        title=name or "schedule",
    )


def _texts(steps: list[Step]) -> Iterator[str]:
    return (step.text for step in steps)


def _crons(on: Entry | None) -> Iterator[Entry]:
    schedule = on.value.get("schedule") if on is not None and isinstance(on.value, dict) else None
    for item in (
        schedule.value if schedule is not None and isinstance(schedule.value, tuple) else ()
    ):
        cron = item.value.get("cron") if isinstance(item.value, dict) else None
        if cron is not None and isinstance(cron.value, str):
            yield cron


def _steps(source: Source, jobs: Entry | None) -> Iterator[Step]:
    for name, job in jobs.value.items() if jobs and isinstance(jobs.value, dict) else ():
        table = job.value if isinstance(job.value, dict) else {}
        about = f"{name} {_text(table.get('name'))}"
        condition, forgiven = _text(table.get("if")), _text(table.get("continue-on-error"))
        steps = table.get("steps")
        listed = steps.value if steps is not None and isinstance(steps.value, tuple) else ()
        if "uses" in table:
            text = f"{about} {_text(table['uses'])}"
            yield Step(text, "", condition, _span(source, job), bool(forgiven))
        for step in listed:
            inner = step.value if isinstance(step.value, dict) else {}
            run = _text(inner.get("run"))
            parts = (_text(inner.get(key)) for key in ("name", "id", "uses"))
            own, mended = _text(inner.get("if")), _text(inner.get("continue-on-error"))
            both = " && ".join(filter(None, (condition, own)))
            text = " ".join(
                (about if len(listed) == 1 else "", *parts, run, *_given(inner.get("with")))
            )
            yield Step(text, run, both, _span(source, step), _holds(forgiven) or _holds(mended))


def _given(entry: Entry | None) -> Iterator[str]:
    values = entry.value.values() if entry is not None and isinstance(entry.value, dict) else ()
    yield from (value.value for value in values if isinstance(value.value, str))


def _holds(text: str) -> bool:
    return text not in ("", "false")


def _text(entry: Entry | None) -> str:
    return entry.value if entry is not None and isinstance(entry.value, str) else ""


def _span(source: Source, entry: Entry) -> Span:
    """The line on which a value begins."""
    line = entry.document.place(entry.start).line
    starts = source.line_starts
    start = starts[min(line, len(starts)) - 1]
    return source.span(start, start + len(source.line_text(min(line, len(starts))).encode()))


def _interval(schedules: tuple[str, ...], rotating: list[Step], when: Span) -> Maybe[float]:
    """The longest time between two runs, if nothing else decides whether a run rotates."""
    condition = next((s.condition for s in rotating if not _is_always(s.condition)), "")
    if condition:
        return Unknown(Why.CONDITION, f"how often {' '.join(condition.split())} holds", when)
    days = crontab_interval_days(schedules, open_steps=True)
    if days is not None:
        return days
    return Unknown(Why.UNSUPPORTED, f"how often {'; '.join(schedules)} comes", when)


def _is_always(condition: str) -> bool:
    return not condition or _ALWAYS.fullmatch(condition) is not None


def _tells(steps: list[Step], rotating: list[Step], when: Span) -> Maybe[bool]:
    """Whether a step runs after a failure and tells somebody. GitHub itself may write to the person
    who changed the schedule last, as that person has chosen."""
    if any(loses_failure(step.run, program_of(step.run), stops=True) for step in rotating):
        return False
    for step in steps:
        if _MENDED.search(step.condition) and names_a_channel(step.text):
            return True
    if any(step.forgiven for step in rotating):
        return False
    needs = "whether the person who last changed the schedule hears from GitHub of a failure"
    return Unknown(Why.OUTSIDE, needs, when)

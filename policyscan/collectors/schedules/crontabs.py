"""Jobs of crontabs and of the directories of run-parts, as crontab(5) and run-parts(8) say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from policyscan.collectors.schedules.commands import writes_errors_to_mail
from policyscan.collectors.schedules.jobs import Job
from policyscan.collectors.schedules.names import names_users
from policyscan.resources.schedules.crontab import crontab_interval_days
from policyscan.text.source import Source, Span
from policyscan.values import Maybe, Unknown, Why

_SETTING = re.compile(rb"[ \t]*[\"']?([A-Za-z_]\w*)[\"']?[ \t]*=[ \t]*(.*)")
_LINE = re.compile(rb"[ \t]*(@[A-Za-z]+|(?:[^\s#]+[ \t]+){4}[^\s#]+)[ \t]+(\S.*)", re.ASCII)
_TIMES = re.compile(rb"[0-9*,/~A-Za-z-]+")
_PERCENT = re.compile(r"(?<!\\)%")
_TEMPLATE = re.compile(r"\{\{|\$\{|\$\(|<%|%\(|__\w+__")
_FOLDERS = {"hourly": "@hourly", "daily": "@daily", "weekly": "@weekly", "monthly": "@monthly"}


class CrontabLine(Struct, frozen=True):
    """One line that is neither a comment nor a setting, and its job; None if it is no job."""

    text: str
    span: Span
    job: Job | None


def crontab_lines(source: Source) -> Iterator[CrontabLine]:
    """The lines of a crontab that start jobs, or should."""
    mail: str | None = None
    for number, start in enumerate(source.line_starts):
        ends = source.line_starts[number + 1 : number + 2] or [len(source.data)]
        line = source.data[start : ends[0]].rstrip(b"\r\n \t")
        text = line.lstrip(b" \t")
        if not text or text.startswith(b"#"):
            continue
        span = source.span(start + len(line) - len(text), start + len(line))
        if setting := _SETTING.fullmatch(line):
            if setting[1] == b"MAILTO":
                mail = setting[2].decode("utf-8", "replace").strip().strip("\"'")
            continue
        job = _job(source, line, start, span, mail)
        yield CrontabLine(span.text, span, job)


def _job(source: Source, line: bytes, start: int, span: Span, mail: str | None) -> Job | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    fields = found[1].split()
    if not found[1].startswith(b"@") and not all(map(_TIMES.fullmatch, fields)):
        return None
    schedule = b" ".join(fields).decode("ascii", "replace")
    command = _PERCENT.split(found[2].decode("utf-8", "replace"), maxsplit=1)[0]
    user, _, rest = command.partition(" ")
    if rest.strip() and (names_users(source.path) or user == "root"):
        command = rest.strip()
    when = source.span(start + found.start(1), start + found.end(1))
    return Job(
        form="cron",
        path=source.path,
        names=(),
        command=command.replace("\\%", "%").strip(),
        schedule=schedule,
        interval=lambda: _interval(schedule, when),
        tells=lambda: _mailed(mail, command, span),
        span=span,
        schedule_span=when,
    )


def _interval(schedule: str, span: Span) -> Maybe[float]:
    days = crontab_interval_days((schedule,))
    if days is not None:
        return days
    needs = f"how often {schedule} comes"
    return Unknown(Why.UNSUPPORTED, needs, span)


def _mailed(mail: str | None, command: str, span: Span) -> Maybe[bool]:
    """Whether cron mails what the job says on its standard error to somebody who was named."""
    if not mail or not writes_errors_to_mail(command):
        return False
    if _TEMPLATE.search(mail):
        return Unknown(Why.OUTSIDE, f"who {mail} is", span)
    return True


def run_parts_job(source: Source) -> Job:
    """The job that a program in `cron.weekly` and its like is."""
    folder, _, name = source.path.rpartition("/")
    schedule = _FOLDERS[folder.rpartition(".")[2]]
    span = source.span(0, min(len(source.data), 1))
    return Job(
        form="cron",
        path=source.path,
        names=(name,),
        command=source.path,
        schedule=schedule,
        interval=lambda: _taken(name, schedule, span),
        tells=lambda: False,
        span=span,
        schedule_span=span,
        title=name,
    )


def _taken(name: str, schedule: str, span: Span) -> Maybe[float]:
    """How often run-parts takes a program of this name."""
    if "." not in name:
        return _interval(schedule, span)
    needs = f"whether run-parts takes {name}: the one of Debian leaves out names with a dot"
    return Unknown(Why.OUTSIDE, needs, span)

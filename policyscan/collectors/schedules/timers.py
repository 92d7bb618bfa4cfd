"""Jobs of systemd: a timer, and the service that it starts."""

from __future__ import annotations

import posixpath

from policyscan.collectors.schedules.commands import program_of
from policyscan.collectors.schedules.jobs import Job
from policyscan.collectors.schedules.shell import loses_failure
from policyscan.errors import ReadError
from policyscan.resources.schedules.on_calendar import calendar_interval_days, time_span_days
from policyscan.text.source import Source, Span
from policyscan.text.tree import Tree
from policyscan.values import Maybe, Unknown, Why

_REPEATS = ("OnUnitActiveSec", "OnUnitInactiveSec")
_ONCE = ("OnBootSec", "OnStartupSec", "OnActiveSec")
_PREFIXES = "-@:+!"
MAX_BYTES = 100_000

Setting = tuple[str, Span]


def timer_job(source: Source, tree: Tree) -> Job | None:
    """The job of a timer; None if the file is no timer of systemd."""
    settings = read_unit(source)
    if not any(section == "Timer" for section, _ in settings):
        return None
    folder, name = posixpath.split(source.path)
    unit = _last(settings, ("Timer", "Unit")) or name.removesuffix(".timer") + ".service"
    service = _service(tree, folder, unit)
    timers = [*_all(settings, "OnCalendar"), *_all(settings, *_REPEATS), *_all(settings, *_ONCE)]
    when = timers[0][1] if timers else source.span(0, min(1, len(source.data)))
    condition = _condition(settings) or _condition(service or {})
    changed = _drop_ins(tree, source.path)
    also = _drop_ins(tree, posixpath.join(folder, unit))
    lines = [] if service is None else service.get(("Service", "ExecStart"), [])
    return Job(
        form="systemd_timer",
        path=source.path,
        names=(name, unit, _last(settings, ("Unit", "Description")) or ""),
        command=_command(lines, unit, when),
        schedule="; ".join(text for text, _ in timers) or None,
        interval=lambda: _interval(settings, when, changed, condition),
        tells=lambda: _tells(service, lines, unit, when, also),
        span=when,
        schedule_span=when,
        title=name.removesuffix(".timer"),
    )


def read_unit(source: Source) -> dict[tuple[str, str], list[Setting]]:
    """The settings of a unit file by section and name, in order; an empty one takes back those
    before it."""
    found: dict[tuple[str, str], list[Setting]] = {}
    section = ""
    for start, text in _lines(source):
        line = text.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
            found.setdefault((section, ""), [])
            continue
        name, equals, value = line.partition("=")
        if not equals or line.startswith(("#", ";")):
            continue
        values = found.setdefault((section, name.strip()), [])
        if value.strip():
            end = start + len(text.encode("utf-8", "surrogateescape"))
            values.append((value.strip(), source.span(start, min(end, len(source.data)))))
        else:
            values.clear()
    return found


def _lines(source: Source) -> list[tuple[int, str]]:
    """The lines with their offsets, those that end with a backslash joined to the next."""
    lines: list[tuple[int, str]] = []
    parts: list[str] = []
    begin = 0
    for number, start in enumerate(source.line_starts, 1):
        text = source.line_text(number)
        begin = begin if parts else start
        if text.endswith("\\") and not text.lstrip().startswith(("#", ";")):
            parts.append(text[:-1])
            continue
        lines.append((begin, " ".join([*parts, text])))
        parts = []
    return [*lines, (begin, " ".join(parts))] if parts else lines


def _all(settings: dict[tuple[str, str], list[Setting]], *names: str) -> list[Setting]:
    return [setting for name in names for setting in settings.get(("Timer", name), [])]


def _last(settings: dict[tuple[str, str], list[Setting]], key: tuple[str, str]) -> str | None:
    values = settings.get(key)
    return values[-1][0] if values else None


def _service(tree: Tree, folder: str, unit: str) -> dict[tuple[str, str], list[Setting]] | None:
    """The settings of the service beside the timer; None if it is not here. Of a template
    (`rotate@maker.service`) those of the template."""
    stem, _, _ = unit.removesuffix(".service").partition("@")
    for name in dict.fromkeys((unit, f"{stem}@.service")):
        if "/" in name:
            continue
        try:
            return read_unit(tree.read(posixpath.join(folder, name), limit=MAX_BYTES))
        except ReadError:
            continue
    return None


def _drop_ins(tree: Tree, path: str) -> str:
    """The directory whose files change a unit, if it is there and not empty."""
    return f"{path}.d" if tree.listdir(f"{path}.d") else ""


def _condition(settings: dict[tuple[str, str], list[Setting]]) -> str:
    """A condition under which a unit is started; empty if there is none."""
    names = ("Condition", "Assert", "ExecCondition")
    found = (
        f"{key[1]}={values[-1][0]}"
        for key, values in settings.items()
        if values and key[1].startswith(names)
    )
    return next(found, "")


def _interval(
    settings: dict[tuple[str, str], list[Setting]], when: Span, changed: str, condition: str
) -> Maybe[float]:
    """Each trigger alone bounds the time between two runs."""
    if condition:
        return Unknown(Why.CONDITION, f"how often {condition} holds", when)
    if changed:
        return Unknown(Why.UNSUPPORTED, f"what {changed} changes", when)
    calendar = tuple(text for text, _ in _all(settings, "OnCalendar"))
    gaps = [time_span_days(text) for text, _ in _all(settings, *_REPEATS)]
    if calendar:
        gaps.append(calendar_interval_days(calendar))
    known = [gap for gap in gaps if gap is not None]
    if known:
        return min(known)
    return Unknown(Why.UNSUPPORTED, "how often this timer runs", when)


def _command(lines: list[Setting], unit: str, when: Span) -> Maybe[str | None]:
    if not lines:
        return Unknown(Why.FILE_MISSING, f"what {unit} starts", when)
    return "; ".join(text.lstrip(_PREFIXES).strip() for text, _ in lines)


def _tells(
    service: dict[tuple[str, str], list[Setting]] | None,
    lines: list[Setting],
    unit: str,
    when: Span,
    changed: str,
) -> Maybe[bool]:
    """Whether a failure of the service starts another unit. A command with `-` never fails."""
    if service is None:
        return Unknown(Why.FILE_MISSING, f"what happens if {unit} fails", when)
    if any(loses_failure(text, program_of(text)) for text, _ in lines):
        return False
    if any(text[: len(text) - len(text.lstrip(_PREFIXES))].count("-") for text, _ in lines):
        return False
    if service.get(("Unit", "OnFailure")):
        return True
    return Unknown(Why.UNSUPPORTED, f"what {changed} changes", when) if changed else False

"""Asks an account: region by region, service by service, each question to its last page.

Services of all regions are asked side by side, in threads; what is found comes in the order of the
regions and of `operations`, whichever answered first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from policyscan.collectors.aws.clock import gap_of
from policyscan.collectors.aws.disguise import disguised, shown
from policyscan.collectors.aws.errors import (
    WrongShapeError,
    code_of,
    expected,
    is_of_region,
    problem,
)
from policyscan.collectors.aws.operation import Operation
from policyscan.collectors.aws.operations import OPERATIONS
from policyscan.collectors.aws.pages import pages_of
from policyscan.collectors.aws.plain import server_time
from policyscan.collectors.aws.session import ASSUME, IDENTITY, Meter, Sessions
from policyscan.collectors.interface import Answer, Asked, Reading, Said, Target
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap
from policyscan.resources.units import GLOBAL

INSTALL = 'boto3 is not installed: pip install "policyscan[aws]"'
_WORKERS = 8
"""Services that are asked at a time. Nearly all of it is waiting: of answers that take 0.1 s each,
in four regions, eight threads get theirs in a third of the time that one needs."""
_NAP = 0.5
"""Seconds. A wait without an end is not woken by a signal that another thread was given."""
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_MOST_NAMED = 3
"""Things that a gap names, of those about which a question was not answered."""


def ask(target: Target, reading: Reading) -> Iterator[Said]:
    """Every answer for the kinds that are asked for, and what was not answered."""
    operations = [each for each in OPERATIONS if reading.kinds & {*each.kinds}]
    if not operations:
        return
    try:
        import boto3  # noqa: F401
    except ImportError:
        yield from _nothing(target, reading, GapReason.NOT_FETCHED, "boto3", INSTALL)
        return
    try:
        sessions = Sessions(target.settings)
    except expected() as error:
        reason, message = problem(error, IDENTITY, "")
        yield from _nothing(target, reading, reason, IDENTITY.subject, message)
        return
    regions = sessions.regions
    if not regions[0]:
        message = "no region is named: give --region, or set AWS_REGION"
        yield from _nothing(target, reading, GapReason.UNREACHABLE, "region", message)
        return
    found = enter(sessions, target, regions)
    if isinstance(found, Gap):
        yield from _nothing(target, reading, found.reason, found.subject, found.message)
        return
    for gap in found.refused:
        yield replace(gap, hides=tuple(sorted(reading.kinds)), unit=f"{found.account}/{gap.unit}")
    ours, kinds = datetime.now(UTC), tuple(sorted(reading.kinds))
    yield from gap_of(found.at, ours, kinds, target.name)
    yield from _all(_jobs(sessions, found, regions, operations, reading))


@dataclass(frozen=True)
class Entered:
    """Who asks is known."""

    account: str
    region: str
    """Where that was answered; what an account has once is asked there."""
    refused: tuple[Gap, ...]
    """The regions before it, as units, that refused to say."""
    at: datetime | None
    """What time it is there."""


def enter(sessions: Sessions, target: Target, regions: Sequence[str]) -> Entered | Gap:
    """The account, after the role was taken on; or the gap if there is no way in. One region may
    not be enabled: then the next is tried."""
    problems: list[Gap] = []
    role = target.settings.get("role")
    for region in regions:
        meter = Meter(sessions.budget)
        meter.start()
        asked = IDENTITY
        try:
            if role:
                asked = ASSUME
                sessions.assume(role, region, meter)
                asked, role = IDENTITY, None
            client = sessions.client("sts", region, meter)
            ((data, response),) = pages_of(client, IDENTITY, {}, meter)
            if not _ACCOUNT.fullmatch(data["Account"]):
                raise WrongShapeError("the id of an account has 12 digits")
            at = server_time(response)
            return Entered(data["Account"], region, tuple(problems), at)
        except expected() as error:
            reason, message = problem(error, asked, region)
            problems.append(Gap(reason, asked.subject, message, unit=region))
            if not is_of_region(error):
                break
    return problems[0]


def _nothing(
    target: Target, reading: Reading, reason: GapReason, subject: str, message: str
) -> Iterator[Asked | Gap]:
    """What is left to say of an account that cannot be asked at all."""
    kinds = tuple(sorted(reading.kinds))
    yield Gap(reason, subject, message, hides=kinds)
    yield Asked(target.name, subject, kinds, 0, 0, reason)


@dataclass
class _Job:
    """The questions to one service in one region."""

    client: Any
    unit: str
    region: str
    operations: list[Operation]
    kinds: frozenset[str]
    meter: Meter
    regions: Sequence[str] = ()
    """All regions that are asked."""
    listed: dict[str, list[Any]] = field(default_factory=dict)
    """The pages of each question so far, as botocore parsed them: others ask about what they
    list."""
    failed: dict[str, GapReason] = field(default_factory=dict)
    broken: BaseException | None = None
    """Why there is no client."""


def _jobs(
    sessions: Sessions,
    entered: Entered,
    regions: Sequence[str],
    operations: Sequence[Operation],
    reading: Reading,
) -> Iterator[_Job]:
    """By region and service, in order. Clients are made here, one after the other: a session is
    not for several threads."""
    for scope, places in (("account", (entered.region,)), ("region", regions)):
        by_service: dict[str, list[Operation]] = {}
        for each in operations:
            if each.scope == scope:
                by_service.setdefault(each.service, []).append(each)
        for region in places:
            unit = f"{entered.account}/{GLOBAL if scope == 'account' else region}"
            for service, asked in by_service.items():
                meter = Meter(sessions.budget)
                job = _Job(None, unit, region, asked, reading.kinds, meter, regions)
                try:
                    job.client = sessions.client(service, region, meter)
                except expected() as error:
                    job.broken = error
                yield job


def _all(jobs: Iterator[_Job]) -> Iterator[Said]:
    begun: list[_Job] = []
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="aws")  # `with` would wait for its end
    try:
        pending = []
        for job in jobs:
            begun.append(job)
            pending.append(pool.submit(_run, job))
        for future in pending:
            while not future.done():  # awake at times, to hear a signal that another thread took
                wait([future], timeout=_NAP)
            yield from future.result()
    finally:  # whoever interrupts this does not wait for what is left
        for job in begun:
            job.meter.stop()
        pool.shutdown(wait=False, cancel_futures=True)


def _run(job: _Job) -> list[Said]:
    job.meter.start()
    return [item for operation in job.operations for item in _ask(job, operation)]


def _ask(job: _Job, operation: Operation) -> Iterator[Said]:
    """One question, about each thing that it is to be asked about."""
    before = job.meter.calls
    kinds = tuple(kind for kind in operation.kinds if kind in job.kinds)
    failures: list[tuple[GapReason, str, str]] = []
    pages = 0
    for about, parameters in _things(job, operation):
        try:
            if job.broken is not None:
                raise job.broken
            if job.meter.over:
                raise ReadError(GapReason.TRUNCATED, operation.subject, "the time for it was over")
            for answer in _pages(job, operation, about, parameters, pages):
                pages += 1
                yield answer
        except expected() as error:
            if operation.none and code_of(error) in operation.none:
                pages += 1
                yield Answer(job.unit, operation.subject, {}, about, 1, datetime.now(UTC))
                continue
            reason, message = problem(error, operation, job.region)
            failures.append((reason, message, shown(operation, about)))
            if job.meter.over:
                break
    yield from _gaps(failures, operation, kinds, job.unit)
    failed = failures[0][0] if failures else job.failed.get(operation.about)
    if failed is not None:
        job.failed[operation.subject] = failed
    yield Asked(job.unit, operation.subject, kinds, job.meter.calls - before, pages, failed)


def _pages(
    job: _Job, operation: Operation, about: str, parameters: Mapping[str, Any], before: int
) -> Iterator[Answer]:
    first = before + 1 if operation.batch else 1
    found = pages_of(job.client, operation, parameters, job.meter)
    for number, (data, response) in enumerate(found, start=first):
        job.listed.setdefault(operation.subject, []).append(data)
        at = server_time(response) or datetime.now(UTC)
        about = shown(operation, about)
        yield Answer(job.unit, operation.subject, disguised(data, operation), about, number, at)


def _things(job: _Job, operation: Operation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What a question is asked about, and the parameters that say so."""
    if not operation.about:
        yield "", {}
        return
    import jmespath

    each = operation.each.replace("$regions", json.dumps(list(job.regions)))
    expression = jmespath.compile(each.replace("$region", job.region))
    found: dict[str, None] = {}
    for page in job.listed.get(operation.about, ()):
        found.update(dict.fromkeys(each for each in expression.search(page) or () if each))
    things = list(found)
    if operation.batch:
        for start in range(0, len(things), operation.batch):
            yield "", {operation.parameter: things[start : start + operation.batch]}
    else:
        for thing in things:
            yield thing, {operation.parameter: thing}


def _gaps(
    failures: Sequence[tuple[GapReason, str, str]],
    operation: Operation,
    kinds: tuple[str, ...],
    unit: str,
) -> Iterator[Gap]:
    """One gap for each sort of failure; it names some of the things that it was about."""
    sorts: dict[tuple[GapReason, str], list[str]] = {}
    for reason, message, about in failures:
        sorts.setdefault((reason, message), []).append(about)
    for (reason, message), things in sorts.items():
        named = [each for each in things if each]
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        which = f" about {', '.join(named[:_MOST_NAMED])}{more}" if named else ""
        yield Gap(reason, operation.subject, f"{message}{which}", hides=kinds, unit=unit)

"""What asking an account needs, looked at without asking for anything but who asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec

from policyscan.collectors.aws.asking import INSTALL, enter
from policyscan.collectors.aws.clock import difference
from policyscan.collectors.aws.errors import expected, problem
from policyscan.collectors.aws.session import IDENTITY, Sessions
from policyscan.collectors.interface import Target
from policyscan.resources.base import Gap

SECONDS = 15.0
"""For the answer to who asks, unless the target says otherwise."""


def examine(target: Target) -> Iterator[tuple[str, str]]:
    """Whether boto3 is here, which regions would be asked, as whom, and if the clocks agree."""
    if find_spec("boto3") is None:
        yield "boto3", f"missing: {INSTALL}"
        return
    yield "boto3", f"ok: boto3 {_version()}"
    try:
        sessions = Sessions({"budget": SECONDS, **target.settings})
    except expected() as error:
        yield "credentials", f"missing: {problem(error, IDENTITY, '')[1]}"
        return
    regions = sessions.regions
    if not regions[0]:
        yield "regions", "missing: give --region, or set AWS_REGION"
        return
    yield "regions", f"ok: {', '.join(regions)}"
    found = enter(sessions, target, regions)
    if isinstance(found, Gap):
        yield "credentials", f"missing: {found.subject}: {found.message}"
        return
    yield "credentials", f"ok: account {found.account}"
    yield "clock", clock(found.at, datetime.now(UTC))


def clock(theirs: datetime | None, ours: datetime) -> str:
    """What to say of the two clocks. Ages are counted to theirs."""
    if theirs is None:
        return "ok: AWS did not say what time it is"
    told = difference(theirs, ours)
    if told:
        return f"missing: {told}, which may refuse what is sent"
    return "ok: within 5 minutes of that of AWS"


def _version() -> str:
    import boto3

    return str(boto3.__version__)

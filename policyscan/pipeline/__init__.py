"""A scan, stage by stage: collect → join → evaluate → report. The only place where stages meet."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from policyscan.assembly import assemble
from policyscan.collecting import note_lost, note_unmade
from policyscan.evaluate import Judging
from policyscan.findings.difference import Before
from policyscan.findings.report import Report
from policyscan.holding import hold
from policyscan.inventory import Inventory
from policyscan.pipeline.sides import Judged, Sides
from policyscan.request import ScanRequest
from policyscan.trees import base_commit, head_tree

if TYPE_CHECKING:
    from policyscan.text.base import Base

__all__ = ["ScanRequest", "Survey", "scan", "survey"]


class Survey(NamedTuple):
    """A report, the resources that it is about, and what they were judged with."""

    report: Report
    inventory: Inventory
    judging: Judging


def scan(
    request: ScanRequest,
    *,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """The report on `request.path`. Raises `UsageError` and `PolicyError` before anything is
    judged; what goes wrong later is in the report. `now` is timezone-aware."""
    return survey(request, now=now, progress=progress).report


def survey(
    request: ScanRequest,
    *,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> Survey:
    """A scan that gives the resources as well."""
    clock = time.monotonic()
    base = base_commit(request)
    with closing(head_tree(request)) as tree, closing(Sides(request, now, progress)) as sides:
        judged = sides.head(tree)
        run, rules, evaluation = judged.run, judged.in_force, judged.evaluation
        before, trusted = _compared(request, sides, judged, base)
        for side in filter(None, (before, trusted)):
            hold(evaluation, side.scopes, side.name)
        ended = now + timedelta(seconds=time.monotonic() - clock)
        report = assemble(
            request,
            run,
            tree,
            rules.catalogue,
            rules.controls,
            evaluation,
            before,
            trusted,
            now,
            ended,
        )
        return Survey(report, evaluation.inventory, evaluation.judging)


def _compared(
    request: ScanRequest, sides: Sides, judged: Judged, base: Base | None
) -> tuple[Before | None, Before | None]:
    """What the run is compared with, and the trusted side. A part of a run is compared with
    nothing: what was not looked at would seem to be gone."""
    run, tree = judged.run, judged.tree
    if run.interrupted:
        return None, None
    try:
        before = sides.before(tree, base) if base is not None else _listed(request)
        if sides.earlier is not None:
            note_lost(run, tree, sides.earlier)
            note_unmade(run, sides.earlier)
        if not request.trust or request.path is None:
            return before, None
        from policyscan.text.base import Base, commit_of  # late: most runs trust no other side

        commit = request.trust_commit or commit_of(request.path, request.trust)
        if before is not None and before.commit == commit:
            return before, before
        return before, sides.before(tree, Base(request.trust, commit, ""))
    except KeyboardInterrupt:
        run.interrupted = True
        return None, None


def _listed(request: ScanRequest) -> Before | None:
    """What the baseline says of the policies that are judged; of others nothing is asked, so that
    nothing of them is gone."""
    before = request.baseline
    if before is None or not request.select:
        return before
    pairs = tuple(pair for pair in before.pairs if request.selects(pair.policy_id))
    return replace(before, pairs=pairs)

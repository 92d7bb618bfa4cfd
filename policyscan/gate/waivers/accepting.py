"""Waivers held against the failures of a run, where there are any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from policyscan.findings.difference import Before, Known
from policyscan.findings.model import Finding, Verdict
from policyscan.findings.report import Waiver
from policyscan.gate.knowing import Resources, known_pairs, more_besides, names_of
from policyscan.gate.pairing import pair
from policyscan.gate.things import NOTHING
from policyscan.gate.waivers import Accepted
from policyscan.gate.waivers.candidates import Candidate
from policyscan.gate.waivers.comments import Comment
from policyscan.gate.waivers.holding import day_of
from policyscan.gate.waivers.inline import Inline
from policyscan.gate.waivers.registered import Failure, Failures, registered
from policyscan.text.tree import Tree

_MOST_ASKED = 20
"""Documents of which git is asked who changed them: it takes a while for each."""


def accepting(
    accepted: Accepted,
    comments: Sequence[Comment],
    findings: Sequence[Finding],
    resources: Resources,
    now: datetime,
) -> tuple[tuple[Finding, ...], tuple[Waiver, ...]]:
    """The findings, those that are accepted as `waived`, and what became of every waiver."""
    entries = accepted.file.entries if accepted.file is not None else ()
    today = day_of(now)
    failures, before = _failures(accepted.trusted, findings, resources)
    judged = {finding.policy_id for finding in findings}
    inline = Inline(accepted.settings, accepted.trusted, trusts_tree=accepted.trusts_tree)
    candidates = [
        *registered(
            entries,
            accepted.settings,
            Failures(failures, judged, before),
            accepted.policies,
            today,
        ),
        *inline.candidates(comments, failures, resources, accepted.policies, today),
    ]
    if accepted.tree is not None:
        _name_authors(accepted.tree, comments, candidates[len(entries) :])
    records = tuple(one.record(today, accepted.settings.soon) for one in candidates)
    return _told(findings, candidates, today), records


def _failures(
    trusted: Before | None, findings: Sequence[Finding], resources: Resources
) -> tuple[list[Failure], list[tuple[Known, bool]]]:
    """The failures of the run, and those of the trusted side, each with whether the thing is still
    there, whatever became of it."""
    earlier: Mapping[int, int] = {}
    pairs: tuple[Known, ...] = ()
    names = NOTHING
    now = known_pairs(findings, resources)
    if trusted is not None:
        pairs = trusted.pairs
        names = names_of(trusted, now, resources)
        earlier = pair(trusted, now, names).earlier
    failures = []
    for place, finding in enumerate(findings):
        if finding.verdict is Verdict.FAIL:
            was = pairs[earlier[place]] if place in earlier else None
            more = more_besides(was, now[place], names) if was is not None else ""
            failures.append(Failure(place, finding, was, now[place].environment, more))
    staying = set(earlier.values())
    before = [
        (one, place in staying)
        for place, one in enumerate(pairs)
        if one.verdict in (Verdict.FAIL, Verdict.WAIVED)
    ]
    return failures, before


def _told(
    findings: Sequence[Finding], candidates: Sequence[Candidate], today: date
) -> tuple[Finding, ...]:
    """The findings with what the waivers say of them. Of several that accept one failure, it names
    the one that holds longest."""
    about: defaultdict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        for place in candidate.chosen:
            about[place].append(candidate)
    return tuple(
        _finding(finding, place, about[place], today) if place in about else finding
        for place, finding in enumerate(findings)
    )


def _finding(finding: Finding, place: int, about: list[Candidate], today: date) -> Finding:
    accepting = [one for one in about if one.accepts(place, today)]
    if not accepting:
        return replace(finding, unwaived="; ".join(one.objection(place, today) for one in about))
    best = max(accepting, key=lambda one: one.expires)
    return replace(
        finding,
        verdict=Verdict.WAIVED,
        waiver=best.waiver.id,
        blocking=False,
        blocking_reason=f"waived by {best.waiver.id} until {best.waiver.expires}",
    )


def _name_authors(tree: Tree, comments: Sequence[Comment], candidates: Sequence[Candidate]) -> None:
    """Says of each comment that is for something who changed its document last, if git knows."""
    owners: dict[str, str] = {}
    for comment, candidate in zip(comments, candidates, strict=True):
        path = comment.source.path
        if not candidate.chosen or (path not in owners and len(owners) >= _MOST_ASKED):
            continue
        if path not in owners:
            change = tree.last_change(comment.source)
            owners[path] = change.author if change is not None else ""
        candidate.waiver = replace(candidate.waiver, owner=owners[path])

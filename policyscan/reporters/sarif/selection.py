"""Which failures are results for GitHub, and by what each is known there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from policyscan.findings.model import Change, Finding, Location, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.outcome import is_request
from policyscan.reporters.places import place_of, placed
from policyscan.text.display import one_line

_HASH = re.compile(r"[0-9a-f]{1,16}:[1-9][0-9]*")
_AS_BEFORE = (Change.UNCHANGED, Change.BETTER)


class Placed(Struct, frozen=True):
    """A failure that has a place."""

    finding: Finding
    place: Location
    line_hash: str = ""
    """What GitHub knows it by, besides its rule; empty where its upload action is to find it."""


class Selection(Struct, frozen=True):
    """What is a result, and how many failures are none, by the reason for it."""

    placed: tuple[Placed, ...]
    left_out: Mapping[str, int]


def selected(report: Report, *, unchanged: bool) -> Selection:
    """The failures that have a place; of things that run, that where code declares the same thing.
    Those that are as they were before only if they are asked for with `unchanged`, or if their
    absence would close the alerts of a branch."""
    failures = report.of(Verdict.FAIL)
    hides = not unchanged and hides_unchanged(report)
    told = [one for one in failures if not (hides and one.change in _AS_BEFORE)]
    chosen = tuple(_known(placed(told, report)))
    left_out = {
        "failuresWithoutPlace": len(told) - len(chosen),
        "failuresUnchanged": len(failures) - len(told),
        "failuresWaived": len(report.of(Verdict.WAIVED)),
    }
    return Selection(chosen, left_out)


def hides_unchanged(report: Report) -> bool:
    """Whether failures that are as they were before are no results. GitHub closes an alert whose
    result is missing: in a pull request that is what is wanted, and of a baseline, whose entries
    are missing always; of a branch that is compared with its last commit it is not."""
    difference = report.difference
    if difference is None:
        return False
    return difference.kind != "base" or is_request(report.run)


def place_and_hash(finding: Finding) -> tuple[Location | None, str]:
    """The place of a finding, and the hash of its line."""
    place = place_of(finding)
    return place, _line_hash(finding, place) if place else ""


def digest_hash(text: str) -> str:
    """A hash in the form of those of lines, of any text."""
    return f"{hashlib.sha256(one_line(text).encode()).hexdigest()[:16]}:1"


def _known(found: Iterable[tuple[Finding, Location]]) -> Iterator[Placed]:
    """GitHub takes two results of one rule with one line hash for one alert: every result but the
    first of a line (one of several that a `for_each` makes) is known by its own fingerprint."""
    taken: set[tuple[str, str]] = set()
    for finding, place in found:
        line_hash = _line_hash(finding, place)
        line = f"{place.path}:{place.start_line}"
        if not taken.isdisjoint({(finding.policy_id, line_hash), (finding.policy_id, line)}):
            line_hash = digest_hash(finding.fingerprint)
            while (finding.policy_id, line_hash) in taken:
                line_hash = digest_hash(f"{finding.fingerprint} {line_hash}")
        taken.add((finding.policy_id, line))
        if line_hash:
            taken.add((finding.policy_id, line_hash))
        yield Placed(finding, place, line_hash)


def _line_hash(finding: Finding, place: Location) -> str:
    other = finding.location
    same_line = other and (other.path, other.start_line) == (place.path, place.start_line)
    line_hash = place.line_hash or (other.line_hash if other and same_line else "")
    return line_hash if _HASH.fullmatch(line_hash) else ""

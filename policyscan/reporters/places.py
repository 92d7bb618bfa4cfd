"""Where things stand in the repository, for systems that show a result at a line of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TypeGuard

from msgspec.structs import replace

from policyscan.findings.derivation import Derivation
from policyscan.findings.difference import Gone
from policyscan.findings.model import Finding, Location, ProvenanceStep, Witness
from policyscan.findings.report import Report
from policyscan.resources.base import StepKind
from policyscan.text.display import path_text

CONFIGURATION = "configuration"
"""The collector of what the configuration states. Its places alone are not in the scanned tree: a
configuration is named from the working directory."""
STATED = "allow_lists."
"""How the addresses of what it states begin."""


@lru_cache(maxsize=4096)
def tidy(path: str) -> str:
    """`path` without `.`, `..` and slashes that name nothing; it never leads out of where it
    begins. Empty if it names nothing."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def is_file(place: Location | None) -> TypeGuard[Location]:
    """Whether there is a place, and it is one in a file."""
    return place is not None and bool(tidy(place.path))


def place_of(finding: Finding) -> Location | None:
    """The tightest place in a file: of the first witness that has one, else of the finding."""
    places = (*(witness.location for witness in finding.witnesses), finding.location)
    return next(filter(is_file, places), None)


def path_from_top(path: str, report: Report) -> str:
    """A path of the report from the top of the repository, not yet safe to show."""
    return tidy(report.run.prefix + path)


def path_shown(finding: Finding, report: Report) -> str:
    """The file of a finding, for people: from the top of the repository if it is known to be in it,
    else as it was named; empty without a place."""
    if finding.location is None:
        return ""
    place = in_repository(finding, report).location
    return path_from_top(place.path, report) if place else finding.location.path


def placed(findings: Iterable[Finding], report: Report) -> Iterator[tuple[Finding, Location]]:
    """The findings that have a place in a file of the repository, and that place; of a thing that
    runs, it is where code declares the same."""
    by_code = declared(report)
    for one in findings:
        finding = in_repository(one, report)
        place = place_of(finding) or by_code.get((one.resource.unit, one.resource.address))
        if place:
            yield finding, place


def declared(report: Report) -> Mapping[tuple[str, str], Location]:
    """Where code declares what runs, by its unit and address."""
    return {
        (one.observed.unit, one.observed.address): replace(one.location, line_hash="")
        for one in report.drift
        if is_file(one.location)
    }


def in_repository(finding: Finding, report: Report) -> Finding:
    """The finding with all places relative to the scanned directory: those in the configuration
    are not so before, and are left out if they are in no file of the repository, or nobody can
    tell."""
    if finding.resource.collector != CONFIGURATION:
        return finding
    target = finding.resource.target
    return replace(
        finding,
        location=_moved(finding.location, target, report),
        witnesses=tuple(_witness(one, target, report) for one in finding.witnesses),
        derivation=tuple(_derived(one, target, report) for one in finding.derivation),
    )


def steps_back(witness: Witness, here: Location | None) -> list[ProvenanceStep]:
    """From where a value comes, the nearest first, up to the expression that it is written as: a
    step for each line of a file but the one that the reader is at. Of several on a line it is the
    first; on the line where it ends, the last."""
    steps = [(_line(step.location), step) for step in witness.provenance if is_file(step.location)]
    written = [at for at, (_, step) in enumerate(steps, 1) if step.kind == StepKind.EXPRESSION]
    steps = steps[: written[-1]] if written else steps  # what follows is who uses it
    by_line: dict[tuple[str, int], ProvenanceStep] = {}
    for line, step in steps:
        by_line.setdefault(line, step)
    by_line |= dict(steps[-1:])
    if here:
        by_line.pop(_line(here), None)
    return list(by_line.values())


def origin(finding: Finding, here: Location | None) -> Location | None:
    """Where the value that decides comes from; None if that is the line that the reader is at, or
    is not told."""
    steps = steps_back(finding.witnesses[0], here) if finding.witnesses else []
    return steps[-1].location if steps else None


def _line(place: Location) -> tuple[str, int]:
    return place.path, place.start_line


def gone_place(gone: Gone, report: Report) -> Location | None:
    """The place of something that is there no more, like those of `in_repository`."""
    if not gone.address.startswith(STATED) or not report.coverage.targets_declared:
        return gone.location
    return _moved(gone.location, report.coverage.targets_declared[0], report)


def _witness(one: Witness, target: str, report: Report) -> Witness:
    return replace(
        one,
        location=_moved(one.location, target, report),
        provenance=tuple(
            ProvenanceStep(step.kind, step.label, _moved(step.location, target, report))
            for step in one.provenance
        ),
    )


def _derived(one: Derivation, target: str, report: Report) -> Derivation:
    return replace(
        one,
        provenance=tuple(
            replace(link, location=_moved(link.location, target, report)) for link in one.provenance
        ),
        parts=tuple(_derived(part, target, report) for part in one.parts),
    )


def _moved(place: Location | None, target: str, report: Report) -> Location | None:
    if place is None or place.path != path_text(report.run.configuration):
        return place
    path = _seen_from(path_text(target), place.path, report.run.prefix)
    return replace(place, path=path) if path else None


def _seen_from(target: str, path: str, prefix: str) -> str:
    """`path`, named from the working directory as `target` is, seen from the target, which is at
    `prefix` of its repository. Empty if it is not in the repository or names alone do not tell:
    `infra` may be a link to another directory."""
    here, there = PurePosixPath(target).parts, PurePosixPath(normpath(path)).parts
    if ".." in here or target.startswith("/") != path.startswith("/"):
        return ""
    common = next(
        (n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b),
        min(len(here), len(there)),
    )
    climbed = here[common:]
    from_top = PurePosixPath(prefix).parts
    ups = len(climbed) + there.count("..")
    if ups > len(from_top) or from_top[len(from_top) - len(climbed) :] != climbed:
        return ""
    return "/".join([".."] * len(climbed) + list(there[common:]))

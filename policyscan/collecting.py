"""Runs the collectors: on the files that each claims, and on what runs and is to be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from functools import partial
from posixpath import dirname
from typing import TYPE_CHECKING

from policyscan.collectors.interface import (
    Answer,
    Asked,
    Closed,
    Declined,
    FileCollector,
    Item,
    LiveCollector,
    Reading,
    Said,
    Unclassified,
    Units,
)
from policyscan.config import Configuration
from policyscan.errors import GapReason
from policyscan.plugins import load_collectors, load_live_collector
from policyscan.request import Collected, Run, ScanRequest
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.resources.units import GLOBAL, set_unit
from policyscan.text.listing import NESTED, parents
from policyscan.text.tree import Tree

if TYPE_CHECKING:
    from policyscan.text.recorded import Recorder

Progress = Callable[[str], None]


class Memory:
    """What the collectors made of one tree. Of another tree that answers them alike they make the
    same, by the same request."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Recorder, list[str], list[Item | Said]]] = {}
        self._watched: Recorder | None = None
        self.recalled: set[str] = set()
        """The collectors that did not need to run again."""
        self.claims: dict[str, str | None] = {}
        """By path, the collector that reads it, if any does."""

    def watched(self, tree: Tree) -> Recorder:
        """The tree, for the next collector."""
        from policyscan.text.recorded import Recorder  # late: most runs compare nothing

        self._watched = Recorder(tree)
        return self._watched

    def keep(self, name: str, paths: list[str], items: list[Item | Said]) -> None:
        """Keep what a collector made of the tree that is watched, unless it crashed."""
        if not any(isinstance(each, Gap) and each.reason is GapReason.CRASHED for each in items):
            assert self._watched is not None
            self._made[name] = self._watched, list(paths), items

    def recall(self, name: str, paths: list[str], tree: Tree) -> list[Item | Said] | None:
        """What a collector would make of these files of a tree; None if it has to be asked."""
        from policyscan.text.git_tree import GitTree  # late: most runs compare nothing

        made = self._made.get(name)
        if made is None or made[1] != paths or not isinstance(tree, GitTree):
            return None
        if not made[0].is_answered_alike(tree):
            return None
        self.recalled.add(name)
        return made[2]


def collect_files(
    run: Run,
    tree: Tree,
    request: ScanRequest,
    now: datetime,
    progress: Progress,
    *,
    keep: Memory | None = None,
    recall: Memory | None = None,
) -> None:
    """Runs every collector on the files it claims. Each runs behind a boundary: a defect of one
    is a gap, and the others go on. What they make is kept in `keep`, and taken from `recall` where
    it is known to be the same."""
    collectors = load_collectors()
    claims = _claims(run, tree, request, collectors, (keep or recall or Memory()).claims)
    for collector in collectors:
        paths = claims[collector.name]
        gaps = _unreadable(tree, collector)
        if not paths and not gaps:
            continue
        progress(f"reading {len(paths)} files for {collector.name}")
        part = Collected(collector.name, tuple(collector.kinds), paths, gaps=gaps)
        run.collected.append(part)
        known = recall.recall(collector.name, paths, tree) if recall is not None else None
        seen = keep.watched(tree) if keep is not None else tree
        made: list[Item | Said] = []
        reading = Reading(request.target, _options(collector.name, request.configuration), now)
        read = partial(collector.read, seen, tuple(paths), reading) if known is None else known.copy
        for item in _guarded(part, read):
            made.append(item)
            _take(run, part, item)
        if keep is not None:
            keep.keep(collector.name, paths, made)


def collect_live(
    run: Run, request: ScanRequest, kinds: frozenset[str], now: datetime, progress: Progress
) -> None:
    """Asks every live target for resources of these kinds, unless it can have none of them. Each
    runs behind a boundary, like a collector of files."""
    for target in request.targets:
        collector = load_live_collector(target.collector)
        if kinds.isdisjoint(collector.kinds):
            run.needless.append(target.name)
            continue
        progress(f"asking {target.name}")
        part = Collected(target.collector, tuple(collector.kinds), [], target=target.name)
        run.collected.append(part)
        reading = Reading(target.name, target.settings, now, kinds & frozenset(collector.kinds))
        recorded = request.answers.get(target.name)
        if recorded is None:
            for item in _guarded(part, partial(collector.collect, target, reading)):
                _take(run, part, item)
        else:
            part.answers.extend(recorded)
            for item in _as_asked(recorded, collector):
                _take(run, part, item)
        for item in _guarded(part, partial(collector.read, tuple(part.answers), reading)):
            _take(run, part, item)
    _close([part for part in run.collected if part.target], request.configuration)


def _as_asked(answers: Sequence[Answer], collector: LiveCollector) -> Iterator[Asked | Gap]:
    """What was asked, of answers that were recorded earlier. Of one to a question that is never
    asked, nothing is read."""
    for unit, subject in dict.fromkeys((each.unit, each.subject) for each in answers):
        pages = sum((each.unit, each.subject) == (unit, subject) for each in answers)
        kinds = collector.subjects.get(subject)
        if kinds is None:
            message = f"the {collector.name} collector asks no such question"
            hides = tuple(collector.kinds)
            yield Gap(GapReason.UNSUPPORTED, subject, message, hides=hides, unit=unit)
        else:
            yield Asked(unit, subject, kinds, pages, pages)


def _close(parts: Sequence[Collected], configuration: Configuration) -> None:
    """Notes the sets of which all was asked, answered, and accounted for, and why the others may
    have more members: of an account, in all regions that were asked, which must be all that the
    configuration says are in use. Several targets may ask one account: then each region must be
    seen whole by one of them."""
    seen: dict[tuple[str, str], dict[str, bool]] = {}
    regions: dict[str, set[str]] = {}
    for part in parts:
        for (kind, account, region), is_whole in _seen(part).items():
            regions.setdefault(account, set()).add(region)
            found = seen.setdefault((kind, account), {})
            found[region] = found.get(region, False) or is_whole
    in_use = {*configuration.context.get("regions", ())}
    for part in parts:
        for kind, account in sorted({(kind, account) for kind, account, _ in _seen(part)}):
            here = regions[account]
            missed = [] if account in here or here == {GLOBAL} else sorted(in_use - here)
            if missed:
                were = "was" if len(missed) == 1 else "were"
                why = f"{', '.join(missed)} of context.regions {were} not asked"
                part.opened[kind, account] = why
            elif not all(seen[kind, account].values()):
                part.opened[kind, account] = "not every question was answered whole"
            else:
                part.closed.append((kind, account))


def _seen(part: Collected) -> dict[tuple[str, str, str], bool]:
    """By kind, account and region that a target asked about: whether it saw all. (What is in no
    account is its own region.)"""
    tallies = {(tally.kind, tally.unit): tally for tally in part.tallies}
    found: dict[tuple[str, str, str], bool] = {}
    for asked in part.asked:
        account = set_unit(asked.unit)
        for kind in asked.kinds:
            tally = tallies.get((kind, asked.unit))
            balanced = tally is not None and tally.balanced
            hidden = any(_may_hide(gap, kind, asked.unit) for gap in part.gaps)
            whole = asked.whole and asked.failed is None and balanced and not hidden
            place = kind, account, asked.unit.removeprefix(f"{account}/")
            found[place] = found.get(place, True) and whole
    return found


def _may_hide(gap: Gap, kind: str, unit: str) -> bool:
    return kind in (gap.hides or (kind,)) and gap.unit in ("", unit, set_unit(unit))


def note_lost(run: Run, tree: Tree, earlier: Run) -> None:
    """Adds a gap for each directory of which the collectors read something in an earlier tree, and
    that none can look into now: a link that leads out, or a submodule, took its place."""
    shut = {problem.subject: problem.message for problem in tree.problems()}
    shut |= {subject: reason for subject, reason, _ in tree.excluded() if reason == NESTED}
    for part in earlier.collected if shut else ():
        found = Counter(folder for path in part.paths for folder in parents(path) if folder in shut)
        gaps = [
            Gap(GapReason.UNREADABLE, folder, f"{shut[folder]}, and {count} files were read here")
            for folder, count in sorted(found.items())
        ]
        if gaps:
            run.collected.append(Collected(part.collector, part.kinds, [], gaps=gaps))


def note_unmade(run: Run, earlier: Run) -> None:
    """Adds a gap for each root of an earlier tree that is a module now of which nothing is made: it
    is called, and with no instance."""
    units = {unit for part in run.collected for unit in part.units}
    here = {dirname(path) or "." for part in run.collected for path in part.paths}
    made = {folder for folder, _ in _folders(run)}
    for part in earlier.collected:
        for unit in sorted(here.intersection(part.units) - units - made):
            count = sum(found == (unit, part.collector) for found in _folders(earlier))
            message = f"a root of {count} resources that is only called now, with no instance"
            if count:
                gaps = [Gap(GapReason.UNREADABLE, unit, message, unit=unit)]
                run.collected.append(Collected(part.collector, part.kinds, [], gaps=gaps))


def _folders(run: Run) -> Iterator[tuple[str, str]]:
    """The directory in which each resource is written, and who read it."""
    for resource in run.resources:
        if resource.origin.span is not None:
            path = resource.origin.span.source.path
            yield dirname(path) or ".", resource.origin.collector


# -- files -------------------------------------------------------------------------------------


def _claims(
    run: Run,
    tree: Tree,
    request: ScanRequest,
    collectors: Sequence[FileCollector],
    known: dict[str, str | None],
) -> dict[str, list[str]]:
    """Which collector reads which file: the first that claims it."""
    claims: dict[str, list[str]] = {collector.name: [] for collector in collectors}
    files = frozenset(tree.files())
    links = (link for link, target in tree.links().items() if target in files)
    for path in (*tree.files(), *links):
        reason = _exclusion(path, request.configuration)
        if reason:
            run.excluded.setdefault(reason, []).append(path)
            continue
        if path not in known:
            known[path] = next((c.name for c in collectors if c.claims(path, b"")), None)
        claiming = known[path]
        if claiming is None:
            run.unclaimed.append(path)
        else:
            claims[claiming].append(path)
    return claims


def _exclusion(path: str, configuration: Configuration) -> str:
    return next((e.reason for e in configuration.exclude if fnmatchcase(path, e.path)), "")


def _unreadable(tree: Tree, collector: FileCollector) -> list[Gap]:
    """What is named like an input of the collector and is no readable file: pipes, devices, links
    that lead away."""
    return [
        Gap.of(problem, hides=tuple(collector.kinds))
        for problem in tree.problems()
        if collector.claims(problem.subject, b"")
    ]


def _options(name: str, configuration: Configuration) -> Mapping[str, object]:
    if name == "terraform":
        settings = configuration.terraform
        return {"var_files": settings.var_files, "variables": settings.variables}
    if name == "dockerfile":
        dockerfile = configuration.dockerfile
        return {"build_args": dockerfile.build_args, "targets": dockerfile.targets}
    return {}


# -- items -------------------------------------------------------------------------------------


def _guarded(part: Collected, read: Callable[[], Iterable[Item | Said]]) -> Iterator[Item | Said]:
    """The items of a collector, and a gap if it crashes, be it before the first of them. This is
    the collector boundary."""
    try:
        yield from read()
    except Exception as error:
        message = f"the {part.collector} collector crashed: {type(error).__name__}"
        yield Gap(GapReason.CRASHED, part.target or part.collector, message, hides=part.kinds)


def _take(run: Run, part: Collected, item: Item | Said) -> None:
    match item:
        case Resource():
            part.resources.append(item)
        case Gap():
            part.gaps.append(item)
        case Tally():
            part.tallies.append(item)
        case Answer():
            part.answers.append(item)
        case Asked():
            part.asked.append(item)
        case Unclassified():
            part.types.update(item.types)
        case Units():
            part.units.extend(item.names)
        case Closed():
            part.closed.append((item.kind, item.unit))
        case Declined():
            if item.paths and item.reason:
                run.excluded.setdefault(item.reason, []).extend(item.paths)
            elif item.paths:
                run.unclaimed.extend(item.paths)
            declined = frozenset(item.paths)
            part.paths = [path for path in part.paths if path not in declined]

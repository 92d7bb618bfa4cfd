"""A scan, stage by stage: collect → join → evaluate → report. The only place where stages meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple

from policyscan.assembly import assemble
from policyscan.collectors.interface import (
    Closed,
    Declined,
    FileCollector,
    Item,
    Reading,
    Unclassified,
    Units,
)
from policyscan.config import Configuration
from policyscan.data import policies_directory
from policyscan.errors import GapReason, PolicyError, ReadError, UsageError
from policyscan.evaluate import Evaluation, Judging
from policyscan.findings.controls import Controls, load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.findings.report import Report
from policyscan.inventory import Inventory, stated
from policyscan.inventory.register import COLLECTOR
from policyscan.plugins import load_collectors
from policyscan.policy import Catalogue, load_policies
from policyscan.request import Collected, Run, ScanRequest
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.text.tree import DirectoryTree, GitTree, Tree

__all__ = ["ScanRequest", "Survey", "scan", "survey"]


class Survey(NamedTuple):
    """A report, and the resources that it is about."""

    report: Report
    inventory: Inventory


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
    run = Run()
    with closing(_tree(request)) as tree:
        try:
            _collect(run, tree, request, now, progress)
        except KeyboardInterrupt:
            run.interrupted = True
        _state(run, request)
        inventory = Inventory(run.resources, request.configuration.scope, run.closed, run.unseen)
        run.collected += _joined(inventory, request)
        catalogue = _catalogue(request, run)
        controls = _controls(request, catalogue)
        evaluation = Evaluation(inventory, _judging(request, now))
        progress(f"judging {len(run.resources)} resources")
        try:
            evaluation.judge(
                tuple(policy for policy in catalogue.policies if request.selects(policy.id))
            )
        except KeyboardInterrupt:
            run.interrupted = True
        ended = now + timedelta(seconds=time.monotonic() - clock)
        report = assemble(request, run, tree, catalogue, controls, evaluation, now, ended)
        return Survey(report, evaluation.inventory)


def _tree(request: ScanRequest) -> Tree:
    if not request.path.is_dir():
        raise UsageError(
            f"{request.path} is not a directory", hint="Name the directory that holds the file."
        )
    if not request.ref:
        return DirectoryTree(request.path)
    try:
        return GitTree(request.path, request.ref)
    except ReadError as error:
        raise UsageError(
            f"there is no commit {request.ref} in {request.path}",
            hint="A shallow clone holds its newest commit alone; outside of git there are none.",
        ) from error


def _judging(request: ScanRequest, now: datetime) -> Judging:
    configuration = request.configuration
    return Judging(
        profile=request.profile,
        now=now,
        project=configuration.project,
        environment=",".join(configuration.terraform.var_files),
        parameters=configuration.parameters,
        context=stated.context(configuration),
        baselines=configuration.terraform.baselines,
        planes=request.profile.planes,
    )


# -- collecting --------------------------------------------------------------------------------


def _collect(
    run: Run, tree: Tree, request: ScanRequest, now: datetime, progress: Callable[[str], None]
) -> None:
    """Runs every collector on the files it claims. Each runs behind a boundary: a defect of one
    is a gap, and the others go on."""
    collectors = load_collectors()
    claims = _claims(run, tree, request, collectors)
    for collector in collectors:
        paths = claims[collector.name]
        gaps = _unreadable(tree, collector)
        if not paths and not gaps:
            continue
        progress(f"reading {len(paths)} files for {collector.name}")
        part = Collected(collector.name, tuple(collector.kinds), paths, gaps=gaps)
        run.collected.append(part)
        reading = Reading(request.target, _options(collector.name, request.configuration), now)
        for item in _guarded(collector, tree, tuple(paths), reading):
            _take(run, part, item)


def _state(run: Run, request: ScanRequest) -> None:
    """Adds what the configuration itself states, as a collector of its own."""
    lists = list(stated.allow_lists(request.configuration, request.target))
    if lists:
        tally = Tally(request.target, "NetworkAllowList", len(lists), len(lists))
        part = Collected("configuration", ("NetworkAllowList",), [], [*lists], tallies=[tally])
        run.collected.append(part)


def _claims(
    run: Run, tree: Tree, request: ScanRequest, collectors: Sequence[FileCollector]
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
        claiming = next((c.name for c in collectors if c.claims(path, b"")), None)
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


def _guarded(
    collector: FileCollector, tree: Tree, paths: Sequence[str], reading: Reading
) -> Iterator[Item]:
    """The items of a collector, and a gap if it crashes. This is the collector boundary."""
    try:
        yield from collector.read(tree, paths, reading)
    except Exception as error:
        message = f"the {collector.name} collector crashed: {type(error).__name__}"
        yield Gap(GapReason.CRASHED, collector.name, message, hides=tuple(collector.kinds))


def _take(run: Run, part: Collected, item: Item) -> None:
    match item:
        case Resource():
            part.resources.append(item)
        case Gap():
            part.gaps.append(item)
        case Tally():
            part.tallies.append(item)
        case Unclassified():
            part.types.update(item.types)
        case Units():
            part.units.extend(item.names)
        case Closed():
            part.closed.append((item.kind, item.unit))
        case Declined():
            run.unclaimed.extend(item.paths)
            declined = frozenset(item.paths)
            part.paths = [path for path in part.paths if path not in declined]


def _options(name: str, configuration: Configuration) -> Mapping[str, object]:
    if name == "terraform":
        settings = configuration.terraform
        return {"var_files": settings.var_files, "variables": settings.variables}
    if name == "dockerfile":
        dockerfile = configuration.dockerfile
        return {"build_args": dockerfile.build_args, "targets": dockerfile.targets}
    return {}


def _joined(inventory: Inventory, request: ScanRequest) -> list[Collected]:
    """What no collector brought and follows from what they did: keys that no register lists."""
    added = list(inventory.register.unregistered)
    tallies = [inventory.register.tally(request.target)]
    part = Collected(COLLECTOR, ("ApiKey",), [], resources=[*added], tallies=tallies)
    return [part] if added else []


# -- policies ----------------------------------------------------------------------------------


def _catalogue(request: ScanRequest, run: Run) -> Catalogue:
    """The policies of all directories: those that judge something here loaded, the others as
    stubs. Two with one id are an error, wherever they lie. Policies that do not ship are loaded if
    anything here could be of their kind, so that their mistakes are told."""
    classes = load_kinds(MODULES)
    directory = request.only_policies or policies_directory()
    shipped = load_policies(directory, classes, _judged_kinds(request, run))
    others = [load_policies(each, classes, run.kinds) for each in request.policy_directories]
    catalogues = [shipped, *others]
    merged = Catalogue(
        tuple(policy for catalogue in catalogues for policy in catalogue.policies),
        tuple(stub for catalogue in catalogues for stub in catalogue.stubs),
    )
    places: dict[str, str] = {}
    for item in merged.everything:
        if item.id in places:
            message = f"{item.id} is already the id of {places[item.id]}"
            raise PolicyError(message, path=item.path, hint="Give one of them another id.")
        places[item.id] = item.path
    for name in request.configuration.parameters:
        if name not in places:
            raise UsageError(
                f"{request.configuration.path}: parameters for {name}, which is no policy",
                hint="See `policyscan policy list` for all ids.",
            )
    for word in request.select:
        if not any(replace(request, select=(word,)).selects(name) for name in places):
            raise UsageError(
                f"no policy is called {word}", hint="See `policyscan policy list` for all ids."
            )
    return merged


def _judged_kinds(request: ScanRequest, run: Run) -> frozenset[str]:
    """The kinds of what was found. A baseline is judged for what it lacks as well."""
    if request.configuration.terraform.baselines or request.configuration.parameters:
        return run.kinds
    return frozenset(resource.kind for resource in run.resources)


def _controls(request: ScanRequest, catalogue: Catalogue) -> Controls:
    """The controls in force, whose criteria and policies all exist."""
    file = request.configuration.controls
    return load_controls(
        file.path if file else "",
        file.data if file else None,
        criteria=load_criteria(),
        policies=[item.id for item in catalogue.everything],
    )

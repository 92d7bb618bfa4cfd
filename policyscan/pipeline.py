"""A scan, stage by stage: collect → join → evaluate → report. The only place where stages meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from policyscan import books
from policyscan.assembly import assemble, findings_of
from policyscan.collecting import collect_files, collect_live
from policyscan.data import policies_directory
from policyscan.errors import PolicyError, ReadError, UsageError
from policyscan.evaluate import Evaluation, Judging
from policyscan.findings.controls import Controls, load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.findings.difference import Before, Known
from policyscan.findings.report import Report
from policyscan.inventory import TOLD_BY, Inventory, stated
from policyscan.inventory.register import COLLECTOR
from policyscan.policy import Catalogue, load_policies
from policyscan.request import Collected, Run, ScanRequest, is_selected
from policyscan.resources.base import ProofLevel, Tally
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.resources.units import set_unit
from policyscan.text.interrupts import listening
from policyscan.text.tree import DirectoryTree, GitTree, NoTree, Tree
from policyscan.witnesses import Baseline, Question

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
    with closing(_tree(request, request.ref)) as tree:
        judged = _judge(request, tree, now, progress)
        before, trusted = _compared(request, judged.run, now, progress)
        ended = now + timedelta(seconds=time.monotonic() - clock)
        report = assemble(request, *judged, before, trusted, now, ended)
        return Survey(report, judged.evaluation.inventory)


class _Judged(NamedTuple):
    """What came of one tree, and of what was asked besides."""

    run: Run
    tree: Tree
    catalogue: Catalogue
    controls: Controls
    evaluation: Evaluation


def _judge(
    request: ScanRequest, tree: Tree, now: datetime, progress: Callable[[str], None]
) -> _Judged:
    """Collects, joins and judges. An interrupt ends the stage that it meets, and is noted."""
    run = Run()
    try:
        with listening():
            collect_files(run, tree, request, now, progress)
            if request.targets:
                kinds = needed_kinds(
                    request.policy_directories, request.select, shipped=request.only_policies
                )
                collect_live(run, request, kinds, now, progress)
    except KeyboardInterrupt:
        run.interrupted = True
    _state(run, request)
    inventory = Inventory(
        run.resources, request.configuration.scope, run.closed, run.unseen, run.opened
    )
    run.collected += _joined(inventory, request)
    catalogue = _catalogue(request, run)
    controls = _controls(request, catalogue)
    evaluation = Evaluation(inventory, _judging(request, run, now))
    progress(f"judging {len(run.resources)} resources")
    chosen = tuple(policy for policy in catalogue.policies if request.selects(policy.id))
    try:
        with listening():
            evaluation.judge(chosen)
    except KeyboardInterrupt:
        run.interrupted = True
    return _Judged(run, tree, catalogue, controls, evaluation)


def _compared(
    request: ScanRequest, run: Run, now: datetime, progress: Callable[[str], None]
) -> tuple[Before | None, Before | None]:
    """What the run is compared with, and the trusted side. A part of a run is compared with
    nothing: what was not looked at would seem to be gone."""
    if run.interrupted:
        return None, None
    before, trusted = request.baseline, None
    try:
        if request.base:
            before = _before(request, request.base, now, progress)
        if request.trust and request.trust != request.base:
            trusted = _before(request, request.trust, now, progress)
        elif request.trust:
            trusted = before
    except KeyboardInterrupt:
        run.interrupted = True
        return None, None
    return before, trusted


def _before(
    request: ScanRequest, commit: str, now: datetime, progress: Callable[[str], None]
) -> Before:
    """A commit, judged whole by what is in force: no policy or setting of its own."""
    asked = replace(request, targets=(), answers={}, ref=commit)
    progress(f"reading {commit}")
    with closing(_tree(asked, commit)) as tree:
        judged = _judge(asked, tree, now, progress)
        if judged.run.interrupted:
            raise KeyboardInterrupt
        entries = books.ledger(asked, judged.run, judged.evaluation, tree)
        return Before(
            "base",
            commit,
            tree.commit if isinstance(tree, GitTree) else "",
            tuple(map(Known.of, findings_of(judged.evaluation))),
            books.gap_records(asked, judged.run, judged.evaluation, entries),
        )


def _tree(request: ScanRequest, commit: str) -> Tree:
    """The files on disk, or those of a commit if one is named."""
    if request.path is None:
        return NoTree()
    if not request.path.is_dir():
        raise UsageError(
            f"{request.path} is not a directory", hint="Name the directory that holds the file."
        )
    if not commit:
        return DirectoryTree(request.path)
    try:
        return GitTree(request.path, commit)
    except ReadError as error:
        raise UsageError(
            f"there is no commit {commit} in {request.path}",
            hint="A shallow clone holds its newest commit alone; outside of git there are none.",
        ) from error


def _judging(request: ScanRequest, run: Run, now: datetime) -> Judging:
    configuration = request.configuration
    context = stated.context(configuration)
    regions = {} if "regions" in context else run.regions
    if len({*regions.values()}) == 1:  # of code, nobody says for which account it is
        context = {"regions": next(iter(regions.values())), **context}
    return Judging(
        now=now,
        project=configuration.project,
        environment=",".join(configuration.terraform.var_files),
        parameters=configuration.parameters,
        context=context,
        regions=regions,
        baselines=(*_baselines(request), *_accounts(run)),
        planes=request.profile.planes,
    )


def _baselines(request: ScanRequest) -> Iterator[Baseline]:
    for unit in request.configuration.terraform.baselines:
        yield Baseline(unit, "terraform", request.target, ProofLevel.CONFIGURED)


def _accounts(run: Run) -> Iterator[Baseline]:
    """The accounts that were asked: policies of the plane `account` judge each of them."""
    found: dict[str, Baseline] = {}
    for part in run.collected:
        at = {(answer.unit, answer.subject): answer.at for answer in part.answers}
        for asked in part.asked:
            account = set_unit(asked.unit)
            if account != asked.unit:
                baseline = Baseline(account, part.collector, part.target, ProofLevel.OBSERVED)
                question = Question(asked.subject, asked.unit, at.get((asked.unit, asked.subject)))
                for kind in asked.kinds:
                    found.setdefault(account, baseline).asked.setdefault(kind, []).append(question)
    yield from found.values()


# -- joining -----------------------------------------------------------------------------------


def _state(run: Run, request: ScanRequest) -> None:
    """Adds what the configuration itself states, as a collector of its own."""
    lists = list(stated.allow_lists(request.configuration, request.target))
    if lists:
        tally = Tally(request.target, "NetworkAllowList", len(lists), len(lists))
        part = Collected(
            "configuration", ("NetworkAllowList",), [], resources=[*lists], tallies=[tally]
        )
        run.collected.append(part)


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
    shipped = load_policies(directory, classes, _kinds_here(request, run))
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


def _kinds_here(request: ScanRequest, run: Run) -> frozenset[str]:
    """The kinds of what was found. A baseline and an account are judged for what they lack too."""
    if request.configuration.terraform.baselines or request.configuration.parameters:
        return run.kinds
    asked = {kind for part in run.collected for each in part.asked for kind in each.kinds}
    return frozenset(resource.kind for resource in run.resources) | asked


def needed_kinds(
    directories: Sequence[Path], select: Sequence[str] = (), *, shipped: Path | None = None
) -> frozenset[str]:
    """The kinds that policies judge, and those that tell more of them. They are read from the heads
    of the files of policies: those in `directories` and those that ship, or the ones in `shipped`
    in their place; with `select`, only the named."""
    classes = load_kinds(MODULES)
    judged = frozenset(
        kind
        for directory in (shipped or policies_directory(), *directories)
        for item in load_policies(directory, classes, frozenset()).everything
        if is_selected(item.id, select)
        for kind in item.kinds
    )
    return judged.union(*(TOLD_BY.get(kind, ()) for kind in judged))


def _controls(request: ScanRequest, catalogue: Catalogue) -> Controls:
    """The controls in force, whose criteria and policies all exist."""
    file = request.configuration.controls
    return load_controls(
        file.path if file else "",
        file.data if file else None,
        criteria=load_criteria(),
        policies=[item.id for item in catalogue.everything],
    )

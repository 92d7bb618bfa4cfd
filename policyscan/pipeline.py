"""A scan, stage by stage: collect → join → evaluate → report. The only place where stages meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace as before_with

from policyscan import books
from policyscan.assembly import assemble, known_of
from policyscan.collecting import Memory, collect_files, collect_live, note_lost, note_unmade
from policyscan.data import policies_directory
from policyscan.errors import PolicyError, UsageError
from policyscan.evaluate import Evaluation, Judging
from policyscan.findings.controls import Controls, load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.findings.difference import Before
from policyscan.findings.report import Report
from policyscan.inventory import TOLD_BY, Inventory, stated
from policyscan.inventory.register import COLLECTOR
from policyscan.policy import Catalogue, load_policies
from policyscan.request import Collected, Run, ScanRequest, is_selected
from policyscan.resources.base import ProofLevel, Tally
from policyscan.resources.governance import GateFile
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.resources.units import set_unit
from policyscan.scoping import scopes_of
from policyscan.text.base import Base, commit_of
from policyscan.text.display import path_text
from policyscan.text.files import Folder
from policyscan.text.interrupts import listening
from policyscan.text.recorded import holds
from policyscan.text.tree import Tree
from policyscan.trees import base_commit, earlier_tree, head_tree
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
    base = base_commit(request)
    with closing(head_tree(request)) as tree:
        sides = _Sides(request, now, progress)
        judged = sides.head(tree)
        before, trusted = _compared(request, sides, judged, base)
        for side in filter(None, (before, trusted)):
            judged.evaluation.hold(side.scopes, side.name)
        ended = now + timedelta(seconds=time.monotonic() - clock)
        report = assemble(request, *judged, before, trusted, now, ended)
        return Survey(report, judged.evaluation.inventory)


def _listed(request: ScanRequest) -> Before | None:
    """What the baseline says of the policies that are judged; of others nothing is asked, so that
    nothing of them is gone."""
    before = request.baseline
    if before is None or not request.select:
        return before
    pairs = tuple(pair for pair in before.pairs if request.selects(pair.policy_id))
    return before_with(before, pairs=pairs)


class _Judged(NamedTuple):
    """What came of one tree, and of what was asked besides."""

    run: Run
    tree: Tree
    catalogue: Catalogue
    controls: Controls
    evaluation: Evaluation


class _Sides:
    """The trees of one run, judged by the same policies and settings: those in force."""

    def __init__(
        self, request: ScanRequest, now: datetime, progress: Callable[[str], None]
    ) -> None:
        self._request = request
        self._now = now
        self._progress = progress
        self._memory = Memory()
        self._head: _Judged | None = None
        self._brought: tuple[Collected, ...] = ()
        """What the collectors brought from the head."""
        self.earlier: Run | None = None
        """Of the last commit that the head was compared with."""

    def head(self, tree: Tree) -> _Judged:
        """Collects, joins and judges. An interrupt ends the stage that it meets, and is noted."""
        request, run = self._request, Run()
        keep = self._memory if request.has_base else None
        try:
            with listening():
                collect_files(run, tree, request, self._now, self._progress, keep=keep)
                if request.targets:
                    kinds = needed_kinds(
                        request.policy_directories, request.select, shipped=request.only_policies
                    )
                    collect_live(run, request, kinds, self._now, self._progress)
        except KeyboardInterrupt:
            run.interrupted = True
        self._brought = tuple(run.collected)
        self._head = self._judge(request, run, tree)
        return self._head

    def before(self, head: Tree, base: Base) -> Before:
        """Another commit of what `head` is a tree of. What it shares with the head is worked out
        once. An interrupt goes through: a part of a commit is nothing to compare with."""
        asked = replace(self._request, targets=(), answers={}, ref=base.commit, staged=False)
        self._progress(f"reading {base.name}")
        if not base.commit:
            return Before("base", base.name, "", (), (), why=base.why)
        with closing(earlier_tree(asked, head, base.commit)) as tree:
            run = Run()
            memory = self._memory
            memory.recalled.clear()
            with listening():
                collect_files(run, tree, asked, self._now, self._progress, recall=memory)
            judged, self.earlier = self._judge(asked, run, tree), run
            if judged.run.interrupted:
                raise KeyboardInterrupt
            entries = books.ledger(asked, judged.run, judged.evaluation, tree)
            return Before(
                "base",
                base.name,
                base.commit,
                known_of(judged.evaluation, tree),
                books.gap_records(asked, judged.run, judged.evaluation, entries, tree),
                why=base.why,
                tip=base.tip,
                scopes=scopes_of(judged.evaluation.inventory.resources),
                touched=tuple(
                    sorted(
                        path_text(source.path)
                        for source in head.sources()
                        if not holds(tree, source)
                    )
                ),
            )

    def _judge(self, request: ScanRequest, run: Run, tree: Tree) -> _Judged:
        if self._head is not None and self._is_as_head(run):
            run.collected += self._head.run.collected[len(self._brought) :]
            return self._head._replace(run=run, tree=tree)
        _state(run, request)
        _compare(run, request, tree)
        inventory = Inventory(
            run.resources, request.configuration.scope, run.closed, run.unseen, run.opened
        )
        run.collected += _joined(inventory, request)
        catalogue, controls = self._in_force(request, run)
        evaluation = Evaluation(inventory, _judging(request, run, self._now))
        self._progress(f"judging {len(run.resources)} resources")
        chosen = tuple(policy for policy in catalogue.policies if request.selects(policy.id))
        try:
            with listening():
                evaluation.judge(chosen)
        except KeyboardInterrupt:
            run.interrupted = True
        return _Judged(run, tree, catalogue, controls, evaluation)

    def _is_as_head(self, run: Run) -> bool:
        """Whether the same was collected as of the head, so that the same follows."""
        head = self._head
        if self._request.targets or head is None or head.run.interrupted or _steers(head.run):
            return False
        ours = {part.collector: part.gaps for part in run.collected}
        theirs = {part.collector: part.gaps for part in self._brought}
        return ours == theirs and ours.keys() == self._memory.recalled

    def _in_force(self, request: ScanRequest, run: Run) -> tuple[Catalogue, Controls]:
        kinds = _kinds_here(request, run), run.kinds
        head = self._head
        if head is not None and kinds == (_kinds_here(request, head.run), head.run.kinds):
            return head.catalogue, head.controls
        catalogue = _catalogue(request, run)
        return catalogue, _controls(request, catalogue)


def _compared(
    request: ScanRequest, sides: _Sides, judged: _Judged, base: Base | None
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
        commit = request.trust_commit or commit_of(request.path, request.trust)
        if before is not None and before.commit == commit:
            return before, before
        return before, sides.before(tree, Base(request.trust, commit, ""))
    except KeyboardInterrupt:
        run.interrupted = True
        return None, None


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
        compares=request.compares,
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


def _steers(run: Run) -> bool:
    """Whether the judged side does anything to the files that steer the gate."""
    files = (one for one in run.resources if isinstance(one, GateFile))
    return not all(isinstance(one.state, str) and one.state == "unchanged" for one in files)


def _compare(run: Run, request: ScanRequest, tree: Tree) -> None:
    """Adds what became of the files that steer the gate, as a collector of its own."""
    if request.path is not None and (request.trust or request.base or request.counterpart):
        from policyscan.governance import gate_files  # late: most runs compare nothing

        part = gate_files(request, tree)
        run.collected += [part] if part is not None else []


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
    for word in request.configuration.waivers.policies_never:
        if not any(is_selected(name, (word,)) for name in places):
            raise UsageError(
                f"{request.configuration.path}: waivers.policies_never names {word}, which is no "
                "policy and no family",
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
    directories: Sequence[Folder], select: Sequence[str] = (), *, shipped: Path | None = None
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

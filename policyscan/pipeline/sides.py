"""The trees of one run, each collected, joined and judged by the same policies and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from policyscan import books
from policyscan.assembly import known_of
from policyscan.collecting import Memory, collect_files, collect_live
from policyscan.evaluate import Evaluation
from policyscan.findings.difference import Before
from policyscan.gate.knowing import addresses_of
from policyscan.inventory import Inventory, stated
from policyscan.inventory.register import COLLECTOR
from policyscan.pipeline.in_force import InForce, in_force, judging, kinds_to_ask
from policyscan.request import Collected, Run, ScanRequest
from policyscan.resources.base import Tally
from policyscan.scoping import scopes_of
from policyscan.text.cache import cache_folder
from policyscan.text.display import path_text
from policyscan.text.interrupts import listening
from policyscan.text.renames import renamed
from policyscan.text.tree import Tree
from policyscan.trees import earlier_tree

if TYPE_CHECKING:
    from policyscan.governance import Versions
    from policyscan.text.base import Base


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one tree, and of what was asked besides."""

    run: Run
    tree: Tree
    in_force: InForce
    evaluation: Evaluation


class Sides:
    """What is judged, and what that is compared with. What they share is worked out once; to be
    closed."""

    def __init__(
        self, request: ScanRequest, now: datetime, progress: Callable[[str], None]
    ) -> None:
        self._request = request
        self._now = now
        self._progress = progress
        self._memory = Memory()
        self._versions: Versions | None = None
        self._head: Judged | None = None
        self._brought: tuple[Collected, ...] = ()
        """What the collectors brought from the head."""
        self.earlier: Run | None = None
        """Of the last commit that the head was compared with."""

    def head(self, tree: Tree) -> Judged:
        """Collects, joins and judges. An interrupt ends the stage that it meets, and is noted."""
        request, run = self._request, Run()
        keep = self._memory if request.has_base else None
        try:
            with listening():
                collect_files(run, tree, request, self._now, self._progress, keep=keep)
                if request.targets:
                    kinds = kinds_to_ask(request)
                    collect_live(run, request, kinds, self._now, self._progress)
        except KeyboardInterrupt:
            run.interrupted = True
        self._brought = tuple(run.collected)
        self._head = self._judged(request, run, tree)
        return self._head

    def before(self, head: Tree, base: Base) -> Before:
        """Another commit of what `head` is a tree of. An interrupt goes through: a part of a commit
        is nothing to compare with."""
        from policyscan.text.recorded import holds  # late: most runs compare nothing

        asked = replace(  # kept, as it is compared with: its resources and gaps need digests
            self._request, targets=(), answers={}, ref=base.commit, staged=False, is_kept=True
        )
        self._progress(f"reading {base.name}")
        if not base.commit:
            return Before("base", base.name, "", (), (), why=base.why)
        with closing(earlier_tree(asked, head, base.commit)) as tree:
            judged = self._earlier(asked, tree)
            evaluation = judged.evaluation
            entries = books.ledger(asked, judged.run, evaluation, tree)
            differing = (each.path for each in head.sources() if not holds(tree, each))
            return Before(
                "base",
                base.name,
                base.commit,
                known_of(evaluation, tree),
                books.gap_records(asked, judged.run, evaluation, entries, tree),
                why=base.why,
                tip=base.tip,
                scopes=scopes_of(evaluation.inventory.resources),
                addresses=addresses_of(evaluation.inventory.resources),
                touched=tuple(sorted(map(path_text, differing))),
                renamed=renamed(tree.sources(), head.sources()),
            )

    def close(self) -> None:
        """Let go of processes."""
        if self._versions is not None:
            self._versions.close()

    def _earlier(self, request: ScanRequest, tree: Tree) -> Judged:
        run, memory = Run(), self._memory
        memory.recalled.clear()
        with listening():
            collect_files(run, tree, request, self._now, self._progress, recall=memory)
        judged, self.earlier = self._judged(request, run, tree), run
        if judged.run.interrupted:
            raise KeyboardInterrupt
        return judged

    def _judged(self, request: ScanRequest, run: Run, tree: Tree) -> Judged:
        head = self._head
        if head is not None and self._is_as(head, run):
            run.collected += head.run.collected[len(self._brought) :]
            return Judged(run, tree, head.in_force, head.evaluation)
        run.collected += (*_stated(request), *self._steering(request, tree))
        inventory = Inventory(
            run.resources, request.configuration.scope, run.closed, run.unseen, run.opened
        )
        run.collected += _joined(inventory, request)
        already = head.in_force if head is not None else None
        rules = in_force(request, run, cache_folder(tree), already)
        known = head.evaluation if head is not None else None
        evaluation = Evaluation(inventory, judging(request, run, self._now), known)
        self._progress(f"judging {len(run.resources)} resources")
        try:
            with listening():
                evaluation.judge(
                    [policy for policy in rules.catalogue.policies if request.selects(policy.id)]
                )
        except KeyboardInterrupt:
            run.interrupted = True
        return Judged(run, tree, rules, evaluation)

    def _is_as(self, head: Judged, run: Run) -> bool:
        """Whether the same was collected as of the head, so that the same follows."""
        if self._request.targets or head.run.interrupted or _steers(head.run):
            return False
        ours = {part.collector: part.gaps for part in run.collected}
        theirs = {part.collector: part.gaps for part in self._brought}
        return ours == theirs and ours.keys() == self._memory.recalled

    def _steering(self, request: ScanRequest, tree: Tree) -> Iterator[Collected]:
        """What became of the files that steer the gate, as a collector of its own."""
        if request.path is None or not (request.trust or request.base or request.counterpart):
            return
        from policyscan.governance import Versions, gate_files  # late: most runs compare nothing

        if self._versions is None:
            self._versions = Versions()
        part = gate_files(request, tree, self._versions)
        if part is not None:
            yield part


def _stated(request: ScanRequest) -> Iterator[Collected]:
    """What the configuration itself states, as a collector of its own."""
    lists = list(stated.allow_lists(request.configuration, request.target))
    if lists:
        tally = Tally(request.target, "NetworkAllowList", len(lists), len(lists))
        yield Collected(
            "configuration", ("NetworkAllowList",), [], resources=[*lists], tallies=[tally]
        )


def _joined(inventory: Inventory, request: ScanRequest) -> Iterator[Collected]:
    """What no collector brought and follows from what they did: keys that no register lists."""
    added = list(inventory.register.unregistered)
    if added:
        tallies = [inventory.register.tally(request.target)]
        yield Collected(COLLECTOR, ("ApiKey",), [], resources=[*added], tallies=tallies)


def _steers(run: Run) -> bool:
    """Whether the judged side does anything to the files that steer the gate."""
    from policyscan.resources.governance import GateFile  # late: most runs compare nothing

    files = (one for one in run.resources if isinstance(one, GateFile))
    return not all(isinstance(one.state, str) and one.state == "unchanged" for one in files)

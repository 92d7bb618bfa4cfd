"""From Terraform files to resources, gaps and the books."""

from __future__ import annotations

import posixpath
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from policyscan.collectors.interface import Item, Reading, Unclassified, Units
from policyscan.collectors.terraform.budget import MAX_INSTANCES
from policyscan.collectors.terraform.census import count_resources
from policyscan.collectors.terraform.declared import Declared, settle
from policyscan.collectors.terraform.inputs import other_values, read_inputs, values_by_directory
from policyscan.collectors.terraform.installed import inside, installed
from policyscan.collectors.terraform.instance import MAX_MODULE_DEPTH, ModuleInstance, Root
from policyscan.collectors.terraform.kinds.table import COMPANIONS, MAPPERS
from policyscan.collectors.terraform.module import Module, load_module, source_of
from policyscan.collectors.terraform.names import is_terraform, root_above
from policyscan.collectors.terraform.roots import by_directory, find_roots
from policyscan.collectors.terraform.uncalled import uncalled
from policyscan.collectors.terraform.value import Plain, Trail, Value, literal
from policyscan.errors import GapReason
from policyscan.resources.base import Gap, Resource, Step, StepKind, Tally
from policyscan.text.hcl.syntax import Block
from policyscan.text.source import Source, Span
from policyscan.text.tree import Tree

_RECURSION = 12_000
"""Python frames; evaluation nests up to `budget.MAX_DEPTH` expressions of about ten frames."""


def read_all(tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
    """Everything that the roots among `paths` declare, the gaps and the books."""
    with deep_recursion():
        yield from TerraformReader(tree, paths, reading).items()


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for the deepest evaluation that the budget allows."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class TerraformReader:
    """One run of the collector over one tree."""

    def __init__(self, tree: Tree, paths: Sequence[str], reading: Reading) -> None:
        self.tree = tree
        self.reading = reading
        own = [path for path in paths if root_above(path) is None]
        self.modules = {
            path: load_module(tree, path, files) for path, files in by_directory(own).items()
        }
        self.claimed = list(self.modules)
        self.paths = paths
        self.gaps: dict[tuple[str, str, str], Gap] = {}
        self.missing: dict[Span, Gap] = {}
        """Modules that are not here, once for each call, whatever instances it has."""
        self.outcome: dict[tuple[str, int], str] = {}
        self.unclassified: Counter[str] = Counter()

    def items(self) -> Iterator[Item]:
        """Everything that the roots declare, the gaps and the books."""
        roots = find_roots({path: self.modules[path] for path in self.claimed})
        yield Units(tuple(path or "." for path in roots))
        for path in roots:
            yield from self._root(path)
        for module in self.modules.values():
            for gap in module.gaps:
                self._gap(gap)
        yield from self.gaps.values()
        yield from self.missing.values()
        yield from uncalled(self.tree, self.paths, self.modules)
        yield from self._tallies()
        yield Unclassified(dict(sorted(self.unclassified.items())))

    def _gap(self, gap: Gap) -> None:
        self.gaps.setdefault((gap.reason, gap.subject, gap.message), gap)

    # -- one root ------------------------------------------------------------------------------

    def open(self, path: str, unseen: list[str]) -> Root:
        """The root at `path`, its variables set; `unseen` will name the modules not here."""
        root = Root(self.tree, self.modules[path], self._loader(path, unseen), {})
        root.inputs, gaps = read_inputs(
            self.tree, root, self._strings("var_files"), self._given_variables()
        )
        for gap in gaps:
            self._gap(gap)
        others = self._values.get(path, ())
        for gap in other_values(self.tree, root, others, self._strings("var_files")):
            self._gap(gap)
        return root

    @cached_property
    def _values(self) -> Mapping[str, Sequence[str]]:
        """By directory of configuration, the files of values in it and below it."""
        found: dict[str, list[str]] = {}
        for folder, path in values_by_directory(self.tree.files(), self.modules):
            found.setdefault(folder, []).append(path)
        return found

    def _root(self, path: str) -> Iterator[Resource]:
        unseen: list[str] = []
        root = self.open(path, unseen)
        for instance in root.walk():
            unseen.extend(filter(None, [instance.module.unread]))
            for name in instance.module.calls:
                instance.call_nodes(name)
        declared = Declared(root, self.reading.target, unseen[0] if unseen else "")
        present = declared.types()
        for mapper in MAPPERS.values():
            if not present.keys().isdisjoint((*mapper.types, *mapper.also)):
                yield from mapper.load()(declared)
        self._account(declared)
        for gap in declared.gaps:
            self._gap(gap)
        if root.budget.exhausted:
            message = "the configuration takes too long to evaluate; what came later is unknown"
            self._gap(Gap(GapReason.TOO_LARGE, path or ".", message, unit=path or "."))
        if root.budget.crowded:
            message = f"there are more than {MAX_INSTANCES} instances; not every one was looked at"
            self._gap(Gap(GapReason.TOO_LARGE, path or ".", message, unit=path or "."))

    def _account(self, declared: Declared) -> None:
        for key, outcome in declared.outcome.items():
            settle(self.outcome, key, outcome)
        modelled = {type_ for mapper in MAPPERS.values() for type_ in mapper.types} | COMPANIONS
        for type_, count in declared.types().items():
            if type_ not in modelled:
                self.unclassified[type_] += count

    def _strings(self, option: str) -> tuple[str, ...]:
        given = self.reading.options.get(option, ())
        return tuple(str(item) for item in given) if isinstance(given, (list, tuple)) else ()

    def _given_variables(self) -> dict[str, Value]:
        given = self.reading.options.get("variables", {})
        source = Source("policyscan.yaml", b"")
        table = given if isinstance(given, Mapping) else {}
        values = {}
        for name, item in table.items():
            step = Step(StepKind.TFVARS, f"policyscan.yaml: {name}", source.whole())
            values[str(name)] = Value(_plain(item, source), Trail(step))
        return values

    # -- modules -------------------------------------------------------------------------------

    def _loader(
        self, root: str, unseen: list[str]
    ) -> Callable[[ModuleInstance, str, Block], Module | None]:
        present = installed(self.tree, root)

        def load(instance: ModuleInstance, name: str, block: Block) -> Module | None:
            source = source_of(block) or ""
            key = ".".join([*_call_names(instance), name])
            subject = f"{instance.address}.module.{name}".lstrip(".")
            if source.startswith(("./", "../")):
                path = inside(instance.module.path, source)
            else:
                found = present.get(key)
                path = found.directory if found and found.is_for(block) else "\0"
            reason, message = GapReason.NOT_FETCHED, ""
            if _calls_itself(instance, path):
                reason, message = GapReason.UNPARSEABLE, f"{subject} calls itself"
            elif instance.depth >= MAX_MODULE_DEPTH:
                message = f"{subject} is nested in more than {MAX_MODULE_DEPTH} others"
                reason = GapReason.TOO_LARGE
            elif (module := self._module(path)) is not None:
                return module
            elif source.startswith(("./", "../")):
                reason = GapReason.UNREADABLE
                message = f"{subject}: there is no Terraform in {source}"
            else:
                message = (
                    f"{subject} comes from {source or 'a computed source'} and is not "
                    "here; run `terraform init -backend=false` first"
                )
            unseen.append(subject)
            gap = Gap(
                reason, subject, message, block.header, unit=root or ".", statement=block.span
            )
            self.missing.setdefault(block.header, gap)
            return None

        return load

    def _module(self, path: str) -> Module | None:
        if path.startswith("..") or "\0" in path:
            return None
        if path not in self.modules:
            files = [
                posixpath.join(path, name) for name in self.tree.listdir(path) if is_terraform(name)
            ]
            if not files:
                return None
            self.modules[path] = load_module(self.tree, path, files)
        return self.modules[path]

    # -- the books -----------------------------------------------------------------------------

    def _tallies(self) -> Iterator[Tally]:
        counts = {
            path: sum((source.once(count_resources) for source in module.sources), Counter[str]())
            for path, module in self.modules.items()
        }
        for kind, mapper in MAPPERS.items():
            types = mapper.types
            found = normalised = 0
            dropped: Counter[str] = Counter()
            for path, module in self.modules.items():
                counted = sum(counts[path][type_] for type_ in types)
                outcomes = self._outcomes(module, types)
                found += counted
                normalised += outcomes[""]
                dropped.update({what: n for what, n in outcomes.items() if what})
                lost = counted - outcomes.total()
                if lost > 0 and module.gaps:
                    dropped["in text that could not be read (see the gaps)"] += lost
            yield Tally(self.reading.target, kind, found, normalised, dict(dropped))

    def _outcomes(self, module: Module, types: tuple[str, ...]) -> Counter[str]:
        """What became of the blocks of these types, counted; `""` is normalised."""
        found = Counter(
            self.outcome.get(
                (block.header.source.path, block.header.start), "its module has no instance"
            )
            for block in module.resources.values()
            if block.type == "resource" and block.labels[0] in types
        )
        merged = sum(
            block.type == "resource" and block.labels[0] in types for block in module.overriding
        )
        return found + Counter({"merged into the block that it overrides": merged})


def _call_names(instance: ModuleInstance) -> list[str]:
    """The names of the calls from the root to this instance, as in modules.json."""
    names: list[str] = []
    while instance.parent is not None and instance.call is not None:
        names.insert(0, instance.call.block.labels[0])
        instance = instance.parent
    return names


def _calls_itself(instance: ModuleInstance | None, path: str) -> bool:
    while instance is not None:
        if instance.module.path == path:
            return True
        instance = instance.parent
    return False


def _plain(given: Any, source: Source) -> Plain:
    if isinstance(given, Mapping):
        return {
            str(key): literal(_plain(item, source), source.whole()) for key, item in given.items()
        }
    if isinstance(given, (list, tuple)):
        return tuple(literal(_plain(item, source), source.whole()) for item in given)
    return given if given is None or isinstance(given, (bool, int, float, str)) else str(given)

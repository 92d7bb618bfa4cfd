"""From the files of a tree to programs and logging configurations, gaps and the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from policyscan.collectors.code.layout import Layout
from policyscan.collectors.code.names import ecosystem_of, language_of
from policyscan.collectors.code.programs import Seen, look_at, program_of
from policyscan.collectors.interface import Declined, Item, Reading, Units
from policyscan.resources.base import Tally
from policyscan.resources.programs import Program
from policyscan.text.tree import Tree


def read_all(tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
    """The programs and the logging configurations of all files, in the order of the paths, the
    gaps and the books."""
    layout = Layout(paths, tree.files())
    seen = [look_at(tree, files) for files in layout.programs]
    for each in seen:
        yield program_of(each, reading.target)
        yield from each.gaps
    yield from _books(paths, seen, reading.target)


def _books(paths: Sequence[str], seen: Sequence[Seen], target: str) -> Iterator[Item]:
    yield Units(tuple(each.files.address for each in seen))
    unread = sum((Counter(each.unread) for each in seen), Counter[str]())
    sources = sum(bool(language_of(path)) for path in paths)
    yield Tally(target, "source file", sources, sum(each.read for each in seen), dict(unread))
    yield Tally(target, Program.kind, _count_programs(paths), len(seen))
    yield Declined(tuple(path for each in seen for path in each.declined))


def _count_programs(paths: Sequence[str]) -> int:
    """The directories with a manifest, and the top if anything lies outside of those."""
    folders = {path.rpartition("/")[0].removesuffix("/requirements") for path in paths if ecosystem_of(path)}
    outside = (
        not any(path.startswith(f"{folder}/") for folder in folders)
        for path in paths
        if language_of(path)
    )
    return len(folders) + ("" not in folders and any(outside))

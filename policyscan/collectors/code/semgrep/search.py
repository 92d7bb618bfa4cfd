"""From files to the places where rules match, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from policyscan.collectors.code.semgrep.answer import Fault, Seen
from policyscan.collectors.code.semgrep.engines import Engine, find_engines
from policyscan.collectors.code.semgrep.kept import Kept
from policyscan.collectors.code.semgrep.model import Match, RuleSet
from policyscan.collectors.code.semgrep.rules import Prefilter
from policyscan.collectors.code.semgrep.workspace import Given
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap
from policyscan.text.cache import cache_folder
from policyscan.text.source import Span
from policyscan.text.tree import Tree

MAX_BYTES = 10_000_000
"""A larger file is not handed over."""
INSTALL = 'semgrep is not installed, or too old: pip install --upgrade "policyscan[code]"'


class _File(Struct, frozen=True):
    """A file in which a rule may match."""

    path: str
    language: str
    given: Given


def matches(
    tree: Tree,
    paths_by_language: Mapping[str, Sequence[str]],
    rules: RuleSet,
    engines: Sequence[Engine] | None = None,
) -> Iterator[Match | Gap]:
    """Every match of the rules in these files, by path, place and rule. A file that could not be
    looked at, or not in whole, is a `Gap` whose `subject` and `unit` are its path and whose `hides`
    are the kinds of the rules for its language; the matches in the rest of it are kept. Without
    semgrep there is one gap, and only if a literal of a rule occurs.

    `engines` are ways to start semgrep, if not those that are installed."""
    files: list[_File] = []
    for found in _candidates(tree, paths_by_language, rules):
        if isinstance(found, Gap):
            yield found
        else:
            files.append(found)
    if not files:
        return
    engines = find_engines() if engines is None else engines
    if engines:
        yield from _in_files(tree, files, rules, engines)
    else:
        kinds = {kind for file in files for kind in rules.kinds(file.language)}
        need = "1 file needs it" if len(files) == 1 else f"{len(files)} files need it"
        message = f"{INSTALL} ({need})"
        yield Gap(GapReason.NOT_FETCHED, "semgrep", message, None, tuple(sorted(kinds)))


def _candidates(
    tree: Tree, paths_by_language: Mapping[str, Sequence[str]], rules: RuleSet
) -> Iterator[_File | Gap]:
    """The files in which a literal of a rule occurs."""
    prefilter = Prefilter(rules.literals())
    languages = {path: name for name, paths in paths_by_language.items() for path in paths}
    for number, (path, language) in enumerate(sorted(languages.items())):
        try:
            data = tree.peek(path, limit=MAX_BYTES)
        except ReadError as error:
            yield Gap.of(error, hides=rules.kinds(language), unit=path)
            continue
        if prefilter.may_match(data, language):
            name = f"{number:06}.{path.rpartition('.')[2]}"
            yield _File(path, language, Given(name, data))


def _in_files(
    tree: Tree, files: Sequence[_File], rules: RuleSet, engines: Sequence[Engine]
) -> Iterator[Match | Gap]:
    kept = Kept(cache_folder(tree), rules.digest, engines[0].version)
    seen = {file.given.name: kept.get(file.given) for file in files}
    missing = [file.given for file in files if seen[file.given.name] is None]
    if missing:
        from policyscan.collectors.code.semgrep.batches import Search  # late: often all is kept
        from policyscan.collectors.code.semgrep.texts import as_shown

        languages = {file.language for file in files}
        needed = [rule for rule in rules.rules if not languages.isdisjoint(rule.languages)]
        for given, found in Search(engines, needed).look_at(missing):
            seen[given.name] = shown = as_shown(found)
            kept.put(given, shown)
        kept.save()
    for file in files:
        found = seen[file.given.name] or Seen()
        for place in found.places:
            yield Match(place.rule, file.path, place.start, place.end, place.text)
        yield from _gaps(tree, file, found.faults, rules)


def _gaps(tree: Tree, file: _File, faults: Sequence[Fault], rules: RuleSet) -> Iterator[Gap]:
    """One for each reason."""
    for fault in {fault.reason: fault for fault in reversed(faults)}.values():
        span = _line(tree, file.path, fault.line)
        kinds = rules.kinds(file.language)
        yield Gap(fault.reason, file.path, fault.message, span, kinds, file.path)


def _line(tree: Tree, path: str, line: int) -> Span | None:
    """A line of a file; None if there is no such line."""
    source = tree.read(path, limit=MAX_BYTES) if line else None
    if source is None or line > len(source.line_starts):
        return None
    start = source.line_starts[line - 1]
    return source.span(start, start + len(source.line_text(line).encode()))

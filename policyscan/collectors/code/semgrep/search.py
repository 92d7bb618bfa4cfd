"""From files to the places where rules match, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policyscan.collectors.code.semgrep.model import Match, RuleSet
from policyscan.resources.base import Gap
from policyscan.text.tree import Tree


def matches(
    tree: Tree, paths_by_language: Mapping[str, Sequence[str]], rules: RuleSet
) -> Iterator[Match | Gap]:
    """Every match of the rules in these files, sorted by path, place and rule. A file that could
    not be looked at, or not in whole, is a `Gap` whose `subject` and `unit` are its path and whose
    `hides` are the kinds of the rules for its language; the matches in the rest of it are kept.
    Without the extra `code` there is one gap, and only if a literal of a rule occurs."""
    raise NotImplementedError
    yield from ()

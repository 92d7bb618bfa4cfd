"""What lint says: a rule, what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from policyscan.errors import FileError
from policyscan.policy import Policy, PolicyTest, load_tests
from policyscan.text.yaml import Entry, read_yaml


class Problem(Struct, frozen=True):
    """One thing that lint found in a file; line and column are 1-based, 0 where there is none."""

    rule: str
    message: str
    path: str
    line: int = 0
    column: int = 0
    snippet: str = ""
    hint: str = ""
    """The next step."""

    @classmethod
    def of(cls, rule: str, error: FileError) -> Problem:
        """The problem that an error is."""
        return cls(
            rule,
            error.message,
            error.path,
            error.line,
            error.column,
            error.snippet,
            error.hint,
        )


class Subject:
    """A policy under lint, with the places of what it says."""

    def __init__(self, policy: Policy, own_controls: Collection[str] = ()) -> None:
        """`own_controls` are those of the firm, beside the ones that ship."""
        self.policy = policy
        self.own_controls = own_controls

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Every top-level key of the file."""
        top = read_yaml(self.policy.document)
        assert top is not None
        return top.entries()

    @cached_property
    def tests(self) -> tuple[PolicyTest, ...]:
        """Raises PolicyError for tests that cannot be read."""
        return load_tests(self.policy)

    def at(self, rule: str, entry: Entry, message: str, hint: str) -> Problem:
        """A problem with the text of an entry, or with the first line of it."""
        raw = entry.document.text[entry.start : entry.end]
        if raw[:1] in (">", "|"):  # the first word behind the sign and its indentation
            lead = raw.find("\n") + 1
            start = entry.start + lead + len(raw[lead:]) - len(raw[lead:].lstrip())
        else:
            start = entry.start
        end = entry.document.text.find("\n", start)
        end = min(entry.end, end) if end >= 0 else entry.end
        return Problem.of(rule, entry.document.error(message, start, max(end, start + 1), hint))

    def at_key(self, rule: str, key: str, message: str, hint: str) -> Problem:
        """A problem with what a top-level key says."""
        return self.at(rule, self.entries[key], message, hint)

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines of the head of the file, up to its tests, with their numbers."""
        for number, line in enumerate(self.policy.document.text.splitlines(), 1):
            if line.startswith("tests:"):
                return
            yield number, line

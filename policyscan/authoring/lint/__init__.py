"""Finds what is wrong with policies that load: style, missing tests, names that mean nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from policyscan.authoring.lint import evidence, references, style, versions
from policyscan.authoring.lint.allowed import without_allowed
from policyscan.authoring.lint.problem import Problem, Subject
from policyscan.authoring.loading import load_each
from policyscan.errors import FileError
from policyscan.policy import Policy

__all__ = ["RULES", "Problem", "lint", "lint_policy"]

RULES: Mapping[str, str] = {
    "load": "it does not load, or its tests do not",
    "length": "a text that is too short to help or too long to be read",
    "full-stop": "title, message and names of tests without a full stop, the others with one",
    "capital": "a title, why or fix that begins with a small letter",
    "slug": "a slug that says what should be, and not what is bad",
    "file-name": "a file that is not called like its slug",
    "message": "a message that does not say which resource, or which value",
    "line-length": f"a line of more than {style.LONGEST_LINE} characters before the tests",
    "schema-line": "no line that names the schema to editors",
    "missing-pass-test": "no test of a resource that passes",
    "missing-fail-test": "no test of a resource that fails",
    "missing-unknown-test": "a field that may be not known, and no test that expects unknown",
    "missing-not-applicable-test": "a when, and no test of what it leaves out",
    "control": "a control that does not exist",
    "criterion": "a criterion that does not exist, or twice the same",
    "unused-param": "a parameter that no condition reads",
    "equivalent": "a mutant that is explained, and that the policy does not have",
    "doubtful": "a part of a condition that always has one outcome, a default that fits nothing",
    "kind-without-source": "a kind that no collector finds",
    "version": "with --base: a version that did not go up though verdicts may change",
    "allow": "a comment for lint that names no rule, gives no reason or allows nothing",
}
"""Every rule, and what it finds."""

_CHECKS: Sequence[Callable[[Subject], Iterator[Problem]]] = (
    style.schema_line,
    style.slug,
    style.lengths,
    style.sentences,
    style.message,
    style.long_lines,
    references.control,
    references.criteria,
    references.unused_params,
    references.doubtful,
    references.kinds,
    evidence.verdicts,
    evidence.equivalents,
    style.test_names,
)


def lint(
    places: Sequence[Path], base: str = "", own_controls: Collection[str] = ()
) -> Iterator[Policy | Problem]:
    """Every policy that was looked at, each followed by its problems, also in comparison with the
    commit `base`; `own_controls` exist beside those that ship. Raises UsageError for a place or a
    commit that is not there."""
    before = versions.earlier(places, base) if base else {}
    for each in load_each(places):
        if isinstance(each, FileError):
            yield Problem.of("load", each)
        else:
            yield each
            yield from lint_policy(each, before, own_controls)


def lint_policy(
    policy: Policy,
    before: Mapping[str, Policy] | None = None,
    own_controls: Collection[str] = (),
) -> Iterator[Problem]:
    """The problems of one policy, in the order of their places; `before` are policies as they were,
    by their ids."""
    subject = Subject(policy, own_controls)
    try:
        found = [problem for check in _CHECKS for problem in check(subject)]
        found += versions.version(subject, before or {})
    except FileError as error:
        found = [Problem.of("load", error)]
    found = list(without_allowed(subject, found, RULES))
    yield from sorted(found, key=lambda problem: (problem.line, problem.column, problem.rule))

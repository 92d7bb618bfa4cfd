"""What the tests of a policy must show: every verdict that it can give. What they need not show
is a mutant of the policy."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.authoring.lint.problem import Problem, Subject
from policyscan.authoring.reads import unknown_fields
from policyscan.findings.model import Verdict
from policyscan.policy import load_equivalents
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.text.complaints import suggestion


def verdicts(subject: Subject) -> Iterator[Problem]:
    """A pass and a failure, not_applicable where there is a `when`, and an unknown where a field
    that is read may be not known."""
    shown = {verdict for test in subject.tests for verdict in test.expect.values()}
    if Verdict.PASS not in shown:
        yield _missing(subject, "pass", "nothing shows that it ever passes", "that is as it should")
    if shown.isdisjoint({Verdict.FAIL, Verdict.WAIVED}):
        yield _missing(subject, "fail", "nothing shows that it ever fails", "that is bad")
    if subject.policy.when and Verdict.NOT_APPLICABLE not in shown:
        said = "nothing shows what it is not about, though it has a 'when'"
        which = "that 'when' leaves out"
        if subject.policy.when_program is not None and subject.policy.when_program.kinds:
            which += " (where it asks for others: in `answers`, as files never tell of all)"
        yield _missing(subject, "not-applicable", said, which)
    fields = unknown_fields(subject.policy, load_kinds(MODULES))
    if fields and Verdict.UNKNOWN not in shown:
        said = f"'{fields[0]}' may be not known, and no test shows what it says then"
        yield _missing(subject, "unknown", said, "where it is not, such as `var.unset`")


def equivalents(subject: Subject) -> Iterator[Problem]:
    """Every mutant that is explained is one of the policy. Whether a test finds it after all, only
    `policy test --mutate` tells."""
    explained = load_equivalents(subject.policy)
    if not explained:
        return
    from policyscan.mutation.mutants import mutants_of  # late: few policies explain one

    names = {mutant.name for mutant in mutants_of(subject.policy, load_kinds(MODULES))}
    entries = subject.entries["equivalent"].items()
    for entry, each in zip(entries, explained, strict=True):
        if each.mutant not in names:
            said = f"the policy has no mutant '{each.mutant}'{suggestion(each.mutant, names)}"
            hint = "Take the entry out, or name it as `policyscan policy test --mutate` does."
            yield subject.at("equivalent", entry.entries()["mutant"], said, hint)


def _missing(subject: Subject, what: str, message: str, resource: str) -> Problem:
    verdict = what.replace("-", "_")
    entry = subject.entries["tests"]
    document = subject.policy.document
    start = document.text.rfind("tests:", 0, entry.start)
    hint = f"Add a resource {resource}, and expect `{verdict}` of it."
    error = document.error(message, start, start + len("tests"), hint)
    return Problem.of(f"missing-{what}-test", error)

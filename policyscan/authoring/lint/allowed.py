"""What a policy says of the rules of lint itself: `# lint: allow missing-unknown-test: all of it is
stated`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policyscan.authoring.lint.problem import Problem, Subject
from policyscan.text.complaints import suggestion

_COMMENT = re.compile(r"^# lint:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_ALLOW = re.compile(r"allow ([a-z-]+): (\S.*)")


def without_allowed(
    subject: Subject, problems: Iterable[Problem], rules: Iterable[str]
) -> Iterator[Problem]:
    """The problems that no comment allows, and what is wrong with the comments: each names a rule
    and a reason, and allows something."""
    found = list(problems)
    allowed: set[str] = set()
    for match in _COMMENT.finditer(subject.policy.document.text):
        allow = _ALLOW.fullmatch(match[1])
        if allow is None:
            yield _bad(subject, match, "this comment allows nothing", "")
        elif allow[1] not in rules:
            close = suggestion(allow[1], rules)
            yield _bad(subject, match, f"there is no rule '{allow[1]}'{close}", "")
        elif not any(problem.rule == allow[1] for problem in found):
            said = f"there is no problem '{allow[1]}' to allow"
            yield _bad(subject, match, said, "Take the comment out.")
        else:
            allowed.add(allow[1])
    yield from (problem for problem in found if problem.rule not in allowed)


def _bad(subject: Subject, match: re.Match[str], message: str, hint: str) -> Problem:
    hint = hint or "Write `# lint: allow RULE: the reason`."
    error = subject.policy.document.error(message, match.start(), match.end(), hint)
    return Problem.of("allow", error)

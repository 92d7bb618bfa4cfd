"""What a policy names and must exist, and what it declares and must use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from msgspec.structs import replace

from policyscan.authoring.lint.problem import Problem, Subject
from policyscan.authoring.sources import sources_of
from policyscan.findings.controls import load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.language.syntax.tree import Name, Select, walk
from policyscan.policy.doubts import doubts_of
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.text.complaints import suggestion

_SIMPLER = "Write the condition without it, or say what was meant."


@cache
def controls() -> Mapping[str, str]:
    """The statement of each control that ships, by its id."""
    rules = load_controls("", None, criteria=load_criteria(), policies=()).rules
    return {rule.id: rule.statement for rule in rules}


def control(subject: Subject) -> Iterator[Problem]:
    """The control is one that ships, or one of the firm's own file."""
    name = subject.policy.control
    every = {*controls(), *subject.own_controls}
    if name not in every:
        close = suggestion(name, every)
        known = ", ".join(sorted(every))
        hint = "" if close else f"Known: {known}."
        yield subject.at_key(
            "control",
            "control",
            f"there is no control '{name}'{close}",
            hint
            or "Controls of your own stand in the file that `controls` of policyscan.yaml names.",
        )


def criteria(subject: Subject) -> Iterator[Problem]:
    """Every criterion is one of the frameworks that ship, each once."""
    known = load_criteria()
    seen: set[str] = set()
    for entry in subject.entries["criteria"].items():
        name = entry.text()
        if name not in known:
            close = suggestion(name, known)
            framework = name.partition(":")[0]
            some = [each for each in known if each.startswith(f"{framework}:")][:6]
            hint = f"For example: {', '.join(some or list(known)[:6])}."
            yield subject.at("criterion", entry, f"there is no criterion '{name}'{close}", hint)
        elif name in seen:
            hint = "Take one of them out."
            yield subject.at("criterion", entry, f"'{name}' is there twice", hint)
        seen.add(name)


def unused_params(subject: Subject) -> Iterator[Problem]:
    """Every parameter is read by a condition."""
    policy = subject.policy
    roots = [p.root for p in (policy.require_program, policy.when_program) if p is not None]
    used = {
        node.field
        for root in roots
        for node in walk(root)
        if isinstance(node, Select) and isinstance(node.operand, Name)
        if node.operand.name == "params"
    }
    for param in policy.params:
        if param.name not in used:
            entry = subject.entries["params"].keys[param.name]
            message = f"no condition reads the parameter '{param.name}'"
            hint = f"Write params.{param.name} where its value stands, or take it out."
            yield subject.at("unused-param", entry, message, hint)


def doubtful(subject: Subject) -> Iterator[Problem]:
    """No condition has one outcome whatever the resource is, or a default that nothing meets."""
    for doubt in doubts_of(subject.policy, load_kinds(MODULES)):
        problem = Problem.of("doubtful", doubt)
        yield problem if problem.hint else replace(problem, hint=_SIMPLER)


def kinds(subject: Subject) -> Iterator[Problem]:
    """Something that is installed can find resources of each kind."""
    for kind in subject.policy.kinds:
        if not sources_of(kind):
            yield subject.at_key(
                "kind-without-source",
                "resource",
                f"nothing that is installed finds a {kind}",
                "See `policyscan collectors list` for what does.",
            )

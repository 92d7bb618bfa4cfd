"""One page of Markdown for each policy, and an index of them. What policies say is foreign text,
and stands there without the power to be more than that."""

from __future__ import annotations

import json
import os
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from policyscan.authoring.lint.references import controls
from policyscan.authoring.reads import fields_read
from policyscan.authoring.record import change_of, file_of, sources
from policyscan.findings.criteria import load_criteria
from policyscan.findings.model import Verdict, family_of
from policyscan.policy import Parameter, Policy, PolicyTest, load_tests
from policyscan.text.markdown import code, fenced, inline, prose

MARK = "<!-- Written by `policyscan policy docs`: change the policy, not this page. -->"
INDEX = "README.md"
_PLANES = {
    "change": "a commit mends it",
    "account": "the owner of the account mends it",
    "organisation": "the organisation mends it",
}
_WIDTH = 96


def pages(policies: Sequence[Policy], out: Path) -> Mapping[str, str]:
    """The text of every file, by its name in the directory `out`, which links start from."""
    ordered = sorted(policies, key=lambda policy: policy.id)
    found = {INDEX: _joined(_index(ordered))}
    for policy in ordered:
        found[f"{policy.id}.md"] = _joined(_page(policy, out))
    return found


def _joined(parts: Iterator[str]) -> str:
    return "\n\n".join([MARK, *parts]) + "\n"


def _index(policies: Sequence[Policy]) -> Iterator[str]:
    yield "# Policies"
    families: dict[str, list[Policy]] = {}
    for policy in policies:
        families.setdefault(family_of(policy.id), []).append(policy)
    yield (
        f"{len(policies)} policies in {len(families)} families. `policyscan policy list` and "
        "`policyscan policy show` say the same on the command line."
    )
    yield (
        "A report names each policy that was in force by its version and by the SHA-256 of its "
        "file: `sha256sum FILE` on the file that a page links to gives the same if it is the same "
        "text. Every page ends with the tests that the policy carries and the verdicts that they "
        "expect."
    )
    for family, members in sorted(families.items()):
        rows = ["| policy | severity | kinds | control | what holds where it passes |"]
        rows += ["|---|---|---|---|---|", *map(_row, members)]
        yield f"## {family}"
        yield "\n".join(rows)


def _row(policy: Policy) -> str:
    kinds = ", ".join(map(code, policy.kinds))
    title = prose(policy.title).replace("|", "\\|")
    link = f"[{policy.id}]({policy.id}.md) {code(policy.slug)}"
    return f"| {link} | {policy.severity.value} | {kinds} | {code(policy.control)} | {title} |"


def _page(policy: Policy, out: Path) -> Iterator[str]:
    yield f"# {policy.id}: {inline(policy.slug)}"
    yield f"{prose(policy.title)}."
    if policy.deprecated:
        yield f"Obsolete: {prose(policy.deprecated)}"
    yield "\n".join(_facts(policy, out))
    yield "## Why"
    yield prose(policy.why, 2_000)
    yield "## How to mend it"
    yield prose(policy.fix, 2_000)
    yield "## What is asked"
    yield from _conditions(policy)
    yield from _parameters(policy)
    yield "## What it is evidence for"
    yield "\n".join(_evidence(policy))
    yield "## Tests"
    yield "\n".join(map(_test, load_tests(policy)))
    yield (
        "`policyscan policy test FILE --mutate` runs them, and looks whether each small mistake "
        "in the policy would be noticed by one."
    )
    yield f"[All policies]({INDEX})"


def _test(test: PolicyTest) -> str:
    """The name of a test, and how many verdicts it expects of each sort."""
    found = Counter(verdict.value for verdict in test.expect.values())
    counts = [f"{found[each.value]} {each.value}" for each in Verdict if found[each.value]]
    return f"- {prose(test.name)} ({', '.join(counts).replace('_', ' ') or 'nothing is judged'})"


def _facts(policy: Policy, out: Path) -> Iterator[str]:
    together = ", all of a root together" if policy.scope == "set" else ""
    yield f"- severity: {policy.severity.value}"
    yield f"- judges: {', '.join(map(code, policy.kinds))}{together}"
    yield f"- found by: {', '.join(map(inline, sources(policy))) or 'nothing that is installed'}"
    yield f"- plane: {policy.plane.value}, {_PLANES[policy.plane.value]}"
    yield f"- version: {policy.version}"
    if policy.aliases:
        yield f"- formerly: {', '.join(policy.aliases)}"
    yield f"- file: {_link(file_of(policy), out)}"


def _link(file: Path, out: Path) -> str:
    """A link if the file lies below the directory in which we are, else its name alone."""
    here = Path.cwd().resolve()
    if not (file.resolve().is_relative_to(here) and out.resolve().is_relative_to(here)):
        return code(file.name)
    way = Path(os.path.relpath(file.resolve(), out.resolve())).as_posix()
    shown = file.resolve().relative_to(here).as_posix()
    plain = all(char.isalnum() or char in "-_./" for char in way)
    return f"[{shown}]({way})" if plain else code(shown)


def _conditions(policy: Policy) -> Iterator[str]:
    for text, condition in (
        ("It is about resources for which", policy.when),
        ("They pass if" if policy.when else "A resource passes if", policy.require),
    ):
        if condition:
            yield f"{text}"
            yield fenced(_wrapped(condition))
    if policy.expect_min:
        yield f"and there are at least {policy.expect_min} of them."
    fields = ", ".join(map(code, fields_read(policy)))
    if fields:
        yield f"It reads {fields}."


def _wrapped(condition: str) -> list[str]:
    """A condition in lines of the width of a page."""
    return textwrap.wrap(
        " ".join(condition.split()),
        _WIDTH,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _parameters(policy: Policy) -> Iterator[str]:
    if not policy.params:
        return
    yield "## Parameters"
    yield "\n".join(map(_parameter, policy.params))
    yield "In `policyscan.yaml`, with other values:"
    block = fenced(["version: 1", *change_of(policy, policy.params)])
    yield block.replace("```", "```yaml", 1) if block.startswith("```\n") else block


def _parameter(param: Parameter) -> str:
    default = code(json.dumps(param.default, default=str, ensure_ascii=False), 1_000)
    return f"- {code(param.name)}, {code(param.type)}: {prose(param.about)} By default {default}."


def _evidence(policy: Policy) -> Iterator[str]:
    statement = controls().get(policy.control, "")
    yield f"- {code(policy.control)}{': ' if statement else ''}{inline(statement)}"
    criteria = load_criteria()
    for name in policy.criteria:
        known = criteria.get(name)
        yield f"- {code(name)}{f': {inline(known.title)} ({known.framework})' if known else ''}"

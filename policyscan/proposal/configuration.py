"""The proposed `policyscan.yaml`."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.config import SOC2_CATEGORIES
from policyscan.findings.report import ScopeQuestion
from policyscan.proposal.comments import asleep, quoted, remark
from policyscan.proposal.facts import Facts
from policyscan.text.words import count

_LISTED = 20
"""Roots and files of which the scope is listed."""


def configuration_text(facts: Facts, *, controls: str) -> str:
    """The file; it names the `controls` file, unless that is empty."""
    return "\n".join(_parts(facts, controls))


def _parts(facts: Facts, controls: str) -> Iterator[str]:
    yield (
        remark(
            f"What the files of {facts.project} do not say. policyscan looks for this file in the "
            "directory in which it is run; --config names it elsewhere."
        )
        + remark(
            "What stands behind a single `#` is a proposal: it holds once `# ` is taken away from "
            "its lines."
        )
        + "version: 1\n"
    )
    yield (
        remark("The controls of the firm. They change no verdict, only how reports arrange them.")
        + (f"controls: {controls}\n" if controls else asleep("controls: controls.yaml\n"))
    )
    yield (
        remark("A name that fingerprints carry: choose it before findings are compared or waived.")
        + asleep(f"project: {quoted(facts.project)}\n")
    )
    yield (
        remark("What blocks: ci (the default), audit, advise, or a file of your own.")
        + asleep("profile: ci\n")
    )
    yield _scope(facts)
    if facts.baselines or facts.var_files:
        yield asleep(f"terraform:\n{_baselines(facts)}{_var_files(facts)}")
    if facts.regions:
        yield (
            remark("The regions in which something runs; these are named in the Terraform.")
            + asleep(f"context:\n  regions: [{', '.join(facts.regions)}]\n")
        )
    yield (
        remark("Of SOC 2, the categories in scope beside the common criteria; take out the others.")
        + asleep(f"soc2_categories: [{', '.join(SOC2_CATEGORIES)}]\n")
    )


def _scope(facts: Facts) -> str:
    """What is known of scope, and the questions."""
    text = remark(
        "What things are for. Taken for granted now, and on which basis (declared here, tagged, "
        "derived from what a thing is connected to, named, or by default), by root and file:"
    )
    for unit, phrases in list(facts.scope.items())[:_LISTED]:
        text += remark(f"{unit}: {'; '.join(phrases)}", hang=2)
    if len(facts.scope) > _LISTED:
        text += remark(f"{len(facts.scope) - _LISTED} more", hang=2)
    if facts.unscoped:
        text += remark(f"nothing is known of {count(facts.unscoped, 'other')}", hang=2)
    questions = facts.report.scope_questions
    if not questions:
        return text + remark("No verdict waits for an answer.")
    entries = "".join(map(_question, questions))
    if any(question.entry for question in questions):
        return text + asleep(f"scope:\n  assign:\n{entries}")
    example = '    - match: {path: "infra/prod/*"}\n      tier: high\n'
    return text + asleep(f"scope:\n  assign:\n{entries}{remark('For example:', 4)}{example}")


def _question(question: ScopeQuestion) -> str:
    text = remark(f"decides {count(question.decides, 'verdict')}: {question.question}", 4)
    return text + "".join(f"    {line}\n" for line in question.entry.splitlines())


def _baselines(facts: Facts) -> str:
    if not facts.baselines:
        return ""
    return remark(
        "Roots that set up a whole account. Here policies on accounts judge them; elsewhere only "
        f"an audit does. These hold what such policies judge: {', '.join(facts.account_kinds)}.",
        2,
    ) + _list("baselines", facts.baselines)


def _var_files(facts: Facts) -> str:
    if not facts.var_files:
        return ""
    return remark(
        "Files of values that Terraform reads only with -var-file. They count in every root: "
        "keep those of one environment.",
        2,
    ) + _list("var_files", facts.var_files)


def _list(key: str, items: tuple[str, ...]) -> str:
    return f"  {key}:\n" + "".join(f"    - {quoted(item)}\n" for item in items)

"""SARIF 2.1.0 in the form that GitHub code scanning takes.

Results are the failures that have a place in a file; of a thing that runs, that is the place where
code declares it. What has no result here is counted in the properties of the run and told in its
notifications: waived failures, since GitHub would show them as open, and in a pull request those
that are as they were before it. `sarif-full` has everything.

GitHub shows 5,000 results of a run. More are divided over twenty runs, each with a category of its
own, in which a finding always stands in the same. What is over a limit even so is left out, and a
result of its own says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from policyscan.findings.report import PolicyRecord, Report
from policyscan.reporters.sarif import limits
from policyscan.reporters.sarif.notifications import brief_note, notifications
from policyscan.reporters.sarif.overflow import overflow_result, overflow_rule
from policyscan.reporters.sarif.places import Artifacts
from policyscan.reporters.sarif.results import result
from policyscan.reporters.sarif.rules import rule
from policyscan.reporters.sarif.runs import driver, identity, invocation, log_file, properties
from policyscan.reporters.sarif.selection import Placed, Selection, selected
from policyscan.reporters.serving import served


class SarifReporter:
    """Code scanning alerts. Alerts of another `category` on the same commit stay as they are."""

    name = "sarif"
    suffix = ".sarif"

    def __init__(self, category: str = "scan", unchanged: bool = False, runs: int = 0) -> None:
        self.category = category
        self.unchanged = unchanged
        """Whether failures that are as they were before are results in a pull request as well."""
        self.runs = runs
        """Over how many runs results are always divided; 0: over one, or 20 if they are many."""

    def render(self, report: Report) -> bytes:
        """In ASCII, a line for each part of a rule and result; within GitHub's limits."""
        chosen = selected(report, unchanged=self.unchanged)
        number = limits.number_of_runs(len(chosen.placed), self.runs)
        whole = _File(report, chosen, self.category, number, len(chosen.placed))
        if number > 1 and limits.packed_size(log_file([whole.run(0)])) * number > limits.MAX_BYTES:
            whole = replace(whole, brief=True)
        return _within_limits(whole)


def _within_limits(file: _File) -> bytes:
    """The file; first without details, then with less and less results, if it is too large."""
    data = file.render()
    while len(data) > limits.MAX_BYTES and file.limit:
        size = limits.packed_size(data)
        if size <= limits.MAX_BYTES:
            break
        fits = int(file.limit * 0.9 * limits.MAX_BYTES / size)
        file = replace(file, brief=True, limit=fits if file.brief else file.limit)
        data = file.render()
    return data


@dataclass(frozen=True)
class _File:
    """What is written, and with how much of it."""

    report: Report
    chosen: Selection
    category: str
    number: int
    """Of runs."""
    limit: int
    """Of results."""
    brief: bool = False

    @cached_property
    def parts(self) -> list[list[Placed]]:
        """The results of each run."""
        return limits.divided(self.chosen.placed, self.number, self.limit)

    @cached_property
    def dropped(self) -> list[Placed]:
        """The results of none."""
        kept = {id(one) for part in self.parts for one in part}
        return [one for one in self.chosen.placed if id(one) not in kept]

    @cached_property
    def left_out(self) -> dict[str, int]:
        """How many failures are no results, by the reason for it."""
        return {**self.chosen.left_out, "failuresOverLimit": len(self.dropped)}

    def render(self) -> bytes:
        """All of its runs."""
        return log_file(map(self.run, range(self.number)))

    def run(self, index: int) -> dict[str, Any]:
        """One run; the first says all there is to say, the others have no more than their part of
        the results, and the rules for them."""
        report, part = self.report, self.parts[index]
        policies = report.policies
        if index or len(policies) >= limits.MAX_RULES:
            named = {one.finding.policy_id for one in part}
            policies = tuple(policy for policy in policies if policy.id in named)
        evidence = served(report)
        rules = [rule(policy, evidence[policy.id]) for policy in policies]
        artifacts = Artifacts(report.documents, report.run.prefix)
        results = self._results(part, policies, artifacts)
        if index == 0 and self.dropped:
            rules.append(overflow_rule())
            further = overflow_result(self.dropped, self.category, len(rules) - 1, artifacts)
            results = chain([further], results)
        category = f"{self.category}/{index + 1:02}" if index else self.category
        return {
            "tool": {"driver": driver(report, rules)},
            "automationDetails": {"id": identity(category, report.run)},
            "columnKind": "utf16CodeUnits",
            "invocations": [invocation(report, [] if index else self._told(artifacts))],
            "results": results,
            "artifacts": artifacts.listed(),  # when the results have been written
            "properties": self._properties(index),
        }

    def _results(
        self, part: list[Placed], policies: tuple[PolicyRecord, ...], artifacts: Artifacts
    ) -> Iterator[dict[str, Any]]:
        indexes = {policy.id: index for index, policy in enumerate(policies)}
        for one in part:
            index = indexes.get(one.finding.policy_id)
            yield result(one.finding, one.place, one.line_hash, index, artifacts, brief=self.brief)

    def _told(self, artifacts: Artifacts) -> list[dict[str, Any]]:
        told = notifications(self.report, artifacts, self.left_out)
        return [*told, brief_note()] if self.brief else told

    def _properties(self, index: int) -> dict[str, Any]:
        part = {"part": index + 1, "parts": self.number} if self.number > 1 else {}
        return part if index else properties(self.report) | self.left_out | part

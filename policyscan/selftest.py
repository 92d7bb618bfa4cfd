"""Runs the tests that policies carry, through the whole pipeline, each with that policy alone."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from policyscan.collectors.interface import Answer, Target
from policyscan.config import parse_configuration
from policyscan.errors import PolicyError, UsageError
from policyscan.evaluate import Evaluation, Judging
from policyscan.findings.model import Finding, Verdict
from policyscan.findings.profiles import load_profile
from policyscan.inventory import Inventory
from policyscan.pipeline import Survey, survey
from policyscan.policy import Policy, PolicyTest, load_policies, load_tests
from policyscan.request import ScanRequest
from policyscan.resources.kinds import MODULES, load_kinds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The clock of all policy tests."""
_ALLOWED_GAPS = frozenset({"not_fetched"})


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of a policy, and what is wrong: empty if it passed."""

    __test__ = False  # not a test class of pytest

    policy_id: str
    test: str
    problems: tuple[str, ...]
    path: str = ""
    """Of the policy's file."""
    line: int = 0
    """Where the test stands in it."""
    seconds: float = 0.0
    """How long it took."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A test whose files and answers were read and joined once, ready to judge any policy on the
    same kinds: the policy that carries it, or a changed copy of that."""

    test: PolicyTest
    inventory: Inventory
    judging: Judging
    problems: tuple[str, ...]
    """What is wrong with the verdicts of the policy that carries the test."""

    def problems_of(self, policy: Policy) -> tuple[str, ...]:
        """What is wrong with the verdicts of `policy`, waivers left aside: empty if the test does
        not tell it from the one that carries it."""
        evaluation = Evaluation(self.inventory, self.judging)
        evaluation.judge((policy,))
        expected = {
            address: Verdict.FAIL if wanted is Verdict.WAIVED else wanted
            for address, wanted in self.test.expect.items()
        }
        crashes = (f"gap: {gap.message}" for gap in evaluation.gaps)
        return (*_differences(expected, evaluation.findings), *crashes)


def run_policy_tests(directory: Path) -> Iterator[TestResult]:
    """The result of every test of every policy in `directory`. Raises PolicyError for a policy
    that does not load."""
    for policy in load_policies(directory, load_kinds(MODULES)).policies:
        yield from run_tests_of(policy)


def run_tests_of(policy: Policy) -> Iterator[TestResult]:
    """The result of every test of one policy. Raises PolicyError for tests that cannot be read."""
    for test in load_tests(policy):
        start = time.monotonic()
        try:
            problems = prepare(policy, test).problems
        except UsageError as error:  # options that no configuration could have
            problems = (str(error),)
        seconds = time.monotonic() - start
        yield TestResult(policy.id, test.name, problems, policy.path, test.line, seconds)


def prepare(policy: Policy, test: PolicyTest) -> Prepared:
    """Reads what a test of a policy holds, as a scan does, and judges it."""
    with tempfile.TemporaryDirectory() as place:
        _write(Path(place) / "files", test, test.files)
        _write(Path(place) / "before", test, test.before)
        found = survey(_request(policy, test, Path(place)), now=NOW)
    problems = tuple(_problems(test, found))
    return Prepared(test, found.inventory, found.judging, problems)


def _problems(test: PolicyTest, found: Survey) -> Iterator[str]:
    """What is wrong with a report: verdicts, and gaps that no test may leave."""
    yield from _differences(test.expect, found.report.findings)
    for gap in found.report.gaps:
        if gap.reason.value not in _ALLOWED_GAPS:
            yield f"gap: {gap.message}"


def _differences(expected: Mapping[str, Verdict], findings: Sequence[Finding]) -> Iterator[str]:
    """Verdicts that were expected and did not come, and those that came and were not expected."""
    judged = {finding.resource.address: finding for finding in findings}
    for address, wanted in expected.items():
        if address not in judged:
            yield f"{address}: expected {wanted.value}, and nothing was judged"
        elif judged[address].verdict != wanted:
            got = judged[address]
            yield f"{address}: expected {wanted.value}, got {got.verdict.value}{_why(got)}"
    for address in sorted(judged.keys() - expected.keys()):
        got = judged[address]
        yield f"{address}: {got.verdict.value}, which the test does not expect{_why(got)}"


def _why(finding: Finding) -> str:
    """What the finding says, if that says why: a message of a failure, the doubt of an unknown."""
    if finding.verdict not in (Verdict.FAIL, Verdict.UNKNOWN):
        return ""
    return f": {re.sub(rf'^{re.escape(finding.resource.address)}(?= )', 'it', finding.message)}"


def _write(place: Path, test: PolicyTest, files: Mapping[str, str]) -> None:
    place.mkdir()
    for name, text in files.items():
        path = (place / name).resolve()
        if not path.is_relative_to(place.resolve()):
            raise PolicyError(f"the test {test.name!r} writes outside its folder: {name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _recorded(test: PolicyTest) -> dict[str, tuple[Answer, ...]]:
    """The answers of the test by their target, which is called like its collector."""
    found: dict[str, tuple[Answer, ...]] = {}
    pages: Counter[tuple[str, str, str, str]] = Counter()
    for each in test.answers:
        key = each.collector, each.unit, each.subject, each.about
        pages[key] += 1
        answer = Answer(each.unit, each.subject, each.data, each.about, pages[key], NOW)
        found[each.collector] = (*found.get(each.collector, ()), answer)
    return found


def _request(policy: Policy, test: PolicyTest, place: Path) -> ScanRequest:
    settings = {"version": 1, **test.options}
    return ScanRequest(
        path=place / "files" if test.files else None,
        counterpart=place / "before" if test.before else None,
        configuration=parse_configuration("options", json.dumps(settings).encode()),
        profile=load_profile("advise", place),
        loaded=(policy,),
        targets=tuple(Target(name, name) for name in sorted({a.collector for a in test.answers})),
        answers=_recorded(test),
    )

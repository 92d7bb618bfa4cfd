"""Runs the tests that policies carry, through the whole pipeline, each with that policy alone."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from policyscan.collectors.interface import Answer, Target
from policyscan.config import parse_configuration
from policyscan.errors import PolicyError
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import scan
from policyscan.policy import Policy, PolicyTest, load_policies, load_tests
from policyscan.request import ScanRequest
from policyscan.resources.kinds import MODULES, load_kinds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The clock of all policy tests."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test of a policy, and what is wrong: empty if it passed."""

    __test__ = False  # not a test class of pytest

    policy_id: str
    test: str
    problems: tuple[str, ...]


def run_policy_tests(directory: Path) -> Iterator[TestResult]:
    """The result of every test of every policy in `directory`."""
    for policy in load_policies(directory, load_kinds(MODULES)).policies:
        for test in load_tests(policy):
            yield TestResult(policy.id, test.name, tuple(_problems(directory, policy, test)))


def _problems(directory: Path, policy: Policy, test: PolicyTest) -> Iterator[str]:
    """Verdicts that were expected and did not come, and those that came and were not expected."""
    with tempfile.TemporaryDirectory() as place:
        _write(Path(place) / "files", test, test.files)
        _write(Path(place) / "before", test, test.before)
        verdicts, gaps = _judge(directory, policy, test, Path(place))
    for address, wanted in test.expect.items():
        if address not in verdicts:
            yield f"{address}: expected {wanted.value}, and nothing was judged"
        elif verdicts[address] != wanted.value:
            yield f"{address}: expected {wanted.value}, got {verdicts[address]}"
    for address in sorted(verdicts.keys() - test.expect.keys()):
        yield f"{address}: {verdicts[address]}, which the test does not expect"
    yield from gaps


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


def _judge(
    directory: Path, policy: Policy, test: PolicyTest, place: Path
) -> tuple[dict[str, str], list[str]]:
    """Verdicts by address, and the gaps that no test may leave."""
    settings = {"version": 1, **test.options}
    request = ScanRequest(
        path=place / "files" if test.files else None,
        counterpart=place / "before" if test.before else None,
        configuration=parse_configuration("options", json.dumps(settings).encode()),
        profile=load_profile("advise", place),
        only_policies=directory,
        select=(policy.id,),
        targets=tuple(Target(name, name) for name in sorted({a.collector for a in test.answers})),
        answers=_recorded(test),
    )
    report = scan(request, now=NOW)
    verdicts = {f.resource.address: f.verdict.value for f in report.findings}
    allowed = {"not_fetched"}
    gaps = [f"gap: {g.message}" for g in report.gaps if g.reason.value not in allowed]
    return verdicts, gaps

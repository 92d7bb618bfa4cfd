"""The example, judged by hand in examples/README.md and by a scan."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from policyscan.config import load_configuration
from policyscan.findings import Finding, Report
from policyscan.text.tree import DirectoryTree
from scripts.samples import ROOT, scan_example

TABLE = (ROOT / "examples" / "README.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\S+) \| (\S+) \| (PS-[A-Z]+-\d+) \| (\w+) \| .+ \|$", TABLE, re.MULTILINE)
EXPECTED = {(unit, address, policy): verdict for unit, address, policy, verdict in ROWS}


@pytest.fixture(scope="module")
def report() -> Report:
    return scan_example()


OPEN_WORLD = {"PS-MON-001", "PS-MON-002", "PS-KEY-013"}
"""Files cannot show that something is nowhere; a module that was not fetched may hold the secret of
an entry in the register."""
KNOWN_WHOLE = {"PS-NET-002", "PS-KEY-012"}
"""What the configuration states is known, and so is whether a complete register has an entry."""
RUNNING = {
    "PS-IAM-006",
    "PS-IMG-002",
    "PS-IMG-008",
    "PS-ROT-006",
    "PS-ROT-007",
    "PS-TLS-003",
    "PS-TLS-009",
}
"""They judge what runs, of which the example has nothing; their own tests show their verdicts."""
COMPARES = "PS-CI-009"
"""It judges what a change does, and the example is no change."""
STANDS_ASIDE = "PS-NET-001"
"""Where a list is verified PS-NET-013 judges in its place."""
NUMBERS = (
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()


def pair(finding: Finding) -> tuple[str, str, str]:
    return finding.resource.unit, finding.resource.address, finding.policy_id


def test_the_scan_says_what_the_table_says(report: Report) -> None:
    scanned = {pair(finding): finding.verdict.value for finding in report.findings}
    assert len(EXPECTED) == len(ROWS)
    assert {key: scanned.get(key) for key in EXPECTED} == EXPECTED


def test_nothing_else_fails_or_is_unknown(report: Report) -> None:
    open_pairs = {
        pair(finding): finding.verdict.value
        for finding in report.findings
        if finding.verdict in ("fail", "unknown")
    }
    assert open_pairs.items() <= EXPECTED.items()


def test_every_policy_passes_somewhere_and_is_not_satisfied_elsewhere(report: Report) -> None:
    verdicts: dict[str, set[str]] = {policy.id: set() for policy in report.policies}
    for (_, _, policy), verdict in EXPECTED.items():
        verdicts[policy].add(verdict)
    for policy in (STANDS_ASIDE, COMPARES, *RUNNING):
        assert verdicts.pop(policy) == set()
    for policy, found in verdicts.items():
        assert "pass" in found, policy
        assert ("unknown" in found) is (policy not in KNOWN_WHOLE), policy
        assert ("fail" in found) is (policy not in OPEN_WORLD), policy


def test_without_a_verified_list_another_policy_says_the_same(report: Report) -> None:
    """PS-NET-001 takes the place of PS-NET-013, and no list is left without a complaint."""
    configuration = load_configuration(ROOT / "examples" / "policyscan.yaml", ROOT)
    lists = tuple(replace(each, verified=None) for each in configuration.allow_lists)
    unverified = scan_example(replace(configuration, allow_lists=lists))
    before, after = of(report, "PS-NET-013"), of(unverified, STANDS_ASIDE)
    assert before == after
    assert set(before.values()) == {"pass", "fail", "unknown", "not_applicable"}
    assert set(of(unverified, "PS-NET-002").values()) == {"fail"}


def of(report: Report, policy: str) -> dict[tuple[str, str, str], str]:
    """What one policy says of each resource; its id is left out."""
    return {
        (*pair(finding)[:2], ""): finding.verdict.value
        for finding in report.findings
        if finding.policy_id == policy
    }


def test_the_gap_and_the_exclusion(report: Report) -> None:
    (gap,) = report.gaps
    assert (gap.reason.value, gap.subject, gap.blocking) == ("not_fetched", "module.vpc", False)
    (excluded,) = report.coverage.excluded
    assert excluded.subject == "infra/archive/vpn.tf"
    assert excluded.reason == "destroyed in 2024, kept for the record"


def test_the_introduction_counts_what_blocks(report: Report) -> None:
    blocking = sum(finding.blocking for finding in report.findings)
    (word,) = re.findall(r"because (\w+) failures would", TABLE)
    assert blocking == NUMBERS.index(word)
    assert report.summary.exit_code == 1


def test_the_books_balance_against_blocks_counted_in_the_text(report: Report) -> None:
    tree = DirectoryTree(ROOT / "examples" / "trading-desk")
    text = "\n".join(
        tree.read(path).data.decode()
        for path in tree.files()
        if path.endswith(".tf") and "archive" not in path
    )
    blocks = Counter(re.findall(r'^resource "(\w+)"', text, re.MULTILINE))
    found = {entry.kind: entry.found for entry in report.ledger}
    assert found["TlsServerConfig"] == blocks["aws_lb_listener"]
    assert found["Trail"] == blocks["aws_cloudtrail"]
    assert found["LogGroup"] == blocks["aws_cloudwatch_log_group"]
    assert all(entry.balanced for entry in report.ledger)

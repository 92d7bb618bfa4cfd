"""Policies × resources: exactly one verdict each, and what is said with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policyscan.config import Configuration, Exclude, parse_configuration
from policyscan.errors import UsageError
from policyscan.findings import Report, Verdict
from policyscan.findings.fingerprint import fingerprint
from policyscan.findings.report import Exclusion
from policyscan.language import Program
from policyscan.reporters.console import ConsoleReporter
from policyscan.reporters.html import HtmlReporter
from policyscan.selftest import run_policy_tests
from tests.scanning import scan_files, verdicts

OPEN_GROUP = """
    resource "aws_security_group" "open" {
      ingress {
        from_port   = 22
        to_port     = 22
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    """


def configured(text: str) -> Configuration:
    return parse_configuration("policyscan.yaml", f"version: 1\n{text}".encode())


def only(report: Report, policy_id: str, address: str) -> Any:
    (finding,) = (
        f for f in report.findings if (f.policy_id, f.resource.address) == (policy_id, address)
    )
    return finding


def test_every_pair_has_one_finding(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": OPEN_GROUP, "Dockerfile": "FROM scratch\n"})
    pairs = [(f.policy_id, f.resource.address) for f in report.findings]
    assert len(pairs) == len(set(pairs))
    judged = {policy.id: sum(policy.counts.values()) for policy in report.policies}
    kinds = {policy.id: policy.kind for policy in report.policies}
    resources = {"SecurityGroup": 1, "DockerfileStage": 1}
    assert judged == {
        name: sum(resources.get(kind, 0) for kind in several.split(", "))
        for name, several in kinds.items()
    }


def test_a_policy_that_judged_nothing_says_why(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": OPEN_GROUP}, select=("NET", "PS-ROT-005"))
    idle = {policy.id: policy.idle for policy in report.policies}
    assert idle["PS-NET-004"] == ""
    assert idle["PS-ROT-005"] == "found no Secret"
    assert idle["PS-IMG-001"] == "not selected"
    assert idle["PS-TLS-001"] == "not selected"


def test_policies_of_kinds_without_input_are_idle(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": OPEN_GROUP})
    idle = {policy.id: policy.idle for policy in report.policies}
    assert idle["PS-IMG-001"] == "nothing here can hold DockerfileStage"


def test_an_exclusion_that_matches_no_file_is_told(tmp_path: Path) -> None:
    exclude = (Exclude("infra", "a folder needs /*"), Exclude("*.md", "texts"))
    configuration = Configuration(exclude=exclude)
    files: dict[str, str | bytes] = {"infra/main.tf": OPEN_GROUP, "a.md": ""}
    report = scan_files(tmp_path, files, configuration=configuration)
    assert report.coverage.excluded == (
        Exclusion("a.md", "texts"),
        Exclusion("nothing: no file matches infra", "a folder needs /*", 0),
    )


def test_an_answer_that_matches_no_resource_is_told(tmp_path: Path) -> None:
    configuration = configured(
        "scope: {assign: [{match: {address: '*.open'}, role: other},"
        " {match: {address: '*.opne'}, role: other}]}"
    )
    report = scan_files(tmp_path, {"main.tf": OPEN_GROUP}, configuration=configuration)
    (where,) = report.coverage.idle_assignments
    assert where.endswith(":2:61")  # "version: 1" stands before it


def test_account_policies_are_left_to_audit(tmp_path: Path) -> None:
    files = {"main.tf": 'resource "aws_cloudtrail" "t" {\n  name = "t"\n}\n'}
    finding = only(scan_files(tmp_path, files), "PS-MON-001", "aws_cloudtrail.t")
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert "judged by audit" in finding.reason
    audited = scan_files(tmp_path, profile="audit")
    assert only(audited, "PS-MON-001", "aws_cloudtrail.t").verdict is Verdict.UNKNOWN


def test_parameters_come_from_configuration(tmp_path: Path) -> None:
    relaxed = configured('parameters: {PS-NET-004: {ports: ["3389"]}}')
    report = scan_files(tmp_path, {"main.tf": OPEN_GROUP}, configuration=relaxed)
    assert verdicts(report, "PS-NET-004") == {"aws_security_group.open": "pass"}
    (policy,) = (p for p in report.policies if p.id == "PS-NET-004")
    assert policy.parameters["ports"] == ["3389"]


def test_a_named_scope_is_shown_and_does_not_block(tmp_path: Path) -> None:
    files = {"main.tf": 'resource "aws_cloudwatch_log_group" "l" {\n  name = "/bots/binance"\n}\n'}
    finding = only(scan_files(tmp_path, files), "PS-LOG-008", "aws_cloudwatch_log_group.l")
    assert (finding.verdict, finding.scope_basis) == (Verdict.FAIL, "named")
    assert not finding.blocking
    assert "scope not confirmed" in finding.blocking_reason


def test_a_declared_scope_blocks(tmp_path: Path) -> None:
    files = {"main.tf": 'resource "aws_cloudwatch_log_group" "l" {\n  name = "/x"\n}\n'}
    declared = configured("scope: {assign: [{match: {address: '*.l'}, role: trading}]}")
    report = scan_files(tmp_path, files, configuration=declared)
    finding = only(report, "PS-LOG-008", "aws_cloudwatch_log_group.l")
    assert (finding.verdict, finding.scope_basis, finding.blocking) == (
        Verdict.FAIL,
        "declared",
        True,
    )


def test_an_open_question_of_scope_says_when_it_would_fail(tmp_path: Path) -> None:
    files = {"main.tf": 'resource "aws_cloudwatch_log_group" "l" {\n  name = "/x"\n}\n'}
    report = scan_files(tmp_path, files)
    finding = only(report, "PS-LOG-008", "aws_cloudwatch_log_group.l")
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.residual == 'FAIL iff resource.role == "trading"'
    (question,) = report.scope_questions
    assert question.decides == 1
    assert question.question == "what aws_cloudwatch_log_group.l in . is for (role)"
    assert question.entry.splitlines() == [
        '- match: {address: "aws_cloudwatch_log_group.l"}',
        "  role: trading  # or gateway, rotation, admin, public, other",
    ]


def test_a_resource_that_may_not_exist_says_so(tmp_path: Path) -> None:
    text = 'variable "n" {}\n' + OPEN_GROUP.replace("ingress {", "count = var.n\n  ingress {", 1)
    report = scan_files(tmp_path, {"main.tf": text}, select=("PS-NET-004",))
    (finding,) = report.findings
    assert finding.resource.address == "aws_security_group.open[?]"
    assert finding.verdict is Verdict.FAIL
    assert finding.conditional.startswith("if created: a value for var.n")


def test_a_crashing_policy_costs_only_its_own_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Program.run

    def crash(self: Program, **given: Any) -> Any:
        if "reaches_internet" in self.text and "web_ports" not in self.text:
            raise ZeroDivisionError
        return run(self, **given)

    monkeypatch.setattr(Program, "run", crash)
    report = scan_files(tmp_path, {"main.tf": OPEN_GROUP}, select=("NET",))
    assert verdicts(report, "PS-NET-004") == {"aws_security_group.open": "unknown"}
    assert verdicts(report, "PS-NET-012") == {"aws_security_group.open": "pass"}
    assert [(gap.reason.value, gap.subject) for gap in report.gaps] == [("crashed", "PS-NET-004")]
    assert report.summary.exit_code == 3


def edited(report: Report, change: Callable[[str], str], tmp_path: Path) -> Report:
    path = tmp_path / "main.tf"
    path.write_text(change(path.read_text()))
    return scan_files(tmp_path)


def test_fingerprints_do_not_depend_on_lines_or_parameters(tmp_path: Path) -> None:
    first = scan_files(tmp_path, {"main.tf": OPEN_GROUP})
    moved = edited(first, lambda text: "# a comment\n\n" + text, tmp_path)
    assert {f.fingerprint for f in first.findings} == {f.fingerprint for f in moved.findings}


def test_a_moved_block_carries_the_fingerprint_over(tmp_path: Path) -> None:
    first = scan_files(tmp_path, {"main.tf": OPEN_GROUP})
    renamed = edited(
        first,
        lambda text: (
            text.replace('"open"', '"entry"')
            + "moved {\n  from = aws_security_group.open\n  to = aws_security_group.entry\n}\n"
        ),
        tmp_path,
    )
    assert {f.resource.address for f in renamed.findings} == {"aws_security_group.entry"}
    assert {f.fingerprint for f in first.findings} == {f.fingerprint for f in renamed.findings}


def test_fingerprints_tell_parts_apart() -> None:
    assert fingerprint("a", "bc") != fingerprint("ab", "c")
    assert len(fingerprint("a")) == 32


def test_projects_have_fingerprints_of_their_own(tmp_path: Path) -> None:
    one = scan_files(tmp_path, {"main.tf": OPEN_GROUP}, configuration=configured("project: a"))
    two = scan_files(tmp_path, configuration=replace(configured("project: b")))
    assert not {f.fingerprint for f in one.findings} & {f.fingerprint for f in two.findings}


LEAST = """
id: ACME-MON-001
version: 1
slug: too-few-trails
title: There are two trails
severity: high
plane: change
resource: Trail
scope: set
require: members.exists(t, t.is_logging)
expect_min: 2
message: "{address} has too few trails"
why: One may be switched off.
fix: Add one.
control: CTL-AUDIT-LOG
criteria: ["SOC2:CC7.2"]
guide: [Production Secrets Storage]
tests:
  - name: one
    files: {main.tf: "resource \\"aws_cloudtrail\\" \\"t\\" {}"}
    expect: {aws_cloudtrail.t: unknown}
"""


def test_fewer_than_expected_may_be_enough_with_those_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/few.yaml").write_text(LEAST)
    (result,) = run_policy_tests(tmp_path / "policies")
    assert result.problems == ()


def test_a_changed_parameter_is_told_in_every_report(tmp_path: Path) -> None:
    relaxed = configured('parameters: {PS-NET-004: {ports: ["3389"]}}')
    report = scan_files(tmp_path, {"main.tf": OPEN_GROUP}, configuration=relaxed)
    changed = {policy.id: policy.changed for policy in report.policies if policy.changed}
    assert changed == {"PS-NET-004": ("ports",)}
    console = ConsoleReporter(colour=False, width=100, verbose=False).render(report).decode()
    assert 'changed by policyscan.yaml: PS-NET-004 ports = ["3389"]' in console
    assert "changed by the configuration" in HtmlReporter().render(report).decode()


def test_a_port_that_is_none_is_refused_before_anything_is_judged(tmp_path: Path) -> None:
    wrong = configured('parameters: {PS-NET-004: {ports: ["22-"]}}')
    with pytest.raises(UsageError, match='"22-" is not a port') as refused:
        scan_files(tmp_path, {"main.tf": OPEN_GROUP}, configuration=wrong)
    assert refused.value.exit_code == 2

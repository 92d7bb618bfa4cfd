from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml
from lxml import etree
from msgspec.structs import replace

from policyscan.findings import Report, Verdict
from policyscan.reporters.junit import JunitReporter
from policyscan.text.display import one_line
from tests.junit_verdicts import gaps_in, verdicts_in
from tests.sample_report import hostile_report, large_report, sample_report, summary_of

SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).parents[2] / "schemas" / "junit-10.xsd")))
NOTHING = replace(sample_report(), findings=(), gaps=(), policies=(), ledger=())

REPORTS = {
    "sample": sample_report(),
    "hostile": hostile_report(),
    "nothing": replace(NOTHING, summary=summary_of((), ())),
    "many": large_report(300),
}


def render(report: Report) -> bytes:
    return JunitReporter().render(report)


def case_of(report: Report, suite: str, name: str) -> etree._Element:
    [case] = etree.fromstring(render(report)).xpath(
        "testsuite[@name=$suite]/testcase[@name=$name]", suite=suite, name=name
    )
    return case


@pytest.mark.parametrize("name", REPORTS)
def test_valid_for_jenkins(name: str) -> None:
    SCHEMA.assertValid(etree.fromstring(render(REPORTS[name])))


@pytest.mark.parametrize("name", REPORTS)
def test_every_verdict_and_gap_can_be_found_again(name: str) -> None:
    report = REPORTS[name]
    expected = Counter(
        (
            one_line(one.policy_id if one.verdict is Verdict.NOT_APPLICABLE else one.fingerprint),
            one.verdict.value,
        )
        for one in report.findings
    )
    assert verdicts_in(render(report)) == expected
    assert gaps_in(render(report)) == Counter(
        (one_line(gap.fingerprint), gap.blocking) for gap in report.gaps
    )


@pytest.mark.parametrize("name", REPORTS)
def test_counts_are_those_of_the_cases(name: str) -> None:
    root = etree.fromstring(render(REPORTS[name]))
    for scope in (root, *root):
        cases = list(scope.iter("testcase"))
        assert int(scope.get("tests")) == len(cases)
        assert int(scope.get("failures")) == sum(one.find("failure") is not None for one in cases)
        assert int(scope.get("errors")) == sum(one.find("error") is not None for one in cases)


@pytest.mark.parametrize("name", REPORTS)
def test_names_of_cases_are_unique(name: str) -> None:
    cases = list(etree.fromstring(render(REPORTS[name])).iter("testcase"))
    assert len({(one.get("classname"), one.get("name")) for one in cases}) == len(cases)


def test_the_same_address_in_two_roots_has_two_names() -> None:
    report = sample_report()
    first = report.findings[0]
    second = replace(
        first, resource=replace(first.resource, unit="infra/dev"), fingerprint="f" * 32
    )
    root = etree.fromstring(render(replace(report, findings=(first, second))))
    names = root.xpath("testsuite[@name='PS-NET-001']/testcase/@name")
    assert names == [
        f"aws_security_group.bot [{first.fingerprint[:12]}]",
        "aws_security_group.bot [ffffffffffff]",
    ]


def test_a_failure_tells_its_evidence() -> None:
    case = case_of(sample_report(), "PS-NET-001", "aws_security_group.bot")
    assert case.get("classname") == "policyscan.network.world-open-admin-port"
    [failure] = case.findall("failure")
    assert failure.get("type") == "critical"
    assert failure.get("message") == "aws_security_group.bot lets 0.0.0.0/0 reach port 22"
    lines = failure.text.split("\n")
    for line in (
        "Place: infra/prod/main.tf:14:20",
        'Evidence: ingress[0].cidrs[0] = "0.0.0.0/0" (port 22 is reachable from 0.0.0.0/0)',
        "  from tfvars admin_cidrs, infra/prod/prod.auto.tfvars:2:15",
        '>    14 |     cidr_blocks = ["0.0.0.0/0"]',
        "Fix: Name the ranges of your office or VPN, or use Session Manager and open no port.",
        "Blocks: yes: critical, configured, plane change",
        f"Fingerprint: {sample_report().findings[0].fingerprint}",
    ):
        assert line in lines
    assert any(line.startswith("Why: ") for line in lines)


def test_unknown_is_an_error_if_it_blocks_and_else_skipped() -> None:
    report = sample_report()
    blocking = case_of(report, "PS-NET-004", "module.net.aws_security_group.db")
    assert blocking.find("error").get("message").startswith("unknown: The role of")
    open_ = case_of(report, "PS-NET-004", "aws_security_group.bot")
    skipped = open_.find("skipped")
    assert skipped.get("message").startswith("unknown: Whether")
    assert "Residual: PASS iff var.exchange_cidrs within" in skipped.text
    assert "Needs: a value for var.exchange_cidrs (infra/prod/variables.tf:9)" in skipped.text


def test_waived_is_skipped_and_names_its_waiver() -> None:
    case = case_of(sample_report(), "PS-SEC-002", 'aws_secretsmanager_secret.venue["kraken"]')
    skipped = case.find("skipped")
    assert skipped.get("message") == skipped.text  # Jenkins shows the message alone
    first, *lines = skipped.text.split("\n")
    assert first == "waived: The secret of kraken has no rotation"
    assert (
        "Waiver: WVR-7 until 2026-12-31: the venue has no rotation API (owner ana, approver bo)"
        in lines
    )


def test_the_case_of_the_run_counts_what_has_no_case() -> None:
    text = case_of(sample_report(), "policyscan.collection", "run").findtext("system-out")
    assert "exit code: 1\nverdicts: 5 fail" in text
    assert "3 pass, 1 waived, 1 not applicable" in text


def test_a_pass_is_plain_and_says_what_it_assumes() -> None:
    case = case_of(sample_report(), "PS-NET-001", "module.net.aws_security_group.db")
    assert [one.tag for one in case] == ["system-out"]
    assert 'assumes: var.db_cidr = "10.0.0.0/8"' in case.findtext("system-out").split("\n")


def test_idle_policies_are_empty_suites_with_the_reason() -> None:
    [suite] = etree.fromstring(render(sample_report())).xpath("testsuite[@name='PS-LOG-001']")
    assert suite.get("tests") == "0"
    assert suite.xpath("properties/property[@name='idle']/@value") == [
        "no resource of kind Trail was found"
    ]


def test_gaps_are_cases_of_the_collection() -> None:
    report = sample_report()
    denied = case_of(
        report, "policyscan.collection", "aws 123456789012/eu-west-1: secretsmanager:ListSecrets"
    )
    assert denied.get("classname") == "policyscan.collection.aws"
    assert denied.find("error").get("type") == "denied"
    fetched = case_of(report, "policyscan.collection", ".: git::https://example.com/modules.git")
    assert fetched.find("skipped").get("message").startswith("not_fetched: ")
    whole = case_of(report, "policyscan.collection", "api.example.com:443")
    assert [one.tag for one in whole] == ["system-out"]
    # terraform read with gaps: no case claims that its target was read
    root = etree.fromstring(render(report))
    assert root.xpath("//testcase[@classname='policyscan.collection.terraform'][@name='.']") == []


@pytest.mark.parametrize(
    ("exit_code", "complete", "interrupted", "tag"),
    [
        (0, True, False, None),
        (1, True, False, None),
        (0, False, False, "skipped"),
        (3, False, False, "error"),
        (4, False, False, "error"),
        (0, False, True, "error"),
    ],
)
def test_the_run_itself_is_a_case(
    exit_code: int, complete: bool, interrupted: bool, tag: str | None
) -> None:
    """Nothing judged must not read as nothing wrong."""
    summary = replace(summary_of((), ()), exit_code=exit_code, complete=complete)
    run = replace(NOTHING.run, interrupted=interrupted)
    case = case_of(replace(NOTHING, summary=summary, run=run), "policyscan.collection", "run")
    assert [one.tag for one in case] == ([tag] if tag else []) + ["system-out"]


def test_findings_of_a_policy_without_record_are_kept() -> None:
    report = replace(sample_report(), policies=())
    assert len(verdicts_in(render(report))) == len(report.findings)
    SCHEMA.assertValid(etree.fromstring(render(report)))


def test_no_line_of_a_text_starts_a_command() -> None:
    for text in etree.fromstring(render(hostile_report())).itertext():
        for line in text.split("\n"):
            assert not line.lstrip().startswith(("::", "##"))


@given(st.text(st.characters(exclude_categories=()), max_size=12))
@settings(max_examples=50)
def test_no_text_breaks_it(text: str) -> None:
    report = hostile_report(text)
    data = render(report)
    SCHEMA.assertValid(etree.fromstring(data))
    assert sum(verdicts_in(data).values()) == len(report.findings)


def test_another_reader_counts_the_same() -> None:
    suites = JUnitXml.fromstring(render(sample_report()))
    assert sum(suite.tests for suite in suites) == sum(len(list(suite)) for suite in suites) == 22
    assert sum(suite.failures for suite in suites) == 5
    assert sum(suite.errors for suite in suites) == 3


def test_equal_reports_have_equal_bytes() -> None:
    assert render(sample_report()) == render(sample_report())

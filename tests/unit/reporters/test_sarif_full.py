from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policyscan.findings import Report, Verdict
from policyscan.reporters.sarif.full import SarifFullReporter
from tests.github_rules import assert_sarif
from tests.sample_report import compared_report, hostile_report, large_report, sample_report

REPORTS = {
    "sample": sample_report(),
    "compared": compared_report(),
    "hostile": hostile_report(report=compared_report()),
    "many": large_report(300),
    "nothing": replace(sample_report(), findings=(), gaps=(), policies=(), criteria=()),
}


def run_of(report: Report) -> dict[str, Any]:
    [run] = json.loads(SarifFullReporter().render(report))["runs"]
    return dict(run)


def results_of(report: Report, verdict: Verdict) -> list[dict[str, Any]]:
    return [
        one for one in run_of(report)["results"] if one["properties"]["verdict"] == verdict.value
    ]


@pytest.mark.parametrize("name", REPORTS)
def test_it_is_valid(name: str) -> None:
    data = SarifFullReporter().render(REPORTS[name])
    assert data.isascii() and data.endswith(b"}\n")
    assert_sarif(json.loads(data))


@given(st.text(st.characters(exclude_categories=()), max_size=12))
@settings(max_examples=30)
def test_no_text_breaks_it(text: str) -> None:
    assert_sarif(json.loads(SarifFullReporter().render(hostile_report(text, compared_report()))))


def test_each_verdict_has_the_kind_that_the_standard_has_for_it() -> None:
    results = run_of(sample_report())["results"]
    told = {
        one["properties"]["verdict"]: (one["kind"], one["level"] == "none", one["suppressions"])
        for one in results
    }
    assert {verdict: (kind, none) for verdict, (kind, none, _) in told.items()} == {
        "pass": ("pass", True),
        "fail": ("fail", False),
        "unknown": ("open", True),
        "waived": ("fail", False),
        "not_applicable": ("notApplicable", True),
    }
    assert [verdict for verdict, (*_, suppressed) in told.items() if suppressed] == ["waived"]


def test_what_is_not_known_says_why_and_what_would_decide_it() -> None:
    first = results_of(sample_report(), Verdict.UNKNOWN)[0]["properties"]
    assert first["reason"] == "var.exchange_cidrs has no value"
    assert first["residual"].startswith("PASS iff")
    assert first["needs"] == ["a value for var.exchange_cidrs (infra/prod/variables.tf:9)"]
    [passed, *_] = results_of(sample_report(), Verdict.PASS)
    assert passed["properties"]["assumes"][0] == 'var.db_cidr = "10.0.0.0/8"'


def test_a_suppression_says_who_why_and_until_when() -> None:
    [waived] = results_of(sample_report(), Verdict.WAIVED)
    [suppression] = waived["suppressions"]
    assert suppression["kind"] == "external" and suppression["status"] == "accepted"
    assert suppression["justification"] == (
        "the venue has no rotation API (owner ana, approver bo, until 2026-12-31)"
    )
    assert suppression["properties"] == {
        "waiver": "WVR-7", "owner": "ana", "approver": "bo", "until": "2026-12-31",
        "status": "in force",
    }  # fmt: skip
    report = sample_report()
    inline = replace(report.waivers[0], inline=True, ticket="OPS-7", place="infra/prod/a.tf:9")
    [waived] = results_of(replace(report, waivers=(inline,)), Verdict.WAIVED)
    [suppression] = waived["suppressions"]
    assert suppression["kind"] == "inSource"
    assert suppression["properties"]["ticket"] == "OPS-7"
    assert suppression["properties"]["place"] == "infra/prod/a.tf:9"
    [waived] = results_of(replace(report, waivers=()), Verdict.WAIVED)
    assert waived["suppressions"][0]["justification"] == "waived by WVR-7 until 2026-12-31"


def test_what_became_of_each_is_its_baseline_state() -> None:
    report = compared_report()
    run = run_of(report)
    states = [one["baselineState"] for one in run["results"]]
    assert states == [
        "updated", "updated", "updated", "updated", "unchanged", "new", "unchanged", "unchanged",
        "updated", "new", "new", "unchanged", "absent", "absent",
    ]  # fmt: skip
    first, gone, doubt = run["results"][0], *run["results"][-2:]
    assert first["properties"]["change"] == "worse"
    assert first["properties"]["before"] == "port 22 was open to 10.0.0.0/8"
    assert gone["kind"] == "fail" and gone["level"] == "error" and gone["ruleIndex"] == 0
    assert doubt["kind"] == "open" and doubt["level"] == "none"
    place = gone["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "infra/prod/old.tf"
    assert place["logicalLocations"] == [{"fullyQualifiedName": "aws_security_group.old"}]
    assert "baselineState" not in json.dumps(run_of(sample_report()))


def test_things_without_a_file_have_their_name() -> None:
    live = [
        one
        for one in run_of(sample_report())["results"]
        if "physicalLocation" not in one["locations"][0]
    ]
    names = [one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for one in live]
    assert "api.example.com:443" in names
    [group] = [one for one in live if one["kind"] == "fail" and "sg-0b07" in json.dumps(one)]
    assert group["properties"]["observedAt"] == "2026-08-17T09:15:01Z"
    assert group["properties"]["observedBy"] == "ec2:DescribeSecurityGroups"


def test_frameworks_are_taxonomies_and_rules_are_relevant_to_them() -> None:
    run = run_of(sample_report())
    driver = run["tool"]["driver"]
    names = [(one["name"], one["index"]) for one in driver["supportedTaxonomies"]]
    assert names == [("SOC 2", 0), ("ISO/IEC 27001", 1)]
    for relation in driver["rules"][0]["relationships"]:
        target = relation["target"]
        taxonomy = run["taxonomies"][target["toolComponent"]["index"]]
        assert taxonomy["taxa"][target["index"]]["id"] == target["id"]
        assert taxonomy["name"] == target["toolComponent"]["name"]
        assert relation["kinds"] == ["relevant"]
    relations = {
        one["target"]["id"]: one["properties"]["strength"]
        for one in driver["rules"][0]["relationships"]
    }
    assert relations == {"SOC2:CC6.6": "direct", "ISO27001:A.8.20": "supporting"}
    outside = {
        taxon["id"]
        for each in run["taxonomies"]
        for taxon in each["taxa"]
        if not taxon["properties"]["inScope"]
    }
    assert outside == {"SOC2:A1.1"}


def test_the_commit_and_its_repository_are_its_provenance() -> None:
    report = sample_report()
    address = "https://github.com/o/r"
    known = replace(report, run=replace(report.run, repository=address))
    [provenance] = run_of(known)["versionControlProvenance"]
    assert provenance == {
        "repositoryUri": address, "revisionId": report.run.commit, "properties": {"dirty": True}
    }  # fmt: skip
    assert "versionControlProvenance" not in run_of(report)
    for odd in ("git@github.com:o/r", "https://me:secret@github.com/o/r", "https://h/<x>"):
        other = replace(report, run=replace(report.run, repository=odd))
        assert "versionControlProvenance" not in run_of(other)


def test_every_gap_and_every_document_is_there_however_many() -> None:
    report = sample_report()
    run = run_of(replace(report, gaps=report.gaps * 700))
    told = [one["descriptor"]["id"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert sum(one.startswith("gap/") for one in told) == 2_100 and "gaps" not in told
    hashes = [one["hashes"]["sha-256"] for one in run["artifacts"] if "hashes" in one]
    assert sorted(hashes) == sorted(one.sha256 for one in report.documents)
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["automationDetails"]["id"].startswith("policyscan/scan/")

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policyscan.errors import GapReason
from policyscan.findings import Location, Report, Verdict
from policyscan.findings.model import ProvenanceStep
from policyscan.reporters.sarif import SarifReporter
from policyscan.text.display import one_line
from tests.github_rules import assert_github_takes
from tests.sample_report import (
    HOSTILE,
    compared_report,
    hostile_report,
    large_report,
    sample_report,
    summary_of,
)


def run_of(report: Report) -> dict[str, Any]:
    [run] = json.loads(SarifReporter().render(report))["runs"]
    return run


REPORTS = {
    "sample": sample_report(),
    "hostile": hostile_report(),
    "nothing": replace(
        sample_report(), findings=(), gaps=(), policies=(), summary=summary_of((), ())
    ),
    "many": large_report(300),
    "compared": compared_report(),
    "compared and hostile": hostile_report(report=compared_report()),
}


@pytest.mark.parametrize("name", REPORTS)
def test_schema_and_github_take_it(name: str) -> None:
    data = SarifReporter().render(REPORTS[name])
    assert data.isascii() and data.endswith(b"}\n")
    assert_github_takes(data)


def test_results_are_the_failures_with_a_place_and_the_rest_is_counted() -> None:
    report = sample_report()
    run = run_of(report)
    declared = {one.observed.address for one in report.drift}
    failures = report.of(Verdict.FAIL)
    expected = [one for one in failures if one.location or one.resource.address in declared]
    found = [(one["partialFingerprints"]["policyscan/v1"], one["ruleId"]) for one in run["results"]]
    assert found == [(one.fingerprint, one.policy_id) for one in expected]
    properties = run["properties"]
    assert properties["verdicts"] == {
        "pass": 3, "fail": 5, "unknown": 2, "waived": 1, "not_applicable": 1,
    }  # fmt: skip
    assert properties["failuresWithoutPlace"] == 1 and properties["failuresOverLimit"] == 0
    assert properties["gaps"] == 3 and properties["blockingGaps"] == 2
    assert properties["complete"] is False


def test_what_fails_where_it_runs_is_shown_where_code_declares_it() -> None:
    report = sample_report()
    address = report.drift[0].observed.address
    [shown] = [r for r in run_of(report)["results"] if r["properties"]["address"] == address]
    place = shown["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "infra/prod/main.tf"
    assert place["region"]["startLine"] == 10
    assert "codeFlows" not in shown
    [apart] = [one for one in report.drift if one.observed.address == address]
    alone = replace(report, drift=tuple(one for one in report.drift if one is not apart))
    assert address not in [r["properties"]["address"] for r in run_of(alone)["results"]]


def test_a_message_does_not_say_its_evidence_twice() -> None:
    report = sample_report()
    first = next(one for one in report.findings if one.verdict is Verdict.FAIL and one.location)
    note = first.witnesses[0].note
    here = replace(first.witnesses[0], provenance=())
    finding = replace(first, message=f"a.b: {note}", witnesses=(here,), conditional="")
    told = replace(report, findings=(finding,))
    assert run_of(told)["results"][0]["message"]["text"] == f"a.b: {note}"


def message_of(message: str, **witnessed: Any) -> str:
    """The text of the result of a failure with this message and such a witness."""
    report = sample_report()
    first = next(one for one in report.findings if one.verdict is Verdict.FAIL and one.location)
    witness = replace(first.witnesses[0], **{"provenance": (), "note": "", **witnessed})
    finding = replace(first, message=message, witnesses=(witness,), conditional="")
    [result] = run_of(replace(report, findings=(finding,)))["results"]
    return str(result["message"]["text"])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("kms_encrypted", "a.b does not protect its logs (kms encrypted: false)"),
        ("permissions.spot_margin", "a.b has other rights (permissions spot margin: false)"),
    ],
)
def test_a_field_that_the_message_speaks_of_is_not_repeated(path: str, message: str) -> None:
    assert message_of(message, path=path, value="false") == message


@pytest.mark.parametrize(
    ("message", "value", "told"),
    [
        ("a.b is old", "9", "a.b is old. age = 9"),
        ("a.b (age: 9)", "9", "a.b (age: 9)"),
        ("a.b (age: 9)", "9.0", "a.b (age: 9)"),
        ("a.b: 2026-01-04", 'timestamp("2026-01-04T00:00:00Z")', "a.b: 2026-01-04"),
    ],
)
def test_a_message_holds_no_formula(message: str, value: str, told: str) -> None:
    assert message_of(message, path="age", value=value, note="resource.age < 3 is false") == told


def test_a_message_links_to_what_a_value_comes_from() -> None:
    """The last expression; what follows it is who uses the value. GitHub shows related places only
    if they are linked to."""
    steps = tuple(
        ProvenanceStep(kind, "x", Location(path, line, 1, line, 9))
        for kind, path, line in (
            ("attribute", "infra/prod/main.tf", 14),
            ("reference", "infra/prod/main.tf", 3),
            ("expression", "infra/[a](b).tfvars", 2),
            ("block", "infra/prod/use.tf", 7),
        )
    )
    text = message_of("open", value="1", path="a", provenance=steps)
    assert text == r"open. a = 1. From [infra/\[a\](b).tfvars:2](3)"
    assert message_of("open", value="1", path="a", provenance=steps[:1]) == "open. a = 1"


def test_a_flow_that_stays_on_one_line_is_none() -> None:
    report = sample_report()
    first = next(one for one in report.findings if one.verdict is Verdict.FAIL and one.location)
    for line, number in ((14, 0), (13, 1)):
        step = ProvenanceStep("attribute", "a", Location("infra/prod/main.tf", line, 1, line, 3))
        witness = replace(first.witnesses[0], provenance=(step,))
        finding = replace(first, witnesses=(witness,), derivation=())
        [result] = run_of(replace(report, findings=(finding,)))["results"]
        assert len(result.get("codeFlows", ())) == number


def test_a_result_holds_its_evidence() -> None:
    first = run_of(sample_report())["results"][0]
    assert first["level"] == "error"
    assert first["message"]["text"].startswith(
        "aws_security_group.bot lets 0.0.0.0/0 reach port 22. port 22 is reachable from 0.0.0.0/0"
    )
    assert first["partialFingerprints"]["primaryLocationLineHash"] == "3d1a7cf60b2e94aa:1"
    [place] = first["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/prod/main.tf", "index": 1},
        "region": {"startLine": 14, "startColumn": 20, "endLine": 14, "endColumn": 31},
    }
    related = {(one["id"], one["message"]["text"]) for one in first["relatedLocations"]}
    assert related == {
        (1, "reference var.admin_cidrs"),
        (2, "tfvars admin_cidrs"),
        (3, 'ingress[1].cidrs[0] = "::/0"'),
    }
    [flow] = first["codeFlows"][0]["threadFlows"]
    assert [
        (step["location"]["message"]["text"],
         step["location"]["physicalLocation"]["region"]["startLine"])
        for step in flow["locations"]
    ] == [
        ("tfvars admin_cidrs", 2), ("reference var.admin_cidrs", 3), ("attribute cidr_blocks", 14),
    ]  # fmt: skip
    assert first["properties"]["blocking"] is True
    assert first["properties"]["address"] == "aws_security_group.bot"


def test_place_and_hash_come_from_the_witness_first() -> None:
    report = sample_report()
    finding = report.findings[0]
    block = Location("infra/prod/main.tf", 14, 1, 30, 2, line_hash="abc:1")
    bare = replace(finding.witnesses[0], location=replace(finding.location, line_hash=""))
    changed = replace(finding, location=block, witnesses=(bare,))
    [result] = run_of(replace(report, findings=(changed,)))["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startColumn"] == 20
    assert result["partialFingerprints"]["primaryLocationLineHash"] == "abc:1"
    elsewhere = replace(changed, location=replace(block, start_line=12))
    [result] = run_of(replace(report, findings=(elsewhere,)))["results"]
    assert "primaryLocationLineHash" not in result["partialFingerprints"]


def test_rules_describe_the_policies() -> None:
    rules = run_of(sample_report())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [one.id for one in sample_report().policies]
    first = rules[0]
    assert first["name"] == "world-open-admin-port"
    assert first["properties"]["tags"] == ["security", "SOC2:CC6.6", "ISO27001:A.8.20"]
    for part in ("Everyone on the internet", "Name the ranges", "CC6.6", "4.1 Network isolation"):
        assert part in first["help"]["text"] and part in first["help"]["markdown"]
    assert "    ports: [22, 3389]" in first["help"]["markdown"]
    bands = {rule["properties"]["security-severity"] for rule in rules}
    assert bands == {"9.5", "8.0", "5.5", "2.5"}


def test_at_most_ten_tags_the_strongest_first() -> None:
    report = sample_report()
    many = replace(report.policies[0], criteria=tuple(f"CSF:PR.{n}" for n in range(30)) * 2)
    [rule] = run_of(replace(report, policies=(many,), findings=()))["tool"]["driver"]["rules"]
    rated = ["SOC2:CC6.6", "ISO27001:A.8.20"]
    assert rule["properties"]["tags"] == ["security", *rated, *(f"CSF:PR.{n}" for n in range(7))]
    assert rule["properties"]["evidence"]["SOC2:CC6.6"] == "direct"
    assert rule["properties"]["evidence"]["CSF:PR.29"] == "partial"
    assert len(rule["properties"]["criteria"]) == 60


def test_every_gap_is_a_notification() -> None:
    [invocation] = run_of(sample_report())["invocations"]
    told = invocation["toolExecutionNotifications"]
    assert [(one["descriptor"]["id"], one["level"]) for one in told] == [
        ("gap/unparseable", "error"),
        ("gap/denied", "error"),
        ("gap/not_fetched", "warning"),
        ("failuresWithoutPlace", "warning"),
        ("failuresWaived", "note"),
        ("drift", "note"),
    ]
    broken = told[0]["locations"][0]["physicalLocation"]
    assert broken["artifactLocation"]["uri"] == "infra/prod/broken.tf"
    assert broken["region"]["startLine"] == 7
    assert told[0]["properties"]["hides"] == ["SecurityGroup", "Secret"]


def test_success_is_claimed_only_if_nothing_blocking_is_unseen() -> None:
    report = sample_report()
    seen = replace(report, gaps=report.gaps[1:2])
    cases = {
        True: seen,
        False: report,
    }
    for expected, one in cases.items():
        assert run_of(one)["invocations"][0]["executionSuccessful"] is expected
    empty = replace(seen, summary=replace(seen.summary, exit_code=3))
    interrupted = replace(seen, run=replace(seen.run, interrupted=True))
    for one in (empty, interrupted):
        assert run_of(one)["invocations"][0]["executionSuccessful"] is False
    assert run_of(interrupted)["invocations"][0]["exitCode"] == 1


def test_artifacts_carry_digests_of_what_was_read() -> None:
    artifacts = run_of(sample_report())["artifacts"]
    by_uri = {one["location"]["uri"]: one for one in artifacts}
    document = sample_report().documents[1]
    assert by_uri["infra/prod/main.tf"]["hashes"] == {"sha-256": document.sha256}
    assert by_uri["infra/prod/main.tf"]["length"] == 1840
    assert "hashes" not in by_uri["infra/prod/broken.tf"]


def test_category_stays_and_run_id_changes() -> None:
    report = sample_report()
    odd = replace(report, run=replace(report.run, id="a/b c"))
    assert run_of(report)["automationDetails"]["id"] == "policyscan/scan/20260817T091500Z-4f2a"
    assert run_of(odd)["automationDetails"]["id"] == "policyscan/scan/a%2Fb%20c"
    named = json.loads(SarifReporter("audit").render(report))
    assert named["runs"][0]["automationDetails"]["id"].startswith("policyscan/audit/")


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("infra/a b.tf", "infra/a%20b.tf"),
        ("/etc/passwd", "etc/passwd"),
        ("x:y.tf", "x%3Ay.tf"),
        ("x\n::error::y", "x%0A%3A%3Aerror%3A%3Ay"),
        ("caf\u00e9/100%.tf", "caf%C3%A9/100%25.tf"),
        ("a?b#c", "a%3Fb%23c"),
        ("bad\udcff", "bad%5Cudcff"),
    ],
)
def test_paths_become_relative_references(path: str, uri: str) -> None:
    report = sample_report()
    place = replace(report.findings[0].location, path=path)
    witness = replace(report.findings[0].witnesses[0], location=place)
    finding = replace(report.findings[0], location=place, witnesses=(witness,))
    [result] = run_of(replace(report, findings=(finding,)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_path_that_names_nothing_is_no_place() -> None:
    report = sample_report()
    nowhere = replace(report.findings[0].location, path="/")
    witness = replace(report.findings[0].witnesses[0], location=nowhere, provenance=())
    finding = replace(report.findings[0], location=nowhere, witnesses=(witness,))
    run = run_of(replace(report, findings=(finding,)))
    assert run["results"] == [] and run["properties"]["failuresWithoutPlace"] == 1


def test_messages_hold_no_links_and_nothing_unseen() -> None:
    for text in strings(run_of(hostile_report())):
        assert text.replace("\u2060", "").replace("\n", "").replace("\t", "").isprintable()
    for result in run_of(hostile_report())["results"]:
        assert "link](" not in result["message"]["text"].replace(r"\](", "")
        assert len(result["message"]["text"]) <= 1024
        assert "\n" not in result["message"]["text"]
        assert one_line(HOSTILE) in result["properties"]["address"]


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


@given(st.text(st.characters(exclude_categories=()), max_size=12))
@settings(max_examples=40)
def test_no_text_breaks_it(text: str) -> None:
    assert_github_takes(SarifReporter().render(hostile_report(text, compared_report())))


def test_gaps_over_the_limit_are_told_as_a_number() -> None:
    report = sample_report()
    minor = replace(report.gaps[0], blocking=False, reason=GapReason.TOO_LARGE)
    run = run_of(replace(report, gaps=(minor,) * 1_000 + report.gaps))
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert [one["level"] for one in told[:3]] == ["error", "error", "warning"]
    assert "3 more gaps are not listed here" in [one["message"]["text"] for one in told]


def test_equal_reports_have_equal_bytes() -> None:
    assert SarifReporter().render(sample_report()) == SarifReporter().render(sample_report())


def test_paths_are_those_of_the_repository_if_a_part_of_it_is_scanned() -> None:
    report = sample_report()
    part = replace(report, run=replace(report.run, prefix="teams/desk one/"))
    for whole, prefixed in zip(run_of(report)["results"], run_of(part)["results"], strict=True):
        uris = [
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for result in (whole, prefixed)
        ]
        assert uris[1] == f"teams/desk%20one/{uris[0]}"

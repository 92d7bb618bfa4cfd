"""How a verdict came about, as findings hold it: places, secrets, and what is shared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from policyscan.cli.output import FORMATS
from policyscan.config import Configuration
from policyscan.errors import UsageError
from policyscan.findings import Finding, Report
from policyscan.findings.derivation import Derivation, deciding_values, every_part
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import ScanRequest, scan
from policyscan.plugins import load_reporter
from policyscan.reporters.json_report import load_report
from tests.sample_report import sample_report
from tests.scanning import NOW, write

POLICY = """\
id: XX-NET-001
version: 1
slug: some-bad-thing
title: Nothing bad is there
severity: high
plane: change
resource: SecurityGroup
{rest}
message: "{{witness.path}}: {{witness.value}}"
why: It is bad.
fix: Make it good.
control: CTL-1
criteria: [SOC2:CC6.6]
guide: ["1"]
tests:
  - name: one
    files: {{main.tf: "resource \\"aws_security_group\\" \\"a\\" {{}}"}}
    expect: {{aws_security_group.a: pass}}
"""


def scanned(
    root: Path, rest: str, files: dict[str, str | bytes], *, explains: str = ""
) -> tuple[Finding, ...]:
    return report_of(root, rest, files, explains=explains).findings


def report_of(
    root: Path, rest: str, files: dict[str, str | bytes], *, explains: str = ""
) -> Report:
    (root / "pack").mkdir()
    (root / "pack" / "one.yaml").write_text(POLICY.format(rest=rest))
    request = ScanRequest(
        path=write(root / "tree", files),
        configuration=Configuration(),
        profile=load_profile("ci", root),
        only_policies=root / "pack",
        explains=explains,
    )
    return scan(request, now=NOW)


WHEN = "when: 'has(resource.name) && resource.name == \"a\"'"
NOT_BAD = "require: '!has(resource.name) || resource.name != \"bad\"'"


def spelt(roots: tuple[Derivation, ...]) -> list[str]:
    return [f"{one.label or one.expression} = {one.value}" for _, one in every_part(roots)]


GROUPS: dict[str, str | bytes] = {
    "main.tf": """
        variable "db_password" { default = "correct-horse-battery" }
        resource "aws_security_group" "a" { name = "a" }
        resource "aws_security_group" "b" { name = var.db_password }
        """,
}


def test_when_and_require(tmp_path: Path) -> None:
    rest = f"{WHEN}\nrequire: resource.description != null"
    a, b = scanned(tmp_path, rest, {"main.tf": GROUPS["main.tf"]})
    assert spelt(a.derivation) == [
        "when = true", "has(resource.name) = true",
        'resource.name == "a" = true', 'resource.name = "a"',
        "require = false", "resource.description = null",
    ]  # fmt: skip
    assert b.verdict == "not_applicable" and b.derivation == ()


@pytest.mark.parametrize("wanted", ["XX-NET-001", "xx-net-001", "some-bad-thing"])
def test_of_the_policy_that_is_asked_for_everything_is_told(tmp_path: Path, wanted: str) -> None:
    rest = f"{WHEN}\nrequire: resource.description == null"
    a, b = scanned(tmp_path, rest, GROUPS, explains=wanted)
    assert (a.verdict, a.derivation[1].value) == ("pass", "true")
    assert (b.verdict, spelt(b.derivation)[0]) == ("not_applicable", "when = false")


def test_a_value_leads_to_the_line_where_it_is_written(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "main.tf": """
            variable "title" {}
            resource "aws_security_group" "a" { name = var.title }
            """,
        "terraform.tfvars": 'title = "bad"\n',
    }
    [finding] = scanned(
        tmp_path, "require: '!has(resource.name) || resource.name != \"bad\"'", files
    )
    [value] = deciding_values(finding.derivation)
    assert (value.expression, value.value, value.path) == ("resource.name", '"bad"', "name")
    ends = [(link.location.place, link.line) for link in value.provenance if link.location]
    assert ends[0] == ("main.tf:2", 'resource "aws_security_group" "a" { name = var.title }')
    assert ends[-1] == ("terraform.tfvars:1", 'title = "bad"')


def test_a_secret_of_the_resource_is_hidden_everywhere(tmp_path: Path) -> None:
    report = report_of(tmp_path, "require: 'has(resource.name) && resource.name == \"a\"'", GROUPS)
    assert "corre" not in "".join(spelt(report.findings[1].derivation)).replace("corr****", "")
    assert_nowhere("correct-horse-battery", report)


def test_a_secret_of_another_resource_is_hidden_everywhere(tmp_path: Path) -> None:
    rest = (
        'require: \'resources("SecurityGroup").all(g, has(g.name) && '
        "has(resource.name) && g.name == resource.name)'"
    )
    report = report_of(tmp_path, rest, GROUPS)
    told = "\n".join(spelt(report.findings[0].derivation))
    assert 'g.name = "corr********"' in told
    assert_nowhere("correct-horse-battery", report)


def assert_nowhere(secret: str, report: Report) -> None:
    for name in FORMATS:
        settings: dict[str, object] = {"verbose": True, "width": 100, "colour": False}
        assert secret.encode() not in load_reporter(name, settings).render(report), name


def test_a_token_is_masked_in_values_and_in_expressions(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    files: dict[str, str | bytes] = {
        "main.tf": f'resource "aws_security_group" "a" {{ description = "{token}" }}\n'
    }
    other = "ghp_" + "Z9y8X7w6V5u4" * 3
    rest = f"require: 'has(resource.description) && resource.description == \"{other}\"'"
    report = report_of(tmp_path, rest, files)
    assert "ghp_********" in "".join(spelt(report.findings[0].derivation))
    assert token not in str(report.findings) and other not in str(report.findings)


def test_members_of_a_set_share_their_derivation(tmp_path: Path) -> None:
    rest = "scope: set\nrequire: 'members.all(m, !has(m.name) || m.name == \"z\")'"
    text = "".join(f'resource "aws_security_group" "{n}" {{ name = "{n}" }}\n' for n in "ab")
    a, b = scanned(tmp_path, rest, {"main.tf": text})
    assert a.verdict == "fail" and a.derivation is b.derivation
    assert spelt(a.derivation)[1] == "members = at least 2 members"
    owners = {one.owner for _, one in every_part(a.derivation)} - {""}
    assert owners == {"aws_security_group.a"}


def test_a_set_that_is_too_small(tmp_path: Path) -> None:
    rest = "scope: set\nrequire: members.exists(m, m.name != null)\nexpect_min: 3"
    one, _ = scanned(tmp_path, rest, GROUPS)
    assert spelt(one.derivation) == ["require = unknown"] or spelt(one.derivation) == [
        "require = false"
    ]
    assert one.derivation[0].expression == "size(members) >= 3"
    assert one.derivation[0].note == "there are 2"


def test_it_is_read_back_and_what_is_empty_is_left_out() -> None:
    data = load_reporter("json", {}).render(sample_report())
    assert load_report(data) == sample_report()
    first = json.loads(data)["findings"][0]["derivation"][0]
    assert set(first) == {"expression", "value", "decides", "label", "rest", "parts"}
    assert set(first["parts"][0]) == {"expression", "value", "path"}


def test_a_derivation_without_end_is_refused() -> None:
    document = json.loads(load_reporter("json", {}).render(sample_report()))
    document["findings"][0]["derivation"] = ["DEEP"]
    for depth in (51, 52, 900, 100_000):
        deep = '{"expression": "x", "parts": [' * depth + "]}" * depth
        data = json.dumps(document).replace('"DEEP"', deep).encode()
        if depth == 51:  # deeper than any that is made, and nobody minds
            assert_nowhere("no secret", load_report(data))
            continue
        with pytest.raises(UsageError):
            load_report(data)


def test_code_flows_lead_from_where_a_value_is_written() -> None:
    report = sample_report()
    first = report.findings[0]
    told = replace(report, findings=(replace(first, witnesses=first.witnesses[1:]),))
    [run] = json.loads(load_reporter("sarif", {}).render(told))["runs"]
    [flow] = run["results"][0]["codeFlows"]
    steps = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    assert [step["message"]["text"] for step in steps] == [
        "tfvars admin_cidrs", "reference var.admin_cidrs", "attribute cidr_blocks",
        'ingress[0].cidrs[0] = "0.0.0.0/0"',
    ]  # fmt: skip
    lines = [step["physicalLocation"]["region"]["startLine"] for step in steps]
    assert lines == [2, 3, 14, 21]
    related = {one["message"]["text"] for one in run["results"][0]["relatedLocations"]}
    assert 'tfvars admin_cidrs: ingress[0].cidrs[0] = "0.0.0.0/0"' in related

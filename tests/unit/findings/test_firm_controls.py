"""The firm's own controls: what extends or replaces the draft, and what is refused, and where."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from policyscan.config import load_configuration
from policyscan.data import data_file
from policyscan.errors import FileError
from policyscan.findings import ControlState, Report, Strength, Verdict
from policyscan.findings.controls import Controls, load_controls
from policyscan.findings.controls_schema import controls_schema, schema_text
from policyscan.findings.criteria import load_criteria
from policyscan.text.yaml import Document, read_yaml
from tests.scanning import scan_files, write

POLICIES = ("PS-NET-004", "PS-NET-012", "PS-ROT-005", "DESK-LOG-001")
DRAFT = load_controls("", None, criteria=load_criteria(), policies=())

WHOLE = """\
version: 1
extends: draft
controls:
  - id: CTL-ROT
    owner: Ana Lima, head of trading
  - id: CTL-OFFICE
    statement: Nobody administers a machine from outside of the office.
    owner: platform
    frequency: weekly
    policies: [PS-NET-004, LOG]
    criteria:
      direct: ["SOC2:CC6.6"]
      partial: ["ISO27001:A.6.7", "CSF:PR.AA-05"]
"""


def load(text: str) -> Controls:
    return load_controls(
        "controls.yaml", text.encode(), criteria=load_criteria(), policies=POLICIES
    )


def test_without_a_file_the_draft_is_in_force() -> None:
    assert DRAFT.path == "draft"
    assert re.fullmatch("[0-9a-f]{64}", DRAFT.digest)
    assert len(DRAFT.rules) == 22 and all(rule.draft for rule in DRAFT.rules)


def test_a_control_of_the_draft_is_adopted_by_naming_its_owner() -> None:
    before = {rule.id: rule for rule in DRAFT.rules}["CTL-ROT"]
    controls = load(WHOLE)
    assert [rule.id for rule in controls.rules] == [*(r.id for r in DRAFT.rules), "CTL-OFFICE"]
    after = {rule.id: rule for rule in controls.rules}["CTL-ROT"]
    assert after.owner == "Ana Lima, head of trading"
    assert not after.draft and not after.own_criteria
    assert (after.statement, after.frequency) == (before.statement, before.frequency)
    assert after.strengths == before.strengths
    assert sum(rule.draft for rule in controls.rules) == 21
    assert controls.path == "controls.yaml"
    assert controls.digest != DRAFT.digest


def test_a_control_of_ones_own_says_everything_itself() -> None:
    office = load(WHOLE).rules[-1]
    assert office.policies == ("PS-NET-004", "LOG")
    assert office.strengths == {
        "SOC2:CC6.6": Strength.DIRECT,
        "ISO27001:A.6.7": Strength.PARTIAL,
        "CSF:PR.AA-05": Strength.PARTIAL,
    }
    assert office.holds("PS-NET-004", "CTL-SG")
    assert office.holds("DESK-LOG-001", "CTL-SG"), "by its family"
    assert not office.holds("PS-NET-012", "CTL-OFFICE"), "its list is the whole list"


def test_a_file_may_replace_the_draft() -> None:
    text = WHOLE.replace("extends: draft", "extends: none").replace(
        "    owner: Ana Lima, head of trading\n",
        "    owner: Ana\n    statement: Keys rotate.\n    frequency: daily\n    criteria: {}\n",
    )
    assert [rule.id for rule in load(text).rules] == ["CTL-ROT", "CTL-OFFICE"]


@pytest.mark.parametrize("text", ["", "# none\n", "version: 1\n", "version: 1\ncontrols: []"])
def test_a_file_that_says_nothing_leaves_the_draft(text: str) -> None:
    assert load(text).rules == DRAFT.rules


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("PS-NET-004, LOG", "PS-NET-044, LOG"), "10:16: there is no policy or family 'PS-NET-044'"
         "; did you mean 'PS-NET-004'?"),
        (("LOG]", "LOGS]"), "10:28: there is no policy or family 'LOGS'; did you mean 'LOG'?"),
        (("SOC2:CC6.6", "SOC2:CC6.9"), "12:16: there is no criterion 'SOC2:CC6.9'; did you mean"),
        (("    owner: platform\n", ""), "6:5: controls[1] lacks 'owner'"),
        (("    owner: Ana Lima, head of trading\n", ""), "4:5: controls[0] lacks 'owner'"),
        (("owner: platform", "owner: ''"), "8:12: controls[1].owner must not be empty"),
        (("owner: platform", "owner: 7"), "8:12: controls[1].owner must be text"),
        (("    frequency: weekly\n", ""), "6:5: controls[1] lacks 'frequency'"),
        (("    statement: Nobody", "    sentence: Nobody"), "7:5: unknown key 'sentence'"),
        (("id: CTL-OFFICE", "id: CTL-ROT"), "6:9: 'CTL-ROT' is already the id of the control at "
         "controls.yaml:4:5"),
        (("id: CTL-OFFICE", "id: office"), "6:9: controls[1].id must look like CTL-ROT"),
        (("      partial:", "      partly:"), "13:7: unknown key 'partly'; did you mean"),
        (("ISO27001:A.6.7", "SOC2:CC6.6"), "13:17: 'SOC2:CC6.6' is there twice; it is direct"),
        (("extends: draft", "extends: drafts"), "2:10: unknown extends 'drafts'; did you mean"),
        (("version: 1", "version: 2"), "1:10: version must be 1"),
        (("version: 1\n", ""), "lacks 'version'"),
        (("    policies: [PS-NET-004, LOG]", "    policies: PS-NET-004"), "must be a list"),
        (("  - id: CTL-ROT", "  - id: CTL-ROT\n    id: CTL-SG"), "5:5: the key 'id'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(change: tuple[str, str], message: str) -> None:
    text = WHOLE.replace(*change, 1)
    with pytest.raises(FileError) as caught:
        load(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("controls.yaml:")
    assert caught.value.exit_code == 2


def test_a_file_that_extends_nothing_needs_controls() -> None:
    with pytest.raises(FileError, match="2:10: a file that extends nothing needs controls"):
        load("version: 1\nextends: none\n")


# -- the schema for editors ----------------------------------------------------------------------

VALIDATOR = jsonschema_rs.validator_for(controls_schema())


def data(text: str) -> object:
    top = read_yaml(Document("controls.yaml", text))
    assert top
    return top.data()


def test_the_shipped_schema_is_the_generated_one() -> None:
    assert data_file("schemas/controls.json").read_text("utf-8") == schema_text()
    json.loads(schema_text())


def test_what_is_read_fits_the_schema() -> None:
    VALIDATOR.validate(data(WHOLE))
    VALIDATOR.validate(data("version: 1"))


@pytest.mark.parametrize(
    "change",
    [
        ("    owner: platform\n", ""),
        ("    frequency: weekly\n", ""),
        ("id: CTL-OFFICE", "id: office"),
        ("      partial:", "      partly:"),
        ("extends: draft", "extends: drafts"),
        ("version: 1", "version: 2"),
        ("SOC2:CC6.6", "CC6.6"),
        ("[PS-NET-004, LOG]", "PS-NET-004"),
    ],
)
def test_what_is_refused_does_not_fit_the_schema(change: tuple[str, str]) -> None:
    assert not VALIDATOR.is_valid(data(WHOLE.replace(*change, 1)))


# -- in a scan -----------------------------------------------------------------------------------

TREE: dict[str, str | bytes] = {
    "main.tf": """
        resource "aws_security_group" "open" {
          ingress {
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = ["0.0.0.0/0"]
          }
        }
        """
}


def scan(folder: Path, controls: str = "", configuration: str = "") -> Report:
    settings = "version: 1\n" + configuration
    if controls:
        settings += "controls: controls.yaml\n"
    write(folder / "desk", {"policyscan.yaml": settings, "controls.yaml": controls})
    loaded = load_configuration(None, folder / "desk")
    return scan_files(folder / "tree", TREE, configuration=loaded)


OFFICE = """\
version: 1
controls:
  - id: CTL-OFFICE
    statement: Nobody administers a machine from outside of the office.
    owner: platform
    frequency: weekly
    policies: [PS-NET-004]
    criteria: {supporting: ["ISO27001:A.6.7"]}
"""


def test_the_firms_control_gathers_the_evidence_of_its_policies(tmp_path: Path) -> None:
    report = scan(tmp_path, OFFICE)
    office = report.controls[-1]
    assert office.state is ControlState.FAILING and office.counts[Verdict.FAIL] == 1
    assert office.owner == "platform" and not office.draft
    assert {policy.id: policy.controls for policy in report.policies}["PS-NET-004"] == (
        "CTL-SG",
        "CTL-OFFICE",
    )
    remote = {criterion.id: criterion for criterion in report.criteria}["ISO27001:A.6.7"]
    assert remote.policies == ("PS-NET-004",), "the firm itself says what its control serves"
    assert remote.controls == {"CTL-OFFICE": Strength.SUPPORTING}
    assert remote.counts[Verdict.FAIL] == 1


def test_controls_change_no_verdict(tmp_path: Path) -> None:
    before, after = scan(tmp_path), scan(tmp_path, OFFICE)
    assert after.findings == before.findings
    assert after.summary == before.summary


def test_the_file_in_force_and_its_digest_are_recorded(tmp_path: Path) -> None:
    import hashlib

    report = scan(tmp_path, OFFICE)
    assert report.run.controls == "controls.yaml"
    assert report.run.controls_digest == hashlib.sha256(OFFICE.encode()).hexdigest()
    draft = scan(tmp_path)
    assert (draft.run.controls, draft.run.controls_digest) == ("draft", DRAFT.digest)


def test_a_policy_in_no_control_is_allowed_and_shows(tmp_path: Path) -> None:
    report = scan(tmp_path, OFFICE.replace("controls:", "extends: none\ncontrols:", 1))
    assert [control.id for control in report.controls] == ["CTL-OFFICE"]
    alone = [policy.id for policy in report.policies if not policy.controls]
    assert "PS-NET-012" in alone and "PS-NET-004" not in alone
    boundary = {criterion.id: criterion for criterion in report.criteria}["SOC2:CC6.6"]
    assert boundary.controls == {} and set(boundary.policies) >= {"PS-NET-004", "PS-NET-012"}


def test_categories_of_soc_2_are_in_scope_where_declared(tmp_path: Path) -> None:
    def outside(report: Report) -> set[str]:
        return {one.category for one in report.criteria if not one.in_scope}

    assert outside(scan(tmp_path)) == {"availability", "confidentiality", "processing_integrity"}
    declared = scan(tmp_path, configuration="soc2_categories: [availability]\n")
    assert outside(declared) == {"confidentiality", "processing_integrity"}


def test_an_idle_policy_still_belongs_to_its_control(tmp_path: Path) -> None:
    containers = {c.id: c for c in scan(tmp_path).controls}["CTL-DOCKER"]
    assert "PS-IMG-001" in containers.policies
    assert containers.state is ControlState.NO_EVIDENCE
    assert not any(containers.counts.values())
    criteria = {one.id: one for one in scan(tmp_path).criteria}
    assert "PS-IMG-001" in criteria["SOC2:CC6.8"].policies

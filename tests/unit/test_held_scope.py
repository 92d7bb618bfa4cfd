"""A change does not get out of a failure by saying otherwise what a thing is for."""

from pathlib import Path

import pytest

from policyscan.findings.model import Change, Finding, Verdict
from tests.unit.test_compared_trees import commit, judge
from tests.unit.text.repositories import repository

GROUP = """
resource "aws_security_group" "bot" {{
  name = "{name}"
  tags = {{{tags}}}
  egress {{
    from_port   = {port}
    to_port     = {port}
    protocol    = "{protocol}"
    cidr_blocks = ["{cidr}"]
  }}
}}
"""
POLICY = "PS-NET-003"
"""Of trading groups: not every protocol to everywhere."""


def group(tags: str, name: str = "sg-1", cidr: str = "10.0.0.0/8") -> dict[str, str | bytes]:
    wide = cidr == "0.0.0.0/0"
    port, protocol = (0, "-1") if wide else (443, "tcp")
    text = GROUP.format(name=name, tags=tags, port=port, protocol=protocol, cidr=cidr)
    return {"main.tf": text}


TRADING, WEB = 'Role = "trading"', 'Role = "public"'
ANYWHERE = "0.0.0.0/0"


def told(root: Path, before: dict[str, str | bytes], after: dict[str, str | bytes]) -> Finding:
    repository(root, {})
    commit(root, before)
    commit(root, after)
    report = judge(root, base="HEAD~1", select=(POLICY,))
    [finding] = [one for one in report.findings if one.policy_id == POLICY]
    return finding


@pytest.mark.parametrize("tags", [WEB, ""], ids=["another role", "no role"])
def test_a_failure_is_one_by_the_role_that_the_base_knows(tmp_path: Path, tags: str) -> None:
    finding = told(tmp_path, group(TRADING), group(tags, cidr=ANYWHERE))
    assert (finding.verdict, finding.change) == (Verdict.FAIL, Change.WORSE)
    [answer] = finding.scope
    assert (answer.question, answer.answer) == ("role", "trading")
    assert answer.because[0].label == "trading on HEAD~1, which this change takes away"


def test_what_failed_before_is_no_worse_for_a_new_role(tmp_path: Path) -> None:
    finding = told(tmp_path, group(TRADING, cidr=ANYWHERE), group(WEB, cidr=ANYWHERE))
    assert (finding.verdict, finding.change) == (Verdict.FAIL, Change.UNCHANGED)


def test_what_passes_by_either_role_is_told_to_be_out(tmp_path: Path) -> None:
    finding = told(tmp_path, group(TRADING), group(WEB))
    assert (finding.verdict, finding.change) == (Verdict.NOT_APPLICABLE, Change.NARROWED)
    assert finding.before == "it passed"


def test_a_role_that_only_its_name_told_may_be_put_right(tmp_path: Path) -> None:
    named = group("", name="trading-bot")
    finding = told(tmp_path, named, group(WEB, name="trading-bot", cidr=ANYWHERE))
    assert finding.verdict is Verdict.NOT_APPLICABLE


def test_a_new_group_has_the_role_that_it_says(tmp_path: Path) -> None:
    finding = told(tmp_path, {"README": "empty"}, group(WEB, cidr=ANYWHERE))
    assert (finding.verdict, finding.change) == (Verdict.NOT_APPLICABLE, Change.NEW)

"""What verdicts say about controls and criteria."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from policyscan.findings import ControlState, Strength, Verdict
from policyscan.findings.frameworks import controls_of, criteria_of, state_of, with_controls
from tests.sample_report import ADMIN_PORT, CRITERIA, EGRESS, GAPS, RULES, sample_report


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ([], ControlState.NO_EVIDENCE),
        ([Verdict.NOT_APPLICABLE], ControlState.NO_EVIDENCE),
        ([Verdict.PASS, Verdict.NOT_APPLICABLE], ControlState.CLEAN),
        ([Verdict.PASS, Verdict.WAIVED], ControlState.WAIVED),
        ([Verdict.PASS, Verdict.WAIVED, Verdict.UNKNOWN], ControlState.UNDETERMINED),
        ([Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL], ControlState.FAILING),
    ],
)
def test_the_state_of_a_control(verdicts: list[Verdict], state: ControlState) -> None:
    assert state_of(dict.fromkeys(verdicts, 1), 0) is state
    assert state_of({verdict: int(verdict in verdicts) for verdict in Verdict}, 0) is state


def test_what_may_be_hidden_keeps_a_control_from_reading_clean() -> None:
    assert state_of({Verdict.PASS: 3}, 1) is ControlState.HIDDEN
    assert state_of({Verdict.PASS: 3, Verdict.WAIVED: 1}, 1) is ControlState.HIDDEN
    assert state_of({Verdict.FAIL: 1}, 1) is ControlState.FAILING


def test_a_gap_counts_where_it_may_hide_what_a_policy_of_the_control_is_about() -> None:
    of_kind, of_anything = GAPS[1], replace(GAPS[1], hides=())
    of_other = replace(GAPS[1], hides=("Secret",))
    policies = with_controls((ADMIN_PORT,), RULES)

    def gaps(*given: object) -> int:
        return controls_of(RULES, policies, given)[0].gaps  # type: ignore[arg-type]

    assert gaps(of_kind) == gaps(of_anything) == 1
    assert gaps(of_other) == 0
    assert controls_of(RULES, policies, (of_anything,))[1].gaps == 0, "it has no policy at all"


def test_criteria_that_a_policy_alone_names_are_served_in_part() -> None:
    rules = (replace(RULES[0], policies=None, own_criteria=False),)
    more = replace(ADMIN_PORT, criteria=("SOC2:CC6.6", "SOC2:CC9.1"))
    (control,) = controls_of(rules, with_controls((more,), rules), ())
    assert control.strengths == {
        "SOC2:CC6.6": Strength.DIRECT,
        "ISO27001:A.8.20": Strength.SUPPORTING,
        "SOC2:CC9.1": Strength.PARTIAL,
    }
    assert control.criteria == tuple(control.strengths)
    (own,) = controls_of(RULES[:1], with_controls((more,), RULES), ())
    assert "SOC2:CC9.1" not in own.strengths, "the firm said what its control serves"


def test_other_policies_of_a_draft_control_are_no_evidence_for_a_criterion() -> None:
    rules = (replace(RULES[0], own_criteria=False),)
    policies = with_controls((ADMIN_PORT, replace(EGRESS, criteria=("SOC2:CC9.1",))), rules)
    controls = controls_of(rules, policies, ())
    found = {one.id: one for one in criteria_of(CRITERIA, rules, controls, policies)}
    assert found["SOC2:CC6.6"].policies == ("PS-NET-001",)
    assert found["SOC2:CC9.1"].policies == ("PS-NET-004",)
    own = criteria_of(CRITERIA, RULES[:1], controls, policies)
    assert {one.id: one.policies for one in own}["SOC2:CC6.6"] == ("PS-NET-001", "PS-NET-004")


def test_a_criterion_without_automated_evidence_has_no_policy() -> None:
    found = {one.id: one for one in sample_report().criteria}
    assert found["SOC2:CC9.1"].policies == () and found["SOC2:CC9.1"].controls == {}
    assert found["SOC2:A1.1"].policies == ()
    assert found["SOC2:A1.1"].controls == {"CTL-KEY-02": Strength.PARTIAL}
    assert not any(found["SOC2:A1.1"].counts.values())

"""The policies that ship: each passes its own tests, and together they keep a few rules."""

from __future__ import annotations

import pytest

from policyscan.data import policies_directory
from policyscan.findings.controls import load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.policy import Policy, load_policies, load_tests
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.selftest import run_policy_tests

POLICIES = load_policies(policies_directory(), load_kinds(MODULES)).policies
BY_ID = {policy.id: policy for policy in POLICIES}
OPEN_WORLD = {"PS-MON-001", "PS-MON-002"}
"""Policies on sets: files cannot make them fail, because others may exist elsewhere."""
STATED = {"PS-NET-002", "PS-SEC-011", "PS-CI-009"}
"""Policies on what a configuration, a block or a comparison says itself: all of it is known."""


def test_every_policy_passes_its_own_tests() -> None:
    results = list(run_policy_tests(policies_directory()))
    assert len(results) > len(POLICIES)
    assert {(r.policy_id, r.test): r.problems for r in results if r.problems} == {}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_tests_show_a_pass_a_fail_and_an_unknown(policy: Policy) -> None:
    shown = {verdict.value for test in load_tests(policy) for verdict in test.expect.values()}
    cannot = {"fail"} if policy.id in OPEN_WORLD else {"unknown"} if policy.id in STATED else set()
    assert {"pass", "fail", "unknown"} - cannot <= shown


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_control_and_criteria_exist(policy: Policy) -> None:
    criteria = load_criteria()
    controls = load_controls("", None, criteria=criteria, policies=()).rules
    assert policy.control in {control.id for control in controls}
    assert set(policy.criteria) <= set(criteria)


def test_the_two_port_policies_divide_all_ports_between_them() -> None:
    parameters = {name: BY_ID[name].parameters() for name in ("PS-NET-004", "PS-NET-012")}
    assert parameters["PS-NET-012"]["admin_ports"] == parameters["PS-NET-004"]["ports"]
    assert parameters["PS-NET-012"]["max_public"] == parameters["PS-NET-004"]["max_public"]


def test_a_policy_that_is_not_loaded_still_tells_its_criteria() -> None:
    stubs = load_policies(policies_directory(), load_kinds(MODULES), frozenset()).stubs
    assert {stub.id: stub.criteria for stub in stubs} == {
        policy.id: policy.criteria for policy in POLICIES
    }

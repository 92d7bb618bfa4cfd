"""Which fields a policy reads, and which of them may be not known."""

from __future__ import annotations

from policyscan.authoring.loading import load_each
from policyscan.authoring.reads import fields_read, unknown_fields
from policyscan.data import policies_directory
from policyscan.policy import Policy
from policyscan.resources.kinds import MODULES, load_kinds

KINDS = load_kinds(MODULES)
SHIPPED = {each.id: each for each in load_each([policies_directory()]) if isinstance(each, Policy)}


def test_fields_of_the_resource() -> None:
    assert fields_read(SHIPPED["PS-LOG-008"]) == ("kms_encrypted", "retention_days", "role")


def test_parts_of_lists_and_structures() -> None:
    assert "secret_variables[].source" in fields_read(SHIPPED["PS-SEC-001"])
    assert "permissions.withdrawals" in fields_read(SHIPPED["PS-KEY-004"])


def test_members_of_a_set_and_other_resources() -> None:
    assert fields_read(SHIPPED["PS-MON-002"]) == ("enabled", "region", "service")
    assert "NatGateway.vpc" in fields_read(SHIPPED["PS-NET-006"])


def test_what_may_be_not_known() -> None:
    assert unknown_fields(SHIPPED["PS-MON-002"], KINDS) == ("enabled", "region")
    assert unknown_fields(SHIPPED["PS-NET-004"], KINDS) == ("ingress",)
    assert "permissions.withdrawals" in unknown_fields(SHIPPED["PS-KEY-004"], KINDS)
    assert "form" not in unknown_fields(SHIPPED["PS-SEC-001"], KINDS)

"""Every row of the table of functions: it is documented, and its example is true."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from policyscan.language import Environment, compile_expression
from policyscan.language.functions.table import FAMILIES, FUNCTIONS
from policyscan.resources.base import Origin, ProofLevel
from policyscan.resources.network import Rule, SecurityGroup
from policyscan.resources.vpc import Vpc
from policyscan.values import Ref

ORIGIN = Origin("test", ".", ".", None, ProofLevel.CONFIGURED)
GROUP = SecurityGroup(
    address="aws_security_group.bot",
    origin=ORIGIN,
    vpc=Ref("aws_vpc.main"),
    form="group",
    only_public_load_balancer=False,
    ingress=(Rule(protocol="tcp", from_port=22, to_port=22, cidrs=("0.0.0.0/0",)),),
    egress=(Rule(protocol="tcp", from_port=443, to_port=443, cidrs=("10.0.0.0/8",)),),
)
VPC = Vpc(address="aws_vpc.main", origin=ORIGIN)
ENVIRONMENT = Environment(resource=SecurityGroup, kinds={"Vpc": Vpc})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_its_example_is_true(name: str) -> None:
    function = FUNCTIONS[name]
    assert name in function.example
    program = compile_expression(function.example, ENVIRONMENT)
    outcome = program.run(
        now=datetime(2026, 6, 1, tzinfo=UTC), resource=GROUP, resources=lambda _: (VPC,)
    )
    assert outcome.truth is True, outcome.reasons


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_said_what_it_is_for(name: str) -> None:
    about = FUNCTIONS[name].about
    assert about.endswith(".")
    assert 20 <= len(about) <= 140


def test_no_two_families_share_a_name() -> None:
    assert len(FUNCTIONS) == sum(map(len, FAMILIES.values()))


def test_forms_are_written_as_policies_write_them() -> None:
    def forms(name: str) -> list[str]:
        return [form.written(name) for form in FUNCTIONS[name].signatures]

    assert forms("charAt") == ["string.charAt(int) -> string"]
    assert forms("ip") == ["ip(string) -> ip", "cidr.ip() -> ip"]
    assert forms("size")[0] == "size(string) -> int"
    assert forms("ip.isCanonical") == ["ip.isCanonical(string) -> bool"]
    assert forms("refers_to") == ["refers_to(string, Resource) -> bool"]

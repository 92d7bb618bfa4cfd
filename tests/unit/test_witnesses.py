"""What a finding says of the thing that it is about."""

from __future__ import annotations

import pytest

from policyscan.resources.base import ProofLevel
from policyscan.resources.keys import Secret
from policyscan.resources.monitoring import LogGroup
from policyscan.resources.network import SecurityGroup
from policyscan.resources.vpc import Vpc
from policyscan.values import Unknown, Why
from policyscan.witnesses import Subject
from tests.unit.inventory.made import made, seen

OPEN = Unknown(Why.VARIABLE_UNSET, "a value for var.x")
EC2 = "arn:aws:ec2:eu-west-1:111122223333:"
GROUP = f"{EC2}security-group/sg-1"
LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group:/desk/bot"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:binance/bot-AbCdEf"


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (seen(SecurityGroup, GROUP, name="desk-bot"), "desk-bot"),
        # the service is no part of what tells one from another
        (seen(SecurityGroup, GROUP, name="ec2"), "ec2"),
        # the address holds it
        (seen(LogGroup, LOGS, name="/desk/bot"), ""),
        (seen(Secret, SECRET, name="binance/bot"), ""),
        # a thing without a name of its own has one by its tag
        (seen(Vpc, f"{EC2}vpc/vpc-1", tags={"Name": "desk"}), "desk"),
        (seen(Vpc, f"{EC2}vpc/vpc-1", tags={"Name": OPEN}), ""),
        (seen(Vpc, f"{EC2}vpc/vpc-1", tags=OPEN), ""),
        (seen(SecurityGroup, GROUP, name=OPEN), ""),
        # code has addresses that people know
        (made(SecurityGroup, "aws_security_group.bot", name="desk"), ""),
    ],
)
def test_people_know_what_was_seen_by_its_name(resource: SecurityGroup, name: str) -> None:
    ref = Subject.of(resource).ref
    assert ref.name == name
    assert ref.shown == (f"{resource.address} ({name})" if name else resource.address)


def test_a_name_is_masked_like_an_address() -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    ref = Subject.of(seen(SecurityGroup, GROUP, name=token)).ref
    assert ref.proof is ProofLevel.OBSERVED
    assert token not in ref.shown

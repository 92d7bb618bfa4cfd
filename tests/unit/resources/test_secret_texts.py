"""Which texts of a resource are secrets by where they come from."""

from __future__ import annotations

import pytest

from policyscan.resources.base import Origin, ProofLevel, Step, StepKind
from policyscan.resources.secret_values import secret_texts
from policyscan.resources.vpc import Vpc

PASSWORD = (Step(StepKind.MODULE_ARGUMENT, "module.bot.db_password"),)
ORIGIN = Origin("terraform", ".", ".", None, ProofLevel.CONFIGURED)


@pytest.mark.parametrize(
    ("purposes", "secrets"),
    [
        (("hunter2-hunter2",), ("hunter2-hunter2",)),
        (("abc",), ()),
        # An answer of the inventory is none, even if the way to it leads past a secret.
        (("trading",), ()),
        (("production", "trading-desk"), ("trading-desk",)),
    ],
)
def test_what_came_through_the_name_of_a_secret(
    purposes: tuple[str, ...], secrets: tuple[str, ...]
) -> None:
    chains = {f"purposes[{number}]": PASSWORD for number in range(len(purposes))}
    vpc = Vpc(address="aws_vpc.v", origin=ORIGIN, chains=chains, purposes=purposes)
    assert secret_texts(vpc) == secrets

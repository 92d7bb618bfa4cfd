"""Groups, listeners and log groups: written as Terraform and running, they are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.equivalence.listener_estates import LISTENER_ESTATES
from tests.equivalence.live import Estate, compare
from tests.equivalence.network_estates import GROUP_ESTATES
from tests.moto_account import Account

TOLD = {
    "SecurityGroup": {"name", "description", "vpc", "ingress", "egress", "form", "tags"},
    "TlsServerConfig": {
        "server",
        "protocol",
        "port",
        "policy_name",
        "min_version",
        "max_version",
        "aead_only",
        "redirects_to_https",
        "internal",
    },
    "LogGroup": {"name", "kms_encrypted", "retention_days"},
}
"""By kind, the fields that both sources must be able to tell."""


@pytest.mark.parametrize("estate", [*GROUP_ESTATES, *LISTENER_ESTATES], ids=lambda e: e.name)
def test_written_and_running_are_the_same(estate: Estate, account: Account, tmp_path: Path) -> None:
    same = compare(estate, account, tmp_path)
    kinds = {
        "aws_security_group": "SecurityGroup",
        "aws_default_security_group": "SecurityGroup",
        "aws_lb_listener": "TlsServerConfig",
        "aws_elb": "TlsServerConfig",
        "aws_cloudwatch_log_group": "LogGroup",
    }
    for address, fields in same.fields.items():
        must = TOLD[kinds[address.partition(".")[0]]]
        assert must <= fields, address


def test_there_are_at_least_ten() -> None:
    assert len({estate.name for estate in (*GROUP_ESTATES, *LISTENER_ESTATES)}) >= 10

"""Secrets, identities, trails and detectors: written and running, they are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.equivalence.identity_estates import IDENTITY_ESTATES
from tests.equivalence.live import Estate, compare
from tests.equivalence.monitoring_estates import MONITORING_ESTATES
from tests.equivalence.secret_estates import SECRET_ESTATES
from tests.moto_account import Account

ESTATES = (*SECRET_ESTATES, *IDENTITY_ESTATES, *MONITORING_ESTATES)

TOLD = {
    "aws_secretsmanager_secret": {
        "name",
        "description",
        "purpose",
        "kms",
        "rotation_enabled",
        "rotation_interval_days",
        "rotation_function",
        "tags",
    },
    "aws_iam_role": {"effect", "principals", "actions", "attached_to", "principal_class", "sid"},
    "aws_iam_role_policy": {
        "effect",
        "actions",
        "resources",
        "conditions",
        "attached_to",
        "boundary",
        "admin",
    },
    "aws_iam_policy": {"effect", "actions", "resources", "attached_to", "principal_class"},
    "aws_iam_user_policy": {"effect", "actions", "resources", "attached_to", "principal_class"},
    "aws_iam_group_policy": {"effect", "not_actions", "resources", "attached_to"},
    "aws_secretsmanager_secret_policy": {
        "effect",
        "service",
        "principals",
        "actions",
        "resources",
        "conditions",
        "attached_to",
    },
    "aws_cloudtrail": {
        "name",
        "multi_region",
        "is_logging",
        "log_file_validation",
        "kms_encrypted",
        "management_events",
    },
    "aws_guardduty_detector": {"service", "enabled", "region"},
    "aws_config_configuration_recorder": {"service", "enabled", "region"},
}
"""By Terraform type, the fields that both sources must be able to tell."""


@pytest.mark.parametrize("estate", ESTATES, ids=lambda e: e.name)
def test_written_and_running_are_the_same(estate: Estate, account: Account, tmp_path: Path) -> None:
    same = compare(estate, account, tmp_path)
    for address, fields in same.fields.items():
        assert TOLD[address.partition(".")[0]] <= fields, address


def test_there_are_at_least_ten() -> None:
    assert len({estate.name for estate in ESTATES}) >= 10

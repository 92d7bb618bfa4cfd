"""The table of security policies, against what their names and the documentation say."""

from __future__ import annotations

import re

import pytest

from policyscan.resources.elb_policies import DEFAULT_POLICY, POLICIES, lookup


@pytest.mark.parametrize(
    ("name", "versions", "aead_only"),
    [
        ("ELBSecurityPolicy-2016-08", ("1.0", "1.1", "1.2"), False),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", ("1.3",), True),
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", ("1.2", "1.3"), False),  # ECDHE-…-AES128-SHA256
        ("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", ("1.2", "1.3"), True),
        ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", ("1.2", "1.3"), True),
        ("ELBSecurityPolicy-TLS13-1-0-2021-06", ("1.0", "1.1", "1.2", "1.3"), False),
        ("ELBSecurityPolicy-FS-1-2-Res-2019-08", ("1.2",), False),  # ECDHE-…-AES128-SHA256
        ("ELBSecurityPolicy-FS-1-2-Res-2020-10", ("1.2",), True),
        ("ELBSecurityPolicy-TLS13-1-2-RFC9151-FIPS-2023-07", ("1.2", "1.3"), None),
    ],
)
def test_known_policies(name: str, versions: tuple[str, ...], aead_only: bool | None) -> None:
    assert lookup(name) == (versions, aead_only)


def test_a_policy_that_is_not_in_the_table_is_not_guessed() -> None:
    assert lookup("ELBSecurityPolicy-TLS13-1-3-2099-01") is None
    assert lookup("elbsecuritypolicy-2016-08") is None


def test_the_default_is_in_the_table() -> None:
    assert lookup(DEFAULT_POLICY) is not None


def test_a_name_with_versions_agrees_with_its_row() -> None:
    for name, offer in POLICIES.items():
        if named := re.match(r"ELBSecurityPolicy-TLS13-1-(\d)-", name):
            lowest = int(named[1])
            assert offer.versions == tuple(f"1.{minor}" for minor in range(lowest, 4)), name
        else:
            assert "1.3" not in offer.versions, name
        assert list(offer.versions) == sorted(offer.versions)
        if offer.versions == ("1.3",):
            assert offer.aead_only is True, name

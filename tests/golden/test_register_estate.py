"""A register beside the Terraform that it is about, each verdict worked out by hand.

The clock stands at 2026-01-01T00:00Z.
"""

from __future__ import annotations

import pytest

from tests.scanning import scan_files

FILES: dict[str, str | bytes] = {
    "keys.yaml": """\
        version: 1
        complete: true
        exchange: binance
        keys:
          - name: maker  # 5 days old, right in everything
            fingerprint: "000000000001"
            owner: alice
            function: strategy
            environment: production
            tier: high
            network: mainnet
            permissions: [reading, spot_margin]
            allowed_ips: [203.0.113.10]
            used_by: [maker]
            regions: [eu-west-1]
            replicas: 1
            created: "2025-12-27"
            storage: aws_sm
            secret: prod/binance/maker
          - name: taker  # shared by two bots of two regions, trades futures, 45 days old
            fingerprint: "000000000002"
            owner: alice
            function: trading
            environment: production
            tier: medium
            permissions: [reading, spot_margin, futures]
            allowed_ips: [203.0.113.10, 0.0.0.0/0]
            used_by: [taker, dca]
            regions: [eu-west-1, us-east-1]
            replicas: 1
            cadence: standard
            rotated: "2025-11-17"
            storage: env_file
          - name: data  # market data, with a right to withdraw, 100 days old, used in staging
            fingerprint: "000000000003"
            owner: bob
            function: read_only
            environment: production
            tier: low
            permissions: [reading, withdrawals]
            ip_restricted: false
            used_by: [feed]
            regions: []
            replicas: 3
            rotated: "2025-09-23"
            storage: aws_sm
            secret: prod/binance/gone
          - name: data-staging  # the same key
            fingerprint: "000000000003"
            owner: bob
            function: monitoring
            environment: staging
            tier: low
            network: mainnet
            permissions: [reading]
            allowed_ips: [203.0.113.11]
            used_by: [feed-staging]
            regions: [eu-west-1]
            replicas: 1
            rotated: "2025-12-27"
            storage: vault
          - name: arb  # arbitrage between two pairs, scaled out without an instance
            fingerprint: "000000000005"
            owner: alice
            function: arbitrage
            environment: production
            permissions: {spot_margin: true, withdrawals: false}
            used_by: [arb]
            regions: [eu-west-1]
            replicas: 2
            exchange_pairs: [binance-kraken, binance-okx]
            rotated: "2025-11-17"
            storage: aws_sm
            secret: prod/binance/arb
          - name: glass  # for emergencies
            fingerprint: "000000000006"
            owner: carol
            function: emergency
            custodians: 2
            environment: production
            tier: high
            permissions: [reading, spot_margin]
            used_by: []
            rotated: "2024-02-29"
            storage: offline
          - name: quiet  # says almost nothing
            owner: dave
        """,
    "main.tf": """\
        resource "aws_secretsmanager_secret" "maker" { name = "prod/binance/maker" }
        resource "aws_secretsmanager_secret" "arb" { name = "prod/binance/arb" }
        resource "aws_secretsmanager_secret" "lost" { name = "prod/kraken/lost" }
        """,
}
ORDER = ("maker", "taker", "data", "data-staging", "arb", "glass", "quiet")
LOST = "aws_secretsmanager_secret.lost"

# p pass, f fail, u unknown, - not applicable; one column for each key in ORDER
TABLE = {
    "PS-KEY-001": "- - f - - - u",
    "PS-KEY-002": "p f - - u - u",
    "PS-KEY-003": "- - - p - - u",
    "PS-KEY-004": "p p f p u p u",
    "PS-KEY-005": "p f f p u - u",
    # The key of "quiet" may be any, in any environment; "lost" is not in the register.
    "PS-KEY-007": "u u f - u u u",
    "PS-KEY-008": "p f p p p - u",
    "PS-KEY-009": "p f f p f - u",
    "PS-KEY-010": "- - - - f - u",
    "PS-KEY-012": "p p p p p p f",
    "PS-KEY-013": "p - f - p - u",
    "PS-ROT-001": "p - - - u - u",
    "PS-ROT-002": "- f - - u - u",
    "PS-ROT-003": "p p f p p - u",
    "PS-ROT-004": "- f - - - - -",
    "PS-SEC-005": "p f p p p - u",
    "PS-ENV-002": "- - - f - - u",
}
VERDICTS = {"p": "pass", "f": "fail", "u": "unknown", "-": "not_applicable"}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """By policy, the verdict on every key."""
    report = scan_files(tmp_path_factory.mktemp("desk"), FILES, profile="advise")
    assert not report.gaps
    assert all(entry.balanced for entry in report.ledger)
    found: dict[str, dict[str, str]] = {}
    for finding in report.findings:
        if finding.resource.kind == "ApiKey":
            name = finding.resource.address.removeprefix("keys.yaml#")
            found.setdefault(finding.policy_id, {})[name] = finding.verdict.value
    return found


def test_every_policy_on_keys_is_in_the_table(verdicts: dict[str, dict[str, str]]) -> None:
    assert set(verdicts) == set(TABLE)


@pytest.mark.parametrize("policy", TABLE)
def test_the_verdicts(policy: str, verdicts: dict[str, dict[str, str]]) -> None:
    expected = dict(zip(ORDER, (VERDICTS[word] for word in TABLE[policy].split()), strict=True))
    # The key of "quiet" may be in it.
    expected[LOST] = "unknown" if policy == "PS-KEY-012" else "not_applicable"
    assert verdicts[policy] == expected

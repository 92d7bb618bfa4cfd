"""What is proposed for a repository, and that it is right once it is taken out of its comments."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from policyscan.config import parse_configuration
from policyscan.findings import ScopeQuestion
from policyscan.findings.controls import load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.proposal import propose, register
from policyscan.proposal.configuration import configuration_text
from policyscan.proposal.facts import Facts
from policyscan.text.yaml import Document, read_yaml
from tests.golden.hostile_estate import write_hostile_estate
from tests.scanning import scan_files, write

NOW = datetime(2026, 1, 1, tzinfo=UTC)

TREE: dict[str, str | bytes] = {
    "infra/prod/main.tf": """
        provider "aws" { region = "eu-west-1" }
        variable "name" {}
        resource "aws_secretsmanager_secret" "grid" {
          name = "production/binance/grid"
          tags = { Environment = "production", "policyscan:tier" = "high" }
        }
        resource "aws_secretsmanager_secret" "kraken" { name = var.name }
        resource "aws_secretsmanager_secret" "database" { name = "orders-database" }
        """,
    "infra/prod/terraform.tfvars": "",
    "infra/prod/more.auto.tfvars": "",
    "infra/env/prod.tfvars": "",
    "infra/env/dev.tfvars.json": "{}",
    "infra/account/main.tf": """
        provider "aws" {
          alias  = "tokyo"
          region = "ap-northeast-1"
        }
        resource "aws_cloudtrail" "all" { name = "all" }
        # never in "us-east-12", not-a-region
        """,
}


def proposed(
    folder: Path, tree: dict[str, str | bytes] | None = None
) -> tuple[dict[str, str], Facts]:
    proposal = propose(write(folder, TREE if tree is None else tree), (), now=NOW)
    return proposal.files, proposal.facts


def awake(text: str) -> str:
    """The text with `# ` taken away from every line that starts with it."""
    return re.sub("^# ", "", text, flags=re.MULTILINE)


def test_facts(tmp_path: Path) -> None:
    _, facts = proposed(tmp_path / "desk")
    assert facts.project == "desk"
    assert facts.regions == ("ap-northeast-1", "eu-west-1")
    assert facts.baselines == ("infra/account",)
    assert facts.var_files == ("infra/env/dev.tfvars.json", "infra/env/prod.tfvars")
    found = {secret.address: secret for secret in facts.secrets}
    assert set(found) == {
        "aws_secretsmanager_secret.grid",
        "aws_secretsmanager_secret.kraken",
    }
    grid = found["aws_secretsmanager_secret.grid"]
    assert (grid.name, grid.exchange, grid.place) == (
        "production/binance/grid",
        "binance",
        "infra/prod/main.tf:3",
    )
    assert grid.answers["environment"] == ("production", "tagged")
    assert grid.answers["tier"] == ("high", "tagged")
    kraken = found["aws_secretsmanager_secret.kraken"]
    assert (kraken.name, kraken.exchange) == ("", "kraken")


def test_the_register_has_an_entry_for_each_exchange_secret(tmp_path: Path) -> None:
    files, _ = proposed(tmp_path)
    assert yaml.safe_load(files["keys.yaml"]) == {"version": 1}
    entries = yaml.safe_load(awake(files["keys.yaml"]))["keys"]
    assert [entry["secret"] for entry in entries] == ["production/binance/grid", None]
    grid = {name: value for name, value in entries[0].items() if value is not None}
    assert grid == {
        "secret": "production/binance/grid",
        "environment": "production",
        "exchange": "binance",
        "tier": "high",
        "storage": "aws_sm",
    }
    fields = (
        "owner secret fingerprint environment exchange account function tier cadence used_by "
        "regions storage created rotated permissions allowed_ips"
    )
    assert list(entries[0]) == fields.split()


def test_the_controls_load_once_their_owners_are_named(tmp_path: Path) -> None:
    files, _ = proposed(tmp_path)
    text = awake(files["controls.yaml"])
    named = re.sub(r"owner:  # for example (.+)", r"owner: \1", text)
    policies = ["PS-NET-004"]
    rules = load_controls("c", named.encode(), criteria=load_criteria(), policies=policies).rules
    assert len(rules) == 22 and not any(rule.draft for rule in rules)
    assert all(rule.owner for rule in rules)


def test_the_configuration_loads_once_it_is_awake(tmp_path: Path) -> None:
    files, facts = proposed(tmp_path / "desk")
    question = ScopeQuestion(
        "Which role do the secrets of infra/prod have?",
        14,
        "scope.assign",
        '- match: {path: "infra/prod/*"}\n  role: trading\n  tier: high\n',
    )
    other = replace(question, decides=1, entry='- match: {tag: "Team=desk"}\n  role: trading\n')
    asked = replace(facts, report=replace(facts.report, scope_questions=(question, other)))
    text = configuration_text(asked, controls="controls.yaml")
    assert "#     # decides 14 verdicts: Which role do the secrets of infra/prod have?\n" in text
    assert "#     # decides 1 verdict: " in text
    loaded = parse_configuration("policyscan.yaml", awake(text).encode())
    assert loaded.project == "desk"
    assert loaded.profile == "ci"
    assert [(one.path, one.tag, one.role, one.tier) for one in loaded.scope] == [
        ("infra/prod/*", None, "trading", "high"),
        ("", ("Team", "desk"), "trading", ""),
    ]
    assert loaded.terraform.baselines == ("infra/account",)
    assert loaded.terraform.var_files == facts.var_files
    assert loaded.context == {"regions": ("ap-northeast-1", "eu-west-1")}
    assert loaded.soc2_categories == ("availability", "confidentiality", "processing_integrity")
    assert yaml.safe_load(files["policyscan.yaml"]) == {"version": 1, "controls": "controls.yaml"}


def test_what_is_known_of_scope_is_told_with_its_basis(tmp_path: Path) -> None:
    files, _ = proposed(tmp_path)
    told = " ".join(files["policyscan.yaml"].replace("#", "").split())
    assert re.search(r"production \d \(tagged\)", told)
    assert re.search(r"tier high \d \(tagged\), not known \d", told)


@pytest.mark.parametrize(
    "name",
    [
        "binance\nversion: 2",
        "binance\u2028profile: advise",
        "binance\x85keys: []",
        'binance" #',
        "binance: {a: b}",
        "binance # comment",
        "binance\u202e",
        "binance 😀 键",
        "binance " + "x" * 3000,
        "binance-{{7*7}}-%0a",
    ],
)
def test_a_name_cannot_leave_its_comment(tmp_path: Path, name: str) -> None:
    written = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    label = f'resource "aws_secretsmanager_secret" "s" {{\n  name = "{written}"\n}}\n'
    files, facts = proposed(tmp_path / name[:8], {f"{name[:7]}/main.tf": label})
    assert len(facts.secrets) == 1
    assert yaml.safe_load(files["keys.yaml"]) == {"version": 1}
    assert set(yaml.safe_load(files["policyscan.yaml"])) == {"version", "controls"}
    for path, text in files.items():
        assert read_yaml(Document(path, text)) is not None
    [entry] = yaml.safe_load(awake(files["keys.yaml"]))["keys"]
    assert entry["secret"] in (name, None)


def test_a_directory_with_a_strange_name(tmp_path: Path) -> None:
    files, _ = proposed(tmp_path / "a\nprofile: advise", {"Dockerfile": "FROM scratch\n"})
    assert set(yaml.safe_load(files["policyscan.yaml"])) == {"version", "controls"}


def test_of_very_many_secrets_the_first_are_listed(tmp_path: Path) -> None:
    _, facts = proposed(tmp_path)
    many = replace(facts, secrets=facts.secrets * 150)
    text = register.register_text(many)
    assert "## 300 secrets look like one.\n## 100 of them are not listed.\n" in text
    assert len(yaml.safe_load(awake(text))["keys"]) == register.LISTED


def test_an_estate_that_does_its_worst(tmp_path: Path) -> None:
    proposal = propose(write_hostile_estate(tmp_path), (), now=NOW)
    assert proposal.facts.secrets
    for path, text in proposal.files.items():
        assert set(yaml.safe_load(text)) <= {"version", "controls", "extends"}
        assert read_yaml(Document(path, text)) is not None
        lines = {line for line in text.split("\n") if not line.startswith("#")}
        assert lines <= {"", "version: 1", "extends: draft", "controls: controls.yaml"}


def test_the_register_is_read_once_its_entries_are_filled_in(tmp_path: Path) -> None:
    files, _ = proposed(tmp_path)
    named = re.sub(r"owner: .*", "owner: alice", awake(files["keys.yaml"]))
    filled = re.sub(r"^    \w+: +#.*\n", "", named, flags=re.MULTILINE)
    report = scan_files(tmp_path, {"keys.yaml": filled})
    [whole, nameless] = yaml.safe_load(filled)["keys"]
    assert set(whole) == {"owner", "secret", "environment", "exchange", "tier", "storage"}
    assert set(nameless) == {"owner", "environment", "exchange", "storage"}
    told = [gap.message for gap in report.gaps if gap.collector == "register"]
    assert len(told) == 1 and "has neither a name nor a fingerprint nor a secret" in told[0]
    register = [f for f in report.findings if f.resource.collector == "register"]
    assert {f.resource.address for f in register} >= {"keys.yaml#@1", "keys.yaml#@2"}

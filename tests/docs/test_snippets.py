"""Every block of code on a page is what its language says, and what policyscan takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from policyscan.collectors.interface import Declined, Reading
from policyscan.collectors.register import RegisterCollector
from policyscan.config import parse_configuration
from policyscan.data import policies_directory
from policyscan.errors import PolicyError
from policyscan.findings.controls import load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.findings.profiles import parse_profile
from policyscan.findings.waivers import parse_waivers
from policyscan.policy import load_policies
from policyscan.resources.base import Gap
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.selftest import run_policy_tests
from policyscan.text.dockerfile import read_dockerfile
from policyscan.text.hcl import read_hcl
from policyscan.text.source import Source
from policyscan.text.tree import DirectoryTree
from tests.docs.pages import PAGES, ROOT, Block, blocks

EVERY = [(page, block) for page in PAGES for block in blocks(page)]
SHIPPED = load_policies(policies_directory(), load_kinds(MODULES)).policies
LANGUAGES = {"", "cel", "console", "dockerfile", "groovy", "hcl", "json", "sh", "yaml"}
WRONG = ("broken/", "draft/")
"""Policies that a page shows because they do not load."""
OF_OTHERS = (".github/", ".gitlab-ci.yml", ".pre-commit-config.yaml", "azure-pipelines.yml")
"""Files that other programs read; `tests/ci` runs what they say."""


def named(case: tuple[Path, Block]) -> str:
    page, block = case
    return f"{page.relative_to(ROOT)}:{block.line}"


def test_languages_are_known() -> None:
    assert {block.language for _, block in EVERY} <= LANGUAGES


@pytest.mark.parametrize("case", [c for c in EVERY if c[1].language == "yaml"], ids=named)
def test_yaml(case: tuple[Path, Block], tmp_path: Path) -> None:
    text = case[1].text
    keys = set(yaml.safe_load(text))
    if case[1].file.startswith(OF_OTHERS):
        return
    if "require" in keys:
        (tmp_path / "policy.yaml").write_text(text)
        if case[1].file.startswith(WRONG):
            with pytest.raises(PolicyError):
                list(run_policy_tests(tmp_path))
            return
        results = list(run_policy_tests(tmp_path))
        assert results
        assert not [result for result in results if result.problems]
    elif "keys" in keys:
        (tmp_path / "keys.yaml").write_text(text)
        found = RegisterCollector().read(DirectoryTree(tmp_path), ["keys.yaml"], Reading("."))
        assert not [item for item in found if isinstance(item, (Gap, Declined))]
    elif "extends" in keys:
        policies = [policy.id for policy in SHIPPED]
        assert load_controls(
            "controls.yaml", text.encode(), criteria=load_criteria(), policies=policies
        )
    elif "waivers" in keys and case[1].file == "waivers.yaml":
        assert parse_waivers("waivers.yaml", text.encode()).entries
    elif "findings" in keys:
        assert parse_profile("gate.yaml", text.encode()).name
    elif "steps" not in keys:
        parse_configuration("policyscan.yaml", text.encode())


@pytest.mark.parametrize(
    "case", [c for c in EVERY if c[1].language in ("hcl", "dockerfile", "json")], ids=named
)
def test_code_is_read_without_an_error(case: tuple[Path, Block]) -> None:
    _, block = case
    source = Source("snippet", block.text.encode())
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "hcl":
        assert not read_hcl(source).errors
    else:
        assert not read_dockerfile(source).errors

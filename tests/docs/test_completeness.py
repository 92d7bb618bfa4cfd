"""The pages name everything that a user can name, and nothing that is not there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyscan.cli.parser import build_parser
from policyscan.collectors.terraform.kinds.table import MAPPERS
from policyscan.language.functions.table import FUNCTIONS
from policyscan.policy.model import KEYS
from policyscan.reporters.sarif.overflow import RULE
from policyscan.resources.base import Resource
from policyscan.resources.kinds import MODULES, load_kinds
from tests.docs.pages import PAGES, ROOT

TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
LANGUAGE_PAGE = (ROOT / "docs" / "policy-language.md").read_text("utf-8")
POLICY_PAGE = (ROOT / "docs" / "write-a-policy.md").read_text("utf-8")
TERRAFORM_PAGE = (ROOT / "docs" / "terraform.md").read_text("utf-8")
SHARED = {"address", "tags", "role", "environment", "tier"}


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from parsers(child)


def every_option() -> set[str]:
    return {
        action.option_strings[-1]
        for parser in parsers(build_parser())
        for action in parser._actions
        if action.option_strings
    }


def mentioned(option: str) -> bool:
    short = {"--output": "-o", "--quiet": "-q"}.get(option, option)
    return re.search(rf"(?<![\w-])({option}|{short})(?![\w-])", TEXT) is not None


def test_every_option_is_mentioned() -> None:
    assert {option for option in every_option() if not mentioned(option)} == set()


def test_no_option_is_mentioned_that_is_not_there() -> None:
    used = re.findall(r"policyscan [^\n`]*?(--[a-z-]+)", TEXT)
    assert set(used) <= every_option()


def test_every_command_is_mentioned() -> None:
    commands = {
        parser.prog for parser in parsers(build_parser()) if parser.get_default("run") is not None
    }
    assert {command for command in commands if command not in TEXT} == set()


@pytest.mark.parametrize("kind", MODULES)
def test_every_field_of_a_kind_is_listed(kind: str) -> None:
    [fields] = re.findall(rf"^\| `{kind}` \| (.+) \|$", LANGUAGE_PAGE, re.MULTILINE)
    model: type[Resource] = load_kinds(MODULES)[kind]
    assert set(re.findall(r"`(\w+)`", fields)) == set(model.model_fields) - SHARED - model.HIDDEN


def test_every_key_and_function_of_a_policy_is_listed() -> None:
    missing = {"aliases", "deprecated", "expect_min"}  # for those who maintain a set of policies
    assert {key for key in KEYS if f"`{key}`" not in POLICY_PAGE} <= missing
    assert {name for name in FUNCTIONS if name not in LANGUAGE_PAGE} == set()


def test_every_terraform_type_is_listed() -> None:
    types = {type_ for mapper in MAPPERS.values() for type_ in mapper.types}
    assert {type_ for type_ in types if f"`{type_}`" not in TERRAFORM_PAGE} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_every_policy_id_that_is_named_exists() -> None:
    shipped = {
        found[1]
        for path in (ROOT / "policies").rglob("*.yaml")
        if (found := re.search(r"^id: (\S+)$", path.read_text("utf-8"), re.MULTILINE))
    }
    assert set(re.findall(r"PS-[A-Z]+-\d{3}", TEXT)) <= {*shipped, RULE}

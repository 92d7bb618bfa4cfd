"""Importing does nothing, and start-up pays for little."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import policyscan
from policyscan.collectors.terraform import TerraformCollector
from policyscan.collectors.terraform.kinds.table import MAPPERS
from policyscan.plugins import load_collectors
from policyscan.resources.kinds import MODULES
from tests.architecture.source import modules

STATED = {"NetworkAllowList", "GateFile"}
"""Kinds of which no collector brings any: a configuration has some, a comparison others."""

STARTUP_SECONDS = 0.12

GUARDED = """
import importlib, sys
import pydantic, yaml, jinja2, tree_sitter  # what these do when they are imported is theirs
pydantic.create_model("First")  # looks for plug-ins

def refuse(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.fork")):
        raise RuntimeError(event)
    if event != "open":
        return
    path, _, flags = arguments
    code = (".py", ".pyc", ".so")
    if flags & 3 or not str(path).endswith(code):
        raise RuntimeError(f"opens {path}")

sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_importing_any_module_does_no_input_or_output() -> None:
    names = [module.name for module in modules() if module.name != "policyscan.__main__"]
    run = python("-B", "-c", GUARDED, *names)
    assert run.returncode == 0, run.stderr


def imported_by(*arguments: str) -> set[str]:
    run = python("-X", "importtime", "-P", "-m", "policyscan", *arguments)
    assert run.returncode == 0, run.stderr
    lines = (line.rsplit("|", 1) for line in run.stderr.splitlines() if "|" in line)
    return {line[1].strip().split(".")[0] for line in lines}


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("scan", "--help")])
def test_start_up_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    heavy = {"pydantic", "yaml", "jinja2", "tree_sitter", "junit_xml", "importlib.metadata"}
    assert not imported_by(*arguments) & heavy


TERRAFORM = 'resource "aws_cloudwatch_log_group" "bot" {}\n'
DOCKERFILE = "FROM scratch\n"


def report_and_imports(tree: Path) -> tuple[dict[str, Any], set[str]]:
    """What a scan of `tree` reports, and every module that it imports."""
    run = python(
        "-X", "importtime", "-P", "-m", "policyscan", "scan", "-q", str(tree), "-o", "json=-"
    )
    assert run.returncode in (0, 1, 3), run.stderr
    lines = (line.rsplit("|", 1) for line in run.stderr.splitlines() if "|" in line)
    return json.loads(run.stdout), {line[1].strip() for line in lines}


def assert_only_loaded(report: dict[str, Any], kinds: tuple[str, ...]) -> None:
    """The policies on these kinds, of which something is there, were read whole, and no others."""
    for policy in report["policies"]:
        judged = {*policy["kind"].split(", ")} & {*kinds}
        assert bool(policy["require"]) is bool(judged), policy["id"]


def test_a_scan_of_terraform_pays_for_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    report, imported = report_and_imports(tmp_path)
    assert report["findings"]
    assert "policyscan.collectors.terraform.collector" in imported
    for heavy in ("jinja2", "junit_xml", "lxml", "re2"):
        assert not {name for name in imported if name.split(".")[0] == heavy}, heavy
    for unused in (
        "collectors.dockerfile.collector",
        "collectors.register.collector",
        "text.dockerfile",
        "resources.containers",
        "collectors.terraform.kinds.network.security_groups",
        "collectors.terraform.kinds.iam.mapper",
        "resources.vpc",
        "inventory.reach",
        "inventory.counterparts",
        "drift",
    ):
        assert f"policyscan.{unused}" not in imported
    assert_only_loaded(report, ("LogGroup",))


def test_a_scan_of_dockerfiles_pays_for_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    report, imported = report_and_imports(tmp_path)
    assert report["findings"]
    assert "policyscan.collectors.dockerfile.collector" in imported
    assert not imported & {"tree_sitter", "jinja2", "lxml", "re2"}
    for unused in ("collectors.terraform.collector", "text.hcl", "resources.monitoring"):
        assert f"policyscan.{unused}" not in imported
    assert_only_loaded(report, ("DockerfileStage",))


def test_a_scan_of_code_without_a_word_of_a_rule_pays_for_no_rules(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text("print(1)\n")
    _, imported = report_and_imports(tmp_path)
    assert "policyscan.collectors.code.programs" in imported
    for unused in ("semgrep.search", "semgrep.batches", "semgrep.engines", "tls.reader"):
        assert f"policyscan.collectors.code.{unused}" not in imported


def test_terraform_has_a_mapper_for_each_of_its_kinds() -> None:
    assert tuple(MAPPERS) == TerraformCollector.kinds
    assert {kind for collector in load_collectors() for kind in collector.kinds} <= set(MODULES)


def test_version_starts_in_no_time() -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert python("-P", "-m", "policyscan", "--version").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < STARTUP_SECONDS


def test_the_public_names_are_there_and_no_others() -> None:
    assert policyscan.__all__ == sorted(policyscan.__all__)
    assert set(policyscan.__all__) == {
        "Finding",
        "Report",
        "ScanRequest",
        "Verdict",
        "load_policies",
        "scan",
    }
    for name in policyscan.__all__:
        assert getattr(policyscan, name).__name__ == name
    with pytest.raises(AttributeError):
        policyscan.nothing  # noqa: B018

"""Importing does nothing, and start-up pays for little."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

import policyscan
from tests.architecture.source import modules

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
    run = python("-X", "importtime", "-m", "policyscan", *arguments)
    assert run.returncode == 0, run.stderr
    lines = (line.rsplit("|", 1) for line in run.stderr.splitlines() if "|" in line)
    return {line[1].strip().split(".")[0] for line in lines}


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("scan", "--help")])
def test_start_up_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    heavy = {"pydantic", "yaml", "jinja2", "tree_sitter", "junit_xml", "importlib.metadata"}
    assert not imported_by(*arguments) & heavy


def test_version_starts_in_no_time() -> None:
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert python("-m", "policyscan", "--version").returncode == 0
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

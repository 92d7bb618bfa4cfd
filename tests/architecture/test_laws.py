"""Who may print, catch everything and start processes; how long things may be; what is not said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, Module, modules

MODULE_LINES = 400
FUNCTION_LINES = 60

COMPILES = "policyscan/language/compiled/tier.py"
CATCHES_ALL = {"policyscan/collecting.py", "policyscan/cli/__init__.py", "policyscan/evaluate.py"}
"""The collector boundary, the command line, the policy boundary."""

PASSES_ON = {"policyscan/cli/delivery.py"}
"""What catches everything and raises it again, so that it ends where the command line tells it: a
reporter that crashes takes no other report along. (`finally` would write them after an interrupt
too, which asks that they are not waited for.)"""

STARTS_PROCESSES = {"policyscan/text/process.py"}
PROCESS_MODULES = {"subprocess", "multiprocessing", "pty", "asyncio"}

every_module = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


def calls(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def broad_handlers(module: Module, *, passing_on: bool = False) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and _raises_again(node) is passing_on
    ]


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


PRINTS = {
    "policyscan/__main__.py": "one sentence of ours, before anything is imported",
    "policyscan/cli/saying.py": "lines, made safe",
    "policyscan/cli/output.py": "reports, of which each format is safe",
    "policyscan/cli/progress.py": "one line on a terminal, made safe",
}
"""Who writes to a standard stream, and what."""


@every_module
def test_who_prints_makes_it_safe(module: Module) -> None:
    if module.shown in PRINTS:
        return
    for name, line in calls(module):
        assert name != "print", f"{module.shown}:{line}"
        writes = re.match(r"(sys\.(stdout|stderr)|stream)\..*\bwrite", name)
        assert not writes, f"{module.shown}:{line}"


@every_module
def test_only_the_command_line_exits(module: Module) -> None:
    if module.name.startswith(("policyscan.cli", "policyscan.__main__")):
        return
    for name, line in calls(module):
        assert name not in ("sys.exit", "exit", "quit", "os._exit"), f"{module.shown}:{line}"


def test_three_places_catch_everything_and_each_once() -> None:
    found = {module.shown: broad_handlers(module) for module in modules()}
    found = {name: lines for name, lines in found.items() if lines}
    assert set(found) <= CATCHES_ALL
    assert sum(map(len, found.values())) <= 3, found
    passing_on = [each.shown for each in modules() for _ in broad_handlers(each, passing_on=True)]
    assert sorted(passing_on) == sorted(PASSES_ON)


@every_module
def test_one_module_starts_processes(module: Module) -> None:
    imported = {name.split(".")[0] for name, _ in module.imports()}
    used = imported & PROCESS_MODULES
    assert not used or module.shown in STARTS_PROCESSES
    for name, line in calls(module):
        assert not re.match(r"os\.(system|popen|fork|spawn|exec|posix_spawn)", name), line


OF_EXTRAS = {
    "boto3": "policyscan.collectors.aws",
    "botocore": "policyscan.collectors.aws",
    "jmespath": "policyscan.collectors.aws",
    "docker": "policyscan.collectors.docker",
    "requests": "policyscan.collectors.docker",
    "cryptography": "policyscan.collectors.tls",
    "urllib3": "policyscan.collectors",
}
"""By package that an extra brings, the only place that imports it, inside functions."""


@every_module
def test_what_extras_bring_is_imported_late_and_by_their_collectors(module: Module) -> None:
    at_start = {name.split(".")[0] for name, _ in module.imports_at_start()}
    assert not at_start & OF_EXTRAS.keys(), module.shown
    for name, line in module.imports():
        place = OF_EXTRAS.get(name.split(".")[0], "policyscan")
        assert module.name.startswith(place), f"{module.shown}:{line} imports {name}"


@every_module
def test_a_collector_package_costs_little(module: Module) -> None:
    """Every run loads the packages of all collectors, to know what they claim and produce."""
    if module.name.count(".") != 2 or not module.shown.endswith("/__init__.py"):
        return
    if not module.name.startswith("policyscan.collectors."):
        return
    light = {"names", "operations", "subjects"}
    for name, line in module.imports_at_start():
        if name.startswith("policyscan."):
            assert name.rpartition(".")[2] in light, f"{module.shown}:{line} imports {name}"


@every_module
def test_no_shell(module: Module) -> None:
    for node in ast.walk(module.tree):
        assert not (isinstance(node, ast.keyword) and node.arg == "shell"), module.shown


@every_module
def test_nothing_is_evaluated_or_unpickled(module: Module) -> None:
    """One module compiles trees that the package itself has made: no text ever."""
    for name, line in calls(module):
        if (name, module.shown) != ("compile", COMPILES):
            assert name not in ("eval", "exec", "compile", "__import__"), f"{module.shown}:{line}"
    imported = {name.split(".")[0] for name, _ in module.imports()}
    assert not imported & {"pickle", "marshal", "shelve", "ctypes"}, module.shown


@every_module
def test_modules_and_functions_are_short(module: Module) -> None:
    assert module.text.count("\n") <= MODULE_LINES, module.shown
    for function in module.functions():
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        assert lines <= FUNCTION_LINES, f"{module.shown}:{function.lineno} {function.name}"


@every_module
def test_every_module_says_what_it_is(module: Module) -> None:
    assert ast.get_docstring(module.tree), module.shown


UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|pragma: no cover")
OF_A_MACHINE = re.compile(r"(?<![\w.-])/(work|home|Users|root)/[a-z]")
TEXT_FILES = ("policyscan", "policies", "docs", "requirements", "scripts", ".github", ".ci")


def shipped_files() -> list[Path]:
    found = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    for folder in TEXT_FILES:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def test_nothing_is_unfinished_and_nothing_tells_of_a_machine() -> None:
    for path in shipped_files():
        text = path.read_text("utf-8", "replace")
        for pattern in (UNFINISHED, OF_A_MACHINE):
            match = pattern.search(text)
            assert not match, f"{path.relative_to(ROOT)}: {match}"

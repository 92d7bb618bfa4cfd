"""The files around the package: locks, workflows, the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import policyscan
from policyscan import plugins
from policyscan.cli.output import FORMATS
from policyscan.plugins import COLLECTORS, REPORTERS, by_name, installed, load_reporter
from tests.architecture.source import ROOT

LOCKS = ("runtime", "build", "dev")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_nothing_but_pins_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    requirement = re.compile(
        r"[a-z0-9._-]+==[\w.!+-]+( ; [\w .<>='\"()!]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    )
    assert requirement.sub("", text) == ""
    assert locked(name)


def test_the_locks_agree() -> None:
    dev = locked("dev")
    for name in ("runtime", "build"):
        assert locked(name).items() <= dev.items()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[<>=\[; ]", requirement)[0] for requirement in requirements}

    runtime = names(PROJECT["project"]["dependencies"])
    assert runtime <= set(locked("runtime"))
    assert names(PROJECT["dependency-groups"]["dev"]) <= set(locked("dev"))
    assert not runtime & names(PROJECT["dependency-groups"]["dev"])


def test_every_module_of_tests_has_a_name_of_its_own() -> None:
    """pytest imports them by name alone: of two with one name it runs neither."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_the_readme_opens_with_the_two_commands() -> None:
    opening = (ROOT / "README.md").read_text().split("```")[1]
    targets = re.findall(r"^make (\w+)", opening, re.MULTILINE)
    assert targets == ["demo", "test"]


def yaml_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS, *DOCUMENTS], ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    for line in path.read_text().splitlines():
        used = re.match(r"\s*(?:- )?uses:\s*(\S+)(.*)", line)
        if not used or used[1].startswith(("./", "policyscan/")):
            continue
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used[1]), line
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", used[2]), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_hold_no_right_that_a_job_did_not_ask_for(path: Path) -> None:
    workflow = yaml_of(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"]
        assert job["timeout-minutes"]
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def scripts() -> Iterator[tuple[str, str]]:
    for path in WORKFLOWS:
        for job in yaml_of(path)["jobs"].values():
            yield from ((path.name, step["run"]) for step in job["steps"] if "run" in step)
    for path in ACTIONS:
        for step in yaml_of(path)["runs"]["steps"]:
            if "run" in step:
                yield path.parent.name, step["run"]


def test_no_script_is_put_together_from_what_others_write() -> None:
    for name, script in scripts():
        assert "${{" not in script, name


def test_scripts_are_bash() -> None:
    for _, script in scripts():
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    for path in (ROOT / ".ci" / "run", ROOT / "scripts" / "setup-tools"):
        subprocess.run(["bash", "-n", path], check=True)
        assert path.stat().st_mode & 0o111


def test_every_declared_plug_in_is_the_one_that_loads() -> None:
    declared = PROJECT["project"]["entry-points"]
    for group in (COLLECTORS, REPORTERS):
        found = installed(group)
        assert {name: found[name].value for name in declared[group]} == declared[group]
    for name in declared[REPORTERS]:
        assert load_reporter(name, {}).name == name


def test_the_help_names_every_format_that_ships() -> None:
    assert list(FORMATS) == sorted(PROJECT["project"]["entry-points"][REPORTERS])


def test_two_plug_ins_of_one_name_are_an_error() -> None:
    from importlib.metadata import EntryPoint

    from policyscan.errors import UsageError

    points = [EntryPoint("x", f"{package}:X", "policyscan.reporters") for package in ("a", "b")]
    with pytest.raises(UsageError, match="comes from a and b"):
        by_name(points)


def test_a_plug_in_that_does_not_load_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    from policyscan.errors import UsageError

    broken = importlib.metadata.EntryPoint("x", "no_such_package:X", REPORTERS)
    monkeypatch.setattr(
        plugins, "installed", lambda group: {"x": broken} if group == REPORTERS else {}
    )
    with pytest.raises(UsageError, match="'x' of no_such_package does not load"):
        load_reporter("x", {})


@pytest.fixture(scope="module")
def wheel_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of its own in which the wheel is installed, beside the packages of this one."""
    base = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(base)]
    subprocess.run(build, check=True, capture_output=True, cwd=ROOT)
    venv.create(base / "venv", with_pip=False)
    python = base / "venv" / "bin" / "python"
    libraries = Path(yaml.__file__).parents[1]
    site = next((base / "venv" / "lib").glob("python*")) / "site-packages"
    wheel = next(base.glob("*.whl"))
    install = ["-m", "pip", "install", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    # Appended to the search path, after the wheel; its `.pth` files are not read there.
    (site / "libraries.pth").write_text(f"{libraries}\n")
    return python


def in_wheel(python: Path, *arguments: str) -> str:
    run = subprocess.run(
        [python, "-I", "-m", "policyscan", *arguments],
        cwd=python.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_wheel_runs_and_brings_its_policies(wheel_python: Path) -> None:
    assert in_wheel(wheel_python, "--version") == f"policyscan {policyscan.__version__}\n"
    code = "import policyscan.data as data; print(data.policies_directory())"
    run = subprocess.run(
        [wheel_python, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    shipped = Path(run.stdout.strip())
    assert shipped.is_relative_to(wheel_python.parents[1])
    ours = ROOT / "policies"
    names = {path.relative_to(ours) for path in ours.rglob("*.yaml")}
    assert {path.relative_to(shipped) for path in shipped.rglob("*.yaml")} == names
    listed = in_wheel(wheel_python, "policy", "list")
    assert listed == in_wheel(Path(sys.executable), "policy", "list")


def test_the_wheel_brings_everything_that_is_not_python(wheel_python: Path) -> None:
    package = next(wheel_python.parents[1].glob("lib/python*/site-packages/policyscan"))
    for path in (ROOT / "policyscan").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert (package / path.relative_to(ROOT / "policyscan")).is_file(), path

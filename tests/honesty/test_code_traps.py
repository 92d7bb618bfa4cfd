"""Source code that is scanned executes nothing: 23 ways in which git runs a command, an embedded
bare repository, programs and settings with the names of those that are looked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policyscan.collectors.code.semgrep.engines import find_engines
from policyscan.text.tree import DirectoryTree
from tests.unit.collectors.code.semgrep_runs import found, search
from tests.unit.text.repositories import ENVIRONMENT, git, repository, write

KEYS = (
    "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass",
    "core.gitProxy", "core.alternateRefsCommand", "core.hooksPath", "diff.external",
    "diff.trap.command", "diff.trap.textconv", "filter.trap.clean", "filter.trap.smudge",
    "filter.trap.process", "merge.trap.driver", "gpg.program", "credential.helper",
    "sequence.editor",
)  # fmt: skip
HOOKS = (
    "pre-commit", "post-checkout", "post-index-change", "fsmonitor-watchman",
    "reference-transaction",
)  # fmt: skip

BOT = b"import requests\nrequests.get('https://api.binance.com', verify=False)\n"
FILES = {
    "bot.py": BOT,
    ".gitattributes": b"* filter=trap diff=trap merge=trap\n",
    ".semgrepignore": b"*\n",
    "semgrep/__init__.py": b"open('fired', 'w').close()\n",
    "sitecustomize.py": b"open('fired', 'w').close()\n",
}


class Traps:
    """Programs that leave their name in a directory when they are run."""

    def __init__(self, folder: Path) -> None:
        self.fired_folder = folder / "fired"
        self.fired_folder.mkdir()
        self._folder = folder / "traps"
        self._folder.mkdir()

    def program(self, name: str, place: Path | None = None) -> Path:
        path = place or self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n: > '{self.fired_folder}/{name}'\n")
        path.chmod(0o755)
        return path

    def fired(self) -> set[str]:
        return {path.name for path in self.fired_folder.iterdir()}

    def disarm(self) -> set[str]:
        """What has fired so far, forgotten."""
        fired = self.fired()
        for path in self.fired_folder.iterdir():
            path.unlink()
        return fired


@pytest.fixture
def traps(tmp_path: Path) -> Traps:
    return Traps(tmp_path)


def trapped(root: Path, traps: Traps, *, moved_hooks: bool) -> Path:
    """A repository in which every way is prepared; `moved_hooks` are found by a setting."""
    repository(root, FILES)
    write(root, {"bot.py": BOT + b"# changed\n"})
    for key in KEYS:
        if key != "core.hooksPath":
            git(root, "config", key, str(traps.program(key)))
    hooks = root / ".git" / "hooks"
    if moved_hooks:
        hooks = root.parent / "hooks"
        git(root, "config", "core.hooksPath", str(hooks))
    for hook in HOOKS:
        traps.program(f"hook-{hook}", hooks / hook)
    return root


def embedded(root: Path, traps: Traps) -> Path:
    """A bare repository whose files are committed as plain files of another."""
    repository(root, FILES)
    trap = str(traps.program("embedded-fsmonitor")).encode()
    core = b"[core]\nrepositoryformatversion = 0\nbare = false\nworktree = ..\nfsmonitor = " + trap
    inside = {"HEAD": b"ref: refs/heads/main\n", "config": core + b"\n", "bot.py": BOT}
    write(root / "sub", {**inside, "objects/.keep": b"", "refs/.keep": b""})
    return root


HARMLESS = ("process=", "clean=cat", "smudge=cat")
"""So that a filter which fails does not keep git from the rest."""


def naive(root: Path) -> None:
    """What a tool does that does not know."""
    without_filter = [part for each in HARMLESS for part in ("-c", f"filter.trap.{each}")]
    for line in (
        ["status"], [*without_filter, "diff"], [*without_filter, "show", "--ext-diff"],
        [*without_filter, "add", "-A"], [*without_filter, "commit", "-qm", "x"],
        [*without_filter, "checkout", "-q", "-f", "HEAD~1"], ["fetch", "ssh://127.0.0.1:1/x"],
    ):  # fmt: skip
        subprocess.run(
            ["git", *line], cwd=root, env=ENVIRONMENT, capture_output=True, check=False, timeout=60
        )


def test_the_traps_are_real(tmp_path: Path, traps: Traps) -> None:
    naive(trapped(tmp_path / "one", traps, moved_hooks=False))
    naive(trapped(tmp_path / "two", traps, moved_hooks=True))
    assert traps.disarm() >= {
        "core.fsmonitor", "core.sshCommand", "diff.trap.command", "filter.trap.process",
        "hook-pre-commit", "hook-post-checkout", "hook-post-index-change",
        "hook-reference-transaction",
    }  # fmt: skip
    subprocess.run(
        ["git", "-c", "safe.bareRepository=all", "status"],
        cwd=embedded(tmp_path / "three", traps) / "sub",
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    assert traps.fired() == {"embedded-fsmonitor"}


Build = Callable[[Path, Traps], Path]
TREES: dict[str, Build] = {
    "hooks in place": lambda root, traps: trapped(root, traps, moved_hooks=False),
    "hooks elsewhere": lambda root, traps: trapped(root, traps, moved_hooks=True),
    "embedded repository": embedded,
    "inside the embedded repository": lambda root, traps: embedded(root, traps) / "sub",
}


@pytest.mark.parametrize("index", [0, 1], ids=["native", "plain"])
@pytest.mark.parametrize("build", TREES.values(), ids=TREES.keys())
def test_semgrep_fires_nothing(
    build: Build, index: int, tmp_path: Path, traps: Traps, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = build(tmp_path / "tree", traps)
    traps.disarm()
    monkeypatch.chdir(root)
    items = search(DirectoryTree(root), engines=[find_engines()[index]], paths=["bot.py"])
    assert found(items) == [("bot.py", "False")]
    assert not traps.fired()


@pytest.mark.parametrize("ref", [(), ("--ref", "HEAD")], ids=["files", "commit"])
@pytest.mark.parametrize("build", TREES.values(), ids=TREES.keys())
def test_a_scan_fires_nothing(
    build: Build, ref: tuple[str, ...], tmp_path: Path, traps: Traps
) -> None:
    root = build(tmp_path / "tree", traps)
    for name in ("git", "uname", "semgrep", "semgrep-core", "osemgrep", "pysemgrep", "python"):
        traps.program(f"program-{name}", root / "bin" / name)
    traps.disarm()
    program = Path(sys.executable).parent / "policyscan"
    run = subprocess.run(
        [str(program), "scan", ".", *ref, "-o", f"json={tmp_path / 'r.json'}"],
        cwd=root,
        env={"PATH": f".:bin:{os.environ['PATH']}", "HOME": str(root), "POLICYSCAN_CACHE": "off"},
        capture_output=True,
        check=False,
    )
    is_commit = not (ref and build is TREES["inside the embedded repository"])
    assert run.returncode in ((0, 1, 3) if is_commit else (2,)), run.stderr
    assert not traps.fired()
    assert not list(root.rglob("fired"))


def test_the_list_of_what_is_executed(tmp_path: Path, traps: Traps) -> None:
    """Git and semgrep, each by its absolute path, and what semgrep needs: nothing else."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    root = trapped(tmp_path / "tree", traps, moved_hooks=False)
    traps.disarm()
    log = tmp_path / "log"
    program = Path(sys.executable).parent / "policyscan"
    traced = ["strace", "-f", "-qq", "-e", "trace=execve,connect", "-o", str(log)]
    run = subprocess.run(
        [*traced, str(program), "scan", ".", "-o", f"json={tmp_path / 'r.json'}"],
        cwd=root,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "POLICYSCAN_CACHE": "off"},
        capture_output=True,
        check=False,
    )
    assert run.returncode in (0, 1, 3), run.stderr
    lines = log.read_text().splitlines()
    assert not [line for line in lines if "connect(" in line and "AF_INET" in line]
    started = {line.split('"')[1] for line in lines if "execve(" in line and line.endswith(" = 0")}
    allowed = {str(program), find_engines()[0].executable, shutil.which("git")}
    others = {path for path in started - allowed if not path.endswith("/programs/uname")}
    assert not others
    assert not traps.fired()

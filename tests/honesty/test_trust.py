"""Nothing in the scanned tree is executed, and nothing in it changes the gate unless named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.reporters.json_report import load_report
from tests.scanning import write
from tests.unit.text.repositories import git, repository

OPEN = b"""resource "aws_security_group" "open" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
WEAKER = """
    version: 1
    profile: advise
    exclude:
      - {path: "*", reason: nothing to see}
    """
STEERING: dict[str, str | bytes] = {
    "main.tf": OPEN,
    "policyscan.yaml": WEAKER,
    ".policyscan.yaml": WEAKER,
    "policyscan.yml": WEAKER,
    ".checkov.yaml": "soft-fail: true\n",
    ".trivyignore": "*\n",
    ".semgrepignore": "*\n",
    ".hadolint.yaml": "ignored: [DL3002]\n",
    "policies/profiles/ci.yaml": "version: 1\nname: ci\n",
    "policies/network/world-open-admin-port.yaml": "id: PS-NET-004\n",
    "controls.yaml": "version: 1\nextends: none\n",
    "keys.yaml": "version: 1\nkeys: []\n",
    "pyproject.toml": "[tool.policyscan]\nprofile = 'advise'\n",
    "setup.cfg": "[policyscan]\nprofile = advise\n",
    ".env": "POLICYSCAN_PROFILE=advise\n",
}
MODULES = (
    "yaml",
    "jinja2",
    "pydantic",
    "tree_sitter",
    "re",
    "policyscan",
    "sitecustomize",
    "conftest",
)


@pytest.fixture(autouse=True)
def no_pull_request(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_EVENT_NAME", "CI", "CI_MERGE_REQUEST_IID"):
        monkeypatch.delenv(name, raising=False)


def test_configuration_in_the_tree_changes_nothing_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "tree", STEERING)
    monkeypatch.chdir(tmp_path)
    assert main(["scan", "tree", "-o", "json=r.json"]) == 1
    report = load_report((tmp_path / "r.json").read_bytes())
    assert report.run.configuration == "none"
    assert report.profile.name == "ci"
    assert report.coverage.excluded == ()
    shipped = {policy.id: policy.path for policy in report.policies}
    assert "tree" not in shipped["PS-NET-004"]


def test_comments_waive_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    comments = b"# policyscan:ignore PS-NET-004\n#checkov:skip=ALL\n#tfsec:ignore:*\n# nosemgrep\n"
    write(tmp_path, {"tree/main.tf": comments + OPEN.replace(b"{\n", b"{ # nosec\n")})
    monkeypatch.chdir(tmp_path)
    assert main(["scan", "tree", "-o", "json=r.json"]) == 1


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--config", "policyscan.yaml"],
        ["--policies", "policies"],
        ["--profile", "./gate.yaml"],
    ],
)
@pytest.mark.parametrize(
    "environment",
    [
        {"GITHUB_EVENT_NAME": "pull_request"},
        {"GITHUB_EVENT_NAME": "pull_request_target"},
        {"CI_MERGE_REQUEST_IID": "7"},
    ],
)
def test_a_pull_request_cannot_bring_its_own_gate(
    options: list[str],
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    gate = "version: 1\nname: g\nfindings: [{blocks: false, because: x}]\n"
    gate += "gaps: [{blocks: false, because: x}]\n"
    files = {**STEERING, "gate.yaml": gate}
    del files["policyscan.yml"], files[".policyscan.yaml"]
    if options:
        del files["policyscan.yaml"]
        files["policyscan.yaml" if "policyscan.yaml" in options else "x"] = "version: 1\n"
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["scan", ".", *options]) == 2
    assert "pull request" in capsys.readouterr().err


def test_modules_and_settings_in_the_tree_are_not_imported(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    code = f"open({str(canary)!r}, 'w').close()\n"
    files = {f"{name}.py": code for name in MODULES} | {"x.pth": f"import os; {code}"}
    write(tmp_path / "tree", {"main.tf": OPEN, **files})
    program = Path(sys.executable).parent / "policyscan"
    done = subprocess.run(
        [str(program), "scan", ".", "-o", f"html={tmp_path / 'r.html'}"],
        cwd=tmp_path / "tree",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert not canary.exists()


def test_git_runs_nothing_that_the_tree_configures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = tmp_path / "canary"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {canary}\n")
    trap.chmod(0o755)
    attributes = b"* filter=f diff=d merge=m\n"
    root = repository(tmp_path / "tree", {"main.tf": OPEN, ".gitattributes": attributes})
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external",
        "filter.f.clean", "filter.f.smudge", "filter.f.process", "diff.d.textconv",
        "alias.ls-files", "credential.helper", "gpg.program",
    ):  # fmt: skip
        git(root, "config", key, str(trap))
    hooks = root / ".git" / "hooks"
    for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-auto-gc"):
        write(hooks, {hook: trap.read_bytes()})
        (hooks / hook).chmod(0o755)
    bare = b"[core]\nrepositoryformatversion = 0\nbare = false\nworktree = ..\n"
    write(
        root / "sub",
        {
            "HEAD": b"ref: refs/heads/main\n",
            "config": bare + b"fsmonitor = touch %s\n" % os.fsencode(canary),
            "objects/x": b"",
            "refs/x": b"",
            "main.tf": OPEN,
        },
    )
    write(root, {"main.tf": OPEN + b"# changed\n"})
    monkeypatch.chdir(tmp_path)
    assert main(["scan", "tree"]) == 1
    assert main(["scan", "tree/sub"]) == 1
    monkeypatch.chdir(root / "sub")
    assert main(["scan", "."]) == 1
    monkeypatch.chdir(root)
    assert main(["scan", ".", "--ref", "HEAD"]) == 1
    assert not canary.exists()


@pytest.mark.parametrize("where", ["out", "out/r.json"])
def test_a_report_is_not_written_through_a_link_of_the_tree(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = write(tmp_path, {"precious/r.json": "precious"}) / "precious"
    tree = write(tmp_path / "tree", {"main.tf": OPEN})
    if "/" in where:
        (tree / "out").mkdir()
    (tree / where).symlink_to(precious / "r.json" if "/" in where else precious)
    monkeypatch.chdir(tree)
    assert main(["scan", ".", "-o", "json=out/r.json"]) == 2
    assert (precious / "r.json").read_text() == "precious"

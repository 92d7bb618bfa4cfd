"""A repository with a gate of its own, and what a pull request may try on it."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import msgspec

from policyscan.cli import main
from tests.scanning import write
from tests.unit.text.repositories import git

SSH = """
resource "aws_security_group" "bastion" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["%s"]
  }
}
"""
DATABASE = """
resource "aws_security_group" "database" {
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
TODAY = datetime.now(UTC).date()
BEFORE, SOON = str(TODAY - timedelta(days=30)), str(TODAY + timedelta(days=200))
COMMENT = f"# policyscan: waive PS-NET-004 until {SOON} because it moves next quarter\n"
JUMP = SSH.replace("bastion", "jump").replace("22", "3389").lstrip() % "0.0.0.0/0"
"""A group that fails, with a waiver above it on the trusted side."""
POLICY = """
id: DESK-NET-001
version: 1
slug: group-without-description
title: Groups say what they are for
severity: high
plane: change
resource: SecurityGroup
require: has(resource.description)
message: "{address} does not say what it is for"
why: A group that nobody can explain is never closed.
fix: Write a description.
control: CTL-SG
criteria: ["SOC2:CC6.6"]
guide: [Network Isolation Requirements]
tests:
  - name: none
    files: {main.tf: 'resource "aws_security_group" "a" {}'}
    expect: {aws_security_group.a: fail}
"""
PROFILE = """
version: 1
name: desk
findings:
  - {when: {verdict: [unknown]}, blocks: false, because: shown}
  - {when: {change: [unchanged, better]}, blocks: false, because: it was there before}
  - {when: {severity: [low]}, blocks: false, because: only more than low blocks}
  - {when: {plane: [account, organisation]}, blocks: false, because: not this change}
  - {when: {severity: [medium]}, blocks: false, because: not here}
  - {blocks: true, because: the desk says so}
gaps:
  - {when: {change: [unchanged, better]}, blocks: false, because: it was there before}
  - {blocks: true, because: it may hide a failure}
"""
CONFIGURATION = """
version: 1
project: desk
controls: controls.yaml
parameters:
  PS-NET-004:
    ports: ["22", "3389", "5432"]
"""
WAIVER = """
  - id: {id}
    policy: PS-NET-004
    address: aws_security_group.{group}
    reason: it goes next quarter
    owner: ana
    approver: {approver}
    since: "{since}"
    expires: "{expires}"
    accepts:
      ingress:
        at most: [{{cidrs: ["{cidr}"], from_port: {port}, to_port: {port}, protocol: tcp}}]
"""


def waiver(group: str, port: int, **changes: str) -> str:
    """One that accepts a port from everywhere, and holds unless it is changed."""
    values = {"approver": "bo", "since": BEFORE, "expires": SOON, "cidr": "0.0.0.0/0"} | changes
    return WAIVER.format(id=f"WVR-{port}", group=group, port=port, **values)


EXPIRED = waiver("bastion", 22, since="2026-01-01", expires="2026-02-01")
NARROW = waiver("database", 5432, cidr="203.0.113.0/24")
WAIVERS = f"version: 1\nwaivers:{EXPIRED}{NARROW}"
BASELINE = """\
{"policyscan_baseline": 1, "commit": "", "date": "2026-01-01T00:00:00Z", "failures": [], "gaps": []}
"""
PINS = "policyscan==0.1.0 \\\n  --hash=sha256:aa\n"
WORKFLOW = """
on: pull_request
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - run: policyscan scan . --policies rules --profile gate.yaml --trust origin/main
"""
BASE: dict[str, str | bytes] = {
    "infra/main.tf": SSH % "10.0.0.0/8",
    "infra/jump.tf": COMMENT + JUMP,
    "infra/old.tf": SSH.replace("bastion", "old") % "0.0.0.0/0",
    "rules/network/description.yaml": POLICY,
    "gate.yaml": PROFILE,
    "policyscan.yaml": CONFIGURATION,
    "controls.yaml": "version: 1\nextends: draft\n",
    "waivers.yaml": WAIVERS,
    "policyscan-baseline.json": BASELINE,
    ".github/workflows/gate.yml": WORKFLOW,
    "requirements.txt": PINS,
    ".github/CODEOWNERS": "/policyscan.yaml @desk/security\n",
    ".gitignore": "*.log\n",
    ".gitattributes": "*.png binary\n",
}
VIOLATION: dict[str, str | bytes] = {
    "infra/main.tf": SSH % "0.0.0.0/0",
    "infra/database.tf": DATABASE,
}
"""What the request is about: SSH for everybody, and a database. Without tampering it is blocked."""
WEAK_CONFIGURATION = """
version: 1
profile: advise
exclude: [{path: "*", reason: generated}]
"""
WEAK_PROFILE = """
version: 1
name: desk
findings: [{blocks: false, because: x}]
gaps: [{blocks: false, because: x}]
"""
RULES = ("--policies", "rules", "--profile", "./gate.yaml")
TRUSTED = ("--trust", "origin/main")
WITH_BASE = ("--base", "origin/main")
WITH_BASELINE = ("--baseline", "policyscan-baseline.json")


def commit(root: Path, message: str = "x") -> str:
    """Commits everything; gives the id."""
    git(root, "add", "-A", "-f", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", message)
    return git(root, "rev-parse", "HEAD").decode().strip()


def upstream(root: Path) -> Path:
    """The repository with its branch `main`, as a clone for CI has it."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    write(root, BASE)
    commit(root, "base")
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(root, "checkout", "-q", "-b", "pr")
    write(root, VIOLATION)
    return root


def link(path: Path, target: str) -> None:
    """A symbolic link in the place of whatever is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def submodule(root: Path, path: str) -> None:
    """A submodule in the place of whatever is there; its repository has a branch of the same name,
    with nothing in it that anybody would complain of."""
    place = root / path
    shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    git(root, "rm", "-r", "-q", "--cached", "--ignore-unmatch", path)
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    write(place, {"main.tf": SSH % "0.0.0.0/0", "network/description.yaml": ""})
    commit(place)
    git(place, "update-ref", "refs/remotes/origin/main", "HEAD")
    write(root, {".gitmodules": f'[submodule "x"]\npath = {path}\nurl = https://e.example/x\n'})


def planted_cache(root: Path, place: Path) -> None:
    """At `place`, what a run has kept of the policies, with every one of low severity."""
    scratch = root.parent / "learnt"
    kept_there = {"XDG_CACHE_HOME": str(scratch), "POLICYSCAN_CACHE": "on"}
    with chdir(root), mock.patch.dict(os.environ, kept_there):
        main(["scan", "infra", *RULES, *TRUSTED, "-q"])
    [kept] = (scratch / "policyscan").glob("policies-*")
    head, data = b"policyscan 1\n", kept.read_bytes()
    entries = msgspec.msgpack.decode(data[len(head) + 32 :], type=dict[bytes, bytes])
    low = msgspec.msgpack.encode("low")
    for word in ("medium", "high", "critical"):
        severity = msgspec.msgpack.encode(word)
        entries = {key: value.replace(severity, low) for key, value in entries.items()}
    payload = msgspec.msgpack.encode(entries)
    place.mkdir(parents=True)
    (place / kept.name).write_bytes(head + hashlib.sha256(payload).digest() + payload)


HOME: dict[str, str | bytes] = {
    ".gitconfig": "[core]\n\tfsmonitor = false\n\tworktree = /tmp\n",
    ".config/git/config": "[core]\n\tworktree = /tmp\n",
    ".config/git/ignore": "*\n",
    ".config/git/attributes": "* filter=x\n",
    ".semgrep/settings.yml": "rules: []\n",
    "tmp/.semgrepignore": "*\n",
    ".netrc": "machine e.example login x\n",
    "pyvenv.cfg": "home = /nowhere\n",
}
IN_HOME = {
    "HOME": "{root}", "TMPDIR": "{root}/tmp", "XDG_CONFIG_HOME": "{root}/.config",
    "XDG_CACHE_HOME": "{root}/.cache", "SEMGREP_SETTINGS_FILE": "{root}/.semgrep/settings.yml",
    "POLICYSCAN_CACHE": "on", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati",
}  # fmt: skip
GIT_VARIABLES = {
    "GIT_DIR": "{root}/infra", "GIT_WORK_TREE": "/tmp", "GIT_INDEX_FILE": "/dev/null",
    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.worktree", "GIT_CONFIG_VALUE_0": "/tmp",
    "GIT_OBJECT_DIRECTORY": "/tmp", "GIT_NAMESPACE": "x", "GIT_REPLACE_REF_BASE": "refs/x",
    "GIT_CEILING_DIRECTORIES": "{root}", "GIT_EXEC_PATH": "{root}", "GIT_ATTR_SOURCE": "HEAD",
    "GIT_DEFAULT_HASH": "sha256", "GIT_LITERAL_PATHSPECS": "1",
}  # fmt: skip


def settings_of_the_clone(root: Path) -> None:
    """Settings that git reads beside `.git/config`, lists of what it ignores, and a sparse work
    tree."""
    commit(root)
    git(root, "config", "extensions.worktreeConfig", "true")
    git(root, "config", "includeIf.gitdir:/.path", "more")
    sparse = "[core]\n\tworktree = /tmp\n\tsparseCheckout = true\n\tignoreCase = true\n"
    files = {"config.worktree": sparse, "more": sparse, "info/sparse-checkout": "/none/\n",
             "info/exclude": "*\n", "info/attributes": "* filter=x ident\n"}  # fmt: skip
    write(root / ".git", {name: text.encode() for name, text in files.items()})


def encoded(text: str) -> bytes:
    """As a checkout gives it with `working-tree-encoding=UTF-16`."""
    return text.encode("utf-16")

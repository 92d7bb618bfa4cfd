"""Hostile texts in all that commands are given and find: what they print steers no terminal and
gives no order to a CI system, on standard output and on standard error, whatever the command is."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from policyscan.cli import main
from policyscan.cli.parser import build_parser
from tests.honesty.test_hostile_formats import STEERING, obeyed
from tests.hostile_strings import HOSTILE
from tests.scanning import write
from tests.unit.cli.log_policies import PACK
from tests.unit.text.repositories import git, repository

STRINGS = [
    text
    for group in ("orders", "terminal", "unicode", "controls", "html", "shapes")
    for text in HOSTILE[group]
    if "\0" not in text and len(text) < 200 and not any("\ud800" <= c <= "\udfff" for c in text)
]
TURNS = range(8)
NAMES = ("GITHUB_ACTOR", "CI_PROJECT_URL", "BUILD_REQUESTEDFOR", "GITHUB_HEAD_REF", "GIT_URL")


class Hostile:
    """A working directory full of such texts, each turn with others in other places."""

    def __init__(self, folder: Path, turn: int) -> None:
        self.folder = folder
        start = turn * len(STRINGS) // len(TURNS)
        self._texts: Iterator[str] = islice(cycle(STRINGS), start, None)
        self.file = self.name(".tf")
        self.tree = repository(folder / "tree", {"a.tf": self.terraform().encode()})
        git(self.tree, "commit", "-qm", self.text(), "--allow-empty", "--author", "x\x1b[2J <a@b>")
        write(
            self.tree,
            {
                self.file: self.terraform(),
                f"{self.name()}/Dockerfile": "FROM x\nUSER root\nEVN\n",
                f"{self.name()}/keys.yaml": f"version: 1\nkeys: [{{owner: {quoted(self.text())}}}]",
            },
        )
        self.branch = "##\u202e\U000e0041]vso"  # git takes no `:` and no `[`
        git(self.tree, "branch", self.branch)
        write(folder, {"house/short-lived-logs.yaml": self.policy(), "bad/bad.yaml": self.bad()})

    def text(self) -> str:
        return next(self._texts)

    def name(self, suffix: str = "") -> str:
        return self.text().replace("/", "_").encode()[:200].decode("utf-8", "ignore") + suffix

    def terraform(self) -> str:
        values = [quoted(self.text()).replace("${", "$${").replace("%{", "%%{") for _ in range(6)]
        values = [v if "\\x" not in v else '"\\u001b[2J"' for v in values]  # HCL has no `\x`
        group, tag, key, secret, region, log = values
        return f"""
provider "aws" {{ region = {region} }}
resource "aws_security_group" "open" {{
  name = {group}
  tags = {{ {key} = {tag} }}
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0", {tag}]
    description = {log}
  }}
}}
resource "aws_cloudwatch_log_group" "x" {{
  name              = {log}
  retention_in_days = 30
}}
resource "aws_secretsmanager_secret" "exchange_api_key" {{ name = {secret} }}
resource "aws_x" {{
"""

    def policy(self) -> str:
        policy = yaml.safe_load(PACK)
        for field in ("title", "why", "fix"):
            policy[field] = self.text() + "."
        policy["message"] = "{address} {witness.value} " + self.text().replace("{", "(")
        policy["params"]["days"]["about"] = self.text()
        policy["tests"][0]["name"] = self.text()
        policy["tests"][0]["expect"]["aws_cloudwatch_log_group.bad"] = "pass"
        return block(policy)

    def bad(self) -> str:
        policy = yaml.safe_load(PACK)
        policy["require"] = f"resource.{self.text()} == {self.text()}"
        policy[self.text()] = self.text()
        return block(policy)


def quoted(text: str) -> str:
    """A string of YAML, and of HCL unless it has `\\x`."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isascii() and char.isprintable():
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(value: Any) -> str:
    """A value as YAML."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quoted(str(k))}: {flow(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def block(policy: dict[str, Any]) -> str:
    """A policy as its file."""
    tests = "".join(f"\n  - {flow(each)}" for each in policy.pop("tests"))
    lines = [f"{k if k.isalpha() else quoted(k)}: {flow(v)}\n" for k, v in policy.items()]
    return f"{''.join(lines)}tests:{tests}\n"


def calls(at: Hostile) -> list[list[str]]:
    """Command lines, all commands among them: what succeeds, and what has to complain."""
    house, tree = ["--policies", "house"], "tree"
    who = ["--owner", at.text(), "--approver", at.text() + "2", "--until", "2026-12-31"]
    group = "aws_security_group.open"
    return [
        ["scan", tree, *house, "-v", "-o", "json=r.json", "-o", "console"],
        ["scan", tree, "-q", "-o", f"json={at.name()}.json", "--category", at.text()],
        ["scan", tree, "--base", "HEAD", "-o", "json"],
        ["scan", tree, "--base", at.text()],
        ["scan", tree, "--base", at.branch, "-v"],
        ["scan", tree, "--trust", at.text()],
        ["scan", at.text()],
        ["scan", tree, "--select", at.text(), "--profile", at.text()],
        ["scan", tree, "-o", at.text()],
        [at.text()],
        ["scan", f"--{at.text()}"],
        ["audit"],
        ["audit", "--config", at.text()],
        ["explain", "DESK-LOG-001", tree, *house, "-v"],
        ["explain", "DESK-LOG-001", tree, *house, "--format", "json"],
        ["explain", "PS-NET-004", "--report", "r.json"],
        ["explain", "abcd", tree],
        ["explain", at.text(), tree],
        ["diff", "HEAD", tree],
        ["diff", at.text(), at.text(), tree],
        ["baseline", "write", f"{at.name()}.json", tree],
        ["scan", tree, "--baseline", at.text()],
        ["waive", "PS-NET-004", group, "--path", tree, "--reason", at.text(), *who],
        ["waive", "PS-NET-004", "*", "--path", tree, "--reason", at.text(), *who],
        ["waive", at.text(), at.text(), "--path", tree, "--reason", at.text(), *who],
        ["init", tree, "--dry-run"],
        ["init", tree],
        ["policy", "list", *house],
        ["policy", "list", "--format", "json", *house],
        ["policy", "list", "--family", at.text()],
        ["policy", "show", "DESK-LOG-001", *house],
        ["policy", "show", "DESK-LOG-001", "--format", "json", *house],
        ["policy", "show", at.text()],
        ["policy", "test", "house"],
        ["policy", "test", "house", "--mutate"],
        ["policy", "test", "bad"],
        ["policy", "lint", "house"],
        ["policy", "lint", "bad"],
        ["policy", "lint", "bad", "--format", "json"],
        ["policy", "docs", "--out", "docs", *house],
        ["policy", "docs", "--out", "docs", *house, "--check"],
        [
            "policy",
            "new",
            "said",
            "--kind",
            "Secret",
            "--policies",
            at.name(),
            "--title",
            at.text(),
        ],
        ["policy", "new", at.text(), "--kind", at.text()],
        ["policy", "kinds", at.text()],
        ["policy", "kinds", "Secret"],
        ["collectors", "list"],
        ["collectors", "doctor", at.text()],
        ["collectors", "permissions", at.text()],
        ["report", "render", "r.json", "-o", "markdown"],
        ["report", "render", at.text()],
    ]


def commands() -> set[tuple[str, ...]]:
    """Every command of the grammar."""

    def below(parser: argparse.ArgumentParser, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not groups:
            yield path
        for group in groups:
            for name, each in group.choices.items():
                yield from below(each, (*path, name))

    return set(below(build_parser(), ()))


@pytest.fixture(params=TURNS)
def hostile(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Hostile:
    for name in ("GITHUB_EVENT_NAME", "CI", "CI_MERGE_REQUEST_IID", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    found = Hostile(work, request.param)
    for name in NAMES:
        monkeypatch.setenv(name, found.text())
    settings = {"version": 1, "project": found.text(), "targets": [{"path": "tree"}]}
    write(work, {"policyscan.yaml": flow(settings)})
    docs = write(work, {"docs/README.md": "x"}) / "docs"
    (docs / found.name(".md")).write_text(
        "<!-- Written by `policyscan policy docs`: change the policy, not this page. -->"
    )
    return found


def test_every_command_is_called(hostile: Hostile) -> None:
    called = [tuple(each) for each in calls(hostile)]
    assert not [one for one in commands() if not any(c[: len(one)] == one for c in called)]


def test_no_command_says_what_steers(
    hostile: Hostile, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    codes = set()
    for call in calls(hostile):
        codes.add(main(call))
        for stream in capfdbinary.readouterr():
            said = stream.decode()
            assert not STEERING.search(said), (call, STEERING.search(said))
            assert obeyed(said) == [], call
            assert "defect of policyscan" not in said, (call, said)
    assert codes <= {0, 1, 2, 3}


def test_what_is_written_for_people_to_review_is_seen(hostile: Hostile) -> None:
    for call in calls(hostile):
        if call[0] in ("waive", "init", "policy"):
            main(call)
    written = [Path(name) for name in ("waivers.yaml", "keys.yaml", "controls.yaml")]
    for path in filter(Path.exists, [*written, *Path("docs").glob("DESK*.md")]):
        text = path.read_text()
        assert not STEERING.search(text), path
        if path.suffix == ".yaml":
            assert yaml.safe_load(text)["version"] == 1
            awake = "".join(line.removeprefix("# ") for line in text.splitlines(keepends=True))
            yaml.safe_load(awake)
    assert Path("waivers.yaml").exists()

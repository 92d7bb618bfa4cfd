"""A run beside its base: what it says, that it says the same as two runs, and what it shows."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from policyscan import cli
from policyscan.config import Configuration
from policyscan.errors import UsageError
from policyscan.findings.model import Change, Verdict
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan
from tests.scanning import NOW, write
from tests.unit.text.repositories import git, repository

OPEN = """
resource "aws_security_group" "{name}" {{
  name = "{name}"
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["{cidr}"]
  }}
}}
"""


def group(name: str, cidr: str = "0.0.0.0/0") -> str:
    return OPEN.format(name=name, cidr=cidr)


def judge(root: Path, **options: object) -> Report:
    request = ScanRequest(
        path=root,
        configuration=Configuration(),
        profile=load_profile("ci", root),
        **options,  # type: ignore[arg-type]
    )
    return scan(request, now=NOW)


def commit(root: Path, files: dict[str, str | bytes], *removed: str) -> None:
    write(root, files)
    if removed:
        git(root, "rm", "-q", *removed)
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "more")


def failures(report: Report) -> dict[str, Change | None]:
    """Of SSH from anywhere: what became of it, by address."""
    return {
        finding.resource.address: finding.change
        for finding in report.of(Verdict.FAIL)
        if finding.policy_id == "PS-NET-004"
    }


def blocking(report: Report) -> set[str]:
    return {finding.resource.address for finding in report.findings if finding.blocking}


ESTATE: dict[str, str | bytes] = {
    "main.tf": group("old"),
    "more/main.tf": group("more"),
    "bot/requirements.txt": "ccxt==4.0\n",
    "bot/bot.py": "import ccxt\nclient = ccxt.binance()\n",
    "Dockerfile": "FROM python:3.12\nCOPY . /app\n",
    "README.md": "hello",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(repository(tmp_path, {"start": b""}), {}) and committed(tmp_path)


def committed(root: Path) -> Path:
    commit(root, ESTATE)
    return root


def test_only_what_is_new_blocks(root: Path) -> None:
    commit(root, {"new.tf": group("new")})
    report = judge(root, base="HEAD~1")
    assert failures(report) == {
        "aws_security_group.new": Change.NEW,
        "aws_security_group.old": Change.UNCHANGED,
        "aws_security_group.more": Change.UNCHANGED,
    }
    assert blocking(report) == {"aws_security_group.new"}
    assert report.difference is not None
    assert report.difference.name == "HEAD~1"
    assert report.difference.commit == git(root, "rev-parse", "HEAD~1").decode().strip()
    assert report.difference.why == "HEAD~1 itself, on which HEAD builds"
    assert report.difference.touched == ("new.tf",)


def test_what_others_did_on_the_branch_since_is_not_the_change(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"mine.tf": "# mine\n"})
    git(root, "checkout", "-q", "main")
    commit(root, {"main.tf": group("old", "10.0.0.0/8")})
    git(root, "checkout", "-q", "topic")
    report = judge(root, base="main")
    assert blocking(report) == set()
    assert failures(report)["aws_security_group.old"] is Change.UNCHANGED


CHANGES: dict[str, dict[str, str | bytes]] = {
    "nothing": {},
    "what nobody reads": {"README.md": "other"},
    "a file that nobody reads": {"NEW.md": "other"},
    "terraform": {"main.tf": group("old") + group("another")},
    "terraform, mended": {"main.tf": group("old", "10.0.0.0/8")},
    "terraform that does not parse": {"main.tf": "resource {"},
    "python": {"bot/bot.py": "import ccxt\nclient = ccxt.kraken()\nclient.verify = False\n"},
    "a manifest": {"bot/requirements.txt": "requests\n"},
    "a Dockerfile": {"Dockerfile": "FROM python:3.12\nUSER 10001\n"},
    "everything": {
        "main.tf": group("x"),
        "bot/bot.py": "import requests\n",
        "Dockerfile": "FROM scratch\n",
        "src/new.py": "import ccxt\n",
    },
}


@pytest.mark.parametrize("files", CHANGES.values(), ids=CHANGES)
def test_a_shared_run_says_what_two_runs_say(
    root: Path, files: dict[str, str | bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(root, files)
    shared = judge(root, base="HEAD~1")
    alone = judge(root)
    monkeypatch.setattr("policyscan.collecting.Memory.recall", lambda *_: None)
    monkeypatch.setattr("policyscan.evaluate.Earlier.finding", lambda *_: None)
    apart = judge(root, base="HEAD~1")
    assert shared.findings == apart.findings
    assert shared.gaps == apart.gaps
    assert shared.difference == apart.difference
    assert pairs(shared) == pairs(alone), "the base changes no verdict"
    earlier = judge(root, ref="HEAD~1")
    unchanged = judge(root, ref="HEAD~1", base="HEAD~1")
    assert {finding.change for finding in unchanged.findings} == {Change.UNCHANGED}
    assert shared.difference is not None
    kept = sum(finding.change is not Change.NEW for finding in shared.findings)
    assert kept + shared.difference.counts[Change.GONE] <= len(earlier.findings)


def pairs(report: Report) -> Counter[tuple[str, str, str]]:
    return Counter((f.policy_id, f.fingerprint, f.verdict) for f in report.findings)


def test_two_commits(root: Path) -> None:
    commit(root, {"new.tf": group("new")})
    write(root, {"not_committed.tf": group("loose")})
    report = judge(root, ref="HEAD", base="HEAD~1")
    assert blocking(report) == {"aws_security_group.new"}


def test_a_directory_that_is_new(root: Path) -> None:
    commit(root, {"infra/main.tf": group("infra")})
    report = judge(root / "infra", base="HEAD~1")
    assert failures(report) == {"aws_security_group.infra": Change.NEW}


def test_an_empty_base(tmp_path: Path) -> None:
    root = repository(tmp_path, {})
    commit(root, ESTATE)
    report = judge(root, base="HEAD~1")
    assert set(failures(report).values()) == {Change.NEW}


def test_modules_that_are_installed_are_no_change(root: Path) -> None:
    write(
        root,
        {
            ".terraform/modules/modules.json": json.dumps(
                {"Modules": [{"Key": "m", "Source": "x/y", "Dir": ".terraform/modules/m"}]}
            ),
            ".terraform/modules/m/main.tf": group("inner"),
        },
    )
    commit(root, {".gitignore": ".terraform\n", "call.tf": 'module "m" {\n  source = "x/y"\n}\n'})
    commit(root, {"README.md": "more"})
    report = judge(root, base="HEAD~1")
    assert failures(report)["module.m.aws_security_group.inner"] is Change.UNCHANGED
    assert blocking(report) == set()


def test_what_a_change_has_installed_was_not_there_before(root: Path) -> None:
    """Both sides see the modules that are installed now; one is the base's only if it asks for it
    in the same words."""
    manifest = {
        "Modules": [
            {
                "Key": "m",
                "Source": "registry.terraform.io/x/y/aws",
                "Version": "2.1.0",
                "Dir": ".terraform/modules/m",
            }
        ]
    }
    inner = {
        ".terraform/modules/modules.json": json.dumps(manifest),
        ".terraform/modules/m/main.tf": group("inner"),
    }
    call = 'module "m" {{\n  source  = "{}"\n  version = "{}"\n}}\n'
    commit(root, {".gitignore": ".terraform\n", "call.tf": call.format("x/z/aws", "~> 2.0")})
    commit(root, {"call.tf": call.format("x/y/aws", "~> 1.4")})
    commit(root, {"call.tf": call.format("x/y/aws", "~> 2.0")})
    commit(root, {"call.tf": call.format("x/y/aws", ">= 2.1, < 3")})
    write(root, inner)
    for base, change in (
        ("HEAD~1", Change.UNCHANGED),
        ("HEAD~2", Change.NEW),
        ("HEAD~3", Change.NEW),
    ):
        report = judge(root, base=base)
        assert failures(report)["module.m.aws_security_group.inner"] is change, base


def test_files_that_are_not_committed_are_judged_as_new(root: Path) -> None:
    write(root, {"loose.tf": group("loose")})
    assert failures(judge(root, base="HEAD"))["aws_security_group.loose"] is Change.NEW


def test_a_commit_that_is_not_here(root: Path) -> None:
    with pytest.raises(UsageError, match="there is no commit origin/main"):
        judge(root, base="origin/main")


# -- what is staged ----------------------------------------------------------------------------


def test_what_is_staged_is_judged_and_nothing_else(root: Path) -> None:
    write(root, {"staged.tf": group("staged")})
    git(root, "add", "staged.tf")
    write(root, {"staged.tf": "# mended, and not staged\n", "loose.tf": group("loose")})
    report = judge(root, staged=True)
    assert failures(report)["aws_security_group.staged"] is Change.NEW
    assert blocking(report) == {"aws_security_group.staged"}
    assert "aws_security_group.loose" not in failures(report)
    assert report.difference is not None
    assert report.difference.name == "HEAD"


def test_what_is_staged_does_not_answer_for_what_was_there(root: Path) -> None:
    """Neither for what could not be read before, nor for what has another place now."""
    broken = "version: 1\nkeys: !x\n"
    committed(root)
    commit(root, {"keys.yaml": broken, "old/open.tf": group("old")})
    write(root, {"new.tf": group("new"), "elsewhere/open.tf": group("old")})
    (root / "old" / "open.tf").unlink()
    git(root, "add", "-A")
    report = judge(root, staged=True)
    assert {gap.change for gap in report.gaps} == {Change.UNCHANGED}
    assert {one.resource.address for one in report.findings if one.blocking} == {
        "aws_security_group.new"
    }


def test_what_is_staged_may_be_moved(root: Path) -> None:
    commit(root, {"a/main.tf": group("moved"), "broken/main.tf": "resource {"})
    git(root, "mv", "a", "b")
    report = judge(root, staged=True)
    assert failures(report)["aws_security_group.moved"] is Change.UNCHANGED
    assert [gap.change for gap in report.gaps] == [Change.UNCHANGED]
    assert blocking(report) == set()


def test_the_first_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"a.tf": group("a")})
    git(tmp_path, "add", "a.tf")
    report = judge(tmp_path, staged=True)
    assert blocking(report) == {"aws_security_group.a"}
    assert report.difference is not None
    assert report.difference.why == "nothing is committed here"


@pytest.mark.parametrize("arguments", [("-a",), ("new.tf", "main.tf")])
def test_a_hook_judges_what_is_about_to_be_committed(root: Path, arguments: tuple[str]) -> None:
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    python = Path(os.sys.executable)  # type: ignore[attr-defined]
    hook.write_text(f"#!/bin/sh\nexec {python} -P -m policyscan scan --staged --changed\n")
    hook.chmod(0o755)
    write(root, {"new.tf": "# nothing yet\n"})
    git(root, "add", "-N", "new.tf")
    write(root, {"new.tf": group("new")})
    with pytest.raises(subprocess.CalledProcessError) as refused:
        git(root, "commit", "-q", "-m", "x", *arguments)
    assert b"aws_security_group.new" in refused.value.stdout + refused.value.stderr
    write(root, {"new.tf": group("new", "10.0.0.0/8")})
    git(root, "commit", "-q", "-m", "x", *arguments)


# -- what is shown -----------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.main(["scan", *arguments])
    return code, capsys.readouterr().out


def test_what_the_change_does_not_touch_is_judged_and_not_shown(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    commit(root, {"new.tf": group("new"), "more/main.tf": group("more") + "# touched\n"})
    out = tmp_path_factory.mktemp("out")
    reports = []
    for extra in ((), ("--changed",)):
        arguments = (str(root), "-v", "--base", "HEAD~1", *extra)
        file = out / f"{len(extra)}.json"
        code, shown = run(capsys, *arguments, "-o", "console", "-o", f"json={file}")
        data = json.loads(file.read_bytes())
        reports.append((code, data["summary"], data["findings"], data["gaps"]))
    assert reports[0] == reports[1]
    assert "aws_security_group.new" in shown
    assert "aws_security_group.more" in shown, "its file is touched"
    assert "aws_security_group.old" not in shown
    assert "that the change does not touch; all were judged" in shown


def test_changed_needs_something_to_compare_with(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["scan", str(root), "--changed"]) == 2
    assert "--changed needs something to compare with" in capsys.readouterr().err
    assert cli.main(["scan", str(root), "--staged", "--ref", "HEAD"]) == 2

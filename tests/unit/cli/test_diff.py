import json
from pathlib import Path

import pytest

from policyscan import cli
from tests.scanning import write
from tests.unit.text.repositories import git, repository

RULE = """
resource "aws_security_group" "{name}" {{
  name = "{name}"
  ingress {{
    from_port   = {port}
    to_port     = {port}
    protocol    = "tcp"
    cidr_blocks = ["{cidr}"]
  }}
}}
"""


def rule(name: str, cidr: str, port: int = 22) -> str:
    return RULE.format(name=name, cidr=cidr, port=port)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = repository(tmp_path, {})
    commit(
        root,
        {
            "infra/mended.tf": rule("mended", "0.0.0.0/0"),
            "infra/opened.tf": rule("opened", "10.0.0.0/8"),
            "infra/gone.tf": rule("gone", "0.0.0.0/0"),
            "infra/kept.tf": rule("kept", "0.0.0.0/0"),
        },
    )
    git(root, "rm", "-q", "infra/gone.tf")
    commit(
        root,
        {
            "infra/mended.tf": rule("mended", "10.0.0.0/8"),
            "infra/opened.tf": rule("opened", "0.0.0.0/0"),
            "infra/new.tf": rule("new", "0.0.0.0/0", 3389),
            "infra/other/unread.tf": "resource {",
        },
    )
    monkeypatch.chdir(root)
    return root


def commit(root: Path, files: dict[str, str | bytes]) -> None:
    write(root, files)
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "-m", "more")


def diff(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, str]]:
    """The exit code, and what stands under each title."""
    code = cli.main(["diff", *arguments])
    sections: dict[str, str] = {}
    for block in capsys.readouterr().out.split("\n\n"):
        title, _, text = block.partition("\n")
        sections[title.partition(":")[0]] = text
    return code, sections


@pytest.mark.parametrize("arguments", [("HEAD~1", "HEAD"), ("HEAD~1",), ("HEAD~1", "infra")])
def test_what_became_of_each(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, told = diff(capsys, *arguments)
    assert code == 0
    prefix = "" if "infra" in arguments else "infra/"
    assert f"{prefix}new.tf" in told["fails now"]
    assert f"{prefix}opened.tf" in told["got worse"]
    assert "it passed" in told["got worse"]
    assert f"{prefix}mended.tf" in told["got better"]
    assert f"{prefix}gone.tf" in told["gone"]
    assert "unread.tf" in told["not seen"]
    assert not any("kept" in text for text in told.values())


def test_the_exit_code_if_asked_for(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(capsys, "HEAD~1", "--exit-code")[0] == 1
    assert diff(capsys, "HEAD", "--exit-code")[0] == 0
    write(
        root, {"infra/other/unread.tf": "# mended\n", "infra/kept.tf": rule("kept", "10.0.0.0/8")}
    )
    assert diff(capsys, "HEAD", "--exit-code")[0] == 0
    assert diff(capsys, "no-such-commit")[0] == 2


def test_a_file_that_does_not_parse_any_more_is_told(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, {"infra/kept.tf": "resource {"})
    code, told = diff(capsys, "HEAD", "--exit-code")
    assert code == 1
    assert "infra/kept.tf" in told["not seen"]


def test_two_commits_are_compared_as_they_are_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(root, "checkout", "-q", "-b", "topic", "HEAD~1")
    commit(root, {"infra/topic.tf": "# nothing\n"})
    _, told = diff(capsys, "main", "topic")
    assert "mended" in told["got worse"], "as main has it mended"


def test_nothing_changed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = diff(capsys, "HEAD", "--exit-code")
    assert code == 0
    assert "nothing that is judged became better or worse" in told


def test_reports_are_whole(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["diff", "HEAD~1", "-o", "json=-"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["difference"]["name"] == "HEAD~1"
    assert {"new", "worse", "unchanged", "better"} <= {
        finding["change"] for finding in report["findings"]
    }

"""A defect or an interrupt costs what it hit and nothing else, and is never read as clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policyscan.cli import main
from policyscan.collectors.dockerfile import DockerfileCollector
from policyscan.collectors.terraform import TerraformCollector
from policyscan.evaluate import Evaluation
from policyscan.language import Program
from policyscan.reporters.json_report import load_report
from policyscan.reporters.junit import JunitReporter
from policyscan.text.tree import DirectoryTree
from tests.every_format import assert_told_everywhere
from tests.scanning import scan_files, verdicts, write

FILES: dict[str, str | bytes] = {
    "main.tf": """
        resource "aws_security_group" "open" {
          ingress {
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = ["0.0.0.0/0"]
          }
        }
        """,
    "Dockerfile": "FROM debian:12\nUSER root\n",
}
SECRET = "hunter2-in-the-message"


@pytest.mark.parametrize("error", [ValueError, RecursionError, MemoryError, AssertionError])
def test_a_collector_that_crashes(
    error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> Iterator[Any]:
        raise error(SECRET)
        yield

    monkeypatch.setattr(DockerfileCollector, "read", crash)
    report = scan_files(tmp_path, FILES)
    [gap] = [gap for gap in report.gaps if gap.reason.value == "crashed"]
    assert (gap.subject, gap.blocking, gap.hides) == ("dockerfile", True, ("DockerfileStage",))
    assert verdicts(report, "PS-NET-004") == {"aws_security_group.open": "fail"}
    assert not report.summary.complete
    assert all(SECRET.encode() not in data for data in assert_told_everywhere(report).values())


def test_a_collector_that_crashes_before_it_says_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose `read` is no generator, or returns nothing that can be gone through."""

    def crash(*_: Any) -> Iterator[Any]:
        raise ValueError(SECRET)

    for broken in (crash, lambda *_: None):
        monkeypatch.setattr(DockerfileCollector, "read", broken)
        report = scan_files(tmp_path, FILES)
        [gap] = [gap for gap in report.gaps if gap.reason.value == "crashed"]
        assert (gap.subject, gap.blocking) == ("dockerfile", True)
        assert verdicts(report, "PS-NET-004") == {"aws_security_group.open": "fail"}
        assert SECRET not in gap.message


def test_a_collector_that_crashes_half_way_keeps_what_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = TerraformCollector.read

    def crash(*arguments: Any) -> Iterator[Any]:
        for item in read(*arguments):
            yield item
            if hasattr(item, "address"):
                raise KeyError(SECRET)

    monkeypatch.setattr(TerraformCollector, "read", crash)
    report = scan_files(tmp_path, {"main.tf": FILES["main.tf"]})
    assert verdicts(report, "PS-NET-004") == {"aws_security_group.open": "fail"}
    assert "crashed" in {gap.reason.value for gap in report.gaps}
    assert report.summary.exit_code == 1
    assert_told_everywhere(report)


def test_a_policy_that_crashes_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Program.run

    def crash(program: Program, **names: Any) -> Any:
        if names.get("resource") is not None and names["resource"].kind == "SecurityGroup":
            raise ZeroDivisionError(SECRET)
        return run(program, **names)

    monkeypatch.setattr(Program, "run", crash)
    report = scan_files(tmp_path, FILES)
    assert set(verdicts(report, "PS-NET-004").values()) == {"unknown"}
    assert verdicts(report, "PS-IMG-001") == {"Dockerfile#stage-1": "fail"}
    assert {gap.subject for gap in report.gaps} >= {"PS-NET-004"}
    only_groups = scan_files(tmp_path, select=("PS-NET-004",))
    assert only_groups.summary.exit_code == 3
    assert all(SECRET.encode() not in data for data in assert_told_everywhere(report).values())


def scan_with_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    write(tmp_path / "tree", FILES)
    monkeypatch.chdir(tmp_path)
    return main(["scan", "tree", "-o", "json=r.json", "-o", "junit=r.xml", "-o", "html=r.html"])


def test_a_reporter_that_crashes_leaves_no_report_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.json").write_text("earlier")

    def crash(*_: Any) -> bytes:
        raise TypeError(SECRET)

    monkeypatch.setattr(JunitReporter, "render", crash)
    assert scan_with_reports(tmp_path, monkeypatch) == 4
    left = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert "r.xml" not in left
    assert not any(name.endswith(".tmp") for name in left)
    if (text := (tmp_path / "r.json").read_text()) != "earlier":
        load_report(text.encode())
    assert SECRET not in capsys.readouterr().err


def interrupt(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (TerraformCollector, "read"),
        (DockerfileCollector, "read"),
        (DirectoryTree, "read"),
        (Evaluation, "judge"),
        (Program, "run"),
    ],
)
def test_an_interrupted_run_writes_what_it_has_and_says_so(
    owner: type, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, interrupt)
    assert scan_with_reports(tmp_path, monkeypatch) == 130
    report = load_report((tmp_path / "r.json").read_bytes())
    assert report.run.interrupted
    assert not report.summary.complete
    assert report.summary.exit_code != 0
    assert "truncated" in {gap.reason.value for gap in report.gaps}
    assert report.summary.outcome.startswith("interrupted")
    assert_told_everywhere(report)

"""Baselines: written, read, and what a run is compared with by them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.errors import FileError
from policyscan.findings.model import Change, Verdict
from policyscan.gate.baseline import load, written
from policyscan.plugins import load_reporter
from tests.scanning import write
from tests.unit.gate.changes import RDP, SSH, failures, group, report_of

POLICY = "PS-NET-004"
SECRET = "k9Qz7Lw2Xv4Tn8RbMm3Pc6Yd"
FILES: dict[str, str | bytes] = {
    "main.tf": group("bot", SSH) + group("gate", RDP),
    "Dockerfile": f"FROM python:3.12-slim\nENV API_TOKEN={SECRET}\n",
    "b.tf": 'resource "aws_security_group" "broken" {\n',
}


def baseline_of(tmp_path: Path) -> bytes:
    return written(report_of(tmp_path / "base" / "tree", FILES))


def test_what_was_there_is_unchanged(tmp_path: Path) -> None:
    before = load("b.json", baseline_of(tmp_path))
    report = report_of(tmp_path / "new" / "tree", FILES, before)

    changes = {finding.change for finding in report.of(Verdict.FAIL)}
    assert changes == {Change.UNCHANGED}
    assert [gap.change for gap in report.gaps] == [Change.UNCHANGED]
    assert report.summary.exit_code == 0
    assert report.difference is not None
    assert (report.difference.name, report.difference.gone) == ("b.json", ())


def test_every_report_says_which_bytes_were_in_force(tmp_path: Path) -> None:
    data = baseline_of(tmp_path)
    report = report_of(tmp_path / "new" / "tree", FILES, load("b.json", data))

    digest = hashlib.sha256(data).hexdigest()
    assert report.run.baseline_digest == digest
    for name in ("html", "json", "junit", "sarif", "sarif-full"):
        assert digest in load_reporter(name, {}).render(report).decode(), name


def test_what_comes_on_top_blocks_and_what_is_stale_is_told(tmp_path: Path) -> None:
    before = load("b.json", baseline_of(tmp_path))
    files = {**FILES, "main.tf": group("bot", SSH, RDP) + group("new", SSH)}
    report = report_of(tmp_path / "new" / "tree", files, before)

    assert failures(report, POLICY) == {
        ".:aws_security_group.bot": Change.WORSE,
        ".:aws_security_group.new": Change.NEW,
    }
    assert report.summary.exit_code == 1
    assert report.difference is not None
    assert [gone.address for gone in report.difference.gone] == ["aws_security_group.gate"]


def test_of_what_does_not_fail_a_baseline_says_nothing(tmp_path: Path) -> None:
    before = load("b.json", baseline_of(tmp_path))
    files = {**FILES, "more.tf": group("closed")}
    report = report_of(tmp_path / "new" / "tree", files, before)

    closed = [f for f in report.findings if f.resource.address == "aws_security_group.closed"]
    assert {finding.change for finding in closed} == {None}


def test_it_is_the_same_whatever_is_read_first_and_no_edit_moves_other_lines(
    tmp_path: Path,
) -> None:
    turned = {**FILES, "main.tf": "# x\n" + group("gate", RDP) + group("bot", SSH)}
    one = baseline_of(tmp_path)
    other = written(report_of(tmp_path / "turned" / "tree", dict(reversed(turned.items()))))
    less = written(report_of(tmp_path / "less" / "tree", {**FILES, "main.tf": group("bot", SSH)}))

    assert one == other
    kept = {line.rstrip(b",") for line in less.splitlines()}
    gone = [line for line in one.splitlines() if line.rstrip(b",") not in kept]
    assert gone == [line for line in one.splitlines() if b"aws_security_group.gate" in line]


def test_it_holds_no_secret(tmp_path: Path) -> None:
    data = baseline_of(tmp_path)

    assert SECRET.encode() not in data
    assert b"PS-IMG-005" in data


MISTAKES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda _: b"", "this is not JSON"),
    "half of it": (lambda data: data[: len(data) // 2], "this is not JSON"),
    "a list": (lambda _: b"[]", "no baseline"),
    "another version": (lambda d: d.replace(b'baseline": 1', b'baseline": 2'), "this reads 1"),
    "another key": (lambda d: d.replace(b'"kind"', b'"kin"', 1), "b.json:6: no baseline"),
    "no fingerprint": (lambda d: d.replace(b'"fingerprint"', b'"x"', 1), "b.json:6: no baseline"),
    "a number": (lambda d: d.replace(b'"policy": "', b'"policy": 1, "x": "', 1), "b.json:6"),
    "a severity": (lambda d: d.replace(b'"high"', b'"huge"', 1), "no baseline"),
    "bytes": (lambda d: d.replace(b"PS-", b"\xff\xfe", 1), "this is not JSON"),
    "depth": (lambda _: b"[" * 100_000, "no"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_place(mistake: str, tmp_path: Path) -> None:
    spoil, words = MISTAKES[mistake]

    with pytest.raises(FileError) as error:
        load("b.json", spoil(baseline_of(tmp_path)))

    assert words in str(error.value)
    assert "policyscan baseline write" in error.value.hint


def test_written_and_compared_with_by_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "tree", {"main.tf": group("bot", SSH)})
    monkeypatch.chdir(tmp_path)

    assert main(["baseline", "write", "b.json", "tree"]) == 0
    assert "wrote b.json: 1 failure and 0 gaps" in capsys.readouterr().out
    assert main(["scan", "tree"]) == 1
    assert main(["scan", "tree", "--baseline", "b.json"]) == 0
    assert "there before" in capsys.readouterr().out
    write(tmp_path, {"policyscan.yaml": "version: 1\nbaseline: b.json\n"})
    assert main(["scan", "tree"]) == 0
    write(tmp_path / "tree", {"main.tf": group("bot")})
    assert main(["scan", "tree"]) == 0
    assert "1 entry of the baseline that nothing here matches" in capsys.readouterr().out


def test_entries_of_policies_that_are_not_asked_are_not_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "tree", FILES)
    monkeypatch.chdir(tmp_path)
    main(["baseline", "write", "b.json", "tree"])
    capsys.readouterr()

    main(["scan", "tree", "--baseline", "b.json", "--select", "NET", "-o", "json"])

    assert json.loads(capsys.readouterr().out)["difference"]["gone"] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--baseline", "b.json", "--base", "HEAD"], "--base and --baseline"),
        (["--baseline", "missing.json"], "missing.json: No such file"),
        (["--baseline", "."], "Is a directory"),
    ],
)
def test_what_cannot_be_used_ends_the_run(
    options: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(write(tmp_path, {"main.tf": group("bot")}))

    assert main(["scan", *options]) == 2
    assert words in capsys.readouterr().err


def test_a_baseline_without_digests_still_knows_what_is_at_its_place(tmp_path: Path) -> None:
    document = json.loads(baseline_of(tmp_path))
    for entry in document["failures"]:
        del entry["digest"]
    report = report_of(
        tmp_path / "new" / "tree", FILES, load("b.json", json.dumps(document).encode())
    )

    assert {finding.change for finding in report.of(Verdict.FAIL)} == {Change.UNCHANGED}

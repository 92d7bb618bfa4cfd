from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from policyscan.cli.output import check_file, write_file
from policyscan.errors import PolicyscanError, UsageError


@pytest.fixture
def tree(quiet_environment: Path) -> Path:
    tree = quiet_environment / "tree"
    tree.mkdir()
    return tree


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_parents_are_made_and_what_was_there_is_replaced(tree: Path) -> None:
    target = check_file(Path("a/b/report.json"), tree)
    write_file(target, b"old")
    write_file(target, b"new")
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["report.json"]


def test_a_file_in_the_scanned_tree_is_fine(tree: Path) -> None:
    target = check_file(tree / "reports" / "r.json", tree)
    write_file(target, b"x")
    assert target.read_bytes() == b"x"


@pytest.mark.parametrize("link", ["report.json", "reports"])
def test_a_link_in_the_scanned_tree_is_refused(tree: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    target = outside if link == "reports" else outside / "victim"
    (tree / link).symlink_to(target)
    wanted = tree / link / "r.json" if link == "reports" else tree / link
    with pytest.raises(UsageError, match="symbolic link inside the scanned tree"):
        check_file(wanted, tree)
    assert names(outside) == []


def test_a_link_that_leads_nowhere_is_refused_as_well(tree: Path) -> None:
    (tree / "r.json").symlink_to("../nowhere")
    with pytest.raises(UsageError, match="symbolic link inside the scanned tree"):
        check_file(tree / "r.json", tree)


def test_a_link_that_is_reached_through_another_name_of_the_tree(tree: Path) -> None:
    (tree / "r.json").symlink_to("/tmp/x")
    alias = tree.parent / "alias"
    alias.symlink_to(tree)
    with pytest.raises(UsageError, match="symbolic link inside the scanned tree"):
        check_file(alias / "r.json", tree)


def test_a_link_of_ones_own_outside_of_the_tree_is_followed(tree: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tree.parent / "out").symlink_to(real)
    write_file(check_file(Path("out/r.json"), tree), b"x")
    assert (real / "r.json").read_bytes() == b"x"
    assert (tree.parent / "out").is_symlink()


def test_a_device_is_written_to_and_stays_one(tree: Path) -> None:
    write_file(check_file(Path("/dev/null"), tree), b"x")
    assert Path("/dev/null").is_char_device()


def test_a_pipe_is_written_to(tree: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_file(check_file(pipe, tree), b"x")
    reader.join(5)
    assert got == [b"x"]


def test_a_directory_that_cannot_be_made(tree: Path) -> None:
    (tree / "file").write_text("")
    with pytest.raises(UsageError):
        check_file(tree / "file" / "r.json", tree)


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tree: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    target = check_file(tree / "r.json", tree)
    write_file(target, b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(PolicyscanError, match="No space left on device") as caught:
        write_file(target, b"new")
    assert caught.value.exit_code == 4
    assert target.read_bytes() == b"old"
    assert names(tree) == ["r.json"]


def test_a_reader_that_goes_away_changes_nothing() -> None:
    code = (
        "import sys\n"
        "from policyscan.cli.output import write_stdout\n"
        "sys.stdin.readline()\n"
        "write_stdout(b'x' * 1_000_000)\n"
        "sys.exit(3)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert run.stdout and run.stdin and run.stderr
    run.stdout.close()
    run.stdin.write(b"\n")
    run.stdin.close()
    assert run.wait(10) == 3
    assert run.stderr.read() == b""
    run.stderr.close()


def test_progress_waits_a_second_and_only_speaks_to_a_terminal() -> None:
    from policyscan.cli.progress import Progress

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    now = iter([0.0, 0.5, 1.5])
    stream = Terminal()
    progress = Progress(stream, clock=lambda: next(now))
    progress("early")
    assert stream.getvalue() == ""
    progress("reading \x1b[2J")
    assert stream.getvalue() == "\r\x1b[Kreading \\x1b[2J"
    progress.clear()
    assert stream.getvalue().endswith("\r\x1b[K")
    pipe = io.StringIO()
    Progress(pipe, clock=lambda: 9.0)("reading")
    assert pipe.getvalue() == ""

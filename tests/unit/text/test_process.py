"""Processes are started with nothing inherited, and all of them end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policyscan.text import process
from policyscan.text.process import Command, Conversation, find_program, run

SHELL = "/bin/sh"


def shell(script: str, folder: Path, **environment: str) -> Command:
    return Command([SHELL, "-c", script], folder, environment)


def test_what_it_says_and_how_it_ends(tmp_path: Path) -> None:
    done = run(shell("echo out; echo err >&2; exit 3", tmp_path), timeout=10)
    assert (done.code, done.output, done.complaints) == (3, b"out\n", b"err\n")


def test_a_signal_is_a_negative_code(tmp_path: Path) -> None:
    done = run(shell("echo before; kill -SEGV $$", tmp_path), timeout=10)
    assert (done.code, done.output) == (-signal.SIGSEGV, b"before\n")


def test_nothing_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "of the caller")
    command = Command(["/usr/bin/env"], tmp_path, {"LC_ALL": "C"})
    assert run(command, timeout=10).output == b"LC_ALL=C\n"
    where = run(Command(["/bin/pwd"], tmp_path, {}), timeout=10).output
    assert where.decode().strip() == str(tmp_path.resolve())
    assert run(shell("cat", tmp_path, PATH="/bin:/usr/bin"), timeout=10).output == b""


def test_a_program_may_be_told_another_name(tmp_path: Path) -> None:
    command = Command(["other", "-c", "echo $0"], tmp_path, {}, executable=SHELL)
    assert run(command, timeout=10).output == b"other\n"


@pytest.mark.parametrize("program", ["sh", "./sh", "bin/sh", ""])
def test_only_absolute_paths_are_started(program: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not an absolute path"):
        run(Command([program], tmp_path, {}), timeout=10)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run(Command(["/nonexistent/program"], tmp_path, {}), timeout=10)


def test_what_takes_too_long_ends_with_all_that_it_started(tmp_path: Path) -> None:
    script = "sleep 60 & echo $! > inner; sleep 60"
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        run(shell(script, tmp_path, PATH="/bin:/usr/bin"), timeout=0.5)
    assert time.monotonic() - started < 10
    assert is_gone(tmp_path / "inner")


@pytest.mark.parametrize("streams", ["", ">/dev/null 2>&1"])
def test_what_it_leaves_behind_ends_too(streams: str, tmp_path: Path) -> None:
    """Also a child that keeps the streams open cannot make us wait for longer than was said."""
    script = f"sleep 60 {streams} & echo $! > inner; echo done"
    command = shell(script, tmp_path, PATH="/bin:/usr/bin")
    if streams:
        assert run(command, timeout=10).output == b"done\n"
    else:
        with pytest.raises(TimeoutError):
            run(command, timeout=0.5)
    assert is_gone(tmp_path / "inner")


def test_a_closed_stream_is_not_an_end(tmp_path: Path) -> None:
    command = shell("exec >&- 2>&-; sleep 60", tmp_path, PATH="/bin:/usr/bin")
    with pytest.raises(TimeoutError):
        run(command, timeout=0.5)


def test_without_waitid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "waitid")
    assert run(shell("echo out; exit 3", tmp_path), timeout=10).code == 3
    command = shell("exec >&- 2>&-; sleep 60", tmp_path, PATH="/bin:/usr/bin")
    with pytest.raises(TimeoutError):
        run(command, timeout=0.5)


def test_what_says_too_much_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="more than 1,000,000 bytes"):
        run(shell("yes", tmp_path, PATH="/bin:/usr/bin"), timeout=30, most=1_000_000)


def test_of_complaints_only_the_beginning_is_kept(tmp_path: Path) -> None:
    script = "echo first >&2; yes | head -c 3000000 >&2; echo out"
    done = run(shell(script, tmp_path, PATH="/bin:/usr/bin"), timeout=30)
    assert done.output == b"out\n"
    assert len(done.complaints) <= process.MOST_COMPLAINTS + process._CHUNK
    assert done.complaints.startswith(b"first\n")


def test_an_interrupt_ends_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from policyscan.text.process import *\n"
        "script = 'echo $$ > inner; sleep 60'\n"
        "run(Command(['/bin/sh', '-c', script], Path(sys.argv[1]), {'PATH': '/bin'}), timeout=60)"
    )
    caller = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE)
    while not (tmp_path / "inner").exists() or not (tmp_path / "inner").read_text():
        time.sleep(0.01)
    caller.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in caller.communicate(timeout=10)[1]
    assert is_gone(tmp_path / "inner")


def test_a_conversation(tmp_path: Path) -> None:
    talk = Conversation(Command(["/bin/cat"], tmp_path, {}))
    deadline = time.monotonic() + 10
    talk.ask(b"one\ntwo")
    assert talk.take_line(deadline) == b"one\n"
    assert talk.take(3, deadline) == b"two"
    with pytest.raises(TimeoutError):
        talk.take(1, time.monotonic() + 0.1)
    talk.close()


def test_a_conversation_that_ends_early(tmp_path: Path) -> None:
    talk = Conversation(shell("echo hello", tmp_path))
    deadline = time.monotonic() + 10
    assert talk.take_line(deadline) == b"hello\n"
    with pytest.raises(OSError, match="ended early"):
        talk.take_line(deadline)
    talk.close()


def test_a_program_of_the_current_directory_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (tmp_path, tmp_path / "bin"):
        folder.mkdir(exist_ok=True)
        (folder / "git").write_text("#!/bin/sh\n")
        (folder / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".:bin::/nonexistent")
    with pytest.raises(FileNotFoundError, match="git is not installed"):
        find_program("git")


def test_a_program_of_the_scanned_directory_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by an absolute entry of PATH, as tools that switch environments add them."""
    tree = tmp_path / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin" / "git").write_text("#!/bin/sh\n")
    (tree / "bin" / "git").chmod(0o755)
    (tmp_path / "alias").symlink_to(tree / "bin")
    monkeypatch.setenv("PATH", f"{tree}/bin:{tmp_path}/alias")
    assert find_program("git") == f"{tree}/bin/git"
    with pytest.raises(FileNotFoundError, match="git is not installed"):
        find_program("git", avoid=tree)
    assert process.search_path(tree) == ""


def is_gone(noted: Path) -> bool:
    """Whether the process whose number is noted there ends within a moment."""
    number = int(noted.read_text())
    for _ in range(200):
        try:
            state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False

"""Of runs that were killed, the workspaces are removed, and nothing else ever is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from policyscan.collectors.code.semgrep.leftovers import sweep
from policyscan.collectors.code.semgrep.workspace import Given, workspace

HELD = """
import sys, time
from policyscan.collectors.code.semgrep.workspace import Given, workspace
with workspace([Given("000001.py", b"x = 1")], []) as folder:
    print(folder, flush=True)
    time.sleep(60)
"""
DAY = 86_400


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


def old(folder: Path) -> Path:
    os.utime(folder, (time.time() - DAY,) * 2)
    return folder


def left(here: Path, name: str = "policyscan-abcd_123") -> Path:
    """What a killed run leaves."""
    folder = here / name
    for inner in ("files", "home", "programs", "temporary"):
        (folder / inner).mkdir(parents=True)
    (folder / "files" / "000001.py").write_text("KEY = 'x'\n")
    (folder / "rules.json").write_text("{}")
    folder.chmod(0o700)
    return old(folder)


def test_what_a_killed_run_leaves_is_removed_by_the_next(here: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HELD], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip())
        old(folder)
        sweep()
        assert (folder / "files" / "000001.py").exists()  # its process lives
        run.send_signal(signal.SIGKILL)
    assert folder.parent == here
    assert folder.exists()
    with workspace([Given("000001.py", b"x = 1")], []) as mine:
        assert [*here.iterdir()] == [mine]
    assert [*here.iterdir()] == []


def test_a_young_one_may_be_about_to_be_locked(here: Path) -> None:
    folder = left(here)
    os.utime(folder)
    sweep()
    assert folder.exists()


def another_name(folder: Path) -> Path:
    return folder.rename(folder.parent / "policyscan-main")


def another_mode(folder: Path) -> Path:
    folder.chmod(0o755)
    return folder


def another_file(folder: Path) -> Path:
    (folder / "main.tf").write_text("")
    return folder


def a_link(folder: Path) -> Path:
    moved = folder.rename(folder.parent / "mine")
    folder.symlink_to(moved)
    return folder


def a_file(folder: Path) -> Path:
    folder.rename(folder.parent / "mine")
    folder.write_text("")
    folder.chmod(0o700)
    return folder


@pytest.mark.parametrize("change", [another_name, another_mode, another_file, a_link, a_file])
def test_what_only_looks_like_one_is_left_alone(change: Callable[[Path], Path], here: Path) -> None:
    folder = change(left(here))
    if not folder.is_symlink():
        old(folder)
    sweep()
    assert os.path.lexists(folder)
    assert folder.is_file() or (folder / "files" / "000001.py").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_another_user_owns_is_left_alone(here: Path) -> None:
    folder = left(here)
    os.chown(folder, 12_345, -1)
    sweep()
    assert folder.exists()


def test_links_in_it_are_not_followed(here: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    folder = left(here)
    (folder / "files" / "link").symlink_to(outside)
    sweep()
    assert not folder.exists()
    assert (outside / "kept").exists()


def test_no_directory_for_temporary_files_is_no_error(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(here / "nowhere"))
    sweep()

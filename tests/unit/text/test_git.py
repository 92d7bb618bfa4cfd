import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from policyscan.errors import ReadError
from policyscan.text import git as hardened
from policyscan.text.git_tree import GitTree
from policyscan.text.tree import DirectoryTree
from tests.unit.text.repositories import ENVIRONMENT, git, repository, write


def test_blob_ids_are_those_of_git(tmp_path: Path) -> None:
    # The id of the empty blob is well known: `git hash-object /dev/null`.
    assert hardened.blob_sha1(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    write(tmp_path, {"f": b"some\x00bytes\r\n"})
    assert (
        hardened.blob_sha1(b"some\x00bytes\r\n")
        == git(tmp_path, "hash-object", "--no-filters", "f").decode().strip()
    )


def test_commit_and_its_blobs_tell_what_was_changed(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a/x": b"1", "a/y": b"2", "b": b"3"})
    write(root, {"a/y": b"changed", "a/z": b"new"})
    found = hardened.checkout_of(root / "a")
    assert found is not None
    assert found.commit == git(root, "rev-parse", "HEAD").decode().strip()
    assert found.prefix == hardened.prefix_of(root / "a") == "a/"
    tree = DirectoryTree(root / "a")
    changed = {
        path
        for path in tree.files()
        if found.blobs.get(path) != hardened.blob_sha1(tree.read(path).data)
    }
    assert changed == {"y", "z"}


def test_no_commit_outside_a_repository_and_before_the_first(tmp_path: Path) -> None:
    assert hardened.checkout_of(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert hardened.checkout_of(tmp_path) is None


def spring(directory: Path, canary: Path) -> None:
    """Show that the trap works for a git that is not hardened."""
    subprocess.run(
        ["git", "status"], cwd=directory, env=ENVIRONMENT, capture_output=True, check=False
    )
    canary.unlink()


def test_nothing_that_a_repository_configures_is_executed(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {canary}\n")
    trap.chmod(0o755)
    root = repository(tmp_path / "root", {"a.tf": b"x", ".gitattributes": b"* filter=f diff=d\n"})
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external",
        "filter.f.clean", "filter.f.process", "diff.d.textconv", "alias.ls-files",
        "core.alternateRefsCommand", "credential.helper", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        git(root, "config", key, str(trap))
    hooks = root / "hooks"
    hooks.mkdir()
    git(root, "config", "core.hooksPath", str(hooks))
    for hook in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        (hooks / hook).write_bytes(trap.read_bytes())
        (hooks / hook).chmod(0o755)
    write(root, {"a.tf": b"changed"})
    spring(root, canary)

    tree = DirectoryTree(root)
    assert "a.tf" in tree.files()
    assert tree.excluded() == ()
    commit = GitTree(root, "HEAD")
    assert commit.read("a.tf").data == b"x"
    commit.close()
    assert hardened.checkout_of(root) is not None
    assert hardened.last_change(root, "HEAD", "a.tf", b"x") is not None
    assert not canary.exists()


def test_embedded_bare_repository_is_only_files(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    embedded = tmp_path / "root" / "embedded"
    write(
        embedded,
        {
            "HEAD": b"ref: refs/heads/main\n",
            "config": b"[core]\nrepositoryformatversion = 0\nbare = false\nworktree = ..\n"
            + b"fsmonitor = touch %s\n" % os.fsencode(canary),
            "objects/.keep": b"",
            "refs/.keep": b"",
            "main.tf": b"",
        },
    )
    spring(embedded, canary)
    assert DirectoryTree(embedded).files() == (
        "HEAD", "config", "main.tf", "objects/.keep", "refs/.keep",
    )  # fmt: skip
    assert hardened.checkout_of(embedded) is None
    assert not canary.exists()


def test_missing_object_is_an_error_and_the_next_is_read(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"first", "b": b"second"})
    with closing(hardened.BlobReader(root)) as reader:
        with pytest.raises(ReadError, match="not in git's object database"):
            reader.read("0" * 40, "a")
        assert reader.read(hardened.blob_sha1(b"second"), "b") == b"second"


def test_large_blobs_arrive_whole(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    root = repository(tmp_path, {"big": data, "after": b"end"})
    with closing(hardened.BlobReader(root)) as reader:
        assert reader.read(hardened.blob_sha1(data), "big") == data
        assert reader.read(hardened.blob_sha1(b"end"), "after") == b"end"


def test_silence_ends_in_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = tmp_path / "git"
    silent.write_text("#!/bin/sh\nexec sleep 60\n")
    silent.chmod(0o755)
    monkeypatch.setattr(hardened, "_executable", lambda _: str(silent))
    monkeypatch.setattr(hardened, "TIMEOUT", 0.1)
    with pytest.raises(ReadError, match="rev-parse failed"):
        hardened.resolve_commit(tmp_path, "HEAD")
    with (
        closing(hardened.BlobReader(tmp_path)) as reader,
        pytest.raises(ReadError, match="no answer"),
    ):
        reader.read("0" * 40, "f")


def test_git_is_never_looked_up_in_the_scanned_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = tmp_path / "canary"
    root = repository(tmp_path / "root", {"a": b""})
    (root / "git").write_text(f"#!/bin/sh\ntouch {canary}\n")
    (root / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f".::bin:{os.environ['PATH']}")
    monkeypatch.chdir(root)
    hardened._executable.cache_clear()
    assert DirectoryTree(root).files() == ("a", "git")
    assert not canary.exists()


def test_callers_environment_does_not_redirect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "one", {"a": b""})
    other = repository(tmp_path / "two", {"b": b""})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert DirectoryTree(root).files() == ("a",)


def test_replacement_of_an_object_is_not_believed(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"true"})
    write(root, {"fake": b"false"})
    fake = git(root, "hash-object", "-w", "fake").decode().strip()
    git(root, "replace", hardened.blob_sha1(b"true"), fake)
    tree = GitTree(root, "HEAD")
    assert tree.read("a").data == b"true"
    tree.close()


def test_who_changed_a_file_last(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a/keys.yaml": b"1", "b": b"2", ":(top)b": b"3"})
    write(root, {"b": b"changed"})
    git(root, "add", "b")
    git(
        root,
        "commit",
        "-q",
        "-m",
        "second",
        "--author=B. Person <b@example.org>",
        "--date=2026-11-01T12:00:00Z",
    )
    found = hardened.last_change(root, "HEAD", "b", b"changed")
    assert found == hardened.Change("B. Person", "2026-11-01")
    first = hardened.last_change(root / "a", "HEAD", "keys.yaml", b"1")
    assert first is not None and first.author == "Ada"
    assert hardened.last_change(root, "HEAD", ":(top)b", b"3") is not None
    assert hardened.last_change(root, "HEAD~1", "b", b"changed") is None
    assert hardened.last_change(root, "HEAD", "b", b"changed since, and not committed") is None
    assert hardened.last_change(root, "HEAD", "c", b"") is None
    assert hardened.last_change(tmp_path, "HEAD", "b", b"changed") is None


def test_a_shallow_clone_does_not_know_who_changed_what_it_was_cut_off_with(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"keys.yaml": b"1"})
    write(root, {"b": b"2"})
    git(root, "add", "b")
    git(root, "commit", "-q", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "clone")
    assert hardened.last_change(root, "HEAD", "keys.yaml", b"1") is not None
    assert hardened.last_change(tmp_path / "clone", "HEAD", "keys.yaml", b"1") is None


def test_a_tree_knows_who_changed_a_document_last(tmp_path: Path) -> None:
    root = repository(tmp_path, {"keys.yaml": b"1"})
    with closing(DirectoryTree(root)) as tree, closing(GitTree(root, "HEAD")) as commit:
        for each in (tree, commit):
            change = each.last_change(each.read("keys.yaml"))
            assert change is not None and change.author == "Ada"

import hashlib
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from policyscan.errors import ReadError
from policyscan.text.beside import CONFLICT, BesideTree, IndexTree
from policyscan.text.git_tree import GitTree
from policyscan.text.recorded import Recorder, holds
from policyscan.text.tree import DirectoryTree
from tests.unit.text.repositories import git, repository, write


def commit(root: Path, files: dict[str, bytes]) -> None:
    write(root, files)
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "more")


def test_what_git_ignores_is_the_same_on_both_sides(tmp_path: Path) -> None:
    root = repository(tmp_path, {".gitignore": b".terraform/\n*.auto.tfvars\n", "m/main.tf": b"1"})
    write(
        root,
        {
            "m/.terraform/modules/modules.json": b"{}",
            "m/.terraform/modules/vpc/main.tf": b"vpc",
            "m/x.auto.tfvars": b"a = 1",
            "m/new.tf": b"not ignored and not tracked",
            "m/other/new.tf": b"nor this",
        },
    )
    commit_only(root, {"m/later.tf": b"2"})
    with closing(BesideTree(DirectoryTree(root), "HEAD~1")) as tree:
        assert tree.files() == (".gitignore", "m/main.tf")
        assert tree.listdir("m") == (".terraform/", "main.tf", "x.auto.tfvars")
        assert tree.listdir("m/.terraform/modules/vpc") == ("main.tf",)
        assert tree.read("m/.terraform/modules/modules.json").data == b"{}"
        assert tree.read("m/x.auto.tfvars").data == b"a = 1"
        for path in ("m/new.tf", "m/later.tf", "m/other/new.tf"):
            with pytest.raises(ReadError):
                tree.read(path)
        assert tree.listdir("m/other") == ()


def commit_only(root: Path, files: dict[str, bytes]) -> None:
    write(root, files)
    git(root, "add", *files)
    git(root, "commit", "-q", "-m", "more")


def test_what_is_tracked_in_an_ignored_directory_does_not_leak(tmp_path: Path) -> None:
    root = repository(tmp_path, {".gitignore": b"vendor/\n", "a": b"1"})
    write(root, {"vendor/x": b"ignored", "vendor/y": b"forced in"})
    git(root, "add", "-f", "vendor/y")
    git(root, "commit", "-q", "-m", "y")
    with closing(BesideTree(DirectoryTree(root), "HEAD~1")) as tree:
        assert tree.read("vendor/x").data == b"ignored"
        assert tree.listdir("vendor") == ("x",)
        with pytest.raises(ReadError):
            tree.read("vendor/y")


def test_what_both_sides_hold_is_one_document(tmp_path: Path) -> None:
    root = repository(tmp_path, {"same": b"1", "other": b"2"})
    commit(root, {"other": b"3"})
    work = DirectoryTree(root)
    same, other = work.read("same"), work.read("other")
    with closing(BesideTree(work, "HEAD~1")) as tree:
        assert tree.read("same") is same
        assert tree.read("other").data == b"2"
        assert holds(tree, same)
        assert not holds(tree, other)


def test_line_ends_that_git_wrote_are_no_change(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.tf": b"x\ny\n", "b.tf": b"x\r\ny\n"})
    commit(root, {"a.tf": b"x\nz\n"})
    git(root, "config", "core.autocrlf", "true")
    (root / "a.tf").unlink()
    (root / "b.tf").unlink()
    git(root, "checkout", "-q", "--", ".")
    work = DirectoryTree(root)
    assert work.read("a.tf").data == b"x\r\nz\r\n"
    with closing(BesideTree(work, "HEAD")) as now, closing(BesideTree(work, "HEAD~1")) as before:
        assert holds(now, work.read("a.tf"))
        assert now.read("a.tf") is work.read("a.tf")
        assert before.read("a.tf").data == b"x\r\ny\r\n", "as it would have been checked out"
        assert holds(now, work.read("b.tf"))


def test_line_ends_that_are_committed_are_a_change(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.tf": b"x\ny\n"})
    commit(root, {"a.tf": b"x\r\ny\r\n"})
    work = DirectoryTree(root)
    with closing(BesideTree(work, "HEAD~1")) as before:
        assert before.read("a.tf").data == b"x\ny\n"
        assert not holds(before, work.read("a.tf"))


def test_a_pointer_of_lfs_stands_for_what_is_checked_out(tmp_path: Path) -> None:
    content = b"resource"
    digest = hashlib.sha256(content).hexdigest()
    pointer = (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n"
    ).encode()
    root = repository(tmp_path, {"a.tf": pointer})
    write(root, {"a.tf": content})
    work = DirectoryTree(root)
    with closing(BesideTree(work, "HEAD")) as tree:
        assert tree.read("a.tf").data == content
        write(root, {"b": b""})
    write(root, {"a.tf": b"RESOURCE"})
    with closing(BesideTree(DirectoryTree(root), "HEAD")) as tree:
        assert tree.read("a.tf").data == pointer


def test_a_submodule_is_read_at_the_commit_of_its_side(tmp_path: Path) -> None:
    inner = repository(tmp_path / "inner", {"x": b"1"})
    root = repository(tmp_path / "root", {"a": b"1"})
    allow = ("-c", "protocol.file.allow=always")
    git(root, *allow, "submodule", "add", "-q", str(inner), "sub")
    git(root, "commit", "-q", "-m", "sub")
    commit(inner, {"x": b"2", "y": b"new"})
    git(root / "sub", *allow, "fetch", "-q", "origin")
    git(root / "sub", "checkout", "-q", git(inner, "rev-parse", "HEAD").decode().strip())
    git(root, "commit", "-qam", "bump")
    work = DirectoryTree(root)
    assert work.files() == (".gitmodules", "a", "sub/x", "sub/y")
    with closing(BesideTree(work, "HEAD")) as tree:
        assert tree.files() == work.files()
    with closing(BesideTree(work, "HEAD~1")) as tree:
        assert tree.files() == (".gitmodules", "a", "sub/x")
        assert tree.read("sub/x").data == b"1"
    with closing(BesideTree(work, "HEAD~2")) as tree:
        assert tree.files() == ("a",)


def test_a_part_of_a_work_tree_and_one_that_is_new(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a/x": b"1", "y": b"2"})
    commit(root, {"new/z": b"3"})
    with closing(BesideTree(DirectoryTree(root / "a"), "HEAD~1")) as tree:
        assert tree.files() == ("x",)
        assert tree.listdir("") == ("x",)
    with closing(BesideTree(DirectoryTree(root / "new"), "HEAD~1")) as tree:
        assert tree.files() == ()


def test_a_linked_work_tree(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"x": b"1"})
    commit(root, {"x": b"2"})
    git(root, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "w"))
    with closing(BesideTree(DirectoryTree(tmp_path / "w"), "main~1")) as tree:
        assert tree.read("x").data == b"1"


def test_a_repository_of_long_ids(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "-b", "main")
    commit(tmp_path, {"x": b"1", "y": b"1"})
    commit(tmp_path, {"x": b"2"})
    work = DirectoryTree(tmp_path)
    same = work.read("y")
    seen = Recorder(work)
    seen.peek("y")
    with closing(BesideTree(work, "HEAD~1")) as tree:
        assert tree.read("y") is same
        assert tree.read("x").data == b"1"
        assert seen.is_answered_alike(tree)
        seen.peek("x")
        assert not seen.is_answered_alike(tree)


def test_a_bare_repository(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"x": b"1"})
    git(tmp_path, "clone", "-q", "--bare", str(root), "bare.git")
    with closing(GitTree(tmp_path / "bare.git", "main")) as tree:
        assert tree.read("x").data == b"1"


def test_a_bare_repository_inside_a_work_tree_is_only_files(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"x": b"1"})
    evil = repository(tmp_path / "evil", {"x": b"evil"})
    git(tmp_path, "clone", "-q", "--bare", str(evil), str(root / "sub"))
    with pytest.raises(ReadError):
        GitTree(root / "sub", "main")


# -- the index ---------------------------------------------------------------------------------


def test_the_index_is_what_a_commit_would_hold(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"1", "b": b"1", "c": b"1"})
    write(root, {"a": b"staged", "new": b"staged", "untracked": b""})
    git(root, "add", "a", "new")
    git(root, "rm", "-q", "--cached", "b")
    write(root, {"a": b"not staged", "c": b"not staged"})
    with closing(IndexTree(DirectoryTree(root))) as tree:
        assert tree.files() == ("a", "c", "new")
        assert [tree.read(path).data for path in tree.files()] == [b"staged", b"1", b"staged"]
        with pytest.raises(ReadError, match="the limit is 3"):
            tree.peek("new", limit=3)


def test_the_index_before_the_first_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"a": b"1"})
    git(tmp_path, "add", "a")
    with closing(IndexTree(DirectoryTree(tmp_path))) as tree:
        assert tree.commit == ""
        assert tree.files() == ("a",)
        assert tree.last_change(tree.read("a")) is None


def test_another_index(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"1"})
    other = root / ".git" / "other"
    other.write_bytes((root / ".git" / "index").read_bytes())
    write(root, {"a": b"2"})
    git(root, "add", "a")
    with closing(IndexTree(DirectoryTree(root), str(other))) as tree:
        assert tree.read("a").data == b"1"


def test_a_conflict_is_a_problem(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"1"})
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"a": b"2"})
    git(root, "checkout", "-q", "main")
    commit(root, {"a": b"3"})
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "merge", "-q", "topic")
    with closing(IndexTree(DirectoryTree(root))) as tree:
        assert tree.files() == ()
        assert [(each.subject, each.message) for each in tree.problems()] == [("a", CONFLICT)]


# -- answers -----------------------------------------------------------------------------------


def test_a_tree_that_answers_alike_is_recognised(tmp_path: Path) -> None:
    root = repository(tmp_path, {"d/a": b"1", "b": b"1", "c": b"1"})
    commit(root, {"c": b"2"})
    work = DirectoryTree(root)
    seen = Recorder(work)
    seen.files()
    seen.listdir("d")
    seen.peek("b")
    seen.read("d/a")
    with pytest.raises(ReadError):
        seen.read("not there")
    with pytest.raises(ReadError):
        seen.peek("b", limit=0)
    with closing(BesideTree(work, "HEAD~1")) as tree:
        assert seen.is_answered_alike(tree)
        assert [source.path for source in tree.sources()] == ["d/a"]
        seen.peek("c")
        assert not seen.is_answered_alike(tree)

from dataclasses import replace
from pathlib import Path

import pytest

from policyscan.config import Configuration
from policyscan.errors import UsageError
from policyscan.findings.profiles import load_profile
from policyscan.request import ScanRequest
from policyscan.text.base import base_of
from policyscan.text.tree import DirectoryTree
from policyscan.trees import head_tree
from tests.unit.text.repositories import git, repository, write


def commit(root: Path, files: dict[str, bytes], message: str = "more") -> str:
    write(root, files)
    git(root, "add", "-A", "-f", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", message)
    return head(root)


def head(root: Path, name: str = "HEAD") -> str:
    return git(root, "rev-parse", name).decode().strip()


def test_a_change_is_compared_with_where_it_branched_off(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"1"})
    fork = head(root)
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"b": b"1"})
    git(root, "checkout", "-q", "main")
    tip = commit(root, {"c": b"1"})
    git(root, "checkout", "-q", "topic")
    found = base_of(root, "main")
    assert (found.name, found.commit) == ("main", fork)
    assert found.why == f"where HEAD branched off main, which is at {tip[:12]}"
    assert base_of(root, "main", "topic~1").commit == fork
    assert base_of(root, "HEAD").why == "HEAD itself: nothing was committed since"


def test_of_the_merge_that_a_host_makes_the_base_is_what_was_merged_into(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"1"})
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"b": b"1"})
    git(root, "checkout", "-q", "main")
    merged_into = commit(root, {"c": b"1"})
    git(root, "checkout", "-q", "--detach")
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert base_of(root, "main").commit == merged_into
    git(root, "branch", "-q", "pull")
    git(root, "checkout", "-q", "main")
    commit(root, {"d": b"1"}, "what came after the merge was made")
    git(root, "checkout", "-q", "--detach", "pull")
    assert base_of(root, "main").commit == merged_into
    assert base_of(root, "HEAD^1").commit == merged_into


def test_of_a_merge_in_a_shallow_clone_it_is_what_was_merged_into(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": b"1"})
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"b": b"1"})
    git(root, "checkout", "-q", "main")
    tip = commit(root, {"c": b"1"})
    git(root, "checkout", "-q", "-b", "trial")
    git(root, "merge", "-q", "--no-ff", "-m", "trial", "topic")
    git(root, "checkout", "-q", "topic")
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=trial", f"file://{root}", "clone")
    clone = tmp_path / "clone"
    git(clone, "fetch", "-q", "--depth=1", "origin", "main")
    found = base_of(clone, tip)
    assert found.commit == tip
    assert found.why == f"{tip[:12]} itself, on which HEAD builds"


def test_a_shallow_clone_that_does_not_know_takes_the_commit_itself(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": b"1"})
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"b": b"1"})
    git(root, "checkout", "-q", "main")
    tip = commit(root, {"c": b"1"})
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=topic", f"file://{root}", "clone")
    clone = tmp_path / "clone"
    with pytest.raises(UsageError) as missing:
        base_of(clone, "origin/main")
    command = "git fetch --no-tags --depth=1 origin +main:refs/remotes/origin/main"
    assert missing.value.hint == f"Bring it here: {command}"
    git(clone, *command.split()[1:])
    found = base_of(clone, "origin/main")
    assert found.commit == tip
    assert found.why == (
        "origin/main itself: this clone is shallow and does not know where HEAD branched off"
    )


def test_commits_without_a_common_one(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"1"})
    git(root, "checkout", "-q", "--orphan", "other")
    commit(root, {"b": b"1"})
    found = base_of(root, "main")
    assert found.commit == head(root, "main")
    assert found.why == "main itself: HEAD has no commit in common with it"


def test_before_the_first_commit_there_is_nothing_to_branch_off(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"1"})
    git(root, "checkout", "-q", "--orphan", "other")
    assert base_of(root, "main").why == "main itself: nothing is committed here"


FETCH = "git fetch --no-tags --depth=1 origin"
BRING = f"Bring it here: {FETCH}"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("origin/main", f"{BRING} main"),
        ("refs/remotes/origin/main", f"{BRING} main"),
        ("main", f"{BRING} main, and name origin/main; or, if it is a tag: {FETCH} tag main"),
        ("refs/tags/v1", f"{BRING} tag v1"),
        ("v1;rm -rf x", "'v1;rm -rf x'"),
        ("deadbeef" * 5, f"{BRING} {'deadbeef' * 5}"),
    ],
)
def test_the_hint_is_the_command_that_brings_it(tmp_path: Path, name: str, hint: str) -> None:
    root = repository(tmp_path / "r", {"a": b"1"})
    git(root, "branch", "-m", "trunk")
    git(root, "tag", "start")
    commit(root, {"b": b"1"})
    git(tmp_path, "clone", "-q", "--depth=1", "--no-single-branch", f"file://{root}", "clone")
    with pytest.raises(UsageError) as missing:
        base_of(tmp_path / "clone", name)
    assert hint in missing.value.hint
    assert missing.value.exit_code == 2


def test_a_whole_clone_is_not_told_to_become_a_shallow_one(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a": b"1"})
    git(tmp_path, "clone", "-q", f"file://{root}", "clone")
    with pytest.raises(UsageError) as missing:
        base_of(tmp_path / "clone", "origin/next")
    assert missing.value.hint == "Bring it here: git fetch --no-tags origin next"


@pytest.mark.parametrize("shallow", [True, False], ids=["shallow", "whole"])
def test_a_tag_comes_by_the_command_of_the_hint(tmp_path: Path, shallow: bool) -> None:
    root = repository(tmp_path / "r", {"a": b"1"})
    git(root, "tag", "v1")
    tagged = head(root)
    commit(root, {"b": b"1"})
    depth = ["--depth=1"] if shallow else []
    git(tmp_path, "clone", "-q", "--no-tags", *depth, f"file://{root}", "clone")
    clone = tmp_path / "clone"
    with pytest.raises(UsageError) as missing:
        base_of(clone, "v1")
    _, command = missing.value.hint.split("if it is a tag: ")
    git(clone, *command.split()[1:])
    assert head(clone, "v1") == tagged


def test_a_plain_directory_has_no_commits(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as missing:
        base_of(tmp_path, "main")
    assert "in no git repository" in missing.value.hint


def test_of_a_work_tree_apart_the_repository_has_to_be_there_as_well(tmp_path: Path) -> None:
    """As where a container has the work tree alone."""
    (tmp_path / "tree" / "infra").mkdir(parents=True)
    (tmp_path / "tree" / ".git").write_text(f"gitdir: {tmp_path}/main/.git/worktrees/tree\n")
    with pytest.raises(UsageError) as missing:
        base_of(tmp_path / "tree" / "infra", "main")
    assert f"{tmp_path}/tree/.git leads to a repository that is not here" in missing.value.hint


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (".git/config", "[core\n", "bad config line 1 in file .git/config"),
        (".git/config", "[core]\nrepositoryformatversion = 9\n", "git repo version"),
        (".git", "gitdir: \x1b[2J\n", r"leads to a repository that is not here"),
        (".git", "\x1b[2J\n", r"invalid gitfile format"),
        (".git/HEAD", "\x1b[2J\n", "not a git repository"),
    ],
)
def test_a_repository_that_git_refuses_is_said_to_be_one(
    name: str, text: str, said: str, tmp_path: Path
) -> None:
    """With what git says of it, which steers no terminal."""
    root = repository(tmp_path / "r", {"a": b"1"})
    if name == ".git":
        (root / ".git").rename(tmp_path / "moved")
    (root / name).write_text(text)
    given = ScanRequest(root, Configuration(), load_profile("ci", root))
    for request in (replace(given, staged=True), replace(given, ref="HEAD")):
        with pytest.raises(UsageError) as missing:
            head_tree(request)
        assert said in missing.value.hint
        assert f"{root}/.git" in missing.value.hint
        assert "\x1b" not in missing.value.hint + missing.value.message


def test_what_git_refuses_is_read_as_a_plain_directory_and_that_is_told(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"1", ".gitignore": b"b\n"})
    (root / "b").write_text("1")
    (root / ".git" / "config").write_text("[core\n")
    tree = DirectoryTree(root)
    assert tree.files() == (".gitignore", "a", "b")
    [problem] = tree.problems()
    assert problem.subject == ".git"
    assert "bad config line 1" in problem.message
    (tmp_path / ".git").rename(tmp_path / "moved")
    assert DirectoryTree(root).problems() == ()

import os
import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest

from policyscan.errors import GapReason, ReadError
from policyscan.text.git_tree import GitTree
from policyscan.text.listing import MAX_DEPTH
from policyscan.text.tree import DirectoryTree, Tree
from tests.unit.text.repositories import git, repository, write

HOSTILE_NAMES = ["-rf", "--config=x", "@file", "a\nb.tf", "caf\udce9.tf", " ", "é/ü.tf", "*"]


def problems(tree: Tree) -> dict[str, str]:
    return {problem.subject: problem.message for problem in tree.problems()}


def refusal(tree: Tree, path: str, **limits: int) -> ReadError:
    with pytest.raises(ReadError) as caught:
        tree.read(path, **limits)
    assert caught.value.subject == path
    return caught.value


# --- what there is


def test_plain_directory_lists_everything_but_git(tmp_path: Path) -> None:
    write(tmp_path, {"b/main.tf": b"1", "a.tf": b"2", ".hidden": b"", "b/.git": b"gitdir: /x"})
    assert DirectoryTree(tmp_path).files() == (".hidden", "a.tf", "b/main.tf")


def test_work_tree_leaves_out_what_git_ignores_and_says_so(tmp_path: Path) -> None:
    root = repository(
        tmp_path,
        {
            ".gitignore": b"*.log\ncache/\nvendor/\n",
            "main.tf": b"",
            "gone.tf": b"",
            "vendor/tracked.tf": b"",
        },
    )
    write(root, {"new.tf": b"", "a.log": b"", "cache/x/y": b"", "vendor/z.tf": b""})
    (root / "gone.tf").unlink()
    tree = DirectoryTree(root)
    assert tree.files() == (".gitignore", "main.tf", "new.tf", "vendor/tracked.tf")
    assert [subject for subject, _, _ in tree.excluded()] == ["a.log", "cache/", "vendor/z.tf"]
    assert {reason for _, reason, _ in tree.excluded()} == {"ignored by git"}
    assert tree.listdir("") == (
        ".gitignore", "a.log", "cache/", "main.tf", "new.tf", "vendor/",
    )  # fmt: skip


def test_files_are_exactly_those_that_git_tracks_or_would_add(tmp_path: Path) -> None:
    root = repository(
        tmp_path,
        {
            ".gitignore": b"build\n!keep.log\n*.log\n/top\na/**/z\n",
            "a/.gitignore": b"!x.log\nlocal\n",
            "a/build/forced.tf": b"",
            "keep.log": b"",
        },
    )
    places = ["", "a/", "a/b/", "a/b/c/", "build/", "build/deep/", "top/", "a/build/"]
    names = ["main.tf", "x.log", "keep.log", "z", "local", "build"]
    write(
        root,
        {
            p + n: b""
            for p in places
            for n in names
            if (p, n) not in {("", "build"), ("a/", "build")}
        },
    )
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    expected = sorted(name.decode() for name in listed.split(b"\0") if name)
    assert list(DirectoryTree(root).files()) == expected
    below = [name.removeprefix("a/") for name in expected if name.startswith("a/")]
    assert list(DirectoryTree(root / "a").files()) == below


def test_directory_that_is_ignored_as_a_whole_is_read_when_asked_for(tmp_path: Path) -> None:
    root = repository(tmp_path, {".gitignore": b"build/\n"})
    write(root, {"build/main.tf": b"x"})
    assert DirectoryTree(root / "build").files() == ("main.tf",)


def test_submodules_and_nested_repositories_are_walked_plainly(tmp_path: Path) -> None:
    root = repository(tmp_path / "outer", {"main.tf": b""})
    module = repository(tmp_path / "module", {"m.tf": b"", ".gitignore": b"*.x"})
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(module), "sub")
    repository(root / "nested", {"n.tf": b""})
    write(root, {"nested/new.tf": b"", "sub/ignored.x": b""})
    assert DirectoryTree(root).files() == (
        ".gitmodules", "main.tf", "nested/n.tf", "nested/new.tf",
        "sub/.gitignore", "sub/ignored.x", "sub/m.tf",
    )  # fmt: skip


def test_without_git_the_directory_is_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path, {"main.tf": b"", ".gitignore": b"x"})
    write(root, {"x": b""})
    monkeypatch.setattr("policyscan.text.git._executable", lambda _: "/nonexistent/git")
    assert DirectoryTree(root).files() == (".gitignore", "main.tf", "x")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("versioned", [False, True])
def test_any_name_is_listed_and_read(tmp_path: Path, name: str, versioned: bool) -> None:
    if versioned:
        repository(tmp_path, {name: b"text"})
    else:
        write(tmp_path, {name: b"text"})
    trees: list[Tree] = [DirectoryTree(tmp_path)]
    if versioned:
        trees.append(GitTree(tmp_path, "HEAD"))
    for tree in trees:
        with closing(tree):
            assert tree.files() == (name,)
            assert tree.read(name).data == b"text"
            assert tree.head(name) == b"text"


# --- links


def link_tree(root: Path) -> None:
    write(root, {"common/vars.tf": b"v", "prod/main.tf": b"m", "cache/x.tf": b""})
    for name, target in {
        "prod/vars.tf": "../common/vars.tf",
        "prod/shared": "../common/",
        "prod/via": "shared/vars.tf",
        "top": ".",
        "prod/out": "../../secret",
        "prod/absolute": "/etc/hostname",
        "prod/loop": "loop2",
        "prod/loop2": "loop",
        "prod/dangling": "nothing",
        "prod/hidden": "../cache/x.tf",
    }.items():
        (root / name).symlink_to(target)


def test_links_inside_lead_to_what_is_read_and_others_are_problems(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"outside")
    root = tmp_path / "root"
    root.mkdir()
    git(root, "init", "-q")
    link_tree(root)
    write(root, {".gitignore": b"cache/"})
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "links")
    for tree in (DirectoryTree(root), GitTree(root, "HEAD")):
        with closing(tree):
            assert tree.files() == (".gitignore", "common/vars.tf", "prod/main.tf")
            assert tree.links() == {
                "prod/shared": "common",
                "prod/vars.tf": "common/vars.tf",
                "prod/via": "common/vars.tf",
                "top": "",
            }
            out = "symbolic link out of the tree or in a circle: not followed"
            lost = "symbolic link to nothing that is read"
            assert problems(tree) == {
                "prod/absolute": out,
                "prod/dangling": lost,
                "prod/hidden": lost,
                "prod/loop": out,
                "prod/loop2": out,
                "prod/out": out,
            }


@pytest.mark.parametrize("path", ["prod/out", "prod/loop", "prod/absolute"])
def test_no_link_out_of_the_tree_is_followed(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_bytes(b"outside")
    root = tmp_path / "root"
    root.mkdir()
    link_tree(root)
    tree = DirectoryTree(root)
    assert refusal(tree, path).reason is GapReason.UNREADABLE
    assert tree.head(path) == b""


@pytest.mark.parametrize("path", ["prod/vars.tf", "prod/shared/vars.tf"])
def test_a_link_inside_the_tree_leads_to_its_target(tmp_path: Path, path: str) -> None:
    link_tree(tmp_path)
    tree = DirectoryTree(tmp_path)
    assert tree.read(path) is tree.read("common/vars.tf")
    assert tree.read(path).path == "common/vars.tf"
    assert "vars.tf" in tree.listdir("prod/shared")


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../secret", "/etc/hostname", "a/../../secret", "a//b", "a\0b", "\ud800"],
)
def test_no_path_leads_out(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_bytes(b"outside")
    repository(tmp_path / "root", {"a/b": b""})
    for tree in (DirectoryTree(tmp_path / "root"), GitTree(tmp_path / "root", "HEAD")):
        with closing(tree):
            assert refusal(tree, path).reason is GapReason.UNREADABLE
            assert tree.listdir("..") == ()


def test_directory_swapped_for_a_link_is_never_left(tmp_path: Path) -> None:
    write(tmp_path, {"outside/f": b"canary", "root/d/f": b"inside"})
    inside, link = tmp_path / "root/d", tmp_path / "root/link"
    link.symlink_to("../outside")
    stop = threading.Event()

    def swap() -> None:
        spare = tmp_path / "spare"
        while not stop.is_set():
            inside.rename(spare)
            link.rename(inside)
            inside.rename(link)
            spare.rename(inside)

    racer = threading.Thread(target=swap)
    racer.start()
    try:
        seen = {DirectoryTree(tmp_path / "root").head("d/f") for _ in range(2000)}
    finally:
        stop.set()
        racer.join()
    assert seen <= {b"", b"inside"}


# --- things that are not files


def test_pipes_and_sockets_are_problems_and_never_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path, {"a.tf": b""})
    os.mkfifo(root / "main.tf")
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.tf")
        tree = DirectoryTree(root)
        assert tree.files() == ("a.tf",)
        assert problems(tree) == {
            "main.tf": "not a regular file",
            "socket.tf": "not a regular file",
        }
        assert refusal(tree, "main.tf").message == "not a regular file"
        assert refusal(tree, "socket.tf").reason is GapReason.UNREADABLE
        assert tree.head("main.tf") == b""


def test_directory_is_not_a_file(tmp_path: Path) -> None:
    repository(tmp_path, {"d/f": b""})
    assert refusal(DirectoryTree(tmp_path), "d").message == "not a regular file"
    with closing(GitTree(tmp_path, "HEAD")) as tree:
        assert refusal(tree, "d").message == "no such file"


def test_what_the_system_refuses_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"closed/f": b"", "open/f": b"", "secret.tf": b""})
    real = os.open

    def refuse(path: object, *arguments: int, **named: int) -> int:
        if path in ("closed", "secret.tf"):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    tree = DirectoryTree(tmp_path)
    assert tree.files() == ("open/f", "secret.tf")
    assert problems(tree) == {"closed": "directory not read: Permission denied"}
    assert refusal(tree, "secret.tf").message == "Permission denied"


def test_missing_root_is_a_problem(tmp_path: Path) -> None:
    tree = DirectoryTree(tmp_path / "nothing")
    assert tree.files() == ()
    assert problems(tree) == {".": "directory not read: No such file or directory"}


def test_depth_is_bounded(tmp_path: Path) -> None:
    deep = "/".join(["d"] * (MAX_DEPTH + 5))
    write(tmp_path, {"top": b"", deep + "/f": b""})
    tree = DirectoryTree(tmp_path)
    assert tree.files() == ("top",)
    assert list(problems(tree)) == ["/".join(["d"] * (MAX_DEPTH + 1))]


# --- reading


def test_reading_twice_gives_the_same_document(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"one", "b": b"two"})
    tree = DirectoryTree(tmp_path)
    second, first = tree.read("b"), tree.read("a")
    write(tmp_path, {"b": b"changed"})
    assert tree.read("b") is second
    assert tree.sources() == (second, first)


@pytest.mark.parametrize("versioned", [False, True])
def test_a_peek_gives_the_bytes_and_keeps_nothing(tmp_path: Path, versioned: bool) -> None:
    root = repository(tmp_path, {"a.py": b"text", "link": b""}) if versioned else tmp_path
    write(root, {"a.py": b"text"})
    with closing(GitTree(root, "HEAD") if versioned else DirectoryTree(root)) as tree:
        assert tree.peek("a.py") == b"text"
        assert tree.sources() == ()
        with pytest.raises(ReadError) as caught:
            tree.peek("a.py", limit=3)
        assert caught.value.reason is GapReason.TOO_LARGE
        source = tree.read("a.py")
        assert tree.peek("a.py") is source.data


def test_size_limit_holds_for_first_and_second_reading(tmp_path: Path) -> None:
    repository(tmp_path, {"f": b"x" * 100})
    for tree in (DirectoryTree(tmp_path), GitTree(tmp_path, "HEAD")):
        with closing(tree):
            assert refusal(tree, "f", limit=99).reason is GapReason.TOO_LARGE
            assert tree.sources() == ()
            assert len(tree.read("f", limit=100).data) == 100
            assert refusal(tree, "f", limit=99).reason is GapReason.TOO_LARGE


def test_size_limit_holds_while_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"f": b"x" * 100})
    tree = DirectoryTree(tmp_path)
    tree.files()
    monkeypatch.setattr(os, "read", lambda descriptor, size: b"y" * 60)
    assert refusal(tree, "f", limit=100).reason is GapReason.TOO_LARGE


def test_file_that_vanishes_is_said_to(tmp_path: Path) -> None:
    write(tmp_path, {"f": b""})
    tree = DirectoryTree(tmp_path)
    tree.files()
    (tmp_path / "f").unlink()
    assert refusal(tree, "f").message == "vanished during the scan"
    assert refusal(tree, "g").message == "no such file"


# --- a commit


def test_directory_and_commit_agree_for_a_clean_checkout(tmp_path: Path) -> None:
    root = repository(
        tmp_path,
        {f"d{n % 7}/e{n % 3}/f{n}": bytes([n]) * (n * 50) for n in range(40)} | {"x.sh": b"#!"},
    )
    (root / "x.sh").chmod(0o755)
    git(root, "commit", "-q", "-am", "mode")
    for place in (root, root / "d1"):
        directory = DirectoryTree(place)
        with closing(GitTree(place, "main")) as commit:
            assert directory.files() == commit.files() != ()
            for path in directory.files():
                assert directory.read(path).data == commit.read(path).data
                assert directory.head(path) == commit.head(path)
            for folder in ("", "d1", "d1/e0", "e1", "nothing", "x.sh"):
                assert directory.listdir(folder) == commit.listdir(folder)


def test_commit_ignores_what_is_checked_out(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a": b"old", "gone": b""})
    (root / "gone").unlink()
    write(root, {"a": b"new", "b": b""})
    with closing(GitTree(root, "HEAD")) as tree:
        assert tree.files() == ("a", "gone")
        assert tree.read("a").data == b"old"


def test_submodule_of_a_commit_is_left_out_and_said_so(tmp_path: Path) -> None:
    root = repository(tmp_path / "outer", {"main.tf": b""})
    module = repository(tmp_path / "module", {"m.tf": b""})
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(module), "sub")
    git(root, "commit", "-q", "-m", "submodule")
    with closing(GitTree(root, "HEAD")) as tree:
        assert tree.excluded() == (("sub", "submodule", 1),)
        assert tree.listdir("") == (".gitmodules", "main.tf", "sub/")
        assert refusal(tree, "sub").message == "not a regular file"


@pytest.mark.parametrize("ref", ["nothing", "-rf", "--all", "HEAD:main.tf", "", "a\0b", "HEAD\n"])
def test_ref_that_names_no_commit_is_an_error(tmp_path: Path, ref: str) -> None:
    root = repository(tmp_path, {"main.tf": b""})
    with pytest.raises(ReadError):
        GitTree(root, ref)


def test_a_file_that_a_sparse_checkout_leaves_out_is_a_problem(tmp_path: Path) -> None:
    repository(tmp_path, {"a.tf": b"# a", "b.tf": b"# b", "c.tf": b"# c"})
    git(tmp_path, "update-index", "--skip-worktree", "a.tf", "b.tf")
    (tmp_path / "a.tf").unlink()
    (tmp_path / "c.tf").unlink()  # deleted by hand: it is not there, and that is all
    tree = DirectoryTree(tmp_path)
    assert tree.files() == ("b.tf",)
    (problem,) = tree.problems()
    assert (problem.subject, problem.reason) == ("a.tf", GapReason.NOT_FETCHED)

"""Which commit `--trust` and `--base` mean, and which may not be meant; where files are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from policyscan.cli.trust import Side, commit_of, refuse_untrusted
from policyscan.errors import UsageError
from tests.unit.text.repositories import git, repository, write

REQUEST = {
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_BASE_REF": "main",
    "GITHUB_HEAD_REF": "pr",
}
MERGE_REQUEST = {
    "CI_MERGE_REQUEST_IID": "7",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "pr",
}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits, of which the first is that of the branch that the request goes to."""
    root = repository(tmp_path / "clone", {"policyscan.yaml": b"version: 1\nproject: trusted\n"})
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(root, "checkout", "-q", "-b", "pr")
    write(root, {"policyscan.yaml": b"version: 1\nproject: mine\n", "new.yaml": b"version: 1\n"})
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "second")
    git(root, "update-ref", "refs/remotes/origin/pr", "HEAD")
    monkeypatch.chdir(root)
    return root


def commit(root: Path, name: str) -> str:
    return git(root, "rev-parse", name).decode().strip()


def meant(name: str, environ: dict[str, str], ref: str = "") -> str:
    return commit_of("--trust", name, Path(), ref, environ)


def test_the_branch_of_the_remote_and_its_commit(clone: Path) -> None:
    base = commit(clone, "main")
    git(clone, "tag", "-a", "v1", "-m", "annotated", "main")
    for name in ("origin/main", "refs/remotes/origin/main", "main", "v1", base, base[:9]):
        assert meant(name, REQUEST) == base


@pytest.mark.parametrize("name", ["HEAD", "HEAD~1", "@", "main@{0}", "HEAD^{commit}"])
def test_what_hangs_on_what_is_checked_out_is_for_people_only(clone: Path, name: str) -> None:
    meant(name, {})
    with pytest.raises(UsageError, match="depends on what is checked out") as caught:
        meant(name, REQUEST)
    assert "--trust origin/main" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        commit_of("--base", name, Path(), "", REQUEST)
    assert caught.value.hint.endswith(": --base origin/main")


def test_the_commit_of_the_request_is_not_trusted(clone: Path) -> None:
    head = commit(clone, "HEAD")
    for name in ("pr", "origin/pr", head, head[:9]):
        with pytest.raises(UsageError, match="the commit that is judged"):
            meant(name, REQUEST)


def test_nor_is_its_branch_wherever_it_stands(clone: Path) -> None:
    git(clone, "update-ref", "refs/remotes/origin/pr", "main")
    for environ in (REQUEST, MERGE_REQUEST):
        with pytest.raises(UsageError, match="comes from"):
            meant("origin/pr", environ)
    assert meant("origin/pr", {})


def test_a_fork_may_call_its_branch_like_the_base(clone: Path) -> None:
    assert meant("origin/main", {**REQUEST, "GITHUB_HEAD_REF": "main"}) == commit(clone, "main")


def test_what_the_system_says_is_the_head_is_not_trusted_either(clone: Path) -> None:
    git(clone, "checkout", "-q", "--orphan", "merged")
    git(clone, "commit", "-q", "-m", "what was merged for the run")
    environ = {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": commit(clone, "pr")}
    with pytest.raises(UsageError, match="the request's own"):
        meant(commit(clone, "pr"), environ)


def test_the_commit_to_judge_counts_and_not_what_is_checked_out(clone: Path) -> None:
    git(clone, "checkout", "-q", "main")
    assert meant("origin/main", REQUEST, ref="pr") == commit(clone, "main")
    with pytest.raises(UsageError, match="the commit that is judged"):
        meant("pr", REQUEST, ref="pr")


@pytest.mark.parametrize("kind", ["tag", "branch"])
def test_a_name_that_may_be_two_commits_is_refused(clone: Path, kind: str) -> None:
    git(clone, kind, "origin/main", "pr")
    for environ in ({}, REQUEST):
        with pytest.raises(UsageError, match=r"this may be refs/.* or refs/") as caught:
            meant("origin/main", environ)
        assert "full name" in caught.value.hint
    assert meant("refs/remotes/origin/main", REQUEST) == commit(clone, "main")


def test_a_short_id_that_is_a_name_as_well_is_refused(clone: Path) -> None:
    short = commit(clone, "main")[:9]
    git(clone, "tag", short, "pr")
    with pytest.raises(UsageError, match="this may be"):
        meant(short, REQUEST)


def test_a_shallow_clone_is_told_what_to_fetch(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=pr", f"file://{clone}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    with pytest.raises(UsageError, match="there is no such commit") as caught:
        meant("origin/main", REQUEST)
    line = "git fetch --no-tags --depth=1 origin +main:refs/remotes/origin/main"
    assert line in caught.value.hint
    git(tmp_path / "shallow", *line.split()[1:])
    assert meant("origin/main", REQUEST) == commit(clone, "main")


@pytest.mark.parametrize("name", ["--upload-pack=x", "-c", "origin/none", "", "a b", "\x00", "x\n"])
def test_names_that_mean_nothing(clone: Path, name: str) -> None:
    with pytest.raises(UsageError):
        meant(name, REQUEST)


def test_outside_of_git_nothing_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no git work tree"):
        Side("origin/main", tmp_path, {}).enter(Path(), "")
    with pytest.raises(UsageError, match="in no git work tree"):
        meant("origin/main", {})


# -- where files are read ----------------------------------------------------------------------


@pytest.fixture
def side(clone: Path) -> Iterator[Side]:
    with closing(Side("origin/main", clone, REQUEST)) as side:
        side.enter(Path(), "")
        yield side


Opened = Callable[[], Side]


@pytest.fixture
def trusted(clone: Path) -> Iterator[Opened]:
    """Opens the side once the test has made its commits."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Side("origin/main", clone, REQUEST)))


def test_inside_of_the_repository_only_the_commit_is_read(side: Side, clone: Path) -> None:
    for path in ("policyscan.yaml", "x/../policyscan.yaml", str(clone / "policyscan.yaml"),
                 "../clone/policyscan.yaml", "./policyscan.yaml"):  # fmt: skip
        assert side.files.read(Path(path)) == b"version: 1\nproject: trusted\n"
        assert side.files.source(Path(path)) == "origin/main"
    for path in ("new.yaml", "Policyscan.yaml", "POLICYSCAN.YAML", "."):
        with pytest.raises(OSError, match="in origin/main"):
            side.files.read(Path(path))
    assert not side.files.exists(Path("new.yaml"))
    assert not side.files.exists(Path("Policyscan.yaml"))


def test_outside_of_it_the_disk_is_read(side: Side, tmp_path: Path) -> None:
    write(tmp_path, {"gate.yaml": b"outside"})
    for path in ("../gate.yaml", str(tmp_path / "gate.yaml"), "nowhere/../../gate.yaml"):
        assert side.files.read(Path(path)) == b"outside"
        assert side.files.source(Path(path)) == "disk"


def test_links_of_the_work_tree_lead_nowhere(side: Side, clone: Path, tmp_path: Path) -> None:
    write(tmp_path, {"out/policyscan.yaml": b"evil", "out/p/x.yaml": b"evil"})
    (clone / "policyscan.yaml").unlink()
    (clone / "policyscan.yaml").symlink_to(tmp_path / "out/policyscan.yaml")
    (clone / "dir").symlink_to(tmp_path / "out")
    assert side.files.read(Path("policyscan.yaml")) == b"version: 1\nproject: trusted\n"
    with pytest.raises(OSError, match="in origin/main"):
        side.files.read(Path("dir/policyscan.yaml"))
    with pytest.raises(OSError, match="no directory"):
        side.files.folder(Path("dir/p"))


def test_a_link_from_outside_leads_to_the_commit(side: Side, clone: Path, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(clone)
    (tmp_path / "file").symlink_to("clone/policyscan.yaml")
    (tmp_path / "circle").symlink_to("circle")
    for path in ("way/policyscan.yaml", "file", "way/../clone/policyscan.yaml"):
        assert side.files.read(tmp_path / path) == b"version: 1\nproject: trusted\n"
    with pytest.raises(OSError, match="too many links"):
        side.files.read(tmp_path / "circle")


def test_links_inside_the_commit_are_followed_and_none_out_of_it(
    clone: Path, trusted: Opened
) -> None:
    git(clone, "checkout", "-q", "main")
    write(clone, {"rules/real/a.yaml": b"a", "rules/notes.md": b"x"})
    (clone / "rules/linked").symlink_to("real")
    (clone / "rules/b.yaml").symlink_to("real/a.yaml")
    (clone / "bad").mkdir()
    (clone / "bad/c.yaml").symlink_to("/etc/hostname")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "rules")
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(clone, "checkout", "-q", "pr")
    side = trusted()
    folder = side.files.folder(Path("rules"))
    assert folder.name == "rules"
    found = {child.name: child for child in folder.iterdir()}
    assert sorted(found) == ["b.yaml", "linked", "real"]
    assert found["b.yaml"].open("rb").read() == b"a"
    assert [child.name for child in found["linked"].iterdir()] == ["a.yaml"]
    with pytest.raises(OSError, match="symbolic link"):
        side.files.folder(Path("bad"))


def test_a_submodule_among_the_policies_is_an_error_and_no_absence(
    clone: Path, trusted: Opened
) -> None:
    oid = commit(clone, "main")
    git(clone, "checkout", "-q", "main")
    git(clone, "update-index", "--add", "--cacheinfo", f"160000,{oid},rules/more")
    write(clone, {"rules/a.yaml": b"a"})
    git(clone, "add", "rules/a.yaml")
    git(clone, "commit", "-q", "-m", "rules")
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(clone, "checkout", "-q", "-f", "pr")
    side = trusted()
    with pytest.raises(OSError, match="rules/more is a submodule"):
        side.files.folder(Path("rules"))


def test_a_repository_of_rules_beside_the_one_that_is_judged(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = repository(tmp_path / "rules", {"policyscan.yaml": b"version: 1\nproject: firm\n"})
    git(rules, "update-ref", "refs/remotes/origin/main", "HEAD")
    write(rules, {"policyscan.yaml": b"version: 1\nproject: not committed\n"})
    monkeypatch.chdir(rules)
    with closing(Side("origin/main", rules, REQUEST)) as side:
        assert side.enter(Path("../clone"), "") is True
        assert side.commit == commit(clone, "main")
        assert side.files.read(Path("policyscan.yaml")) == b"version: 1\nproject: firm\n"
        trusted = b"version: 1\nproject: trusted\n"
        assert side.files.read(Path("../clone/policyscan.yaml")) == trusted


def test_the_working_directory_may_lie_below_the_top(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(clone, {"infra/policyscan.yaml": b"version: 1\n"})
    monkeypatch.chdir(clone / "infra")
    with closing(Side("origin/main", clone / "infra", REQUEST)) as side:
        side.enter(Path(), "")
        assert not side.files.exists(Path("policyscan.yaml"))
        assert side.files.read(Path("../policyscan.yaml")) == b"version: 1\nproject: trusted\n"


# -- without -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["configuration", "profile", "policies", "controls"])
def test_what_steers_the_gate_must_not_lie_in_the_repository(clone: Path, role: str) -> None:
    (clone / "infra").mkdir()
    for scanned in (Path(), Path("infra"), clone):
        for path in ("infra/x.yaml", "x.yaml", str(clone / "x.yaml"), "new.yaml"):
            inside = [(role, Path(path))]
            refuse_untrusted(inside, scanned, {})
            with pytest.raises(UsageError, match=f"the {role} .* inside the scanned") as caught:
                refuse_untrusted(inside, scanned, REQUEST)
            assert caught.value.hint == "Add --trust origin/main: then it is read from there."
    refuse_untrusted([(role, Path("../x.yaml"))], Path(), REQUEST)


def test_links_do_not_hide_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"tree/real.yaml": b""})
    (tmp_path / "outside.yaml").symlink_to(tmp_path / "tree/real.yaml")
    (tmp_path / "tree/inside.yaml").symlink_to("/dev/null")
    for name in ("outside.yaml", "tree/inside.yaml", "tree/../tree/real.yaml"):
        with pytest.raises(UsageError):
            refuse_untrusted([("configuration", Path(name))], Path("tree"), REQUEST)

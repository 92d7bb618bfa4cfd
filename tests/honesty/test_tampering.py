"""Pull requests that try to be judged by rules of their own.

Each case is a commit in a real repository, on top of one violation that is blocked. The run is that
of a workflow with `--trust origin/main`. Whatever else the request changes, the same findings block
with the same exit code (or nothing is judged, exit 2), and the change of the gate is a finding.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from policyscan.cli import main
from tests.honesty.tampering import (
    BASE,
    COMMENT,
    CONFIGURATION,
    DATABASE,
    EXPIRED,
    GIT_VARIABLES,
    HOME,
    IN_HOME,
    JUMP,
    NARROW,
    PINS,
    POLICY,
    PROFILE,
    RULES,
    TRUSTED,
    VIOLATION,
    WAIVERS,
    WEAK_CONFIGURATION,
    WEAK_PROFILE,
    WITH_BASE,
    WITH_BASELINE,
    commit,
    encoded,
    link,
    planted_cache,
    settings_of_the_clone,
    submodule,
    upstream,
    waiver,
)
from tests.scanning import write
from tests.unit.text.repositories import git


class Case(Struct, frozen=True):
    """One request: what it does, what its author hopes for, and the findings that tell."""

    hope: str
    do: Callable[[Path], None]
    told: tuple[str, ...] = ()
    """Paths that PS-CI-009 reports; none where nothing of the gate is touched."""
    refused: str = ""
    """What the message of exit 2 says, where nothing is judged."""
    options: tuple[str, ...] = WITH_BASE
    path: str = "."
    environment: dict[str, str] = {}


def edit(path: str, text: str | bytes) -> Callable[[Path], None]:
    return lambda root: (write(root, {path: text}), None)[1]


def replace(path: str, old: str, new: str) -> Callable[[Path], None]:
    text = BASE[path]
    assert isinstance(text, str)
    assert old in text
    return edit(path, text.replace(old, new))


def delete(path: str) -> Callable[[Path], None]:
    return lambda root: (root / path).unlink()


def rename(path: str, to: str) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        (root / to).parent.mkdir(parents=True, exist_ok=True)
        (root / path).rename(root / to)

    return do


def linked(path: str, target: str, **files: str) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        write(root, {name.replace("__", "/"): text for name, text in files.items()})
        link(root / path, target)

    return do


def all_of(*steps: Callable[[Path], None]) -> Callable[[Path], None]:
    def do(root: Path) -> None:
        for step in steps:
            step(root)

    return do


def attribute(line: str, *also: Callable[[Path], None]) -> Callable[[Path], None]:
    return all_of(edit(".gitattributes", f"*.png binary\n{line}\n"), *also)


def after(*commands: tuple[str, ...]) -> Callable[[Path], None]:
    """Commands of git that are run once the violation is committed."""

    def do(root: Path) -> None:
        commit(root, "violation")
        for command in commands:
            git(root, *command)

    return do


def grafted(root: Path) -> None:
    """History as somebody made it up: the base has the head as its parent."""
    head, base = commit(root, "v"), git(root, "rev-parse", "main").decode().strip()
    write(root / ".git", {"info/grafts": f"{base} {head}\n{head}\n"})


def replaced(root: Path) -> None:
    """The blob of the configuration, and the base commit, stand for others."""
    head = commit(root, "v")
    weak = root.parent / "weak"
    weak.write_text(WEAK_CONFIGURATION)
    oid = git(root, "hash-object", "-w", str(weak)).decode().strip()
    git(root, "replace", git(root, "rev-parse", "main:policyscan.yaml").decode().strip(), oid)
    git(root, "replace", git(root, "rev-parse", "main").decode().strip(), head)


def merged_away(root: Path) -> None:
    """A merge with the base that keeps the older rules: `-s ours`."""
    commit(root, "violation")
    git(root, "checkout", "-q", "main")
    write(root, {"policyscan.yaml": CONFIGURATION + "context: {regions: [eu-west-1]}\n"})
    commit(root, "stricter")
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(root, "checkout", "-q", "pr")
    git(root, "merge", "-q", "-s", "ours", "-m", "merge", "main")


def planted_repository(root: Path) -> None:
    """A repository inside the target, whose `origin/main` is the head itself."""
    commit(root, "violation")
    infra = root / "infra"
    git(infra, "init", "-q", "-b", "main")
    commit(infra)
    git(infra, "update-ref", "refs/remotes/origin/main", "HEAD")


def pointed_elsewhere(root: Path) -> None:
    """A `.git` file in the target that leads to such a repository."""
    planted_repository(root)
    (root / "infra" / ".git").rename(root / "store")
    (root / "infra" / ".git").write_text(f"gitdir: {root / 'store'}\n")


def with_waivers(*entries: str) -> Callable[[Path], None]:
    return edit("waivers.yaml", "version: 1\nwaivers:" + "".join(entries))


def listed(root: Path) -> None:
    """Everything that fails in the request is in the list now."""
    commit(root, "violation")
    here = Path.cwd()
    os.chdir(root)
    assert main(["baseline", "write", *RULES, *TRUSTED, "-q"]) == 0
    os.chdir(here)


ENVIRONMENT_FILES: dict[str, str | bytes] = {
    ".env": "POLICYSCAN_PROFILE=advise\nPYTHONPATH=.\nXDG_CACHE_HOME=.cache\n",
    ".envrc": "export POLICYSCAN_CONFIG=weak.yaml\n",
    "setup.cfg": "[policyscan]\nprofile = advise\n",
    "pyproject.toml": "[tool.policyscan]\nprofile = 'advise'\n",
    "sitecustomize.py": "raise SystemExit(0)\n",
    "yaml.py": "raise SystemExit(0)\n",
}
NAMED: dict[str, str | bytes] = {
    "--trust=HEAD": "",
    "-c": "",
    "@policyscan": "--profile\nadvise\n",
    "infra/--profile=advise": "",
    "--config=weak.yaml": WEAK_CONFIGURATION,
}
CONFIG, GATE, RULE = "policyscan.yaml", "gate.yaml", "rules/network/description.yaml"

CASES = {
    "configuration edited": Case(
        "everything is excluded, and the profile blocks nothing",
        edit(CONFIG, WEAK_CONFIGURATION), (CONFIG,),
    ),
    "configuration deleted": Case(
        "without a configuration the ports of the firm are not judged", delete(CONFIG), (CONFIG,)
    ),
    "configuration renamed": Case(
        "a name that is not read leaves the defaults", rename(CONFIG, "policyscan.yml"),
        (CONFIG, "policyscan.yml"),
    ),
    "configuration as a link inside": Case(
        "the link is followed in the work tree",
        linked(CONFIG, "docs/weak.yaml", docs__weak=WEAK_CONFIGURATION), (CONFIG,),
    ),
    "configuration as a link outside": Case(
        "a file of the runner is read", linked(CONFIG, "/dev/null"), (CONFIG,)
    ),
    "configuration as a submodule": Case(
        "what is no file is not there", lambda root: submodule(root, CONFIG),
        (CONFIG, ".gitmodules"),
    ),
    "configuration as a pointer of LFS": Case(
        "a pointer parses as an empty configuration",
        edit(CONFIG, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
        (CONFIG,),
    ),
    "configuration in other letters": Case(
        "a file system that folds case gives this one",
        all_of(delete(CONFIG), edit("Policyscan.YAML", WEAK_CONFIGURATION)),
        (CONFIG, "Policyscan.YAML"),
    ),
    "configuration in the target": Case(
        "the one nearest to the files wins",
        edit("infra/policyscan.yaml", WEAK_CONFIGURATION), ("infra/policyscan.yaml",),
    ),
    "configuration in the target alone": Case(
        "with the target named, the one inside it is looked up",
        edit("infra/policyscan.yaml", WEAK_CONFIGURATION), ("infra/policyscan.yaml",),
        path="infra",
    ),
    "configuration under a hidden name": Case(
        "a hidden file is read first", edit(".policyscan.yaml", WEAK_CONFIGURATION),
        (".policyscan.yaml",),
    ),
    "files excluded": Case(
        "the files with the violation are left out",
        edit(CONFIG, CONFIGURATION + 'exclude: [{path: "infra/*", reason: generated}]\n'),
        (CONFIG,),
    ),
    "scope answered": Case(
        "what is not for trading is judged less",
        edit(CONFIG, CONFIGURATION + "scope: {assign: [{match: {path: '*'}, role: public}]}\n"),
        (CONFIG,),
    ),
    "parameters loosened": Case(
        "the ports of the violation are not asked for", replace(CONFIG, '"22", ', ""),
        (CONFIG,),
    ),
    "policy weakened": Case(
        "the firm's policy no longer blocks", replace(RULE, "severity: high", "severity: low"),
        (RULE,),
    ),
    "policy deleted": Case("a policy that is gone judges nothing", delete(RULE), (RULE,)),
    "policies as a link": Case(
        "an empty folder holds no policies",
        linked("rules", "empty", empty__x="nothing"), ("rules", RULE),
    ),
    "policies as a submodule": Case(
        "the folder comes from another repository", lambda root: submodule(root, "rules"),
        ("rules", RULE, ".gitmodules"),
    ),
    "policies in the target": Case(
        "policies of the same ids replace those that ship",
        edit(
            "policies/network/world-open-admin-port.yaml",
            POLICY.replace("DESK-NET-001", "PS-NET-004").replace("severity: high", "severity: low"),
        ),
        ("policies/network/world-open-admin-port.yaml",),
    ),
    "profile weakened": Case("nothing blocks", edit(GATE, WEAK_PROFILE), (GATE,)),
    "profile as a link": Case(
        "the profile that blocks nothing stands in its place",
        linked(GATE, "advise.yaml", **{"advise.yaml": WEAK_PROFILE}), (GATE,),
    ),
    "profile deleted": Case("without it, the default holds", delete(GATE), (GATE,)),
    "controls changed": Case(
        "the control is evidence for nothing",
        edit("controls.yaml", "version: 1\nextends: none\ncontrols: []\n"), ("controls.yaml",),
    ),
    "waiver added": Case(
        "the failures are accepted",
        with_waivers(EXPIRED, NARROW, waiver("database", 5432).replace("WVR-5432", "WVR-9")),
        ("waivers.yaml",),
    ),
    "waiver approved by its owner": Case(
        "nobody looks who approved it", with_waivers(NARROW, waiver("bastion", 22, approver="ana")),
        ("waivers.yaml",),
    ),
    "waiver extended": Case(
        "one that has expired holds again",
        with_waivers(waiver("bastion", 22, since="2026-01-01"), NARROW), ("waivers.yaml",),
    ),
    "waiver granted again": Case(
        "a later day of granting gives it a new term", with_waivers(waiver("bastion", 22), NARROW),
        ("waivers.yaml",),
    ),
    "waiver widened": Case(
        "one that accepts a few addresses accepts all of them",
        with_waivers(EXPIRED, waiver("database", 5432)), ("waivers.yaml",),
    ),
    "waivers in other letters": Case(
        "the list is found under this name",
        edit("Waivers.yml", f"version: 1\nwaivers:{waiver('bastion', 22)}"), ("Waivers.yml",),
    ),
    "waivers deleted, and in the target": Case(
        "the nearest list wins",
        all_of(rename("waivers.yaml", "infra/waivers.yaml")),
        ("waivers.yaml", "infra/waivers.yaml"),
    ),
    "waiver in a comment": Case(
        "a comment accepts the failure",
        edit("infra/main.tf", COMMENT + str(VIOLATION["infra/main.tf"]).lstrip()),
        ("infra/main.tf",),
    ),
    "waiver in a comment moved": Case(
        "the comment is on the trusted side, only elsewhere",
        all_of(
            edit("infra/jump.tf", JUMP),
            edit("infra/main.tf", COMMENT + str(VIOLATION["infra/main.tf"]).lstrip()),
        ),
        ("infra/main.tf",),
    ),
    "waiver in a comment copied beside": Case(
        "in the same file nobody sees which one was there",
        edit("infra/jump.tf", COMMENT + JUMP + COMMENT + DATABASE.lstrip()),
        ("infra/jump.tf",),
    ),
    "waiver in a comment that stays": Case(
        "what stands below the comment is another group now",
        all_of(
            edit("infra/jump.tf", COMMENT + str(VIOLATION["infra/main.tf"]).lstrip()),
            delete("infra/main.tf"),
        ),
    ),
    "waiver in a comment of a new file": Case(
        "what is new has no older version to compare with",
        edit("infra/database.tf", COMMENT + DATABASE.lstrip()), ("infra/database.tf",),
    ),
    "baseline extended": Case(
        "what stands in the list is not new", listed, ("policyscan-baseline.json",),
        options=WITH_BASELINE,
    ),
    "baseline deleted": Case(
        "without a list, nothing is compared", delete("policyscan-baseline.json"),
        ("policyscan-baseline.json",), options=WITH_BASELINE,
    ),
    "filter on the files": Case(
        "a filter that the runner has empties the files on checkout, so that nothing is found",
        attribute("*.yaml filter=lfs"), (".gitattributes",),
    ),
    "other encoding": Case(
        "what nobody can read is not judged; it is a gap that blocks as well",
        attribute("waivers.yaml working-tree-encoding=UTF-16",
                  edit("waivers.yaml", encoded(WAIVERS))),
        (".gitattributes", "waivers.yaml"),
    ),
    "ident": Case(
        "the checkout writes into the file of rules",
        attribute("policyscan.yaml ident", edit(CONFIG, "# $Id: profile: advise $\n")),
        (".gitattributes", CONFIG),
    ),
    "line ends": Case(
        "a file with other line ends is another file",
        attribute("*.yaml eol=crlf", edit(CONFIG, CONFIGURATION.lstrip().replace("\n", "\r\n"))),
    ),
    "ignored by git": Case(
        "what git ignores is not looked at: the file is tracked, so that it is",
        edit(".gitignore", "*.log\ninfra/\n"),
    ),
    "submodule in the place of the target": Case(
        "what the request breaks is in another repository", lambda root: submodule(root, "infra"),
        refused="is a repository that the commit", path="infra",
    ),
    "repository in the target": Case(
        "the base of that repository is the head: nothing is new", planted_repository,
        refused="is a repository that the commit", path="infra",
    ),
    "a .git file in the target": Case(
        "git follows the file to a history of its own", pointed_elsewhere,
        refused="is a repository that the commit", path="infra",
    ),
    "target as a link": Case(
        "what is compared with is what the link leads to",
        all_of(rename("infra", "other"), linked("infra", "other")),
        refused="symbolic link", path="infra",
    ),
    "environment files": Case(
        "a runner, a shell or Python reads them",
        lambda root: (write(root, ENVIRONMENT_FILES), None)[1], (".envrc", "pyproject.toml"),
    ),
    "a cache in the repository": Case(
        "answers that the request brings along are taken for those of the tool",
        all_of(after(), lambda root: planted_cache(root, root / ".cache" / "policyscan")),
        path="infra", environment={"XDG_CACHE_HOME": "{root}/.cache", "POLICYSCAN_CACHE": ""},
    ),
    "names of options": Case(
        "a file name becomes an option", lambda root: (write(root, NAMED), None)[1]
    ),
    "a tag named like the base": Case(
        "tags come before remote branches", after(("tag", "origin/main")),
        refused="refs/tags/origin/main",
    ),
    "a branch named like the base": Case(
        "local branches come before remote ones", after(("branch", "origin/main")),
        refused="refs/heads/origin/main",
    ),
    "a reference in .git": Case(
        "git reads this file before any branch",
        lambda root: (
            commit(root, "v"),
            write(root / ".git", {"origin/main": git(root, "rev-parse", "HEAD")}), None,
        )[2],
    ),
    "replaced objects": Case("git shows others for the trusted ones", replaced),
    "grafts": Case("the head comes before the base", grafted),
    "merged away": Case(
        "a merge that keeps the older rules looks like no change", merged_away, (CONFIG,)
    ),
    "workflow edited": Case(
        "the step that runs the gate is gone (the honest limit: a runner may obey)",
        edit(".github/workflows/gate.yml", "on: pull_request\njobs: {}\n"),
        (".github/workflows/gate.yml",),
    ),
    "another policyscan": Case(
        "the workflow installs what the request names (the honest limit, too)",
        replace("requirements.txt", "sha256:aa", "sha256:bb"), ("requirements.txt",),
    ),
    "packages from elsewhere": Case(
        "an index of one's own has a policyscan of one's own",
        edit("requirements.txt", f"--index-url https://e.example/\n{PINS}"), ("requirements.txt",),
    ),
    "variables of git": Case(
        "git is led elsewhere by its environment", lambda root: None, environment=GIT_VARIABLES
    ),
    "home in the repository": Case(
        "programs read settings of their user", lambda root: (write(root, HOME), None)[1],
        environment=IN_HOME,
    ),
    "owners removed": Case(
        "nobody has to look at it", delete(".github/CODEOWNERS"), (".github/CODEOWNERS",)
    ),
    "everything at once": Case(
        "something gets through",
        all_of(
            edit(CONFIG, WEAK_CONFIGURATION), edit(GATE, WEAK_PROFILE), delete(RULE),
            with_waivers(waiver("bastion", 22), waiver("database", 5432)),
            edit("controls.yaml", "version: 1\nextends: none\ncontrols: []\n"),
        ),
        (CONFIG, GATE, RULE, "waivers.yaml", "controls.yaml"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return upstream(tmp_path_factory.mktemp("origin") / "work")


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "work", symlinks=True))


@pytest.fixture(autouse=True)
def pull_request(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "CI": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_BASE_REF": "main",
        "GITHUB_HEAD_REF": "pr",
    }.items():
        monkeypatch.setenv(name, value)
    return


class Outcome(Struct, frozen=True):
    code: int
    blocking: frozenset[tuple[str, str]]
    told: frozenset[str]


def judged(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...] = (*WITH_BASE, *TRUSTED),
    path: str = ".",
) -> Outcome:
    """What the gate says of what is checked out at `root`."""
    out = root.parent / "report.json"
    out.unlink(missing_ok=True)
    monkeypatch.chdir(root)
    every = ("scan", path, *RULES, *options, "-q", "-o", f"json={out}")
    code = main(list(every))
    if not out.exists():
        return Outcome(code, frozenset(), frozenset())
    report = json.loads(out.read_bytes())
    found = report["findings"]
    return Outcome(
        code,
        frozenset((f["policy_id"], f["resource"]["address"]) for f in found if f["blocking"]),
        frozenset(
            f["resource"]["address"]
            for f in found
            if f["policy_id"] == "PS-CI-009" and f["verdict"] == "fail"
        ),
    )


EXPECTED = {
    ("PS-NET-004", "aws_security_group.bastion"),
    ("PS-NET-004", "aws_security_group.database"),
    ("DESK-NET-001", "aws_security_group.database"),
}


def test_without_tampering_the_request_is_blocked_and_nothing_else_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(root)
    assert judged(root, monkeypatch) == Outcome(1, frozenset(EXPECTED), frozenset())


def test_settings_of_the_clone_change_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_of_the_clone(root)
    assert judged(root, monkeypatch) == Outcome(1, frozenset(EXPECTED), frozenset())


WORKS = (
    "configuration edited", "files excluded", "parameters loosened", "policy weakened",
    "policy deleted", "policies as a link", "profile weakened", "profile as a link",
    "waiver added", "waiver granted again", "waiver widened", "waiver in a comment",
    "waiver in a comment moved", "waiver in a comment of a new file", "baseline extended",
    "everything at once",
)  # fmt: skip


@pytest.mark.parametrize("name", WORKS)
def test_the_rules_of_the_request_would_let_it_pass(
    name: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: where the tree is trusted, these do what their authors hope for."""
    case = CASES[name]
    case.do(root)
    commit(root)
    for variable in ("GITHUB_EVENT_NAME", "GITHUB_BASE_REF"):
        monkeypatch.delenv(variable)
    found = judged(root, monkeypatch, case.options)
    assert found.code in (0, 1, 3)
    assert not found.blocking >= EXPECTED


def test_the_cache_of_the_request_would_let_it_pass(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: where a workflow hands it to the gate, which no gate can tell."""
    commit(root)
    planted_cache(root, root.parent / "handed" / "policyscan")
    monkeypatch.setenv("POLICYSCAN_CACHE", "on")
    assert judged(root, monkeypatch, path="infra").code == 1
    monkeypatch.setenv("XDG_CACHE_HOME", str(root.parent / "handed"))
    assert judged(root, monkeypatch, path="infra") == Outcome(0, frozenset(), frozenset())


@pytest.mark.parametrize("name", CASES)
def test_tampering_leaves_the_gate_as_strict_and_is_told(
    name: str, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES[name]
    case.do(root)
    if not case.refused:
        commit(root, name)
    elif git(root, "status", "--porcelain"):
        git(root, "add", "-A", ".")
        git(root, "commit", "-q", "-m", name)
    for variable, value in case.environment.items():
        monkeypatch.setenv(variable, value.format(root=root))
    trusting = (*case.options, *TRUSTED)
    found = judged(root, monkeypatch, trusting, case.path)
    if case.refused:
        assert found.code == 2
        assert case.refused in capsys.readouterr().err
        return
    assert found.code == 1
    assert found.blocking >= EXPECTED
    assert found.told == {*case.told}


def test_at_least_25_of_them_change_what_steers_the_gate() -> None:
    assert sum(bool(case.told) for case in CASES.values()) >= 25
    assert sum(bool(case.refused) for case in CASES.values()) >= 5


def test_a_branch_that_is_only_behind_has_changed_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(root, "violation")
    git(root, "checkout", "-q", "main")
    write(root, {"policyscan.yaml": CONFIGURATION + "context: {regions: [eu-west-1]}\n"})
    write(root, {"rules/more.yaml": POLICY.replace("001", "002").replace("group-w", "group-x")})
    commit(root, "stricter")
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(root, "checkout", "-q", "pr")
    found = judged(root, monkeypatch)
    assert found.told == frozenset()
    assert found.blocking == {*EXPECTED, ("DESK-NET-002", "aws_security_group.database")}


def test_without_trust_nothing_is_judged(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(root)
    monkeypatch.chdir(root)
    for path in (".", "infra"):
        assert main(["scan", path, *RULES, *WITH_BASE, "-q"]) == 2
        assert "Add --trust origin/main" in capsys.readouterr().err


def test_every_report_says_what_was_in_force_and_from_where(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = git(root, "rev-parse", "main").decode().strip()
    write(root, {GATE: PROFILE.replace("name: desk", "name: other")})
    commit(root)
    monkeypatch.chdir(root)
    texts = {}
    for form in ("json", "html", "sarif", "junit", "console"):
        out = root.parent / f"r.{form}"
        main(
            ["scan", ".", *RULES, *WITH_BASE, "--trust", "origin/main", "-q", "-o", f"{form}={out}"]
        )
        texts[form] = out.read_text()
    report = json.loads(texts["json"])
    assert report["profile"]["name"] == "desk (./gate.yaml)"
    assert (report["run"]["trust"], report["run"]["trust_commit"]) == ("origin/main", base)
    assert report["run"]["in_force"] == [
        {"role": role, "path": path, "source": "origin/main"}
        for role, path in (
            ("configuration", CONFIG),
            ("profile", GATE),
            ("policies", "rules"),
            ("waivers", "waivers.yaml"),
            ("controls", "controls.yaml"),
        )
    ]
    for form, text in texts.items():
        assert base[:12] in text, form
        for word in ("origin/main", CONFIG, "gate.yaml", "rules", "waivers.yaml", "controls.yaml"):
            assert word in text, form

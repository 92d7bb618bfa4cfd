"""No trap is sprung: nothing in a scanned tree is run, asked for, or read outside of it, and what
fails without the trap fails with it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import policyscan
from policyscan.collectors.code.semgrep.engines import find_engines
from policyscan.findings import Change, Report
from policyscan.reporters.json_report import load_report
from tests.honesty.traps import (
    AT_START,
    BASE,
    FILES,
    TRAPS,
    Setting,
    Trap,
    arm,
    commit,
    spring,
)
from tests.unit.text.repositories import git, repository, write

PROGRAM = str(Path(sys.executable).parent / "policyscan")
MODULE = (sys.executable, "-P", "-m", "policyscan")
BASE_REF = ("--base", "HEAD~1")


class Zoo:
    """A repository for each trap, and one with all that can be together."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._url = url
        for name in ("trees", "fired", "outside", "out", "tmp", "cache", "home"):
            (folder / name).mkdir()
        secrets = {"secret.tf": FILES["main.tf"].replace("open", "secret"), "secret.yml": "x: 1\n",
                   "secret.py": FILES["bot.py"], "main.tf": FILES["main.tf"]}  # fmt: skip
        write(folder / "outside", {name: text.encode() for name, text in secrets.items()})
        files = {name: text.encode() for name, text in BASE.items()}
        self._base = repository(folder / "base", files)
        self.plain = self.build("plain")
        self.trees = {
            trap.name: self.build(f"t{number}", trap) for number, trap in enumerate(TRAPS)
        }
        self.all = self.build("all", *(trap for trap in TRAPS if not trap.alone))

    def build(self, name: str, *traps: Trap) -> Path:
        root = self.folder / "trees" / name
        shutil.copytree(self._base, root)
        write(root, {file: text.encode() for file, text in FILES.items()})
        settings = [self._setting(trap) for trap in traps]
        for trap, setting in zip(traps, settings, strict=True):
            spring(trap, root, setting)
        commit(root)
        for trap, setting in zip(traps, settings, strict=True):
            arm(trap, root, setting)
        return root

    def _setting(self, trap: Trap) -> Setting:
        number = TRAPS.index(trap)
        outside = str(self.folder / "outside")
        return Setting(str(self.folder / "fired" / f"{number}"), self._url, outside)

    def fired(self) -> set[str]:
        """The traps that were sprung."""
        names = {TRAPS[int(path.name)].name for path in (self.folder / "fired").iterdir()}
        left = (self.folder / "trees").rglob("sprung")
        return names | {str(path) for path in left}

    def environment(self, root: Path) -> dict[str, str]:
        """One in which the tree is looked at first, where that can be."""
        return {
            "PATH": f".:bin:{root}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "LOGNAME": "ada",
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.variables(*TRAPS),
        }

    def variables(self, *traps: Trap) -> dict[str, str]:
        """Those that the traps set."""
        return {
            name: self._setting(trap).fill(text)
            for trap in traps
            for name, text in trap.variables.items()
        }


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory, listener: socket.socket) -> Zoo:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    zoo = Zoo(tmp_path_factory.mktemp("zoo"), url)
    for path in (zoo.folder / "fired").iterdir():  # git while they were set up
        path.unlink()
    return zoo


def assert_nothing_fired(zoo: Zoo, listener: socket.socket) -> None:
    assert not zoo.fired()
    with pytest.raises(BlockingIOError):
        listener.accept()


# -- the gate ----------------------------------------------------------------------------------

Key = tuple[str, str, str]


def judged(report: Report) -> dict[Key, tuple[str, bool]]:
    return {
        (one.policy_id, one.resource.unit, one.resource.address): (one.verdict.value, one.blocking)
        for one in report.findings
    }


@pytest.fixture(autouse=True)
def kept(zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> None:
    """What semgrep finds is kept, as all trees hold the same program."""
    for name in ("GITHUB_EVENT_NAME", "CI_MERGE_REQUEST_IID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("POLICYSCAN_CACHE", "on")
    monkeypatch.setenv("XDG_CACHE_HOME", str(zoo.folder / "cache"))


# -- what is run, asked and read ---------------------------------------------------------------

CAN_WATCH = shutil.which("strace") is not None and shutil.which("unshare") is not None
ALONE = "unshare", "-n"
TRACED = "execve", "execveat", "open", "openat", "openat2", "socket", "connect"
DRIVER = """
import os, sys
from policyscan.cli import main
for line in sys.stdin:
    folder, _, out = line.rstrip("\\n").partition(" ")
    os.chdir(folder)
    code = main(["scan", ".", "-q", "-o", "json=" + out, *sys.argv[1:]])
    assert code == 1, (folder, code)
"""
_RESULT = re.compile(r"= \d+<(.*)>(?: \(deleted\))?$")
_STARTED = re.compile(r'execve(?:at)?\((?:\d+<[^>]*>, )?"([^"]*)".* = 0$')


class Trace:
    """What a traced process and all that it started did."""

    def __init__(self, log: Path) -> None:
        lines = log.read_text("utf-8", "replace").splitlines()
        self.started = {match[1] for line in lines if (match := _STARTED.search(line))}
        self.sockets = {line for line in lines if re.search(r"\b(socket|connect)\(", line)}
        opened = (line for line in lines if re.search(r"\bopen(at2?)?(\(| resumed>)", line))
        self.opened = {match[1] for line in opened if (match := _RESULT.search(line))}


def traced(zoo: Zoo, root: Path, *command: str, code: int = 1, stdin: str = "") -> Trace:
    """A run without a network, watched."""
    if not CAN_WATCH:
        pytest.skip("strace and unshare are not installed")
    alone = next((a for a in (ALONE, (*ALONE, "-r")) if not _fails(*a, "true")), ())
    log = zoo.folder / "log"
    watch = ("strace", "-f", "-qq", "-y", "--seccomp-bpf", "-e", f"trace={','.join(TRACED)}")
    done = subprocess.run(
        [*alone, *watch, "-o", str(log), *command],
        cwd=root,
        env=zoo.environment(root),
        input=stdin.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == code, done.stderr.decode()
    return Trace(log)


def _fails(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


SYSTEM = (
    "/usr/lib", "/lib", "/lib64", "/usr/share/locale", "/usr/share/git-core", "/usr/share/zoneinfo",
    "/etc/ld.so.cache", "/etc/localtime", "/etc/gitconfig", "/dev/null", "/dev/urandom",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/fs/cgroup",
    "/sys/devices/system/cpu", "/usr/local/lib", "/usr/bin", "/usr/libexec",
    "/etc/ssl", "/etc/locale.alias", "/proc/filesystems",
)  # fmt: skip
"""What every program of the system reads."""


def outside(zoo: Zoo, opened: Iterable[str]) -> set[str]:
    """The files that were read and are none of the trees', of Python's or of the system's."""
    own = Path(policyscan.__file__).parent.parent
    ours = ("trees", "out", "tmp", "cache", "home")
    allowed = [
        sys.prefix, sys.base_prefix, str(own), *SYSTEM, *(str(zoo.folder / name) for name in ours),
    ]  # fmt: skip
    process = re.compile(r"/proc/\d+/(maps|stat|status|fd|cgroup|mountinfo)$")
    return {
        path
        for path in opened
        if not process.match(path)
        and not any(path == place or path.startswith(f"{place}/") for place in allowed)
        and not any(place.startswith(path.rstrip("/") + "/") for place in allowed)  # on the way
    }


def assert_clean(trace: Trace, zoo: Zoo, *programs: str) -> None:
    git_program = shutil.which("git")
    allowed = {*programs, git_program, find_engines()[0].executable}
    others = {path for path in trace.started - allowed if not path.endswith("/programs/uname")}
    assert not others
    assert not trace.sockets
    assert not outside(zoo, trace.opened)
    assert not zoo.fired()


def test_the_trace_sees_what_it_is_to_see(zoo: Zoo) -> None:
    secret = zoo.folder / "outside" / "secret.yml"
    script = f"cat '{secret}'; exec python3 -c 'import socket; socket.socket()'"
    trace = traced(zoo, zoo.folder, "/bin/sh", "-c", script, code=0)
    assert {Path(name).name for name in trace.started} >= {"sh", "cat", "python3"}
    assert str(secret) in outside(zoo, trace.opened)
    assert trace.sockets


class Each(NamedTuple):
    """What became of each tree by itself, scanned from inside of it."""

    folder: Path
    trace: Trace | None
    """None where nothing can be watched."""

    def report(self, root: Path) -> Report:
        return load_report((self.folder / f"{root.name}.json").read_bytes())


@pytest.fixture(scope="module")
def each(zoo: Zoo) -> Each:
    """All in one process, as whatever is started is started each time."""
    folder = zoo.folder / "out" / "each"
    folder.mkdir()
    roots = [zoo.plain, *zoo.trees.values()]
    lines = "".join(f"{root} {folder / root.name}.json\n" for root in roots)
    command = (sys.executable, "-P", "-c", DRIVER, *BASE_REF)
    if CAN_WATCH:
        return Each(folder, traced(zoo, zoo.plain, *command, code=0, stdin=lines))
    subprocess.run(
        command, cwd=zoo.plain, env=zoo.environment(zoo.plain), input=lines.encode(), check=True
    )
    return Each(folder, None)


def test_there_are_more_than_sixty_traps() -> None:
    assert len({trap.name for trap in TRAPS}) == len(TRAPS) > 60


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_the_gate_is_unchanged(trap: Trap, zoo: Zoo, each: Each, listener: socket.socket) -> None:
    plain, report = each.report(zoo.plain), each.report(zoo.trees[trap.name])
    assert plain.summary.exit_code == report.summary.exit_code == 1
    found = judged(report)
    for key, judgement in judged(plain).items():
        if trap.hides and judgement[0] == "pass":
            assert found[key][0] in ("pass", "unknown")
        else:
            assert found[key] == judgement
    assert report.gaps or not trap.hides
    changes = {finding.change for finding in report.findings if finding.blocking}
    assert changes <= {Change.NEW, Change.WORSE}
    assert_nothing_fired(zoo, listener)


def test_each_trap_by_itself(zoo: Zoo, each: Each) -> None:
    if each.trace is None:
        pytest.skip("strace and unshare are not installed")
    assert_clean(each.trace, zoo, sys.executable)


@pytest.mark.parametrize(
    ("way", "place", "base"),
    [
        ("script", "inside", ()),
        ("script", "inside", BASE_REF),
        ("script", "inside", ("--trust", "HEAD~1")),
        ("script", "inside", ("--staged",)),
        ("script", "outside", (*BASE_REF, "--trust", "HEAD~1")),
        ("module", "inside", (*BASE_REF, "--trust", "HEAD~1")),
        ("module", "outside", ()),
    ],
)
def test_all_traps_at_once(way: str, place: str, base: tuple[str, ...], zoo: Zoo) -> None:
    """As processes of their own, so that what is imported is looked for there."""
    command = (PROGRAM,) if way == "script" else MODULE
    cwd, path = (zoo.all, ".") if place == "inside" else (zoo.folder / "home", str(zoo.all))
    out = zoo.folder / "out" / "all.json"
    code = 0 if "--staged" in base else 1  # against HEAD, and all of it is committed
    words = ("scan", path, "-q", "-o", f"json={out}", *base)
    trace = traced(zoo, cwd, *command, *words, code=code)
    assert_clean(trace, zoo, command[0])
    found = judged(load_report(out.read_bytes()))
    assert {verdict for (policy, *_), (verdict, _) in found.items() if policy == "PS-NET-004"} >= {
        "fail"
    }


# -- `python -m` without -P --------------------------------------------------------------------


def run_module(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-m", "policyscan", "--version"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_unsafe_way_to_start_is_refused(zoo: Zoo) -> None:
    """So that no pipeline relies on it: of a tree that holds a `policyscan`, Python runs that."""
    for root in (zoo.plain, zoo.trees["modules of the library"], zoo.trees["sitecustomize"]):
        done = run_module(root)
        assert done.returncode == 2
        assert "python -P -m policyscan" in done.stderr
    assert not zoo.fired()
    for trap in AT_START:
        safe = run_module(zoo.trees[trap.name], "-P")
        assert safe.stdout.startswith("policyscan "), safe.stderr
        assert not zoo.fired()
        run_module(zoo.trees[trap.name])
        assert zoo.fired() == {trap.name}
        (zoo.folder / "fired" / str(TRAPS.index(trap))).unlink()


def test_the_traps_are_real(zoo: Zoo, listener: socket.socket) -> None:
    """What a tool does that does not know springs them."""
    for name, line in (
        ("git settings by GIT_CONFIG_GLOBAL", ["git", "status"]),
        ("git settings by GIT_CONFIG_COUNT", ["git", "status"]),
        ("settings by XDG_CONFIG_HOME", ["git", "status"]),
        ("programs that variables name", ["git", "diff", "HEAD~1", "HEAD"]),
        ("a git elsewhere, by variables", ["git", "remote-http", "x"]),
        ("settings of the work tree", ["git", "status"]),
        ("direnv", ["bash", "-c", ". ./.envrc"]),
        ("usercustomize", [sys.executable, "-c", "import usercustomize"]),
        ("a build that runs a module", [sys.executable, "-c", "import backend"]),
        ("plug-ins of linters", [sys.executable, "-m", "mypy", "bot.py"]),
        ("packages of node", ["./node"]),
        ("a yaml of its own", [sys.executable, "-c", "import yaml"]),
        ("a pydantic of its own", [sys.executable, "-c", "import pydantic"]),
        ("a msgspec of its own", [sys.executable, "-c", "import msgspec"]),
        ("core.fsmonitor", ["git", "status"]),
        ("a nested repository", ["git", "-C", "nested", "status"]),
        ("a pointer to another repository", ["git", "status"]),
        ("an embedded bare repository", ["git", "-C", "sub", "status"]),
        ("filters", ["git", "add", "--renormalize", "."]),
        ("helpers of remotes", ["git", "fetch"]),
        ("objects to be fetched", ["git", "show", "HEAD~1:main.tf"]),
        ("git and what it calls", ["./git"]),
    ):
        subprocess.run(
            line,
            cwd=zoo.trees[name],
            env={
                "PATH": os.environ["PATH"],
                "HOME": "/nonexistent",
                **zoo.variables(*(trap for trap in TRAPS if trap.name == name)),
            },
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert name in zoo.fired(), name
        (zoo.folder / "fired" / str([trap.name for trap in TRAPS].index(name))).unlink()
    replaced = zoo.trees["objects that are replaced"]
    assert git(replaced, "cat-file", "blob", "HEAD:main.tf") != FILES["main.tf"].encode()

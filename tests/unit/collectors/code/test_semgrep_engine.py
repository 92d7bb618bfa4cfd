"""The real semgrep: both ways to start it say the same, nothing in a tree steers it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from policyscan.collectors.code.semgrep import engines as engines_module
from policyscan.collectors.code.semgrep import search as search_module
from policyscan.collectors.code.semgrep.engines import Engine, find_engines, is_supported
from policyscan.collectors.code.semgrep.model import MAX_TEXT, Match
from policyscan.collectors.code.semgrep.rules import load_rules
from policyscan.errors import GapReason
from policyscan.text.git_tree import GitTree
from tests.scanning import scan_files, verdicts
from tests.unit.collectors.code.semgrep_runs import (
    RULES,
    found,
    gaps,
    rule,
    rule_set,
    search,
    tree_of,
)

ROOT = Path(__file__).parents[4]

CORPUS: dict[str, str | bytes] = {
    "bot.py": 'requests.get("u", verify=False)\nrequests.get(\n  "v",\n  verify=(x))\n',
    "src/client.js": "call({rejectUnauthorized: false});\n",
    "src/client.jsx": "const x = <A b={{rejectUnauthorized: no}} />;\n",
    "src/client.ts": "call({rejectUnauthorized: flag as boolean});\n",
    "src/view.tsx": "const x = <A b={{rejectUnauthorized: !flag}} />;\n",
    "cmd/main.go": "package main\n\nvar c = &tls.Config{MinVersion: 1, InsecureSkipVerify: true}\n",
    "App.java": "class App { void f(Client c) { c.setTrustAll(true); } }\n",
    "latin1.py": b'# -*- coding: latin-1 -*-\ns = "\xe9\xe8"; f(verify="\xe9")\n',
    "bom.py": b'\xef\xbb\xbff(verify="\xc3\xa9")\r\n\tg(verify=1)\r\n',
    "wide.js": 'g("\U0001f600", {rejectUnauthorized: "\u00e9\U0001f600"});\n',
    "broken.py": "def f(:\n  x = [1,2\n\ng(verify=False)\n)\n\nh(verify=True)\n",
    "empty_verify.py": "# verify\n",
    "nul.py": b"f(verify=False)\n\x00\n",
    "python2.py": 'print "verify"\nexec "x"\nf(verify=0)\n',
    "silent.py": "f(verify=False)  # nosemgrep\ng(verify=True)  # nosem: py-verify\n",
    "many.py": "".join(f"f({n}, verify=v{n})\n" for n in range(300)),
    "long.py": f"f(verify='{'x' * 5000}')\n",
    "nothing.py": "print(1)\n",
}


def both() -> tuple[Engine, ...]:
    """The native and the plain one."""
    found_here = find_engines()
    assert [engine.name for engine in found_here] == ["native", "plain"]
    return found_here


def test_both_engines_say_the_same(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, CORPUS)
    native, plain = (search(tree, engines=[engine]) for engine in both())
    assert native == plain
    said = dict(found(native))
    assert said["src/client.js"] == "false"
    assert said["src/client.jsx"] == "no"
    assert said["src/view.tsx"] == "!flag"
    assert said["cmd/main.go"] == "true"
    assert said["App.java"] == "true"
    assert len([path for path, _ in found(native) if path == "many.py"]) == 300
    assert {path for path, _ in found(native)} >= {"silent.py", "python2.py", "nul.py"}
    assert {gap.subject for gap in gaps(native)} == {"broken.py", "nul.py"}


SNIPPETS = sorted((ROOT / "tests" / "accuracy").glob("*.yaml"))
SUFFIX = {"python": "py", "javascript": "js", "go": "go", "java": "java"}


def test_both_engines_say_the_same_with_the_rules_that_are_shipped(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for page in SNIPPETS:
        for number, snippet in enumerate(yaml.safe_load(page.read_text("utf-8"))):
            code = snippet.get("code")
            if isinstance(code, str) and page.stem in SUFFIX:
                files[f"{page.stem}/{number:03}.{SUFFIX[page.stem]}"] = code
                if page.stem == "javascript":
                    files[f"typescript/{number:03}.ts"] = code
    assert len(files) > 120
    tree = tree_of(tmp_path, files)
    native, plain = (search(tree, rules=load_rules(), engines=[engine]) for engine in both())
    assert native == plain
    assert len(found(native)) > 200


def test_places_are_bytes(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, CORPUS)
    places = {
        (item.path, tree.read(item.path).data[item.start : item.end])
        for item in search(tree, paths=["bot.py", "latin1.py", "bom.py", "wide.js"])
        if isinstance(item, Match)
    }
    assert places == {
        ("bot.py", b'requests.get("u", verify=False)'),
        ("bot.py", b'requests.get(\n  "v",\n  verify=(x))'),
        ("latin1.py", b'f(verify="\xe9")'),
        ("bom.py", b'f(verify="\xc3\xa9")'),
        ("bom.py", b"g(verify=1)"),
        ("wide.js", '{rejectUnauthorized: "\u00e9\U0001f600"}'.encode()),
    }


def test_what_is_found_beside_a_mistake_is_kept(tmp_path: Path) -> None:
    items = search(tree_of(tmp_path, {"broken.py": CORPUS["broken.py"]}))
    (gap,) = gaps(items)
    assert gap.reason is GapReason.UNPARSEABLE
    assert gap.span is not None
    assert gap.span.line == 2
    assert ("broken.py", "True") in found(items)


def test_a_file_of_two_megabytes_is_looked_at(tmp_path: Path) -> None:
    """Left to itself semgrep skips it without a word."""
    text = f"# {'x' * 98}\n" * 20_000 + "f(verify=False)\n"
    items = search(tree_of(tmp_path, {"large.py": text}))
    assert found(items) == [("large.py", "False")]


def test_what_takes_too_long_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left to itself semgrep says so in a warning, lists the file as scanned, and ends with 0."""
    from policyscan.collectors.code.semgrep import workspace

    monkeypatch.setattr(workspace, "FILE_SECONDS", 1)
    slow = "x = [" + "f(verify=[1, 2, {'a': (3, 4)}]), " * 60_000 + "]\n"
    tree = tree_of(tmp_path, {"slow.py": slow, "quick.py": "f(verify=False)\n"})
    items = search(tree)
    assert ("quick.py", "False") in found(items)
    (gap,) = gaps(items)
    assert (gap.subject, gap.reason) == ("slow.py", GapReason.TRUNCATED)


def test_names_of_the_tree_are_kept_from_it(tmp_path: Path) -> None:
    names = ["--config=x.py", "-.py", "a b\n'\"$(touch x).py", "\udcff.py", "test/x_test.py"]
    names += ["node_modules/.hidden.min.py", "\u202e.py"]
    tree = tree_of(tmp_path, dict.fromkeys(names, "f(verify=False)\n"))
    items = search(tree)
    assert sorted(found(items)) == sorted((name, "False") for name in names)


def test_files_of_a_commit(tmp_path: Path) -> None:
    tree_of(tmp_path, {"bot.py": "f(verify=False)\n"})
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        git = ["git", "-c", "user.name=a", "-c", "user.email=b", *arguments]
        subprocess.run(git, cwd=tmp_path, check=True)
    (tmp_path / "bot.py").write_text("f(verify=True)\n")
    tree = GitTree(tmp_path, "HEAD")
    assert found(search(tree)) == [("bot.py", "False")]
    tree.close()


IGNORING = {
    ".semgrepignore": "*\n",
    "src/.semgrepignore": "*\n",
    ".gitignore": ".semgrepignore\n",
    ".semgrep.yml": "rules: []\n",
    ".semgrep/settings.yml": "x: y\n",
}


def test_nothing_in_the_tree_makes_it_leave_out_anything(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, {**IGNORING, "src/bot.py": "f(verify=False)  # nosemgrep\n"})
    assert found(search(tree, paths=["src/bot.py"])) == [("src/bot.py", "False")]


@pytest.mark.parametrize("index", [0, 1], ids=["native", "plain"])
def test_nothing_above_its_workspace_makes_it_leave_out_anything(
    index: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may write to the directory for temporary files."""
    temporary = tmp_path / "temporary"
    tree_of(temporary, {".semgrepignore": "*\n", ".git/HEAD": "ref: refs/heads/x\n"})
    for name in ("objects", "refs"):
        (temporary / ".git" / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    tree = tree_of(tmp_path / "tree", {"bot.py": "f(verify=False)\n"})
    items = search(tree, engines=[both()[index]])
    assert found(items) == [("bot.py", "False")]
    assert not gaps(items)


def test_a_setting_of_the_caller_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "SEMGREP_RULES": "p/python",
        "SEMGREP_TIMEOUT": "0.000001",
        "SEMGREP_EXCLUDE": "*",
        "SEMGREP_BASELINE_COMMIT": "HEAD",
        "SEMGREP_APP_TOKEN": "planted-token",
        "PYTHONPATH": str(tmp_path),
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "LC_ALL": "C",
    }.items():
        monkeypatch.setenv(name, value)
    tree_of(tmp_path, {"semgrep/__init__.py": "raise SystemExit(3)\n"})
    tree = tree_of(tmp_path / "tree", {"bot.py": 'f(verify="\u00e9")\n'})
    for engine in both():
        assert found(search(tree, engines=[engine])) == [("bot.py", '"\u00e9"')]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    tree = tree_of(tmp_path / "tree", {"bot.py": "f(verify=False)\n"})
    for engine in both():
        assert found(search(tree, engines=[engine]))
    assert not list((tmp_path / "temporary").iterdir())
    assert sorted(path.name for path in (tmp_path / "tree").iterdir()) == ["bot.py"]


# -- where it is found --------------------------------------------------------------------------


def test_without_semgrep_there_is_one_gap(tmp_path: Path) -> None:
    files = {"a.py": "f(verify=1)", "b.js": "f({rejectUnauthorized: 1})", "c.py": "print(1)"}
    (gap,) = search(tree_of(tmp_path, files), engines=[])
    assert (gap.reason, gap.subject) == (GapReason.NOT_FETCHED, "semgrep")
    assert 'pip install --upgrade "policyscan[code]"' in gap.message
    assert gap.hides == ("TlsClientUse",)


def test_a_scan_without_semgrep_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "find_engines", tuple)
    client = "import requests\nrequests.get('https://localhost', verify=False)\n"
    report = scan_files(tmp_path, {"a.py": client, "b.py": client})
    (gap,) = (gap for gap in report.gaps if gap.subject == "semgrep")
    assert gap.reason == "not_fetched"
    assert "2 files need it" in gap.message
    assert not report.summary.complete


def test_a_scan_finds_what_semgrep_finds(tmp_path: Path) -> None:
    client = "import requests\nrequests.get('https://api.binance.com', verify=False)\n"
    large = client + f"# {'x' * 98}\n" * 15_000
    report = scan_files(tmp_path, {"bot/large.py": large, "bot/x.py": b"\xff\xfef\x00(\x00"})
    assert "fail" in verdicts(report, "PS-TLS-004").values()
    (gap,) = report.gaps
    assert (gap.subject, gap.reason) == ("bot/x.py", "unparseable")
    assert "UTF-16" in gap.message


def test_without_semgrep_nothing_is_missed_where_nothing_is_to_be_found(tmp_path: Path) -> None:
    assert search(tree_of(tmp_path, {"a.py": "print(1)", "b.md": "verify"}), engines=[]) == []


def test_nothing_is_looked_for_where_nothing_is_to_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "find_engines", None)
    assert search(tree_of(tmp_path, {"a.py": "print(1)"})) == []


def test_it_is_not_found_in_the_working_directory_or_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = "#!/bin/sh\ntouch fired\n"
    tree_of(
        tmp_path,
        {
            "semgrep/bin/semgrep-core": trap,
            "semgrep-9.9.9.dist-info/METADATA": "Name: semgrep\nVersion: 9.9.9\n",
            "bin/semgrep": trap,
            "bin/semgrep-core": trap,
            "bin/osemgrep": trap,
            "bin/pysemgrep": trap,
        },
    )
    for path in (*(tmp_path / "bin").iterdir(), tmp_path / "semgrep" / "bin" / "semgrep-core"):
        path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.path.insert(0, "")
    here = Path(sys.prefix)
    for engine in both():
        assert Path(engine.executable).is_relative_to(here)
        assert engine.version != "9.9.9"
    monkeypatch.setattr("site.getsitepackages", lambda: [])
    monkeypatch.setattr("site.ENABLE_USER_SITE", False)
    assert find_engines() == ()
    sys.path.remove("")


@pytest.mark.parametrize(
    ("version", "supported"),
    [
        ("1.150.0", True),
        ("1.185.0", True),
        ("2.0.0", True),
        ("1.149.9", False),
        ("0.200.0", False),
        ("", False),
        ("1.150", False),
        ("latest", False),
    ],
)
def test_versions(version: str, supported: bool) -> None:
    assert is_supported(version) is supported


def test_a_version_that_is_too_old_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        version = "1.100.0"

    monkeypatch.setattr(engines_module, "_distribution", Old)
    assert find_engines() == ()


# -- the cache ----------------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("POLICYSCAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "policyscan"


def never(version: str) -> Engine:
    """An engine that must not be started."""
    return Engine("native", "/nonexistent", ("osemgrep",), version)


def test_a_second_run_starts_nothing_and_says_the_same(cache: Path, tmp_path: Path) -> None:
    tree = tree_of(tmp_path / "tree", CORPUS)
    version = both()[0].version
    cold = search(tree)
    assert search(tree, engines=[never(version)]) == cold
    moved = tree_of(tmp_path / "moved", {"x/renamed.py": CORPUS["bot.py"]})
    assert len(found(search(moved, engines=[never(version)]))) == 2
    assert cache.is_dir()


def test_what_a_kept_fact_follows_from(cache: Path, tmp_path: Path) -> None:
    """Another content, suffix, version or rule is looked at anew."""
    version = both()[0].version
    search(tree_of(tmp_path / "one", {"a.py": "f(verify=False)\n"}))
    same = tree_of(tmp_path / "two", {"b.py": "f(verify=False)\n"})
    assert not gaps(search(same, engines=[never(version)]))
    assert gaps(search(same, engines=[never("1.186.0")]))
    others = rule_set(*(each.body for each in RULES.rules), digest="other")
    assert gaps(search(same, engines=[never(version)], rules=others))
    changed = tree_of(tmp_path / "three", {"a.py": "f(verify=True)\n"})
    assert gaps(search(changed, engines=[never(version)]))
    script = tree_of(tmp_path / "four", {"a.js": "f({rejectUnauthorized: 1})"})
    search(script)
    typed = tree_of(tmp_path / "five", {"a.ts": "f({rejectUnauthorized: 1})"})
    assert gaps(search(typed, engines=[never(version)]))


def test_a_passing_failure_is_not_kept(cache: Path, tmp_path: Path) -> None:
    tree = tree_of(tmp_path / "tree", {"a.py": "f(verify=False)\n"})
    assert gaps(search(tree, engines=[never(both()[0].version)]))
    assert found(search(tree)) == [("a.py", "False")]
    assert cache.is_dir()


SECRETS = ("hunter2-kept-nowhere", "AKIAIOSFODNN7EXAMPLF", "s3cr3t-Passphrase-of-nobody")


def test_no_secret_is_kept(cache: Path, tmp_path: Path) -> None:
    assign = {**rule("assign", "$N = $V", "python", literals=["verify"]), "message": "$N\u241f$V"}
    branch = {**rule("branch", "if $V: ...", "python", literals=["verify"])}
    rules = rule_set(*(each.body for each in RULES.rules), assign, branch)
    first, second, third = SECRETS
    text = (
        f'api_secret = "{first}"\nx.password = "{third}"\nkey = "{second}"\n'
        f'if token == "{first}" and conf["passphrase"] == "{third}": pass\n'
        f'f(verify="https://user:{third}@host/")\n'
    )
    items = search(tree_of(tmp_path / "tree", {"bot.py": text}), rules=rules)
    assert len(found(items)) == 5
    kept = b"".join(path.read_bytes() for path in cache.iterdir())
    assert kept
    for secret in SECRETS:
        assert secret not in repr(items)
        assert secret.encode() not in kept
        assert secret[6:].encode() not in kept


def test_texts_are_cut(tmp_path: Path) -> None:
    ((_, text),) = found(search(tree_of(tmp_path, {"long.py": CORPUS["long.py"]})))
    assert len(text) == MAX_TEXT


# -- no network, no other program ---------------------------------------------------------------

LISTENS = ("socket(AF_INET6, ", "bind(")
"""What urllib3 does to learn whether this machine knows IPv6; nothing is sent."""

DRIVE = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.unit.collectors.code.semgrep_runs import found, search
from policyscan.collectors.code.semgrep.engines import find_engines
from policyscan.text.tree import DirectoryTree
tree = DirectoryTree(Path(sys.argv[1]))
engine = find_engines()[int(sys.argv[2])]
items = search(tree, engines=[engine], paths=["bot.py"])
assert len(items) == 1 and found(items) == [("bot.py", "False")], items
"""


def drive(tree: Path, index: int, *before: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", DRIVE.format(root=str(ROOT)), str(tree), str(index)]
    return subprocess.run([*before, *program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("index", [0, 1], ids=["native", "plain"])
def test_what_it_executes_and_to_whom_it_talks(index: int, tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    tree = tree_of(tmp_path / "tree", {"bot.py": "f(verify=False)\n", ".git/HEAD": "x"})
    log = tmp_path / "log"
    traced = ("strace", "-f", "-qq", "-e", "trace=execve,%network", "-o", str(log))
    run = drive(tree.root, index, *traced)
    assert run.returncode == 0, run.stderr
    lines = [line.partition(" ")[2].strip() for line in log.read_text().splitlines()]
    assert not [line for line in lines if "AF_INET" in line and not line.startswith(LISTENS)]
    assert not [line for line in lines if line.startswith("connect(")]
    started = {line.split('"')[1] for line in lines if re.match(r"execve\(.* = 0$", line)}
    own = {engine.executable for engine in both()} | {shutil.which("git")}
    assert {path for path in started if not path.endswith("/programs/uname")} <= own | {
        sys.executable,
        os.path.realpath(sys.executable),
    }


@pytest.mark.parametrize("index", [0, 1], ids=["native", "plain"])
def test_it_needs_no_network(index: int, tmp_path: Path) -> None:
    alone = ("unshare", "--user", "--map-root-user", "--net")
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("unshare may not make a network namespace here")
    tree = tree_of(tmp_path / "tree", {"bot.py": "f(verify=False)\n"})
    run = drive(tree.root, index, *alone)
    assert run.returncode == 0, run.stderr

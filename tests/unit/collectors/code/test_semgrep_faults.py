"""Whatever semgrep does instead of answering, no file it should have looked at reads as clean."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from policyscan.collectors.code.semgrep import batches
from policyscan.collectors.code.semgrep.engines import Engine
from policyscan.errors import GapReason
from policyscan.resources.base import Gap
from policyscan.text.tree import DirectoryTree
from tests.unit.collectors.code.semgrep_runs import (
    VERSION,
    found,
    gaps,
    pretender,
    search,
    tree_of,
)

FILES = {
    "a.py": "f(verify=False)\n",
    "b.py": "f(verify=False)  # BAD\n",
    "c/d.py": "f(verify=False)\n",
    "unrelated.py": "print(1)\n",
}
NEEDED = ["a.py", "b.py", "c/d.py"]
HONEST = "print(answer())"


@pytest.fixture
def tree(tmp_path: Path) -> DirectoryTree:
    return tree_of(tmp_path / "tree", FILES)


def assert_hidden(items: list[Gap], paths: list[str], *reasons: GapReason) -> None:
    """There is one gap for each of these files, which says what it hides."""
    assert [gap.subject for gap in items] == paths
    for gap in items:
        assert gap.hides == ("TlsClientUse",)
        assert gap.unit == gap.subject
        assert gap.reason in reasons
        assert gap.message.startswith("semgrep ")


def test_an_engine_that_does_its_work_leaves_no_gap(tree: DirectoryTree, tmp_path: Path) -> None:
    items = search(tree, engines=[pretender(tmp_path, HONEST)])
    assert found(items) == [(path, "False") for path in NEEDED]
    assert not gaps(items)


USELESS = {
    "it ends at once": "sys.exit(0)",
    "it ends with 2": "print(answer()); sys.exit(2)",
    "it ends with 7 and a reason": "sys.stderr.write('invalid configuration'); sys.exit(7)",
    "it dies": "os.kill(os.getpid(), signal.SIGSEGV)",
    "it dies when it has answered": "print(answer(), flush=True); os.abort()",
    "it is killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "it hangs": "time.sleep(60)",
    "it answers and hangs": "print(answer(), flush=True); time.sleep(60)",
    "it closes its streams and hangs": "os.close(1); os.close(2); time.sleep(60)",
    "it says nothing of use": "print('Everything is fine.')",
    "it says something first": "print('A new version is here!'); print(answer())",
    "it says something afterwards": "print(answer()); print('Bye.')",
    "it stops in the middle": "print(answer()[:-40])",
    "it never stops": "while True: print('x' * 100000)",
    "it answers with a list": "print('[]')",
    "it answers with nothing": "print('{}')",
    "it answers without paths": "d = json.loads(answer()); del d['paths']; print(json.dumps(d))",
    "it has no results": "d = json.loads(answer()); d['results'] = None; print(json.dumps(d))",
    "its numbers are texts": "print(answer([result(n, start='0') for n in names]))",
    "it finds nothing": "print(answer([]))",
    "it finds everything but the probe": "print(answer([result(n) for n in given()]))",
    "it is of another version": "print(answer(version='0.1'))",
    "it names another file": "print(answer([result('999999.py')]))",
    "it names a file outside": "print(answer([result('../../../etc/passwd')]))",
    "it skips another file": "print(answer(skipped=[{'path': 'x.py', 'reason': 'y'}]))",
    "it names another rule": "print(answer([{**result(n), 'check_id': 'x'} for n in names]))",
    "it names places after the end": "print(answer([result(n, end=9999) for n in names]))",
    "it names places before the start": "print(answer([result(n, start=-1) for n in names]))",
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if time ran faster."""
    monkeypatch.setattr(batches, "START", 0.7)
    monkeypatch.setattr(batches, "PER_FILE", 0.0)
    monkeypatch.setattr(batches, "MOST_ANSWER", 1_000_000)


@pytest.mark.parametrize("script", USELESS.values(), ids=USELESS.keys())
@pytest.mark.usefixtures("impatient")
def test_an_engine_that_fails_hides_every_file(
    script: str, tree: DirectoryTree, tmp_path: Path
) -> None:
    items = search(tree, engines=[pretender(tmp_path, script)])
    assert not found(items)
    assert_hidden(gaps(items), NEEDED, GapReason.CRASHED)


@pytest.mark.parametrize("script", USELESS.values(), ids=USELESS.keys())
@pytest.mark.usefixtures("impatient")
def test_the_next_engine_takes_over(script: str, tree: DirectoryTree, tmp_path: Path) -> None:
    spoiled = pretender(tmp_path, script)
    items = search(tree, engines=[spoiled, pretender(tmp_path, HONEST, name="plain")])
    assert found(items) == [(path, "False") for path in NEEDED]
    assert not gaps(items)


def unstartable(folder: Path) -> dict[str, Engine]:
    plain = folder / "no-program"
    plain.write_text("no program")
    directory = folder / "directory"
    directory.mkdir()
    lost = pretender(folder, HONEST, name="lost", python="/nonexistent/python")
    programs = {
        "missing": "/nonexistent/semgrep-core",
        "text": str(plain),
        "folder": str(directory),
    }
    engines = {
        key: Engine("native", path, ("osemgrep", "scan"), VERSION) for key, path in programs.items()
    }
    return engines | {"without its interpreter": lost}


@pytest.mark.parametrize("case", ["missing", "text", "folder", "without its interpreter"])
def test_an_engine_that_does_not_start(case: str, tree: DirectoryTree, tmp_path: Path) -> None:
    engine = unstartable(tmp_path)[case]
    assert_hidden(gaps(search(tree, engines=[engine])), NEEDED, GapReason.CRASHED)
    items = search(tree, engines=[engine, pretender(tmp_path, HONEST, name="plain")])
    assert found(items) == [(path, "False") for path in NEEDED]


ON_ONE_FILE = {
    "it dies": "os.kill(os.getpid(), signal.SIGSEGV)",
    "it ends with 2": "sys.exit(2)",
    "it hangs": "time.sleep(60)",
    "it stops in the middle": "print(answer()[:-40]); sys.exit()",
}


@pytest.mark.parametrize("script", ON_ONE_FILE.values(), ids=ON_ONE_FILE.keys())
@pytest.mark.usefixtures("impatient")
def test_one_hopeless_file_does_not_cost_the_others(script: str, tmp_path: Path) -> None:
    many = {f"{number:02}.py": "f(verify=False)\n" for number in range(20)}
    tree = tree_of(tmp_path / "tree", {**many, "07.py": FILES["b.py"]})
    spoiled = f"if bad():\n    {script}\nprint(answer())\n"
    items = search(tree, engines=[pretender(tmp_path, spoiled, honest=True)])
    assert found(items) == [(path, "False") for path in many if path != "07.py"]
    assert_hidden(gaps(items), ["07.py"], GapReason.CRASHED)


def error(kind: object, **more: object) -> str:
    return f"{{'type': {kind!r}, 'level': 'warn', 'code': 2, 'message': 'x', **{more!r}}}"


WITH_EXIT_0 = {
    "timeout": (error("Timeout"), GapReason.TRUNCATED),
    "memory": (error("Out of memory"), GapReason.TRUNCATED),
    "matches": (error("Too many matches"), GapReason.TRUNCATED),
    "syntax": (error("Syntax error"), GapReason.UNPARSEABLE),
    "lexical": (error("Lexical error"), GapReason.UNPARSEABLE),
    "partial": (error(["PartialParsing", [{"path": "x"}]]), GapReason.UNPARSEABLE),
    "information": (error("Something new", level="info"), GapReason.CRASHED),
    "a number": (error(17), GapReason.CRASHED),
    "an empty list": (error([]), GapReason.CRASHED),
    "words from the source": (error('token = "hunter2"'), GapReason.CRASHED),
}


@pytest.mark.parametrize(("said", "reason"), WITH_EXIT_0.values(), ids=WITH_EXIT_0.keys())
def test_an_error_is_a_gap_though_the_exit_status_is_0(
    said: str, reason: GapReason, tree: DirectoryTree, tmp_path: Path
) -> None:
    """What was found in the rest of the file is kept."""
    script = f"print(answer(errors=[{{**{said}, 'path': 'files/' + name}} for name in bad()]))"
    items = search(tree, engines=[pretender(tmp_path, script)])
    assert found(items) == [(path, "False") for path in NEEDED]
    assert_hidden(gaps(items), ["b.py"], reason)
    assert "hunter2" not in gaps(items)[0].message


@pytest.mark.parametrize("said", [f"errors=[{error('Rule error')}]", "skipped_rules=[{'x': 1}]"])
def test_what_names_no_file_may_be_about_any(
    said: str, tree: DirectoryTree, tmp_path: Path
) -> None:
    items = search(tree, engines=[pretender(tmp_path, f"print(answer({said}))")])
    assert found(items) == [(path, "False") for path in NEEDED]
    assert_hidden(gaps(items), NEEDED, GapReason.CRASHED, GapReason.UNSUPPORTED)


LEFT_OUT = {
    "it is skipped": "skipped=[{'path': 'files/' + n, 'reason': 'too_big'} for n in bad()]",
    "it is not scanned": "scanned=['files/' + n for n in names if n not in bad()]",
}


@pytest.mark.parametrize("said", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_a_file_that_is_left_out(said: str, tree: DirectoryTree, tmp_path: Path) -> None:
    script = f"print(answer([result(n) for n in names if n not in bad()], {said}))"
    items = search(tree, engines=[pretender(tmp_path, script)])
    assert found(items) == [("a.py", "False"), ("c/d.py", "False")]
    assert_hidden(gaps(items), ["b.py"], GapReason.TRUNCATED)


HARMLESS = {
    "it complains at length": "sys.stderr.write('x' * 5_000_000); print(answer())",
    "it skips nothing and says null": "print(answer(skipped=None))",
    "it says more than is needed": "print(answer(time={'a': [1]}, engine_requested='OSS'))",
    "a rule is of no use in a file": (
        "print(answer(skipped=[{'path': 'files/' + n, 'reason': 'irrelevant_rule'} for n in names]"
        "))"
    ),
    "it leaves a child behind": (
        "import subprocess; subprocess.Popen(['/bin/sleep', '60'], stdout=-3, stderr=-3);"
        "print(answer())"
    ),
}


@pytest.mark.parametrize("script", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_does_no_harm(script: str, tree: DirectoryTree, tmp_path: Path) -> None:
    started = time.monotonic()
    items = search(tree, engines=[pretender(tmp_path, script)])
    assert found(items) == [(path, "False") for path in NEEDED]
    assert not gaps(items)
    assert time.monotonic() - started < 30


def test_the_budget_of_a_run(
    tree: DirectoryTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BUDGET", 1.0)
    monkeypatch.setattr(batches, "BATCH", 1)
    started = time.monotonic()
    items = search(tree, engines=[pretender(tmp_path, "time.sleep(60)", honest=True)])
    assert time.monotonic() - started < 20
    assert_hidden(gaps(items), NEEDED, GapReason.CRASHED)


def test_an_engine_that_fails_on_everything_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_FAILURES", 5)
    many = {f"{number:02}.py": "f(verify=False)\n" for number in range(30)}
    tree = tree_of(tmp_path / "tree", many)
    started = tmp_path / "started"
    script = f"open({str(started)!r}, 'a').write('x'); sys.exit(2)"
    items = search(tree, engines=[pretender(tmp_path, script, honest=True)])
    assert_hidden(gaps(items), list(many), GapReason.CRASHED)
    assert len(started.read_text()) == 5

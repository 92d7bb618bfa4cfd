"""A scan that is interrupted says so in every report, leaves each file old or new and whole, and
leaves no process and no temporary file behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from policyscan.cli import main
from policyscan.findings import Report
from policyscan.pipeline import sides
from policyscan.reporters.json_report import load_report
from policyscan.text import interrupts
from tests.html_reader import read_html
from tests.unit.text.repositories import git, repository, write

TIMES = int(os.environ.get("POLICYSCAN_INTERRUPTS", "6"))
"""How often a scan is interrupted at random; the campaign of a release has 50 or more."""
SEED = int(os.environ.get("POLICYSCAN_SEED", "20261128"))
PROGRAM = Path(sys.executable).parent / "policyscan"
OLD = b"the report of yesterday"
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}

GROUP = """resource "aws_security_group" "g{n}" {{
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["{cidr}"]
  }}
}}
"""
BOT = "import requests\nrequests.get('https://api.binance.com/{n}', verify=False)\n"


def tree_files(cidr: str, bots: int) -> dict[str, bytes]:
    groups = "".join(GROUP.format(n=n, cidr=cidr) for n in range(40))
    code = {f"bots/b{n}.py": BOT.format(n=n).encode() for n in range(bots)}
    return {"main.tf": groups.encode(), "Dockerfile": b"FROM debian:12\nUSER root\n", **code}


class Place:
    """Where scans run: every directory that they may leave something in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = repository(folder / "tree", tree_files("10.0.0.0/8", 1))
        write(self.tree, tree_files("0.0.0.0/0", 8))
        git(self.tree, "add", "-A")
        git(self.tree, "commit", "-qm", "wider")
        for name in ("cwd", "out", "tmp", "cache", "home"):
            (folder / name).mkdir()
        self.reports = {
            name: folder / "out" / f"r.{name}" for name in ("json", "html", "junit", "sarif")
        }

    def start(self, *options: str, fresh: bool = True) -> subprocess.Popen[bytes]:
        """Starts a scan in a session of its own, over the reports of yesterday."""
        if fresh:
            for path in self.reports.values():
                path.write_bytes(OLD)
            for entry in (self.folder / "cache").rglob("*"):
                if entry.is_file():
                    entry.unlink()
        outputs = [part for name, path in self.reports.items() for part in ("-o", f"{name}={path}")]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "LOGNAME": "ada",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.Popen(
            [PROGRAM, "scan", str(self.tree), *outputs, *options],
            cwd=self.folder / "cwd",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def children(self) -> set[int]:
        """The processes that work in one of the directories."""
        found = set()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and str(self.folder) in str((entry / "cwd").readlink()):
                    found.add(int(entry.name))
        return found

    def assert_nothing_is_left(self) -> None:
        end = time.monotonic() + 3
        while (left := self.children()) and time.monotonic() < end:
            time.sleep(0.02)
        assert not left, [Path(f"/proc/{one}/cmdline").read_bytes() for one in left]
        assert not list((self.folder / "tmp").iterdir())
        assert not list((self.folder / "cwd").iterdir())
        assert {path.name for path in (self.folder / "out").iterdir()} <= {
            path.name for path in self.reports.values()
        }
        cache = self.folder / "cache" / "policyscan"
        assert not [path for path in cache.glob("*") if path.name.startswith(".")]
        assert not git(self.tree, "status", "--porcelain")

    def read(self) -> Report | None:
        """The report, if there is a new one; then it is the same in all formats."""
        data = {name: path.read_bytes() for name, path in self.reports.items()}
        if OLD in data.values():
            assert set(data.values()) == {OLD}
            return None
        report = load_report(data["json"])
        page = read_html(data["html"])
        assert not page.faults
        assert ("This run was interrupted." in page.by_id("cover").text) == report.run.interrupted
        assert data["sarif"].endswith(b"}\n") or data["sarif"].endswith(b"}")
        assert (b'"interrupted"' in data["sarif"]) == report.run.interrupted
        assert data["junit"].rstrip().endswith(b"</testsuites>")
        assert (b'type="interrupted"' in data["junit"]) == report.run.interrupted
        return report


@pytest.fixture(autouse=True)
def _signals_as_in_a_terminal() -> Iterator[None]:
    """What starts the tests may ignore some of them, as `nohup` does, and children inherit that."""
    ignored = [number for number in CODES if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("interrupts"))


@pytest.fixture(scope="module")
def whole(place: Place) -> tuple[Report, float]:
    """The report of a run that nobody interrupts, and the seconds that it took."""
    began = time.monotonic()
    process = place.start("--base", "HEAD~1")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    took = time.monotonic() - began
    report = place.read()
    assert report is not None and not report.run.interrupted
    assert any(finding.resource.unit.endswith(".py") or ".py" in finding.resource.address
               for finding in report.findings)  # fmt: skip
    place.assert_nothing_is_left()
    return report, took


def moments() -> Iterator[tuple[int, float, signal.Signals]]:
    chance = random.Random(SEED)
    for number in range(TIMES):
        yield number, chance.random(), (signal.SIGINT, signal.SIGTERM)[number % 2]


def ended_by(code: int, number: signal.Signals, said: bytes) -> bool:
    """Whether a process ended as it does after this signal. Before the first line of policyscan has
    run, Python deals with it: SIGTERM ends it, and so does the exception for SIGINT."""
    if code in (CODES[number], -number):
        return True
    return code == 1 and number == signal.SIGINT and b"init_import_site" in said


@pytest.mark.parametrize(("case", "part", "number"), list(moments()))
def test_at_any_moment(
    case: int, part: float, number: signal.Signals, place: Place, whole: tuple[Report, float]
) -> None:
    expected, took = whole
    process = place.start("--base", "HEAD~1")
    with suppress(subprocess.TimeoutExpired):
        process.wait(part * took)
    finished = process.poll() is not None
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    report = place.read()
    place.assert_nothing_is_left()
    if finished:
        assert process.returncode == 1
        return
    # Who asks when all is written may get either answer.
    assert ended_by(process.returncode, number, said) or (report and process.returncode == 1), said
    if process.returncode > 1:
        assert b"Traceback" not in said
    assert b"defect" not in said
    if report is not None and report.run.interrupted:
        assert not report.summary.complete
        assert report.summary.exit_code != 0
        assert report.difference is None
        assert "truncated" in {gap.reason.value for gap in report.gaps}
    elif report is not None:
        assert [f.verdict for f in report.findings] == [f.verdict for f in expected.findings]
        assert report.difference == expected.difference


def wait_for_semgrep(place: Place) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for one in place.children():
            with suppress(OSError):
                if b"osemgrep" in Path(f"/proc/{one}/cmdline").read_bytes():
                    return
        time.sleep(0.005)
    pytest.fail("no semgrep was started")


@pytest.mark.parametrize("number", CODES)
def test_while_semgrep_runs(
    number: signal.Signals, place: Place, whole: tuple[Report, float]
) -> None:
    process = place.start("--base", "HEAD~1")
    wait_for_semgrep(place)
    process.send_signal(number)
    process.send_signal(number)  # as a terminal and a wrapper both do
    _, said = process.communicate(timeout=60)
    assert process.returncode == CODES[number], said
    report = place.read()
    assert report is not None and report.run.interrupted
    place.assert_nothing_is_left()


def test_a_signal_to_all_of_its_group(place: Place, whole: tuple[Report, float]) -> None:
    """What a terminal does."""
    process = place.start()
    wait_for_semgrep(place)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    report = place.read()
    assert report is not None and report.run.interrupted
    place.assert_nothing_is_left()


def test_what_was_interrupted_is_not_kept_as_known(
    place: Place, whole: tuple[Report, float]
) -> None:
    expected, _ = whole
    process = place.start()
    wait_for_semgrep(place)
    process.terminate()
    process.communicate(timeout=60)
    process = place.start(fresh=False)
    process.communicate(timeout=60)
    report = place.read()
    assert report is not None
    assert [f.verdict for f in report.findings] == [f.verdict for f in expected.findings]


def test_what_is_ignored_stays_ignored(place: Place, whole: tuple[Report, float]) -> None:
    process = subprocess.Popen(
        ["/bin/sh", "-c", "trap '' HUP INT; exec \"$0\" \"$@\"", PROGRAM, "scan", place.tree, "-q"],
        env={"PATH": os.environ["PATH"], "POLICYSCAN_CACHE": "off",
             "TMPDIR": str(place.folder / "tmp")},
        start_new_session=True,
    )  # fmt: skip
    wait_for_semgrep(place)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 1
    place.assert_nothing_is_left()


def test_a_pipe_that_nobody_reads_holds_nothing_up(
    place: Place, whole: tuple[Report, float]
) -> None:
    """Files are written first, and one signal ends the waiting."""
    pipe = place.folder / "cwd" / "pipe"
    os.mkfifo(pipe)
    try:
        process = place.start("-o", f"console={pipe}")
        end = time.monotonic() + 60
        while OLD in (path.read_bytes() for path in place.reports.values()):
            assert time.monotonic() < end
            time.sleep(0.02)
        time.sleep(0.2)
        assert process.poll() is None
        process.terminate()
        process.communicate(timeout=5)
        assert process.returncode == 143
    finally:
        pipe.unlink()
    report = place.read()
    assert report is not None and not report.run.interrupted
    place.assert_nothing_is_left()


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_goes_away_changes_no_verdict(
    stream: str, place: Place, whole: tuple[Report, float]
) -> None:
    read, written = os.pipe()
    os.close(read)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | {stream: written}
    done = subprocess.run(
        [PROGRAM, "scan", place.tree],
        env={"PATH": os.environ["PATH"], "POLICYSCAN_CACHE": "off"},
        check=False,
        **streams,
    )
    os.close(written)
    assert done.returncode == 1
    assert not done.stderr or b"Traceback" not in done.stderr


# -- in this process ---------------------------------------------------------------------------


def scan_here(place: Place, *options: str) -> int:
    outputs = [part for name, path in place.reports.items() for part in ("-o", f"{name}={path}")]
    for path in place.reports.values():
        path.write_bytes(OLD)
    return main(["scan", str(place.tree / "bots"), "--select", "NET", *outputs, *options])


def test_while_the_base_is_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the head holds is reported, as a part, and compared with nothing."""
    before = sides.Sides.before

    def interrupted(*arguments: Any) -> Any:
        monkeypatch.setattr(sides, "collect_files", stop)
        return before(*arguments)

    def stop(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(sides.Sides, "before", interrupted)
    assert scan_here(place, "--base", "HEAD~1") == 143
    report = place.read()
    assert report is not None and report.run.interrupted
    assert report.difference is None
    assert report.run.base == "HEAD~1"


def test_while_reports_are_written(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All had been judged: the reports are whole, and the code tells that an end was asked for.
    Each file brings a signal; however slow the machine, they are one request."""
    monkeypatch.setattr(interrupts, "GRACE", 3600.0)
    fsync = os.fsync

    def signalled(descriptor: int) -> None:
        signal.raise_signal(signal.SIGINT)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", signalled)
    assert scan_here(place) == 130
    report = place.read()
    assert report is not None and not report.run.interrupted
    assert "interrupted when all was judged" in capsys.readouterr().err
    assert not interrupts.STATE.pending


def test_who_asks_twice_while_reports_are_written_does_not_wait(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file is old or new, and whole."""
    monkeypatch.setattr(interrupts, "GRACE", 0.0)
    fsync = os.fsync

    def signalled(descriptor: int) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", signalled)
    assert scan_here(place) == 130
    assert "interrupted; not every report was written" in capsys.readouterr().err
    load_report(place.reports["json"].read_bytes())
    assert place.reports["html"].read_bytes() == OLD
    assert {path.name for path in (place.folder / "out").iterdir()} == {
        path.name for path in place.reports.values()
    }

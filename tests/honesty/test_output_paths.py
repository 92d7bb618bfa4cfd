"""Wherever a report is to go: the old one or the complete new one, never half, nothing beside it,
and an exit code that is not 0 when one is missing."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.cli.output import check_file, write_file
from policyscan.errors import PolicyscanError, UsageError
from policyscan.reporters.html import HtmlReporter
from policyscan.reporters.json_report import load_report
from tests.scanning import write
from tests.unit.text.repositories import git, repository

PROGRAM = str(Path(sys.executable).parent / "policyscan")
CLOSED = b'resource "aws_security_group" "closed" {\n  name = "x"\n}\n'
OLD = b"the report of yesterday"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a repository, `tree`, of which a scan is green."""
    for name in ("GITHUB_EVENT_NAME", "CI", "CI_MERGE_REQUEST_IID"):
        monkeypatch.delenv(name, raising=False)
    repository(tmp_path / "tree", {"infra/main.tf": CLOSED})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scan(*outputs: str, path: str = "tree") -> int:
    options = [part for output in outputs for part in ("-o", output)]
    return main(["scan", path, "--select", "PS-NET-004", *options])


def is_report(path: Path) -> bool:
    return load_report(path.read_bytes()).summary.exit_code == 0


def temporaries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(".policyscan")]


# -- links that a change brings ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("reports", "../precious"),
        ("reports", "../nowhere"),
        ("reports/r.json", "../../precious/r.json"),
        ("reports/r.json", "/dev/null"),
        ("reports/r.json", "../infra/main.tf"),
        ("reports/r.json", "r.json"),
    ],
)
@pytest.mark.parametrize("scanned", ["tree", "tree/infra"])
def test_no_link_of_the_repository_is_written_through(
    link: str, target: str, scanned: str, work: Path, capsys: Capture
) -> None:
    """Whether all of it is scanned or a part."""
    precious = write(work, {"precious/r.json": "precious"}) / "precious" / "r.json"
    place = work / "tree" / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(target)
    assert scan("json=tree/reports/r.json", path=scanned) == 2
    assert "symbolic link inside" in capsys.readouterr().err
    assert precious.read_text().strip() == "precious"
    assert sorted(path.name for path in precious.parent.iterdir()) == ["r.json"]
    assert not temporaries(work)


def test_a_directory_that_becomes_a_link_meanwhile(work: Path) -> None:
    write(work, {"precious/r.json": "precious"})
    for parts in ("out", "out/deep"):
        (work / "out" / "deep").mkdir(parents=True, exist_ok=True)
        target = check_file(work / "out" / "deep" / "r.json", work / "tree")
        shutil.rmtree(work / parts)
        (work / parts).symlink_to(work / "precious")
        (work / "precious" / "deep").mkdir(exist_ok=True)
        with pytest.raises(PolicyscanError, match="the report was not written") as caught:
            write_file(target, b"new")
        assert caught.value.exit_code == 4
        (work / parts).unlink()
    assert (work / "precious" / "r.json").read_text().strip() == "precious"
    assert not list((work / "precious" / "deep").iterdir())


def test_a_racer_that_swaps_directory_and_link_gains_nothing(work: Path) -> None:
    """Each report lands in the directory that was found, or the writing fails."""
    out, precious = work / "out", work / "precious"
    out.mkdir()
    precious.mkdir()
    target = check_file(out / "r.json", work / "tree")
    end = threading.Event()

    def swap() -> None:
        while not end.is_set():
            out.rename(work / "aside")
            out.symlink_to(precious)
            out.unlink()
            (work / "aside").rename(out)

    racer = threading.Thread(target=swap)
    racer.start()
    written = 0
    try:
        for _ in range(300):
            try:
                write_file(target, b"new")
                written += 1
            except PolicyscanError:
                continue
    finally:
        end.set()
        racer.join()
    assert not list(precious.iterdir())
    assert [path.name for path in out.iterdir()] == (["r.json"] if written else [])


# -- what is no place for a report --------------------------------------------------------------


def test_the_same_file_under_two_spellings(work: Path, capsys: Capture) -> None:
    (work / "out").mkdir()
    (work / "alias").symlink_to("out")
    for other in ("out/r.json", "./out/../out/r.json", "alias/r.json", f"{work}/out/R.json"):
        assert scan("json=out/r.json", f"html={other}") == 2
        assert "two reports would go to" in capsys.readouterr().err
    assert not list((work / "out").iterdir())


@pytest.mark.parametrize("name", ["n" * 300, "d" * 300 + "/r.json", "nul\0.json", "sock", "loop"])
def test_what_cannot_be_a_file(name: str, work: Path, capsys: Capture) -> None:
    import socket

    (work / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock")
        assert scan(f"json={name}") == 2
    assert "with -o" in capsys.readouterr().err


def test_a_file_is_no_directory(work: Path, capsys: Capture) -> None:
    (work / "reports").write_bytes(OLD)
    for name in ("reports/r.json", "reports/deep/r.json"):
        assert scan(f"json={name}") == 2
        said = capsys.readouterr().err
        assert f"policyscan: {name}: " in said and "directory" in said
    assert (work / "reports").read_bytes() == OLD


def test_a_long_name_is_no_trouble(work: Path) -> None:
    name = "ä" * 125 + ".json"  # 255 bytes, the most that a file system takes
    assert scan(f"json={name}") == 0
    assert is_report(work / name)


def test_what_is_write_protected_is_not_replaced(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    if os.geteuid() == 0:  # who may write anything: look at it as others do
        monkeypatch.setattr(os, "access", lambda path, _: bool(Path(path).stat().st_mode & 0o222))
    (work / "r.json").write_bytes(OLD)
    (work / "r.json").chmod(0o444)
    (work / "closed").mkdir(mode=0o555)
    assert scan("json=r.json") == 2
    assert scan("json=closed/r.json") == 2
    assert "write-protected" in capsys.readouterr().err
    assert (work / "r.json").read_bytes() == OLD


# -- what is there already ---------------------------------------------------------------------


def test_another_name_of_the_old_file_keeps_it(work: Path) -> None:
    (work / "r.json").write_bytes(OLD)
    (work / "linked").hardlink_to(work / "r.json")
    assert scan("json=r.json") == 0
    assert is_report(work / "r.json")
    assert (work / "linked").read_bytes() == OLD


def test_who_could_not_read_the_old_one_reads_no_new_one(work: Path) -> None:
    (work / "r.json").write_bytes(OLD)
    (work / "r.json").chmod(0o600)
    assert scan("json=r.json") == 0
    assert (work / "r.json").stat().st_mode & 0o777 == 0o600


def test_what_a_killed_run_left_is_in_nobodys_way(work: Path) -> None:
    """Also in a container, where every run has the same process id."""
    for name in (f".r.json.{os.getpid()}.tmp", ".policyscan-0.tmp"):
        (work / name).write_bytes(b"half")
    assert scan("json=r.json") == 0
    assert is_report(work / "r.json")


def test_a_report_in_the_tree_changes_no_verdict(work: Path) -> None:
    outputs = ("json=tree/r.json", "html=tree/r.html", "sarif=tree/r.sarif", "junit=tree/r.xml")
    assert scan(*outputs) == 0
    first = load_report((work / "tree" / "r.json").read_bytes())
    git(work / "tree", "add", "-A")
    git(work / "tree", "commit", "-qm", "reports")
    assert scan(*outputs) == 0
    second = load_report((work / "tree" / "r.json").read_bytes())
    assert first.findings == second.findings
    assert first.gaps == second.gaps == ()


def test_two_runs_at_once(work: Path) -> None:
    """Whoever is last; nobody reads half of one."""
    command = [PROGRAM, "scan", "tree", "-q", "--select", "PS-NET-004", "-o", "json=r.json"]
    runs = [subprocess.Popen(command, cwd=work) for _ in range(3)]
    while any(run.poll() is None for run in runs):
        if (work / "r.json").exists():
            assert is_report(work / "r.json")
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert not temporaries(work)


# -- a system that refuses ---------------------------------------------------------------------


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


def test_one_that_fails_takes_no_other_along(work: Path, capsys: Capture) -> None:
    assert scan("html=r.html", "json=r.json", "junit=r.xml") == 0
    page = (work / "r.html").stat().st_size
    assert page > max((work / name).stat().st_size for name in ("r.json", "r.xml"))
    for name in ("r.json", "r.html", "r.xml"):
        (work / name).write_bytes(OLD)
    with files_of_at_most(page - 1000):
        code = scan("html=r.html", "json=r.json", "junit=r.xml")
    assert code == 4
    assert "r.html: the report was not written: File too large" in capsys.readouterr().err
    assert (work / "r.html").read_bytes() == OLD
    assert is_report(work / "r.json")
    assert (work / "r.xml").read_bytes().rstrip().endswith(b"</testsuites>")
    assert not temporaries(work)


def test_a_reporter_that_crashes_takes_no_other_along(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> bytes:
        raise TypeError

    monkeypatch.setattr(HtmlReporter, "render", crash)
    assert scan("html=r.html", "json=r.json") == 4
    assert is_report(work / "r.json")
    assert not (work / "r.html").exists()


def test_a_directory_that_goes_away_meanwhile(work: Path, capsys: Capture) -> None:
    target = check_file(work / "out" / "r.json", work / "tree")
    target.parent.rmdir()
    with pytest.raises(PolicyscanError, match="not written: No such file") as caught:
        write_file(target, b"new")
    assert caught.value.exit_code == 4
    assert not target.parent.exists()


def test_a_full_device(work: Path, capsys: Capture) -> None:
    assert scan("json=r.json", "junit=/dev/full") == 4
    error = capsys.readouterr().err
    assert "/dev/full: the report was not written: No space left on device" in error
    assert "name another file with -o" in error
    assert is_report(work / "r.json")


def test_without_streams_nothing_is_mixed_up(work: Path) -> None:
    """What is opened next takes their numbers unless they are taken."""
    command = f'"{PROGRAM}" scan tree --select PS-NET-004 -o json=- <&- 2>&-'
    done = subprocess.run(command, shell=True, cwd=work, stdout=subprocess.PIPE, check=False)
    assert done.returncode == 0
    load_report(done.stdout)


@pytest.mark.parametrize(
    ("stdout", "reason"), [("/dev/full", "No space left on device"), ("-", "is closed")]
)
def test_a_standard_output_that_takes_nothing(stdout: str, reason: str, work: Path) -> None:
    redirected = ">&-" if stdout == "-" else f">{stdout}"
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" scan tree -o json=r.json -o junit {redirected}', PROGRAM],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert reason in done.stderr and "defect" not in done.stderr
    assert load_report((work / "r.json").read_bytes())


def test_a_full_disk(work: Path) -> None:
    """A file system of 1 MB, nearly full."""
    script = (
        "mkdir out && mount -t tmpfs -o size=1m tmpfs out && printf '%s' \"$1\" > out/r.html && "
        "head -c 1000000 /dev/zero > out/filler; "
        '"$0" scan tree --select PS-NET-004 -o html=out/r.html -o json=r.json; code=$?; '
        "cat out/r.html > kept; ls -A out > names; exit $code"
    )
    apart = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    probe = [*apart, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    if shutil.which("unshare") is None or subprocess.run(probe, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    done = subprocess.run(
        [*apart, "sh", "-c", script, PROGRAM, OLD.decode()],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert "No space left on device" in done.stderr
    assert (work / "kept").read_bytes() == OLD
    assert (work / "names").read_text().split() == ["filler", "r.html"]
    assert is_report(work / "r.json")


@pytest.mark.parametrize("call", ["open", "write", "fsync", "fchmod", "rename", "close"])
def test_every_call_that_fails(
    call: str, work: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The system calls of two reports, failing at the first, at the second and so on."""
    if call in ("write", "close"):
        fail_streams(monkeypatch, call)
    failures = Failing(call, getattr(os, call))
    for number in range(1, 100):
        for name in ("r.json", "r.xml"):
            (work / name).write_bytes(OLD)
        targets = [check_file(work / name, None) for name in ("r.json", "r.xml")]
        failures.left = number
        with monkeypatch.context() as patch:
            patch.setattr(os, call, failures)
            told = [write_or_tell(target) for target in targets]
        for target, message in zip(targets, told, strict=True):
            data = target.read_bytes()
            assert data in (OLD, b"new")
            assert data == b"new" or message
        assert not temporaries(work)
        if failures.left > 0:
            break
    else:
        pytest.fail("there are more calls than that")


class Failing:
    """A system call that fails once, when as many have passed as are left."""

    def __init__(self, name: str, real: object) -> None:
        self.left = 0
        self._real = real
        self._name = name

    def __call__(self, *arguments: object, **options: object) -> object:
        self.left -= 1
        if self.left == 0:
            if self._name == "close":
                self._real(*arguments)  # type: ignore[operator]
            raise OSError(errno.EIO, "Input/output error")
        return self._real(*arguments, **options)  # type: ignore[operator]


def fail_streams(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Streams that write and close by way of `os`, so that these can be made to fail."""
    import io

    class Raw(io.RawIOBase):
        def __init__(self, descriptor: int) -> None:
            self._descriptor = descriptor

        def fileno(self) -> int:
            return self._descriptor

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return os.write(self._descriptor, data)  # type: ignore[arg-type]

        def close(self) -> None:
            if not self.closed:
                super().close()
                os.close(self._descriptor)

    monkeypatch.setattr(os, "fdopen", lambda number, _: io.BufferedWriter(Raw(number)))


def write_or_tell(target: Path) -> str:
    try:
        write_file(target, b"new")
    except PolicyscanError as error:
        assert not isinstance(error, UsageError)
        return str(error)
    return ""


def test_a_disk_that_fails(work: Path) -> None:
    """The same from outside: each `fsync` and `rename` of a whole run fails once."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    for fault in (
        "fsync:error=EIO:when=1",
        "fsync:error=EIO:when=4",
        "renameat:error=EROFS:when=2",
    ):
        for name in ("r.json", "r.xml"):
            (work / name).write_bytes(OLD)
        call = fault.partition(":")[0]
        traced = [
            "strace",
            "-f",
            "-qq",
            "-o",
            "log",
            "-e",
            f"trace={call}",
            "-e",
            f"inject={fault}",
        ]
        done = subprocess.run(
            [*traced, PROGRAM, "scan", "tree", "--select", "PS-NET-004",
             "-o", "json=r.json", "-o", "junit=r.xml"],
            cwd=work,
            env={"PATH": os.environ["PATH"], "POLICYSCAN_CACHE": "off"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 4, done.stderr
        assert "the report was not written" in done.stderr
        whole = [is_new(work / "r.json"), is_new(work / "r.xml")]
        assert any(whole)
        assert not temporaries(work)


def is_new(path: Path) -> bool:
    data = path.read_bytes()
    if data == OLD:
        return False
    if path.suffix == ".json":
        return is_report(path)
    return data.rstrip().endswith(b"</testsuites>")

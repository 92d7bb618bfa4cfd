"""Runs the scan, and tells the job what came of it: outputs, annotations, the summary of the job.

The reports say everything; this file only passes arguments on and counts. Runs with the standard
library alone, as `python -I scan.py`, with the Python in which policyscan is installed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

Environment = Mapping[str, str]

FILES = {
    "html": "report.html",
    "json": "report.json",
    "junit": "report.xml",
    "sarif": "sarif/report.sarif",
    "markdown": "summary.md",
    "comment": "comment.md",
    "annotations": "annotations.txt",
}
"""The reports that are written, by format; SARIF has a folder, since it may be several files."""

SUMMARY_LIMIT = 1024 * 1024
"""Bytes that GitHub takes as the summary of one step: https://docs.github.com/en/actions"""

HARMLESS = ("not_fetched", "unsupported")
"""Reasons of gaps for which SARIF is uploaded all the same: the files were read."""

FAIL_ON = {
    "incomplete": frozenset({0}),
    "fail": frozenset({0, 3}),
    "never": frozenset({0, 1, 3}),
}
"""By the words of `fail-on`, the exit codes at which the job goes on. That nothing was judged (2),
a defect (4) and an interruption are never among them."""

DEFECT = 4
"""The exit code of a scan that has a defect."""

PASSED_ON = (
    *("CI", "GITHUB_ACTIONS", "GITHUB_ACTOR", "GITHUB_EVENT_NAME"),
    *("COLUMNS", "HOME", "LANG", "LC_ALL", "NO_COLOR", "PATH", "TMPDIR", "TZ"),
    *("POLICYSCAN_CACHE", "XDG_CACHE_HOME"),
)
"""What the scan gets of the environment: nothing with which it could change the job, or sign in."""


def main(environ: Environment) -> int:
    """Always 0 unless there is no scan at all: the last step of the action ends the job, after
    what is uploaded."""
    passing = FAIL_ON.get(environ["FAIL_ON"])
    if passing is None:
        print(f"::error title=policyscan::fail-on is one of: {', '.join(FAIL_ON)}")
        return 2
    reports = new_folder(Path(environ["RUNNER_TEMP"]))
    code = run(arguments(environ, reports), environ)
    report = read(reports / FILES["json"]) if code in {0, 1, 3} else {}
    if not report and code in {0, 1, 3}:
        code = DEFECT  # what ended with 1 was then not a scan
    why_not = reasons_against_upload(code, report)
    show(reports, environ)
    if code and code in passing:
        print(f"::notice title=policyscan::the job goes on: fail-on is {environ['FAIL_ON']}")
    if why_not:
        print(f"::notice title=policyscan::SARIF is not uploaded: {one_line(why_not)}")
    write_outputs(
        environ,
        {
            "exit-code": str(code),
            "gate": "0" if code in passing else str(code),
            "upload": str(not why_not).lower(),
            "complete": str(bool(report) and report["summary"]["complete"]).lower(),
            "reports": str(reports),
            **{name: str(reports / file) for name, file in FILES.items() if name != "sarif"},
            "sarif": str((reports / FILES["sarif"]).parent),
            **counts(report),
        },
    )
    return 0


def new_folder(place: Path) -> Path:
    """A directory for the reports, which no other use of the action in this job has."""
    for number in count(1):
        folder = place / f"policyscan-reports-{number}"
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            break
    return folder


def arguments(environ: Environment, reports: Path) -> list[str]:
    """The command line of the scan. Every value stands behind `=` or `--`, so that none can be an
    option."""
    words = ["scan", f"--category={environ['CATEGORY']}"]
    for option in ("profile", "config", "base", "trust"):
        value = environ.get(option.upper(), "")
        if value:
            words.append(f"--{option}={value}")
    words += ["-o", "console"]
    for name, file in FILES.items():
        words += ["-o", f"{name}={reports / file}"]
    return [*words, "--", environ["SCAN_PATH"]]


def run(words: Sequence[str], environ: Environment) -> int:
    """The exit code of the scan; a signal that ends the job is passed on to it, so that it writes
    what it has."""
    inside = {name: environ[name] for name in PASSED_ON if name in environ}
    process = subprocess.Popen(  # noqa: S603 - an argument list
        [sys.executable, "-I", "-m", "policyscan", *words], cwd=environ["ROOT"], env=inside
    )

    def pass_on(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    code = process.wait()
    return 128 - code if code < 0 else code


def read(file: Path) -> dict[str, Any]:
    """The JSON report; empty if there is none."""
    try:
        report: dict[str, Any] = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return report


def reasons_against_upload(code: int, report: Mapping[str, Any]) -> str:
    """Why SARIF must not be uploaded: code scanning closes the alerts of what is missing from an
    upload. Empty if it may."""
    if not report:
        return f"the scan ended with {code}"
    if report["run"]["interrupted"]:
        return "the scan was interrupted"
    seen = sorted({gap["reason"] for gap in report["gaps"]} - set(HARMLESS))
    if seen:
        return f"not everything was seen ({', '.join(seen)})"
    return "" if report["findings"] else "nothing was judged"


def counts(report: Mapping[str, Any]) -> dict[str, str]:
    """How many findings have each verdict, and how many failures the change brought; empty where
    nothing was judged, or nothing compared."""
    verdicts: Mapping[str, int] = report["summary"]["verdicts"] if report else {}
    names = ("pass", "fail", "unknown", "waived", "not_applicable")
    found = {name.replace("_", "-"): str(verdicts.get(name, "")) for name in names}
    compared = bool(report) and report.get("difference") is not None
    for change in ("new", "worse"):
        found[change] = str(failures(report["findings"], change)) if compared else ""
    return found


def failures(findings: Iterable[Mapping[str, Any]], change: str) -> int:
    """How many failures a change brought about."""
    return sum(each["verdict"] == "fail" and each["change"] == change for each in findings)


def show(reports: Path, environ: Environment) -> None:
    """Prints the annotations, and adds to the summary of the job. Both reports are made for that:
    nothing in them is a command that the scanned tree wrote."""
    annotations = reports / FILES["annotations"]
    if annotations.is_file():
        sys.stdout.buffer.write(annotations.read_bytes())
        sys.stdout.buffer.flush()
    summary = reports / FILES["markdown"]
    if not summary.is_file():
        return
    text = summary.read_bytes()
    if len(text) > SUMMARY_LIMIT - 1024:
        text = b"policyscan: the summary is longer than GitHub takes; see the log of the job.\n"
    with Path(environ["GITHUB_STEP_SUMMARY"]).open("ab") as file:
        file.write(text)


def write_outputs(environ: Environment, outputs: Mapping[str, str]) -> None:
    """Sets the outputs of the step. None of the values is text from the scanned tree."""
    with Path(environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={one_line(value)}\n" for name, value in outputs.items())


def one_line(text: str) -> str:
    """Text as the value of a workflow command, which cannot begin another one."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.exit(main(os.environ))

"""Writes `reports/samples`: the report on the example in every format, equal on every machine."""

from __future__ import annotations

from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from policyscan.collectors.interface import Target
from policyscan.config import Configuration, load_configuration
from policyscan.findings import Report
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import ScanRequest, scan
from policyscan.plugins import load_reporter
from policyscan.reporters.console_derivation import explanation_lines
from policyscan.reporters.console_text import Page
from scripts.sample_account import answers

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "reports" / "samples"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SUFFIXES = {
    "annotations": "annotations.txt",
    "comment": "comment.md",
    "console": "txt",
    "csv": "csv",
    "gitlab-codequality": "gitlab-codequality.json",
    "gitlab-sast": "gitlab-sast.json",
    "html": "html",
    "json": "json",
    "junit": "xml",
    "junit-azure": "junit-azure.xml",
    "junit-gitlab": "junit-gitlab.xml",
    "markdown": "md",
    "sarif": "sarif",
    "sarif-full": "full.sarif",
}
EXPLAINED = "explained.txt"
CONFIGURATION = Path("examples/policyscan.yaml")
ARGUMENTS = ("scan", "examples/trading-desk", "--config", str(CONFIGURATION))


def scan_example(configuration: Configuration | None = None) -> Report:
    """The report on `examples/trading-desk`, with the paths that `make demo` uses; on a copy, so
    that it does not hang on who changed a line last, and when."""
    with TemporaryDirectory() as empty, chdir(empty):
        copytree(ROOT / "examples", "examples")
        configuration = configuration or load_configuration(CONFIGURATION, Path())
        request = ScanRequest(
            path=Path("examples/trading-desk"),
            configuration=configuration,
            profile=load_profile("ci", Path()),
            arguments=ARGUMENTS,
        )
        return scan(request, now=NOW)


def scan_account() -> Report:
    """The report on the example's production and on the account that it describes, as far as an
    invented one goes; its answers are recorded, so that no account is needed."""
    with TemporaryDirectory() as empty, chdir(empty):
        copytree(ROOT / "examples", "examples")
        arguments = ("scan", "examples/trading-desk/infra", "--aws", "--region", "eu-west-1")
        request = ScanRequest(
            path=Path("examples/trading-desk/infra"),
            configuration=load_configuration(CONFIGURATION, Path()),
            profile=load_profile("audit", Path()),
            targets=(Target("aws", "aws", {"regions": ("eu-west-1",)}),),
            answers={"aws": answers()},
            select=("NET", "PS-LOG-008"),
            arguments=(*arguments, "--config", str(CONFIGURATION), "--profile", "audit"),
        )
        return scan(request, now=NOW)


def sample_outputs() -> dict[str, bytes]:
    """The samples by file name."""
    settings: dict[str, object] = {"width": 100, "colour": False}
    found = {}
    for called, report in (("trading-desk", scan_example()), ("account", scan_account())):
        shown = _anywhere(report)
        for name, suffix in SUFFIXES.items():
            found[f"{called}.{suffix}"] = load_reporter(name, settings).render(shown)
        found[f"{called}.{EXPLAINED}"] = explained(shown)
    return found


def explained(report: Report) -> bytes:
    """What `policyscan explain` says of the first failure and the first doubt of each policy."""
    page = Page(colour=False, width=80, verbose=False)
    policies = {policy.id: policy for policy in report.policies}
    first = {(one.policy_id, one.verdict): one for one in reversed(report.findings)}
    told = sorted((one for one in first.values() if one.derivation), key=lambda f: f.policy_id)
    accounts = (explanation_lines(one, policies[one.policy_id], page) for one in told)
    return ("\n\n\n".join(map("\n".join, accounts)) + "\n").encode()


def _anywhere(report: Report) -> Report:
    """The report without what differs from machine to machine and from commit to commit."""
    return replace(
        report,
        tool=replace(report.tool, digest="0" * 64, python="3.11.0", libraries={}),
        run=replace(
            report.run,
            id="20260105T090000Z-sample",
            actor="sample",
            ended=report.run.started,
            commit="0" * 40,
            dirty=False,
        ),
    )


if __name__ == "__main__":
    SAMPLES.mkdir(exist_ok=True)
    for name, data in sample_outputs().items():
        (SAMPLES / name).write_bytes(data)

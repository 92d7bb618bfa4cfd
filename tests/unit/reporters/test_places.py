"""Places of what is not in the scanned tree, and of what runs, in the formats that need a file."""

from __future__ import annotations

import csv
import json
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from policyscan.config import load_configuration
from policyscan.findings import Document, Finding, Location, Report, ResourceRef, Verdict
from policyscan.findings.difference import Gone
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import ScanRequest, scan
from policyscan.plugins import load_reporter
from policyscan.reporters.places import CONFIGURATION, gone_place, in_repository, tidy
from policyscan.resources.base import ProofLevel
from tests.github_rules import assert_github_takes
from tests.log_processors import github
from tests.sample_report import LIVE_GROUP, compared_report, sample_report
from tests.scanning import NOW, write

STALE = """
version: 1
allow_lists:
  - name: kraken
    exchange: kraken
    ranges: [198.51.100.0/24]
    owner: Jonas Reuter
    verified: "2024-09-01"
"""


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/./b", "a/b"), ("../a", "a"), ("/a//b/", "a/b"), ("a/../../b", "b"), ("..", ""), ("", "")],
)
def test_a_tidy_path_never_leads_out(path: str, name: str) -> None:
    assert tidy(path) == name


def stated(target: str, path: str, prefix: str) -> tuple[Finding, Report]:
    """A failure of what a configuration states that was named as `path`, in a scan of `target`."""
    place = Location(path, 5, 5, 8, 1)
    resource = ResourceRef(
        "NetworkAllowList", "allow_lists.kraken", ".", CONFIGURATION, target, ProofLevel.ASSERTED
    )
    first, *_ = sample_report().findings
    witness = replace(first.witnesses[0], location=place, provenance=())
    run = replace(sample_report().run, prefix=prefix, configuration=path)
    report = replace(sample_report(), run=run)
    made = replace(first, resource=resource, location=place, witnesses=(witness,), excerpt=None)
    return made, replace(report, findings=(made,), gaps=(), drift=())


PLACES = [
    # what is scanned, the configuration as it was named, where what is scanned is: its place
    (".", "policyscan.yaml", "", "policyscan.yaml"),
    (".", "policyscan.yaml", "infra/", "infra/policyscan.yaml"),
    ("infra", "policyscan.yaml", "infra/", "policyscan.yaml"),
    ("infra/prod", "infra/policyscan.yaml", "infra/prod/", "infra/policyscan.yaml"),
    ("infra", "infra/policyscan.yaml", "infra/", "infra/policyscan.yaml"),
    ("b", "policyscan.yaml", "a/b/", "a/policyscan.yaml"),
    (".", "../policyscan.yaml", "infra/", "policyscan.yaml"),
    ("/r/infra", "/r/policyscan.yaml", "infra/", "policyscan.yaml"),
    ("/r/infra", "/r/x/../policyscan.yaml", "infra/", "policyscan.yaml"),
    # not in the repository
    ("infra", "policyscan.yaml", "", None),
    (".", "../policyscan.yaml", "", None),
    (".", "../../policyscan.yaml", "infra/", None),
    ("/r/infra", "/etc/policyscan.yaml", "infra/", None),
    # nobody can tell
    ("/r/infra", "policyscan.yaml", "infra/", None),
    ("infra", "/r/policyscan.yaml", "infra/", None),
    ("../infra", "policyscan.yaml", "infra/", None),
    ("link", "policyscan.yaml", "infra/", None),
]


@pytest.mark.parametrize(("target", "path", "prefix", "place"), PLACES)
def test_the_configuration_has_the_place_that_it_has_in_the_repository(
    target: str, path: str, prefix: str, place: str | None
) -> None:
    finding, report = stated(target, path, prefix)
    moved = in_repository(finding, report)
    assert (moved.location and tidy(prefix + moved.location.path)) == place
    assert moved.witnesses[0].location == moved.location
    data = load_reporter("sarif", {}).render(report)
    assert_github_takes(data)
    [run] = json.loads(data)["runs"]
    assert uris(run) == ([place] if place else [])
    assert run["properties"]["failuresWithoutPlace"] == (place is None)
    [entry, *_] = json.loads(load_reporter("gitlab-codequality", {}).render(report))
    assert entry["location"]["path"] == (place or ".gitlab-ci.yml")
    told = github(load_reporter("annotations", {}).render(report).decode())[0]
    assert told.properties.get("file") == place
    # People are told where it is in any case.
    rows = csv.DictReader(StringIO(load_reporter("csv", {}).render(report).decode("utf-8-sig")))
    assert [row["path"] for row in rows] == [place or path]
    assert f"`{place or path}:5:5`" in load_reporter("markdown", {}).render(report).decode()


def uris(run: dict[str, Any]) -> list[str]:
    return [
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]
    ]


def test_what_is_gone_from_the_configuration_has_no_wrong_place() -> None:
    finding, report = stated("infra", "policyscan.yaml", "infra/")
    report = replace(report, coverage=replace(report.coverage, targets_declared=("infra",)))
    gone = Gone(
        "f", "PS-NET-002", Verdict.FAIL, finding.severity, ".", "allow_lists.x", "m",
        finding.location,
    )  # fmt: skip
    place = gone_place(gone, report)
    assert place and place.path == "../policyscan.yaml"
    other = replace(gone, address="aws_security_group.x")
    assert gone_place(other, report) == finding.location


def test_a_part_of_a_repository_is_scanned_by_the_configuration_at_its_top(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"policyscan.yaml": STALE, "infra/Dockerfile": "FROM scratch\n"})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for command in (["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm1"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    request = ScanRequest(
        path=Path("infra"),
        configuration=load_configuration(None, Path()),
        profile=load_profile("ci", Path()),
        select=("PS-NET-002",),
    )
    report = scan(request, now=NOW)
    data = load_reporter("sarif", {}).render(report)
    assert_github_takes(data, tmp_path)
    [run] = json.loads(data)["runs"]
    assert uris(run) == ["policyscan.yaml"]


def test_a_file_is_one_artifact_however_its_path_is_written() -> None:
    first, *_ = sample_report().findings
    assert first.location
    findings = tuple(
        replace(
            first,
            fingerprint=str(number),
            location=replace(first.location, path=path, start_line=number, end_line=number),
            witnesses=(replace(first.witnesses[0], location=None, provenance=()),),
            derivation=(),
        )
        for number, path in enumerate(("a/b.tf", "/a/b.tf", "../a/b.tf", "./a//b.tf"), 1)
    )
    documents = (Document("a/b.tf", "0" * 64, 1), Document("/a/b.tf", "1" * 64, 2))
    report = replace(sample_report(), findings=findings, gaps=(), documents=documents, drift=())
    for format_ in ("sarif", "sarif-full"):
        [run] = json.loads(load_reporter(format_, {}).render(report))["runs"]
        assert [one["location"]["uri"] for one in run["artifacts"]] == ["a/b.tf"]
        assert run["artifacts"][0]["hashes"]["sha-256"] == "0" * 64
    assert_github_takes(load_reporter("sarif", {}).render(report))


def test_what_runs_is_shown_where_code_declares_it_in_every_format() -> None:
    report = compared_report()
    [live] = [one for one in report.findings if one.resource == LIVE_GROUP]
    [pair] = [one for one in report.drift if one.observed == LIVE_GROUP]
    assert live.location is None and pair.location
    place = (pair.location.path, pair.location.start_line)
    entries = json.loads(load_reporter("gitlab-codequality", {}).render(report))
    [entry] = [one for one in entries if one["fingerprint"] == live.fingerprint]
    assert (entry["location"]["path"], entry["location"]["lines"]["begin"]) == place
    made = json.loads(load_reporter("gitlab-sast", {}).render(report))
    [found] = [
        one["location"]
        for one in made["vulnerabilities"]
        if one["identifiers"][0]["value"] == live.fingerprint
    ]
    assert (found["file"], found["start_line"]) == place
    [run] = json.loads(load_reporter("sarif", {}).render(report))["runs"]
    [result] = [
        one
        for one in run["results"]
        if one["partialFingerprints"]["policyscan/v1"] == live.fingerprint
    ]
    physical = result["locations"][0]["physicalLocation"]
    assert (physical["artifactLocation"]["uri"], physical["region"]["startLine"]) == place

"""What GitLab asks of the files that it takes, as assertions.

From its documentation, the sources of its parsers (`lib/gitlab/ci/parsers`), and version 15.0 of
its schema of security reports (gitlab-org/security-products/security-report-schemas).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from lxml import etree

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_MOST_BYTES = 10_000_000
_MOST_JUNIT_BYTES = 30_000_000
_CAST = {
    "array", "base64Binary", "boolean", "date", "datetime", "decimal", "duration", "file", "float",
    "hash", "hexBinary", "integer", "string", "symbol", "yaml",
}  # fmt: skip
"""Types that `Hash.from_xml` of Rails makes something else of than text, or refuses."""


def assert_gitlab_takes_quality(data: bytes) -> list[dict[str, Any]]:
    """The entries of a report on code quality. GitLab stops at the first that breaks a rule, and
    keeps one of those with the same fingerprint."""
    assert len(data) < _MOST_BYTES
    assert data.isascii()  # no mark of the order of bytes, which GitLab does not take
    entries = json.loads(data)
    assert isinstance(entries, list)
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        _neutral(entry["description"], entry["check_name"], entry["fingerprint"])
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        place = entry["location"]
        _relative(place["path"])
        assert isinstance(place["lines"]["begin"], int) and place["lines"]["begin"] >= 1
    prints = [entry["fingerprint"] for entry in entries]
    assert len(set(prints)) == len(prints)
    return entries


def assert_gitlab_takes_sast(data: bytes) -> dict[str, Any]:
    """A security report; the whole of it is refused if a rule is broken."""
    report: dict[str, Any] = json.loads(data)
    assert {"version", "scan", "vulnerabilities"} <= set(report)
    assert re.fullmatch(r"15\.0\.\d+", report["version"])
    assert report["schema"].startswith("https://")
    _scan(report["scan"])
    for one in report["vulnerabilities"]:
        _vulnerability(one)
    ids = [one["id"] for one in report["vulnerabilities"]]
    assert len(set(ids)) == len(ids)
    for place in (_location, _signature):  # the second if the plan has signatures
        found = [(one["identifiers"][0]["value"], place(one)) for one in report["vulnerabilities"]]
        assert len(set(found)) == len(found), "GitLab takes them for one"
    return report


def _location(one: dict[str, Any]) -> str:
    return ":".join(str(one["location"][key]) for key in ("file", "start_line", "end_line"))


def _signature(one: dict[str, Any]) -> str:
    assert one["tracking"]["type"] == "source"
    [item] = one["tracking"]["items"]
    [signature] = item["signatures"]
    assert signature["algorithm"] in {"hash", "location", "scope_offset"}
    _neutral(signature["value"])
    return str(signature["value"])


def _scan(scan: dict[str, Any]) -> None:
    for tool in (scan["analyzer"], scan["scanner"]):
        _neutral(tool["id"], tool["name"], tool["version"], tool["vendor"]["name"])
    assert _TIME.fullmatch(scan["start_time"]) and _TIME.fullmatch(scan["end_time"])
    assert scan["status"] in {"success", "failure"}
    assert scan["type"] == "sast"
    for message in scan["messages"]:
        assert message["level"] in {"info", "warn", "fatal"}
        _neutral(message["value"])


def _vulnerability(one: dict[str, Any]) -> None:
    assert {"id", "identifiers", "location"} <= set(one)
    _neutral(one["id"], one["name"])
    assert len(one["name"]) <= 255
    assert len(one["description"]) <= 1_048_576
    assert len(one.get("solution", "")) <= 7_000
    assert one["severity"] in {"Info", "Unknown", "Low", "Medium", "High", "Critical"}
    assert one["identifiers"]
    for identifier in one["identifiers"]:
        _neutral(identifier["type"], identifier["name"], identifier["value"])
    place = one["location"]
    _relative(place["file"])
    assert 1 <= place["start_line"] <= place["end_line"]


def _relative(path: str) -> None:
    assert path and not path.startswith(("./", "/"))
    _neutral(path)


def _neutral(*texts: str) -> None:
    for text in texts:
        assert isinstance(text, str) and text
        assert not _STEERING.search(text)


def assert_gitlab_takes_junit(data: bytes) -> Counter[str]:
    """How many cases it reads of each kind. Of cases with the same names it keeps one, of an
    outcome the content if there is any."""
    assert len(data) < _MOST_JUNIT_BYTES
    found: Counter[str] = Counter()
    keys = set()
    for suite in etree.fromstring(data).iterfind("testsuite"):
        for case in suite.iterfind("testcase"):
            keys.add((suite.get("name"), case.get("classname"), case.get("name")))
            outcomes = [one for one in case if one.tag != "system-out"]
            assert len(outcomes) <= 1
            for outcome in outcomes:
                _neutral(outcome.text.replace("\n", " "))
                assert outcome.get("type") not in _CAST
            found[outcomes[0].tag if outcomes else "success"] += 1
    assert len(keys) == found.total()
    return found

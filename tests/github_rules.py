"""What GitHub code scanning asks of a SARIF file beyond the schema, as assertions.

From GitHub's page "SARIF support for code scanning" and from files that its upload refused.
"""

from __future__ import annotations

import gzip
import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

MAX_COMPRESSED = 10_000_000
LEVELS = {"error", "warning", "note", "none"}
URI = re.compile(r"(?:[A-Za-z0-9._~/!$'()*,;=@+&-]|%[0-9A-F]{2})+")
HASH = re.compile(r"[0-9a-f]{1,16}:[1-9][0-9]*")


def assert_github_takes(data: bytes) -> None:
    """Fails with the rule that a SARIF file breaks."""
    assert len(gzip.compress(data)) <= MAX_COMPRESSED
    log = json.loads(data)
    assert log["version"] == "2.1.0" and log["$schema"].startswith("https://")
    assert len(log["runs"]) == 1, "one run for each tool and category of an upload"
    _run(log["runs"][0])


def _run(run: dict[str, Any]) -> None:
    driver = run["tool"]["driver"]
    assert driver["name"]
    rules = driver["rules"]
    assert len(rules) <= 25_000
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        _rule(rule)
    category, _, run_id = run["automationDetails"]["id"].rpartition("/")
    assert re.fullmatch(r"policyscan/[^\x00-\x1f]+", category) and run_id
    assert run["columnKind"] == "utf16CodeUnits"
    assert len(run["results"]) <= 25_000
    for result in run["results"]:
        _result(result, rules, run.get("artifacts", []))
    for invocation in run["invocations"]:
        for notification in invocation.get("toolExecutionNotifications", []):
            assert notification["message"]["text"]
            for location in notification.get("locations", []):
                _location(location, run["artifacts"])


def _rule(rule: dict[str, Any]) -> None:
    assert rule["id"]
    assert 0 < len(rule["name"]) <= 255
    assert 0 < len(rule["shortDescription"]["text"]) <= 1024
    assert 0 < len(rule["fullDescription"]["text"]) <= 1024
    assert rule["help"]["text"] and rule["help"]["markdown"]
    assert rule["defaultConfiguration"]["level"] in LEVELS
    properties = rule["properties"]
    severity = properties["security-severity"]
    assert isinstance(severity, str) and 0.0 < float(severity) <= 10.0
    assert properties["precision"] in {"very-high", "high", "medium", "low"}
    tags = properties["tags"]
    assert "security" in tags and len(tags) <= 10 and len(set(tags)) == len(tags)
    assert all(isinstance(tag, str) and tag for tag in tags)


def _result(result: dict[str, Any], rules: list[Any], artifacts: list[Any]) -> None:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["message"]["text"] and result["level"] in LEVELS
    assert 1 <= len(result["locations"]) <= 1_000
    related = result.get("relatedLocations", [])
    assert len(related) <= 1_000
    assert len({location["id"] for location in related}) == len(related)
    steps = [
        step["location"]
        for flow in result.get("codeFlows", [])
        for thread in flow["threadFlows"]
        for step in thread["locations"]
    ]
    assert len(steps) <= 10_000
    for location in (*result["locations"], *related, *steps):
        _location(location, artifacts)
    assert all(location["message"]["text"] for location in (*related, *steps))
    fingerprints = result["partialFingerprints"]
    assert fingerprints["policyscan/v1"]
    if "primaryLocationLineHash" in fingerprints:
        assert HASH.fullmatch(fingerprints["primaryLocationLineHash"])


def _location(location: dict[str, Any], artifacts: list[Any]) -> None:
    place = location["physicalLocation"]
    uri = place["artifactLocation"]["uri"]
    assert URI.fullmatch(uri), uri
    assert not uri.startswith("/")
    unquote_to_bytes(uri).decode("utf-8")
    assert artifacts[place["artifactLocation"]["index"]]["location"]["uri"] == uri
    region = place["region"]
    assert all(type(region[name]) is int and region[name] >= 1 for name in region)
    start = (region["startLine"], region["startColumn"])
    assert (region["endLine"], region["endColumn"]) >= start

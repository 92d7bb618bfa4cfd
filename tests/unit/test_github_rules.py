"""The emulator of code scanning refuses what code scanning refuses: one bad file for each rule."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policyscan.reporters.sarif import SarifReporter
from tests import github_rules
from tests.github_rules import RefusedError, assert_github_takes, processed
from tests.sample_report import sample_report

GOOD: dict[str, Any] = json.loads(SarifReporter().render(sample_report()))
RUN = "runs[0]"
DRIVER = f"{RUN}.tool.driver"
RULE = f"{DRIVER}.rules[0]"
RESULT = f"{RUN}.results[0]"
PLACE = f"{RESULT}.locations[0].physicalLocation"
RELATED = f"{RESULT}.relatedLocations"
STEPS = f"{RESULT}.codeFlows[0].threadFlows[0].locations"
URI = f"{PLACE}.artifactLocation.uri"
REGION = f"{PLACE}.region"
TAGS = f"{RULE}.properties.tags"
PRINTS = f"{RESULT}.partialFingerprints"

GONE = object()


def steps_to(path: str) -> list[str | int]:
    return [int(one) if one.isdigit() else one for one in re.findall(r"[^.\[\]]+", path)]


def changed(path: str, value: Any) -> bytes:
    """The good file with another value, made from the one that is there if it is a function."""
    log = copy.deepcopy(GOOD)
    holder: Any = log
    *before, last = steps_to(path)
    for step in before:
        holder = holder[step]
    if value is GONE:
        del holder[last]
    else:
        holder[last] = value(holder[last]) if callable(value) else value
    return json.dumps(log).encode()


def times(number: int) -> Callable[[list[Any]], list[Any]]:
    return lambda members: (members * number)[:number]


def numbered(number: int) -> Callable[[list[Any]], list[Any]]:
    return lambda members: [{**members[0], "id": index} for index in range(number)]


BAD = [
    ("version", "version", "2.0.0"),
    ("schema-uri", "$schema", "sarif-2.1.0.json"),
    ("schema", f"{RESULT}.unheard", 1),
    ("schema", f"{RESULT}.message", GONE),
    ("schema", f"{RUN}.invocations[0].startTimeUtc", "yesterday"),
    ("no-run", "runs", []),
    ("runs", "runs", times(21)),
    ("category-unique", "runs", times(2)),
    ("category-form", f"{RUN}.automationDetails", GONE),
    ("category-form", f"{RUN}.automationDetails.id", "policyscan"),
    ("category-form", f"{RUN}.automationDetails.id", "policyscan/scan/"),
    ("category-form", f"{RUN}.automationDetails.id", "else/scan/1"),
    ("tool-name", f"{DRIVER}.name", " "),
    ("extensions", f"{RUN}.tool.extensions", [{"name": f"e{n}"} for n in range(101)]),
    ("rules-missing", f"{DRIVER}.rules", GONE),
    ("rules-unique", f"{DRIVER}.rules[1].id", "PS-NET-001"),
    ("rule-id", f"{RULE}.id", ""),
    ("rule-name", f"{RULE}.name", "x" * 256),
    ("rule-text", f"{RULE}.shortDescription", GONE),
    ("rule-text", f"{RULE}.fullDescription.text", "x" * 1_025),
    ("rule-text", f"{RULE}.fullDescription.text", ""),
    ("rule-help", f"{RULE}.help.text", ""),
    ("rule-help", f"{RULE}.help.markdown", ""),
    ("rule-level", f"{RULE}.defaultConfiguration.level", "none"),
    ("security-severity", f"{RULE}.properties.security-severity", 8.0),
    ("security-severity", f"{RULE}.properties.security-severity", "undefined"),
    ("security-severity", f"{RULE}.properties.security-severity", "0.0"),
    ("security-severity", f"{RULE}.properties.security-severity", "10.1"),
    ("rule-precision", f"{RULE}.properties.precision", "certain"),
    ("tags", TAGS, [f"t{n}" for n in range(21)]),
    ("tags-shown", TAGS, [f"t{n}" for n in range(11)]),
    ("tags-text", TAGS, ["security", ""]),
    ("schema", TAGS, ["security", "security"]),
    ("tags-security", TAGS, ["network"]),
    ("column-kind", f"{RUN}.columnKind", GONE),
    ("results-missing", f"{RUN}.results", GONE),
    ("invocations", f"{RUN}.invocations", GONE),
    ("notification", f"{RUN}.invocations[0].toolExecutionNotifications[0].message.text", ""),
    ("rule-index", f"{RESULT}.ruleIndex", 1),
    ("rule-index", f"{RESULT}.ruleIndex", GONE),
    ("rule-index", f"{RESULT}.ruleIndex", 10_000),
    ("message", f"{RESULT}.message.text", ""),
    ("only-failures", f"{RESULT}.kind", "pass"),
    ("only-failures", f"{RESULT}.suppressions", [{"kind": "external"}]),
    ("no-location", f"{RESULT}.locations", []),
    ("locations", f"{RESULT}.locations", times(1_001)),
    ("locations-shown", f"{RESULT}.locations", times(2)),
    ("related", RELATED, numbered(1_001)),
    ("related-shown", RELATED, numbered(101)),
    ("related-ids", f"{RELATED}[1].id", 1),
    ("related-ids", f"{RELATED}[1].id", 2**63),
    ("message-links", f"{RESULT}.message.text", "from [main.tf:3](9)"),
    ("location-message", f"{RELATED}[0].message.text", ""),
    ("steps", STEPS, times(10_001)),
    ("steps-shown", STEPS, times(1_001)),
    ("artifact", f"{PLACE}.artifactLocation.uri", GONE),
    ("artifact", f"{RESULT}.locations[0]", {"logicalLocations": [{"name": "x"}]}),
    ("artifact-index", f"{PLACE}.artifactLocation.index", 1_000),
    ("artifact-index", f"{RUN}.artifacts", GONE),
    ("uri-scheme", URI, "file:///repository/main.tf"),
    ("uri-scheme", URI, "git::https://example.com/m"),
    ("uri-scheme", URI, "arn:aws:s3:::b"),
    ("uri-relative", URI, "/etc/passwd"),
    ("uri-dots", URI, "../main.tf"),
    ("uri-dots", URI, "a/%2E%2E/main.tf"),
    ("uri-dots", URI, "a//main.tf"),
    ("uri-dots", URI, "./main.tf"),
    ("uri-form", URI, ""),
    ("uri-form", URI, "a b.tf"),
    ("uri-form", URI, "a\\b.tf"),
    ("uri-form", URI, "%zz"),
    ("uri-form", URI, "%FF"),
    ("uri-form", URI, "caf\u00e9"),
    ("schema", f"{REGION}.startLine", 0),
    ("region", f"{REGION}.startColumn", GONE),
    ("region", f"{REGION}.endLine", GONE),
    ("schema", f"{REGION}.startLine", "1"),
    ("region-order", f"{REGION}.endLine", 13),
    ("region-order", f"{REGION}.endColumn", 19),
    ("fingerprints", PRINTS, GONE),
    ("fingerprints", f"{PRINTS}.policyscan/v1", ""),
    ("line-hash", f"{PRINTS}.primaryLocationLineHash", "main.tf:14"),
    ("line-hash", f"{PRINTS}.primaryLocationLineHash", ""),
    ("fingerprints-unique", f"{RUN}.results", lambda results: results + results[:1]),
]  # fmt: skip


def test_the_good_file_is_taken() -> None:
    assert_github_takes(json.dumps(GOOD).encode())


@pytest.mark.parametrize(("rule", "path", "value"), BAD, ids=map(str, range(len(BAD))))
def test_a_bad_file_is_refused(rule: str, path: str, value: Any) -> None:
    with pytest.raises(RefusedError, match=f"^{rule}: "):
        assert_github_takes(changed(path, value))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b'{"version": NaN}', b"\xff{}",
        json.dumps(GOOD).encode().replace(b'"version"', b'"version": "2.1.0", "version"', 1),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError, match=r"^json: "):
        assert_github_takes(data)


def several(results: int, rules: int = 0) -> bytes:
    log = copy.deepcopy(GOOD)
    run = log["runs"][0]
    first = run["results"][0]
    run["results"] = [
        {**first, "partialFingerprints": {"policyscan/v1": str(n), "primaryLocationLineHash": h}}
        for n, h in ((n, f"{n:x}:1") for n in range(results))
    ]
    driver = run["tool"]["driver"]
    driver["rules"] += [{**driver["rules"][0], "id": f"X-{n}"} for n in range(rules)]
    return json.dumps(log).encode()


@pytest.mark.parametrize(
    ("rule", "limit", "results", "rules"),
    [
        ("results", "MAX_RESULTS", 26, 0),
        ("results-shown", "SHOWN_RESULTS", 26, 0),
        ("rules", "MAX_RULES", 1, 25),
    ],
)
def test_too_many_are_refused(monkeypatch, rule: str, limit: str, results: int, rules: int) -> None:
    monkeypatch.setattr(github_rules, limit, 25)
    with pytest.raises(RefusedError, match=f"^{rule}: "):
        assert_github_takes(several(results, rules))


def test_two_results_of_one_rule_with_one_line_hash_are_refused_in_whatever_run() -> None:
    log = json.loads(several(2))
    first, second = log["runs"][0]["results"]
    second["partialFingerprints"]["primaryLocationLineHash"] = "0:1"
    with pytest.raises(RefusedError, match=r"^alerts-unique: "):
        assert_github_takes(json.dumps(log).encode())
    other = copy.deepcopy(log["runs"][0])
    log["runs"][0]["results"], other["results"] = [first], [second]
    other["automationDetails"]["id"] = "policyscan/other/1"
    log["runs"].append(other)
    with pytest.raises(RefusedError, match=r"^alerts-unique: "):
        assert_github_takes(json.dumps(log).encode())
    for one in (first, second):
        del one["partialFingerprints"]["primaryLocationLineHash"]
    with pytest.raises(RefusedError, match=r"^alerts-unique: "):
        assert_github_takes(json.dumps(log).encode())


def test_a_file_over_ten_megabytes_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(github_rules, "MAX_COMPRESSED", 1_000)
    with pytest.raises(RefusedError, match=r"^size: "):
        assert_github_takes(json.dumps(GOOD).encode())


def test_places_have_to_be_in_the_files_of_the_tree(tmp_path: Path) -> None:
    log = copy.deepcopy(GOOD)
    run = log["runs"][0]
    run["results"] = run["results"][:1]
    del run["results"][0]["relatedLocations"], run["results"][0]["codeFlows"]
    run["results"][0]["message"] = {"text": "open"}
    run["invocations"][0]["toolExecutionNotifications"] = []
    data = json.dumps(log).encode()
    file = tmp_path / "infra" / "prod" / "main.tf"
    with pytest.raises(RefusedError, match=r"^file: "):
        assert_github_takes(data, tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text("\n" * 13 + "x" * 29)
    with pytest.raises(RefusedError, match=r"^region-inside: "):
        assert_github_takes(data, tmp_path)
    file.write_text("\n" * 13 + "x" * 28 + "\U0001f600")  # two units of UTF-16
    assert_github_takes(data, tmp_path)
    file.write_text("\n" * 12)
    with pytest.raises(RefusedError, match=r"^region-inside: "):
        assert_github_takes(data, tmp_path)
    file.rename(tmp_path / "else.tf")
    file.symlink_to(tmp_path / "else.tf")
    with pytest.raises(RefusedError, match=r"^file: "):
        assert_github_takes(data, tmp_path)


def test_a_run_that_was_not_successful_is_not_processed() -> None:
    path = f"{RUN}.invocations[0].executionSuccessful"
    assert processed(changed(path, True))
    assert not processed(changed(path, False))


def test_the_bad_files_cover_every_rule() -> None:
    source = Path(github_rules.__file__).read_text()
    rules = set(re.findall(r'_want\(\s*"([a-z-]+)"', source))
    rules |= set(re.findall(r'RefusedError\(f"([a-z-]+):', source))
    elsewhere = {
        "size", "json", "results", "results-shown", "rules", "alerts-unique", "file",
        "region-inside",
    }  # fmt: skip
    by_schema = {"tags-unique", "level"}
    """What the schema says too, and is asked first."""
    assert rules - {rule for rule, *_ in BAD} - elsewhere - by_schema == set()

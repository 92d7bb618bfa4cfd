"""An emulator of GitHub code scanning: what it, or the action that uploads for it, refuses of a
SARIF file, cuts, or shows as something else than was meant.

Each rule raises `RefusedError` with the name of the rule. Where a fact is from:

- DOCS: docs.github.com, "SARIF support for code scanning" and "SARIF results exceed limits"
  (github/docs, `data/reusables/code-scanning/sarif-limits.md`, read in 2026);
- ACTION: github/codeql-action at f3f1edb (June 2026): `src/upload-lib.ts`, `src/sarif/index.ts`,
  `src/fingerprints.ts`;
- SEEN: what uploads were answered, with the issue that shows it;
- SPEC: SARIF 2.1.0 and its schema, by which the action validates every file;
- OURS: stricter than GitHub, so that what we mean arrives.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs

# DOCS: over these a file is refused.
MAX_COMPRESSED = 10_000_000
MAX_RUNS = 20  # SEEN codacy-analysis-cli-action#121: "more runs than allowed (21 > 20)"
MAX_RULES = 25_000
MAX_RESULTS = 25_000
MAX_EXTENSIONS = 100
MAX_LOCATIONS = 1_000
MAX_STEPS = 10_000
MAX_TAGS = 20
MAX_TEXT = 1_024
MAX_NAME = 255
# DOCS: over these the rest is not shown.
SHOWN_RESULTS = 5_000
SHOWN_LOCATIONS = 100
SHOWN_STEPS = 1_000
SHOWN_TAGS = 10

LEVELS = {"error", "warning", "note", "none"}
RULE_LEVELS = {"error", "warning", "note"}  # DOCS
PRECISIONS = {"very-high", "high", "medium", "low"}
_URI = re.compile(r"(?:[A-Za-z0-9._~/!$'()*,;=@+&-]|%[0-9A-F]{2})+")
_HASH = re.compile(r"[0-9a-f]{1,16}:[1-9][0-9]*")
_LINK = re.compile(r"(?<!\\)\]\(([0-9]+)\)")
_SCHEMA = Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json"


class RefusedError(AssertionError):
    """A file that GitHub would not take as it is meant; the first word is the rule."""


def assert_github_takes(data: bytes, tree: Path | None = None) -> None:
    """Raises `RefusedError` with the rule that a SARIF file breaks; with `tree`, the top of the
    repository, places have to be in its files."""
    _want("size", len(gzip.compress(data, 6)) <= MAX_COMPRESSED)  # DOCS
    log = _parsed(data)
    _want("version", log.get("version") == "2.1.0")  # DOCS
    _want("schema-uri", str(log.get("$schema", "")).startswith("https://"))  # DOCS
    assert_sarif(log)
    _want("no-run", log["runs"])  # SEEN codeql-action#1061
    _want("runs", len(log["runs"]) <= MAX_RUNS)
    _unique_categories(log["runs"])
    _unique_alerts(log["runs"])
    for run in log["runs"]:
        _run(run, tree)


def assert_sarif(log: Any) -> None:
    """Raises `RefusedError` if it is no valid SARIF (SPEC), by which the action refuses it (ACTION
    `validateSarifFileSchema`)."""
    try:
        _validator().validate(log)
    except jsonschema_rs.ValidationError as error:
        raise RefusedError(f"schema: {error.message[:500]} at {error.instance_path}") from None


def processed(data: bytes) -> bool:
    """Whether GitHub would go on with a file that it takes: one of a run that was not successful
    it answers with "unsuccessful execution", and closes no alert (SEEN codeql-action#1316 and
    PR#1393; ACTION `handleProcessingResultForUnsuccessfulExecution`)."""
    invocations = [one for run in json.loads(data)["runs"] for one in run["invocations"]]
    return all(one["executionSuccessful"] for one in invocations)


def _want(rule: str, holds: object, detail: object = "") -> None:
    if not holds:
        raise RefusedError(f"{rule}: {detail!r}"[:800])


def _parsed(data: bytes) -> dict[str, Any]:
    """ACTION `readSarifFile`: JSON.parse, which knows no NaN; a member twice would be lost."""

    def no_constant(name: str) -> Any:
        raise RefusedError(f"json: {name}")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        _want("json", len(dict(pairs)) == len(pairs), "a member twice")
        return dict(pairs)

    try:
        log = json.loads(data.decode(), parse_constant=no_constant, object_pairs_hook=once)
    except ValueError as error:
        raise RefusedError(f"json: {error}") from None
    _want("json", isinstance(log, dict))
    return dict(log)


def _unique_categories(runs: list[dict[str, Any]]) -> None:
    """SEEN: "A delivery cannot contain multiple runs with the same category", by category and tool
    (codeql-action#3051, PR#872); ACTION `areAllRunsUnique` compares tool and whole id. DOCS: the
    category is the id up to its last `/`."""
    seen = set()
    for run in runs:
        identifier = run.get("automationDetails", {}).get("id", "")
        category, slash, run_id = identifier.rpartition("/")
        # OURS: without an id, the `category` input of the action decides for all runs alike
        # (ACTION `populateRunAutomationDetails`); a category without text is that of everybody.
        _want("category-form", slash and run_id and category == category.strip(), identifier)
        _want("category-form", re.fullmatch(r"policyscan/[^\x00-\x1f]+", category), identifier)
        key = (run["tool"]["driver"].get("name"), category)
        _want("category-unique", key not in seen, key)
        seen.add(key)


def _unique_alerts(runs: list[dict[str, Any]]) -> None:
    """DOCS: of the fingerprints GitHub uses `primaryLocationLineHash` alone. SEEN: two results of
    one rule with one hash become one alert, whatever their run (csutils/csdiff#98). Where it is
    missing, the action computes that of the first line (ACTION `addFingerprints`)."""
    hashes: set[tuple[str, str]] = set()
    lines: set[tuple[str, str, int]] = set()
    own: set[str] = set()
    for result in (result for run in runs for result in run.get("results", [])):
        fingerprints = result.get("partialFingerprints", {})
        _want("fingerprints", fingerprints.get("policyscan/v1"), result.get("ruleId"))  # OURS
        _want("fingerprints-unique", fingerprints["policyscan/v1"] not in own, result["ruleId"])
        own.add(fingerprints["policyscan/v1"])
        line_hash = fingerprints.get("primaryLocationLineHash")
        if line_hash is not None:
            _want("line-hash", _HASH.fullmatch(line_hash), line_hash)  # ACTION `hash`
            key = (result["ruleId"], line_hash)
            _want("alerts-unique", key not in hashes, key)
            hashes.add(key)
        elif result.get("locations"):
            place = result["locations"][0].get("physicalLocation", {})
            where = (
                result["ruleId"],
                place.get("artifactLocation", {}).get("uri", ""),
                place.get("region", {}).get("startLine", 0),
            )
            _want("alerts-unique", where not in lines, where)
            lines.add(where)


def _run(run: dict[str, Any], tree: Path | None) -> None:
    tool = run["tool"]
    driver = tool["driver"]
    _want("tool-name", driver["name"].strip())  # DOCS
    _want("extensions", len(tool.get("extensions", [])) <= MAX_EXTENSIONS)
    rules = driver.get("rules")
    _want("rules-missing", rules is not None)  # DOCS: required
    _want("rules", len(rules) <= MAX_RULES)
    # SEEN trivy-action#22
    _want("rules-unique", len({rule["id"] for rule in rules}) == len(rules))
    for rule in rules:
        _rule(rule)
    _want("column-kind", run.get("columnKind") == "utf16CodeUnits")  # OURS: how columns count
    results = run.get("results")
    _want("results-missing", results is not None)  # DOCS: required
    _want("results", len(results) <= MAX_RESULTS)
    _want("results-shown", len(results) <= SHOWN_RESULTS)  # OURS: nothing is not shown
    artifacts = run.get("artifacts", [])
    for result in results:
        _result(result, rules, artifacts, tree)
    _want("invocations", run.get("invocations"))  # OURS: how it went is always said
    for invocation in run["invocations"]:
        for notification in invocation.get("toolExecutionNotifications", []):
            _want("notification", notification["message"].get("text"))
            for location in notification.get("locations", []):
                _location(location, artifacts, tree)


def _rule(rule: dict[str, Any]) -> None:
    name = rule["id"]
    _want("rule-id", name.strip(), rule)  # DOCS
    _want("rule-name", 0 < len(rule.get("name", name)) <= MAX_NAME, name)  # DOCS
    for member in ("shortDescription", "fullDescription"):  # DOCS: required
        text = rule.get(member, {}).get("text", "")
        _want("rule-text", text.strip() and len(text) <= MAX_TEXT, (name, member))
    text = rule.get("help", {})  # DOCS: required
    _want("rule-help", text.get("text", "").strip() and text.get("markdown", "x").strip(), name)
    level = rule.get("defaultConfiguration", {}).get("level", "warning")
    _want("rule-level", level in RULE_LEVELS, (name, level))
    properties = rule.get("properties", {})
    _security_severity(name, properties.get("security-severity"))
    _want("rule-precision", properties.get("precision", "high") in PRECISIONS, name)  # DOCS
    tags = properties.get("tags", [])
    _want("tags", len(tags) <= MAX_TAGS, name)
    _want("tags-shown", len(tags) <= SHOWN_TAGS, name)  # OURS
    _want("tags-text", all(isinstance(tag, str) and tag.strip() for tag in tags), tags)
    _want("tags-unique", len(set(tags)) == len(tags), tags)  # SPEC
    # DOCS: a score makes it a security rule, if its tags say so as well
    _want("tags-security", "security" in tags or "security-severity" not in properties, name)


def _security_severity(name: str, value: object) -> None:
    """DOCS: a string, above 0.0 and up to 10.0; SEEN codeql-action#2187: "is not a number"."""
    if value is None:
        return
    _want("security-severity", isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value), name)
    _want("security-severity", 0.0 < float(str(value)) <= 10.0, name)


def _result(
    result: dict[str, Any], rules: list[Any], artifacts: list[Any], tree: Path | None
) -> None:
    rule_id, index = result.get("ruleId", ""), result.get("ruleIndex", -1)
    _want("rule-index", 0 <= index < len(rules) and rules[index]["id"] == rule_id, (rule_id, index))
    _want("message", result["message"].get("text", "").strip(), rule_id)  # DOCS, SEEN #665
    _want("level", result.get("level", "warning") in LEVELS, rule_id)
    # OURS: whatever is here is shown as an open alert, so nothing else may be.
    _want("only-failures", result.get("kind", "fail") == "fail", rule_id)
    _want("only-failures", not result.get("suppressions"), rule_id)
    locations = result.get("locations", [])
    # SEEN codeql-action#2459: "expected at least one location"
    _want("no-location", locations, rule_id)
    _want("locations", len(locations) <= MAX_LOCATIONS, rule_id)
    _want("locations-shown", len(locations) == 1, rule_id)  # DOCS: only the first is used
    related = result.get("relatedLocations", [])
    _want("related", len(related) <= MAX_LOCATIONS, rule_id)
    _want("related-shown", len(related) <= SHOWN_LOCATIONS, rule_id)
    identifiers = [one["id"] for one in related if "id" in one]
    _want("related-ids", len(set(identifiers)) == len(identifiers), rule_id)  # DOCS: unique
    _want("related-ids", all(0 <= one < 2**63 for one in identifiers), rule_id)
    # DOCS: a link in the message leads to a related location; SPEC 3.11.6: to one that there is
    links = {int(number) for number in _LINK.findall(result["message"]["text"])}
    _want("message-links", links <= set(identifiers), rule_id)
    steps = list(_steps(result))
    _want("steps", len(steps) <= MAX_STEPS, rule_id)
    _want("steps-shown", len(steps) <= SHOWN_STEPS, rule_id)
    for location in (*locations, *related, *steps):
        _location(location, artifacts, tree)
    told = [one["message"].get("text", "").strip() for one in (*related, *steps)]
    _want("location-message", all(told), rule_id)  # OURS
    fingerprints = result.get("partialFingerprints", {})  # DOCS: required
    _want("fingerprints", fingerprints and all(fingerprints.values()), rule_id)


def _steps(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for flow in result.get("codeFlows", []):
        for thread in flow["threadFlows"]:
            yield from (step["location"] for step in thread["locations"])


def _location(location: dict[str, Any], artifacts: list[Any], tree: Path | None) -> None:
    place = location.get("physicalLocation", {})
    # SEEN codeql-action#2456: "expected artifact location"
    _want("artifact", "uri" in place.get("artifactLocation", {}), location)
    uri = place["artifactLocation"]["uri"]
    _uri(uri)
    index = place["artifactLocation"].get("index")
    if index is not None:  # SPEC 3.4.5
        known = 0 <= index < len(artifacts) and artifacts[index]["location"]["uri"] == uri
        _want("artifact-index", known, (uri, index))
    region = place.get("region", {})
    for name in ("startLine", "startColumn", "endLine", "endColumn"):  # DOCS: required
        value = region.get(name)
        # SEEN codacy-analysis-cli-action#34: a line 0
        _want("region", type(value) is int and value >= 1, (uri, region))
    start = (region["startLine"], region["startColumn"])
    _want("region-order", (region["endLine"], region["endColumn"]) >= start, (uri, region))
    if tree is not None:
        _inside(tree, uri, region)


def _uri(uri: str) -> None:
    """DOCS: relative to the top of the repository. SEEN: "did not match the checkout URI scheme"
    (terrascan-action#66), "an invalid URI was provided" (ACTION `shouldConsiderInvalidRequest`)."""
    _want("uri-scheme", not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", uri), uri)
    _want("uri-form", _URI.fullmatch(uri), uri)  # RFC 3986, a relative reference without a colon
    _want("uri-relative", not uri.startswith("/"), uri)
    try:
        parts = unquote_to_bytes(uri).decode().split("/")
    except UnicodeDecodeError:
        raise RefusedError(f"uri-form: {uri!r}") from None
    _want("uri-dots", not {"", ".", ".."} & set(uri.split("/")), uri)
    _want("uri-dots", not {".", ".."} & set(parts), uri)


def _inside(tree: Path, uri: str, region: Mapping[str, int]) -> None:
    """DOCS: the file is one of the repository, and no symbolic link; OURS: the place is in it."""
    path = tree / unquote_to_bytes(uri).decode()
    _want("file", path.is_file() and not path.is_symlink(), uri)
    lines = path.read_text("utf-8", "surrogateescape").split("\n")
    for line, column in (("startLine", "startColumn"), ("endLine", "endColumn")):
        _want("region-inside", region[line] <= len(lines), (uri, region))
        width = len(lines[region[line] - 1].encode("utf-16-le", "surrogatepass")) // 2
        _want("region-inside", region[column] <= width + 1, (uri, region))


@cache
def _validator() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(json.loads(_SCHEMA.read_text()), validate_formats=True)

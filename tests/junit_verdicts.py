"""Reads back what the JUnit report holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lxml import etree


def verdicts_in(data: bytes) -> Counter[tuple[str, str]]:
    """How often each (fingerprint, verdict) occurs. The verdict is taken from the elements that a
    CI system sees; what does not apply has no case and counts under its policy's id."""
    found: Counter[tuple[str, str]] = Counter()
    for suite in _policy_suites(data):
        for case in suite.iter("testcase"):
            found[_marks(case)["fingerprint"], _seen(case)] += 1
        [count] = suite.xpath("properties/property[@name='not_applicable']/@value")
        found[suite.get("name"), "not_applicable"] += int(count)
    return +found


def gaps_in(data: bytes) -> Counter[tuple[str, bool]]:
    """How often each (fingerprint of a gap, whether it blocks) occurs."""
    [collection] = etree.fromstring(data).xpath("testsuite[@name='policyscan.collection']")
    return Counter(
        (_marks(case)["fingerprint"], case.find("error") is not None)
        for case in collection.iter("testcase")
        if "gap" in _marks(case)
    )


def drift_in(data: bytes) -> Counter[tuple[str, str]]:
    """How often each (declared address, state) occurs among the pairs."""
    return Counter(
        (marks["declared"], marks["drift"])
        for suite in etree.fromstring(data).xpath("testsuite[@name='policyscan.drift']")
        for marks in map(_marks, suite.iter("testcase"))
        if marks["drift"] in ("same", "differs")
    )


def controls_in(data: bytes) -> dict[str, dict[str, Any]]:
    """The state of every control, and the counts of its verdicts."""
    [collection] = etree.fromstring(data).xpath("testsuite[@name='policyscan.collection']")
    found = {}
    for one in collection.xpath("properties/property[starts-with(@name, 'control ')]"):
        state, counts, *_ = one.get("value").split("; ")
        numbers = (pair.split("=") for pair in counts.split())
        found[one.get("name").removeprefix("control ")] = {
            "state": state,
            "counts": {verdict: int(number) for verdict, number in numbers},
        }
    return found


def _policy_suites(data: bytes) -> list[etree._Element]:
    ours = "@name='policyscan.collection' or @name='policyscan.drift'"
    return etree.fromstring(data).xpath(f"testsuite[not({ours})]")


def _marks(case: etree._Element) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in case.findtext("system-out").split("\n"))


def _seen(case: etree._Element) -> str:
    outcomes = [(one.tag, one) for one in case if one.tag != "system-out"]
    if not outcomes:
        return "pass"
    [(tag, outcome)] = outcomes
    return "fail" if tag == "failure" else outcome.get("message").split(":")[0]

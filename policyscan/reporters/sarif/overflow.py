"""The result that says that others are missing, so that nobody takes what is shown for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from policyscan.findings.model import Severity
from policyscan.reporters.sarif.limits import weightiest
from policyscan.reporters.sarif.places import Artifacts, plain
from policyscan.reporters.sarif.selection import Placed, digest_hash
from policyscan.text.words import count

RULE = "PS-REPORT-001"

_TITLE = "Every failure is shown"
_WHY = (
    "Code scanning takes a limited number of results and bytes of one file. What is over a limit "
    "is left out here, the least severe first, and is not mended by being left out."
)
_FIX = (
    "Read the rest in the JSON or HTML report of the same run, mend what is shown, or let each "
    "scan judge a part of the repository with a --category of its own."
)


def overflow_rule() -> dict[str, Any]:
    """The rule that the result breaks."""
    return {
        "id": RULE,
        "name": "failures-not-shown",
        "shortDescription": {"text": _TITLE},
        "fullDescription": {"text": _WHY},
        "help": {
            "text": f"{_TITLE}\n\nWhy: {_WHY}\n\nFix: {_FIX}",
            "markdown": f"# {_TITLE}\n\n**Why**\n\n{_WHY}\n\n**Fix**\n\n{_FIX}",
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "security-severity": "9.5",
            "precision": "very-high",
            "tags": ["security"],
        },
    }


def overflow_result(
    dropped: Sequence[Placed], category: str, rule_index: int, artifacts: Artifacts
) -> dict[str, Any]:
    """What was left out, at the place of the weightiest of it."""
    by_severity = Counter(one.finding.severity for one in dropped)
    severities = ", ".join(f"{by_severity[one]:,} {one.value}" for one in Severity)
    number = count(len(dropped), "failure is", "failures are")
    blocking = sum(one.finding.blocking for one in dropped)
    text = f"{number} not shown here ({severities}; {blocking:,} blocking). One of them is here"
    identity = f"{RULE} {category}"
    return {
        "ruleId": RULE,
        "level": "error",
        "kind": "fail",
        "message": {"text": plain(text)},
        "locations": [artifacts.location(weightiest(dropped, 1)[0].place)],
        "partialFingerprints": {
            "policyscan/v1": digest_hash(identity),
            "primaryLocationLineHash": digest_hash(identity),
        },
        "properties": {"failuresOverLimit": len(dropped)},
        "ruleIndex": rule_index,
    }

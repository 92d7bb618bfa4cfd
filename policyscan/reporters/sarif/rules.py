"""A policy as a SARIF rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from policyscan.findings.model import Severity
from policyscan.findings.report import PolicyRecord, Strength
from policyscan.reporters.sarif.places import plain
from policyscan.reporters.sarif.results import LEVELS
from policyscan.text.display import one_line, visible
from policyscan.text.markdown import code_block, escaped

MAX_TAGS = 10
"""GitHub shows as many."""
MAX_NAME = 255

SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
}
"""Inside GitHub's bands of `security-severity`; critical begins above 9.0."""


def rule(policy: PolicyRecord, served: Mapping[str, Strength]) -> dict[str, Any]:
    """The rule of one policy, with the criteria that its verdicts are evidence for."""
    identifier = one_line(policy.id)
    title = plain(policy.title) or identifier
    return {
        "id": identifier,
        "name": one_line(policy.slug)[:MAX_NAME] or identifier,
        "shortDescription": {"text": title},
        "fullDescription": {"text": plain(policy.why) or title},
        "help": {"text": _help(policy, served), "markdown": _markdown(policy, served)},
        "defaultConfiguration": {"level": LEVELS[policy.severity]},
        "properties": _properties(policy, served),
    }


def _properties(policy: PolicyRecord, served: Mapping[str, Strength]) -> dict[str, Any]:
    tags = ["security", *map(one_line, served)]
    properties = {
        "security-severity": SCORES[policy.severity],
        # A result is a definite failure; what is not known never becomes one.
        "precision": "high",
        "tags": list(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS],
        "version": policy.version,
        "sha256": one_line(policy.sha256),
        "plane": policy.plane.value,
        "kind": one_line(policy.kind),
        "controls": [one_line(control) for control in policy.controls],
        "criteria": [one_line(criterion) for criterion in policy.criteria],
        "evidence": {one_line(name): strength.value for name, strength in served.items()},
        "idle": one_line(policy.idle),
    }
    return {name: value for name, value in properties.items() if value}


def _sections(policy: PolicyRecord, served: Mapping[str, Strength]) -> list[tuple[str, str]]:
    evidence = ", ".join(f"{name} ({strength.value})" for name, strength in served.items())
    parts = [
        ("Why", policy.why),
        ("Fix", policy.fix),
        ("Control", ", ".join(policy.controls)),
        ("Evidence relevant to", evidence),
        ("Guide", "; ".join(policy.guide)),
    ]
    return [(heading, text) for heading, text in parts if text.strip()]


def _help(policy: PolicyRecord, served: Mapping[str, Strength]) -> str:
    parts = [
        visible(policy.title),
        *(f"{name}: {visible(text)}" for name, text in _sections(policy, served)),
    ]
    return "\n\n".join(part for part in parts if part.strip()) or one_line(policy.id)


def _markdown(policy: PolicyRecord, served: Mapping[str, Strength]) -> str:
    parts = [f"# {escaped(one_line(policy.title or policy.id))}"]
    parts += [f"**{name}**\n\n{escaped(text)}" for name, text in _sections(policy, served)]
    parameters = "\n".join(
        f"{one_line(name)}: {json.dumps(value, default=str)}"
        for name, value in policy.parameters.items()
    )
    code = {"Applies when": policy.when, "Condition": policy.require, "Parameters": parameters}
    parts += [f"**{name}**\n\n{code_block(text)}" for name, text in code.items() if text]
    return "\n\n".join(parts)

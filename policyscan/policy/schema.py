"""The JSON schema of a policy file, for editors and for `policies/schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from policyscan.findings.criteria import PATTERN as CRITERION
from policyscan.findings.model import Plane, Severity, Verdict
from policyscan.policy.model import KEYS, OPTIONAL, PLACEHOLDERS
from policyscan.policy.reader import CONTROL, ID, PARAMETER, SLUG
from policyscan.resources.kinds import MODULES

_TEXT = {"type": "string", "minLength": 1}
_PARAMETER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["about", "type", "default"],
    "properties": {
        "about": {**_TEXT, "description": "What the parameter means, for whoever changes it."},
        "type": {**_TEXT, "examples": ["int", "double", "list(string)", "map(string, int)"]},
        "default": {"description": "A value of the type."},
    },
}


_EQUIVALENT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["mutant", "because"],
    "properties": {
        "mutant": {**_TEXT, "description": "As `policy test --mutate` names it."},
        "because": {**_TEXT, "description": "Why no test can tell it from the policy."},
    },
}


def _choice(values: list[str], about: str) -> dict[str, object]:
    return {"enum": values, "description": about}


def _text(about: str, pattern: str = "") -> dict[str, object]:
    return {**_TEXT, **({"pattern": f"^{pattern}$"} if pattern else {}), "description": about}


def _texts(about: str, pattern: str = "", least: int = 1) -> dict[str, object]:
    items = {**_TEXT, **({"pattern": f"^{pattern}$"} if pattern else {})}
    return {"type": "array", "minItems": least, "items": items, "description": about}


def _number(about: str) -> dict[str, object]:
    return {"type": "integer", "minimum": 1, "description": about}


def _test() -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "expect"],
        "anyOf": [{"required": ["files"]}, {"required": ["answers"]}],
        "properties": {
            "name": _text("What the test shows."),
            "files": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Source text by path.",
            },
            "before": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Source text of the trusted side, for policies that compare.",
            },
            "answers": {
                "type": "array",
                "items": _answer(),
                "description": "What live sources answer, page by page.",
            },
            "options": {"type": "object", "description": "As policyscan.yaml would say it."},
            "expect": {
                "type": "object",
                "additionalProperties": {"enum": [verdict.value for verdict in Verdict]},
                "description": "The verdict on every resource; nothing else may be reported.",
            },
        },
    }


def _answer() -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["collector", "subject", "data"],
        "properties": {
            "collector": _text("The live collector that reads it: aws, docker, tls."),
            "unit": {
                "type": "string",
                "description": "Where it was asked: 111122223333/eu-west-1.",
            },
            "subject": _text("What was asked: ec2:DescribeSecurityGroups."),
            "about": {"type": "string", "description": "The one thing that it was asked about."},
            "data": {"description": "The answer, as JSON has it."},
        },
    }


def _properties() -> Mapping[str, object]:
    severities, planes = [each.value for each in Severity], [each.value for each in Plane]
    kinds = sorted(MODULES)
    return {
        "id": _text("As PS-NET-004: prefix, family, number. Never used again for another.", ID),
        "version": _number("Goes up when a verdict may change, and only then."),
        "slug": _text("Names the bad pattern: world-open-admin-port.", SLUG),
        "aliases": _texts("Former ids, which nothing else may have.", ID),
        "deprecated": _text("Why it should no longer be used, and what to use."),
        "title": _text("What holds where it passes, as one sentence without a full stop."),
        "severity": _choice(severities, "How bad a failure is."),
        "plane": _choice(planes, "Who can mend it: a commit here, or the owner of an account."),
        "resource": {
            "oneOf": [
                {"enum": kinds},
                {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"enum": kinds}},
            ],
            "description": "The kind that it judges, or several, each by the same text. "
            "docs/policy-language.md lists their fields.",
        },
        "scope": _choice(
            ["each", "set"], "Each resource alone (default), or all of a unit, as `members`."
        ),
        "when": _text("The condition under which it applies; else the verdict is not_applicable."),
        "require": _text(
            "The condition that must hold, in a strict part of CEL over `resource` (or `members`), "
            '`params`, `context`, `now` and `resources("Kind")`.'
        ),
        "params": {
            "type": "object",
            "propertyNames": {"pattern": f"^{PARAMETER}$"},
            "additionalProperties": _PARAMETER,
            "description": "Values that `parameters` of policyscan.yaml may change.",
        },
        "expect_min": _number("The least number of members of a closed set."),
        "message": _text(
            "One sentence on a resource that fails, without a full stop. In braces: "
            + ", ".join(PLACEHOLDERS)
            + "."
        ),
        "why": _text("What goes wrong where it fails, in whole sentences."),
        "fix": _text("How to mend it: what to write, or what to call."),
        "control": _text("The control it is evidence for: CTL-SG.", CONTROL),
        "criteria": _texts("Points of external frameworks: SOC2:CC6.6.", CRITERION),
        "guide": _texts("Sections of the guide it comes from.", least=0),
        "tests": {
            "type": "array",
            "minItems": 1,
            "items": _test(),
            "description": "Scans in small: at least one resource that passes, one that fails and "
            "one of which it is not known. `policyscan policy test` runs them.",
        },
        "equivalent": {
            "type": "array",
            "minItems": 1,
            "items": _EQUIVALENT,
            "description": "Mutants that no test can find, because they say the same.",
        },
    }


def policy_schema() -> dict[str, object]:
    """The schema, keys in the order in which a policy writes them."""
    properties = _properties()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A policyscan policy",
        "type": "object",
        "additionalProperties": False,
        "required": [key for key in KEYS if key not in OPTIONAL],
        "properties": {key: properties[key] for key in KEYS},
    }


def schema_text() -> str:
    """The content of `policies/schema.json`."""
    return json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"

"""A policy as plain data: what `policy list` and `policy show` print as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from policyscan.authoring.reads import fields_read
from policyscan.authoring.sources import sources_of
from policyscan.data import policies_directory
from policyscan.findings.model import family_of
from policyscan.policy import Parameter, Policy, load_tests

Record = dict[str, object]


def sources(policy: Policy) -> tuple[str, ...]:
    """The names of what can fill a kind that the policy judges, each once."""
    return tuple(dict.fromkeys(name for kind in policy.kinds for name in sources_of(kind)))


def summary(policy: Policy) -> Record:
    """What a list says of it."""
    return {
        "id": policy.id,
        "version": policy.version,
        "slug": policy.slug,
        "title": policy.title,
        "severity": policy.severity.value,
        "plane": policy.plane.value,
        "family": family_of(policy.id),
        "kinds": list(policy.kinds),
        "sources": list(sources(policy)),
        "control": policy.control,
        "criteria": list(policy.criteria),
        "path": str(file_of(policy)),
    }


def whole(policy: Policy) -> Record:
    """All that it says, its tests by their names."""
    return summary(policy) | {
        "aliases": list(policy.aliases),
        "deprecated": policy.deprecated,
        "scope": policy.scope,
        "when": policy.when,
        "require": policy.require,
        "params": [
            {"name": p.name, "type": p.type, "default": p.default, "about": p.about}
            for p in policy.params
        ],
        "expect_min": policy.expect_min,
        "message": policy.message,
        "why": policy.why,
        "fix": policy.fix,
        "guide": list(policy.guide),
        "reads": list(fields_read(policy)),
        "tests": [{"name": test.name, "line": test.line} for test in load_tests(policy)],
        "sha256": policy.sha256,
    }


def file_of(policy: Policy) -> Path:
    """Where the file is: one that ships lies wherever the tool is installed."""
    shipped = policies_directory()
    inside = shipped / policy.path.removeprefix(f"{shipped.name}/")
    return (
        inside
        if policy.path.startswith(f"{shipped.name}/") and inside.is_file()
        else (Path(policy.path))
    )


def change_of(policy: Policy, params: tuple[Parameter, ...]) -> list[str]:
    """The lines of `policyscan.yaml` that give parameters the values that they have anyway."""
    lines = ["parameters:", f"  {policy.id}:"]
    for param in params:
        lines.append(f"    {param.name}: {json.dumps(param.default, default=str)}")
    return lines

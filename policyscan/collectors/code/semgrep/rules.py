"""The rules that are shipped, and the literals by which a file is known to need them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from policyscan.collectors.code.semgrep.model import Rule, RuleSet

FOLDER = Path(__file__).parents[1] / "rules"


@cache
def load_rules() -> RuleSet:
    """All rules of `collectors/code/rules/*.yaml`, in the order of the files."""
    import yaml

    digest = hashlib.sha256()
    rules: list[Rule] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        data = path.read_bytes()
        digest.update(b"%d:" % len(data) + data)
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        content = yaml.load(data, Loader=loader)  # noqa: S506 - a safe loader
        rules += map(_rule, content["rules"])
    return RuleSet(tuple(rules), digest.hexdigest())


def _rule(body: dict[str, Any]) -> Rule:
    about = body["metadata"]
    return Rule(
        id=body["id"],
        languages=tuple(body["languages"]),
        kind=about["kind"],
        literals=tuple(about["literals"]),
        body=body,
    )

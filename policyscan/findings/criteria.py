"""Points of external frameworks: ids, and our own words for them. Which frameworks there are, and
in which version, is data."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from policyscan.data import load_tables
from policyscan.findings.report import Criterion

PATTERN = r"[A-Z][A-Z0-9-]*:[A-Z0-9][A-Za-z0-9.-]*"
"""How the id of a criterion looks."""

_FIRST = ("SOC 2", "ISO/IEC 27001", "NIST Cybersecurity Framework")


def load_criteria(categories: Collection[str] = ()) -> Mapping[str, Criterion]:
    """Every criterion by its id, framework after framework; `categories` are those of SOC 2 that
    are in scope beside the common criteria."""
    tables = sorted(
        load_tables("criteria"),
        key=lambda table: (
            _FIRST.index(table["framework"]) if table["framework"] in _FIRST else len(_FIRST)
        ),
    )
    found: dict[str, Criterion] = {}
    for table in tables:
        optional: Mapping[str, str] = table.get("categories", {})
        for name, title in table["criteria"].items():
            category = optional.get(name.partition(":")[2].partition(".")[0], "")
            found[name] = Criterion(
                id=name,
                framework=table["framework"],
                title=title,
                version=table["version"],
                category=category,
                in_scope=not category or category in categories,
            )
    return found

"""Frameworks as SARIF taxonomies, and what of them each rule is evidence relevant to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyscan.findings.report import Criterion, Strength
from policyscan.reporters.sarif.places import plain
from policyscan.text.display import one_line


class Taxonomies:
    """The criteria of a report under their frameworks, in its order."""

    def __init__(self, criteria: Iterable[Criterion]) -> None:
        self._members: dict[tuple[str, str], list[Criterion]] = {}
        self._indexes: dict[str, tuple[int, int]] = {}
        """By criterion, where it stands: which taxonomy, which taxon."""
        for one in criteria:
            members = self._members.setdefault((one.framework, one.version), [])
            number = list(self._members).index((one.framework, one.version))
            self._indexes[one.id] = (number, len(members))
            members.append(one)

    def listed(self) -> list[dict[str, Any]]:
        """The taxonomies. Only the ids are a framework's own, the words are ours."""
        return [
            {
                "name": _name(name, index),
                **({"version": one_line(version)} if version else {}),
                "isComprehensive": False,
                "taxa": [_taxon(one) for one in members],
            }
            for index, ((name, version), members) in enumerate(self._members.items())
        ]

    def supported(self) -> list[dict[str, Any]]:
        """References to all of them."""
        return [
            {"name": _name(name, index), "index": index}
            for index, (name, _) in enumerate(self._members)
        ]

    def relationships(self, served: Mapping[str, Strength]) -> list[dict[str, Any]]:
        """Those of a rule whose verdicts are evidence relevant to the `served` criteria."""
        names = [name for name, _ in self._members]
        return [
            {
                "target": {
                    "id": _identifier(criterion),
                    "index": taxon,
                    "toolComponent": {"name": _name(names[number], number), "index": number},
                },
                "kinds": ["relevant"],
                "properties": {"strength": strength.value},
            }
            for criterion, strength in served.items()
            if criterion in self._indexes
            for number, taxon in [self._indexes[criterion]]
        ]


def _taxon(one: Criterion) -> dict[str, Any]:
    return {
        "id": _identifier(one.id),
        "shortDescription": {"text": plain(one.title) or _identifier(one.id)},
        "properties": {"inScope": one.in_scope, "policies": [*map(one_line, one.policies)]},
    }


def _identifier(criterion: str) -> str:
    return one_line(criterion)


def _name(framework: str, index: int) -> str:
    return one_line(framework) or f"framework {index}"

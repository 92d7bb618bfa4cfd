"""Controls and criteria as they ship: what of the firm the policies give evidence for."""

from __future__ import annotations

from collections.abc import Mapping

from policyscan.data import load_table, load_tables
from policyscan.findings.report import Control, Criterion


def load_controls(
    policies: Mapping[str, tuple[str, tuple[str, ...]]],
) -> tuple[tuple[Control, ...], tuple[Criterion, ...]]:
    """The controls with those `policies` (id → control and criteria) that serve them, and every
    criterion that is known, so that those without evidence can be listed too."""
    controls = []
    for entry in load_table("controls.yaml")["controls"]:
        serving = sorted(name for name, (control, _) in policies.items() if control == entry["id"])
        named = {criterion for name in serving for criterion in policies[name][1]}
        controls.append(
            Control(
                id=entry["id"],
                statement=entry["statement"],
                owner=entry["owner"],
                frequency=entry["frequency"],
                policies=tuple(serving),
                criteria=tuple(sorted({*entry["criteria"], *named})),
                draft=True,
            )
        )
    criteria = [
        Criterion(name, table["framework"], title)
        for table in load_tables("criteria")
        for name, title in table["criteria"].items()
    ]
    return tuple(controls), tuple(criteria)

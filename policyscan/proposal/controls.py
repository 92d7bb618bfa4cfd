"""The proposed `controls.yaml`: the draft that ships, with its owners to be named."""

from __future__ import annotations

from policyscan.findings.report import Control, Report
from policyscan.proposal.comments import asleep, remark


def controls_text(report: Report) -> str:
    """The file: it extends the draft and adopts nothing until a person names an owner."""
    text = remark(
        "The controls of the firm: its own statements, which an auditor tests. Those of the draft "
        "that ships are in force as drafts. To adopt one, take `# ` away from `controls:` and from "
        "its lines, and name an owner; statement, frequency and criteria are taken from the draft "
        "unless they are written here as well."
    )
    entries = "".join(map(_control, report.controls))
    return f"{text}version: 1\nextends: draft\n\n{asleep(f'controls:{chr(10)}{entries}')}"


def _control(control: Control) -> str:
    policies = ", ".join(control.policies) or "no policy yet"
    return (
        remark(control.statement, 2)
        + remark(f"Evidence from: {policies}", 2)
        + f"  - id: {control.id}\n"
        + f"    owner:  # for example {control.suggested_owner}\n"
    )

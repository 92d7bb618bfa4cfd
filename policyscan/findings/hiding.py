"""Keeps secrets out of findings where only the resource tells that a text is one."""

from __future__ import annotations

import re

from msgspec.structs import replace

from policyscan.findings.model import Finding
from policyscan.resources.masking import mask
from policyscan.resources.secret_values import hide

_LONG_WORD = re.compile(r"(?=[\w-]{0,100}\d)[\w-]{16,}")
"""What may be a token; the names that people choose rarely are so long and hold digits."""


def shown_address(address: str) -> str:
    """An address as reports show it: a label or key may be a secret."""
    return mask(address) if _LONG_WORD.search(address) else address


def without_secrets(finding: Finding, secrets: tuple[str, ...]) -> Finding:
    """The finding without the texts of its resource that are secrets by where they come from."""
    if not secrets:
        return finding
    return replace(
        finding,
        message=hide(finding.message, secrets),
        witnesses=tuple(
            replace(one, value=hide(one.value, secrets), note=hide(one.note, secrets))
            for one in finding.witnesses
        ),
        reason=hide(finding.reason, secrets),
        residual=hide(finding.residual, secrets),
        needs=tuple(hide(need, secrets) for need in finding.needs),
        assumes=tuple(hide(assumed, secrets) for assumed in finding.assumes),
        scope=tuple(
            replace(
                one,
                because=tuple(
                    replace(step, label=hide(step.label, secrets)) for step in one.because
                ),
            )
            for one in finding.scope
        ),
    )

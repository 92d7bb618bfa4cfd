"""Keeps secrets out of findings where only the resource tells that a text is one."""

from __future__ import annotations

import re

from msgspec.structs import replace

from policyscan.findings.derivation import Derivation
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
        derivation=tuple(hidden(one, secrets) for one in finding.derivation),
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


def hidden(one: Derivation, secrets: tuple[str, ...]) -> Derivation:
    """A derivation without these texts, down to its last part."""
    return replace(
        one,
        expression=hide(one.expression, secrets),
        value=hide(one.value, secrets),
        label=hide(one.label, secrets),
        path=hide(one.path, secrets),
        note=hide(one.note, secrets),
        needs=tuple(hide(need, secrets) for need in one.needs),
        provenance=tuple(
            replace(link, label=hide(link.label, secrets), line=hide(link.line, secrets))
            for link in one.provenance
        ),
        parts=tuple(hidden(part, secrets) for part in one.parts),
    )

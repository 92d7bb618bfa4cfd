"""Keeps secrets out of findings where only the resource tells that a text is one."""

from __future__ import annotations

import re

from msgspec.structs import replace

from policyscan.findings.derivation import Derivation
from policyscan.findings.model import Excerpt, Finding, Witness
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
        excerpt=_hidden_lines(finding.excerpt, secrets),
        witnesses=tuple(hidden_witness(one, secrets) for one in finding.witnesses),
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


def hidden_witness(one: Witness, secrets: tuple[str, ...]) -> Witness:
    """Evidence without these texts, on its way back to where they are written too."""
    return replace(
        one,
        path=hide(one.path, secrets),
        value=hide(one.value, secrets),
        note=hide(one.note, secrets),
        excerpt=_hidden_lines(one.excerpt, secrets),
        provenance=tuple(replace(step, label=hide(step.label, secrets)) for step in one.provenance),
    )


def _hidden_lines(one: Excerpt | None, secrets: tuple[str, ...]) -> Excerpt | None:
    """The lines without these texts; a mark may reach beyond the end of what is left, and then ends
    there."""
    if one is None:
        return None
    lines = tuple(hide(line, secrets) for line in one.lines)
    if lines == one.lines:
        return one
    ends = {one.first_line + number: len(line) for number, line in enumerate(lines)}
    marks = tuple(
        replace(
            mark,
            start=min(mark.start, ends.get(mark.line, mark.start)),
            end=min(mark.end, ends.get(mark.line, mark.end)),
        )
        for mark in one.marks
    )
    return replace(one, lines=lines, marks=marks)


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

"""What is compared of a finding, with what its resource tells besides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from msgspec.structs import replace

from policyscan.facts.digest import held_of
from policyscan.facts.plain import written
from policyscan.facts.secrets import FIELDS, hidden_of, secrets_of
from policyscan.findings.difference import Held, Known
from policyscan.findings.model import Finding, Verdict
from policyscan.resources.base import Resource
from policyscan.resources.masking import HIDDEN, mask
from policyscan.resources.scope import QUESTIONS
from policyscan.resources.secret_values import secret_texts
from policyscan.values import Ref, opened

Resources = Mapping[tuple[str, str, str], Resource]
"""Of the findings: by kind, unit and address as findings show it."""


def known_pairs(findings: Iterable[Finding], resources: Resources) -> tuple[Known, ...]:
    """The pairs of findings, in order."""
    held: dict[int, Mapping[str, Held]] = {}
    return tuple(_known(finding, resources, held) for finding in findings)


def _known(finding: Finding, resources: Resources, held: dict[int, Mapping[str, Held]]) -> Known:
    """`held` keeps what each resource holds, by its identity: several policies judge it."""
    ref, pair = finding.resource, Known.of(finding)
    resource = resources.get((ref.kind, ref.unit, ref.address))
    if resource is not None:
        span = resource.origin.span
        file = span.source.path if span is not None else ""
        pair = replace(pair, file=file, scope=dict(_scope(resource)))
    if ref.kind == "IamStatement":
        pair = replace(pair, holders=frozenset(_names(getattr(resource, "attached_to", ()))))
    if resource is None or finding.verdict not in (Verdict.FAIL, Verdict.WAIVED):
        return pair
    if id(resource) not in held:
        held[id(resource)] = held_of(resource, secret_texts(resource))
    pair = replace(pair, held=held[id(resource)])
    if FIELDS.get(ref.kind) in finding.facts:
        pair = replace(pair, secrets=secrets_of(resource))
    if HIDDEN in written(finding.facts):  # two texts may look the same
        pair = replace(pair, secrets=(pair.secrets or frozenset()) | hidden_of(resource))
    return pair


def _scope(resource: Resource) -> Iterator[tuple[str, str]]:
    for question in (*QUESTIONS, "purpose"):
        answer = getattr(resource, question, None)
        if isinstance(answer, str):
            yield question, answer


def _names(values: Any) -> Iterator[str]:
    known, _ = opened(values)
    for each in known:
        if isinstance(each, (str, Ref)):
            yield each.address if isinstance(each, Ref) else each


def addresses_of(resources: Iterable[Resource]) -> frozenset[tuple[str, str]]:
    """The unit and address of each resource."""
    return frozenset((each.origin.unit, each.address) for each in resources)


def named(pairs: Iterable[Known]) -> frozenset[tuple[str, str]]:
    """What is there by some name: the unit and the address or name."""
    return frozenset(
        (pair.resource.unit, name)
        for pair in pairs
        for name in (
            pair.resource.address.partition("#")[0],
            *(pair.holders or ()),
            *chain.from_iterable(field.names for field in (pair.held or {}).values()),
        )
    )


def more_besides(
    earlier: Known,
    now: Known,
    there: Collection[tuple[str, str]],
    here: Collection[tuple[str, str]],
) -> str:
    """In words, what is worse of a failure beyond the values that its policy looks at. `there` is
    what was `named` before, and `here` what is now: whoever was not may be one that was renamed, if
    one that was is not any more."""
    if now.holders is not None and earlier.holders is not None:
        others = sorted(now.holders - earlier.holders)
        given = [name for name in others if (now.resource.unit, name) in there]
        gone = [
            name
            for name in earlier.holders - now.holders
            if (earlier.resource.unit, name) not in here
        ]
        if len(others) > len(gone) or given:
            return f"it is given to {mask(', '.join(given or others))} now"
    if earlier.secrets is not None and now.secrets and now.secrets - earlier.secrets:
        return "another secret, or another value that is hidden, is there"
    return ""

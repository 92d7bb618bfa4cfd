"""What is compared of a finding, with what its resource tells besides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from msgspec.structs import replace

from policyscan.facts.digest import held_of, type_of
from policyscan.facts.plain import plain, shown, written
from policyscan.facts.secrets import FIELDS, hidden_of, secrets_of
from policyscan.findings.difference import Before, Held, Known
from policyscan.findings.model import Finding, Verdict
from policyscan.gate.things import Names
from policyscan.gate.worse import what_got_worse
from policyscan.language.reading.ways import Way
from policyscan.resources.base import Resource
from policyscan.resources.masking import HIDDEN, mask
from policyscan.resources.scope import QUESTIONS
from policyscan.resources.secret_values import secret_texts
from policyscan.values import Ref, opened

_LIMITS = {"IamStatement": ("conditions",), "TlsServerConfig": ("internal",)}
"""By kind, the fields that limit what follows from a failure: less in them is worse."""
_FINAL = "the final image"

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
    if ref.kind in ("IamStatement", "DockerfileStage"):
        pair = replace(pair, holders=frozenset(_holders(resource)))
    if resource is None or finding.verdict not in (Verdict.FAIL, Verdict.WAIVED):
        return pair
    if id(resource) not in held:
        held[id(resource)] = held_of(resource, secret_texts(resource))
    limits = dict(_limits(resource)) if ref.kind in _LIMITS else {}
    pair = replace(pair, held=held[id(resource)], limits=limits)
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


def _limits(resource: Resource) -> Iterator[tuple[str, Any]]:
    show = shown(secret_texts(resource))
    for name in _LIMITS[resource.kind]:
        yield name, {Way.LEAST.value: plain(getattr(resource, name), show)}


def _holders(resource: Resource | None) -> Iterator[str]:
    yield from _names(getattr(resource, "attached_to", ()))
    yield from _names(getattr(resource, "principals", ()))
    if getattr(resource, "is_final", False) is True:
        yield _FINAL


def _names(values: Any) -> Iterator[str]:
    known, _ = opened(values)
    for each in known:
        if isinstance(each, (str, Ref)):
            yield each.address if isinstance(each, Ref) else each


def addresses_of(resources: Iterable[Resource]) -> frozenset[tuple[str, str]]:
    """The unit and address of each resource."""
    return frozenset((each.origin.unit, each.address) for each in resources)


def names_of(before: Before, now: Iterable[Known], resources: Resources) -> Names:
    """What is there by some name before, and now."""
    here = addresses_of(resources.values())
    return Names(_named(before.pairs) | before.addresses, _named(now) | here)


def _named(pairs: Iterable[Known]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (pair.resource.unit, name)
        for pair in pairs
        for name in (
            pair.resource.address.partition("#")[0],
            *(pair.holders or ()),
            *chain.from_iterable(field.names for field in (pair.held or {}).values()),
        )
    )


def more_besides(earlier: Known, now: Known, names: Names) -> str:
    """In words, what is worse of a failure beyond the values that its policy looks at. Whoever was
    not there before may be one that was renamed, if one that was is not any more."""
    if now.holders is not None and earlier.holders is not None:
        others = sorted(now.holders - earlier.holders)
        given = [
            name
            for name in others
            if (now.resource.unit, name) in names.before or not type_of(name)  # it keeps its name
        ]
        gone = [
            name
            for name in earlier.holders - now.holders
            if (earlier.resource.unit, name) not in names.after
        ]
        if len(others) > len(gone) or given:
            return f"it is given to {mask(', '.join(given or others))} now"
    if earlier.secrets is not None and now.secrets and now.secrets - earlier.secrets:
        return "another secret, or another value that is hidden, is there"
    return what_got_worse(earlier.limits, now.limits, now.resource.kind) if earlier.limits else ""

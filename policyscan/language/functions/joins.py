"""Which resource a value means: joins between resources by address, ARN, id or name.

A reference means a resource of its own root. A text means one if it is its ARN or id, or in the
same unit its address or name. It certainly means another only where both are of one form that
tells them apart; a text and a resource whose id is not known yet may be the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyscan.language.functions.answers import Answer, why_open
from policyscan.language.functions.signatures import Function, function
from policyscan.language.types import BOOL, STRING, Object
from policyscan.resources.base import ProofLevel, Resource
from policyscan.resources.references import means
from policyscan.values import Ref, Unknown, Why, reason_of

_ID = re.compile(
    r"[a-z]{1,20}-[0-9a-f]{8}(?:[0-9a-f]{9})?"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?:sha256:)?[0-9a-f]{12,64}",
    re.ASCII,
)
"""What a provider makes up: `sg-0123456789abcdef0`, a UUID, a digest, an account."""
_ADDRESS = re.compile(
    r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?[a-z][a-z0-9]*_\w+\.[\w-]+(?:\[[^\]]*\])?"
)
_NAMED_ONCE = frozenset({"LogGroup", "Secret", "Trail", "Workload"})
"""Kinds of which no two in a unit share a name, and whose names are spelt in one way alone."""


def refers_to(value: Any, resource: Any, unit: str | None = None) -> Answer:
    """Whether a value that was read in `unit` means a resource."""
    if not isinstance(resource, Resource) or not isinstance(value, (str, Ref)):
        return Answer(None, reasons=why_open(value) or why_open(resource))
    if isinstance(value, Ref):
        meant = _by_reference(value, resource, unit)
        doubt = reason_of(value)
    else:
        meant = _by_text(value, resource, unit)
        needs = f"the id, ARN or name of {resource.address}"
        doubt = Unknown(Why.COMPUTED, needs, resource.origin.span)
    return Answer(meant, reasons=() if meant is not None else (doubt,))


def _by_reference(ref: Ref, resource: Resource, unit: str | None) -> bool | None:
    """What is declared may be what was seen running. One address stands in many roots, and means
    another thing in each."""
    seen = resource.origin.proof is ProofLevel.OBSERVED
    if seen:
        return None
    one_root = None if unit is None else unit == resource.origin.unit
    return means(ref, resource.address, one_root)


def _by_text(text: str, resource: Resource, unit: str | None) -> bool | None:
    known = tuple(filter(None, (resource.address, *resource.names)))
    arns = tuple(each for each in known if each.startswith("arn:"))
    if text.startswith("arn:"):
        return _by_arn(text, resource, arns)
    if _ID.fullmatch(text):
        return _by_id(text, {*known, *(piece for arn in arns for piece in _pieces(arn))})
    here = unit is not None and unit == resource.origin.unit
    if text in (resource.address, *_names(resource)):
        unique = text == resource.address or resource.kind != "SecurityGroup"
        return True if here and unique else None
    if _ADDRESS.fullmatch(text):
        return _by_reference(Ref(text), resource, unit)
    return _by_name(text, resource)


def _by_arn(text: str, resource: Resource, arns: tuple[str, ...]) -> bool | None:
    if any(text == arn or text.startswith(arn + ":") for arn in arns):
        return True
    if arns:
        return False if all(_differ(text, arn) for arn in arns) else None
    made_up = any(_ID.fullmatch(piece) for piece in _pieces(text)[5:])
    if made_up or "*" in text or resource.kind not in _NAMED_ONCE:
        return None
    names = tuple(_names(resource))
    return False if names and all(name.strip("/") not in text for name in names) else None


def _differ(one: str, other: str) -> bool:
    """Whether two ARNs certainly are of two things: one may leave out the end of the other."""
    if "*" in one.removesuffix(":*") or "?" in one:
        return False
    heads = [arn.split(":", 5)[:5] for arn in (one, other)]
    if any(a and b and a != b for a, b in zip(*heads, strict=False)):
        return True
    a, b = (arn.split(":", 5)[-1].removesuffix(":*") for arn in (one, other))
    return not a.startswith(b) and not b.startswith(a)


def _by_id(text: str, known: set[str]) -> bool | None:
    """Ids are unique everywhere; of a resource that has one of the same form, another is not it."""
    if text in known:
        return True
    prefix, dash, _ = text.partition("-")
    kinds = {each.partition("-")[0] for each in known if dash and _ID.fullmatch(each)}
    return False if prefix.isalpha() and prefix in kinds else None


def _by_name(text: str, resource: Resource) -> bool | None:
    if resource.kind not in _NAMED_ONCE or "*" in text:
        return None
    name = getattr(resource, "name", None)
    if isinstance(name, Unknown) and any(piece not in text for piece in name.fragments):
        return False
    names = {each.strip("/") for each in _names(resource)}
    return False if isinstance(name, str) and text.strip("/") not in names else None


def _names(resource: Resource) -> Iterator[str]:
    """What it is called inside its unit."""
    name = getattr(resource, "name", None)
    called = (name, *resource.names) if isinstance(name, str) else resource.names
    for each in called:
        if each and not each.startswith("arn:") and not _ID.fullmatch(each):
            yield each


def _pieces(arn: str) -> list[str]:
    return re.split("[:/]", arn)


ROWS = (
    Function(
        "refers_to",
        (function((STRING, Object(Resource)), BOOL),),
        refers_to,
        "Whether a value that names a resource - a reference, an ARN, an id, an address or a name "
        "- means a given one.",
        'has(resource.vpc) && resources("Vpc").exists(v, refers_to(resource.vpc, v))',
        lifted=True,
        asks_unit=True,
    ),
)
"""The functions that relate resources."""

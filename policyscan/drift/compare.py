"""Where a declared resource and its counterpart differ, field by field, by what values mean."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from policyscan.drift.rules import Meant, Members, rule_members, without_lists
from policyscan.findings.drift import DriftAttribute
from policyscan.inventory.counterparts import Pair
from policyscan.language.explaining.evidence import text_of
from policyscan.resources.base import Resource
from policyscan.resources.masking import mask, mask_value, secret_name
from policyscan.resources.references import is_itself
from policyscan.resources.secret_values import hide, secret_texts
from policyscan.values import OneOf, PartialList, Ref, Unknown, opened

ONLY_SEEN = frozenset(
    {
        "active_keys_of_user",
        "created_at",
        "current_versions",
        "last_rotated_at",
        "last_used_at",
        "observed",
        "pending_since",
    }
)
"""Fields that only a look at the thing itself can tell."""

WORKED_OUT = frozenset(
    {
        "form",
        "is_root",
        "only_public_load_balancer",
        "purpose",
        "reader_environments",
        "value_from",
    }
)
"""Fields that follow from others, from other resources, or from what kind of source it is."""

CHOSEN = frozenset({"name", "user", "vpc"})
"""Fields that are chosen when the thing is made, where code says nothing."""

DEFAULTS: Mapping[tuple[str, str], object] = {
    ("SecurityGroup", "description"): "Managed by Terraform",
}
"""By kind and field, what a provider writes where code says nothing.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
"""


class Compared(Struct, frozen=True):
    """What came of one pair."""

    attributes: tuple[DriftAttribute, ...]
    not_known: tuple[str, ...]
    compared: int


class Comparison:
    """What is called how: a reference in code means the counterpart of what it refers to."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._observed = {
            (pair.declared.origin.unit, pair.declared.address): pair.observed for pair in pairs
        }

    def meant(self, ref: Ref, unit: str) -> Resource | None:
        """What was seen of the thing that a reference means; None if that is not known."""
        meant = ref.certain and is_itself(ref)
        return self._observed.get((unit, ref.address)) if meant else None

    def bound(self, pair: Pair, spoken: Collection[object] = ()) -> Meant:
        """`name`, for the references of one pair; those among `spoken` that are not known hold
        no names."""
        texts = {one for one in spoken if isinstance(one, str)}
        return lambda ref: self.name(ref, pair.declared.origin.unit, texts)

    def name(self, ref: Ref, unit: str, spoken: Collection[object]) -> str | None:
        """What it is called among the texts that are `spoken`, or else its id."""
        meant = self.meant(ref, unit)
        if meant is None:
            return None
        ids = (*(name for name in meant.names if not name.startswith("arn:")), meant.address)
        return next((name for name in sorted(called(meant)) if name in spoken), ids[0])


def called(one: Resource) -> frozenset[str]:
    """All that something that was seen is called."""
    name = getattr(one, "name", None)
    return frozenset((one.address, *one.names, *((name,) if isinstance(name, str) else ())))


def compared(pair: Pair, comparison: Comparison) -> Compared:
    """The fields of the kind, the lists in them as sets, and the tags."""
    declared, observed = pair.declared, pair.observed
    secrets = (*secret_texts(declared), *secret_texts(observed))
    attributes: list[DriftAttribute] = []
    not_known: list[str] = []
    number = 0
    for field in _fields(type(declared)):
        found = _field(pair, field, comparison)
        if found.open:
            not_known.append(field)
        else:
            number += 1
        attributes += (
            DriftAttribute(mask(path), _shown(one, secrets), _shown(other, secrets))
            for path, one, other in found.differences
        )
    return Compared(tuple(attributes), tuple(not_known), number)


def _shown(text: str, secrets: tuple[str, ...]) -> str:
    return hide(mask(text), secrets)


def _fields(kind: type[Resource]) -> Iterator[str]:
    shared = Resource.model_fields.keys() - {"tags"}
    yield from sorted(kind.model_fields.keys() - shared - ONLY_SEEN - WORKED_OUT)


class _Found(Struct, frozen=True):
    differences: tuple[tuple[str, str, str], ...] = ()
    """Path and both texts."""
    open: bool = False
    """Whether one of the values is not known, so that there may be more."""


_OPEN = _Found(open=True)


def _field(pair: Pair, field: str, comparison: Comparison) -> _Found:
    declared, observed = getattr(pair.declared, field), getattr(pair.observed, field)
    if field == "tags":
        return _tags(declared, observed)
    if field in ("ingress", "egress"):
        own = called(pair.observed)
        spoken = [name for rule in opened(observed)[0] for name in opened(rule.groups)[0]]
        one = rule_members(declared, own, comparison.bound(pair, spoken))
        other = rule_members(observed, own, comparison.bound(pair))
        one, other, doubt = without_lists(one, other)
        return _sets(field, one, other, doubt=doubt)
    if any(isinstance(value, (tuple, PartialList)) for value in (declared, observed)):
        one = _members(declared, comparison.bound(pair, opened(observed)[0]))
        return _sets(field, one, _members(observed, comparison.bound(pair)))
    if declared is None:
        if field in CHOSEN:
            return _OPEN if observed is not None else _Found()
        declared = DEFAULTS.get((pair.declared.kind, field))
    same = _same(declared, observed, pair.declared.origin.unit, comparison)
    if same is None:
        return _OPEN
    if same:
        return _Found()
    return _Found(((field, _text(declared), _text(observed)),))


def _same(declared: Any, observed: Any, unit: str, comparison: Comparison) -> bool | None:
    """Whether two values are one; None if that is not known."""
    if isinstance(observed, (Unknown, OneOf, Ref)) or isinstance(declared, Unknown):
        return None
    if isinstance(declared, OneOf):
        each = {_same(a.value, observed, unit, comparison) for a in declared.alternatives}
        return each.pop() if len(each) == 1 else None
    if isinstance(declared, Ref):
        meant = comparison.meant(declared, unit)
        return None if meant is None else observed in called(meant)
    if isinstance(declared, str) or isinstance(observed, str):
        return (declared or None) == (observed or None)
    return bool(declared == observed)


def _text(value: Any) -> str:
    if isinstance(value, OneOf):
        return " or ".join(_text(each.value) for each in value.alternatives[:4])
    return text_of(value)


# -- lists and tags ----------------------------------------------------------------------------


def _members(listed: Any, meant: Meant) -> Members:
    """The members of a list of texts, each once."""
    known, reason = opened(() if listed is None else listed)
    plain = [meant(member) if isinstance(member, Ref) else member for member in known]
    certain = [one for one in plain if one is not None and not isinstance(one, (Unknown, OneOf))]
    is_open = reason is not None or len(certain) < len(plain)
    return Members(frozenset(map(text_of, certain)), is_open)


def _sets(field: str, declared: Members, observed: Members, *, doubt: bool = False) -> _Found:
    """What each side has and the other certainly lacks; `doubt` if something was left out."""
    lacking = () if observed.open else sorted(declared.known - observed.known)
    added = () if declared.open else sorted(observed.known - declared.known)
    differences = [(field, one, "") for one in lacking] + [(field, "", one) for one in added]
    return _Found(tuple(differences), doubt or declared.open or observed.open)


def _tags(declared: Any, observed: Any) -> _Found:
    """Tag by tag; those of AWS itself are nobody's to declare."""
    if not isinstance(declared, Mapping) or not isinstance(observed, Mapping):
        return _OPEN
    differences = []
    is_open = False
    for key in sorted({*declared, *observed}):
        if key.startswith("aws:"):
            continue
        one, other = declared.get(key), observed.get(key)
        if any(isinstance(value, (Unknown, OneOf, Ref)) for value in (one, other)):
            is_open = True
        elif one != other:
            path = f"tags[{json.dumps(key, ensure_ascii=False)}]"
            differences.append((path, _tag(key, one), _tag(key, other)))
    return _Found(tuple(differences), is_open)


def _tag(key: str, value: object) -> str:
    if value is None:
        return ""
    return text_of(mask_value(str(value)) if secret_name(key) else value)

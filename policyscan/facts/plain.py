"""Values of resources as plain JSON data: what reports, waivers and baselines store of them.

The same value gives the same data whatever it is called in lists, wherever it is written, and in
whichever order: members of lists are sorted, and what only describes is left out. A value that is
not known stands as an object that says so. Secrets are masked before anything else is done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from policyscan.resources.masking import mask
from policyscan.resources.secret_values import hide
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why

DESCRIBES = frozenset({"description", "address", "because"})
"""Fields of the parts of resources that decide nothing: labels, and where a part is written."""
MAX_SIZE = 16_000
"""Characters of one field; of a longer one the digest stands, which tells the same from other."""

DIGEST, REF, UNKNOWN, ONE_OF, MORE = "digest", "ref", "unknown", "one of", "more"
"""The keys of objects that stand for no plain value: too much, the identity of another resource,
what is not known, one of a few, and the members of a list that are not known."""
NEEDS = "needs"
_OUTSIDE = frozenset({Why.UNDECLARED, Why.OUTSIDE, Why.NOT_SEEN})
"""Why a thing is not known that is written nowhere: what would decide it says no more of it."""

Show = Callable[[str], str]


def shown(secrets: Collection[str]) -> Show:
    """What a text becomes; `secrets` are the texts of a resource that are secrets."""
    return lambda text: mask(hide(text, secrets))


def plain(value: Any, show: Show, fields: Collection[str] = (), told: Collection[str] = ()) -> Any:
    """The value as plain data; of the members of a list, these `fields` alone if some are named.
    Of the fields that only describe, those in `told` count."""
    found = whole(value, show, fields, told)
    if isinstance(found, (str, list, dict)) and len(text := written(found)) > MAX_SIZE:
        return {DIGEST: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}
    return found


def written(value: Any) -> str:
    """Plain data in its one spelling."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def whole(value: Any, show: Show, fields: Collection[str] = (), told: Collection[str] = ()) -> Any:
    """As `plain`, however much it is."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return show(str(value))
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case timedelta():
            return value.total_seconds()
        case tuple() | list() | frozenset() | set():
            return _sorted(whole(item, show, fields, told) for item in value)
        case PartialList():
            known = [whole(item, show, fields, told) for item in value.known]
            return _sorted([*known, {MORE: _unknown(value.unknown, show)}])
        case Mapping():
            return {show(str(key)): whole(item, show, (), told) for key, item in value.items()}
        case BaseModel():
            return _part(value, show, fields, told)
    return _not_known(value, show, told)


def _sorted(items: Any) -> list[Any]:
    return sorted(items, key=written)


def _part(
    part: BaseModel, show: Show, fields: Collection[str], told: Collection[str]
) -> dict[str, Any]:
    """A part by the fields that decide; those that are as they are by default are left out, unless
    they are asked for."""
    silent = DESCRIBES.difference(told)
    names = fields or [name for name in type(part).model_fields if name not in silent]
    found = {}
    for name in sorted(names):
        value = getattr(part, name, None)
        if fields or not _is_default(part, name, value):
            found[name] = whole(value, show, (), told)
    return found


def _is_default(part: BaseModel, name: str, value: Any) -> bool:
    field = type(part).model_fields[name]
    plain_value = value is None or isinstance(value, (bool, str, tuple))
    return plain_value and not field.is_required() and bool(field.default == value)


def _not_known(value: Any, show: Show, told: Collection[str]) -> Any:
    match value:
        case Ref():
            return {REF: show(value.address), "attribute": value.attribute}
        case Unknown():
            return {UNKNOWN: _unknown(value, show)}
        case OneOf():
            found = {
                written(item): item
                for item in (whole(each.value, show, (), told) for each in value.alternatives)
            }
            return {ONE_OF: [found[key] for key in sorted(found)]}
    return {UNKNOWN: type(value).__name__}


def _unknown(value: Unknown, show: Show) -> Any:
    """Why it is not known, and what is known of it; never where, since that moves."""
    place = value.where.place if value.where is not None else ""
    needs = value.needs.replace(f" ({place})", "").replace(place, "…") if place else value.needs
    outside = value.why in _OUTSIDE
    found: dict[str, Any] = {NEEDS: value.why.value if outside else show(needs)}
    if value.of is not None:
        found["of"] = {REF: show(value.of.address), "attribute": value.of.attribute}
    if value.parts:
        found["text"] = [
            show(part) if isinstance(part, str) else whole(part, show, ()) for part in value.parts
        ]
    elif value.fragments:
        found["text"] = [show(piece) for piece in value.fragments]
    return found

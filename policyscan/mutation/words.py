"""The words that the fields of resources can hold, where they hold one of a few."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from policyscan.language.types import Choice, ListOf, MapOf, Object, Optional, Type, fields_of
from policyscan.resources.base import Resource


def words_of(
    judged: tuple[str, ...], kinds: Mapping[str, type[Resource]]
) -> Mapping[str, tuple[str, ...]]:
    """By word, the one after it in each choice of words that a field of a kind can hold, those of
    the kinds that are `judged` first."""
    found: dict[str, dict[str, None]] = {}
    for kind in (*judged, *kinds):
        for choice in _choices(kinds[kind]):
            for word, after in zip(choice, (*choice[1:], choice[0]), strict=True):
                found.setdefault(word, {}).setdefault(after)
    return {word: tuple(others) for word, others in found.items()}


@cache
def _choices(model: type[Resource]) -> tuple[tuple[str, ...], ...]:
    """The choices among the types of the fields of a kind, and inside of them."""
    pending: list[Type] = [Object(model)]
    seen: set[Type] = set()
    found: dict[tuple[str, ...], None] = {}
    while pending:
        kind = pending.pop()
        if kind in seen:
            continue
        seen.add(kind)
        match kind:
            case Choice():
                found.setdefault(kind.values)
            case Object():
                pending.extend(fields_of(kind.model).values())
            case ListOf():
                pending.append(kind.item)
            case Optional():
                pending.append(kind.inner)
            case MapOf():
                pending.extend((kind.key, kind.value))
    return tuple(found)

"""Keys that are listed twice: the same fingerprint in the same environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.errors import GapReason
from policyscan.resources.base import Gap
from policyscan.resources.keys import ApiKey, Permissions
from policyscan.text.source import Span
from policyscan.values import Unknown, Why, same

_OF_THE_ENTRY = frozenset({"address", "origin", "chains", "scope", "name", "stated", "environment"})
"""Fields that may differ between two entries for one key."""


class Doubles:
    """The keys of all registers, in order."""

    def __init__(self) -> None:
        self._keys: list[ApiKey] = []
        self._groups: dict[tuple[str, str], list[int]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: ApiKey) -> None:
        """One more key."""
        if isinstance(key.fingerprint, str):
            environment = key.environment if isinstance(key.environment, str) else ""
            group = self._groups.setdefault((key.fingerprint, environment), [])
            group.append(len(self._keys))
        self._keys.append(key)

    def settled(self) -> tuple[ApiKey, ...]:
        """The keys. Of several that are one, what they do not agree on is not known."""
        keys = list(self._keys)
        for group in self._groups.values():
            changed = _disputed([self._keys[at] for at in group])
            for at in group if changed else ():
                keys[at] = keys[at].model_copy(update=changed)
        return tuple(keys)

    def gaps(self) -> Iterator[Gap]:
        """A mistake for every key that was listed before."""
        for group in self._groups.values():
            first = self._keys[group[0]]
            for at in group[1:]:
                again = self._keys[at]
                span = _span(again)
                path, line = span.source.path, span.source.line_of(span.start)
                message = (
                    f"the fingerprint {again.fingerprint} is that of {first.address} too,"
                    " in the same environment. Keep one entry, with all that uses the key"
                )
                place = f"{path}:{line}:{span.source.position(span.start)[1]}"
                kinds = (ApiKey.kind,)
                yield Gap(GapReason.UNPARSEABLE, place, message, span, kinds, again.origin.unit)


def _span(key: ApiKey) -> Span:
    span = key.chains["fingerprint"][0].span
    assert span is not None
    return span


def _disputed(keys: list[ApiKey]) -> dict[str, Any]:
    """The fields in which they differ from the first, each not known."""
    first, *others = keys
    changed: dict[str, Any] = {}
    for name in sorted(ApiKey.model_fields.keys() - _OF_THE_ENTRY) if others else ():
        other = next((one for one in others if not _alike(one, first, name)), None)
        if other is not None:
            needs = f"which of {first.address} and {other.address} says the right {name}"
            changed[name] = Unknown(Why.MISSING, needs, _span(other))
    return changed


def _alike(one: ApiKey, other: ApiKey, name: str) -> bool:
    if name == "permissions":
        a, b = one.permissions, other.permissions
        return all(same(getattr(a, each), getattr(b, each)) for each in Permissions.model_fields)
    return same(getattr(one, name), getattr(other, name))

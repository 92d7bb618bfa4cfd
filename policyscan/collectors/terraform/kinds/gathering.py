"""Lists whose members are written in several places."""

from __future__ import annotations

from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain
from policyscan.resources.seals import seal
from policyscan.values import OneOf, PartialList, Ref, Unknown, first


class Gathering:
    """The members of one list field as they are found, each once and with its provenance."""

    def __init__(self, field: str, built: fields.Fields) -> None:
        self._field = field
        self._built = built
        self._members: list[Any] = []
        self._seen: set[str] = set()
        self._reason: Unknown | None = None
        self._cases: OneOf[Any] | None = None
        self._why: Chain = ()

    def add(self, member: Any, why: Chain, secret: str = "") -> None:
        """One member that is certainly there; `secret` is the text of the secret that it is about,
        if that is known."""
        key = member.address if isinstance(member, Ref) else member
        key = key if isinstance(key, str) else ""
        if key and key in self._seen:
            return
        self._seen.add(key)
        path = f"{self._field}[{len(self._members)}]"
        self._built.chains[path] = why
        if secret:
            self._built.seals[path] = frozenset({seal(secret)})
        self._members.append(member)

    def extend(self, value: Value | None, name: str, convert: fields.Convert = fields.text) -> None:
        """The members of the list that is the argument `name`."""
        if value is None:
            return
        why = fields.chain(value, name)
        self._why = self._why or why
        listed = fields.many(value, convert)
        if isinstance(listed, OneOf):
            self._cases = listed
            self.more(listed.unknown)
        elif isinstance(listed, Unknown):
            self.more(listed)
        else:
            items = value.plain.known if isinstance(value.plain, PartialList) else value.plain
            assert isinstance(items, tuple) or items is None
            ways = [fields.chain(item, name) for item in items or () if item.plain is not None]
            known = listed.known if isinstance(listed, PartialList) else listed
            for member, way in zip(known, ways, strict=True):
                self.add(member, way)
            if isinstance(listed, PartialList):
                self.more(listed.unknown)

    def more(self, reason: Unknown | None, why: Chain = ()) -> None:
        """Keep why there may be others, if there may."""
        self._reason = first(self._reason, reason)
        self._why = self._why or why

    @property
    def size(self) -> int:
        """How many members there are."""
        return len(self._members)

    @property
    def found(self) -> bool:
        """Whether anything was said about the list."""
        return bool(self._members) or self._reason is not None

    def settle(self, absent: Chain = ()) -> None:
        """Put the list into the field; `absent` tells why it is empty."""
        value: Any = tuple(self._members)
        if self._cases is not None and not self._members and self._reason is self._cases.unknown:
            value = self._cases
        elif self._reason is not None:
            value = PartialList(value, self._reason) if value else self._reason
        self._built.values[self._field] = value
        chains = self._built.chains
        why = self._why or chains.get(f"{self._field}[0]", absent)
        if why:
            chains[self._field] = why

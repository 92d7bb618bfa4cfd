"""`allow_lists` of the configuration: the ranges that programs may send to, by exchange."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policyscan.text.source import Source, Span

if TYPE_CHECKING:
    from datetime import date

    from policyscan.text.yaml import Entry


@dataclass(frozen=True, slots=True)
class AllowList:
    """The address ranges of an exchange, as the firm knows them."""

    name: str
    exchange: str
    ranges: tuple[str, ...]
    span: Span
    """Where it is written."""
    owner: str = ""
    """Who answers for it."""
    verified: date | None = None
    """When it was last compared with what the exchange uses."""
    places: Mapping[str, Span] = field(default_factory=dict)
    """Where each part is written, by its path: `ranges[0]`."""


def read_allow_lists(entry: Entry | None, source: Source) -> tuple[AllowList, ...]:
    """The lists, each with its place. Raises FileError."""
    lists: dict[str, AllowList] = {}
    for item in entry.items() if entry is not None else ():
        found = _allow_list(item, source)
        if found.name in lists:
            raise item.error(f"there are two lists called {found.name}")
        lists[found.name] = found
    return tuple(lists.values())


def _allow_list(entry: Entry, source: Source) -> AllowList:
    required = ("name", "exchange", "ranges")
    fields = entry.fields((*required, "owner", "verified"), required)
    ranges = fields["ranges"].items()
    if not ranges:
        raise fields["ranges"].error("it allows nothing", hint="Name a range, or drop the list.")
    parts = {name: part for name, part in fields.items() if name in ("owner", "verified")}
    parts |= {f"ranges[{number}]": item for number, item in enumerate(ranges)}
    return AllowList(
        name=fields["name"].matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "binance-spot"),
        exchange=fields["exchange"].text(),
        ranges=tuple(_range(item) for item in ranges),
        span=_span(entry, source),
        owner=fields["owner"].text() if "owner" in fields else "",
        verified=_date(fields["verified"]) if "verified" in fields else None,
        places={path: _span(part, source) for path, part in parts.items()},
    )


def _range(entry: Entry) -> str:
    from ipaddress import ip_network  # late: few configurations have any

    text = entry.text()
    try:
        ip_network(text)
    except ValueError:
        example = '"198.51.100.0/24"'
        raise entry.error(
            "this is not an address range", hint=f"Write one like {example}, without host bits."
        ) from None
    return text


def _date(entry: Entry) -> date:
    from datetime import date  # late, as above

    text = entry.matching(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", '"2026-01-31"')
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise entry.error(f"there is no day {text}") from None


def _span(entry: Entry, source: Source) -> Span:
    """The bytes of an entry; its own offsets count characters after a byte order mark."""
    mark = len(codecs.BOM_UTF8) if source.data.startswith(codecs.BOM_UTF8) else 0
    text = entry.document.text
    start = mark + len(text[: entry.start].encode())
    return source.span(start, start + len(text[entry.start : entry.end].encode()))

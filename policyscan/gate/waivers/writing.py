"""Adds a waiver to the file of waivers, and leaves everything that stands there as it is."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from policyscan.errors import FileError, UsageError
from policyscan.findings.waivers import WaiverEntry, WaiverFile, parse_waivers
from policyscan.text.display import UNSEEN, one_line
from policyscan.text.yaml import Document, Entry, read_yaml

HEADER = "version: 1\nwaivers:\n"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_NUMBERED = re.compile(r"WVR-([0-9]{1,9})")
_UNSEEN = re.compile(f"[\xa0{UNSEEN}]")
_NOTHING = re.compile(r"\[\s*\]")
_BY_HAND = "Add it by hand:"


def next_id(file: WaiverFile | None) -> str:
    """An id that no waiver of the file has."""
    used = (_NUMBERED.fullmatch(entry.id) for entry in (file.entries if file else ()))
    return f"WVR-{max((int(match[1]) for match in used if match), default=0) + 1}"


def lines_of(entry: WaiverEntry, remark: str) -> list[str]:
    """The waiver as YAML, a member of a list; `remark` says of what it is."""
    fields = ("fingerprint", "policy", "address", "unit", "path")
    members = [f"# {one_line(remark)}"]
    members += [f"{key}: {_text(getattr(entry, key))}" for key in fields if getattr(entry, key)]
    members += [f"{key}: {_text(getattr(entry, key))}" for key in ("reason", "owner", "approver")]
    members += [f"ticket: {_text(entry.ticket)}"] if entry.ticket else []
    members += [f'since: "{entry.since}"', f'expires: "{entry.expires}"', *_accepts(entry)]
    return [f"- id: {_text(entry.id)}", *(f"  {line}" for line in members)]


def with_waiver(name: str, data: bytes | None, entry: WaiverEntry, remark: str) -> bytes:
    """The bytes of the file with one waiver more, at its end; without `data`, a new file. Raises
    `UsageError`, with the entry to add by hand, if the file is not laid out so that it can be
    added."""
    lines = lines_of(entry, remark)
    written = _added(name, data or HEADER.encode(), lines)
    try:
        before = parse_waivers(name, data).entries if data else ()
        after = parse_waivers(name, written).entries
    except FileError as error:
        raise _by_hand(f"{name}: {error.message}", lines) from None
    placed = [replace(each, place="") for each in after]
    if placed != [*(replace(each, place="") for each in before), replace(entry, place="")]:
        raise _by_hand(f"{name}: what would be written does not read as what is meant", lines)
    return written


def _by_hand(message: str, lines: list[str]) -> UsageError:
    return UsageError(message, hint="\n".join((_BY_HAND, *lines)))


def _added(name: str, data: bytes, lines: list[str]) -> bytes:
    document = Document.of(name, data)
    top = read_yaml(document)
    end = "\r\n" if b"\r\n" in data else "\n"
    text = document.text
    found = top.entries() if top is not None else {}
    margin = "  "
    if "waivers" not in found:
        header = HEADER if top is None else "waivers:\n"
        text += ("" if not text or text.endswith(("\n", "\r")) else end) + header.replace("\n", end)
    else:
        assert top is not None
        if any(key.start > top.keys["waivers"].start for key in top.keys.values()):
            raise _by_hand(f"{name}: `waivers` is not the last key", lines)
        text, margin = _opened(text, found["waivers"])
    text += "" if text.endswith(("\n", "\r")) else end
    text += "".join(f"{margin}{line}{end}" for line in lines)
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode("utf-8", "surrogatepass")


def _opened(text: str, waivers: Entry) -> tuple[str, str]:
    """The text with a list to whose end a member can be added, and how far members stand in."""
    if isinstance(waivers.value, tuple) and not waivers.value:
        empty = _NOTHING.match(text, waivers.start)
        if empty is not None:
            return text[: empty.start()].rstrip(" ") + text[empty.end() :], "  "
    if isinstance(waivers.value, tuple) and text[waivers.start] == "-":
        return text, " " * (waivers.document.place(waivers.start).column - 1)
    return text, "  "


def _accepts(entry: WaiverEntry) -> Iterator[str]:
    accepts = entry.accepts or ()
    if len(accepts) == 1 and not accepts[0].address:
        yield from _mapping("accepts", accepts[0].values)
        return
    yield "accepts:"
    for each in accepts:
        first, *others = _mapping("values", each.values)
        if each.address:
            others = [first, *others]
            first = f"address: {_text(each.address)}"
        yield f"  - {first}"
        yield from (f"    {line}" for line in others)


def _mapping(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    """A key with values, of which each has a line."""
    yield f"{name}:" if values else f"{name}: {{}}"
    for key, value in values.items():
        yield f"  {key if _PLAIN.fullmatch(key) else _text(key)}: {_text(value)}"


def _text(value: Any) -> str:
    """Plain data as JSON, which is YAML if nothing in it is invisible; who approves a waiver sees
    all that is in it."""
    return _UNSEEN.sub(_escape, json.dumps(value, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

"""The file of waivers: who accepts which failure, why, until when, and with which values.

    version: 1
    waivers:
      - id: WVR-1
        policy: PS-NET-004
        address: aws_security_group.bastion
        reason: the bastion moves behind the VPN in March
        owner: ana
        approver: bo
        ticket: SEC-12
        since: "2026-11-28"
        expires: "2027-01-31"
        accepts:
          ingress: [{"cidrs": ["10.0.0.0/8"], "from_port": 22, "protocol": "tcp", "to_port": 22}]

A file that is not understood is an error, as with everything that steers the gate. Whether a
waiver that is understood holds is decided later (`gate.waivers`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import date
from fnmatch import translate
from functools import lru_cache
from typing import Any

from msgspec import Struct

from policyscan.findings.difference import Known
from policyscan.findings.model import Finding
from policyscan.text.yaml import Entry, read_settings

FILE_NAME = "waivers.yaml"
TOP = ("version", "waivers")
SELECTORS = ("fingerprint", "policy", "address", "unit", "path")
REQUIRED = ("id", "reason", "owner", "approver", "since", "expires")
KEYS = (*REQUIRED, *SELECTORS, "ticket", "accepts")
ID = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
MOST = 10_000
"""Waivers in one file."""

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def matches(pattern: str, text: str) -> bool:
    """Whether a selector means a text: `*` is any text, `?` one character, and everything else
    itself, brackets included, since addresses have them."""
    return pattern == text if not is_pattern(pattern) else _compiled(pattern)(text) is not None


def is_pattern(text: str) -> bool:
    """Whether a selector may mean several."""
    return "*" in text or "?" in text


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(translate(pattern.replace("[", "[[]"))).match


class Acceptance(Struct, frozen=True):
    """Values that are accepted."""

    values: Mapping[str, Any]
    """By field, in the form of `Finding.facts`."""
    address: str = ""
    """Of which of the selected resources; empty for each of them."""


class WaiverEntry(Struct, frozen=True, kw_only=True):
    """A waiver as it is written down."""

    id: str
    reason: str
    owner: str
    approver: str
    since: date
    """The day on which it was granted, in UTC."""
    expires: date
    """The last day on which it holds, in UTC."""
    fingerprint: str = ""
    policy: str = ""
    address: str = ""
    unit: str = ""
    path: str = ""
    ticket: str = ""
    accepts: tuple[Acceptance, ...] | None = None
    """Each of them alone is enough; None if it does not say what it accepts."""
    place: str = ""
    """Where it is written: `waivers.yaml:3:5`."""

    def selects(self, finding: Finding | Known) -> bool:
        """Whether it is about a finding, whatever its verdict."""
        resource = finding.resource
        return (
            self.fingerprint in ("", finding.fingerprint)
            and self.policy in ("", finding.policy_id)
            and (not self.address or matches(self.address, resource.address))
            and (not self.unit or matches(self.unit, resource.unit))
            and (not self.path or matches(self.path, _path(finding)))
        )

    @property
    def selector(self) -> str:
        """What it applies to besides its policy, in words."""
        parts = [(name, getattr(self, name)) for name in SELECTORS if name != "policy"]
        given = [(name, value) for name, value in parts if value]
        if [name for name, _ in given] == ["address"]:
            return self.address
        return ", ".join(f"{name} {value}" for name, value in given)


class WaiverFile(Struct, frozen=True):
    """The waivers in force, and the file that they come from."""

    path: str
    """As messages and reports name it."""
    sha256: str
    entries: tuple[WaiverEntry, ...] = ()


def parse_waivers(name: str, data: bytes) -> WaiverFile:
    """The waivers in `data`; `name` is the path that messages and reports show. Raises `FileError`,
    which is a `UsageError`, with the place of what is wrong."""
    fields = read_settings(name, data, TOP, version=1)
    top = fields.get("waivers")
    found: dict[str, WaiverEntry] = {}
    items = top.items() if top is not None and not _is_nothing(top) else ()
    if top is not None and len(items) > MOST:
        raise top.error(f"more than {MOST:,} waivers", "Select several resources with one.")
    for item in items:
        entry = _entry(item)
        if entry.id in found:
            raise item.entries()["id"].error(
                f"'{entry.id}' is already the id of the waiver at {found[entry.id].place}"
            )
        found[entry.id] = entry
    return WaiverFile(name, hashlib.sha256(data).hexdigest(), tuple(found.values()))


def _is_nothing(entry: Entry) -> bool:
    """`waivers:` with nothing behind it, as before the first is written."""
    return entry.plain and entry.value == ""


def _entry(entry: Entry) -> WaiverEntry:
    fields = entry.fields(KEYS, REQUIRED)
    if "fingerprint" not in fields and not {"policy", "address"} <= fields.keys():
        hint = "Write a fingerprint, or a policy and an address."
        raise entry.error("it does not say what it applies to", hint)
    texts = {
        key: fields[key].text()
        for key in ("reason", "owner", "approver", "ticket", "policy", "address", "unit", "path")
        if key in fields
    }
    fingerprint = fields.get("fingerprint")
    return WaiverEntry(
        id=fields["id"].matching(ID, "WVR-1"),
        since=_date(fields["since"]),
        expires=_date(fields["expires"]),
        fingerprint=(
            fingerprint.matching(r"[0-9a-f]{32}", "the 32 hex digits of a report")
            if fingerprint is not None
            else ""
        ),
        accepts=_accepts(fields["accepts"]) if "accepts" in fields else None,
        place=entry.place,
        **texts,
    )


def _accepts(entry: Entry) -> tuple[Acceptance, ...]:
    """A mapping of values that hold for all, or a list with those of each resource."""
    if isinstance(entry.value, dict):
        return (Acceptance(_values(entry)),)
    items = [item.fields(("address", "values"), ("values",)) for item in entry.items()]
    if not items:
        raise entry.error("it accepts nothing", "Write the values, or take the waiver out.")
    return tuple(
        Acceptance(_values(item["values"]), item["address"].text() if "address" in item else "")
        for item in items
    )


def _values(entry: Entry) -> Mapping[str, Any]:
    return {name: member.data() for name, member in entry.entries().items()}


def _date(entry: Entry) -> date:
    if entry.plain and isinstance(entry.value, str) and re.fullmatch(_DAY, entry.value):
        text = entry.value  # whatever a reader takes it for, it is this day
    else:
        text = entry.matching(_DAY, '"2027-01-31"')
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise entry.error(f"there is no day {text}") from None


def _path(finding: Finding | Known) -> str:
    return finding.location.path if finding.location else ""

"""What CI systems do with a line of a log, from their documentation and their sources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z][A-Za-z-]*")
_SECTION = re.compile(r"section_(?:start|end):\d+:[\w.-]+(?:\[[^\]]*\])?\r\x1b\[0K")
_ANSI = re.compile(r"\x1b[\[\]PX^_]|[\x80-\x9f]")


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str] = field(default_factory=dict)
    data: str = ""


def github(log: str) -> list[Command]:
    """`ActionCommand.cs` of the runner: the new form after white space at the start of a line, the
    old one anywhere; which names it knows is not asked here, any will do."""
    found = (_new_form(line) or _old_form(line) for line in _lines(log))
    return [command for command in found if command]


def azure(log: str) -> list[str]:
    """`Command.cs` of the agent obeys `##vso[area.event ...]` anywhere; who shows its log formats
    lines with `##[name]`."""
    orders = re.findall(r"##vso\[[^\]]*\]", log, re.IGNORECASE)
    return orders + re.findall(r"##\[[a-z]+\]", log, re.IGNORECASE)


def gitlab(log: str) -> list[str]:
    """Sections, and the ANSI sequences that its converter interprets."""
    return [match[0] for match in (*_SECTION.finditer(log), *_ANSI.finditer(log))]


def teamcity(log: str) -> list[str]:
    """Service messages."""
    return re.findall(r"##teamcity\[[^\]]*\]", log, re.IGNORECASE)


def _lines(log: str) -> list[str]:
    """As .NET reads lines."""
    return re.split(r"\r\n|\r|\n", log)


def _new_form(line: str) -> Command | None:
    line = line.lstrip()  # all white space of Unicode, as there
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, rest = line[2:end].partition(" ")
    if not _NAME.fullmatch(name):
        return None
    pairs = (part.partition("=") for part in rest.strip().split(",") if part)
    properties = {key: _unescaped(value, {":": "%3A", ",": "%2C"}) for key, _, value in pairs}
    return Command(name, properties, _unescaped(line[end + 2 :], {}))


def _old_form(line: str) -> Command | None:
    found = re.search(r"##\[([A-Za-z-]+)[^\]]*\](.*)", line)
    return Command(found[1], data=found[2]) if found else None


def _unescaped(text: str, more: dict[str, str]) -> str:
    for token, written in {"\r": "%0D", "\n": "%0A", **more, "%": "%25"}.items():
        text = text.replace(written, token)
    return text

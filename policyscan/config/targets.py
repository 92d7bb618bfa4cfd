"""`targets` of the configuration: what `policyscan audit` looks at, besides and beyond files.

targets:
  - path: infra
  - aws: {name: production, regions: [eu-west-1], role: "arn:aws:iam::111122223333:role/audit"}
  - docker: {images: [desk/bot], containers: true}
  - tls: {endpoints: ["api.example.com:443"], ca_file: ca.pem}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from policyscan.collectors.interface import Target
from policyscan.errors import UsageError
from policyscan.text.files import FROM_DISK

if TYPE_CHECKING:
    from policyscan.text.files import Files
    from policyscan.text.yaml import Entry

REGION = r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}"
ROLE = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}"
ENDPOINT = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9][A-Za-z0-9_.-]{0,252}):([0-9]{1,5})")
_EXAMPLE = "For example: desk.example:443, or [2001:db8::1]:443"
_TOO_MUCH = "Leave out the scheme, user, password and path: desk.example:443"
_ASCII = "Write the name as the DNS has it, xn--..."
MOST_SECONDS = 3_600
"""For one service in one region; the credentials of a role last no longer."""
NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"


def read_targets(entry: Entry, files: Files | None = None) -> tuple[str, tuple[Target, ...]]:
    """The path among the targets, empty without one, and the targets that are no files; what of
    `files` is not to be read from disk is read."""
    path = ""
    found: list[Target] = []
    for item in entry.items():
        fields = item.fields(("path", *READERS))
        if len(fields) != 1:
            raise item.error(f"a target is one of path, {', '.join(READERS)}")
        ((sort, of),) = fields.items()
        if sort == "path":
            if path:
                hint = "Audit each repository with a configuration of its own."
                raise item.error("there are two paths", hint=hint)
            path = of.text()
            continue
        target = _target(sort, of)
        if target.name in {each.name for each in found}:
            hint = f"Give one of them another name: {sort}: {{name: production}}"
            raise item.error(f"two targets are called {target.name}", hint=hint)
        found.append(target)
    return path, tuple(found) if files is None else _with_trusted_files(found, files)


def _with_trusted_files(targets: list[Target], files: Files) -> tuple[Target, ...]:
    """The targets, with what their files hold that are not to be read from disk: `ca_pem`. Raises
    `UsageError`."""
    found = []
    for target in targets:
        name = str(target.settings.get("ca_file") or "")
        if name and files.source(Path(name)) != FROM_DISK:
            try:
                pem = files.read(Path(name)).decode("ascii", "ignore")
            except OSError as error:
                raise UsageError(f"{name}: {error.strerror or 'cannot be read'}") from None
            target = replace(target, settings={**target.settings, "ca_pem": pem})  # noqa: PLW2901
        found.append(target)
    return tuple(found)


def _target(sort: str, entry: Entry) -> Target:
    readers = READERS[sort]
    fields = entry.fields(("name", *readers)) if entry.data() is not None else {}
    name = fields.pop("name").matching(NAME, "production") if "name" in fields else ""
    settings = {key: readers[key](field) for key, field in fields.items()}
    if sort == "tls" and not settings.get("endpoints"):
        raise entry.error(
            "it names no endpoints", hint='For example: endpoints: ["desk.example:443"]'
        )
    return Target(sort, f"{sort}:{name}" if name else sort, settings)


def endpoint(text: str) -> tuple[str, int]:
    """Host and port of `host:port`. Raises `UsageError`, which does not repeat the text: there may
    be a password in it."""
    match = ENDPOINT.fullmatch(text)
    if match is None or not 0 < int(match[2]) < 65536:
        hint = _TOO_MUCH if "@" in text or "/" in text else _EXAMPLE
        raise UsageError(
            "an endpoint is host:port", hint=hint if text.isascii() else f"{_ASCII} {_EXAMPLE}"
        )
    return match[1].strip("[]"), int(match[2])


def _endpoints(entry: Entry) -> tuple[tuple[str, int], ...]:
    found = []
    for item in entry.items():
        try:
            found.append(endpoint(item.text()))
        except UsageError as error:
            told = item.error(error.message, hint=error.hint)
            told.snippet = ""  # for the same reason
            raise told from None
    return tuple(found)


def _regions(entry: Entry) -> tuple[str, ...]:
    found = tuple(item.matching(REGION, "eu-west-1") for item in entry.items())
    if not found:
        raise entry.error("regions is empty; name some, or leave it out")
    return found


def _budget(entry: Entry) -> int:
    seconds = entry.number()
    if seconds > MOST_SECONDS:
        raise entry.error(f"{entry.name} is seconds, at most {MOST_SECONDS}")
    return seconds


def _flag(entry: Entry) -> bool:
    return entry.choice(("true", "false")) == "true"


READERS: Mapping[str, Mapping[str, Callable[[Entry], Any]]] = {
    "aws": {
        "regions": _regions,
        "role": lambda entry: entry.matching(ROLE, "arn:aws:iam::111122223333:role/audit"),
        "external_id": lambda entry: entry.text(),
        "profile": lambda entry: entry.text(),
        "budget": _budget,
    },
    "docker": {
        "host": lambda entry: entry.text(),
        "images": lambda entry: entry.texts(),
        "containers": _flag,
    },
    "tls": {
        "endpoints": _endpoints,
        "owned": _flag,
        "ca_file": lambda entry: entry.text(),
    },
}
"""By sort of target, its settings: how each is read. Without any, the sort's own defaults hold."""

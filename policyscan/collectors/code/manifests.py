"""The packages that a manifest asks for, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from policyscan.errors import ParseError
from policyscan.text.json import Object, Scalar, read_json
from policyscan.text.source import Source

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)
_LINE_NAME = re.compile(rb"(?m)^[ \t]*(?:-[ \t]+)?([A-Za-z0-9][\w.-]*)(?![\w.:/-])", re.ASCII)
_QUOTED = re.compile(
    rb"(?<!name=)(?<!name = )[\"']([A-Za-z0-9][\w.-]*)(?:[ \t]*(?:\[|[=<>!~;@,]|[\"']))", re.ASCII
)
_GO = re.compile(rb"(?m)^[ \t]*(?:require[ \t]+)?([\w./-]{1,200})[ \t]+v[0-9]", re.ASCII)
_POM = re.compile(
    rb"<groupId>\s{0,80}([\w.-]{1,200})\s{0,80}</groupId>\s{0,80}"
    rb"<artifactId>\s{0,80}([\w.-]{1,200})\s{0,80}</artifactId>",
    re.ASCII,
)
_GRADLE = re.compile(rb"[\"']([\w.-]{1,200}:[\w.-]{1,200})(?::[^\"'\n]{0,80})?[\"']", re.ASCII)
_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


class Dependency(NamedTuple):
    """One package, as the manifest spells it."""

    name: str
    start: int


def dependencies(source: Source, ecosystem: str) -> Iterator[Dependency]:
    """What the manifest lists. Raises `ParseError` if it does not parse."""
    name = source.path.rpartition("/")[2]
    data = source.data
    if ecosystem == "npm":
        yield from _package_json(source)
    elif ecosystem == "go":
        yield from (Dependency(m[1].decode(), m.start(1)) for m in _GO.finditer(data))
    elif name == "pom.xml":
        for found in _POM.finditer(data):
            yield Dependency(f"{found[1].decode()}:{found[2].decode()}", found.start(1))
    elif ecosystem == "maven":
        yield from (Dependency(m[1].decode(), m.start(1)) for m in _GRADLE.finditer(data))
    elif name.endswith(".toml") or name == "Pipfile":
        yield from _toml(source, ecosystem)
    else:
        pattern = _QUOTED if name == "setup.py" else _LINE_NAME
        yield from (Dependency(m[1].decode(), m.start(1)) for m in pattern.finditer(data))


def _package_json(source: Source) -> Iterator[Dependency]:
    document = read_json(source)
    if document.value is None:
        raise document.errors[-1]
    members = document.value.members if isinstance(document.value, Object) else {}
    for section in _SECTIONS:
        listed = members[section].value if section in members else None
        for member in listed.members.values() if isinstance(listed, Object) else ():
            name = _aliased(member.value.value if isinstance(member.value, Scalar) else None)
            yield Dependency(name or member.name, member.name_span.start)


def _aliased(version: object) -> str:
    """The package that `npm:NAME@VERSION` stands for; empty for a plain version."""
    if not isinstance(version, str) or not version.startswith("npm:"):
        return ""
    name = version.removeprefix("npm:")
    cut = name.rfind("@")
    return name[:cut] if cut > 0 else name


def _toml(source: Source, ecosystem: str) -> Iterator[Dependency]:
    import tomllib

    try:
        table = tomllib.loads(source.data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ParseError(source.path, f"not TOML: {error}", span=source.whole()) from None
    names = _cargo_names(table) if ecosystem == "cargo" else _python_names(table)
    for name in dict.fromkeys(names):
        yield Dependency(name, max(0, _place(source.data, name)))


def _place(data: bytes, name: str) -> int:
    """Where a name stands between what cannot be part of it."""
    found = re.search(rb"(?<![\w.-])" + re.escape(name.encode()) + rb"(?![\w-])", data)
    return found.start() if found else 0


def _python_names(table: Mapping[str, object]) -> Iterator[str]:
    project, tool = _table(table.get("project")), _table(table.get("tool"))
    poetry = _table(tool.get("poetry"))
    for section in ("packages", "dev-packages"):
        yield from _table(table.get(section))
    groups = [project.get("dependencies"), *_table(project.get("optional-dependencies")).values()]
    groups += _table(table.get("dependency-groups")).values()
    for group in groups:
        yield from _required(group)
    yield from _table(poetry.get("dependencies"))
    yield from _table(poetry.get("dev-dependencies"))
    for each in _table(poetry.get("group")).values():
        yield from _table(_table(each).get("dependencies"))


def _required(group: object) -> Iterator[str]:
    for each in group if isinstance(group, list) else ():
        found = _NAME.match(each) if isinstance(each, str) else None
        if found:
            yield found[0]


def _cargo_names(table: Mapping[str, object]) -> Iterator[str]:
    tables: Iterable[object] = [table, *_table(table.get("target")).values()]
    tables = [*tables, _table(table.get("workspace"))]
    for each in tables:
        for section in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, value in _table(_table(each).get(section)).items():
                package = _table(value).get("package")
                yield package if isinstance(package, str) else name


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}

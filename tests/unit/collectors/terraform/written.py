"""Terraform as text in memory: what tests write, and what the evaluator makes of it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from policyscan.collectors.interface import Item, Reading
from policyscan.collectors.terraform import TerraformCollector
from policyscan.collectors.terraform.collector import TerraformReader, deep_recursion
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.instance import Root
from policyscan.collectors.terraform.value import Value
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap, Resource
from policyscan.text.source import Source
from policyscan.text.tree import MAX_BYTES
from policyscan.values import OneOf, PartialList, Ref, Unknown
from tests.unit.collectors.terraform.plain import python

Files = str | Mapping[str, str]
"""The text of main.tf, or texts by path. They are dedented."""


class WrittenTree:
    """A tree of texts."""

    def __init__(self, files: Files) -> None:
        table = {"main.tf": files} if isinstance(files, str) else files
        self._sources = {
            path: Source(path, textwrap.dedent(text).encode()) for path, text in table.items()
        }

    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self._sources))

    def links(self) -> Mapping[str, str]:
        return {}

    def problems(self) -> tuple[ReadError, ...]:
        return ()

    def excluded(self) -> tuple[tuple[str, str, int], ...]:
        return ()

    def tracks(self, path: str) -> bool:
        return False

    def listdir(self, path: str) -> tuple[str, ...]:
        prefix = f"{path}/" if path else ""
        inside = [name[len(prefix) :] for name in self._sources if name.startswith(prefix)]
        return tuple(sorted({name.partition("/")[0] + "/" * ("/" in name) for name in inside}))

    def read(self, path: str, *, limit: int = MAX_BYTES) -> Source:
        if path not in self._sources:
            raise ReadError(GapReason.UNREADABLE, path, "no such file")
        if len(self._sources[path].data) > limit:
            raise ReadError(GapReason.TOO_LARGE, path, "too large")
        return self._sources[path]

    def peek(self, path: str, *, limit: int = MAX_BYTES) -> bytes:
        return self.read(path, limit=limit).data

    def head(self, path: str) -> bytes:
        return self._sources[path].data[:512]

    def sources(self) -> tuple[Source, ...]:
        return tuple(self._sources.values())

    def close(self) -> None:
        pass


def reader(files: Files, **options: Any) -> TerraformReader:
    tree = WrittenTree(files)
    paths = [path for path in tree.files() if TerraformCollector().claims(path, b"")]
    return TerraformReader(tree, paths, Reading(".", options))


def root(files: Files, path: str = "", **options: Any) -> Root:
    """The root at `path`, its variables set."""
    return reader(files, **options).open(path, [])


def local(files: Files, name: str, **options: Any) -> Any:
    """The value of a local of the top directory."""
    top = root(files, **options).top
    with deep_recursion():
        return shown(top.local(name, top.module.locals[name].span))


def expression(text: str, context: str = "", **options: Any) -> Any:
    """The value of one expression, in a module that also holds `context`."""
    return local({"main.tf": f"locals {{\nx = {text}\n}}\n", "c.tf": context}, "x", **options)


def shown(value: Value) -> Any:
    """As Python's data. Of what is not known: `<needs>` for Unknown, `&address.attribute` for Ref,
    `[members, ..., "<needs>"]` for PartialList, and a `Cases` for OneOf."""
    return _shown(python(value))


class Cases(tuple[Any, ...]):
    """The alternatives of a `OneOf`, in order."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Cases{super().__repr__()}"


def _shown(plain: Any) -> Any:
    if isinstance(plain, Value):
        return shown(plain)
    if isinstance(plain, Unknown):
        return f"<{plain.needs}>"
    if isinstance(plain, Ref):
        return f"&{plain.address}.{plain.attribute}" if plain.attribute else f"&{plain.address}"
    if isinstance(plain, OneOf):
        return Cases(_shown(item.value) for item in plain.alternatives)
    if isinstance(plain, PartialList):
        return [*(_shown(item) for item in plain.known), ..., f"<{plain.unknown.needs}>"]
    if isinstance(plain, dict):
        return {key: _shown(item) for key, item in plain.items()}
    if isinstance(plain, (list, tuple)):
        return type(plain)(_shown(item) for item in plain)
    return plain


def declared(files: Files, path: str = "", **options: Any) -> Declared:
    """All resources of a root."""
    found = root(files, path, **options)
    for instance in found.walk():
        for name in instance.module.calls:
            instance.call_nodes(name)
    return Declared(found, ".", "")


def addresses(files: Files, type_: str = "aws_x", **options: Any) -> list[str]:
    """The instances of one type."""
    return [node.address for node in declared(files, **options).nodes(type_)]


def argument(files: Files, address: str, name: str, **options: Any) -> Any:
    """One argument of one resource."""
    found = declared(files, **options)
    value = found.root.nodes[address].scope.instance.attribute_of(
        found.root.nodes[address], name, found.root.nodes[address].block.header
    )
    return shown(value)


def collected(files: Files, **options: Any) -> list[Item]:
    """Everything that the collector yields."""
    tree = WrittenTree(files)
    paths = [path for path in tree.files() if TerraformCollector().claims(path, b"")]
    return list(TerraformCollector().read(tree, paths, Reading(".", options)))


def resources(files: Files, **options: Any) -> dict[str, Any]:
    """The resources by address."""
    return {
        item.address: item for item in collected(files, **options) if isinstance(item, Resource)
    }


def gaps(files: Files, **options: Any) -> list[tuple[str, str]]:
    """Reason and subject of each gap."""
    found = (item for item in collected(files, **options) if isinstance(item, Gap))
    return [(gap.reason.value, gap.subject) for gap in found]


def field(value: Any) -> Any:
    """A field of a resource, as `shown` shows values."""
    return _shown(value)

"""Policies that were read and checked before, found again by the content of their files.

What is kept is what the file says and the trees of its conditions, as this version of the package
reads them: a file that has changed, and a package that has, find nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from policyscan.data import package_digest
from policyscan.language import Environment, Program
from policyscan.language.syntax.stored import restored, stored
from policyscan.language.types import constant
from policyscan.policy.model import Parameter, Policy
from policyscan.policy.reader import environments_of
from policyscan.resources.base import Resource
from policyscan.text.cache import ContentCache, key_of
from policyscan.text.yaml import Document

_PROGRAMS = ("require_program", "when_program")
_APART = frozenset({*_PROGRAMS, "document", "path", "sha256"})


class KeptPolicies:
    """The policies of former runs."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is where they are kept, if anywhere."""
        self._cache = ContentCache(folder, "policies", package_digest())

    def get(
        self, document: Document, sha256: str, kinds: Mapping[str, type[Resource]]
    ) -> Policy | None:
        """The policy in a document with this digest, if it was read before; `kinds` are all that
        policies may name."""
        data = self._cache.get(_key(sha256))
        try:
            said = None if data is None else _decoded(data, kinds)
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError):
            return None
        if said is None:
            return None
        return Policy(**said, path=document.path, sha256=sha256, document=document)

    def put(self, policy: Policy) -> None:
        """Keep a policy."""
        said = [getattr(policy, name) for name in _names()]
        programs = [_parts(getattr(policy, name)) for name in _PROGRAMS]
        self._cache.put(_key(policy.sha256), msgspec.msgpack.encode([*said, *programs]))

    def save(self) -> None:
        """Write what was put."""
        self._cache.save()


def _key(sha256: str) -> bytes:
    return key_of(bytes.fromhex(sha256))


@cache
def _hints() -> Mapping[str, Any]:
    hints = get_type_hints(Policy)
    return {name: hint for name, hint in hints.items() if name not in _APART}


def _names() -> tuple[str, ...]:
    return tuple(_hints())


@cache
def _form() -> type[msgspec.Struct]:
    fields = [*_hints().items(), *((name, list[Any] | None) for name in _PROGRAMS)]
    return msgspec.defstruct("Kept", fields, array_like=True)


def _decoded(data: bytes, kinds: Mapping[str, type[Resource]]) -> dict[str, Any]:
    found = msgspec.msgpack.decode(data, type=_form())
    said = {name: getattr(found, name) for name in _names()}
    params = said["params"] = tuple(map(_plain, said["params"]))
    environments = environments_of(said["kinds"], said["scope"], params, kinds)
    return said | {name: _program(getattr(found, name), environments) for name in _PROGRAMS}


def _plain(read: Parameter) -> Parameter:
    """The parameter with tuples for lists, as it was."""
    return Parameter(read.name, read.type, constant(read.default, read.type), read.about)


def _parts(program: Program | None) -> list[Any] | None:
    if program is None:
        return None
    kinds, context = sorted(program.kinds), sorted(program.context)
    return [program.text, stored(program.root), kinds, context]


def _program(parts: list[Any] | None, environments: tuple[Environment, ...]) -> Program | None:
    if parts is None:
        return None
    text, root, kinds, context = parts
    return Program(text, restored(root), frozenset(kinds), frozenset(context), environments)

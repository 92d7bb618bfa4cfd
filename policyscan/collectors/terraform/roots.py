"""Which directories are judged on their own, and which only through their callers."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from policyscan.collectors.terraform.module import Module


def by_directory(paths: Iterable[str]) -> dict[str, list[str]]:
    """The files of each directory, both in order."""
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        found.setdefault(posixpath.dirname(path), []).append(path)
    return found


def find_roots(modules: Mapping[str, Module]) -> tuple[str, ...]:
    """The directories that no other directory calls, and those that are applied on their own
    whoever calls them: what a caller gives them says nothing of that. Of directories that call each
    other in a circle the first by name is taken, so that every directory is reached from some
    root."""
    called = {
        path
        for module in modules.values()
        for path in module.local_calls().values()
        if path != module.path
    }
    roots = [
        path for path, module in sorted(modules.items()) if path not in called or module.is_applied
    ]
    reached: set[str] = set()
    for root in roots:
        _reach(root, modules, reached)
    for path in sorted(modules):
        if path not in reached:
            roots.append(path)
            _reach(path, modules, reached)
    return tuple(roots)


def _reach(start: str, modules: Mapping[str, Module], reached: set[str]) -> None:
    todo = [start]
    while todo:
        path = todo.pop()
        if path in modules and path not in reached:
            reached.add(path)
            todo.extend(modules[path].local_calls().values())

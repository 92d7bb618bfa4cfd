"""Layers import only leftwards."""

from __future__ import annotations

import pytest

from tests.architecture.source import Module, modules

FLOW = (
    "errors",
    "text",
    "values",
    "resources",
    "findings",
    "language",
    "policy",
    "inventory",
    "witnesses",
    "derivations",
    "facts",
    "scoping",
    "questions",
    "earlier",
    "evaluate",
    "holding",
    "request",
    "trees",
    "governance",
    "collecting",
    "drift",
    "gate",
    "books",
    "assembly",
    "pipeline",
    "selftest",
    "mutation",
    "authoring",
    "proposal",
    "cli",
)
"""Each may import those before it."""

ASIDE = {
    "data": (),
    "config": ("errors", "text"),
    "plugins": ("errors",),
    "collectors": ("errors", "text", "values", "resources", "data"),
    "reporters": ("errors", "text", "values", "resources", "findings"),
}
"""Beside the flow: what each may import."""

FROM_HERE = {
    "data": "values",
    "config": "inventory",
    "plugins": "collecting",
    "reporters": "cli",
}
"""The first stage that may import them; collectors come through plug-ins alone."""

FREE = {
    "policyscan.collectors.interface": "types that the registry hands out",
    "policyscan.reporters.interface": "types that the registry hands out",
}
"""What may be imported past the layers, and why."""


def stage(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def allowed(module: Module) -> set[str]:
    here = stage(module.name)
    if here in ASIDE:
        return {here, *ASIDE[here]}
    before = set(FLOW[: FLOW.index(here) + 1])
    return before | {name for name, first in FROM_HERE.items() if first in before}


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_imports_point_left(module: Module) -> None:
    if stage(module.name) in ("", "__main__"):
        return
    for imported, line in module.imports():
        if not imported.startswith("policyscan.") or imported in FREE:
            continue
        assert stage(imported) in allowed(module), f"{module.shown}:{line} imports {imported}"


def test_every_module_has_its_place() -> None:
    places = {stage(module.name) for module in modules()}
    assert places <= {"", "__main__", *FLOW, *ASIDE}


def test_collectors_do_not_know_each_other() -> None:
    for module in modules():
        if stage(module.name) != "collectors" or module.name.count(".") < 2:
            continue
        own = module.name.split(".")[2]
        for imported, line in module.imports():
            if imported.startswith("policyscan.collectors."):
                assert imported.split(".")[2] in (own, "interface"), f"{module.shown}:{line}"

"""The tags of a workload together with those of what runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.resources.base import Chain
from policyscan.values import Unknown, Why, reason_or, same

Tag = tuple[str, Any, Chain]
"""Its name, value and provenance."""


def with_joined(
    declared: Declared, node: Node, built: fields.Fields, joined: Iterable[Tag | Unknown]
) -> dict[str, Any]:
    """The fields that every resource has. Tags that what runs the workload gives it are added;
    where two of them disagree, the value is not known."""
    common = declared.common(node, built)
    tags = common["tags"]
    if not isinstance(tags, Mapping):
        return common
    own, added = set(tags), dict(tags)
    chains: dict[str, Chain] = {}
    for each in joined:
        if isinstance(each, Unknown):
            if not own:
                return {**common, "tags": each}
            continue
        name, value, chain = each
        if name in own:
            continue
        if name in added and not same(added[name], value):
            needs = f"which of what runs {node.address} gives it the tag {name}"
            added[name] = Unknown(Why.CONDITION, needs, node.block.header)
        else:
            added.setdefault(name, value)
            chains.setdefault(f'tags["{name}"]', chain)
    common["tags"] = added
    common["chains"] = {**chains, **common["chains"]}
    return common


def tags_of(declared: Declared, node: Node) -> Iterator[Tag | Unknown]:
    """The argument `tags` of something that runs workloads."""
    tags = declared.evaluate(node, "tags")
    if tags is None:
        return
    if not isinstance(tags.plain, dict):
        yield reason_or(tags.unknown, Why.COMPUTED, "tags", node.block.header).derived
        return
    for name, value in tags.plain.items():
        yield name, fields.text(value), fields.chain(value, f"tags.{name}")

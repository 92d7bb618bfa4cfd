"""The words by which a resource tells what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyscan.collectors.terraform.expansion import Node
from policyscan.values import OneOf, Unknown


def signs(node: Node, *values: Any) -> list[str | Unknown]:
    """The label of the block and the texts among `values`: fields, or the tags as a whole."""
    found: list[str | Unknown] = [node.block.labels[1]]
    for value in values:
        for item in value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(item, OneOf):
                found += [a.value for a in item.alternatives if isinstance(a.value, str)]
                found.append(item.unknown)
            elif isinstance(item, (str, Unknown)):
                found.append(item)
    return found

"""What a resource leaves to others: arguments that Terraform does not put back once changed."""

from __future__ import annotations

import re

from policyscan.collectors.terraform.expansion import Node
from policyscan.values import Unknown, Why

_WORD = re.compile(r"\w+")


def ignored(node: Node, argument: str) -> Unknown | None:
    """Why an argument may be other than is written: the resource ignores changes of it."""
    for block in node.block.body.of_type("lifecycle"):
        listed = block.body.arguments.get("ignore_changes")
        words = _WORD.findall(listed.value.span.text) if listed is not None else []
        if listed is not None and {argument, "all"} & {*words}:
            needs = f"{argument} of {node.address}, whose changes are ignored"
            return Unknown(Why.OUTSIDE, needs, listed.span)
    return None

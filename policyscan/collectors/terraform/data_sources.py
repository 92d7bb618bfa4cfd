"""Data sources that ask nobody: what they say follows from what they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.value import Value
from policyscan.text.source import Span

if TYPE_CHECKING:
    from policyscan.collectors.terraform.expansion import Node

Compute = Callable[["Node", Span], Value]


def computed(node: Node, name: str) -> Compute | None:
    """How an attribute is computed; None if only Terraform can tell it."""
    match node.block.labels[0], name:
        case "aws_iam_policy_document", "json" | "minified_json":
            from policyscan.collectors.terraform.policy_document import policy_json

            return policy_json
        case "template_file", "rendered":
            from policyscan.collectors.terraform.files import rendered

            return rendered
    return None

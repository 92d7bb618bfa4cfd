"""Access keys of users."""

from __future__ import annotations

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.iam_documents import text
from policyscan.resources.iam import IamAccessKey

_STATUS = fields.choice({"Active": "Active", "Inactive": "Inactive"})


def made(declared: Declared, node: Node) -> IamAccessKey:
    """The access key that a block declares."""
    view = declared.view(node)
    built = fields.Fields(node.block.header)
    built.put("user", "user", view.get("user"), text, None, "")
    built.put("status", "status", view.get("status"), _STATUS, "Active", "active")
    return IamAccessKey(**declared.common(node, built), **built.values)

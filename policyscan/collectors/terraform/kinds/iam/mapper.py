"""Statements of policies, whatever they are attached to, and access keys.

There is one resource for each statement of each policy, not of each attachment: `attached_to` has
the holders. The address is that of the block that holds the policy with `#` and the statement's
`Sid`, or else its number among those without one; before it stands which policy of the block it is
(`#trust.`, `#inline[name].`, `#boundary.`), where a block has several. The text of a policy that
AWS manages is nowhere in the root, so its statements belong to what attaches it.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.kinds.iam.documents import text
from policyscan.collectors.terraform.kinds.iam.policies import PolicyMapper
from policyscan.resources.iam.model import IamAccessKey, IamStatement

_STATUS = fields.choice({"Active": "Active", "Inactive": "Inactive"})


def statements(declared: Declared) -> Iterator[IamStatement]:
    """Every statement of every policy of the root."""
    yield from PolicyMapper(declared).statements()


def access_keys(declared: Declared) -> Iterator[IamAccessKey]:
    """Every access key of the root."""
    for node in declared.nodes("aws_iam_access_key"):
        declared.note(node.block, "")
        view = declared.view(node)
        built = fields.Fields(node.block.header)
        built.put("user", "user", view.get("user"), text, None, "")
        built.put("status", "status", view.get("status"), _STATUS, "Active", "active")
        yield IamAccessKey(**declared.common(node, built), **built.values)

"""Statements of policies, whatever they are attached to, and access keys.

There is one resource for each statement of each policy, not of each attachment: `attached_to` has
the holders. The address is that of the block that holds the policy with `#` and the statement's
`Sid`, or else its number among those without one; before it stands which policy of the block it is
(`#trust.`, `#inline[name].`, `#boundary.`), where a block has several. The text of a policy that
AWS manages is nowhere in the root, so its statements belong to what attaches it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.kinds.iam_types import COMPANIONS, KEY_TYPES, SECRETS, TYPES

if TYPE_CHECKING:
    from policyscan.resources.iam import IamAccessKey, IamStatement

__all__ = ["COMPANIONS", "KEY_TYPES", "TYPES", "access_keys", "statements"]


def statements(declared: Declared) -> Iterator[IamStatement]:
    """Every statement of every policy of the root."""
    if next(declared.nodes(*TYPES, SECRETS), None) is None:
        return
    from policyscan.collectors.terraform.kinds.iam_mapper import PolicyMapper  # late: often unused

    yield from PolicyMapper(declared).statements()


def access_keys(declared: Declared) -> Iterator[IamAccessKey]:
    """Every access key of the root."""
    if next(declared.nodes(*KEY_TYPES), None) is None:
        return
    from policyscan.collectors.terraform.kinds.iam_keys import made

    for node in declared.nodes(*KEY_TYPES):
        declared.note(node.block, "")
        yield made(declared, node)

"""The operations that are asked, all of them: what each is for, and what it needs to be allowed.

Nothing else is ever called; each only reads metadata.
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct


class Operation(Struct, frozen=True):
    """One operation of one service."""

    subject: str
    """As CloudTrail and permissions call it: `ec2:DescribeSecurityGroups`."""
    kinds: tuple[str, ...]
    """The kinds that are read from its answers."""
    scope: Literal["region", "account"]
    """Whether it is asked in every region or once."""
    about: str = ""
    """For an operation that is asked once for each thing: the subject that lists the things."""
    action: str = ""
    """The permission, where it is not called like the operation."""

    @property
    def permission(self) -> str:
        """What it needs to be allowed."""
        return self.action or self.subject


OPERATIONS: tuple[Operation, ...] = (
    Operation("ec2:DescribeSecurityGroups", ("SecurityGroup",), "region"),
    Operation("ec2:DescribeManagedPrefixLists", ("SecurityGroup",), "region"),
    Operation(
        "ec2:GetManagedPrefixListEntries",
        ("SecurityGroup",),
        "region",
        about="ec2:DescribeManagedPrefixLists",
    ),
)
"""In the order in which they are asked."""


def _permissions() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for operation in OPERATIONS:
        for kind in operation.kinds:
            found.setdefault(kind, ["sts:GetCallerIdentity"]).append(operation.permission)
    return {kind: tuple(found[kind]) for kind in sorted(found)}


PERMISSIONS: Mapping[str, tuple[str, ...]] = _permissions()
"""By kind, what asking for it needs to be allowed."""

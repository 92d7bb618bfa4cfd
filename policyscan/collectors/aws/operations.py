"""The operations that are asked, all of them: what each is for, and what it needs to be allowed.

Nothing else is ever called; each only reads metadata.
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field


class Operation(Struct, frozen=True):
    """One operation of one service."""

    subject: str
    """boto3's name of the service and the operation: `ec2:DescribeSecurityGroups`."""
    kinds: tuple[str, ...]
    """The kinds that are read from its answers."""
    scope: Literal["region", "account"]
    """Whether it is asked in every region or once."""
    member: str
    """What every answer has: one that lacks it is none, whatever its status says."""
    about: str = ""
    """For an operation that is asked once for each thing: the subject that lists the things. It is
    an operation of the same service that stands above."""
    each: str = ""
    """With `about`: where the things are in a page of it, as a JMESPath expression that gives
    texts: `SecretList[].ARN`."""
    parameter: str = ""
    """With `about`: the parameter that takes the thing."""
    batch: int = 0
    """With `about`: how many things the parameter takes at once, as a list; 0 if it takes one. The
    answers are then not `about` anything."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What else is sent."""
    leave_out: tuple[str, ...] = ()
    """Members of the answer that may hold a secret: taken out at any depth."""
    none: tuple[str, ...] = ()
    """Error codes by which the service says that there is none: the answer is then `{}`."""
    token: str = ""
    """The parameter and the member by which it continues, where botocore has no paginator."""
    action: str = ""
    """The permission, where it is not called like the subject."""

    @property
    def permission(self) -> str:
        """What it needs to be allowed."""
        return self.action or self.subject

    @property
    def service(self) -> str:
        """boto3's name of the service."""
        return self.subject.partition(":")[0]

    @property
    def name(self) -> str:
        """The name of the operation in the service: `DescribeSecurityGroups`."""
        return self.subject.partition(":")[2]


OPERATIONS: tuple[Operation, ...] = (
    Operation("ec2:DescribeSecurityGroups", ("SecurityGroup",), "region", "SecurityGroups"),
    Operation("ec2:DescribeManagedPrefixLists", ("SecurityGroup",), "region", "PrefixLists"),
    Operation(
        "ec2:GetManagedPrefixListEntries",
        ("SecurityGroup",),
        "region",
        "Entries",
        about="ec2:DescribeManagedPrefixLists",
        each="PrefixLists[?OwnerId!='AWS'].PrefixListId",
        parameter="PrefixListId",
    ),
)
"""In the order in which they are asked."""

ALLOWED: frozenset[str] = frozenset(
    {"sts:GetCallerIdentity", "sts:AssumeRole", *(each.subject for each in OPERATIONS)}
)
"""All that is ever sent."""


def _permissions() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for operation in OPERATIONS:
        for kind in operation.kinds:
            found.setdefault(kind, ["sts:GetCallerIdentity"]).append(operation.permission)
    return {kind: tuple(found[kind]) for kind in sorted(found)}


PERMISSIONS: Mapping[str, tuple[str, ...]] = _permissions()
"""By kind, what asking for it needs to be allowed."""

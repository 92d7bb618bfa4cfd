"""What is said of an operation before it is asked: for what it is, about what, and how it pages."""

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
    needs: tuple[str, ...] = ()
    """What else no answer lacks, as paths through its lists (`SecretList[].ARN`) or one of its
    members (`SummaryMap.AccountAccessKeysPresent`). Readers rely on
    it. A list that is absent would read as an empty one, so those that decide are named too."""
    about: str = ""
    """For an operation that is asked once for each thing: the subject that lists the things. It is
    an operation of the same service that stands above."""
    each: str = ""
    """With `about`: where the things are in a page of it, as a JMESPath expression that gives
    texts: `SecretList[].ARN`. `$region` and `$regions` in it are the region and the JSON list of
    all regions that are asked."""
    parameter: str = ""
    """With `about`: the parameter that takes the thing."""
    batch: int = 0
    """With `about`: how many things the parameter takes at once, as a list; 0 if it takes one. The
    answers are then not `about` anything."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What else is sent."""
    leave_out: tuple[str, ...] = ()
    """Members of the answer that may hold a secret: taken out at any depth."""
    disguise: tuple[str, ...] = ()
    """Members of the answer that nobody needs to see: a digest stands for the text of each, and
    for the thing that the operation is asked about if `parameter` is one of them."""
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

"""Networks: groups of packet filter rules."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource
from policyscan.values import Many, Maybe


class Rule(Part):
    """One rule of a group: who may send what."""

    protocol: Maybe[str]
    """`tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or the number of another protocol."""
    from_port: Maybe[int | None] = None
    to_port: Maybe[int | None] = None
    cidrs: Many[Maybe[str]] = ()
    """IPv4 and IPv6 ranges, the entries of prefix lists included."""
    prefix_lists: Many[Maybe[str]] = ()
    """Lists of ranges, by id; those whose entries are known are among the ranges instead."""
    gateway_endpoints: Many[Maybe[str]] = ()
    """Lists of the AWS services that a gateway endpoint serves without the internet: S3 and
    DynamoDB."""
    groups: Many[Maybe[str]] = ()
    """Other groups whose members are meant."""
    itself: Maybe[bool] = False
    """Members of the same group are meant."""
    description: Maybe[str | None] = None
    address: str = ""
    """Of a rule that is a resource of its own; empty for one written inside the group."""


class SecurityGroup(Resource):
    """A security group with all its rules, wherever they are written."""

    kind: ClassVar[str] = "SecurityGroup"

    name: Maybe[str | None] = None
    description: Maybe[str | None] = None
    vpc: Maybe[str | None] = None
    ingress: Many[Rule] = ()
    egress: Many[Rule] = ()
    form: Literal["group", "default", "rules"] = "group"
    """`rules` stands for standalone rules whose group is not known."""
    only_public_load_balancer: Maybe[bool] = False
    """Attached to at least one internet-facing load balancer and to nothing else."""

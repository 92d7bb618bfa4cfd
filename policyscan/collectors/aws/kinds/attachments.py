"""What security groups are attached to: load balancers, and network interfaces of all the rest."""

from __future__ import annotations

from policyscan.collectors.aws.answers import Item, Unit
from policyscan.resources.base import Chain
from policyscan.values import Unknown, first

INTERFACES = "ec2:DescribeNetworkInterfaces"
BALANCERS = (
    ("elbv2:DescribeLoadBalancers", "LoadBalancers"),
    ("elb:DescribeLoadBalancers", "LoadBalancerDescriptions"),
)
_FACING = "internet-facing"
_OF_BALANCERS = frozenset({"network_load_balancer", "gateway_load_balancer"})


class Attachments:
    """All attachments of a region, collected once."""

    def __init__(self, unit: Unit) -> None:
        self._facing: dict[str, list[Item]] = {}
        self._others: dict[str, Item] = {}
        """By group, something it is attached to that is no internet-facing load balancer."""
        self._unseen: Unknown | None = unit.unanswered(INTERFACES)
        for subject, member in BALANCERS:
            self._unseen = first(self._unseen, unit.unanswered(subject))
            for item in unit.items(subject, member):
                self._add_balancer(item)
        for item in unit.items(INTERFACES, "NetworkInterfaces"):
            if not _is_of_balancer(item):
                for group in item.data.get("Groups") or ():
                    self._others.setdefault(group.get("GroupId") or "", item)

    def _add_balancer(self, item: Item) -> None:
        for group in item.data.get("SecurityGroups") or ():
            if item.data.get("Scheme") == _FACING:
                self._facing.setdefault(group, []).append(item)
            else:
                self._others.setdefault(group, item)

    def only_public(self, group: str, item: Item) -> tuple[bool | Unknown, Chain]:
        """Whether a group is attached to at least one internet-facing load balancer and to nothing
        else, and what shows it; `item` is the group itself."""
        if group in self._others:
            return False, self._others[group].chain()
        if self._unseen is not None:
            return self._unseen, item.chain()
        if group in self._facing:
            return True, self._facing[group][0].chain("Scheme")
        return False, item.chain()


def _is_of_balancer(item: Item) -> bool:
    """Whether AWS made a network interface for a load balancer, which the load balancer itself
    stands for."""
    made_by_aws = item.data.get("RequesterManaged") is True
    balancer = item.data.get("RequesterId") == "amazon-elb"
    return made_by_aws and (balancer or item.data.get("InterfaceType") in _OF_BALANCERS)

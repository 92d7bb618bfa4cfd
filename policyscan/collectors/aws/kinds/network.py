"""Security groups with their rules, and what they are attached to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from policyscan.collectors.aws.answers import Item, Unit, distinct, tag_chains, tags_of
from policyscan.collectors.aws.kinds.attachments import Attachments
from policyscan.resources.base import Chain, Tally
from policyscan.resources.network import Rule, SecurityGroup
from policyscan.values import Maybe, PartialList, Unknown, Why, first

GROUPS = "ec2:DescribeSecurityGroups"
LISTS = "ec2:DescribeManagedPrefixLists"
ENTRIES = "ec2:GetManagedPrefixListEntries"

_DIRECTIONS = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_SERVICES = (".s3", ".dynamodb", ".s3express")
"""How the names of the lists end that gateway endpoints serve."""
_AWS = "AWS"
"""The owner of AWS's own lists."""


def security_groups(unit: Unit) -> Iterator[SecurityGroup | Tally]:
    """Every group of a region, with all its rules."""
    if not unit.pages(GROUPS):
        return
    lists = PrefixLists(unit)
    attachments = Attachments(unit)
    items, doubles = distinct(unit.items(GROUPS, "SecurityGroups"), "GroupId")
    for item in items:
        yield _group(unit, item, lists, attachments)
    yield unit.tally("SecurityGroup", unit.count(GROUPS, "SecurityGroups"), len(items), doubles)


def _group(unit: Unit, item: Item, lists: PrefixLists, attachments: Attachments) -> SecurityGroup:
    data = item.data
    group_id = data.get("GroupId") or ""
    owner = str(data.get("OwnerId") or unit.account)
    arn = data.get("SecurityGroupArn") or unit.arn("ec2", f"security-group/{group_id}", owner)
    chains: dict[str, Chain] = {
        "name": item.chain("GroupName"),
        "description": item.chain("Description"),
        "vpc": item.chain("VpcId"),
        **tag_chains(item),
    }
    rules: dict[str, Any] = {}
    for direction, member in _DIRECTIONS.items():
        permissions = data.get(member)
        if permissions is None:
            rules[direction] = Unknown(Why.NOT_SEEN, f"the {direction} rules of {arn}")
            continue
        rules[direction] = tuple(
            _rule(item, permission, (direction, member, number), lists, chains)
            for number, permission in enumerate(permissions)
        )
    only_public, chains["only_public_load_balancer"] = attachments.only_public(group_id, item)
    if only_public is True and owner != unit.account:
        only_public = Unknown(Why.NOT_SEEN, f"what {arn} is attached to in other accounts")
    return SecurityGroup(
        address=arn,
        names=tuple(dict.fromkeys(each for each in (arn, group_id) if each)),
        tags=tags_of(data.get("Tags")),
        origin=unit.origin(item.answer),
        chains=chains,
        name=data.get("GroupName"),
        description=data.get("Description"),
        vpc=data.get("VpcId"),
        form="default" if data.get("GroupName") == "default" else "group",
        only_public_load_balancer=only_public,
        **rules,
    )


def _rule(
    item: Item,
    permission: Mapping[str, Any],
    place: tuple[str, str, int],
    lists: PrefixLists,
    chains: dict[str, Chain],
) -> Rule:
    """One permission of the answer: a protocol and ports, with all that may use them."""
    direction, member, number = place
    path, there = f"{direction}[{number}]", f"{member}[{number}]"
    chains[path] = item.chain(there)
    for field, name in (("protocol", "IpProtocol"), ("from_port", "FromPort")):
        chains[f"{path}.{field}"] = item.chain(f"{there}.{name}")
    chains[f"{path}.to_port"] = item.chain(f"{there}.ToPort")
    cidrs: list[Maybe[str]] = []
    for name, key in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for at, each in enumerate(permission.get(name) or ()):
            chains[f"{path}.cidrs[{len(cidrs)}]"] = item.chain(f"{there}.{name}[{at}].{key}")
            cidrs.append(each.get(key) or Unknown(Why.MISSING, f"a range of {path}"))
    sorted_lists = lists.sorted(permission.get("PrefixListIds") or ())
    for cidr, chain in sorted_lists.ranges:
        chains[f"{path}.cidrs[{len(cidrs)}]"] = chain
        cidrs.append(cidr)
    known = tuple(cidrs)
    open_end = sorted_lists.open_end
    own = item.data.get("GroupId")
    pairs = [pair.get("GroupId") for pair in permission.get("UserIdGroupPairs") or ()]
    return Rule(
        protocol=_protocol(permission.get("IpProtocol")),
        from_port=permission.get("FromPort"),
        to_port=permission.get("ToPort"),
        cidrs=known if open_end is None else PartialList(known, open_end),
        prefix_lists=sorted_lists.rest,
        gateway_endpoints=sorted_lists.endpoints,
        groups=tuple(
            each or Unknown(Why.MISSING, f"a group of {path}") for each in pairs if each != own
        ),
        itself=own in pairs,
        description=_description(permission),
    )


def _protocol(word: str | None) -> str | Unknown:
    if not word:
        return Unknown(Why.MISSING, "the protocol of this rule")
    return _PROTOCOLS.get(word.lower(), word.lower())


def _description(permission: Mapping[str, Any]) -> str | None:
    """What the sources and destinations of a rule are called, if all are called the same."""
    members = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
    found = {each.get("Description") for member in members for each in permission.get(member) or ()}
    return found.pop() if len(found) == 1 else None


class Sorted(Struct, frozen=True):
    """The prefix lists of a rule by what is known of them."""

    ranges: tuple[tuple[str, Chain], ...] = ()
    """The entries, each with where it stands."""
    open_end: Unknown | None = None
    """Why there may be others."""
    endpoints: tuple[str, ...] = ()
    """Those of services that a gateway endpoint serves."""
    rest: tuple[str, ...] = ()
    """Those whose entries were not seen at all."""


class PrefixLists:
    """The prefix lists of a region, by id."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._known = {
            item.data["PrefixListId"]: item
            for item in unit.items(LISTS, "PrefixLists")
            if item.data.get("PrefixListId")
        }

    def sorted(self, listed: Any) -> Sorted:
        """What the prefix lists of a rule are."""
        ranges: list[tuple[str, Chain]] = []
        endpoints: list[str] = []
        rest: list[str] = []
        open_end: Unknown | None = None
        for each in listed:
            name = each.get("PrefixListId") or ""
            if self._is_gateway_endpoint(name):
                endpoints.append(name)
            elif not self._unit.pages(ENTRIES, name):
                rest.append(name)
            else:
                open_end = first(open_end, self._unit.unanswered(ENTRIES, name))
                for entry in self._unit.items(ENTRIES, "Entries", name):
                    ranges.append((entry.data.get("Cidr") or "", entry.chain("Cidr")))
        return Sorted(tuple(ranges), open_end, tuple(endpoints), tuple(rest))

    def _is_gateway_endpoint(self, name: str) -> bool:
        """Whether it is AWS's own list of a service that a gateway endpoint serves."""
        item = self._known.get(name)
        if item is None or item.data.get("OwnerId") != _AWS:
            return False
        return str(item.data.get("PrefixListName") or "").endswith(_SERVICES)

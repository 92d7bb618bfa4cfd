"""Prefix lists: their entries where they are declared here, and which are of AWS's services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.lifecycle import ignored
from policyscan.collectors.terraform.value import Value
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first

LISTS = ("aws_ec2_managed_prefix_list",)
ENTRIES = ("aws_ec2_managed_prefix_list_entry",)

_MOST_RANGES = 100_000
"""Copies of entries in the rules of one root; only a hostile one has more."""
_LOOKED_UP = ("aws_prefix_list", "aws_ec2_managed_prefix_list")
_SERVICES = (".s3", ".dynamodb", ".s3express")
"""How the names of the lists end that gateway endpoints serve."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The prefix lists of a rule by what is known of them."""

    ranges: tuple[Value, ...]
    """The entries of those that are declared here."""
    open_end: Unknown | None
    """Why these may have other entries."""
    endpoints: tuple[Any, ...]
    """Those of services that a gateway endpoint serves."""
    rest: Any


class PrefixLists:
    """The prefix lists of a root, collected once."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._lists = {node.address: node for node in declared.nodes(*LISTS)}
        self._entries: dict[str, list[Value]] = {}
        self._room = _MOST_RANGES
        """How many ranges may still become those of rules."""
        self._read: dict[str, tuple[list[Value], Unknown | None]] = {}
        self._unplaced: Unknown | None = None
        """Why any list may have other entries."""
        for node in declared.nodes(*ENTRIES) if self._lists else ():
            self._place(node)

    def _place(self, node: Node) -> None:
        value = self._declared.evaluate(node, "prefix_list_id")
        target = None if value is None else fields.target(value)
        cidr = self._declared.evaluate(node, "cidr")
        if isinstance(target, Ref) and cidr is not None and node.conditional is None:
            self._entries.setdefault(target.address, []).append(cidr)
        else:
            reason = target.unknown if isinstance(target, OneOf) else target
            unknown = reason if isinstance(reason, Unknown) else node.conditional
            needs = f"the prefix list of {node.address}"
            unclear = Unknown(Why.COMPUTED, needs, node.block.header)
            self._unplaced = first(self._unplaced, unknown, unclear)

    def sorted(self, listed: Any) -> Sorted:
        """What the prefix lists of a rule are."""
        if not isinstance(listed, (tuple, PartialList)):
            return Sorted((), None, (), listed)
        every = listed.known if isinstance(listed, PartialList) else listed
        ranges: list[Value] = []
        reason: Unknown | None = None
        kept: list[Any] = []
        endpoints: list[Any] = []
        for each in every:
            node = self._lists.get(each.address) if isinstance(each, Ref) else None
            found, why = self._ranges(node) if node is not None else ([], None)
            if node is not None and len(found) <= self._room:
                self._room -= len(found)
                ranges += found
                reason = first(reason, why)
            else:
                (endpoints if self._is_gateway_endpoint(each) else kept).append(each)
        rest: Any = tuple(kept)
        if isinstance(listed, PartialList):
            rest = PartialList(rest, listed.unknown)
        return Sorted(tuple(ranges), reason, tuple(endpoints), rest)

    def _ranges(self, node: Node) -> tuple[list[Value], Unknown | None]:
        """The ranges of a list, and why there may be others."""
        if node.address not in self._read:
            self._read[node.address] = self._read_ranges(node)
        return self._read[node.address]

    def _read_ranges(self, node: Node) -> tuple[list[Value], Unknown | None]:
        """As `_ranges`. A list without any is filled elsewhere."""
        views, reason = self._declared.view(node).blocks("entry")
        found = [value for view in views if (value := view.get("cidr")) is not None]
        found += self._entries.get(node.address, [])
        what = f"entries of {node.address}"
        unseen = self._declared.elsewhere(what, node)
        reason = first(reason, self._unplaced, unseen, ignored(node, "entry"))
        if not found:
            reason = first(reason, Unknown(Why.OUTSIDE, what, node.block.header))
        return found, reason

    def _is_gateway_endpoint(self, listed: Any) -> bool:
        """Whether it is the list of a service that a gateway endpoint serves."""
        if not isinstance(listed, Ref):
            return False
        node = self._declared.root.nodes.get(listed.address)
        if node is not None and node.block.labels[0] == "aws_vpc_endpoint":
            return listed.attribute == "prefix_list_id"
        if node is None or node.block.type != "data" or node.block.labels[0] not in _LOOKED_UP:
            return False
        value = self._declared.evaluate(node, "name")
        name = None if value is None else fields.text(value)
        if isinstance(name, Unknown):
            return any(piece.endswith(_SERVICES) for piece in name.fragments)
        return isinstance(name, str) and name.endswith(_SERVICES)

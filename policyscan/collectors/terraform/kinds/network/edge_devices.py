"""What stands between subnets and the internet: NAT gateways and load balancers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.network.group_attachments import LOAD_BALANCERS
from policyscan.collectors.terraform.value import Value
from policyscan.values import OneOf, PartialList, Ref, Unknown, first

NAT_TYPES = ("aws_nat_gateway",)


class EdgeDevices:
    """The public NAT gateways and internet-facing load balancers of a root, by subnet."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._found: dict[str, tuple[str, ...]] = {}
        self._unclear: Unknown | None = None
        """Why one may stand in any subnet."""
        for node in declared.nodes(*NAT_TYPES, *LOAD_BALANCERS):
            for subnet in self._subnets(node):
                self._place(node, subnet)

    def of(self, subnet: Node) -> Any:
        """The addresses of those in a subnet."""
        found = self._found.get(subnet.address, ())
        what = f"what stands in {subnet.address}"
        unseen = first(self._unclear, self._declared.elsewhere(what, subnet))
        return found if unseen is None else PartialList(found, unseen)

    def _place(self, node: Node, subnet: Any) -> None:
        if isinstance(subnet, Ref):
            before = self._found.get(subnet.address, ())
            self._found[subnet.address] = tuple(dict.fromkeys((*before, node.address)))
        elif isinstance(subnet, (Unknown, OneOf)):
            reason = subnet if isinstance(subnet, Unknown) else subnet.unknown
            self._unclear = first(self._unclear, reason)

    def _subnets(self, node: Node) -> Iterator[Any]:
        """The subnets of a device, each as far as it is known."""
        view = self._declared.view(node)
        if node.block.labels[0] in NAT_TYPES:
            if is_public(self._declared, node) is not False:
                yield from _named(view.get("subnet_id"))
            return
        internal = view.get("internal")
        if internal is not None and fields.boolean(internal) is True:
            return
        yield from _listed(view.get("subnets"))
        views, reason = view.blocks("subnet_mapping")
        yield reason
        for inner in views:
            yield from _named(inner.get("subnet_id"))


def _named(value: Value | None) -> Iterator[Any]:
    if value is not None:
        yield fields.target(value)


def _listed(value: Value | None) -> Iterator[Any]:
    listed: Any = () if value is None else fields.texts(value)
    if isinstance(listed, PartialList):
        yield from listed.known
        yield listed.unknown
    elif isinstance(listed, tuple):
        yield from listed
    else:
        yield listed


def is_public(declared: Declared, gateway: Node) -> bool | None:
    """Whether a NAT gateway leads to the internet; None if that is not known."""
    value = declared.evaluate(gateway, "connectivity_type")
    kind = "public" if value is None else fields.text(value)
    return kind == "public" if isinstance(kind, str) else None

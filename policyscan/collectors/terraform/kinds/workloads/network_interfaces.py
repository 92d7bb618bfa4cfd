"""What is attached to the network interfaces of machines: security groups and public addresses."""

from __future__ import annotations

from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.links import Links
from policyscan.collectors.terraform.kinds.workloads.types import INTERFACE
from policyscan.collectors.terraform.value import Value
from policyscan.values import Ref, Unknown, Why, first


class Interfaces:
    """The attachments of a root by the address of the machine or interface."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._groups: dict[str, list[Value]] = {}
        self._public: dict[str, Node] = {}
        self.stray: Unknown | None = None
        """Why any machine may have more groups."""
        for node in links.declared.nodes("aws_network_interface_sg_attachment"):
            self._attach(node)
        for type_, names in (
            ("aws_eip", ("instance", "network_interface")),
            ("aws_eip_association", ("instance_id", "network_interface_id")),
        ):
            for node in links.declared.nodes(type_):
                for name in names:
                    self._publish(node, links.declared.evaluate(node, name))

    def node(self, value: Value) -> Node | None:
        """The interface that an argument names, if it is in the root."""
        source = self._links.source(value)
        node = self._links.node(source.address) if source is not None else None
        is_interface = node is not None and node.block.labels[0] == INTERFACE
        return node if is_interface else None

    def groups(self, *addresses: str) -> list[Value]:
        """The groups that are attached to the interfaces of a machine, or to these ones."""
        return [group for address in addresses for group in self._groups.get(address, ())]

    def public(self, *addresses: str) -> Node | None:
        """What gives a public address to a machine or interface, if anything here does."""
        return next((self._public[each] for each in addresses if each in self._public), None)

    def _attach(self, node: Node) -> None:
        group = self._links.declared.evaluate(node, "security_group_id")
        place = self._links.declared.evaluate(node, "network_interface_id")
        if group is None or place is None:
            return
        source = self._links.source(place)
        if isinstance(source, Ref):
            self._groups.setdefault(source.address, []).append(group)
        else:
            needs = f"which interface {node.address} is for"
            self.stray = first(self.stray, Unknown(Why.COMPUTED, needs, node.block.header))

    def _publish(self, node: Node, place: Value | None) -> None:
        source = self._links.source(place) if place is not None else None
        if source is not None:
            self._public.setdefault(source.address, node)

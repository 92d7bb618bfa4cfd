"""Route tables: which routes a subnet has, wherever they and their tables are written."""

from __future__ import annotations

from typing import Any

from policyscan.collectors.terraform import fields, operators
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.existence import (
    condition_of,
    doubt_beside,
    doubt_of_join,
)
from policyscan.collectors.terraform.kinds.lifecycle import ignored
from policyscan.collectors.terraform.kinds.network.route_targets import (
    TARGETS,
    given_of,
    only,
    target_of,
    way_out,
)
from policyscan.collectors.terraform.value import Value, derive
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.vpc import Route
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first

TABLES = ("aws_route_table", "aws_default_route_table")
ROUTES = ("aws_route",)
PROPAGATIONS = ("aws_vpn_gateway_route_propagation",)

_MOST_ROUTES = 1000
"""What AWS allows at most in one table."""
_ROOM = 200_000
"""Parts of routes, counted once for each subnet that has them; only a hostile root has more."""
_PREFIX_LIST = "destination_prefix_list_id"
_DESTINATIONS = (
    "cidr_block",
    "ipv6_cidr_block",
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    _PREFIX_LIST,
)
_UNNAMED = " main"
"""Marks the table that a VPC came with and that no block stands for."""
_MAIN = ("main_route_table_id", "default_route_table_id")
"""Attributes of a VPC that name the table of subnets without one."""


class RouteTables:
    """All route tables of a root with their routes and subnets, collected once."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._tables = {node.address: node for node in declared.nodes(*TABLES)}
        self._more: dict[str, list[Node]] = {}
        """Standalone routes by the table they belong to."""
        self._open: dict[str, Unknown] = {}
        """Why a table may have other routes; under the empty key why every table may."""
        self._of_subnet: dict[str, list[Node]] = {}
        """Associations by subnet."""
        self._of_vpc: dict[str, Any] = {}
        """Main tables by VPC."""
        self._default: dict[str, str] = {}
        """By VPC, the address of the block that stands for the table it came with."""
        self._room = _ROOM
        self._read: dict[tuple[str, str], tuple[Any, dict[str, Chain]]] = {}
        self._unplaced: Unknown | None = None
        """Why any subnet may have a table: an association whose subnet is not known."""
        self._read_associations()
        for node in declared.nodes(*ROUTES, *PROPAGATIONS):
            self._place_route(node)

    # -- collecting ----------------------------------------------------------------------------

    def _place_route(self, node: Node) -> None:
        table = self._target(node, "route_table_id")
        if isinstance(table, Ref) and node.block.labels[0] in ROUTES:
            self._more.setdefault(self._key(table), []).append(node)
        elif isinstance(table, Ref):
            propagated = Unknown(Why.OUTSIDE, f"the routes of {node.address}", node.block.header)
            self._open.setdefault(self._key(table), propagated)
        elif isinstance(table, OneOf):
            for item in table.alternatives:
                key = self._key(item.value) if isinstance(item.value, Ref) else ""
                self._open.setdefault(key, table.unknown)
        elif isinstance(table, Unknown):
            self._open.setdefault("", table)

    def _read_associations(self) -> None:
        for node in self._declared.nodes("aws_default_route_table"):
            vpc = self._target(node, "default_route_table_id")
            if isinstance(vpc, Ref) and vpc.attribute in _MAIN:
                self._default[vpc.address] = node.address
        for node in self._declared.nodes("aws_main_route_table_association"):
            vpc = self._target(node, "vpc_id")
            if isinstance(vpc, Ref):
                table = self._target(node, "route_table_id")
                condition = condition_of(node)
                self._of_vpc[vpc.address] = table if condition is None else condition
        for node in self._declared.nodes("aws_route_table_association"):
            subnet = self._target(node, "subnet_id")
            if isinstance(subnet, Ref):
                self._of_subnet.setdefault(subnet.address, []).append(node)
            elif isinstance(subnet, (Unknown, OneOf)):
                self._unplaced = subnet if isinstance(subnet, Unknown) else subnet.unknown

    def _target(self, node: Node, name: str) -> Any:
        value = self._declared.evaluate(node, name)
        return None if value is None else fields.target(value)

    def _key(self, table: Ref) -> str:
        """One key for a table, whether it is named itself or as the main one of its VPC."""
        if table.attribute in _MAIN:
            return self._default.get(table.address, f"{table.address}{_UNNAMED}")
        return table.address

    # -- answers -------------------------------------------------------------------------------

    def routes(self, subnet: Node, vpc: Any) -> tuple[Any, dict[str, Chain]]:
        """The routes of a subnet in `vpc`, and their provenance."""
        associations = self._of_subnet.get(subnet.address, [])
        if not associations:
            unseen = first(
                self._unplaced,
                self._declared.missing(f"the route table of {subnet.address}", subnet),
            )
            if unseen is not None:
                return unseen, {}
            return self._main_routes(subnet, vpc)
        doubt = first(*(doubt_of_join(node, subnet) for node in associations))
        if doubt is None and len(associations) > 1:
            needs = f"which route table {subnet.address} has"
            doubt = Unknown(Why.COMPUTED, needs, associations[0].block.header)
        if doubt is not None:
            return doubt, {}
        return self._table_routes(self._target(associations[0], "route_table_id"), subnet)

    def _main_routes(self, subnet: Node, vpc: Any) -> tuple[Any, dict[str, Chain]]:
        """The routes of the main table of a VPC, which its subnets without a table have."""
        if not isinstance(vpc, Ref) or vpc.address not in self._declared.root.nodes:
            needs = f"the main route table of the VPC of {subnet.address}"
            return Unknown(Why.OUTSIDE, needs, subnet.block.header), {}
        if "aws_default_vpc" in vpc.address or not vpc.certain:
            needs = f"the main route table of {vpc.address}"
            return Unknown(Why.OUTSIDE, needs, subnet.block.header), {}
        main = Ref(vpc.address, "main_route_table_id", subnet.block.header)
        return self._table_routes(self._of_vpc.get(vpc.address, main), subnet)

    def _table_routes(self, table: Any, subnet: Node) -> tuple[Any, dict[str, Chain]]:
        if not isinstance(table, Ref):
            needs = f"the route table of {subnet.address}"
            unknown = Unknown(Why.COMPUTED, needs, subnet.block.header)
            reason = table.unknown if isinstance(table, OneOf) else table
            return reason if isinstance(reason, Unknown) else unknown, {}
        key = self._key(table)
        node = self._tables.get(key)
        if node is None and not key.endswith(_UNNAMED):
            return Unknown(Why.OUTSIDE, f"the routes of {table.address}", table.where), {}
        condition = condition_of(subnet)
        place = key, "" if condition is None else condition.needs
        if place not in self._read:
            self._read[place] = self._routes_of(key, subnet)
        routes, chains = self._read[place]
        self._room -= len(chains)
        if self._room < 0:
            return Unknown(Why.BUDGET, "a root with fewer routes", subnet.block.header), {}
        return routes, chains

    def _routes_of(self, key: str, subnet: Node) -> tuple[Any, dict[str, Chain]]:
        node = self._tables.get(key)
        written, reason = self._written(node) if node is not None else ([], None)
        certain, doubt = self._certain(key, subnet)
        reason = first(reason, doubt, self._open.get(key), self._open.get(""))
        found = [*written, *certain]
        if len(found) > _MOST_ROUTES:
            reason = first(reason, Unknown(Why.BUDGET, f"a table of {_MOST_ROUTES} routes at most"))
        chains: dict[str, Chain] = {}
        every = tuple(
            self._route(address, view, f"routes[{number}]", chains)
            for number, (address, view) in enumerate(found[:_MOST_ROUTES])
        )
        if node is not None:
            reason = first(reason, self._declared.elsewhere("routes of this table", node))
        return every if reason is None else PartialList(every, reason), chains

    def _certain(self, key: str, subnet: Node) -> tuple[list[tuple[str, View]], Unknown | None]:
        """The standalone routes of a table that exist if the subnet does, and why there may be
        more."""
        found: list[tuple[str, View]] = []
        doubt: Unknown | None = None
        table = self._tables.get(key)
        for node in self._more.get(key, ()):
            condition = doubt_of_join(node, subnet if table is None else table)
            if condition is not None and not (table and table.address.endswith("[?]")):
                condition = doubt_beside(node, subnet)
            if condition is None:
                found.append((node.address, self._declared.view(node)))
            doubt = first(doubt, condition)
        return found, doubt

    def _written(self, table: Node) -> tuple[list[tuple[str, View]], Unknown | None]:
        """The routes inside of a table, and why it may have others."""
        view = self._declared.view(table)
        views, reason = view.blocks("route")
        reason = first(reason, ignored(table, "route"))
        gateways = view.get("propagating_vgws")
        if gateways is not None and fields.texts(gateways) != ():
            needs = f"the routes that gateways propagate to {table.address}"
            reason = first(reason, Unknown(Why.OUTSIDE, needs, table.block.header))
        return [("", inner) for inner in views], reason

    def _route(self, address: str, view: View, path: str, chains: dict[str, Chain]) -> Route:
        chains[path] = (Step(StepKind.BLOCK, address or "route", view.span),)
        given = given_of(TARGETS, view)
        target, via = target_of(given, view)
        if len(given) == 1:
            chains[f"{path}.target"] = fields.chain(given[0][1], given[0][0])
        return Route(
            destination=self._destination(view, path, chains),
            target=target,
            way_out=way_out(target, via, view.span),
            via=via,
            address=address,
        )

    def _destination(self, view: View, path: str, chains: dict[str, Chain]) -> Any:
        """The range; of the arguments for it all but one are null, or empty in older modules."""
        given = given_of(_DESTINATIONS, view)
        for name, value in given:
            chains.setdefault(f"{path}.destination", fields.chain(value, name))
        listed = Unknown(Why.OUTSIDE, "the entries of a prefix list", view.span)

        def chosen(values: list[Value]) -> Value:
            name, value = only([name for name, _ in given], values)
            return value if name not in ("", _PREFIX_LIST) else derive(listed, view.span, values)

        return fields.target(operators.lift([value for _, value in given], view.span, chosen))

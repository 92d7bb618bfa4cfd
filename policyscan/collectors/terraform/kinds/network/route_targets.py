"""Where a route leads, by the argument that names its target."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policyscan.collectors.terraform import fields, operators
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.value import Value, derive
from policyscan.resources.vpc import Target, WayOut
from policyscan.text.source import Span
from policyscan.values import OneOf, Ref, Unknown, Why

_GATEWAY = "gateway_id"
TARGETS: Mapping[str, Target | None] = {
    _GATEWAY: None,
    "nat_gateway_id": "nat",
    "egress_only_gateway_id": "egress_only_gateway",
    "vpc_endpoint_id": "firewall",
    "transit_gateway_id": "transit_gateway",
    "vpc_peering_connection_id": "peering",
    "network_interface_id": "network_interface",
    "instance_id": "network_interface",
    "carrier_gateway_id": "internet_gateway",
    "local_gateway_id": "other",
    "core_network_arn": "other",
    "odb_network_arn": "other",
}
"""By argument; what `gateway_id` means depends on its value. A carrier gateway is an internet
gateway of a telephone network. Endpoints that take routes are those of firewalls."""

_ID = re.compile(r"(igw|vgw|vpce|local)\b")
_BY_ID: Mapping[str, Target] = {
    "igw": "internet_gateway",
    "vgw": "vpn_gateway",
    "vpce": "firewall",
    "local": "local",
}
_TYPE = re.compile(r"(?:^|\.)(aws_(?:internet_gateway|vpn_gateway|vpc_endpoint))\.[^.]+$")
_BY_TYPE: Mapping[str, Target] = {
    "aws_internet_gateway": "internet_gateway",
    "aws_vpn_gateway": "vpn_gateway",
    "aws_vpc_endpoint": "firewall",
}
_WAYS: Mapping[str, WayOut] = {
    "internet_gateway": "internet_gateway",
    "egress_only_gateway": "egress_only_gateway",
    "nat": "nat",
    "firewall": "firewall",
    "local": "none",
    "peering": "none",
}
"""Nothing gets through a peering to the internet: AWS routes no such packets."""


def given_of(names: Iterable[str], view: View) -> list[tuple[str, Value]]:
    """Those of the arguments that are there and not null, with their names."""
    return [(name, value) for name in names if (value := view.get(name)) is not None]


def target_of(given: Sequence[tuple[str, Value]], view: View) -> tuple[Any, Any]:
    """What a route leads to, of the arguments that are `given`, and the id of that."""
    if not given:
        missing = Unknown(Why.MISSING, "the target of a route", view.span)
        return missing, missing
    names = [name for name, _ in given]
    values = [value for _, value in given]

    def kind(chosen: list[Value]) -> Value:
        name, value = only(names, chosen)
        plain = _gateway(value) if name == _GATEWAY else TARGETS.get(name) or _several(view)
        return derive(plain, view.span, chosen)

    target = fields.text(operators.lift(values, view.span, kind))
    via = fields.text(operators.lift(values, view.span, lambda chosen: only(names, chosen)[1]))
    return target, via


def only(names: Sequence[str], chosen: Sequence[Value]) -> tuple[str, Value]:
    """The argument that is neither null nor empty, and its name; no name if there are several of
    which not all are known."""
    kept = [pair for pair in zip(names, chosen, strict=True) if not _is_nothing(pair[1])]
    certain = [pair for pair in kept if not isinstance(pair[1].plain, Unknown)]
    if len(kept) == 1:
        return kept[0]
    if len(certain) == 1:
        return certain[0]
    return "", (kept or list(zip(names, chosen, strict=True)))[0][1]


def _is_nothing(value: Value) -> bool:
    return value.plain is None or (isinstance(value.plain, str) and not value.plain)


def _several(view: View) -> Unknown:
    return Unknown(Why.COMPUTED, "which target a route has", view.span)


def _gateway(value: Value) -> Any:
    plain = value.plain
    if isinstance(plain, str):
        found = _ID.match(plain)
        return _BY_ID[found[1]] if found else "other"
    if isinstance(plain, Ref):
        found = _TYPE.search(plain.address)
        if found:
            return _BY_TYPE[found[1]]
        return Unknown(Why.COMPUTED, f"what {plain} is", plain.where)
    if isinstance(plain, Unknown):
        return plain.derived
    return Unknown(Why.COMPUTED, "a gateway", value.trail.step.span)


def way_out(target: Any, via: Any, span: Span) -> Any:
    """How packets that are sent to a target get to the internet."""
    if isinstance(target, OneOf):
        return target.each(lambda case: way_out(case, via, span))
    if isinstance(target, Unknown):
        return target
    behind = via if isinstance(via, (str, Ref)) else "a gateway"
    beyond = Unknown(Why.OUTSIDE, f"the way to the internet behind {behind}", span)
    return _WAYS.get(target, beyond)

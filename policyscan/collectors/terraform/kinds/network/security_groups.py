"""Security groups: their own rules and the standalone rule resources joined to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.lifecycle import ignored
from policyscan.collectors.terraform.kinds.network.group_attachments import Attachments
from policyscan.collectors.terraform.kinds.network.prefix_lists import PrefixLists
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.network import Rule, SecurityGroup
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first

DEFAULT = "aws_default_security_group"
GROUPS = ("aws_security_group", DEFAULT)
RULES = (
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
)

_DESCRIPTION = "default VPC security group"
"""What AWS says of a default group."""
_DIRECTIONS = ("ingress", "egress")
_PROTOCOLS = {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}


@dataclass(frozen=True, slots=True)
class _Names:
    """What the arguments of a rule are called in one of its three forms."""

    protocol: str
    cidrs: tuple[str, ...]
    prefix_lists: str
    groups: str


_INLINE = _Names(
    "protocol", ("cidr_blocks", "ipv6_cidr_blocks"), "prefix_list_ids", "security_groups"
)
_STANDALONE = _Names(
    "protocol",
    ("cidr_blocks", "ipv6_cidr_blocks"),
    "prefix_list_ids",
    "source_security_group_id",
)
_ONE_SOURCE = _Names(
    "ip_protocol", ("cidr_ipv4", "cidr_ipv6"), "prefix_list_id", "referenced_security_group_id"
)


@dataclass(slots=True)
class _Sorted:
    """A standalone rule: where it belongs and what it says."""

    node: Node
    direction: str
    """`ingress`, `egress`, or empty if that is not known."""
    view: View
    names: _Names


def security_groups(declared: Declared) -> Iterator[SecurityGroup]:
    """Every group of the root with all its rules; rules of groups that are elsewhere, together
    for each such group."""
    groups = {node.address: node for node in declared.nodes(*GROUPS)}
    joined: dict[str, list[_Sorted]] = {}
    strangers: dict[str, list[_Sorted]] = {}
    claimed: dict[str, Unknown] = {}
    for rule in _standalone(declared):
        target = _target(rule, groups)
        claimed.update(_candidates(rule))
        if target in groups:
            joined.setdefault(target, []).append(rule)
            declared.note(rule.node.block, "joined to its group")
        else:
            strangers.setdefault(target or rule.node.address, []).append(rule)
            declared.note(rule.node.block, "")
    attachments = Attachments(declared) if groups else None
    lists = PrefixLists(declared)
    for address, node in groups.items():
        declared.note(node.block, "")
        only_public = attachments.only_public_load_balancer(node) if attachments else False
        yield _group(
            declared, node, joined.get(address, []), lists, only_public, claimed.get(address)
        )
    for rules in strangers.values():
        node = min((rule.node for rule in rules), key=lambda node: node.address)
        what = f"what the group of {node.address} is attached to"
        unseen = Unknown(Why.OUTSIDE, what, node.block.header)
        yield _group(declared, node, rules, lists, unseen)


def _standalone(declared: Declared) -> Iterator[_Sorted]:
    for node in declared.nodes("aws_security_group_rule"):
        value = declared.evaluate(node, "type")
        side = value.plain if value is not None and isinstance(value.plain, str) else ""
        side = side if side in _DIRECTIONS else ""
        yield _Sorted(node, side, declared.view(node), _STANDALONE)
    for side in _DIRECTIONS:
        for node in declared.nodes(f"aws_vpc_security_group_{side}_rule"):
            yield _Sorted(node, side, declared.view(node), _ONE_SOURCE)


def _target(rule: _Sorted, groups: dict[str, Node]) -> str:
    """The address of the group that the rule belongs to, or a key for one that is elsewhere."""
    value = rule.view.get("security_group_id")
    if value is None:
        return ""
    converted = fields.target(value)
    if isinstance(converted, Ref):
        return converted.address if converted.address in groups else str(converted)
    return converted if isinstance(converted, str) else ""


def _candidates(rule: _Sorted) -> dict[str, Unknown]:
    """The groups that a rule may belong to, where a condition that is not known decides."""
    value = rule.view.get("security_group_id")
    converted = fields.target(value) if value is not None else None
    if not isinstance(converted, OneOf):
        return {}
    members = (item.value for item in converted.alternatives)
    return {ref.address: converted.unknown for ref in members if isinstance(ref, Ref)}


def _group(
    declared: Declared,
    node: Node,
    rules: list[_Sorted],
    lists: PrefixLists,
    only_public: Any,
    claimed: Unknown | None = None,
) -> SecurityGroup:
    """One group with its rules; `claimed` says why it may have more."""
    is_group = node.block.labels[0] in GROUPS
    view = declared.view(node)
    built = fields.Fields(node.block.header)
    is_default = node.block.labels[0] == DEFAULT
    if is_group:
        name, description = ("default", _DESCRIPTION) if is_default else (None, None)
        why = "AWS names it so" if is_default else "AWS chooses one"
        built.put("name", "name", view.get("name"), fields.text, name, why)
        said = view.get("description")
        built.put("description", "description", said, fields.text, description, "")
        built.put("vpc", "vpc_id", view.get("vpc_id"), fields.text, None, "the default VPC")
    for direction in _DIRECTIONS:
        views, reason = view.blocks(direction) if is_group else ((), None)
        if is_group:
            unseen = declared.elsewhere("rules of this group", node)
            reason = first(reason, claimed, unseen, ignored(node, direction))
        if any(not rule.direction for rule in rules):
            reason = Unknown(Why.COMPUTED, "the direction of a rule", node.block.header)
        inline = [("", inner, _INLINE) for inner in views]
        more = [(r.node.address, r.view, r.names) for r in rules if r.direction == direction]
        every = tuple(
            _rule(rule_view, names, address, f"{direction}[{number}]", built, lists)
            for number, (address, rule_view, names) in enumerate([*inline, *more])
        )
        built.values[direction] = every if reason is None else PartialList(every, reason)
    form = "default" if is_default else "group" if is_group else "rules"
    return SecurityGroup(
        **declared.common(node, built),
        **built.values,
        form=form,
        only_public_load_balancer=only_public,
    )


def _rule(
    view: View,
    names: _Names,
    address: str,
    path: str,
    built: fields.Fields,
    lists: PrefixLists,
) -> Rule:
    def take(field: str, name: str, convert: fields.Convert, absent: Any) -> Any:
        value = view.get(name)
        if value is None:
            return absent
        built.chains[f"{path}.{field}"] = fields.chain(value, name)
        return fields.or_absent(convert(value), absent)

    built.chains[path] = (Step(StepKind.BLOCK, address or "rule", view.span),)
    cidrs: Any = ()
    for name in names.cidrs:
        cidrs = _concatenated(cidrs, _listed(view.get(name), name, f"{path}.cidrs", cidrs, built))
    listed = lists.sorted(_listed(view.get(names.prefix_lists), names.prefix_lists, "", (), built))
    for number, entry in enumerate(listed.ranges, start=_size(cidrs)):
        built.chains[f"{path}.cidrs[{number}]"] = fields.chain(entry, "cidr")
    entries: Any = tuple(fields.text(entry) for entry in listed.ranges)
    if listed.open_end is not None:
        entries = PartialList(entries, listed.open_end)
    return Rule(
        protocol=_protocol(take("protocol", names.protocol, fields.text, "-1")),
        from_port=take("from_port", "from_port", fields.integer, None),
        to_port=take("to_port", "to_port", fields.integer, None),
        cidrs=_concatenated(cidrs, entries),
        prefix_lists=listed.rest,
        gateway_endpoints=listed.endpoints,
        groups=_listed(view.get(names.groups), names.groups, "", (), built),
        itself=take("itself", "self", fields.boolean, False),
        description=take("description", "description", fields.text, None),
        address=address,
    )


def _protocol(protocol: Any) -> Any:
    if isinstance(protocol, OneOf):
        return protocol.each(_protocol)
    if not isinstance(protocol, str):
        return protocol
    word = protocol.lower()
    return _PROTOCOLS.get(word, word)


def _listed(value: Value | None, name: str, path: str, before: Any, built: fields.Fields) -> Any:
    """A list argument, or one with a single member, as a list of texts."""
    if value is None:
        return ()
    if isinstance(value.plain, (str, Ref)):
        if path:
            built.chains[f"{path}[{_size(before)}]"] = fields.chain(value, name)
        return (fields.text(value),)
    if path:
        built.chains.setdefault(path, fields.chain(value, name))
        for number, item in enumerate(_items(value), start=_size(before)):
            own = fields.chain(item, f"{name}[{number - _size(before)}]")
            built.chains[f"{path}[{number}]"] = _inside(own, value, name)
    return fields.texts(value)


def _inside(inner: Chain, value: Value, name: str) -> Chain:
    """The chain of a list member: from the argument, if the member is written elsewhere."""
    outer = fields.chain(value, name)[0]
    if inner[0].span is None or outer.span is None:
        return inner
    within = (
        inner[0].span.source is outer.span.source
        and outer.span.start <= inner[0].span.start
        and inner[0].span.end <= outer.span.end
    )
    return inner if within else (*fields.chain(value, name), *inner[1:])


def _items(value: Value) -> tuple[Value, ...]:
    plain = value.plain
    members = plain.known if isinstance(plain, PartialList) else plain
    return tuple(m for m in members if m.plain is not None) if isinstance(members, tuple) else ()


def _size(listed: Any) -> int:
    if isinstance(listed, PartialList):
        return len(listed.known)
    return len(listed) if isinstance(listed, tuple) else 0


def _concatenated(front: Any, back: Any) -> Any:
    """Two lists of which either may be known in part only."""
    if isinstance(front, tuple) and not front:
        return back
    if isinstance(back, tuple) and not back:
        return front
    if isinstance(front, OneOf) and isinstance(back, tuple):
        return front.each(lambda case: _concatenated(case, back))
    if isinstance(back, OneOf) and isinstance(front, tuple):
        return back.each(lambda case: _concatenated(front, case))
    known: list[Any] = []
    reason: Unknown | None = None
    for part in (front, back):
        if isinstance(part, PartialList):
            known.extend(part.known)
            reason = first(reason, part.unknown)
        elif isinstance(part, tuple):
            known.extend(part)
        else:
            reason = first(reason, part.unknown if isinstance(part, OneOf) else part)
    return tuple(known) if reason is None else PartialList(tuple(known), reason)

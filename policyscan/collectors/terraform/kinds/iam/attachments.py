"""Which managed policies are attached to which identities, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.iam.documents import many, text
from policyscan.collectors.terraform.kinds.iam.identities import Holder, Identities
from policyscan.collectors.terraform.kinds.iam.types import (
    ATTACHMENTS,
    IDENTITY,
    POLICIES,
    SSO_BY_NAME,
)
from policyscan.collectors.terraform.value import members
from policyscan.resources.base import Chain
from policyscan.resources.iam.managed_policies import lookup, managed_name
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first, opened


class Attachment(Struct, frozen=True):
    """One policy as something attaches it."""

    node: Node
    """The attachment, or the role that lists the policy."""
    policy: Any
    """What names it, as a field has it: an ARN, a `Ref`, or why it is not known."""
    why: Chain
    holders: list[Holder]
    more: Unknown | None
    """Why there may be other holders."""
    conditional: Unknown | None = None
    """Why it is not known whether it is this policy that is attached."""


class Attachments:
    """All attachments of a root, by the policy they attach."""

    def __init__(self, declared: Declared, identities: Identities) -> None:
        self._declared = declared
        self._identities = identities
        self._policies = {node.address: node for node in declared.nodes(*POLICIES)}
        self._names = {
            name: node
            for node in self._policies.values()
            if isinstance(name := self._name(node), str)
        }
        self.here: dict[str, list[Attachment]] = {}
        """Attachments of the policies of the root, by the address of the policy."""
        self.elsewhere: list[Attachment] = []
        """Attachments of policies that are not in the root, and of those that are not known."""
        self.unplaced: Unknown | None = None
        """Why an attachment may be one of any policy."""
        for attachment in self._all():
            self._place(attachment)

    def _name(self, node: Node) -> Any:
        value = self._declared.evaluate(node, "name")
        return None if value is None else fields.text(value)

    def policy(self, name: Any) -> Node | None:
        """The policy of the root that an ARN or reference means."""
        if isinstance(name, Ref):
            return self._policies.get(name.address)
        if isinstance(name, Unknown) and name.of is not None:
            return self._policies.get(name.of.address)
        if isinstance(name, Unknown):
            return self._names.get(_end(name)) if managed_name(name) is None else None
        if isinstance(name, str) and managed_name(name) is None:
            return self._names.get(name.rpartition("/")[2])
        return None

    def managed(self, name: Any) -> str | None:
        """The AWS managed policy that an ARN means, or one that is looked up by ARN or name."""
        if isinstance(name, Unknown) and name.of is not None and managed_name(name) is None:
            name = name.of
        if not isinstance(name, Ref):
            return managed_name(name)
        node = self._declared.root.nodes.get(name.address)
        if node is None or node.block.labels[0] != "aws_iam_policy" or node.block.type != "data":
            return None
        for argument in ("arn", "name"):
            value = self._declared.evaluate(node, argument)
            known = None if value is None else fields.text(value)
            if argument == "arn" and known is not None:
                return managed_name(known)
            if isinstance(known, str) and lookup(known) is not None:
                return known
        return None

    def _place(self, attachment: Attachment) -> None:
        node = self.policy(attachment.policy)
        if node is not None:
            self._declared.note(attachment.node.block, "joined to its policy")
            self.here.setdefault(node.address, []).append(attachment)
            return
        self.elsewhere.append(attachment)
        named = attachment.policy
        if isinstance(named, Unknown) and not _end(named):
            self.unplaced = first(self.unplaced, named.derived)

    def _all(self) -> Iterator[Attachment]:
        for type_, (argument, holders) in ATTACHMENTS.items():
            for node in self._declared.nodes(type_):
                found, more = self._holders(node, holders)
                yield from self._each(node, argument, found, more)
        for node in self._declared.nodes("aws_iam_role"):
            yield from self._each(node, "managed_policy_arns", [node], None)
        for node in self._declared.nodes(SSO_BY_NAME):
            yield from self._by_name(node)

    def _holders(
        self, node: Node, arguments: tuple[str, ...]
    ) -> tuple[list[Holder], Unknown | None]:
        found: list[Holder] = []
        reason: Unknown | None = None
        for argument in arguments:
            type_ = IDENTITY.get(argument.removesuffix("_name").removesuffix("s"), "")
            value = self._declared.evaluate(node, argument)
            several = argument.endswith("s")
            holders, more = self._identities.holders(value, type_, several=several)
            found += holders
            reason = first(reason, more)
        return found, reason

    def _each(
        self, node: Node, argument: str, holders: list[Holder], more: Unknown | None
    ) -> Iterator[Attachment]:
        """One attachment for each policy that the argument names."""
        value = self._declared.evaluate(node, argument)
        if value is None:
            return
        several = argument.endswith("s")
        names, reason = opened(many(value)) if several else ((text(value),), None)
        places = list(members(value)) if isinstance(value.plain, (tuple, PartialList)) else [value]
        for number, name in enumerate(names):
            place = places[number] if number < len(places) else value
            for one, conditional in alternatives(name):
                why = fields.chain(place, argument)
                yield Attachment(node, one, why, holders, more, conditional)
        if reason is not None:
            why = fields.chain(value, argument)
            yield Attachment(node, reason.derived, why, holders, more, reason.derived)

    def _by_name(self, node: Node) -> Iterator[Attachment]:
        """A policy that a permission set names without its ARN."""
        view = self._declared.view(node)
        holders, more = self._holders(node, ("permission_set_arn",))
        references, reason = view.blocks("customer_managed_policy_reference")
        for reference in references:
            value = reference.get("name")
            if value is not None:
                name = text(value)
                policy: Any = name
                if isinstance(name, str) and name not in self._names:
                    policy = Unknown(Why.OUTSIDE, f"the text of policy {name}", reference.span)
                yield Attachment(node, policy, fields.chain(value, "name"), holders, more)
        if reason is not None:
            yield Attachment(node, reason, (), holders, more)


def _end(arn: Unknown) -> str:
    """The name at the end of an ARN; empty if it is not known."""
    last = arn.parts[-1] if arn.parts else None
    return last.rpartition("/")[2] if isinstance(last, str) and "/" in last else ""


def alternatives(name: Any) -> Iterator[tuple[Any, Unknown | None]]:
    """The policies that one argument may name; nothing for an alternative that names none."""
    if not isinstance(name, OneOf):
        yield name, None
        return
    for alternative in name.alternatives:
        if alternative.value is not None:
            yield alternative.value, name.unknown

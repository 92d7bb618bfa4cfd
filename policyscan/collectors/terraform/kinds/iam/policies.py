"""The policies of one root: whom each is attached to, and what its statements are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.iam.attachments import (
    Attachment,
    Attachments,
    alternatives,
)
from policyscan.collectors.terraform.kinds.iam.documents import text
from policyscan.collectors.terraform.kinds.iam.identities import Holder, Identities, named
from policyscan.collectors.terraform.kinds.iam.statements import Place, Statements
from policyscan.collectors.terraform.kinds.iam.types import (
    INLINE,
    POLICIES,
    RESOURCE,
    ROLE,
    SECRETS,
)
from policyscan.collectors.terraform.value import Value, derive
from policyscan.resources.base import Step, StepKind
from policyscan.resources.iam.managed_policies import TABLE, lookup
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.iam.written import by_table, nothing_known
from policyscan.values import Ref, Unknown, Why, first


class PolicyMapper:
    """The policies of one root."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._identities = Identities(declared)
        self._attachments = Attachments(declared, self._identities)
        self._statements = Statements(declared)

    def statements(self) -> Iterator[IamStatement]:
        """Every statement of every policy."""
        yield from self._roles()
        yield from self._inline()
        yield from self._managed()
        yield from self._attached_from_elsewhere()
        yield from self._boundaries()
        yield from self._resource_policies()

    # -- identities ----------------------------------------------------------------------------

    def _roles(self) -> Iterator[IamStatement]:
        """Trust policies, and the policies that are written inside roles."""
        for node in self._declared.nodes(ROLE):
            place = self._held(node, "trust", [node], None, label="trust.")
            found = list(self._statements.made(place, self._identities.trust(node)))
            yield from found
            inner = list(self._written_inside(node))
            yield from inner
            nothing = "it says neither who may assume it nor what it may do"
            self._declared.note(node.block, "" if found or inner else nothing)

    def _written_inside(self, node: Node) -> Iterator[IamStatement]:
        views, reason = self._declared.view(node).blocks("inline_policy")
        for number, view in enumerate(views, 1):
            name, policy = view.get("name"), view.get("policy")
            if policy is None:
                continue  # an empty block takes all other policies away
            known = None if name is None else fields.text(name)
            label = f"inline[{known if isinstance(known, str) else number}]."
            place = self._held(node, "identity", [node], None, label=label)
            yield from self._statements.of_document(place, policy, "inline_policy")
        if reason is not None:
            place = self._held(node, "identity", [node], None, label="inline[?].", maybe=reason)
            yield from self._statements.of_document(
                place, derive(reason, node.block.header, ()), "policy"
            )

    def _inline(self) -> Iterator[IamStatement]:
        """Policies that belong to one role, user, group or permission set."""
        for type_, (argument, holder, wanted) in INLINE.items():
            for node in self._declared.nodes(type_):
                value = self._declared.evaluate(node, holder)
                found, more = self._identities.holders(value, wanted)
                yield from self._statements.of_argument(
                    self._held(node, "identity", found, more), argument
                )

    def _managed(self) -> Iterator[IamStatement]:
        """Managed policies of the root, each once, with all that they are attached to."""
        bounding = self._bounding()
        for node in self._declared.nodes(*POLICIES):
            attached = self._attachments.here.get(node.address, [])
            holders = [holder for each in attached for holder in each.holders]
            more = first(*(each.more for each in attached))
            if node.address not in bounding or attached:
                if not holders:
                    more = first(more, self._nobody(node))
                yield from self._statements.of_argument(
                    self._held(node, "identity", holders, more), "policy"
                )
            if node.address in bounding:
                place = self._held(node, "boundary", bounding[node.address], None)
                yield from self._statements.of_argument(place, "policy")

    def _nobody(self, node: Node) -> Unknown:
        """Why it is not known what a policy is attached to."""
        what = f"what {node.address} is attached to"
        seen = self._declared.missing(what, node)
        outside = Unknown(Why.OUTSIDE, what, node.block.header)
        reason = first(self._attachments.unplaced, seen, outside)
        assert reason is not None
        return reason

    def _attached_from_elsewhere(self) -> Iterator[IamStatement]:
        """Policies that AWS manages, and others whose text is not in the root."""
        for each in self._attachments.elsewhere:
            self._declared.note(each.node.block, "")
            place = self._held(each.node, "identity", each.holders, each.more)
            yield from self._elsewhere(place, each)

    def _boundaries(self) -> Iterator[IamStatement]:
        """Boundaries whose text is not in the root."""
        for node, value in self._identities.bounded():
            why = fields.chain(value, "permissions_boundary")
            place = self._held(node, "boundary", [node], None, label="boundary.")
            for name, maybe in alternatives(text(value)):
                if self._attachments.policy(name) is None:
                    self._declared.note(node.block, "")
                    each = Attachment(node, name, why, [node], None, maybe)
                    yield from self._elsewhere(place, each)

    def _bounding(self) -> dict[str, list[Holder]]:
        """The identities that each policy of the root bounds."""
        found: dict[str, list[Holder]] = {}
        for node, value in self._identities.bounded():
            for name, _ in alternatives(text(value)):
                policy = self._attachments.policy(name)
                if policy is not None:
                    found.setdefault(policy.address, []).append(node)
        return found

    def _held(
        self,
        node: Node,
        kind: str,
        holders: list[Holder],
        more: Unknown | None,
        label: str = "",
        maybe: Unknown | None = None,
    ) -> Place:
        return Place(
            node,
            kind,
            named(holders, more),
            self._identities.together(holders, more),
            None if kind in ("trust", "boundary") else self._identities.boundary(holders),
            label=label if kind != "boundary" or label else "boundary.",
            conditional=maybe,
        )

    def _elsewhere(self, place: Place, each: Attachment) -> Iterator[IamStatement]:
        """The statements of a policy by the table, or one of which nothing is known."""
        header = each.node.block.header
        name = self._attachments.managed(each.policy)
        policy = None if name is None else lookup(name)
        place = replace(
            place,
            label=place.label + (f"{name}." if name else ""),
            managed=name,
            conditional=first(place.conditional, each.conditional),
        )
        step = Step(StepKind.ATTRIBUTE, f"attached by {each.node.address}", header)
        if policy is not None:
            table = Step(StepKind.TABLE, f"{TABLE}, as of {policy.as_of}: {name} {policy.version}")
            found = [by_table(row, (*each.why, step, table)) for row in policy.statements]
        else:
            called = name or ("" if isinstance(each.policy, Unknown) else str(each.policy))
            reason = Unknown(Why.OUTSIDE, f"the text of the policy {called}", header)
            if name is None and isinstance(each.policy, Unknown):
                reason = each.policy.derived
                place = replace(place, managed=reason)
            found = [nothing_known(reason, (*each.why, step))]
        yield from self._statements.made(place, found)

    # -- resources -----------------------------------------------------------------------------

    def _resource_policies(self) -> Iterator[IamStatement]:
        """Policies of secrets and keys."""
        for type_, (argument, service) in RESOURCE.items():
            for node in self._declared.nodes(type_):
                value = self._declared.evaluate(node, argument) if argument else None
                target: Any = Ref(node.address, "arn", node.block.header)
                if argument:
                    target = self._target(value, node)
                place = Place(node, "resource", (target,), service=service)
                if argument:
                    yield from self._statements.of_argument(place, "policy")
                    continue
                policy = self._declared.evaluate(node, "policy")
                if policy is not None:
                    yield from self._statements.of_document(place, policy, "policy")
                if type_ != SECRETS:
                    missing = "AWS gives it the default policy of keys"
                    self._declared.note(node.block, missing if policy is None else "")

    def _target(self, value: Value | None, node: Node) -> Any:
        """What a resource policy is attached to."""
        if value is None:
            return Unknown(Why.MISSING, f"what {node.address} is attached to", node.block.header)
        found = text(value)
        return found.of if isinstance(found, Unknown) and found.of is not None else found

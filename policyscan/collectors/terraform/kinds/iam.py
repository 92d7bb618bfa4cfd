"""Statements of policies, whatever they are attached to, and access keys.

There is one resource for each statement of each policy, not of each attachment: `attached_to` has
the holders. The address is that of the block that holds the policy with `#` and the statement's
`Sid`, or else its number among those without one; before it stands which policy of the block it is
(`#trust.`, `#inline[name].`, `#boundary.`), where a block has several. The text of a policy that
AWS manages is nowhere in the root, so its statements belong to what attaches it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds import iam_attachments
from policyscan.collectors.terraform.kinds.iam_attachments import (
    Attachment,
    Attachments,
    alternatives,
)
from policyscan.collectors.terraform.kinds.iam_documents import by_table, nothing_known, text
from policyscan.collectors.terraform.kinds.iam_identities import Holder, Identities, named
from policyscan.collectors.terraform.kinds.iam_statements import Place, Statements
from policyscan.collectors.terraform.value import Value, derive
from policyscan.resources.base import Step, StepKind
from policyscan.resources.iam import IamAccessKey, IamStatement
from policyscan.resources.managed_policies import TABLE, lookup
from policyscan.values import Ref, Unknown, Why, first

_INLINE = {
    "aws_iam_role_policy": ("policy", "role", "aws_iam_role"),
    "aws_iam_user_policy": ("policy", "user", "aws_iam_user"),
    "aws_iam_group_policy": ("policy", "group", "aws_iam_group"),
    "aws_ssoadmin_permission_set_inline_policy": ("inline_policy", "permission_set_arn", ""),
}
"""By type, the arguments with the document and with its holder, and the type of the holder."""

_RESOURCE = {
    "aws_secretsmanager_secret_policy": ("secret_arn", "secretsmanager"),
    "aws_secretsmanager_secret": ("", "secretsmanager"),
    "aws_kms_key_policy": ("key_id", "kms"),
    "aws_kms_key": ("", "kms"),
}
"""By type, the argument with what the policy is attached to, or empty if it is the block itself,
and the service."""

_SECRETS = "aws_secretsmanager_secret"
_ROLE = "aws_iam_role"
TYPES = (
    _ROLE,
    *iam_attachments.POLICIES,
    *iam_attachments.TYPES,
    *_INLINE,
    *(type_ for type_ in _RESOURCE if type_ != _SECRETS),
)
"""A secret is accounted for by its own kind, whether or not it holds a policy."""

KEY_TYPES = ("aws_iam_access_key",)
COMPANIONS = frozenset(
    {
        "aws_iam_user",
        "aws_iam_group",
        "aws_iam_openid_connect_provider",
        "aws_iam_saml_provider",
        "aws_iam_role_policies_exclusive",
        "aws_iam_user_policies_exclusive",
        "aws_iam_group_policies_exclusive",
        "aws_ssoadmin_permission_set",
    }
)
_STATUS = fields.choice({"Active": "Active", "Inactive": "Inactive"})


def access_keys(declared: Declared) -> Iterator[IamAccessKey]:
    """Every access key of the root."""
    for node in declared.nodes(*KEY_TYPES):
        declared.note(node.block, "")
        view = declared.view(node)
        built = fields.Fields(node.block.header)
        built.put("user", "user", view.get("user"), text, None, "")
        built.put("status", "status", view.get("status"), _STATUS, "Active", "active")
        yield IamAccessKey(**declared.common(node, built), **built.values)


def statements(declared: Declared) -> Iterator[IamStatement]:
    """Every statement of every policy of the root."""
    if not any(True for _ in declared.nodes(*TYPES, _SECRETS)):
        return
    identities = Identities(declared)
    attachments = Attachments(declared, identities)
    mapper = _Mapper(declared, identities, attachments)
    yield from mapper.roles()
    yield from mapper.inline()
    yield from mapper.managed()
    yield from mapper.attached_from_elsewhere()
    yield from mapper.boundaries()
    yield from mapper.resource_policies()


class _Mapper:
    """The policies of one root."""

    def __init__(
        self, declared: Declared, identities: Identities, attachments: Attachments
    ) -> None:
        self._declared = declared
        self._identities = identities
        self._attachments = attachments
        self._statements = Statements(declared)

    # -- identities ----------------------------------------------------------------------------

    def roles(self) -> Iterator[IamStatement]:
        """Trust policies, and the policies that are written inside roles."""
        for node in self._declared.nodes(_ROLE):
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

    def inline(self) -> Iterator[IamStatement]:
        """Policies that belong to one role, user, group or permission set."""
        for type_, (argument, holder, wanted) in _INLINE.items():
            for node in self._declared.nodes(type_):
                value = self._declared.evaluate(node, holder)
                found, more = self._identities.holders(value, wanted)
                yield from self._statements.of_argument(
                    self._held(node, "identity", found, more), argument
                )

    def managed(self) -> Iterator[IamStatement]:
        """Managed policies of the root, each once, with all that they are attached to."""
        bounding = self._bounding()
        for node in self._declared.nodes(*iam_attachments.POLICIES):
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

    def attached_from_elsewhere(self) -> Iterator[IamStatement]:
        """Policies that AWS manages, and others whose text is not in the root."""
        for each in self._attachments.elsewhere:
            self._declared.note(each.node.block, "")
            place = self._held(each.node, "identity", each.holders, each.more)
            yield from self._elsewhere(place, each)

    def boundaries(self) -> Iterator[IamStatement]:
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

    def resource_policies(self) -> Iterator[IamStatement]:
        """Policies of secrets and keys."""
        for type_, (argument, service) in _RESOURCE.items():
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
                if type_ != _SECRETS:
                    missing = "AWS gives it the default policy of keys"
                    self._declared.note(node.block, missing if policy is None else "")

    def _target(self, value: Value | None, node: Node) -> Any:
        """What a resource policy is attached to."""
        if value is None:
            return Unknown(Why.MISSING, f"what {node.address} is attached to", node.block.header)
        found = text(value)
        return found.of if isinstance(found, Unknown) and found.of is not None else found

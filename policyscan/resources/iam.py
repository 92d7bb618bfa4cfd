"""Identity: statements of policies, and access keys."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource
from policyscan.values import Many, Maybe


class Condition(Part):
    """One condition of a statement: all of them must hold."""

    operator: Maybe[str]
    """As written: `StringEquals`, `ForAllValues:StringLike`."""
    key: Maybe[str]
    """`aws:ResourceTag/Environment`."""
    values: Many[Maybe[str]] = ()


class IamStatement(Resource):
    """One statement of an identity, resource or trust policy, or one managed policy that is
    attached and whose text is not here. Other resources are named by their ARN: a text, or a
    `Ref` while they have none yet."""

    kind: ClassVar[str] = "IamStatement"

    effect: Maybe[Literal["Allow", "Deny"]]
    policy_kind: Literal["identity", "resource", "trust", "boundary"]
    service: str = ""
    """Of a resource policy, whose: `secretsmanager`, `kms`."""
    sid: Maybe[str | None] = None
    principals: Many[Maybe[str]] = ()
    """As written, `AWS` left out: ARNs, accounts, `*`; others as `Service:ec2.amazonaws.com`."""
    not_principals: Many[Maybe[str]] = ()
    actions: Many[Maybe[str]] = ()
    not_actions: Many[Maybe[str]] = ()
    resources: Many[Maybe[str]] = ()
    """For a resource policy what it is attached to, if it says `*`."""
    not_resources: Many[Maybe[str]] = ()
    conditions: Many[Condition] = ()
    attached_to: Many[Maybe[str]] = ()
    """The roles, users and groups it applies to; of a resource policy, the resource."""
    principal_class: Maybe[Literal["workload", "human", "ci", "other"]] = "other"
    """Who acts under it: by the trust policy of its role, or what it is attached to."""
    managed: Maybe[str | None] = None
    """The name of the AWS managed policy it stands for: `AdministratorAccess`."""
    boundary: Maybe[str | None] = None
    """The permission boundary of what it is attached to."""


class IamAccessKey(Resource):
    """A long-lived access key of a user, as declared."""

    kind: ClassVar[str] = "IamAccessKey"

    user: Maybe[str | None] = None
    status: Maybe[Literal["Active", "Inactive"]] = "Active"

"""Identity: statements of policies, and access keys."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource
from policyscan.resources.scope import UNASKED
from policyscan.values import UNSEEN, Many, Maybe


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

    # The fields below are worked out in the inventory, from all statements and secrets of a run.

    admin: Maybe[bool] = UNASKED
    """Whether it allows every action on every resource, or all but a list of actions."""
    reaches_exchange_secret: Maybe[bool] = UNASKED
    """Whether it allows any action on an exchange secret, where statements that deny and
    permission boundaries are taken off; conditions on the request are taken to hold."""
    covers_all_secrets: Maybe[bool] = UNASKED
    """Whether it allows any action on all secrets there are, of the account that it names."""
    exchange_secrets: Many[Maybe[str]] = UNASKED
    """Those secrets: the address of each, and the patterns that name one no file declares."""
    secret_actions: Many[Maybe[str]] = UNASKED
    """What it allows on them, or on all secrets there are; wildcards resolved, what changes most
    first."""
    reaches_only_its_own: Maybe[bool] = UNASKED
    """Whether they are known to be those of who it is attached to: by the register, by
    `scope.assign`, or by a word that both names share. False for all secrets there are."""
    environments_reached: Many[Maybe[str]] = UNASKED
    """The environments of those secrets, each once."""
    bound_environments: Many[Maybe[str]] = UNASKED
    """The environments to which its conditions on the tag `Environment` limit it, none if they
    do not; `own` if it has to be that of the principal."""
    principal_forms: Many[Maybe[str]] = UNASKED
    """Of a resource policy, what each principal is: `role`, `session` (of a role), `user`,
    `account`, `anyone`, `service`, `federated`, `other`."""


def allows(statement: IamStatement) -> bool | None:
    """Whether a statement allows; False if it denies, None if that is not known."""
    effect = statement.effect
    return effect == "Allow" if isinstance(effect, str) else None


class IamAccessKey(Resource):
    """A long-lived access key of a user or of the root of an account, never the key itself."""

    kind: ClassVar[str] = "IamAccessKey"

    user: Maybe[str | None] = None
    status: Maybe[Literal["Active", "Inactive"]] = "Active"
    observed: bool = False
    """Whether it was seen in its account: what is declared has no age and no use."""
    is_root: Maybe[bool] = False
    created_at: Maybe[datetime] = UNSEEN
    last_used_at: Maybe[datetime | None] = UNSEEN
    """None if it never was."""
    active_keys_of_user: Maybe[int] = UNSEEN

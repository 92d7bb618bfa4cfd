"""Who acts under a role, by the policy that says who may assume it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from policyscan.resources.iam.model import Condition
from policyscan.resources.iam.written import Written
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first, reason_or

CLASSES = ("workload", "ci", "human", "other")
"""Of a role that several kinds of principals assume the first of these decides."""

_WORKLOADS = frozenset(
    (
        "ec2 ecs-tasks lambda edgelambda pods.eks glue batch sagemaker tasks.apprunner"
        " elasticmapreduce emr-serverless ssm lightsail gamelift robomaker bedrock-agentcore"
        " rolesanywhere"
    ).split()
)
"""Services that run programs of the account. `ssm` and `rolesanywhere` stand for machines outside
of AWS."""

_CI = frozenset(["codebuild", "codepipeline", "codedeploy", "cloudformation", "amplify"])

_SERVICE_ENDS = (".amazonaws.com.cn", ".amazonaws.com", ". ")
"""What follows the name of a service; a space stands for what is not known."""

_CI_ISSUERS = (
    "token.actions.githubusercontent.com",
    "gitlab",
    "oidc.circleci.com",
    "app.terraform.io",
    "agent.buildkite.com",
    "api.bitbucket.org",
    "oidc.codefresh.io",
    "spacelift.io",
    "vstoken.dev.azure.com",
)
"""Words in the address of an identity provider of a CI system."""

_CLUSTER_SIGNS = ("oidc.eks.", "system:serviceaccount:")
"""In the address of the identity provider of a Kubernetes cluster, and in its subjects."""


class Known(Struct, frozen=True):
    """What the source of a policy tells of principals."""

    issuer: Callable[[Ref], str]
    """What is known of the address of the identity provider that a reference means."""
    role: Callable[[Ref | str], str | Unknown | None]
    """Who acts as a role, by reference or ARN; None if it is not one of the source."""


def class_of_trust(statements: Iterable[Written], known: Known) -> str | Unknown:
    """Who may assume the role."""
    found: list[str | Unknown] = []
    for statement in statements:
        effect = statement.values["effect"]
        if not isinstance(effect, str) or effect == "Allow":
            found += _classes(statement, known)
    return together(found)


def together(found: Iterable[str | Unknown]) -> str | Unknown:
    """One class for several principals: a workload decides, and what is not known keeps the
    others from doing so."""
    answers = list(found)
    known = [answer for answer in answers if isinstance(answer, str)]
    if "workload" in known:
        return "workload"
    reason = first(*(answer for answer in answers if isinstance(answer, Unknown)))
    if reason is not None:
        return reason
    return next((name for name in CLASSES if name in known), "other")


def _classes(statement: Written, known: Known) -> Iterator[str | Unknown]:
    principals = statement.values.get("principals", ())
    if "not_principals" in statement.values:
        yield "human"
    if isinstance(principals, (Unknown, OneOf)):
        yield principals if isinstance(principals, Unknown) else principals.unknown
        return
    if isinstance(principals, PartialList):
        yield principals.unknown
        principals = principals.known
    for principal in principals:
        yield _class(principal, statement, known)


def _class(principal: Any, statement: Written, known: Known) -> str | Unknown:
    if isinstance(principal, OneOf):
        return together(_class(a.value, statement, known) for a in principal.alternatives)
    if isinstance(principal, Ref):
        return _of_identity(principal, known)
    whole = isinstance(principal, str)
    type_, _, name = _joined(principal).partition(":")
    if type_ == "Service":
        name = name.lower()
        end = next((end for end in _SERVICE_ENDS if name.endswith(end)), "")
        service = name.removesuffix(end)
        if end and " " not in service:
            return "workload" if service in _WORKLOADS else "ci" if service in _CI else "other"
    if type_ == "Federated":
        return _of_provider(principal, name, statement, known)
    if type_ == "arn" and (":saml-provider/" in name or ":user/" in name or ":root" in name):
        return "human"
    if type_ == "arn" and ":role/" in name and not name.endswith(" "):
        of_root = known.role(f"arn:{name}")
        if of_root is not None:
            return of_root
    if whole and (principal == "*" or principal.isdigit()):
        return "human"
    return reason_or(
        principal if isinstance(principal, Unknown) else None,
        Why.OUTSIDE,
        f"who acts as {principal if whole else 'the principal'}",
        None,
    ).derived


def _joined(principal: str | Unknown) -> str:
    """What is known of the text, a space for each hole."""
    if isinstance(principal, str):
        return principal
    return "".join(part if isinstance(part, str) else " " for part in principal.parts)


def _of_identity(ref: Ref, known: Known) -> str | Unknown:
    """The class of a role or user that is named as principal."""
    of_root = known.role(ref)
    if of_root is not None:
        return of_root
    if ref.address.split(".")[-2:-1] == ["aws_iam_user"]:
        return "human"
    if "aws_caller_identity" in ref.address:
        return "human"
    return Unknown(Why.OUTSIDE, f"who acts as {ref}", ref.where)


def _of_provider(principal: Any, name: str, statement: Written, known: Known) -> str | Unknown:
    """The class of those whom an identity provider vouches for."""
    signs = [name, *_condition_texts(statement)]
    if isinstance(principal, Unknown):
        refs = [part for part in principal.parts if isinstance(part, Ref)]
        signs += map(known.issuer, refs)
        signs += map(_of_cluster_module, principal.parts)
        signs += ["saml-provider/" for ref in refs if "aws_iam_saml_provider" in ref.address]
    signs = [sign.lower() for sign in signs]
    if any(word in sign for sign in signs for word in _CLUSTER_SIGNS):
        return "workload"
    if any(word in sign for sign in signs for word in _CI_ISSUERS):
        return "ci"
    if any("saml-provider/" in sign or "saml:" in sign for sign in signs):
        return "human"
    if isinstance(principal, Unknown):
        return principal.derived
    return "other"


def _of_cluster_module(part: str | Ref | Unknown) -> str:
    """The sign of a cluster, if the provider is an output of a module for one that is not here."""
    of = part.of if isinstance(part, Unknown) else None
    is_one = of is not None and "eks" in of.address and "oidc_provider" in of.attribute
    return "oidc.eks." if is_one else ""


def _condition_texts(statement: Written) -> Iterator[str]:
    conditions = statement.values.get("conditions", ())
    if not isinstance(conditions, tuple):
        return
    for condition in conditions:
        assert isinstance(condition, Condition)
        values = condition.values
        if isinstance(values, PartialList):
            values = values.known
        listed = values if isinstance(values, tuple) else ()
        for item in (condition.key, *listed):
            if isinstance(item, str):
                yield item
            elif isinstance(item, Unknown):
                yield _joined(item)

"""Roles, users, groups and their policies, in both spellings."""

from __future__ import annotations

import json
from typing import Any

from tests.equivalence.live import Built, Estate
from tests.moto_account import ACCOUNT, Account

IAM = f"arn:aws:iam::{ACCOUNT}"


def trust(principal: Any, action: str = "sts:AssumeRole") -> dict[str, Any]:
    statement = {"Sid": "Trust", "Effect": "Allow", "Principal": principal, "Action": action}
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource, **more}


EVERYTHING = policy(allow("All", "*"), allow("Files", ["s3:Get*", "s3:List*"]))
DENIED = policy({"Sid": "No", "Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})
MACHINE = trust({"Service": "ec2.amazonaws.com"})


def written(value: Any) -> str:
    return f"jsonencode({json.dumps(value)})"


# -- roles -------------------------------------------------------------------------------------


def _inline(account: Account) -> Built:
    iam = account.client("iam")
    iam.create_role(RoleName="bot", AssumeRolePolicyDocument=json.dumps(MACHINE))
    iam.put_role_policy(RoleName="bot", PolicyName="own", PolicyDocument=json.dumps(EVERYTHING))
    return {
        "aws_iam_role.bot": f"{IAM}:role/bot",
        "aws_iam_role.bot#trust.Trust": f"{IAM}:role/bot#trust.Trust",
        "aws_iam_role_policy.own#All": f"{IAM}:role/bot#inline[own].All",
        "aws_iam_role_policy.own#Files": f"{IAM}:role/bot#inline[own].Files",
    }


INLINE = Estate(
    name="a workload that may do everything",
    terraform=f"""
        resource "aws_iam_role" "bot" {{
          name               = "bot"
          assume_role_policy = {written(MACHINE)}
        }}
        resource "aws_iam_role_policy" "own" {{
          name   = "own"
          role   = aws_iam_role.bot.id
          policy = {written(EVERYTHING)}
        }}
    """,
    build=_inline,
    kinds=("IamStatement",),
    verdicts={
        "PS-IAM-005": {
            "aws_iam_role_policy.own#All": "fail",
            "aws_iam_role_policy.own#Files": "pass",
        }
    },
)

TRUSTS = {
    "function": trust({"Service": ["lambda.amazonaws.com", "events.amazonaws.com"]}),
    "pipeline": trust(
        {"Federated": f"{IAM}:oidc-provider/token.actions.githubusercontent.com"},
        "sts:AssumeRoleWithWebIdentity",
    ),
    "person": trust({"Federated": f"{IAM}:saml-provider/people"}, "sts:AssumeRoleWithSAML"),
    "anybody": trust({"AWS": f"{IAM}:root"}),
    "nested": trust({"AWS": f"{IAM}:role/function"}),
}


def _trusts(account: Account) -> Built:
    iam = account.client("iam")
    found = {}
    for name, document in TRUSTS.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
        iam.put_role_policy(
            RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(allow("All", "*")))
        )
        found[f"aws_iam_role.{name}"] = f"{IAM}:role/{name}"
        found[f"aws_iam_role.{name}#trust.Trust"] = f"{IAM}:role/{name}#trust.Trust"
        found[f"aws_iam_role_policy.{name}#All"] = f"{IAM}:role/{name}#inline[own].All"
    return found


WHO = Estate(
    name="who acts under a role",
    terraform="".join(
        f"""
        resource "aws_iam_role" "{name}" {{
          name               = "{name}"
          assume_role_policy = {written(document)}
        }}
        resource "aws_iam_role_policy" "{name}" {{
          name   = "own"
          role   = aws_iam_role.{name}.name
          policy = {written(policy(allow("All", "*")))}
        }}
        """
        for name, document in TRUSTS.items()
    ),
    build=_trusts,
    kinds=("IamStatement",),
    verdicts={
        "PS-IAM-005": {
            "aws_iam_role_policy.function#All": "fail",
            "aws_iam_role_policy.pipeline#All": "not_applicable",
            "aws_iam_role_policy.person#All": "not_applicable",
            "aws_iam_role_policy.nested#All": "fail",
            # The function may assume every role that is open to the account.
            "aws_iam_role_policy.anybody#All": "fail",
        },
        "PS-IAM-008": {
            "aws_iam_role_policy.pipeline#All": "fail",
            "aws_iam_role_policy.person#All": "fail",
        },
    },
)


# -- managed policies, users and groups --------------------------------------------------------


def _managed(account: Account) -> Built:
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName="wide", PolicyDocument=json.dumps(EVERYTHING))["Policy"][
        "Arn"
    ]
    newer = json.dumps(policy(allow("Newer", "*")))
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=newer, SetAsDefault=True)
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="people")
    iam.create_role(RoleName="bot", AssumeRolePolicyDocument=json.dumps(MACHINE))
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    iam.attach_group_policy(GroupName="people", PolicyArn=arn)
    iam.attach_role_policy(RoleName="bot", PolicyArn=arn)
    return {
        "aws_iam_user.ann": f"{IAM}:user/ann",
        "aws_iam_group.people": f"{IAM}:group/people",
        "aws_iam_role.bot": f"{IAM}:role/bot",
        "aws_iam_policy.wide#Newer": f"{arn}#Newer",
        "aws_iam_role.bot#trust.Trust": f"{IAM}:role/bot#trust.Trust",
    }


MANAGED = Estate(
    name="one policy attached to a user, a group and a role",
    terraform=f"""
        resource "aws_iam_user" "ann" {{ name = "ann" }}
        resource "aws_iam_group" "people" {{ name = "people" }}
        resource "aws_iam_role" "bot" {{
          name               = "bot"
          assume_role_policy = {written(MACHINE)}
        }}
        resource "aws_iam_policy" "wide" {{
          name   = "wide"
          policy = {written(policy(allow("Newer", "*")))}
        }}
        resource "aws_iam_user_policy_attachment" "ann" {{
          user       = aws_iam_user.ann.name
          policy_arn = aws_iam_policy.wide.arn
        }}
        resource "aws_iam_group_policy_attachment" "people" {{
          group      = aws_iam_group.people.name
          policy_arn = aws_iam_policy.wide.arn
        }}
        resource "aws_iam_role_policy_attachment" "bot" {{
          role       = aws_iam_role.bot.name
          policy_arn = aws_iam_policy.wide.arn
        }}
    """,
    build=_managed,
    kinds=("IamStatement",),
    verdicts={"PS-IAM-005": {"aws_iam_policy.wide#Newer": "fail"}},
)


def _people(account: Account) -> Built:
    iam = account.client("iam")
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="people")
    iam.put_user_policy(
        UserName="ann", PolicyName="own", PolicyDocument=json.dumps(policy(allow("All", "*:*")))
    )
    iam.put_group_policy(GroupName="people", PolicyName="shared", PolicyDocument=json.dumps(DENIED))
    return {
        "aws_iam_user.ann": f"{IAM}:user/ann",
        "aws_iam_group.people": f"{IAM}:group/people",
        "aws_iam_user_policy.own#All": f"{IAM}:user/ann#inline[own].All",
        "aws_iam_group_policy.shared#No": f"{IAM}:group/people#inline[shared].No",
    }


PEOPLE = Estate(
    name="policies inside a user and a group",
    terraform=f"""
        resource "aws_iam_user" "ann" {{ name = "ann" }}
        resource "aws_iam_group" "people" {{ name = "people" }}
        resource "aws_iam_user_policy" "own" {{
          name   = "own"
          user   = aws_iam_user.ann.name
          policy = {written(policy(allow("All", "*:*")))}
        }}
        resource "aws_iam_group_policy" "shared" {{
          name   = "shared"
          group  = aws_iam_group.people.name
          policy = {written(DENIED)}
        }}
    """,
    build=_people,
    kinds=("IamStatement",),
    verdicts={
        "PS-IAM-008": {
            "aws_iam_user_policy.own#All": "fail",
            "aws_iam_group_policy.shared#No": "not_applicable",
        }
    },
)


# -- boundaries and secrets --------------------------------------------------------------------

LIMIT = policy(allow("Limit", "s3:*"))


def _bounded(account: Account) -> Built:
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(LIMIT))["Policy"]["Arn"]
    iam.create_role(
        RoleName="bot", AssumeRolePolicyDocument=json.dumps(MACHINE), PermissionsBoundary=arn
    )
    iam.put_role_policy(RoleName="bot", PolicyName="own", PolicyDocument=json.dumps(EVERYTHING))
    return {
        "aws_iam_role.bot": f"{IAM}:role/bot",
        "aws_iam_policy.limit": arn,
        "aws_iam_policy.limit#boundary.Limit": f"{arn}#boundary.Limit",
        "aws_iam_role.bot#trust.Trust": f"{IAM}:role/bot#trust.Trust",
        "aws_iam_role_policy.own#All": f"{IAM}:role/bot#inline[own].All",
        "aws_iam_role_policy.own#Files": f"{IAM}:role/bot#inline[own].Files",
    }


BOUNDED = Estate(
    name="a role behind a boundary",
    terraform=f"""
        resource "aws_iam_policy" "limit" {{
          name   = "limit"
          policy = {written(LIMIT)}
        }}
        resource "aws_iam_role" "bot" {{
          name                 = "bot"
          assume_role_policy   = {written(MACHINE)}
          permissions_boundary = aws_iam_policy.limit.arn
        }}
        resource "aws_iam_role_policy" "own" {{
          name   = "own"
          role   = aws_iam_role.bot.id
          policy = {written(EVERYTHING)}
        }}
    """,
    build=_bounded,
    kinds=("IamStatement",),
    verdicts={"PS-IAM-005": {"aws_iam_role_policy.own#All": "pass"}},
)


def _reaching(account: Account) -> Built:
    secrets, iam = account.client("secretsmanager"), account.client("iam")
    tags = [{"Key": "Environment", "Value": "production"}]
    key = secrets.create_secret(Name="prod/binance/api-key", SecretString="x", Tags=tags)["ARN"]
    other = secrets.create_secret(Name="prod/postgres/master", SecretString="x", Tags=tags)["ARN"]
    iam.create_role(RoleName="bot", AssumeRolePolicyDocument=json.dumps(MACHINE))
    document = policy(
        allow("Own", "secretsmanager:GetSecretValue", key),
        allow("Change", "secretsmanager:PutSecretValue", key),
        allow("Other", "secretsmanager:*", other),
    )
    iam.put_role_policy(RoleName="bot", PolicyName="own", PolicyDocument=json.dumps(document))
    return {
        "aws_secretsmanager_secret.key": key,
        "aws_secretsmanager_secret.other": other,
        "aws_iam_role.bot": f"{IAM}:role/bot",
        "aws_iam_role.bot#trust.Trust": f"{IAM}:role/bot#trust.Trust",
        "aws_iam_role_policy.own#Own": f"{IAM}:role/bot#inline[own].Own",
        "aws_iam_role_policy.own#Change": f"{IAM}:role/bot#inline[own].Change",
        "aws_iam_role_policy.own#Other": f"{IAM}:role/bot#inline[own].Other",
    }


REACHING = Estate(
    name="a role that reaches an exchange secret",
    terraform=f"""
        resource "aws_secretsmanager_secret" "key" {{
          name = "prod/binance/api-key"
          tags = {{ Environment = "production" }}
        }}
        resource "aws_secretsmanager_secret" "other" {{
          name = "prod/postgres/master"
          tags = {{ Environment = "production" }}
        }}
        resource "aws_iam_role" "bot" {{
          name               = "bot"
          assume_role_policy = {written(MACHINE)}
        }}
        resource "aws_iam_role_policy" "own" {{
          name = "own"
          role = aws_iam_role.bot.id
          policy = jsonencode({{
            Version = "2012-10-17"
            Statement = [
              {{ Sid = "Own", Effect = "Allow", Action = "secretsmanager:GetSecretValue",
                Resource = aws_secretsmanager_secret.key.arn }},
              {{ Sid = "Change", Effect = "Allow", Action = "secretsmanager:PutSecretValue",
                Resource = aws_secretsmanager_secret.key.arn }},
              {{ Sid = "Other", Effect = "Allow", Action = "secretsmanager:*",
                Resource = aws_secretsmanager_secret.other.arn }},
            ]
          }})
        }}
    """,
    build=_reaching,
    kinds=("Secret", "IamStatement"),
    # A repository with an exchange secret trades; what an account is for, somebody has to say.
    options="""
        scope: {assign: [{match: {address: "*"}, role: trading}]}
    """,
    verdicts={
        "PS-IAM-001": {
            "aws_iam_role_policy.own#Own": "pass",
            "aws_iam_role_policy.own#Change": "fail",
        }
    },
)

IDENTITY_ESTATES = (INLINE, WHO, MANAGED, PEOPLE, BOUNDED, REACHING)

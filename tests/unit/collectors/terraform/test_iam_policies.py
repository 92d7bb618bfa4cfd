"""Where policies are attached, who acts under them, and what AWS's own policies allow."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.collectors.terraform.kinds.iam import types as iam_types
from policyscan.collectors.terraform.kinds.table import MAPPERS
from policyscan.resources.base import Gap, Tally
from policyscan.values import PartialList, Ref, Unknown, is_known
from tests.unit.collectors.terraform.policies import plain, shape, statements
from tests.unit.collectors.terraform.written import collected, field, resources

POLICY = 'jsonencode({Statement = [{Sid = "S", Effect = "Allow", Action = "a:b", Resource = "*"}]})'
BOT = "&aws_iam_role.bot.arn"


def trust(service: str) -> str:
    return (
        'jsonencode({Statement = [{Effect = "Allow", Action = "sts:AssumeRole",'
        f' Principal = {{ Service = "{service}" }}}}]}})'
    )


def role(name: str = "bot", more: str = "", policy: str = trust("ec2.amazonaws.com")) -> str:
    return f'resource "aws_iam_role" "{name}" {{\nassume_role_policy = {policy}\n{more}\n}}\n'


def managed(more: str = "", name: str = "p") -> str:
    return f'resource "aws_iam_policy" "{name}" {{\npolicy = {POLICY}\n{more}\n}}\n'


def attachment(type_: str, arn: str, holder: str, name: str = "a") -> str:
    return f'resource "aws_iam_{type_}_attachment" "{name}" {{\npolicy_arn = {arn}\n{holder}\n}}\n'


def attached(module: str, address: str) -> Any:
    found = resources('variable "u" {}\n' + module)[address]
    return field(found.attached_to)


# --- attachments


@pytest.mark.parametrize(
    ("type_", "holder", "expected"),
    [
        ("role_policy", "role = aws_iam_role.bot.name", BOT),
        ("role_policy", "role = aws_iam_role.bot.id", BOT),
        ("role_policy", 'role = "bot-role"', BOT),
        ("role_policy", 'role = "elsewhere"', "elsewhere"),
        ("role_policy", "role = var.u", "<a value for var.u>"),
        ("user_policy", "user = aws_iam_user.bob.name", "&aws_iam_user.bob.arn"),
        ("user_policy", 'user = "bob"', "&aws_iam_user.bob.arn"),
        ("group_policy", "group = aws_iam_group.g.name", "&aws_iam_group.g.arn"),
        ("policy", 'name = "x"\nroles = ["bot-role"]', BOT),
        ("policy", 'name = "x"\nusers = ["bob"]', "&aws_iam_user.bob.arn"),
    ],
)
def test_what_a_managed_policy_is_attached_to(type_: str, holder: str, expected: str) -> None:
    module = (
        role(more='name = "bot-role"')
        + 'resource "aws_iam_user" "bob" { name = "bob" }\n'
        + 'resource "aws_iam_group" "g" { name = "g" }\n'
        + managed()
        + attachment(type_, "aws_iam_policy.p.arn", holder)
    )
    assert attached(module, "aws_iam_policy.p#S") == (expected,)


def test_a_name_that_is_known_in_part_is_that_of_the_role() -> None:
    module = (
        role(more='name = "${var.u}-bot"')
        + managed()
        + attachment("role_policy", "aws_iam_policy.p.arn", "role = aws_iam_role.bot.name")
    )
    assert attached(module, "aws_iam_policy.p#S") == (BOT,)


def test_a_policy_with_several_attachments_is_there_once() -> None:
    module = role() + role("other") + managed()
    for name in ("bot", "other"):
        holder = f"role = aws_iam_role.{name}.name"
        module += attachment("role_policy", "aws_iam_policy.p.arn", holder, name)
    assert [a for a in statements(module) if a.startswith("aws_iam_policy.p")] == [
        "aws_iam_policy.p#S"
    ]
    assert attached(module, "aws_iam_policy.p#S") == (BOT, "&aws_iam_role.other.arn")


def test_a_policy_that_nothing_here_attaches_may_be_attached_elsewhere() -> None:
    found = resources(managed())["aws_iam_policy.p#S"]
    assert isinstance(found.attached_to, PartialList)
    assert found.attached_to.known == ()
    assert isinstance(found.principal_class, Unknown)
    assert found.boundary is None


def test_an_attachment_to_a_list_that_is_not_known() -> None:
    module = managed() + attachment("policy", "aws_iam_policy.p.arn", "roles = var.u")
    assert attached(module, "aws_iam_policy.p#S") == [..., "<a value for var.u>"]


def test_an_attachment_of_a_policy_that_is_not_known_is_a_statement_of_its_own() -> None:
    module = 'variable "u" {}\n' + role()
    module += attachment("role_policy", "var.u", "role = aws_iam_role.bot.name")
    found = resources(module)["aws_iam_role_policy_attachment.a#statement-1"]
    assert field(found.actions) == "<a value for var.u>"
    assert field(found.attached_to) == (BOT,)
    assert found.principal_class == "workload"
    assert found.conditional is None


def test_a_policy_by_its_arn_as_text() -> None:
    module = (
        role()
        + managed('name = "mine"')
        + attachment(
            "role_policy",
            '"arn:aws:iam::123456789012:policy/mine"',
            "role = aws_iam_role.bot.name",
        )
    )
    assert attached(module, "aws_iam_policy.p#S") == (BOT,)


def test_attachments_by_for_each() -> None:
    module = (
        role()
        + managed()
        + attachment(
            "role_policy",
            "each.value",
            "role = aws_iam_role.bot.name\nfor_each = {mine = aws_iam_policy.p.arn,"
            ' aws = "arn:aws:iam::aws:policy/AdministratorAccess"}',
        )
    )
    found = statements(module)
    assert 'aws_iam_role_policy_attachment.a["aws"]#AdministratorAccess' in found
    assert field(found["aws_iam_policy.p#S"].attached_to) == (BOT,)


def test_policies_of_roles_users_and_groups_that_are_written_inline() -> None:
    module = (
        role()
        + 'resource "aws_iam_role_policy" "r" {\nrole = aws_iam_role.bot.id\n'
        + f"policy = {POLICY}\n}}\n"
        + f'resource "aws_iam_user_policy" "u" {{\nuser = "eve"\npolicy = {POLICY}\n}}\n'
        + f'resource "aws_iam_group_policy" "g" {{\ngroup = "ops"\npolicy = {POLICY}\n}}\n'
    )
    found = statements(module)
    assert field(found["aws_iam_role_policy.r#S"].attached_to) == (BOT,)
    assert field(found["aws_iam_user_policy.u#S"].attached_to) == ("eve",)
    assert field(found["aws_iam_group_policy.g#S"].attached_to) == ("ops",)


def test_inline_policies_of_a_role_that_may_be_there() -> None:
    module = 'variable "u" {}\n' + role(
        more='dynamic "inline_policy" {\nfor_each = var.u\ncontent { policy = "{}" }\n}'
    )
    found = resources(module)["aws_iam_role.bot#inline[?].statement-1"]
    assert found.conditional is not None


def test_an_empty_inline_policy_only_takes_others_away() -> None:
    assert not [a for a in statements(role(more="inline_policy {}")) if "inline" in a]


# --- who acts


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ('Service = "ec2.amazonaws.com"', "workload"),
        ('Service = "ec2.amazonaws.com.cn"', "workload"),
        ('Service = "ecs-tasks.amazonaws.com"', "workload"),
        ('Service = ["scheduler.amazonaws.com", "lambda.amazonaws.com"]', "workload"),
        ('Service = "pods.eks.amazonaws.com"', "workload"),
        ('Service = "ec2.${data.aws_partition.p.dns_suffix}"', "workload"),
        ('Service = "eks.amazonaws.com"', "other"),
        ('Service = "codebuild.amazonaws.com"', "ci"),
        ('Service = "vpc-flow-logs.amazonaws.com"', "other"),
        ("Service = var.u", "<a value for var.u>"),
        ('AWS = "arn:aws:iam::123456789012:root"', "human"),
        ('AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"', "human"),
        ('AWS = "123456789012"', "human"),
        ("AWS = data.aws_caller_identity.me.account_id", "human"),
        ('AWS = "*"', "human"),
        ('AWS = "arn:aws:iam::123456789012:user/eve"', "human"),
        ("AWS = aws_iam_user.eve.arn", "human"),
        (
            'AWS = "arn:aws:iam::123456789012:role/x"',
            "<who acts as arn:aws:iam::123456789012:role/x>",
        ),
        ('Federated = "arn:aws:iam::123456789012:saml-provider/okta"', "human"),
        (
            'Federated = "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"',
            "ci",
        ),
        ("Federated = aws_iam_openid_connect_provider.github.arn", "ci"),
        ("Federated = data.aws_iam_openid_connect_provider.gitlab.arn", "ci"),
        ("Federated = aws_iam_openid_connect_provider.eks.arn", "workload"),
        (
            'Federated = "arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"',
            "workload",
        ),
        ("Federated = var.u", "<a value for var.u>"),
    ],
)
def test_who_acts_as_a_role(principal: str, expected: str) -> None:
    policy = (
        'jsonencode({Statement = [{Effect = "Allow", Action = "sts:AssumeRole",'
        f" Principal = {{ {principal} }}}}]}})"
    )
    module = (
        'variable "u" {}\ndata "aws_partition" "p" {}\ndata "aws_caller_identity" "me" {}\n'
        'resource "aws_iam_user" "eve" { name = "eve" }\n'
        'resource "aws_eks_cluster" "c" {}\n'
        'resource "aws_iam_openid_connect_provider" "github" {\n'
        'url = "https://token.actions.githubusercontent.com"\n}\n'
        'resource "aws_iam_openid_connect_provider" "eks" {\n'
        "url = aws_eks_cluster.c.identity[0].oidc[0].issuer\n}\n"
        'data "aws_iam_openid_connect_provider" "gitlab" { url = "https://gitlab.com" }\n'
        + role(policy=policy)
    )
    found = resources(module)["aws_iam_role.bot#trust.statement-1"]
    assert field(found.principal_class) == expected
    assert found.policy_kind == "trust"


def test_subjects_of_a_cluster_tell_what_the_provider_does_not() -> None:
    policy = (
        'jsonencode({Statement = [{Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity",'
        " Principal = { Federated = var.u }, Condition = { StringEquals ="
        ' { "issuer:sub" = "system:serviceaccount:trading:bot" } } }]})'
    )
    found = resources('variable "u" {}\n' + role(policy=policy))
    assert found["aws_iam_role.bot#trust.statement-1"].principal_class == "workload"


@pytest.mark.parametrize(
    "principal",
    [
        "aws_iam_role.bot.arn",
        '"arn:aws:iam::123456789012:role/service/bot-role"',
        '"arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/bot-role"',
    ],
)
def test_a_role_that_a_role_assumes(principal: str) -> None:
    other = (
        f'jsonencode({{Statement = [{{Effect = "Allow", Principal = {{ AWS = {principal} }}}}]}})'
    )
    module = (
        'data "aws_caller_identity" "me" {}\n'
        + role(more='name = "bot-role"')
        + role("other", policy=other)
    )
    found = resources(module)["aws_iam_role.other#trust.statement-1"]
    assert found.principal_class == "workload"


def test_roles_that_assume_each_other() -> None:
    def of(name: str) -> str:
        return (
            'jsonencode({Statement = [{Effect = "Allow",'
            f" Principal = {{ AWS = aws_iam_role.{name}.arn }}}}]}})"
        )

    module = role("a", policy=of("b")) + role("b", policy=of("a")) + role("c", policy=of("c"))
    for name in "abc":
        found = resources(module)[f"aws_iam_role.{name}#trust.statement-1"]
        assert isinstance(found.principal_class, Unknown)


def test_a_principal_that_is_denied_does_not_act() -> None:
    policy = (
        'jsonencode({Statement = [{Effect = "Deny", Principal = { Service = "ec2.amazonaws.com" }},'
        ' {Effect = "Allow", Principal = { Service = "codebuild.amazonaws.com" }}]})'
    )
    found = resources(role(policy=policy))
    assert found["aws_iam_role.bot#trust.statement-1"].principal_class == "ci"


def test_a_policy_of_a_workload_and_a_person_is_one_of_a_workload() -> None:
    module = (
        role()
        + managed()
        + attachment(
            "policy", "aws_iam_policy.p.arn", 'users = ["eve"]\nroles = [aws_iam_role.bot.name]'
        )
    )
    assert resources(module)["aws_iam_policy.p#S"].principal_class == "workload"


def test_a_role_whose_trust_policy_is_not_known() -> None:
    found = resources('variable "u" {}\n' + role(policy="var.u"))
    trusted = found["aws_iam_role.bot#trust.statement-1"]
    assert field(trusted.principal_class) == "<a value for var.u>"


# --- policies that AWS manages


@pytest.mark.parametrize(
    "arn",
    [
        '"arn:aws:iam::aws:policy/AdministratorAccess"',
        '"arn:aws-cn:iam::aws:policy/AdministratorAccess"',
        '"arn:${data.aws_partition.p.partition}:iam::aws:policy/AdministratorAccess"',
        '"arn:${data.aws_partition.p.partition}:iam::aws:policy/${var.name}"',
        "data.aws_iam_policy.by_arn.arn",
        "data.aws_iam_policy.by_name.arn",
    ],
)
def test_administrators(arn: str) -> None:
    module = (
        'variable "name" { default = "AdministratorAccess" }\ndata "aws_partition" "p" {}\n'
        'data "aws_iam_policy" "by_name" { name = "AdministratorAccess" }\n'
        'data "aws_iam_policy" "by_arn" { arn = "arn:aws:iam::aws:policy/AdministratorAccess" }\n'
        + role()
        + attachment("role_policy", arn, "role = aws_iam_role.bot.name")
    )
    found = resources(module)["aws_iam_role_policy_attachment.a#AdministratorAccess"]
    assert (found.effect, found.actions, found.resources) == ("Allow", ("*",), ("*",))
    assert found.managed == "AdministratorAccess"
    assert field(found.attached_to) == (BOT,)
    assert found.provenance("actions[0]")[0].span is not None


def test_policies_that_a_role_lists() -> None:
    module = 'variable "u" {}\n' + role(
        more='managed_policy_arns = ["arn:aws:iam::aws:policy/SecretsManagerReadWrite", var.u]'
    )
    found = statements(module, "aws_iam_role.bot#")
    assert "secretsmanager:*" in found["SecretsManagerReadWrite.statement-1"].actions
    assert field(found["statement-1"].actions) == "<a value for var.u>"


def test_a_policy_of_aws_that_the_table_lacks() -> None:
    module = role() + attachment(
        "role_policy",
        '"arn:aws:iam::aws:policy/service-role/NotListedHere"',
        "role = aws_iam_role.bot.name",
    )
    found = resources(module)["aws_iam_role_policy_attachment.a#NotListedHere"]
    assert found.managed == "NotListedHere"
    assert field(found.actions) == "<the text of the policy NotListedHere>"


def test_a_policy_of_aws_whose_name_is_known_in_part() -> None:
    module = 'variable "u" {}\n' + role()
    module += attachment(
        "role_policy",
        '"arn:aws:iam::aws:policy/Administrator${var.u}"',
        "role = aws_iam_role.bot.name",
    )
    found = resources(module)["aws_iam_role_policy_attachment.a#statement-1"]
    assert not is_known(found.actions)


def test_one_of_two_policies() -> None:
    module = 'variable "u" {}\n' + role()
    module += attachment(
        "role_policy",
        '"arn:aws:iam::aws:policy/${var.u ? "AdministratorAccess" : "AmazonS3ReadOnlyAccess"}"',
        "role = aws_iam_role.bot.name",
    )
    found = statements(module, "aws_iam_role_policy_attachment.a#")
    assert list(found) == ["AdministratorAccess", "AmazonS3ReadOnlyAccess"]
    assert all(each.conditional is not None for each in found.values())


def test_permission_sets_are_for_people() -> None:
    module = (
        'resource "aws_ssoadmin_permission_set" "admin" {}\n'
        'resource "aws_ssoadmin_managed_policy_attachment" "a" {\n'
        "permission_set_arn = aws_ssoadmin_permission_set.admin.arn\n"
        'managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}\n'
        'resource "aws_ssoadmin_permission_set_inline_policy" "i" {\n'
        "permission_set_arn = aws_ssoadmin_permission_set.admin.arn\n"
        f"inline_policy = {POLICY}\n}}\n"
        'resource "aws_ssoadmin_customer_managed_policy_attachment" "c" {\n'
        "permission_set_arn = aws_ssoadmin_permission_set.admin.arn\n"
        'customer_managed_policy_reference {\nname = "mine"\n}\n}\n' + managed('name = "mine"')
    )
    found = statements(module)
    assert len(found) == 3
    for each in found.values():
        assert each.principal_class == "human"
        assert field(each.attached_to) == ("&aws_ssoadmin_permission_set.admin.arn",)


# --- boundaries


def test_a_boundary_of_the_root() -> None:
    module = (
        role(more="permissions_boundary = aws_iam_policy.limit.arn")
        + managed(name="limit")
        + managed()
        + attachment("role_policy", "aws_iam_policy.p.arn", "role = aws_iam_role.bot.name")
    )
    found = statements(module)
    limit = found["aws_iam_policy.limit#boundary.S"]
    assert limit.policy_kind == "boundary"
    assert field(limit.attached_to) == (BOT,)
    assert "aws_iam_policy.limit#S" not in found
    assert field(found["aws_iam_policy.p#S"].boundary) == "&aws_iam_policy.limit.arn"
    assert found["aws_iam_role.bot#trust.statement-1"].boundary is None


def test_a_boundary_that_aws_manages() -> None:
    module = role(more='permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"')
    found = statements(module, "aws_iam_role.bot#boundary.PowerUserAccess.")
    assert [each.policy_kind for each in found.values()] == ["boundary", "boundary"]
    assert found["statement-1"].not_actions == ("iam:*", "organizations:*", "account:*")


def test_a_boundary_that_is_not_known() -> None:
    module = 'variable "u" {}\n' + role(more="permissions_boundary = var.u")
    module += f'resource "aws_iam_role_policy" "p" {{\nrole = "x"\npolicy = {POLICY}\n}}\n'
    module = module.replace('role = "x"', "role = aws_iam_role.bot.id")
    found = statements(module)
    assert field(found["aws_iam_role_policy.p#S"].boundary) == "<a value for var.u>"
    assert "aws_iam_role.bot#boundary.statement-1" in found


def test_a_boundary_that_not_all_have_is_none() -> None:
    module = (
        role(more="permissions_boundary = aws_iam_policy.limit.arn")
        + role("free")
        + managed(name="limit")
        + managed()
        + attachment(
            "policy",
            "aws_iam_policy.p.arn",
            "roles = [aws_iam_role.bot.name, aws_iam_role.free.name]",
        )
    )
    assert statements(module)["aws_iam_policy.p#S"].boundary is None


# --- resource policies

ANYONE = (
    '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "x:*",'
    ' "Resource": ["*", "a"]}]}'
)


@pytest.mark.parametrize(
    ("module", "address", "service", "target"),
    [
        (
            'resource "aws_secretsmanager_secret" "s" {\npolicy = <<EOT\n%s\nEOT\n}\n',
            "aws_secretsmanager_secret.s#statement-1",
            "secretsmanager",
            "&aws_secretsmanager_secret.s.arn",
        ),
        (
            'resource "aws_secretsmanager_secret" "s" {}\n'
            'resource "aws_secretsmanager_secret_policy" "p" {\n'
            "secret_arn = aws_secretsmanager_secret.s.arn\npolicy = <<EOT\n%s\nEOT\n}\n",
            "aws_secretsmanager_secret_policy.p#statement-1",
            "secretsmanager",
            "&aws_secretsmanager_secret.s.arn",
        ),
        (
            'resource "aws_kms_key" "k" {\npolicy = <<EOT\n%s\nEOT\n}\n',
            "aws_kms_key.k#statement-1",
            "kms",
            "&aws_kms_key.k.arn",
        ),
        (
            'resource "aws_kms_key_policy" "p" {\nkey_id = "1234"\npolicy = <<EOT\n%s\nEOT\n}\n',
            "aws_kms_key_policy.p#statement-1",
            "kms",
            "1234",
        ),
    ],
)
def test_policies_of_secrets_and_keys(module: str, address: str, service: str, target: str) -> None:
    found = resources(module % ANYONE)[address]
    assert (found.policy_kind, found.service, found.principals) == ("resource", service, ("*",))
    assert field(found.attached_to) == (target,)
    assert field(found.resources) == (target, "a")


# --- addresses and books


def test_an_address_does_not_change_with_the_order() -> None:
    rows = [f'{{Sid = "{sid}", Effect = "Allow", Action = "{sid}"}}' for sid in ("A", "B", "C")]
    for order in (rows, rows[::-1]):
        policy = f"jsonencode({{Statement = [{', '.join(order)}]}})"
        module = f'resource "aws_iam_policy" "p" {{\npolicy = {policy}\n}}\n'
        found = statements(module, "aws_iam_policy.p#")
        assert {sid: each.actions for sid, each in found.items()} == {
            sid: (sid,) for sid in ("A", "B", "C")
        }


def test_names_that_repeat_are_numbered() -> None:
    names = ("A", "A", "A-2")
    rows = ", ".join(f'{{Sid = "{sid}", Effect = "Allow", Action = "x"}}' for sid in names)
    module = (
        f'resource "aws_iam_policy" "p" {{\npolicy = jsonencode({{Statement = [{rows}]}})\n}}\n'
    )
    assert len(statements(module)) == 3


def test_every_type_that_may_hold_a_statement_is_looked_for() -> None:
    mapper = MAPPERS["IamStatement"]
    types = {*iam_types.POLICIES, *iam_types.ATTACHMENTS, *iam_types.INLINE, *iam_types.RESOURCE}
    types |= {iam_types.SSO_BY_NAME, iam_types.ROLE}
    assert types == {*mapper.types, *mapper.also}


def test_the_books_balance() -> None:
    module = (
        role()
        + managed()
        + managed(name="none", more="count = 0")
        + attachment("role_policy", "aws_iam_policy.p.arn", "role = aws_iam_role.bot.name")
        + 'resource "aws_kms_key" "k" {}\n'
        + 'resource "aws_iam_policy" "empty" {\npolicy = jsonencode({Statement = []})\n}\n'
        + 'resource "aws_iam_access_key" "k" { user = "eve" }\n'
    )
    items = collected(module)
    tallies = [item for item in items if isinstance(item, Tally) and item.kind.startswith("Iam")]
    assert [tally.found for tally in tallies] == [6, 1]
    for tally in tallies:
        assert tally.found == tally.normalised + sum(tally.dropped.values())
    assert not [item for item in items if isinstance(item, Gap)]


def test_access_keys() -> None:
    module = (
        'resource "aws_iam_user" "u" {}\n'
        'resource "aws_iam_access_key" "a" { user = aws_iam_user.u.name }\n'
        'resource "aws_iam_access_key" "b" {\nuser = "eve"\nstatus = "Inactive"\n}\n'
    )
    found = resources(module)
    assert field(found["aws_iam_access_key.a"].user) == "&aws_iam_user.u.name"
    assert found["aws_iam_access_key.a"].status == "Active"
    assert found["aws_iam_access_key.b"].status == "Inactive"


def test_a_reference_keeps_its_identity() -> None:
    module = role() + (
        'resource "aws_secretsmanager_secret" "s" {}\n'
        'resource "aws_iam_role_policy" "p" {\nrole = aws_iam_role.bot.id\npolicy = <<EOT\n'
        '{"Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",'
        ' "Resource": "${aws_secretsmanager_secret.s.arn}"}]}\nEOT\n}\n'
    )
    (found,) = statements(module, "aws_iam_role_policy.p").values()
    (resource,) = found.resources
    assert isinstance(resource, Ref)
    assert resource.address == "aws_secretsmanager_secret.s"
    assert shape(found)["resources"] == (plain(resource),)

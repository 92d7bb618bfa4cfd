"""Policies that are broken, huge or made to mislead: never dropped, never a crash, never slow."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from policyscan.resources.base import Gap, Resource
from policyscan.resources.iam.model import IamStatement
from policyscan.values import is_known
from tests.unit.collectors.terraform.policies import shape, statements
from tests.unit.collectors.terraform.written import collected

BUDGET_SECONDS = 10.0


def policy(expression: str, more: str = "") -> str:
    return (
        f'variable "u" {{}}\n{more}\nresource "aws_iam_policy" "p" {{\npolicy = {expression}\n}}\n'
    )


def heredoc(text: str) -> str:
    return f"<<EOT\n{text}\nEOT"


def only(module: str) -> list[IamStatement]:
    return list(statements(module, "aws_iam_policy.p").values())


BROKEN = [
    heredoc(""),
    heredoc("no JSON"),
    heredoc('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}'),
    heredoc('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},]}'),
    heredoc("{'Statement': []}"),
    heredoc("[]"),
    heredoc("1"),
    heredoc('{"Version": "2012-10-17"}'),
    heredoc('{"Statement": "all"}'),
    heredoc('{"Statement": [17]}'),
    heredoc('{"Statement": [{"Action": "a", "Action": "*", "Effect": "Allow"}]}'),
    heredoc('{"Statement": [{"Action": "a", "action": "*", "Effect": "Allow"}]}'),
    heredoc('{"Statement": [], "Statement": [{"Effect": "Allow", "Action": "*"}]}'),
    heredoc('{"Statement": [{"Effect": "Allow"} ${var.u}]}'),
    heredoc('{"Statement": [{"Effect": "Allow", ${var.u}}]}'),
    heredoc('{"Statement": [{"Effect": "Allow", "Action": "*" ${var.u}}]}'),
    heredoc("${var.u}"),
    heredoc("a ${var.u}"),
    "var.u",
    "missing.thing",
    "local.nothing",
    'file("nowhere.json")',
    'jsonencode({Statement = "x"})',
    "jsonencode(var.u)",
    "jsonencode([1, 2])",
    "data.aws_iam_policy_document.nowhere.json",
    "module.nowhere.policy",
    "aws_iam_policy.p.policy",
    "17",
    "{}",
    '"{}"',
    "base64decode(var.u)",
]


@pytest.mark.parametrize("expression", BROKEN)
def test_what_cannot_be_read_is_a_statement_that_is_not_known(expression: str) -> None:
    (found,) = only(policy(expression))
    for name in ("effect", "actions", "resources"):
        assert not is_known(getattr(found, name)), name


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ('"Effect": "allow", "Action": "*", "Resource": "*"', "effect"),
        ('"Effect": ["Allow"], "Action": "*", "Resource": "*"', "effect"),
        ('"Action": "*", "Resource": "*"', "effect"),
        ('"Effect": "Allow", "Action": {"a": "b"}, "Resource": "*"', "actions"),
        ('"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": "x"', "conditions"),
        ('"Effect": "Allow", "Action": ["a", ${var.u}], "Resource": "*"', "actions"),
        ('"Effect": "Allow", "Action": ${var.u}, "Resource": "*"', "actions"),
        ('"Effect": "${var.u}", "Action": "*", "Resource": "*"', "effect"),
    ],
)
def test_what_is_wrong_in_a_statement_is_not_known(statement: str, field: str) -> None:
    (found,) = only(policy(heredoc('{"Statement": {' + statement + "}}")))
    assert not is_known(getattr(found, field))


def test_names_are_read_however_they_are_capitalised() -> None:
    text = '{"statement": [{"effect": "Allow", "ACTION": "*", "resource": "*"}]}'
    (found,) = only(policy(heredoc(text)))
    assert shape(found) == {"effect": "Allow", "actions": ("*",), "resources": ("*",)}


def test_members_that_are_not_texts_are_not_known() -> None:
    text = '{"Statement": {"Effect": "Allow", "Action": [["*"], {"a": "*"}, null], "Resource": 1}}'
    (found,) = only(policy(heredoc(text)))
    assert [is_known(action) for action in found.actions] == [False, False]
    assert found.resources == ("1",)


@pytest.mark.parametrize("mark", ["\ue000", "\ue0000\ue000", "\ue000\ue001\ue002\ue003"])
def test_a_text_with_the_mark_of_a_hole_in_it(mark: str) -> None:
    text = (
        '{"Statement": {"Effect": "Allow", "Action": "%s", "Resource": "${var.u}"}}' % mark  # noqa: UP031
    )
    (found,) = only(policy(heredoc(text)))
    assert not is_known(found.resources)
    if is_known(found.actions):
        assert found.actions == (mark,)


def big(number: int) -> str:
    rows = [{"Effect": "Allow", "Action": f"a:{n}", "Resource": "*"} for n in range(number)]
    return json.dumps({"Statement": rows})


@pytest.mark.parametrize(
    "module",
    [
        policy(heredoc(big(20_000))),
        policy(heredoc(big(2_000))),
        policy('jsonencode({Statement = [for n in range(50000) : {Action = "a"}]})'),
        policy(
            'jsonencode({Statement = {Effect = "Allow", Action = [for n in range(50000) : "a"]}})'
        ),
        policy(heredoc("[" * 50_000)),
        policy(heredoc('{"Statement": ' + "[" * 150 + "]" * 150 + "}")),
        policy(heredoc('{"Statement": [{"Effect": "' + "${var.u}" * 3_000 + '"}]}')),
        policy(heredoc('{"Statement": [{"Action": "' + "\\\\" * 60_000 + '"}]}')),
        policy(heredoc('{"Statement": [{"Action": [' + '"a", ' * 25_000 + '"b"]}]}')),
    ],
    ids=range(9),
)
def test_huge_documents(module: str) -> None:
    begun = time.process_time()
    found = [item for item in collected(module) if isinstance(item, Resource)]
    assert found
    assert len(found) <= 1_001
    assert time.process_time() - begun < BUDGET_SECONDS


def test_texts_that_double() -> None:
    lines = ['a0 = "x${var.u}"']
    lines += [f'a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"' for n in range(1, 60)]
    lines += ["b0 = jsonencode([local.a0, local.a0])"]
    lines += [f"b{n} = jsonencode([local.b{n - 1}, local.b{n - 1}])" for n in range(1, 60)]
    for name in ("a59", "b59"):
        more = "locals {\n" + "\n".join(lines) + "\n}"
        begun = time.process_time()
        (found,) = only(policy(f"local.{name}", more))
        assert not is_known(found.actions)
        assert time.process_time() - begun < BUDGET_SECONDS


def test_nothing_raises_whatever_stands_where() -> None:
    values = ["null", "17", "true", '""', "[]", "{}", "var.u", '["x", var.u]', "var.u ? 1 : null"]
    blocks = [
        ("aws_iam_role", ("assume_role_policy", "permissions_boundary", "managed_policy_arns")),
        ("aws_iam_role_policy", ("policy", "role")),
        ("aws_iam_policy_attachment", ("policy_arn", "roles", "users", "groups")),
        ("aws_iam_role_policy_attachment", ("policy_arn", "role")),
        ("aws_secretsmanager_secret_policy", ("policy", "secret_arn")),
        ("aws_secretsmanager_secret_version", ("secret_id", "secret_string", "secret_string_wo")),
        ("aws_ssm_parameter", ("type", "value", "value_wo", "key_id")),
        ("aws_kms_key", ("policy",)),
        ("aws_iam_access_key", ("user", "status")),
        ("aws_ssoadmin_customer_managed_policy_attachment", ("customer_managed_policy_reference",)),
    ]
    module = 'variable "u" {}\n'
    for type_, arguments in blocks:
        for number, value in enumerate(values):
            lines = "\n".join(f"{argument} = {value}" for argument in arguments)
            module += f'resource "{type_}" "x{number}" {{\n{lines}\n}}\n'
        module += f'resource "{type_}" "empty" {{}}\n'
    items = collected(module)
    assert not [item for item in items if isinstance(item, Gap)]
    addresses = [item.address for item in items if isinstance(item, Resource)]
    assert len(addresses) == len(set(addresses))


def test_a_long_row_of_roles() -> None:
    def of(principal: str) -> str:
        return f'jsonencode({{Statement = [{{Effect = "Allow", Principal = {{ {principal} }}}}]}})'

    service = of('Service = "ec2.amazonaws.com"')
    module = f'resource "aws_iam_role" "r0" {{\nassume_role_policy = {service}\n}}\n'
    for number in range(1, 500):
        policy = of(f"AWS = aws_iam_role.r{number - 1}.arn")
        module += f'resource "aws_iam_role" "r{number}" {{\nassume_role_policy = {policy}\n}}\n'
    found = statements(module)
    assert found["aws_iam_role.r3#trust.statement-1"].principal_class == "workload"
    assert len(found) == 500


def test_a_role_that_depends_on_itself() -> None:
    module = (
        'resource "aws_iam_role" "r" {\nname = aws_iam_role.r.name\n'
        "assume_role_policy = aws_iam_role.r.assume_role_policy\n}\n"
    )
    found: Any = statements(module)["aws_iam_role.r#trust.statement-1"]
    assert not is_known(found.actions)

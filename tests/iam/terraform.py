"""The documents as Terraform, in every form in which a policy can be written there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.iam.documents import SECRETS, Document, Statement

Files = dict[str, str]
Wired = tuple[str, Files]
"""What is inside the role, and the files beside it."""

_WORLD = """
variable "region" {}
variable "env" {}
variable "verb" {}
variable "arn" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}
data "aws_s3_bucket" "logs" { bucket = "logs" }
data "aws_secretsmanager_secret" "one" { arn = var.arn }
resource "aws_s3_bucket" "logs" {}
"""
_TRUST = (
    '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "ec2.amazonaws.com"}}]}'
)


def _policy(statements: list[Statement]) -> str:
    """The JSON of a policy, as it stands in a template."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _escaped(text: str) -> str:
    return text.replace("&{", "$${")


def _encoded(statements: list[Statement]) -> str:
    return f"jsonencode({_escaped(_policy(statements))})"


def _heredoc(statements: list[Statement]) -> str:
    return f"<<-POLICY\n{_escaped(_policy(statements))}\nPOLICY\n"


def encoded(statements: list[Statement]) -> Wired:
    """A policy of the role, with `jsonencode`."""
    return "", {"policy.tf": _inline(_encoded(statements))}


def heredoc(statements: list[Statement]) -> Wired:
    """A policy of the role, as text."""
    return "", {"policy.tf": _inline(_heredoc(statements))}


def document(statements: list[Statement]) -> Wired:
    """A policy of the role, from a data source."""
    blocks = "\n".join(map(_block, statements))
    source = f'data "aws_iam_policy_document" "bot" {{\n{blocks}\n}}\n'
    return "", {"policy.tf": source + _inline("data.aws_iam_policy_document.bot.json")}


def attached(statements: list[Statement]) -> Wired:
    """A managed policy, attached to the role."""
    text = f"""
resource "aws_iam_policy" "bot" {{
  policy = {_encoded(statements)}
}}
resource "aws_iam_role_policy_attachment" "bot" {{
  role       = aws_iam_role.bot.name
  policy_arn = aws_iam_policy.bot.arn
}}
"""
    return "", {"policy.tf": text}


def inside(statements: list[Statement]) -> Wired:
    """A policy inside of the role."""
    block = f'inline_policy {{\n  name = "bot"\n  policy = {_encoded(statements)}\n}}\n'
    return block, {}


def module(statements: list[Statement]) -> Wired:
    """A policy that a module attaches to the role."""
    inner = """
variable "role" {}
variable "policy" {}
resource "aws_iam_role_policy" "bot" {
  role   = var.role
  policy = var.policy
}
"""
    call = f"""
module "grant" {{
  source = "./grant"
  role   = aws_iam_role.bot.id
  policy = {_encoded(statements)}
}}
"""
    return "", {"grant/main.tf": inner, "policy.tf": call}


FORMS: Mapping[str, Callable[[list[Statement]], Wired]] = {
    "jsonencode": encoded,
    "heredoc": heredoc,
    "data source": document,
    "attached": attached,
    "inline_policy": inside,
    "module": module,
}


def _inline(policy: str) -> str:
    return f"""
resource "aws_iam_role_policy" "bot" {{
  role   = aws_iam_role.bot.id
  policy = {policy}
}}
"""


def _listed(value: Any) -> str:
    return json.dumps(value if isinstance(value, list) else [value])


def _block(statement: Statement) -> str:
    """One statement of the data source, which writes policy variables as they are here."""
    lines = [f"effect = {json.dumps(statement['Effect'])}"]
    for element, argument in (
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ):
        if element in statement:
            lines.append(f"{argument} = {_listed(statement[element])}")
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            test, variable = json.dumps(operator), json.dumps(key)
            given = f"test = {test}\nvariable = {variable}\nvalues = {_listed(values)}"
            lines.append(f"condition {{\n{given}\n}}")
    return "statement {\n" + "\n".join(lines) + "\n}"


def _role(document: Document, inner: str) -> str:
    limit = ""
    if isinstance(document.boundary, str):
        limit = f"permissions_boundary = {json.dumps(document.boundary)}\n"
    elif document.boundary is not None:
        limit = "permissions_boundary = aws_iam_policy.limit.arn\n"
    trust = f"assume_role_policy = jsonencode({_TRUST})\n"
    other = f'resource "aws_iam_role" "other" {{\n{trust}}}\n'
    return f'resource "aws_iam_role" "bot" {{\n{trust}{limit}{inner}}}\n{other}'


def _secrets() -> str:
    return "\n".join(
        f'resource "aws_secretsmanager_secret" "{label}" {{\n'
        f'  name = "{given["name"]}"\n  tags = {json.dumps(given["tags"])}\n}}\n'
        for label, given in SECRETS.items()
    )


def written(document: Document, form: str) -> Files:
    """The files of a root that holds a document in one form."""
    inner, files = FORMS[form](document.statements)
    parts = [_WORLD, _secrets(), _role(document, inner)]
    if isinstance(document.boundary, list):
        limit = _encoded(document.boundary)
        parts.append(f'resource "aws_iam_policy" "limit" {{\n  policy = {limit}\n}}\n')
    if document.of_secret is not None:
        policy = _encoded(document.of_secret)
        parts.append(
            'resource "aws_secretsmanager_secret_policy" "grid" {\n'
            f"  secret_arn = aws_secretsmanager_secret.grid.arn\n  policy = {policy}\n}}\n"
        )
    return {"main.tf": "\n".join(parts), **files}

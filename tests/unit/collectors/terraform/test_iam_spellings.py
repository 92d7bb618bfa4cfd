"""One policy in every form that Terraform has for it: the same statements."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.collectors.terraform.policies import shape, statements

Statement = dict[str, Any]

ROLE = 'resource "aws_iam_role" "bot" {\nassume_role_policy = "{}"\n}\n'
CONTEXT = (
    'variable "region" {}\n'
    'resource "aws_secretsmanager_secret" "key" {}\n'
    'resource "aws_iam_role" "bot" { assume_role_policy = "{}" }\n'
)
TEXTS = ["*", "s3:GetObject", 'quote " and \\ back', "ünï", "<&>", "secretsmanager:Get*"]
KNOWN = ["*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::${aws:username}/x"]
HOLES = {
    "${var.region}": "<a value for var.region>",
    "arn:aws:secretsmanager:${var.region}:123456789012:secret:binance-*": (
        "arn:aws:secretsmanager:<a value for var.region>:123456789012:secret:binance-*"
    ),
    "${aws_secretsmanager_secret.key.arn}": "&aws_secretsmanager_secret.key.arn;",
    "${aws_secretsmanager_secret.key.arn}-*": "&aws_secretsmanager_secret.key.arn;-*",
}
"""What stands in a template, and what it means."""


def policies(resources: list[str]) -> st.SearchStrategy[list[Statement]]:
    """Lists of statements with unique names."""
    some = st.lists(st.sampled_from(resources), min_size=1, max_size=3, unique=True)
    statement = st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "actions": st.tuples(
                st.sampled_from(["Action", "NotAction"]),
                st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True),
            ),
            "resources": st.tuples(st.sampled_from(["Resource", "NotResource"]), some),
            "condition": st.sampled_from([None, ("StringEquals", "aws:x", ["a", "b"])]),
            "named": st.booleans(),
        }
    )
    return st.lists(statement, min_size=1, max_size=3).map(_written)


def _written(chosen: list[dict[str, Any]]) -> list[Statement]:
    written = []
    for number, each in enumerate(chosen):
        statement = {"Sid": f"S{number}"} if each["named"] else {}
        statement["Effect"] = each["Effect"]
        for key, listed in (each["actions"], each["resources"]):
            statement[key] = listed if len(listed) > 1 or number % 2 else listed[0]
        if each["condition"] is not None:
            operator, key, values = each["condition"]
            statement["Condition"] = {operator: {key: values}}
        written.append(statement)
    return written


def expected(policy: list[Statement]) -> list[dict[str, Any]]:
    """The statements by hand: what the collector must say."""
    names = {
        "Action": "actions",
        "NotAction": "not_actions",
        "Resource": "resources",
        "NotResource": "not_resources",
    }
    found = []
    for statement in policy:
        each: dict[str, Any] = {"effect": statement["Effect"]}
        if "Sid" in statement:
            each["sid"] = statement["Sid"]
        for key, name in names.items():
            if key in statement:
                listed = statement[key] if isinstance(statement[key], list) else [statement[key]]
                each[name] = tuple(HOLES.get(text, text) for text in listed)
        for operator, table in statement.get("Condition", {}).items():
            each["conditions"] = tuple(
                (operator, key, tuple(values)) for key, values in table.items()
            )
        found.append(each)
    return found


# --- spellings


def hcl(value: Any) -> str:
    """A value in Terraform's language; `${aws:...}` is escaped, holes are not."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{hcl(k)} = {hcl(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(hcl, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("${aws:", "$${aws:")


def document(policy: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": policy}


def as_json(policy: list[Statement], indent: int | None = 2) -> str:
    return json.dumps(document(policy), indent=indent, ensure_ascii=False)


def in_template(policy: list[Statement]) -> str:
    return as_json(policy).replace("${aws:", "$${aws:")


def role_policy(expression: str, more: str = "") -> dict[str, str]:
    block = (
        'resource "aws_iam_role_policy" "p" {\nrole = aws_iam_role.bot.id\n'
        f"policy = {expression}\n}}\n"
    )
    return {"main.tf": CONTEXT + more + block}


def jsonencode(policy: list[Statement]) -> dict[str, str]:
    return role_policy(f"jsonencode({hcl(document(policy))})")


def heredoc(policy: list[Statement]) -> dict[str, str]:
    return role_policy(f"<<EOT\n{in_template(policy)}\nEOT")


def indented_heredoc(policy: list[Statement]) -> dict[str, str]:
    lines = "\n".join("    " + line for line in in_template(policy).split("\n"))
    return role_policy(f"<<-EOT\n{lines}\n    EOT")


def quoted(policy: list[Statement]) -> dict[str, str]:
    return role_policy(json.dumps(in_template(policy), ensure_ascii=False))


def through_a_local(policy: list[Statement]) -> dict[str, str]:
    more = f"locals {{\nx = jsonencode({hcl(document(policy))})\n}}\n"
    return role_policy("try(local.x, null)", more)


def statements_put_together(policy: list[Statement]) -> dict[str, str]:
    more = f"locals {{\nfirst = {hcl(policy[:1])}\nrest = {hcl(policy[1:])}\n}}\n"
    return role_policy("jsonencode({Statement = concat(local.first, local.rest)})", more)


def through_a_module(policy: list[Statement]) -> dict[str, str]:
    call = f'module "m" {{\nsource = "./m"\npolicy = <<EOT\n{in_template(policy)}\nEOT\n}}\n'
    inner = (
        'variable "policy" { type = string }\n'
        'output "policy" { value = var.policy }\n'
        'resource "aws_x" "y" {}\n'
    )
    return role_policy("module.m.policy", call) | {"m/main.tf": inner}


def joined(policy: list[Statement]) -> dict[str, str]:
    pieces = [hcl(json.dumps(statement, ensure_ascii=False)) for statement in policy]
    listed = f'join(", ", [{", ".join(pieces)}])'
    return role_policy(f'format("{{\\"Statement\\": [%s]}}", {listed})')


def inline(policy: list[Statement]) -> dict[str, str]:
    block = f'name = "p"\npolicy = jsonencode({hcl(document(policy))})\n'
    role = (
        'resource "aws_iam_role" "p" {\nassume_role_policy = "{}"\n'
        f"inline_policy {{\n{block}}}\n}}\n"
    )
    return {"main.tf": CONTEXT + role}


def data_source(policy: list[Statement]) -> dict[str, str]:
    return role_policy("data.aws_iam_policy_document.d.json", source_block("d", policy))


def source_block(name: str, policy: list[Statement], more: str = "") -> str:
    keys = {
        "Action": "actions",
        "NotAction": "not_actions",
        "Resource": "resources",
        "NotResource": "not_resources",
    }
    blocks = []
    for statement in policy:
        lines = [f"effect = {hcl(statement['Effect'])}"]
        if "Sid" in statement:
            lines.append(f"sid = {hcl(statement['Sid'])}")
        for key, argument in keys.items():
            if key in statement:
                listed = statement[key] if isinstance(statement[key], list) else [statement[key]]
                lines.append(f"{argument} = {hcl(listed).replace('$${aws:', '&{aws:')}")
        for operator, table in statement.get("Condition", {}).items():
            for key, values in table.items():
                lines.append(
                    f"condition {{\ntest = {hcl(operator)}\nvariable = {hcl(key)}\n"
                    f"values = {hcl(values)}\n}}"
                )
        blocks.append("statement {\n" + "\n".join(lines) + "\n}\n")
    return f'data "aws_iam_policy_document" "{name}" {{\n{more}{"".join(blocks)}}}\n'


def merged_data_sources(policy: list[Statement]) -> dict[str, str]:
    sources = "source_policy_documents = [data.aws_iam_policy_document.a.json]\n"
    more = source_block("a", policy[:1]) + source_block("d", policy[1:], sources)
    return role_policy("data.aws_iam_policy_document.d.minified_json", more)


def dynamic_statements(policy: list[Statement]) -> dict[str, str]:
    rows = [
        {
            "sid": each.get("Sid"),
            "effect": each["Effect"],
            **{
                key: each[key]
                if isinstance(each.get(key), list)
                else [each[key]]
                if key in each
                else None
                for key in ("Action", "NotAction", "Resource", "NotResource")
            },
            "conditions": [
                {"test": operator, "variable": key, "values": values}
                for operator, table in each.get("Condition", {}).items()
                for key, values in table.items()
            ],
        }
        for each in policy
    ]
    block = f"""
    locals {{
      rows = {hcl(rows)}
    }}
    data "aws_iam_policy_document" "d" {{
      dynamic "statement" {{
        for_each = local.rows
        iterator = row
        content {{
          sid           = row.value.sid
          effect        = row.value.effect
          actions       = row.value.Action
          not_actions   = row.value.NotAction
          resources     = row.value.Resource
          not_resources = row.value.NotResource
          dynamic "condition" {{
            for_each = row.value.conditions
            content {{
              test     = condition.value.test
              variable = condition.value.variable
              values   = condition.value.values
            }}
          }}
        }}
      }}
    }}
    """
    return role_policy("data.aws_iam_policy_document.d.json", block)


def managed(policy: list[Statement]) -> dict[str, str]:
    block = (
        f'resource "aws_iam_policy" "p" {{\npolicy = jsonencode({hcl(document(policy))})\n}}\n'
        'resource "aws_iam_role_policy_attachment" "p" {\n'
        "role = aws_iam_role.bot.name\npolicy_arn = aws_iam_policy.p.arn\n}\n"
    )
    return {"main.tf": CONTEXT + block}


def from_a_template(policy: list[Statement]) -> dict[str, str]:
    text = in_template(policy)
    text = text.replace("${var.region}", "${region}")
    text = text.replace("${aws_secretsmanager_secret.key.arn}", "${key}")
    names = "{region = var.region, key = aws_secretsmanager_secret.key.arn}"
    return role_policy(f'templatefile("${{path.module}}/p.tpl", {names})') | {"p.tpl": text}


def from_a_rendered_template(policy: list[Statement]) -> dict[str, str]:
    files = from_a_template(policy)
    more = (
        'data "template_file" "t" {\ntemplate = file("${path.module}/p.tpl")\n'
        "vars = {\nregion = var.region\nkey = aws_secretsmanager_secret.key.arn\n}\n}\n"
    )
    return role_policy("data.template_file.t.rendered", more) | {"p.tpl": files["p.tpl"]}


def from_a_file(policy: list[Statement]) -> dict[str, str]:
    return role_policy('file("${path.module}/p.json")') | {"p.json": as_json(policy)}


def by_default(policy: list[Statement]) -> dict[str, str]:
    more = f'variable "policy" {{\ndefault = <<EOT\n{in_template(policy)}\nEOT\n}}\n'
    return role_policy("var.policy", more)


def read_and_written_again(policy: list[Statement]) -> dict[str, str]:
    return role_policy(f"jsonencode(jsondecode(<<EOT\n{in_template(policy)}\nEOT\n))")


ALWAYS = [
    jsonencode,
    heredoc,
    indented_heredoc,
    quoted,
    through_a_local,
    statements_put_together,
    through_a_module,
    inline,
    data_source,
    merged_data_sources,
    dynamic_statements,
    managed,
    joined,
    from_a_template,
    from_a_rendered_template,
    read_and_written_again,
]
WITHOUT_HOLES = [from_a_file, by_default]


def read(files: dict[str, str]) -> list[dict[str, Any]]:
    found = statements(files)
    shapes = [
        shape(each)
        for address, each in found.items()
        if each.policy_kind == "identity" and ".p#" in address
    ]
    for each in shapes:
        # What is not known at all may be a text or a list of them.
        each |= {key: (text,) for key, text in each.items() if text == "<a value for var.region>"}
    return shapes


@pytest.mark.parametrize("spelling", [*ALWAYS, *WITHOUT_HOLES], ids=lambda f: f.__name__)
@settings(max_examples=15, deadline=None)
@given(policy=policies(KNOWN))
def test_every_form_gives_the_same_statements(spelling: Any, policy: list[Statement]) -> None:
    assert read(spelling(policy)) == expected(policy)


@pytest.mark.parametrize("spelling", ALWAYS, ids=lambda f: f.__name__)
@settings(max_examples=15, deadline=None)
@given(policy=policies([*KNOWN, *HOLES]))
def test_what_is_not_known_leaves_the_rest_known(spelling: Any, policy: list[Statement]) -> None:
    assert read(spelling(policy)) == expected(policy)


@pytest.mark.parametrize("spelling", [*ALWAYS[:-1], *WITHOUT_HOLES], ids=lambda f: f.__name__)
def test_a_finding_points_at_the_line_of_the_action(spelling: Any) -> None:
    policy = [
        {"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"},
        {"Sid": "S", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
    ]
    files = spelling(policy)
    found = [each for address, each in statements(files).items() if ".p#" in address]
    found = [each for each in found if each.policy_kind == "identity"]
    for statement, wanted in zip(
        found, (["s3:GetObject", "kms:Decrypt"], ["s3:PutObject"]), strict=True
    ):
        for number, action in enumerate(wanted):
            step = statement.provenance(f"actions[{number}]")[0]
            assert step.span is not None
            line = step.span.source.line_text(step.span.line)
            assert action in line, (spelling, line)

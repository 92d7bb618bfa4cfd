"""The data source `aws_iam_policy_document`, by the documentation of the provider."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.collectors.terraform.policies import shape, statements

ROLE = (
    'variable "u" {}\n'
    'resource "aws_iam_role" "r" { assume_role_policy = "{}" }\n'
    'resource "aws_iam_role_policy" "p" {\n'
    "role = aws_iam_role.r.id\npolicy = data.aws_iam_policy_document.d.json\n}\n"
)


def read(module: str) -> dict[str, dict[str, Any]]:
    found = statements(ROLE + module, "aws_iam_role_policy.p#")
    return {sid: shape(statement) for sid, statement in found.items()}


def document(body: str, name: str = "d") -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\n{body}\n}}\n'


def statement(sid: str, action: str, effect: str = "Allow") -> str:
    return (
        f'statement {{\nsid = "{sid}"\neffect = "{effect}"\n'
        f'actions = ["{action}"]\nresources = ["*"]\n}}\n'
    )


def actions(module: str) -> list[tuple[str, Any]]:
    return [(sid, each.get("actions")) for sid, each in read(module).items()]


def test_a_statement_allows_unless_it_says_otherwise() -> None:
    module = document('statement {\nactions = ["a:b"]\nresources = ["*"]\n}')
    assert read(module) == {
        "statement-1": {"effect": "Allow", "actions": ("a:b",), "resources": ("*",)}
    }


def test_variables_of_the_policy() -> None:
    module = document(
        'statement {\nactions = ["a:b"]\n'
        'resources = ["arn:aws:s3:::home/&{aws:username}/*", "$${aws:userid}"]\n}'
    )
    found = read(module)["statement-1"]["resources"]
    assert found == ("arn:aws:s3:::home/${aws:username}/*", "${aws:userid}")


def test_principals_by_type() -> None:
    module = document(
        """
        statement {
          actions = ["sts:AssumeRole"]
          principals {
            type        = "AWS"
            identifiers = ["arn:aws:iam::123456789012:root", var.u]
          }
          principals {
            type        = "Service"
            identifiers = ["ec2.amazonaws.com"]
          }
          not_principals {
            type        = "*"
            identifiers = ["*"]
          }
        }
        """
    )
    found = read(module)["statement-1"]
    assert found["principals"] == (
        "arn:aws:iam::123456789012:root",
        "<a value for var.u>",
        "Service:ec2.amazonaws.com",
    )
    assert found["not_principals"] == ("*",)


def test_conditions_of_one_test_and_key_are_put_together() -> None:
    condition = 'condition {\ntest = "%s"\nvariable = "%s"\nvalues = %s\n}\n'
    module = document(
        'statement {\nactions = ["a:b"]\n'
        + condition % ("StringLike", "aws:x", '["a"]')
        + condition % ("StringLike", "aws:x", '["b"]')
        + condition % ("StringLike", "aws:y", "[var.u]")
        + condition % ("Bool", "aws:SecureTransport", '["true"]')
        + "}"
    )
    assert read(module)["statement-1"]["conditions"] == (
        ("StringLike", "aws:x", ("a", "b")),
        ("StringLike", "aws:y", ("<a value for var.u>",)),
        ("Bool", "aws:SecureTransport", ("true",)),
    )


@pytest.mark.parametrize("argument", ["source_policy_documents", "override_policy_documents"])
def test_documents_are_put_together_in_order(argument: str) -> None:
    names = ["data.aws_iam_policy_document.a.json", "data.aws_iam_policy_document.b.json"]
    own = statement("C", "c:c")
    module = (
        document(statement("A", "a:a"), "a")
        + document(statement("B", "b:b"), "b")
        + document(f"{argument} = [{', '.join(names)}]\n{own}")
    )
    order = "ABC" if argument.startswith("source") else "CAB"
    assert [sid for sid, _ in actions(module)] == list(order)


def test_a_statement_overrides_the_one_with_its_name() -> None:
    module = (
        document(statement("A", "a:old") + statement("B", "b:old"), "source")
        + document(statement("B", "b:last", "Deny") + statement("", "n:n"), "override")
        + document(
            "source_policy_documents = [data.aws_iam_policy_document.source.json]\n"
            "override_policy_documents = [data.aws_iam_policy_document.override.json]\n"
            + statement("A", "a:new")
            + statement("C", "c:c")
        )
    )
    assert actions(module) == [
        ("A", ("a:new",)),
        ("B", ("b:last",)),
        ("C", ("c:c",)),
        ("statement-1", ("n:n",)),
    ]
    assert read(module)["B"]["effect"] == "Deny"


def test_later_overrides_win() -> None:
    module = (
        document(statement("A", "a:one"), "one")
        + document(statement("A", "a:two"), "two")
        + document(
            "override_policy_documents = [data.aws_iam_policy_document.one.json,"
            " data.aws_iam_policy_document.two.json]\n" + statement("A", "a:own")
        )
    )
    assert actions(module) == [("A", ("a:two",))]


def test_the_deprecated_arguments() -> None:
    text = '{"Statement": {"Sid": "%s", "Effect": "Allow", "Action": "%s", "Resource": "*"}}'
    module = document(
        "source_json = <<EOT\n" + text % ("A", "a:source") + "\nEOT\n"
        "override_json = <<EOT\n"
        + text % ("B", "b:override")
        + "\nEOT\n"
        + statement("A", "a:own")
        + statement("B", "b:own")
    )
    assert actions(module) == [("A", ("a:own",)), ("B", ("b:override",))]


def test_without_a_name_nothing_is_overridden() -> None:
    module = document(statement("", "a:a"), "a") + document(
        "override_policy_documents = [data.aws_iam_policy_document.a.json]\n" + statement("", "b:b")
    )
    assert [each for _, each in actions(module)] == [("b:b",), ("a:a",)]


def test_a_document_that_is_not_known_leaves_the_others() -> None:
    module = document("source_policy_documents = [var.u]\n" + statement("A", "a:a"))
    found = statements(ROLE + module, "aws_iam_role_policy.p#")
    assert list(found) == ["A", "statement-1"]
    assert shape(found["statement-1"])["effect"] == "<a value for var.u>"
    assert found["statement-1"].conditional is not None
    assert found["A"].conditional is None


def test_an_override_that_is_not_known_may_take_the_place_of_statements_with_a_name() -> None:
    module = document(
        "override_policy_documents = [var.u]\n" + statement("A", "a:a") + statement("", "b:b")
    )
    found = statements(ROLE + module, "aws_iam_role_policy.p#")
    assert {sid: each.conditional is None for sid, each in found.items()} == {
        "A": False,
        "statement-1": True,
        "statement-2": False,
    }


def test_a_statement_whose_name_is_not_known_may_override_too() -> None:
    override = 'statement {\nsid = var.u\nactions = ["x:x"]\nresources = ["*"]\n}\n'
    module = document(override, "o") + document(
        "override_policy_documents = [data.aws_iam_policy_document.o.json]\n"
        + statement("A", "a:a")
    )
    found = statements(ROLE + module, "aws_iam_role_policy.p#")
    assert found["A"].conditional is not None
    assert shape(found["statement-1"])["actions"] == ("x:x",)


def test_sources_under_a_condition_are_statements_under_a_condition() -> None:
    module = document(statement("A", "a:a"), "a") + document(
        "source_policy_documents = var.u ? [data.aws_iam_policy_document.a.json] : []\n"
        + statement("B", "b:b")
    )
    found = statements(ROLE + module, "aws_iam_role_policy.p#")
    assert "B" in found
    assert any(each.conditional is not None for each in found.values())


def test_dynamic_statements_of_unknown_number() -> None:
    module = document(
        'dynamic "statement" {\nfor_each = var.u\ncontent { actions = ["a:b"] }\n}\n'
        + statement("A", "a:a")
    )
    found = statements(ROLE + module, "aws_iam_role_policy.p#")
    assert list(found) == ["A", "statement-1"]
    assert found["statement-1"].conditional is not None


@pytest.mark.parametrize(
    ("block", "field"),
    [
        ('dynamic "principals" {\nfor_each = var.u\ncontent {}\n}', "principals"),
        ('dynamic "condition" {\nfor_each = var.u\ncontent {}\n}', "conditions"),
        ("principals {\ntype = var.u\nidentifiers = []\n}", "principals"),
        ("actions = var.u", "actions"),
        ("resources = var.u", "resources"),
        ("effect = var.u", "effect"),
    ],
)
def test_what_is_not_known_in_a_statement(block: str, field: str) -> None:
    module = document(f"statement {{\n{block}\n}}")
    assert str(read(module)["statement-1"][field]).startswith("<")


def test_documents_of_documents_do_not_grow_without_end() -> None:
    module = document(statement("", "a:b"), "d0")
    for number in range(1, 40):
        before = f"data.aws_iam_policy_document.d{number - 1}.json"
        name = "d" if number == 39 else f"d{number}"
        module += document(f"source_policy_documents = [{before}, {before}]", name)
    found = statements(ROLE + module, "aws_iam_role_policy.p#")
    assert len(found) == 1001
    assert list(found.values())[-1].conditional is not None


def test_a_document_that_is_its_own_source() -> None:
    module = document("source_policy_documents = [data.aws_iam_policy_document.d.json]")
    assert str(read(module)["statement-1"]["effect"]).startswith("<")

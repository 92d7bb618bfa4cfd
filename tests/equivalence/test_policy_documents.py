"""One policy document, in Terraform and as AWS hands it out, gives the same statements."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.resources.base import Step, StepKind
from policyscan.resources.iam.documents import statements_of
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.iam.written import Written
from policyscan.values import Unknown
from tests.unit.collectors.terraform.policies import FIELDS, plain, statements

_TEXTS = st.sampled_from(
    [
        "*",
        "s3:*",
        "Allow",
        "Deny",
        "allow",
        "arn:aws:iam::111122223333:role/bot",
        "ec2.amazonaws.com",
    ]
)
_SCALARS = st.one_of(_TEXTS, st.booleans(), st.integers(-5, 50), st.none())
_LISTS = st.one_of(_SCALARS, st.lists(_SCALARS, max_size=3), st.just({"a": "b"}), st.just([["x"]]))
_TABLES = st.dictionaries(
    st.sampled_from(["AWS", "Service", "Federated", "aws"]), _LISTS, max_size=2
)
_CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "Bool", "Null"]),
    st.one_of(
        st.dictionaries(st.sampled_from(["aws:SourceIp", "k"]), _LISTS, max_size=2), _SCALARS
    ),
    max_size=2,
)
_STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Sid": _SCALARS,
        "Effect": st.one_of(st.sampled_from(["Allow", "Deny"]), _LISTS),
        "effect": st.just("Allow"),
        "Action": _LISTS,
        "NotAction": _LISTS,
        "RESOURCE": _LISTS,
        "NotResource": _LISTS,
        "Principal": st.one_of(_LISTS, _TABLES),
        "NotPrincipal": st.one_of(_LISTS, _TABLES),
        "Condition": st.one_of(_SCALARS, _CONDITIONS),
    },
)
_WITHIN = st.one_of(_STATEMENTS, st.lists(st.one_of(_STATEMENTS, _SCALARS), max_size=3), _SCALARS)
_DOCUMENTS = st.one_of(
    st.fixed_dictionaries({}, optional={"Version": _TEXTS, "Statement": _WITHIN, "Id": _TEXTS}),
    st.lists(_STATEMENTS, max_size=1),
)


def known(value: Any) -> Any:
    """A value to compare; why one is not known is said by each reader in its own words."""
    if isinstance(value, Unknown):
        return "not known"
    if isinstance(value, tuple):
        return tuple(map(known, value))
    if hasattr(value, "operator"):
        return known(value.operator), known(value.key), known(value.values)
    return plain(value)


def of_terraform(document: Any) -> list[dict[str, Any]]:
    text = json.dumps(json.dumps(document)).replace("${", "$${").replace("%{", "%%{")
    found = statements({"main.tf": f'resource "aws_iam_policy" "p" {{\n  policy = {text}\n}}\n'})
    return [{name: known(getattr(one, name)) for name in FIELDS} for one in found.values()]


def of_data(document: Any) -> list[dict[str, Any]]:
    empty = {
        name: known(IamStatement.model_fields[name].default) for name in FIELDS if name != "effect"
    }
    return [{**empty, **shown(one)} for one in statements_of(document, chain)]


def shown(one: Written) -> dict[str, Any]:
    return {name: known(value) for name, value in one.values.items()}


def chain(path: str) -> tuple[Step, ...]:
    return (Step(StepKind.ANSWER, path),)


@given(_DOCUMENTS)
@settings(max_examples=300, deadline=None)
def test_a_document_says_the_same_in_both(document: Any) -> None:
    assert of_data(document) == of_terraform(document)
    assert of_data(json.dumps(document)) == of_data(document)


def test_each_value_knows_its_place() -> None:
    document = {
        "Statement": [
            {"Effect": "Deny"},
            {"Effect": "Allow", "Action": ["a", "b"], "Principal": {"AWS": ["x"], "Service": "y"}},
        ]
    }
    chains = statements_of(document, chain)[1].chains
    labels = {field: steps[0].label for field, steps in chains.items()}
    assert labels["effect"] == "Statement[1].Effect"
    assert labels["actions[1]"] == "Statement[1].Action[1]"
    assert labels["principals[0]"] == "Statement[1].Principal.AWS[0]"
    assert labels["principals[1]"] == "Statement[1].Principal.Service"

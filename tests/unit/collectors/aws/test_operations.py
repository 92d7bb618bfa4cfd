"""The table of operations, against the models that botocore ships."""

from __future__ import annotations

import ast
import functools
import re
from typing import Any

import boto3
import jmespath
import pytest

from policyscan.collectors.aws import AwsCollector
from policyscan.collectors.aws.operation import Operation
from policyscan.collectors.aws.operations import ALLOWED, OPERATIONS, PERMISSIONS
from policyscan.collectors.aws.reading import READERS
from policyscan.collectors.aws.session import Meter, Sessions
from policyscan.errors import InvariantError
from policyscan.resources.kinds import MODULES
from tests.architecture.source import ROOT, modules

READS_VALUES = re.compile(
    r"GetSecretValue|BatchGetSecretValue|GetParameter\w*|GetRandomPassword|Decrypt|GenerateData\w+"
    r"|GetObject|GetItem|GetRecords|GetLogEvents|FilterLogEvents|GetPasswordData|GetSessionToken"
    r"|GetFederationToken|GetAuthorizationToken|GetCredentials\w*|GetConsoleOutput"
    r"|DescribeInstanceAttribute|GetFunction\w*|GetExport\w*|GetData\w*"
)
"""Operations that read what is kept, not what it is."""


@functools.cache
def client(service: str) -> Any:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client(service, region_name="eu-west-1", **keys)


def model(operation: Operation) -> Any:
    return client(operation.service).meta.service_model.operation_model(operation.name)


def method(operation: Operation) -> str:
    names = client(operation.service).meta.method_to_api_mapping
    return next(python for python, name in names.items() if name == operation.name)


each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.subject)


@each_operation
def test_it_reads_and_reads_no_values(operation: Operation) -> None:
    assert re.fullmatch(r"(Describe|List|Get)[A-Z]\w+", operation.name)
    assert not READS_VALUES.fullmatch(operation.name)
    assert re.fullmatch(r"[a-z0-9-]+:(Describe|List|Get)[A-Z]\w+", operation.permission)


@each_operation
def test_it_is_what_the_service_has(operation: Operation) -> None:
    found = model(operation)
    assert operation.member in found.output_shape.members
    for path in operation.needs:
        inner = found.output_shape
        for name in path.replace("[]", "").split("."):
            inner = inner.member if inner.type_name == "list" else inner
            if inner.type_name == "map":
                break
            assert name in inner.members, path
            inner = inner.members[name]
    inputs = found.input_shape.members if found.input_shape else {}
    assert {*operation.parameters} <= {*inputs}
    if operation.parameter:
        assert inputs[operation.parameter].type_name == ("list" if operation.batch else "string")
        required = {*found.input_shape.required_members} - {*operation.parameters}
        assert required <= {operation.parameter}
    else:
        assert {*(found.input_shape.required_members if found.input_shape else ())} <= {
            *operation.parameters
        }


@each_operation
def test_what_has_pages_is_paged(operation: Operation) -> None:
    """botocore has a paginator, or the table names the token, or there is no token."""
    tokens = {"NextToken", "nextToken", "NextMarker", "Marker", "PaginationToken"}
    has_token = bool(tokens & {*model(operation).output_shape.members})
    pageable = client(operation.service).can_paginate(method(operation))
    if operation.token:
        assert not pageable
        assert operation.token in model(operation).output_shape.members
        assert operation.token in model(operation).input_shape.members
    else:
        assert pageable or not has_token


@each_operation
def test_it_is_asked_about_what_was_listed_before_by_the_same_service(
    operation: Operation,
) -> None:
    assert bool(operation.about) == bool(operation.each) == bool(operation.parameter)
    if operation.about:
        jmespath.compile(operation.each.replace("$regions", "[]").replace("$region", "x"))
        before = OPERATIONS[: OPERATIONS.index(operation)]
        (listing,) = (each for each in before if each.subject == operation.about)
        assert listing.service == operation.service
        assert listing.scope == operation.scope
        assert {*operation.kinds} <= {*listing.kinds}


def test_the_table_is_one_of_known_kinds_that_have_readers() -> None:
    subjects = [each.subject for each in OPERATIONS]
    assert len({*subjects}) == len(subjects)
    kinds = {kind for each in OPERATIONS for kind in each.kinds}
    assert kinds == {*READERS} == {*PERMISSIONS} == {*AwsCollector.kinds}
    assert kinds <= {*MODULES}


# -- only what is listed, and no page left out --------------------------------------------------


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("ec2", "describe_instances"),
        ("ec2", "delete_security_group"),
        ("secretsmanager", "get_secret_value"),
        ("logs", "filter_log_events"),
        ("sts", "get_session_token"),
    ],
)
def test_a_client_refuses_what_is_not_listed(service: str, call: str) -> None:
    meter = Meter()
    meter.start()
    made = Sessions({}).client(service, "eu-west-1", meter)
    with pytest.raises(InvariantError, match="is not an operation that may be asked"):
        getattr(made, call)()
    assert meter.calls == 0


def test_no_code_calls_a_pageable_operation_itself() -> None:
    """Nor any other of the services in the table, but by way of `pages`."""
    named = {
        name: f"{service}:{api}"
        for service in {subject.partition(":")[0] for subject in ALLOWED}
        for name, api in client(service).meta.method_to_api_mapping.items()
    }
    calls = [
        (module.name, node.func.attr)
        for module in modules()
        if module.name.startswith("policyscan.collectors.aws")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in named
    ]
    assert calls == [("policyscan.collectors.aws.session", "assume_role")]


def test_what_reads_answers_asks_nothing() -> None:
    for module in modules():
        if module.name.startswith("policyscan.collectors.aws.kinds."):
            used = {name.partition(".")[0] for name, _ in module.imports()}
            assert not used & {"boto3", "botocore", "jmespath"}, module.shown


def test_the_page_lists_what_each_kind_needs() -> None:
    text = (ROOT / "docs" / "aws.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE)
    listed = {kind: {*re.findall(r"`([^`]+)`", cells)} for kind, cells in rows}
    assert listed == {
        kind: {*needed} - {"sts:GetCallerIdentity"} for kind, needed in PERMISSIONS.items()
    }

"""Which workloads name which secrets."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.inventory.readers import reader_environments, readers_of, with_readers
from policyscan.resources.base import Origin, ProofLevel, Resource
from policyscan.resources.keys import Secret
from policyscan.resources.workloads import Workload
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why

UNKNOWN = Unknown(Why.VARIABLE_UNSET, "a value for var.secret")
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"


def origin(unit: str) -> Origin:
    return Origin("terraform", ".", unit, None, ProofLevel.CONFIGURED)


def secret(name: Any, address: str = "aws_secretsmanager_secret.k", unit: str = "a") -> Secret:
    return Secret(
        address=address, origin=origin(unit), name=name, purpose="exchange_api_key",
        kms="customer", rotation_enabled=False, environment="production",
    )  # fmt: skip


def workload(secrets: Any, environment: Any = "production", unit: str = "a") -> Workload:
    return Workload(
        address="aws_lambda_function.f", origin=origin(unit), form="lambda", secrets=secrets,
        environment=environment,
    )  # fmt: skip


def reads(named: Any, name: Any = "prod/bot", **changes: Any) -> bool | None:
    """Whether a workload that names these secrets reads the secret; None if that is not known."""
    found = readers_of([secret(name, **changes)], [workload(named)])[0]
    return True if found.certain else None if any(found.doubts()) else False


K = "aws_secretsmanager_secret.k"


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ((), False),
        ((Ref(K, "arn"),), True),
        ((Ref(f"{K}2", "arn"),), False),
        ((Ref("data.aws_secretsmanager_secret.k"),), None),
        (("prod/bot",), True),
        (("prod/bot2",), False),
        ((f"{ARN}prod/bot-AbCdEf",), True),
        ((f"{ARN}prod/bot",), True),
        ((f"{ARN}other-AbCdEf",), False),
        (UNKNOWN, None),
        ((UNKNOWN,), None),
        ((UNKNOWN, "prod/bot"), True),
        (PartialList((), UNKNOWN), None),
        (PartialList(("prod/bot",), UNKNOWN), True),
        (PartialList(("other",), UNKNOWN), None),
        ((OneOf((Alternative("prod/bot", ()), Alternative("other", ())), UNKNOWN),), None),
        ((OneOf((Alternative("another", ()), Alternative("other", ())), UNKNOWN),), False),
    ],
)
def test_what_a_workload_names(named: Any, expected: bool | None) -> None:
    assert reads(named) is expected


def test_a_secret_whose_name_is_not_known() -> None:
    assert reads(("prod/bot",), name=UNKNOWN) is None
    assert reads((Ref(K, "arn"),), name=UNKNOWN) is True
    assert reads((Ref(f"{K}2", "arn"),), name=UNKNOWN) is False


def test_a_reference_stays_in_its_root_and_a_name_does_not() -> None:
    assert reads((Ref(K, "arn"),), unit="b") is False
    assert reads(("prod/bot",), unit="b") is True


def test_an_instance_of_unknown_number_may_be_the_one() -> None:
    assert reads((Ref(f"{K}[?]", "arn"),), address=f"{K}[?]") is None


def test_an_arn_of_a_name_that_ends_like_its_suffix() -> None:
    assert reads((f"{ARN}bot-abcdef-AbCdEf",), name="bot-abcdef") is True
    assert reads((f"{ARN}bot-abcdef",), name="bot-abcdef") is True


def environments(*workloads: Resource) -> Any:
    own = secret("prod/bot")
    return reader_environments(own, readers_of([own], workloads)[0])


def test_environments_are_told_once_each() -> None:
    readers = [workload(("prod/bot",), each) for each in ("production", "staging", "production")]
    assert environments(*readers) == ("production", "staging")
    assert environments() == ()


def test_a_possible_reader_leaves_them_open_unless_it_adds_none() -> None:
    assert environments(workload(UNKNOWN, "production")) == ()
    found = environments(workload(("prod/bot",)), workload(UNKNOWN, "staging"))
    assert isinstance(found, PartialList)
    assert found.known == ("production",)
    assert isinstance(environments(workload(UNKNOWN, UNKNOWN)), PartialList)


def test_the_search_is_linear() -> None:
    secrets: list[Resource] = [secret(f"prod/{n}", f"{K}{n}") for n in range(2000)]
    readers: list[Resource] = [workload((f"prod/{n}", "stray")) for n in range(2000)]
    found = readers_of(secrets, readers)
    assert all(len(each.certain) == 1 and not any(each.doubts()) for each in found)


def test_many_that_may_read_any_cost_no_more_than_one() -> None:
    secrets: list[Resource] = [secret(f"prod/{n}", f"{K}{n}") for n in range(3000)]
    readers: list[Resource] = [workload(UNKNOWN) for _ in range(3000)]
    found = zip(secrets, readers_of(secrets, readers), strict=True)
    assert all(reader_environments(*pair) == () for pair in found)


def test_each_environment_is_told_with_a_reader_that_is_there() -> None:
    found, *_ = with_readers(
        [
            secret("prod/bot"),
            workload(("prod/bot",)),
            workload(("prod/bot",), "staging").model_copy(
                update={"address": "aws_lambda_function.canary"}
            ),
        ]
    )
    labels = [step.label for n in (0, 1) for step in found.chains[f"reader_environments[{n}]"]]
    assert labels == ["aws_lambda_function.f reads it", "aws_lambda_function.canary reads it"]

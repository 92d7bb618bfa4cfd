"""The fault proxy itself, with plain botocore clients and a moto server behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from tests.live.fault_proxy import Call, Fault, FaultProxy
from tests.moto_account import Account

GROUPS = ("ec2", "describe_security_groups", "ec2:DescribeSecurityGroups")
USERS = ("iam", "list_users", "iam:ListUsers")
SECRETS = ("secretsmanager", "list_secrets", "secretsmanager:ListSecrets")
DETECTORS = ("guardduty", "list_detectors", "guardduty:ListDetectors")
EACH = [GROUPS, USERS, SECRETS, DETECTORS]
"""One for each way in which services speak: ec2, query, JSON and REST."""


@pytest.fixture
def proxy(account: Account) -> Iterator[FaultProxy]:
    with FaultProxy(account.url) as proxy:
        yield proxy


def ask(proxy: FaultProxy, service: str, method: str, **settings: object) -> dict:
    return getattr(Account(proxy.url).client(service, **settings), method)()


def last_call(proxy: FaultProxy, service: str, method: str) -> Call:
    ask(proxy, service, method)
    return proxy.calls[-1]


@pytest.mark.parametrize(("service", "method", "subject"), EACH)
def test_a_call_is_recognised(proxy: FaultProxy, service: str, method: str, subject: str) -> None:
    call = last_call(proxy, service, method)
    assert call.subject == subject
    assert call.region == "eu-west-1"
    assert call.caller == "testing"


def test_a_rest_operation_is_the_most_particular_one(proxy: FaultProxy, account: Account) -> None:
    detector = account.client("guardduty").create_detector(Enable=True)["DetectorId"]
    asked = Account(proxy.url).client("guardduty")
    asked.get_detector(DetectorId=detector)
    asked.get_administrator_account(DetectorId=detector)
    operations = [call.operation for call in proxy.calls]
    assert operations == ["GetDetector", "GetAdministratorAccount"]


def test_calls_with_other_parameters_are_other_calls(proxy: FaultProxy) -> None:
    ec2 = Account(proxy.url).client("ec2")
    for names in (["default"], ["none"], ["default"]):
        ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": names}])
    first, second, third = proxy.calls
    assert first == third
    assert first != second


@pytest.mark.parametrize(("service", "method", "subject"), EACH)
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.DENIED, ("AccessDenied", "UnauthorizedOperation")),
        (Fault.THROTTLED, ("Throttling", "RequestLimitExceeded", "TooManyRequests")),
        (Fault.ERROR, ("Internal",)),
    ],
)
def test_an_error_is_in_the_words_of_its_service(
    proxy: FaultProxy, service: str, method: str, subject: str, fault: Fault, words: tuple[str, ...]
) -> None:
    with (
        proxy.failing(last_call(proxy, service, method), fault),
        pytest.raises(ClientError) as caught,
    ):
        ask(proxy, service, method)
    assert caught.value.response["Error"]["Code"].startswith(words)
    assert caught.value.operation_name == subject.partition(":")[2]


@pytest.mark.parametrize(("service", "method", "subject"), EACH)
def test_a_reset_is_one(proxy: FaultProxy, service: str, method: str, subject: str) -> None:
    with (
        proxy.failing(last_call(proxy, service, method), Fault.RESET),
        pytest.raises(BotoCoreError) as caught,
    ):
        ask(proxy, service, method)
    assert isinstance(caught.value, ConnectionClosedError) or "reset" in str(caught.value)


@pytest.mark.parametrize(("service", "method", "subject"), EACH)
def test_a_timeout_is_as_long_as_the_client_waits(
    proxy: FaultProxy, service: str, method: str, subject: str
) -> None:
    call = last_call(proxy, service, method)
    began = time.monotonic()
    with proxy.failing(call, Fault.TIMEOUT), pytest.raises(ReadTimeoutError):
        ask(proxy, service, method, read_timeout=0.2)
    assert 0.2 <= time.monotonic() - began < 5


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.CUT])
@pytest.mark.parametrize(("service", "method", "subject"), EACH)
def test_half_a_body_is_half_a_body(
    proxy: FaultProxy, service: str, method: str, subject: str, fault: Fault
) -> None:
    whole = ask(proxy, service, method)
    with proxy.failing(proxy.calls[-1], fault):
        try:
            half = ask(proxy, service, method)
        except ResponseParserError:
            return
    # Half of a JSON document is none: botocore takes it for an answer without members, even where
    # the length in the header shows that something is missing.
    members = set(whole) - {"ResponseMetadata"}
    assert members and not members & set(half)


def test_all_attempts_fail_and_are_one_call(proxy: FaultProxy) -> None:
    call = last_call(proxy, "iam", "list_users")
    with proxy.failing(call, Fault.ERROR), pytest.raises(ClientError):
        ask(proxy, "iam", "list_users", retries={"total_max_attempts": 3, "mode": "standard"})
    proxy.faults[call] = Fault.ERROR
    assert proxy.calls == [call]
    assert proxy.attempts == [call] * 3


def test_other_calls_are_answered(proxy: FaultProxy) -> None:
    call = last_call(proxy, "ec2", "describe_security_groups")
    with proxy.failing(call, Fault.RESET):
        assert ask(proxy, "iam", "list_users")["Users"] == []


def test_a_recording_answers_in_place_of_the_server(account: Account) -> None:
    account.client("iam").create_user(UserName="first")
    with FaultProxy(account.url, replay=True) as proxy:
        assert len(ask(proxy, "iam", "list_users")["Users"]) == 1
        account.client("iam").create_user(UserName="second")
        assert len(ask(proxy, "iam", "list_users")["Users"]) == 1
        proxy.forget()
        assert len(ask(proxy, "iam", "list_users")["Users"]) == 2


def test_an_answer_can_be_made_another(proxy: FaultProxy) -> None:
    proxy.rewrite = lambda call, body: body.replace(b'"SecretList": []', b'"SecretList": [{}]')
    assert len(ask(proxy, "secretsmanager", "list_secrets")["SecretList"]) == 1

"""Servers to ask, one of each sort for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.moto_account import ENVIRONMENT, Account, running_account


@pytest.fixture(scope="session")
def _account() -> Iterator[Account]:
    with running_account() as account:
        yield account


@pytest.fixture
def account(_account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An empty account, and the environment by which boto3 finds it."""
    for name, value in ENVIRONMENT.items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", _account.url)
    _account.reset()
    return _account

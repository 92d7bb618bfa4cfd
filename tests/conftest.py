"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from policyscan.findings import Report
    from policyscan.reporters.sarif import SarifReporter
    from tests.moto_account import Account

# A shared machine may take any time over an example; and what CI says of a commit must not change
# from run to run, while every run of a developer looks at new examples.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "developer")

# What one run keeps for the next must not decide what a test sees.
os.environ["POLICYSCAN_CACHE"] = "off"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Continuous integration has every tool, so a skipped test there is a failure."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CI skips nothing: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _github_takes_every_sarif() -> Iterator[None]:
    """Whatever file for code scanning a test makes, in whatever way, GitHub would take."""
    from policyscan.reporters.sarif import SarifReporter
    from tests.github_rules import assert_github_takes

    render = SarifReporter.render

    def checked(self: SarifReporter, report: Report) -> bytes:
        data = render(self, report)
        assert_github_takes(data)
        return data

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SarifReporter, "render", checked)
        yield


@pytest.fixture(scope="session")
def _account() -> Iterator[Account]:
    from tests.moto_account import models_read_once, running_account  # late: few tests need it

    with running_account() as account, models_read_once():
        yield account


@pytest.fixture
def account(_account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An empty account of AWS, and the environment by which boto3 finds it."""
    _account.enter(monkeypatch)
    _account.reset()
    return _account

"""What holds for every test."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.live.aws_server import AwsServer

# A shared machine may take any time over an example; and what CI says of a commit must not change
# from run to run, while every run of a developer looks at new examples.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "developer")


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


@pytest.fixture(scope="session")
def moto() -> Iterator[AwsServer]:
    """A moto server, one for each process of tests; `aws` is what a test uses."""
    from tests.live import aws_server  # late: few tests need boto3

    with aws_server.running() as server:
        yield server


@pytest.fixture
def aws(moto: AwsServer, monkeypatch: pytest.MonkeyPatch) -> AwsServer:
    """An AWS with nothing in it, and the environment of a client of it."""
    moto.reset()
    moto.enter(monkeypatch)
    return moto

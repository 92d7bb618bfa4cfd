"""An account in a moto server, asked by us and by boto3 alone with the same calls."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.measure import BrokenRunError, Command, Cost, interleaved, run
from bench.plain_aws import REGION
from tests.live import estate
from tests.live.fault_proxy import FaultProxy
from tests.moto_account import ENVIRONMENT, Account, running_account

OURS = "policyscan --aws"
PLAIN = "boto3, same calls"
POLICIES = ("PS-NET-004", "PS-ROT-005", "PS-IAM-006", "PS-MON-001")
"""Groups, secrets, access keys and trails."""


def measured(rounds: int) -> Mapping[str, list[Cost]]:
    """The costs of both by name, round by round. Raises `BrokenRunError`, also if they do not make
    the same calls."""
    with running_account() as account, _environment(account):
        _build(account)
        with FaultProxy(account.url) as proxy:
            os.environ["AWS_ENDPOINT_URL"] = proxy.url
            calls = [_calls(proxy, command) for command in commands()]
            os.environ["AWS_ENDPOINT_URL"] = account.url
        ours, plain = calls
        if ours != plain:
            raise BrokenRunError(f"not the same calls: {ours - plain} and {plain - ours}")
        return interleaved(commands(), rounds)


def commands() -> tuple[Command, Command]:
    """What is compared."""
    select = tuple(word for policy in POLICIES for word in ("--select", policy))
    policyscan = str(Path(sys.executable).with_name("policyscan"))
    ours = (policyscan, "scan", "--aws", "--region", REGION, *select)
    plain = (sys.executable, str(Path(__file__).with_name("plain_aws.py").absolute()))
    return Command(OURS, ours, frozenset({0, 1, 3})), Command(PLAIN, plain, frozenset({0}))


def _calls(proxy: FaultProxy, command: Command) -> Counter[tuple[str, str]]:
    proxy.forget()
    run(command)
    return Counter((call.subject, call.region) for call in proxy.calls)


def _build(account: Account) -> None:
    estate.groups(account, REGION, 40, open_every=4)
    estate.users(account, 30)
    estate.secrets(account, REGION, 30, rotated=range(0, 30, 3))
    for number in range(3):
        estate.trail(account, REGION, f"trail-{number}", complete=number == 0)


@contextmanager
def _environment(account: Account) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= {name: value for name, value in ENVIRONMENT.items() if value}
    os.environ["AWS_ENDPOINT_URL"] = account.url
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

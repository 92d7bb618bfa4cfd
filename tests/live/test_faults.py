"""Every call of an audit fails in every way, one at a time: nothing comes to look better for it.

The account is asked once through a proxy that remembers; from then on the proxy answers, and lets
the chosen call fail. `make test` audits three services in two regions, `make faults` all services.
"""

from __future__ import annotations

import functools
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.httpsession
import botocore.session
import pytest
from botocore.client import ClientCreator
from botocore.retries.adaptive import ClientRateLimiter

from policyscan import assembly, plugins
from policyscan.collectors.aws import session
from policyscan.data import policies_directory
from policyscan.pipeline import in_force
from tests.live import estate
from tests.live.auditing import REGIONS, Judged, audit, problems
from tests.live.fault_proxy import SIX, Call, Fault, FaultProxy
from tests.moto_account import ENVIRONMENT, Account

SINGLE = 300
"""Faults that `make test` has at least."""
SIDE_BY_SIDE = 4
"""Audits at once, where each waits."""
EVERYTHING = bool(os.environ.get("FAULTS"))
"""Set by `make faults`."""
PAIRS = 100 if EVERYTHING else 5
Record = Callable[[str, object], None]
THREE_SERVICES = (
    "network/world-open-admin-port",
    "network/world-open-port",
    "keys/exchange-secret-not-rotated-in-time",
    "keys/exchange-secret-without-rotation",
    "keys/secret-with-stuck-rotation",
    "identity/long-lived-access-key",
)
"""Policies on groups, secrets and access keys: EC2, Secrets Manager, IAM."""


@dataclass(frozen=True)
class Ground:
    """Proxies, each with a profile that leads to it, and what an undisturbed audit says."""

    proxies: list[FaultProxy]
    clean: Judged
    calls: tuple[Call, ...]
    policies: Path | None

    def audit(self, number: int = 0) -> Judged:
        return Judged(audit(policies=self.policies, profile=f"proxy{number}"))

    def problems(self, fault: Fault, *calls: Call, number: int = 0) -> list[str]:
        """What is wrong with an audit in which these calls fail."""
        with self.proxies[number].failing(calls, fault):
            judged = self.audit(number)
        which = " and ".join(map(str, calls))
        return [f"{which}, {fault}: {each}" for each in problems(self.clean, judged, calls)]


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """What it gave the first time, whatever it is called with."""
    kept: list[Any] = []

    def first(*arguments: Any) -> Any:
        if not kept:
            kept.append(function(*arguments))
        return kept[0]

    return first


def _once_each() -> Callable[..., Any]:
    """The class of the clients of a service, made once."""
    make = ClientCreator._create_client_class
    made: dict[str, Any] = {}

    def get(creator: ClientCreator, service: str, model: Any) -> Any:
        if service not in made:
            made[service] = make(creator, service, model)
        return made[service]

    return get


def _policies(folder: Path) -> Path | None:
    """A folder with those that are judged; None for all that ship."""
    for name in () if EVERYTHING else THREE_SERVICES:
        copy = folder / f"{name}.yaml"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((policies_directory() / f"{name}.yaml").read_bytes())
    return None if EVERYTHING else folder


@pytest.fixture(scope="module")
def ground(_account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        # What is the same each time is made once; requests are not repeated, nor sent more slowly.
        for place, name in (
            (botocore.session, "create_loader"),
            (botocore.httpsession, "create_urllib3_context"),
            (assembly, "_tool"),
            (plugins, "installed"),
        ):
            patch.setattr(place, name, functools.cache(getattr(place, name)))
        patch.setattr(ClientCreator, "_create_client_class", _once_each())
        patch.setattr(in_force, "_controls", _once(in_force._controls))
        patch.setattr(session, "_ATTEMPTS", 1)
        patch.setattr(ClientRateLimiter, "on_sending_request", lambda *_, **__: None)
        _account.enter(patch)
        _account.reset()
        _build(_account)
        first = stack.enter_context(FaultProxy(_account.url, replay=True))
        proxies = [first]
        for _ in range(SIDE_BY_SIDE - 1):
            other = FaultProxy(_account.url, replay=True)
            other.share(first)
            proxies.append(stack.enter_context(other))
        _write_profiles(tmp_path_factory.mktemp("aws") / "config", proxies, patch)
        policies = _policies(tmp_path_factory.mktemp("policies"))
        audit(policies=policies, profile="proxy0")
        clean = Judged(audit(policies=policies, profile="proxy0"))
        assert not clean.report.gaps, clean.report.gaps
        calls = tuple(sorted(set(first.calls)))
        yield Ground(proxies, clean, calls, policies)


def _write_profiles(path: Path, proxies: list[FaultProxy], patch: pytest.MonkeyPatch) -> None:
    path.write_text(
        "".join(
            f"[profile proxy{number}]\nendpoint_url = {proxy.url}\n"
            "aws_access_key_id = testing\naws_secret_access_key = testing\n"
            for number, proxy in enumerate(proxies)
        )
    )
    for name in ENVIRONMENT:
        patch.delenv(name, raising=False)
    patch.delenv("AWS_ENDPOINT_URL")
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("AWS_CONFIG_FILE", str(path))
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


def _build(account: Account) -> None:
    for region in REGIONS:
        estate.groups(account, region, 3, open_every=2)
        estate.prefix_list(account, region)
        estate.secrets(account, region, 5, rotated=(0, 1), key="alias/own")
    estate.users(account, 8, keys=2)
    if EVERYTHING:
        estate.role(account, "bot", "s3:GetObject")
        estate.role(account, "admin", "*")
        estate.trail(account, "eu-west-1", "all", complete=True)
        estate.trail(account, "eu-west-1", "part", complete=False)
        estate.detector(account, "eu-west-1")
        estate.listeners(account, "eu-west-1")
        estate.log_groups(account, "us-east-1")


def test_the_audit_is_large_enough(ground: Ground) -> None:
    assert len(ground.calls) * 6 >= SINGLE
    assert {"pass", "fail"} <= set(ground.clean.verdicts.values())
    assert {call.region for call in ground.calls} >= {*REGIONS}


@pytest.mark.parametrize("fault", Fault if EVERYTHING else SIX, ids=lambda fault: fault.name)
def test_no_single_fault_makes_anything_look_better(
    ground: Ground, fault: Fault, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    wrong: list[str] = []
    if fault is Fault.TIMEOUT:
        wrong += _side_by_side(ground, monkeypatch)
    else:
        for call in ground.calls:
            wrong += ground.problems(fault, call)
    record_property("faults", [fault.value, len(ground.calls), len(wrong)])
    assert not wrong, "\n".join(wrong)


def test_two_faults_make_nothing_look_better(ground: Ground, record_property: Record) -> None:
    chosen = random.Random(20260101)
    without_waiting = [fault for fault in SIX if fault is not Fault.TIMEOUT]
    wrong: list[str] = []
    for _ in range(PAIRS):
        pair = chosen.sample(ground.calls, 2)
        wrong += ground.problems(chosen.choice(without_waiting), *pair)
    record_property("faults", ["two at once", PAIRS, len(wrong)])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("fault", [Fault.DENIED, Fault.TRUNCATED])
def test_a_clean_account_is_incomplete_with_any_fault(
    account: Account, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing fails there, so that the exit code tells of the fault alone."""
    estate.secrets(account, "eu-west-1", 2, rotated=(0, 1))
    monkeypatch.setattr(session, "_ATTEMPTS", 1)
    select = ["PS-NET-004", "PS-ROT-005"]
    with FaultProxy(account.url, replay=True) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        assert audit(select, regions=["eu-west-1"]).summary.exit_code == 0
        for call in sorted(set(proxy.calls)):
            with proxy.failing(call, fault):
                summary = audit(select, regions=["eu-west-1"]).summary
            assert (summary.exit_code, summary.complete) == (3, False), call


def test_a_call_that_is_never_answered_leaves_time_for_the_others(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all attempts: each waits half a second, and the service has ten seconds."""
    estate.secrets(account, "eu-west-1", 5)
    monkeypatch.setattr(session, "_READ", 0.5)
    monkeypatch.setattr(session, "_ATTEMPTS", 10)
    with FaultProxy(account.url, replay=True) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        clean = Judged(audit(["PS-ROT-006"], regions=["eu-west-1"]))
        first = next(call for call in proxy.calls if call.operation == "ListSecretVersionIds")
        with proxy.failing(first, Fault.TIMEOUT):
            faulted = Judged(audit(["PS-ROT-006"], regions=["eu-west-1"], budget=10))
            assert proxy.attempts.count(first) > 1
    assert list(problems(clean, faulted, [first])) == []
    assert clean.verdicts.keys() == faulted.verdicts.keys()
    assert sum(clean.verdicts[pair] != faulted.verdicts[pair] for pair in clean.verdicts) <= 1


def _side_by_side(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems of calls that are never answered. Where there is one, it is looked at again with
    more time: a machine that is busy may have answered another call too late."""

    def share(number: int) -> list[Call]:
        mine = ground.calls[number::SIDE_BY_SIDE]
        return [call for call in mine if ground.problems(Fault.TIMEOUT, call, number=number)]

    monkeypatch.setattr(session, "_READ", 1.5)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        suspects = [call for part in pool.map(share, range(SIDE_BY_SIDE)) for call in part]
    monkeypatch.setattr(session, "_READ", 10.0)
    return [each for call in suspects for each in ground.problems(Fault.TIMEOUT, call)]

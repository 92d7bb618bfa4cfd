"""What every collector that asks something live promises, on all that are installed."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from policyscan.collectors.interface import Answer, Asked, LiveCollector, Reading, Target
from policyscan.config.targets import READERS
from policyscan.errors import GapReason
from policyscan.plugins import live_collectors, load_live_collector
from policyscan.policy import load_policies, load_tests
from policyscan.resources.base import Gap, ProofLevel, Resource, Tally
from policyscan.resources.kinds import MODULES, load_kinds
from tests.architecture.source import ROOT
from tests.moto_account import ENVIRONMENT

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXTRAS: Mapping[str, tuple[str, ...]] = {
    "aws": ("boto3",),
    "docker": ("docker",),
    "tls": ("cryptography",),
}
"""By collector, the modules of its extra."""
DOCTOR_SECONDS = 20.0

every_collector = pytest.mark.parametrize("name", live_collectors())


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """By collector, the settings of a target whose connections are refused: the port is taken, and
    nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value or "1")
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        yield {
            "aws": {"regions": ("eu-west-1",), "budget": 2},
            "docker": {"host": f"tcp://127.0.0.1:{port}"},
            "tls": {"endpoints": (("127.0.0.1", port),)},
        }


def asked(
    collector: LiveCollector, settings: Mapping[str, Any], kinds: frozenset[str]
) -> list[Any]:
    target = Target(collector.name, f"{collector.name}:ours", settings)
    return [*collector.collect(target, Reading(target.name, settings, NOW, kinds))]


def assert_tells_of_all(items: list[Any], kinds: frozenset[str]) -> None:
    """Whatever of these kinds is there, it is told that it was not seen."""
    assert {kind for each in items if isinstance(each, Gap) for kind in each.hides} == kinds
    failed = [each for each in items if isinstance(each, Asked) and each.failed is not None]
    assert {kind for each in failed for kind in each.kinds} == kinds
    assert all(each.pages == 0 for each in failed)
    assert not [each for each in items if isinstance(each, Answer)]


@every_collector
def test_it_says_what_it_produces_and_needs(name: str) -> None:
    collector = load_live_collector(name)
    assert collector.name == name
    assert collector.kinds and {*collector.kinds} <= {*MODULES}
    assert {*collector.permissions} == {*collector.kinds}
    assert all(collector.permissions.values())
    of_subjects = {kind for kinds in collector.subjects.values() for kind in kinds}
    assert of_subjects == {*collector.kinds}


@every_collector
def test_it_can_be_a_target(name: str) -> None:
    assert name in READERS
    assert name in EXTRAS


@every_collector
def test_of_what_cannot_be_reached_nothing_reads_as_clean(
    name: str, closed: Mapping[str, Mapping[str, Any]]
) -> None:
    collector = load_live_collector(name)
    kinds = frozenset(collector.kinds)
    items = asked(collector, closed[name], kinds)
    assert_tells_of_all(items, kinds)
    assert not [*collector.read((), Reading(name, closed[name], NOW, kinds))]


@every_collector
def test_without_its_extra_it_says_how_to_install_it(
    name: str, closed: Mapping[str, Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in EXTRAS[name]:
        monkeypatch.setitem(sys.modules, module, None)
    collector = load_live_collector(name)
    for kind in collector.kinds:
        items = asked(collector, closed[name], frozenset({kind}))
        assert_tells_of_all(items, frozenset({kind}))
        (gap,) = [g for g in items if isinstance(g, Gap) and g.reason is GapReason.NOT_FETCHED]
        assert f'pip install "policyscan[{name}]"' in gap.message
    told = dict(collector.doctor(Target(name, name, closed[name])))
    assert any(f'pip install "policyscan[{name}]"' in each for each in told.values()), told


@every_collector
def test_the_doctor_answers_soon_and_in_one_form(
    name: str, closed: Mapping[str, Mapping[str, Any]]
) -> None:
    settings = {key: each for key, each in closed[name].items() if key != "budget"}
    begin = time.monotonic()
    told = [*load_live_collector(name).doctor(Target(name, name, settings))]
    assert time.monotonic() - begin < DOCTOR_SECONDS
    assert told
    for label, found in told:
        assert label
        assert found.startswith(("ok: ", "missing: ")), found


def recorded(name: str) -> list[tuple[Answer, ...]]:
    """The answers in the tests of the policies that ship, test by test."""
    catalogue = load_policies(ROOT / "policies", load_kinds(MODULES))
    found = []
    for policy in catalogue.policies:
        for test in load_tests(policy):
            here = [each for each in test.answers if each.collector == name]
            found.append(tuple(Answer(a.unit, a.subject, a.data, a.about, at=NOW) for a in here))
    return [answers for answers in found if answers]


@every_collector
def test_answers_are_read_the_same_twice_and_their_books_balance(name: str) -> None:
    collector = load_live_collector(name)
    cases = recorded(name)
    assert cases
    for answers in cases:
        reading = Reading(name, {}, NOW, frozenset(collector.kinds))
        items = [*collector.read(answers, reading)]
        assert repr(items) == repr([*collector.read(answers, reading)])
        assert {each.subject for each in answers} <= {*collector.subjects}
        resources = [each for each in items if isinstance(each, Resource)]
        for resource in resources:
            origin = resource.origin
            assert (origin.collector, origin.target) == (name, name)
            assert origin.proof is ProofLevel.OBSERVED
            assert origin.observed_at == NOW
            assert origin.observed_by in collector.subjects
            assert resource.provenance("")
        tallies = {(t.unit, t.kind): t for t in items if isinstance(t, Tally)}
        assert all(tally.balanced and tally.unit for tally in tallies.values())
        for resource in resources:
            assert (resource.origin.unit, resource.kind) in tallies

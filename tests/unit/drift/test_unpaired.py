"""What is on one side alone, and when nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.collectors.interface import Asked
from policyscan.drift import drift_of
from policyscan.errors import GapReason
from policyscan.findings import Unpaired
from policyscan.request import Collected, Run
from policyscan.resources.base import Gap, Resource
from policyscan.resources.monitoring import LogGroup
from policyscan.values import Unknown, Why
from tests.unit.inventory.made import EU, logs, seen

OPEN = Unknown(Why.VARIABLE_UNSET, "a value for var.name")
ACCOUNT = "111122223333"
OTHER = "999999999999/eu-west-1"


def live(name: str, unit: str = EU) -> Any:
    return seen(LogGroup, f"arn:aws:logs:{unit}:{name}", unit=unit, name=name)


def alone(
    *resources: Resource,
    closed: tuple[str, ...] = (ACCOUNT,),
    gaps: tuple[Gap, ...] = (),
    units: tuple[str, ...] = (EU,),
    opened: str = "",
) -> Unpaired | None:
    """What is told of log groups; a pair in `root` shows to which account it belongs."""
    asked = [Asked(unit, "logs:DescribeLogGroups", ("LogGroup",), 1, 1) for unit in units]
    part = Collected("aws", ("LogGroup",), [], target="aws", asked=asked)
    part.opened = {("LogGroup", ACCOUNT): opened} if opened else {}
    part.closed = [("LogGroup", account) for account in closed]
    files = Collected("terraform", ("LogGroup",), ["main.tf"], gaps=[*gaps])
    pair = (logs("pair", name="pair"), live("pair"))
    found = drift_of(Run([files, part]), (*pair, *resources), ()).unpaired
    return found[0] if found else None


def told(found: Unpaired | None) -> tuple[list[str], list[str]]:
    assert found is not None
    missing = [ref.address for ref in found.missing]
    return missing, [ref.address.rpartition(":")[2] for ref in found.unmanaged]


def test_both_sides_are_known() -> None:
    found = alone(logs("gone", name="gone"), live("by-hand"))
    assert told(found) == (["gone"], ["by-hand"])
    assert found is not None and found.not_told == ()


def test_nothing_is_told_of_pairs() -> None:
    assert alone() is None


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"closed": ()}, f"not every LogGroup of {ACCOUNT} was seen"),
        (
            {"closed": (), "opened": "us-east-1 was not asked"},
            f"not every LogGroup of {ACCOUNT} was seen: us-east-1 was not asked",
        ),
        ({"units": (EU, OTHER)}, "not every LogGroup of 999999999999 was seen"),
        (
            {"gaps": (Gap(GapReason.NOT_FETCHED, "module.m", "not here"),)},
            "code that may declare LogGroup was not read: module.m",
        ),
    ],
)
def test_where_one_side_is_not_known_both_are_counted(more: Any, reason: str) -> None:
    found = alone(logs("gone", name="gone"), live("by-hand"), **more)
    assert told(found) == ([], [])
    assert found is not None
    assert (found.declared, found.observed, found.not_told) == (1, 1, (reason,))


def test_a_gap_of_another_kind_hides_nothing() -> None:
    gap = Gap(GapReason.UNPARSEABLE, "Dockerfile", "no", hides=("DockerfileStage",))
    assert told(alone(logs("gone", name="gone"), gaps=(gap,))) == (["gone"], [])


@pytest.mark.parametrize(
    "declared",
    [
        {"name": OPEN},
        {"name": None},
        {"address": "l[?]", "name": OPEN},
        {"name": Unknown(Why.COMPUTED, "x", parts=("by-", OPEN))},
    ],
)
def test_what_may_be_one_of_the_others_leaves_it_open(declared: dict[str, Any]) -> None:
    found = alone(logs(**{"address": "l"} | declared), live("by-hand"))
    assert told(found) == ([], [])
    assert found is not None
    assert "may be among what was seen: too little is known from code" in found.not_told[0]


def test_what_can_be_none_of_the_others_leaves_nothing_open() -> None:
    other = logs("l", name=Unknown(Why.COMPUTED, "x", parts=("web-", OPEN)))
    assert told(alone(other, live("by-hand"))) == (["l"], ["by-hand"])


@pytest.mark.parametrize(
    "declared",
    [
        logs("l", name="l", unit="staging"),
        logs("l", name="l", conditional=OPEN),
        logs("l[?]", name="l"),
    ],
)
def test_what_may_be_elsewhere_or_not_made_is_not_missing(declared: Resource) -> None:
    found = alone(declared, live("by-hand"))
    assert told(found) == ([], ["by-hand"])
    assert found is not None
    assert found.not_told == (
        f"1 declared in {declared.origin.unit}: which account they belong to, or whether they are "
        "made, is not known",
    )


def test_a_root_in_two_accounts_is_at_home_in_none() -> None:
    pair = (logs("far", name="far"), live("far", OTHER))
    found = alone(*pair, logs("l", name="l"), units=(EU, OTHER), closed=(ACCOUNT, OTHER[:12]))
    assert told(found) == ([], [])

"""Which pair of before is which of now, whatever was read first."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from policyscan.findings.difference import BASE, Before, Held, Known
from policyscan.findings.model import ResourceRef, Severity, Verdict
from policyscan.gate import edited
from policyscan.gate.pairing import pair, pair_edited
from policyscan.gate.things import Names
from policyscan.resources.base import ProofLevel


def known(
    unit: str, address: str, digest: str = "", *, policy: str = "P", kind: str = "K"
) -> Known:
    ref = ResourceRef(kind, address, unit, "c", "t", ProofLevel.CONFIGURED, digest=digest)
    return Known(f"{policy} {unit} {address}", policy, Verdict.FAIL, ref, Severity.HIGH, "m")


def base(before: list[Known], renamed: Mapping[str, str] = {}) -> Before:
    return Before(BASE, "main", "", tuple(before), (), renamed=renamed)


def paired(before: list[Known], after: list[Known]) -> dict[str, str]:
    """Addresses of now, each with the one of before."""
    found = pair(base(before), after).earlier
    return {place(after[now]): place(before[then]) for now, then in found.items()}


CASES: dict[str, tuple[list[Known], list[Known], dict[str, str]]] = {
    "the same address, whatever it holds": (
        [known("u", "a", "1"), known("u", "b", "2")],
        [known("u", "a", "2"), known("u", "b", "1")],
        {"u:a": "u:a", "u:b": "u:b"},
    ),
    "renamed": ([known("u", "a", "1")], [known("u", "b", "1")], {"u:b": "u:a"}),
    "the one that is still there is not used again": (
        [known("u", "a", "1")],
        [known("u", "a", "2"), known("u", "b", "1")],
        {"u:a": "u:a"},
    ),
    "another kind": ([known("u", "a", "1")], [known("u", "b", "1", kind="L")], {}),
    "without a digest": ([known("u", "a")], [known("u", "b")], {}),
    "moved rather than renamed": (
        [known("u", "a", "1"), known("u", "b", "1")],
        [known("v", "b", "1"), known("v", "c", "1")],
        {"v:b": "u:b", "v:c": "u:a"},
    ),
    "renamed here rather than moved": (
        [known("u", "a", "1"), known("v", "b", "1")],
        [known("u", "c", "1")],
        {"u:c": "u:a"},
    ),
    "members of a list": (
        [known("u", "a[0]", "1"), known("u", "a[1]", "2")],
        [known("u", "a[0]", "2"), known("u", "a[1]", "3")],
        {"u:a[0]": "u:a[1]"},
    ),
    "a count that was added": (
        [known("u", "a", "1")],
        [known("u", "a[0]", "2")],
        {"u:a[0]": "u:a"},
    ),
    "names that end in numbers are names": (
        [known("u", "a-1", "1"), known("u", "a-2", "2")],
        [known("u", "a-1", "3"), known("u", "a-2", "1")],
        {"u:a-1": "u:a-1", "u:a-2": "u:a-2"},
    ),
    "stages": (
        [known("f", "f#stage-1", "1")],
        [known("f", "f#stage-1", "2"), known("f", "f#stage-2", "1")],
        {"f:f#stage-2": "f:f#stage-1"},
    ),
    "stages and statements by what they hold, whatever they are called": (
        [
            known("f", "f#a", "1", kind="DockerfileStage"),
            known("u", "p#1", "2", kind="IamStatement"),
            known("u", "p#2", "3", kind="IamStatement"),
        ],
        [
            known("f", "f#b", "1", kind="DockerfileStage"),
            known("u", "p#1", "3", kind="IamStatement"),
            known("u", "p#All", "2", kind="IamStatement"),
        ],
        {"f:f#b": "f:f#a", "u:p#1": "u:p#2", "u:p#All": "u:p#1"},
    ),
    "twice at one address": (
        [known("u", "a", "1"), known("u", "a", "2")],
        [known("u", "a", "2")],
        {"u:a": "u:a"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_pairs(case: str) -> None:
    before, after, expected = CASES[case]

    assert paired(before, after) == expected
    for seed in range(5):
        chance = random.Random(seed)
        shuffled = [chance.sample(side, len(side)) for side in (before, after)]
        if case != "twice at one address":
            assert paired(*shuffled) == expected


def test_of_two_at_one_address_the_one_that_holds_the_same() -> None:
    before = [known("u", "a", "1"), known("u", "a", "2")]

    assert pair(base(before), [known("u", "a", "2")]).earlier == {0: 1}


def test_every_policy_goes_with_its_resource() -> None:
    before = [known("u", "a", "1", policy=name) for name in "PQR"]
    after = [known("v", "b", "1", policy=name) for name in "RQS"]

    assert pair(base(before), after).earlier == {0: 2, 1: 1}
    assert pair(base(before), after).moved == {"v": {"b": "a"}}


@pytest.mark.parametrize("seed", range(30))
def test_each_is_used_once(seed: int) -> None:
    chance = random.Random(seed)

    def side() -> list[Known]:
        return [
            known(chance.choice("uv"), f"a{chance.randrange(4)}[{chance.randrange(3)}]", digest)
            for digest in chance.choices(("1", "2", "3", ""), k=chance.randrange(12))
        ]

    before, after = side(), side()
    earlier = pair(base(before), after).earlier

    assert len({*earlier.values()}) == len(earlier)
    assert pair(base(before), before).earlier == {n: n for n in range(len(before))}


def failing(address: str, facts: int, file: str = "f", *, unit: str = "u", **scope: str) -> Known:
    """Something that fails with a number of which more is worse."""
    values = {"number": {"at most": facts}}
    return replace(known(unit, address, f"{unit} {address}"), facts=values, file=file, scope=scope)


EDITED: dict[str, tuple[list[Known], list[Known], dict[str, str], dict[str, str]]] = {
    "renamed and edited": ([failing("a", 1)], [failing("b", 1)], {}, {"u:b": "u:a"}),
    "fails with less": ([failing("a", 2)], [failing("b", 1)], {}, {"u:b": "u:a"}),
    "fails with more": ([failing("a", 1)], [failing("b", 2)], {}, {}),
    "two for one": ([failing("a", 1)], [failing("b", 1), failing("c", 1)], {}, {"u:b": "u:a"}),
    "with the same rather than less": (
        [failing("a", 2), failing("b", 1)],
        [failing("c", 1), failing("d", 2)],
        {},
        {"u:c": "u:b", "u:d": "u:a"},
    ),
    "in another file": ([failing("a", 1)], [failing("b", 1, "g")], {}, {}),
    "in the file under its other name": (
        [failing("a", 1)], [failing("b", 1, "g", unit="v")], {"g": "f"}, {"v:b": "u:a"},
    ),
    "by its name, in a file of another name": (
        [failing("a", 1), failing("b", 1)],
        [failing("b", 1, "g", unit="v"), failing("c", 1, "g", unit="v")],
        {"g": "f"},
        {"v:b": "u:b", "v:c": "u:a"},
    ),
    "in another unit, by one file": (
        [failing("a", 1)], [failing("b", 1, unit="v")], {}, {},
    ),
    "for something else": ([failing("a", 1, tier="low")], [failing("b", 1, tier="high")], {}, {}),
    "for what nobody said before": (
        [failing("a", 1)], [failing("b", 1, tier="high")], {}, {"u:b": "u:a"},
    ),
    "no file is told": ([failing("a", 1, "")], [failing("b", 1, "")], {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITED)
def test_edited_as_well(case: str) -> None:
    before, after, renamed, expected = EDITED[case]
    found = pair_edited(base(before, renamed), after).earlier

    assert paired(before, after) == {}
    assert {place(after[now]): place(before[then]) for now, then in found.items()} == expected


def test_what_passes_now_was_nothing_that_failed() -> None:
    before, after = failing("a", 1), replace(failing("b", 1), verdict=Verdict.PASS)

    assert pair_edited(Before(BASE, "main", "", (before,), ()), [after]).earlier == {}


def test_every_failure_has_to_be_no_more() -> None:
    one, other = failing("a", 1), replace(failing("a", 1), policy_id="Q")
    now = [failing("b", 1), replace(failing("b", 2), policy_id="Q")]

    assert pair_edited(Before(BASE, "main", "", (one, other), ()), now).earlier == {}
    assert pair_edited(Before(BASE, "main", "", (one,), ()), now).earlier == {}


def test_no_more_is_compared_than_has_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many in one file that all fail otherwise."""
    compared = []

    def covers(*facts: Any) -> bool:
        compared.append(facts)
        return False

    monkeypatch.setattr(edited, "covers", covers)
    before = [failing(f"a{number}", number) for number in range(300)]
    after = [failing(f"b{number}", 1000 + number) for number in range(300)]

    assert pair_edited(base(before), after).earlier == {}
    assert 0 < len(compared) <= 300 * 16


def test_all_of_many_that_fail_with_the_same_are_found() -> None:
    before = [failing(f"a{number:03}", number % 7) for number in range(300)]
    after = [failing(f"b{number:03}", number % 7) for number in range(300)]
    found = pair_edited(base(before), after).earlier

    assert len(found) == 300
    assert all(after[now].facts == before[then].facts for now, then in found.items())


def holding(address: str, unit: str = "u", **fields: Held) -> Known:
    return replace(failing(address, 1, unit=unit), held={"region": Held(""), **fields})


NET = Held("n", frozenset({"aws_vpc.a"}))
OTHER_NET = Held("n", frozenset({"aws_vpc.b"}))
FIELDS: dict[str, tuple[Known, Known, list[str], list[str], bool]] = {
    "the same": (holding("a", vpc=NET), holding("b", vpc=NET), ["aws_vpc.a"], ["aws_vpc.a"], True),
    "another value": (holding("a", vpc=NET), holding("b", vpc=Held("m", NET.names)), [], [], False),
    "a name": (holding("a", name=Held("n")), holding("b", name=Held("m")), [], [], True),
    "what takes part": (
        holding("a", number=Held("n")), holding("b", number=Held("m")), [], [], True,
    ),
    "what came with it": (
        holding("a", vpc=NET), holding("b", vpc=OTHER_NET), ["aws_vpc.a"], ["aws_vpc.b"], True,
    ),
    "what was there": (
        holding("a", vpc=NET), holding("b", vpc=OTHER_NET),
        ["aws_vpc.a", "aws_vpc.b"], ["aws_vpc.b"], False,
    ),
    "what is still there": (
        holding("a", vpc=NET), holding("b", vpc=OTHER_NET),
        ["aws_vpc.a"], ["aws_vpc.a", "aws_vpc.b"], False,
    ),
    "what is asked for": (
        holding("a", vpc=Held("n", frozenset({"data.aws_vpc.a"}))),
        holding("b", vpc=Held("n", frozenset({"data.aws_vpc.b"}))),
        [], [], False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FIELDS)
def test_what_it_holds_besides(case: str) -> None:
    old, new, there, here, same = FIELDS[case]
    names = Names([("u", name) for name in there], [("u", name) for name in here])
    found = pair_edited(base([old]), [new], names).earlier

    assert found == ({0: 0} if same else {})


def place(one: Known) -> str:
    return f"{one.resource.unit}:{one.resource.address}"

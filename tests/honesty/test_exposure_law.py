"""Random requests that rename, edit, move and add groups: one that leaves more open anywhere than
its base does never passes, and one that opens nothing does.

What is open is counted by network and port, with a model that knows nothing of how resources are
compared. A label that was used is never used again, since what is at the same address is the same.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.honesty.test_laundering import Case, Files, judged

REQUESTS = int(os.environ.get("POLICYSCAN_REQUESTS", "24"))
"""How many are tried in all; campaigns ask for more."""
ROOTS, FILES, NETWORKS, PORTS = ("a", "b"), ("main.tf", "more.tf"), ("inner", "outer"), (22, 3389)
WORLD, HALF, INSIDE = "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8"
SHARE = {WORLD: 2, HALF: 1, INSIDE: 0}
"""How much of the internet, in halves."""


@dataclass
class Group:
    """A security group."""

    label: str
    root: str
    file: str
    network: str
    rules: dict[int, str]
    note: int = 0

    def text(self) -> str:
        rules = "".join(
            f"  ingress {{\n    from_port = {port}\n    to_port = {port}\n"
            f'    protocol = "tcp"\n    cidr_blocks = ["{cidr}"]\n  }}\n'
            for port, cidr in self.rules.items()
        )
        return (
            f'resource "aws_security_group" "{self.label}" {{\n'
            f"  vpc_id = aws_vpc.{self.network}.id\n"
            f'  description = "group {self.note}"\n{rules}}}\n'
        )


@dataclass
class Estate:
    """What is in the tree."""

    groups: list[Group] = field(default_factory=list)
    used: int = 0

    def files(self) -> Files:
        networks = "".join(f'resource "aws_vpc" "{name}" {{}}\n' for name in NETWORKS)
        texts = {f"{root}/vpc.tf": networks for root in ROOTS}
        for group in self.groups:
            path = f"{group.root}/{group.file}"
            texts[path] = texts.get(path, "") + group.text()
        return dict(texts)

    def fresh(self) -> str:
        self.used += 1
        return f"g{self.used}"

    def exposure(self) -> Counter[tuple[str, ...]]:
        """How many groups are open by how much: to any port of a network, and by each port."""
        found: Counter[tuple[str, ...]] = Counter()
        for group in self.groups:
            where = group.root, group.network
            for port, cidr in group.rules.items():
                for half in range(SHARE[cidr]):
                    found[*where, str(port), str(half)] += 1
            found[where] += any(map(SHARE.get, group.rules.values()))
        return found


Edit = Callable[[Estate, random.Random], None]


def add(estate: Estate, chance: random.Random) -> None:
    rules = {port: chance.choice((WORLD, HALF, INSIDE)) for port in chance.sample(PORTS, k=1)}
    place = chance.choice(ROOTS), chance.choice(FILES), chance.choice(NETWORKS)
    estate.groups.append(Group(estate.fresh(), *place, rules))


def _some(estate: Estate, chance: random.Random) -> Group:
    if not estate.groups:
        add(estate, chance)
    return chance.choice(estate.groups)


def drop(estate: Estate, chance: random.Random) -> None:
    estate.groups.remove(_some(estate, chance))


def rename(estate: Estate, chance: random.Random) -> None:
    _some(estate, chance).label = estate.fresh()


def describe(estate: Estate, chance: random.Random) -> None:
    _some(estate, chance).note += 1


def rename_and_describe(estate: Estate, chance: random.Random) -> None:
    group = _some(estate, chance)
    group.label, group.note = estate.fresh(), group.note + 1


def narrow(estate: Estate, chance: random.Random) -> None:
    group = _some(estate, chance)
    port = chance.choice(sorted(group.rules))
    group.rules[port] = HALF if group.rules[port] == WORLD else INSIDE


def widen(estate: Estate, chance: random.Random) -> None:
    _some(estate, chance).rules[chance.choice(PORTS)] = WORLD


def replace(estate: Estate, chance: random.Random) -> None:
    """Another one in the place of one, in another network or on another port."""
    group = _some(estate, chance)
    group.label = estate.fresh()
    if chance.random() < 0.5:
        group.network = chance.choice(NETWORKS)
    else:
        group.rules = dict(zip(chance.sample(PORTS, k=2), group.rules.values(), strict=False))


def to_file(estate: Estate, chance: random.Random) -> None:
    _some(estate, chance).file = chance.choice(FILES)


def to_root(estate: Estate, chance: random.Random) -> None:
    group = _some(estate, chance)
    group.root, group.label = chance.choice(ROOTS), estate.fresh()


HARMLESS = (rename, describe, rename_and_describe, narrow)
EDITS: tuple[Edit, ...] = (*HARMLESS, add, drop, widen, replace, to_file, to_root)


@pytest.mark.parametrize("number", range(REQUESTS))
def test_more_that_is_open_never_passes(number: int, tmp_path: Path) -> None:
    chance = random.Random(int(os.environ.get("POLICYSCAN_SEED", "0")) * 100_000 + number)
    base = Estate()
    for _ in range(chance.randint(2, 6)):
        add(base, chance)
    head = deepcopy(base)
    edits = chance.choices(EDITS if number % 3 else HARMLESS, k=chance.randint(1, 5))
    for edit in edits:
        edit(head, chance)
    said = ", ".join(edit.__name__ for edit in edits)
    then, now = base.exposure(), head.exposure()
    code, report = judged(tmp_path / "r", Case(base.files(), head.files(), select="PS-NET-004"))

    if any(now[place] > then[place] for place in now):
        assert code == 1, said
    if all(edit in HARMLESS for edit in edits):
        assert code == 0, said
    assert not report["gaps"]

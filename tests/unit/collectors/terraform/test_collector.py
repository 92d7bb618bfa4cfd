"""The collector as a whole: what it yields, and that its books balance."""

from __future__ import annotations

import pytest

from policyscan.collectors.interface import Unclassified, Units
from policyscan.errors import GapReason
from policyscan.resources.base import Gap, Resource, Tally
from tests.unit.collectors.terraform.written import collected, gaps

GROUP = 'resource "aws_security_group" "g" {}\n'


def tallies(files: dict[str, str]) -> dict[str, tuple[int, int, int]]:
    """Found, normalised and dropped by kind, of the kinds that occur."""
    return {
        item.kind: (item.found, item.normalised, sum(item.dropped.values()))
        for item in collected(files)
        if isinstance(item, Tally) and item.found
    }


def test_every_root_is_a_unit_of_its_own() -> None:
    files = {"a/m.tf": GROUP, "b/m.tf": GROUP}
    found = [item for item in collected(files) if isinstance(item, Resource)]
    assert [(item.address, item.origin.unit) for item in found] == [
        ("aws_security_group.g", "a"),
        ("aws_security_group.g", "b"),
    ]
    assert collected(files)[0] == Units(("a", "b"))


def test_a_module_called_twice_is_counted_once_and_judged_twice() -> None:
    files = {
        "m.tf": 'module "a" {\nsource = "./g"\n}\nmodule "b" {\nsource = "./g"\n}',
        "g/m.tf": GROUP,
    }
    found = [item.address for item in collected(files) if isinstance(item, Resource)]
    assert found == ["module.a.aws_security_group.g", "module.b.aws_security_group.g"]
    assert tallies(files) == {"SecurityGroup": (1, 1, 0)}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"m.tf": GROUP}, (1, 1, 0)),
        ({"m.tf": GROUP.replace("{}", "{\ncount = 0\n}")}, (1, 0, 1)),
        ({"m.tf": GROUP.replace("{}", "{\ncount = 3\n}")}, (1, 1, 0)),
        ({"m.tf": GROUP + GROUP}, (2, 1, 1)),
        ({"m.tf": GROUP + 'resource "aws_security_group" "b" {\nx = \n}\n'}, (2, 1, 1)),
        (
            {"m.tf": 'module "a" {\nsource = "./g"\ncount = 0\n}', "g/m.tf": GROUP},
            (1, 0, 1),
        ),
        ({"m.tf": GROUP, "override.tf": GROUP, "more_override.tf": GROUP}, (3, 1, 2)),
    ],
)
def test_the_books_balance(files: dict[str, str], expected: tuple[int, int, int]) -> None:
    assert tallies(files) == {"SecurityGroup": expected}


def test_types_without_a_kind_are_counted() -> None:
    files = {"m.tf": 'resource "aws_x" "y" {\ncount = 2\n}\nresource "aws_lb" "b" {}\n'}
    (unclassified,) = (item for item in collected(files) if isinstance(item, Unclassified))
    assert unclassified.types == {"aws_x": 2}


def test_a_syntax_error_hides_only_its_block() -> None:
    files = {"m.tf": 'resource "aws_security_group" "bad" {\nname = \n}\n' + GROUP}
    items = collected(files)
    assert [item.address for item in items if isinstance(item, Resource)] == [
        "aws_security_group.g"
    ]
    (gap,) = (item for item in items if isinstance(item, Gap))
    assert gap.reason is GapReason.UNPARSEABLE
    assert gap.span is not None


def test_a_missing_module_is_told_where_it_is_called() -> None:
    files = {"m.tf": 'module "net" {\nsource = "acme/net/aws"\n}\n'}
    (gap,) = (item for item in collected(files) if isinstance(item, Gap))
    assert gap.span is not None
    assert gap.span.place == "m.tf:1"
    assert "terraform init" in gap.message


def test_a_module_with_a_computed_source_is_a_gap() -> None:
    files = {"m.tf": 'variable "s" {}\nmodule "net" {\nsource = var.s\n}\n'}
    assert gaps(files) == [("not_fetched", "module.net")]


def test_two_runs_agree() -> None:
    files = {
        "m.tf": 'variable "u" {}\n'
        'resource "aws_security_group" "g" {\nfor_each = toset(["b", "a"])\n'
        "name = var.u ? each.key : null\n}\n"
    }
    assert repr(collected(files)) == repr(collected(files))

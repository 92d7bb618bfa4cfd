"""Derivations on a terminal."""

from __future__ import annotations

import re

import pytest

from policyscan.findings.derivation import Derivation, Link, every_part
from policyscan.findings.model import Location
from policyscan.reporters.console_derivation import explanation_lines, tree_lines
from policyscan.reporters.console_text import Page, columns
from policyscan.text.logsafe import without_orders
from tests.attack import attacked, mixed
from tests.hostile_strings import ORDERS, TERMINAL, UNICODE
from tests.sample_report import sample_report

_STEERING = re.compile(r"[^\n\x20-\x7e\u00a0-\U0010ffff]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
PLAIN = Page(colour=False, width=80, verbose=False)
DECIDED = Derivation("resource.ok", "false", True, path="ok", provenance=(Link("block", "b"),))


def test_what_does_not_decide_has_no_parts_unless_asked() -> None:
    side = Derivation("resource.b == 2", "true", parts=(Derivation("resource.b", "2"),))
    root = Derivation("both", "false", True, label="require", parts=(side, DECIDED))
    assert list(tree_lines((root,), PLAIN)) == [
        "  > false    require: both",
        "    true       resource.b == 2",
        "  > false      resource.ok",
    ]
    verbose = Page(colour=False, width=80, verbose=True)
    assert "                 resource.b = 2" in list(tree_lines((root,), verbose))


def test_a_condition_that_holds_is_folded() -> None:
    when = Derivation("resource.a", "true", True, label="when", parts=(DECIDED,))
    require = Derivation("resource.b", "false", True, label="require")
    lines = list(tree_lines((when, require), PLAIN))
    assert lines == ["    true     when: resource.a", "  > false    require: resource.b"]


@pytest.mark.parametrize("width", [40, 80, 100, 120])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    deep = DECIDED
    for number in range(12):
        text = " && ".join(f"resource.field_{number}_{n}" for n in range(12))
        deep = Derivation(text, "false", True, parts=(deep,), rest="3 more members, all true")
    page = Page(colour=False, width=width, verbose=False)
    assert max(map(columns, tree_lines((deep,), page))) <= width + 2


def test_colours_only_where_wanted() -> None:
    report = sample_report()
    coloured = Page(colour=True, width=80, verbose=False)
    one = next(finding for finding in report.findings if finding.derivation)
    assert "\x1b[" not in "".join(explanation_lines(one, None, PLAIN))
    assert "\x1b[" in "".join(explanation_lines(one, None, coloured))


@pytest.mark.parametrize("turn", range(8))
def test_hostile_strings_are_neutral(turn: int) -> None:
    report = attacked(sample_report(), mixed((*TERMINAL, *ORDERS, *UNICODE), turn))
    policies = {policy.id: policy for policy in report.policies}
    for finding in report.findings:
        lines = explanation_lines(finding, policies.get(finding.policy_id), PLAIN)
        text = without_orders("\n".join(lines))
        assert not _STEERING.search(text)
        assert not re.search(r"^\s*::|##[A-Za-z]*\[", text, re.MULTILINE)


def test_the_same_line_is_shown_once() -> None:
    place = Location("main.tf", 3, 1, 3, 9)
    chain = (Link("attribute", "x", place, "x = y"), Link("expression", "y", place, "x = y"))
    one = Derivation("resource.x", "1", True, path="x", provenance=chain)
    finding = next(f for f in sample_report().findings if f.derivation)
    lines = list(explanation_lines(type(finding)(**{
        name: getattr(finding, name) for name in finding.__struct_fields__
    } | {"derivation": (one,)}), None, PLAIN))  # fmt: skip
    start = lines.index("  resource.x = 1")
    assert lines[start + 1 : start + 3] == ["    main.tf:3 attribute, expression", "        x = y"]
    assert lines.count("        x = y") == 1


def test_the_parts_are_read_in_order() -> None:
    root = Derivation("a", parts=(Derivation("b", parts=(Derivation("c"),)), Derivation("d")))
    assert [(depth, one.expression) for depth, one in every_part((root,))] == [
        (0, "a"), (1, "b"), (2, "c"), (1, "d"),
    ]  # fmt: skip

"""Conditions that anybody may write, and changes that are worse for them: each comes out so."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.findings.model import Change, Verdict
from tests.unit.gate.changes import before_of
from tests.unit.gate.packs import judged


def group(*rules: str, tags: str = "", name: str = "g", label: str = "g") -> str:
    return f"""
    resource "aws_security_group" "{label}" {{
      name        = "{name}"
      description = "d"
      tags        = {{ {tags} }}
      {"".join(rules)}
    }}
    """


def rule(
    port: int, *, description: str = "", protocol: str = "tcp", cidr: str = "10.0.0.0/8"
) -> str:
    return f"""
      ingress {{
        from_port   = {port}
        to_port     = {port}
        protocol    = "{protocol}"
        cidr_blocks = ["{cidr}"]
        description = "{description}"
      }}
    """


CASES = {
    "a tag by its name": (
        'has(resource.tags.a) && resource.tags.a == "x"',
        group(tags='a = "y"'),
        group(tags='a = "z"'),
    ),
    "a tag whose name has a point": (
        'has(resource.tags.`a.b/c`) && resource.tags.`a.b/c` == "x"',
        group(tags='"a.b/c" = "y"'),
        group(tags='"a.b/c" = "z"'),
    ),
    "a tag that may be absent": (
        'resource.?tags.?a.orValue("") == "x"',
        group(tags='a = "y"'),
        group(tags='a = "z"'),
    ),
    "a member by its number": (
        "resource.ingress[0].cidrs == [] && resource.ingress.all(r, r.protocol == 'tcp')",
        group(rule(22)),
        group(rule(22, cidr="0.0.0.0/0")),
    ),
    "the first of some": (
        "resource.ingress.filter(r, r.protocol == 'tcp')[0].cidrs == []",
        group(rule(22)),
        group(rule(22, cidr="0.0.0.0/0")),
    ),
    "a member that may be absent": (
        "resource.ingress[?0].?description.orValue('') == 'x'",
        group(rule(22, description="y")),
        group(rule(22, description="z")),
    ),
    "the resource in a list": (
        "[resource].all(r, r.name != null && r.name == 'x')",
        group(name="y"),
        group(name="z"),
    ),
    "the resource in a map": (
        '{"it": resource}.it.?name == optional.of("x")',
        group(name="y"),
        group(name="z"),
    ),
    "the resource in a map in a list": (
        '[{"it": resource}].all(m, m.it.name != null && m.it.name == "x")',
        group(name="y"),
        group(name="z"),
    ),
    "the resource in a list in a map": (
        '[{"it": resource}].all(m, [m.it].all(r, r.name != null && r.name == "x"))',
        group(name="y"),
        group(name="z"),
    ),
    "the resource as an optional": (
        "optional.of(resource).?name.orValue('') == 'x'",
        group(name="y"),
        group(name="z"),
    ),
    "others of some": (
        'resources("SecurityGroup").filter(g, g.form == "group")'
        '.all(g, g.name != null && g.name == "x")',
        group(name="y"),
        group(name="z"),
    ),
    "another by its number": (
        'has(resources("SecurityGroup")[0].name) && false',
        group(name="y"),
        group(name="z"),
    ),
    "protocols alone": (
        "resource.ingress.all(r, r.protocol == 'tcp')",
        group(rule(22, protocol="udp")),
        group(rule(22, protocol="udp"), rule(22, protocol="icmp")),
    ),
    "what rules are called": (
        "resource.ingress.all(r, r.protocol == 'udp' || r.cidrs == [] || "
        "(r.description != null && r.description == 'x'))",
        group(rule(22, description="y")),
        group(rule(22, description="z")),
    ),
    "the length of a name": (
        "resource.name != null && size(resource.name) >= 5",
        group(name="aaaa"),
        group(name="b"),
    ),
    "names put together": (
        "resource.name != null && resource.name + 'z' >= 'b'",
        group(name="a"),
        group(name="ab"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_worse_comes_out_worse(tmp_path: Path, case: str) -> None:
    require, then, now = CASES[case]
    before = judged(tmp_path / "then", require, then)
    after = judged(tmp_path / "now", require, now, before_of(before))

    assert [one.verdict for one in before.findings] == [Verdict.FAIL]
    assert [(one.verdict, one.change) for one in after.findings] == [(Verdict.FAIL, Change.WORSE)]


@pytest.mark.parametrize("case", CASES)
def test_what_is_the_same_comes_out_unchanged(tmp_path: Path, case: str) -> None:
    require, then, _ = CASES[case]
    before = judged(tmp_path / "then", require, then)
    after = judged(tmp_path / "now", require, then, before_of(before))

    assert [one.change for one in after.findings] == [Change.UNCHANGED]

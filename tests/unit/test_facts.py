"""Facts: what of a resource takes part in a failure, as plain data; and digests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policyscan.facts import unwrapped
from policyscan.facts.digest import digest_of
from policyscan.facts.plain import MAX_SIZE, plain, shown, written
from policyscan.findings.model import Finding, Verdict
from policyscan.language.reading.ways import Way
from policyscan.resources.base import Origin, ProofLevel
from policyscan.resources.network import Rule, SecurityGroup
from policyscan.text.source import Source
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why
from tests.scanning import scan_files

ORIGIN = Origin("terraform", ".", ".", None, ProofLevel.CONFIGURED)
SHOW = shown(())
SECRET = "k9Qz7Lw2Xv4Tn8RbMm3Pc6Yd"


def failing(root: Path, text: str, policy_id: str, name: str = "main.tf") -> Finding:
    report = scan_files(root, {name: text})
    (found,) = (f for f in report.of(Verdict.FAIL) if f.policy_id == policy_id)
    return found


def test_the_fields_that_the_condition_names_and_no_others(tmp_path: Path) -> None:
    text = """
    resource "aws_security_group" "bot" {
      name        = "bot"
      description = "what it is for"
      ingress {
        description = "why"
        from_port   = 22
        to_port     = 22
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"]
      }
      ingress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    """
    rule = {"cidrs": ["0.0.0.0/0"], "from_port": 22, "protocol": "tcp", "to_port": 22}

    assert failing(tmp_path, text, "PS-NET-004").facts == {"ingress": {"at most": [rule]}}


def test_of_a_list_of_parts_the_fields_that_are_read(tmp_path: Path) -> None:
    text = f"FROM python:3.12-slim\nENV API_TOKEN={SECRET}\n"

    found = failing(tmp_path, text, "PS-IMG-005", "Dockerfile")

    assert found.facts == {"secrets": {"at most": [{"name": "API_TOKEN"}]}}
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, None),
        (True, True),
        (("b", "a"), ["a", "b"]),
        ({"b": 1, "a": "x"}, {"a": "x", "b": 1}),
        (Ref("aws_vpc.main"), {"ref": "aws_vpc.main", "attribute": "id"}),
        (Rule(protocol="tcp", description="x"), {"protocol": "tcp"}),
        (
            PartialList(("a",), Unknown(Why.COUNT, "the number")),
            ["a", {"more": {"needs": "the number"}}],
        ),
        (
            OneOf((Alternative(2, ()), Alternative(1, ())), Unknown(Why.CONDITION, "x")),
            {"one of": [1, 2]},
        ),
        (Unknown(Why.UNDECLARED, "the role of x"), {"unknown": {"needs": "undeclared"}}),
    ],
)
def test_values_as_plain_data(value: Any, data: Any) -> None:
    found = plain(value, SHOW)

    assert (
        sorted(map(written, found)) == sorted(map(written, data))
        if isinstance(found, list)
        else (found == data)
    )
    assert json.loads(written(found)) == found


def test_a_place_is_no_part_of_why_a_value_is_not_known() -> None:
    def at(line: int) -> Unknown:
        source = Source("main.tf", b"\n" * line + b"x")
        place = source.span(line, line + 1)
        return Unknown(Why.VARIABLE_UNSET, f"a value for var.x ({place.place})", place)

    assert plain(at(1), SHOW) == plain(at(7), SHOW) == {"unknown": {"needs": "a value for var.x"}}


def test_too_much_becomes_a_digest_that_tells_only_the_same() -> None:
    many = tuple(f"10.0.{n}.0/24" for n in range(MAX_SIZE // 10))

    assert plain(many, SHOW) == plain(tuple(reversed(many)), SHOW)
    assert plain(many, SHOW) != plain(many[1:], SHOW)
    assert list(plain(many, SHOW)) == ["digest"]


def test_secrets_are_hidden_by_their_form_and_by_where_they_come_from() -> None:
    assert "AKIA" + "A" * 16 not in written(plain("AKIA" + "A" * 16, SHOW))
    assert plain(("tusk-of-walrus",), shown(["tusk-of-walrus"]))[0].endswith("********")


@pytest.mark.parametrize(
    ("fact", "ways", "value"),
    [
        (7, {Way.SAME}, 7),
        ({"at most": 7}, {Way.MOST}, 7),
        ({"at least, set": None}, {Way.LEAST, Way.SET}, None),
        ({"same": {"set": 1}}, {Way.SAME}, {"set": 1}),
        ({"name": 1}, {Way.SAME}, {"name": 1}),
        ({"at most, nonsense": 1}, {Way.SAME}, {"at most, nonsense": 1}),
    ],
)
def test_a_fact_is_told_from_its_ways(fact: Any, ways: set[Way], value: Any) -> None:
    assert unwrapped(fact) == (ways, value)


# -- digests -----------------------------------------------------------------------------------


def group(address: str = "aws_security_group.a", **fields: Any) -> SecurityGroup:
    return SecurityGroup(address=address, origin=ORIGIN, **fields)


def rules(**fields: Any) -> tuple[Rule, ...]:
    return (Rule(protocol="tcp", from_port=22, to_port=22, **fields),)


def test_a_digest_is_of_what_a_resource_holds() -> None:
    one = group(vpc=Ref("aws_vpc.a"), ingress=rules(groups=(Ref("module.x.aws_security_group.b"),)))
    renamed = group(
        "module.y.aws_security_group.z[0]",
        vpc=Ref("aws_vpc.other"),
        ingress=rules(groups=(Ref("aws_security_group.c[1]"),), description="x"),
        role="trading",
    )

    assert digest_of(one) == digest_of(renamed)
    assert len(digest_of(one)) == 16


@pytest.mark.parametrize(
    "other",
    [
        group(ingress=rules(cidrs=("10.0.0.0/8",))),
        group(ingress=rules(groups=(Ref("aws_eip.b"),))),
        group(ingress=()),
        group(ingress=rules(), tags={"Name": "x"}),
        group(ingress=rules(), name="x"),
        group(ingress=rules(itself=True)),
    ],
)
def test_another_digest_for_what_holds_something_else(other: SecurityGroup) -> None:
    assert digest_of(group(ingress=rules())) != digest_of(other)


def test_no_digest_is_made_of_a_secret() -> None:
    one, other = group(name="walrus-tusk-7"), group(name="walrus-tusk-8")

    assert digest_of(one) != digest_of(other)
    assert digest_of(one, ["walrus-tusk-7"]) == digest_of(other, ["walrus-tusk-8"])

"""One set of rules in every spelling that Terraform has for it: one verdict, and the right one."""

from __future__ import annotations

import json
import tempfile
from ipaddress import collapse_addresses, ip_network
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.config import parse_configuration
from tests.scanning import scan_files, verdicts

# Public sizes by hand: a /8 is allowed, anything larger is the internet. 10/8 and fd00::/8 are
# private, 2001:db8::/32 is reserved for documentation.
RANGES = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "52.0.0.0/8",
    "53.0.0.0/8",
    "52.0.0.0/7",
    "10.0.0.0/8",
    "203.0.113.7/32",
    "::/0",
    "2001:db8::/32",
    "fd00::/8",
]
ADMIN = {22, 3389, 5432}
CONFIGURATION = parse_configuration(
    "policyscan.yaml",
    b'{version: 1, parameters: {PS-NET-004: {ports: ["22", "3389", "5432"]}}}',
)

rules = st.lists(
    st.fixed_dictionaries(
        {
            "protocol": st.sampled_from(["tcp", "udp", "-1", "icmp"]),
            "from": st.sampled_from([0, 20, 22, 443, 5000]),
            "width": st.sampled_from([0, 1, 10, 1000]),
            "ranges": st.lists(st.sampled_from(RANGES), min_size=1, max_size=2, unique=True),
        }
    ),
    max_size=3,
)


def is_open(chosen: list[dict]) -> bool:
    """Whether an admin port is reachable from more than a /8 of public IPv4 or a /16 of IPv6."""
    for port in ADMIN:
        for transport in ("tcp", "udp"):
            networks = [
                ip_network(text)
                for rule in chosen
                if rule["protocol"] == "-1"
                or (rule["protocol"] == transport and rule["from"] <= port <= last(rule))
                for text in rule["ranges"]
            ]
            for version, limit in ((4, 2**24), (6, 2**112)):
                family = [
                    n for n in networks if n.version == version and n.is_global | (n.prefixlen < 8)
                ]
                if sum(n.num_addresses for n in collapse_addresses(family)) > limit:
                    return True
    return False


def last(rule: dict) -> int:
    return rule["from"] + rule["width"]


def ports(rule: dict) -> tuple[int, int]:
    return (0, 0) if rule["protocol"] == "-1" else (rule["from"], last(rule))


def split(rule: dict) -> tuple[list[str], list[str]]:
    return (
        [text for text in rule["ranges"] if ":" not in text],
        [text for text in rule["ranges"] if ":" in text],
    )


def arguments(rule: dict) -> dict:
    first, to = ports(rule)
    v4, v6 = split(rule)
    return {
        "protocol": rule["protocol"],
        "from_port": first,
        "to_port": to,
        "cidr_blocks": v4,
        "ipv6_cidr_blocks": v6,
    }


def body(values: dict) -> str:
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())


def spelt(chosen: list[dict]) -> dict[str, str]:
    blocks = "\n".join(f"ingress {{\n{body(arguments(rule))}\n}}" for rule in chosen)
    table = json.dumps([arguments(rule) for rule in chosen], separators=(", ", " = "))
    names = ("protocol", "from_port", "to_port", "cidr_blocks", "ipv6_cidr_blocks")
    each = "\n".join(f"{name} = ingress.value.{name}" for name in names)
    text = f"""
        resource "aws_security_group" "blocks" {{
        {blocks}
        }}
        resource "aws_security_group" "argument" {{
          ingress = {table}
        }}
        resource "aws_security_group" "dynamic" {{
          dynamic "ingress" {{
            for_each = {table}
            content {{
              {each}
            }}
          }}
        }}
        resource "aws_security_group" "old" {{}}
        resource "aws_security_group" "new" {{}}
        module "m" {{
          source = "./m"
          rules  = {table}
        }}
        """
    for number, rule in enumerate(chosen):
        values = {"type": "ingress", **arguments(rule)}
        text += f"""
        resource "aws_security_group_rule" "old{number}" {{
          security_group_id = aws_security_group.old.id
          {body(values)}
        }}
        """
        first, to = ports(rule)
        for index, cidr in enumerate(rule["ranges"]):
            family = "cidr_ipv6" if ":" in cidr else "cidr_ipv4"
            single = {"ip_protocol": rule["protocol"], "from_port": first, "to_port": to}
            text += f"""
            resource "aws_vpc_security_group_ingress_rule" "new{number}_{index}" {{
              security_group_id = aws_security_group.new.id
              {body({**single, family: cidr})}
            }}
            """
    module = f"""
        variable "rules" {{}}
        resource "aws_security_group" "inner" {{
          dynamic "ingress" {{
            for_each = var.rules
            content {{
              {each}
            }}
          }}
        }}
        """
    document = {
        "resource": {"aws_security_group": {"json": {"ingress": [arguments(r) for r in chosen]}}}
    }
    return {"main.tf": text, "m/main.tf": module, "more.tf.json": json.dumps(document)}


@settings(max_examples=40, deadline=None)
@given(rules)
def test_every_spelling_has_the_same_verdict(chosen: list[dict]) -> None:
    with tempfile.TemporaryDirectory() as place:
        report = scan_files(
            Path(place),
            spelt(chosen),
            select=("PS-NET-004",),
            configuration=CONFIGURATION,
        )
    assert not report.gaps
    wanted = "fail" if is_open(chosen) else "pass"
    assert verdicts(report, "PS-NET-004") == {
        f"{prefix}aws_security_group.{name}": wanted
        for prefix, name in [
            ("", "argument"),
            ("", "blocks"),
            ("", "dynamic"),
            ("", "json"),
            ("", "new"),
            ("", "old"),
            ("module.m.", "inner"),
        ]
    }

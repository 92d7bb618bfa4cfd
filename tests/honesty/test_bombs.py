"""Files made to exhaust the scanner end in a verdict or a gap, soon, and hide nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scanning import scan_files, verdicts

SECONDS = 10.0
"""Far more than most of these take, far less than a bomb would."""
LONGER = {"modules that double": 30.0}
"""It ends at the limit of instances, and 5,000 groups are then judged: 7 to 12 s."""

Files = dict[str, str | bytes]


def group(name: str, cidrs: str, meta: str = "") -> str:
    return (
        f'resource "aws_security_group" "{name}" {{\n  {meta}\n  ingress {{\n    from_port = 22\n'
        f'    to_port = 22\n    protocol = "tcp"\n    cidr_blocks = {cidrs}\n  }}\n}}\n'
    )


PLANTED = group("planted", '["0.0.0.0/0"]')


def chain(step: Callable[[int], str], length: int) -> str:
    lines = [f"s{number + 1} = {step(number)}" for number in range(length)]
    return "locals {\n" + "\n".join(['s0 = "x"', *lines]) + "\n}\n"


RANGES = [f'"10.{n >> 8}.{n & 255}.1/32"' for n in range(4_000)]
ROUTES = "".join(
    f'  route {{\n    cidr_block = "10.{n >> 8}.{n & 255}.0/24"\n    gateway_id = "local"\n  }}\n'
    for n in range(900)
)
BOMBS: dict[str, Files] = {
    "subnets times routes": {
        "a.tf": f'resource "aws_route_table" "t" {{\n{ROUTES}}}\n'
        'resource "aws_subnet" "s" {\n  count = 900\n  tags = { Purpose = "trading" }\n}\n'
        'resource "aws_route_table_association" "s" {\n  count = 900\n'
        "  subnet_id = aws_subnet.s[count.index].id\n  route_table_id = aws_route_table.t.id\n}\n"
    },
    "gateways times gateways": {
        "a.tf": 'resource "aws_nat_gateway" "n" {\n  count = 3000\n'
        '  subnet_id = "s${count.index}"\n}\n'
    },
    "module that calls itself": {"a.tf": 'module "m" { source = "./" }\n'},
    "modules in a circle": {
        "a.tf": 'module "a" { source = "./a" }\n',
        "a/main.tf": 'module "b" { source = "../b" }\n' + group("x", '["0.0.0.0/0"]'),
        "b/main.tf": 'module "a" { source = "../a" }\n',
    },
    "modules that double": {
        "a.tf": 'module "a" { source = "./m0" }\n',
        **{
            f"m{n}/main.tf": "".join(
                f'module "{name}" {{ source = "../m{n + 1}" }}\n' for name in "ab"
            )
            for n in range(18)
        },
        "m18/main.tf": group("x", '["10.0.0.0/8"]'),
    },
    "modules times modules": {
        "a.tf": 'module "a" {\n  count = 10000\n  source = "./a"\n}\n',
        "a/main.tf": 'module "b" {\n  count = 10000\n  source = "../b"\n}\n',
        "b/main.tf": group("x", '["10.0.0.0/8"]'),
    },
    "variables that depend on themselves": {
        "a.tf": 'variable "a" { default = var.a }\nlocals {\n  x = local.y\n  y = local.x\n}\n'
        + group("x", "[local.x, var.a]", "count = local.x")
    },
    "a thousand million": {"a.tf": group("x", '["10.0.0.0/8"]', "count = 1000000000")},
    "range of a thousand million": {
        "a.tf": group("x", '[for i in range(1000000000) : "10.0.0.${i}/32"]')
    },
    "product of loops": {
        "a.tf": "locals {\n  a = range(1000)\n  b = [for x in local.a : [for y in local.a : "
        '[for z in local.a : "${x}${y}${z}"]]]\n}\n' + group("x", "flatten(local.b)")
    },
    "product of sets": {
        "a.tf": "locals {\n  a = range(1000)\n}\n"
        + group("x", "setproduct(local.a, local.a, local.a, local.a)")
    },
    "text that doubles": {
        "a.tf": chain(lambda n: f'"${{local.s{n}}}${{local.s{n}}}"', 60) + group("x", "[local.s60]")
    },
    "list that doubles": {
        "a.tf": chain(lambda n: f"concat([local.s{n}], [local.s{n}])", 60)
        + group("x", "flatten(local.s60)")
    },
    "nest that doubles": {
        "a.tf": chain(lambda n: f"[local.s{n}, local.s{n}]", 60)
        + group("x", "[jsonencode(local.s60), local.s60 == local.s59]")
        + 'resource "aws_x" "x" { a = [local.s60, "security_group"] }\n'
        + 'module "far" {\n  source = "a/b/aws"\n  x = local.s60\n}\n'
    },
    "conditions": {
        "a.tf": 'variable "v" {}\n'
        + chain(lambda n: f'var.v == {n} ? local.s{n} : "10.0.0.{n}/32"', 200)
        + group("x", "[local.s200]")
    },
    "deep locals": {"a.tf": chain(lambda n: f"local.s{n}", 5_000) + group("x", "[local.s5000]")},
    "wide text": {"a.tf": group("x", '[format("%1000000000d", 1), pow(10, 1000000000)]')},
    "pattern": {"a.tf": group("x", '[regex("(a+)+$", "' + "a" * 60 + 'b")]')},
    "heredoc": {
        "a.tf": "locals {\n  a = <<EOT\n" + "${local.b}\n" * 20_000 + 'EOT\n  b = "x"\n}\n'
        + group("x", "[local.a]")
    },
    "heredocs in heredocs": {"a.tf": "".join(f"locals {{\n  h = <<E{n}\n" for n in range(500))},
    "dynamic blocks": {
        "a.tf": 'resource "aws_security_group" "x" {\n  dynamic "ingress" {\n    for_each = '
        "range(1000000)\n    content {}\n  }\n}\n"
    },
    "moves": {
        "a.tf": "".join(
            f"moved {{\n  from = aws_x.a{n + 1}\n  to = aws_x.a{n}\n}}\n" for n in range(2_000)
        )
        + "moved {\n  from = aws_x.a0\n  to = aws_x.a2000\n}\n"
        + 'resource "aws_x" "a0" {}\n'
        + "".join(
            f"moved {{\n  from = aws_security_group.a{n + 1}\n  to = aws_security_group.a{n}\n}}\n"
            for n in reversed(range(1_000))
        )
        + "".join(group(f"a{n}", '["10.0.0.0/8"]') for n in range(0, 1_000, 4))
    },
    "values": {
        "a.tf": 'variable "x" {}\n' + group("x", "var.x"),
        "terraform.tfvars": "".join(["x = []\n", *(f"v{n} = 1\n" for n in range(20_000))]),
    },
    "long line": {"a.tf": group("x", '["' + "1" * 1_000_000 + '"]')},
    "long line of secrets": {"a.tf": group("x", '["' + "password = " * 50_000 + '"]')},
    "ranges": {
        "a.tf": group("x", f"[{','.join(RANGES)}]")
    },
    "rules": {
        "a.tf": "".join(
            f'resource "aws_security_group_rule" "r{n}" {{\n  type = "ingress"\n'
            "  security_group_id = aws_security_group.planted.id\n"
            f"  from_port = {n}\n  to_port = {n}\n"
            f'  protocol = "tcp"\n  cidr_blocks = ["10.{n >> 8}.{n & 255}.1/32"]\n}}\n'
            for n in range(1_000)
        )
    },
    "tags": {
        "a.tf": 'resource "aws_security_group" "x" {\n  tags = {\n'
        + "".join(f'    k{n} = "v"\n' for n in range(10_000))
        + "  }\n}\n"
    },
    "JSON": {
        "a.tf.json": '{"locals": {'
        + ",".join(f'"a{n}": "${{local.a{n - 1}}}"' for n in range(1, 10_000))
        + "}}"
    },
    "Dockerfile variables": {
        "Dockerfile": "FROM debian\nENV A=x\n" + "ENV A=$A$A\n" * 60 + "USER $A\n"
    },
    "Dockerfile stages": {
        "Dockerfile": "FROM debian AS s0\n"
        + "".join(f"FROM s{n} AS s{n + 1}\nENV TOKEN_{n}=abcdefgh1234\n" for n in range(499))
    },
    "Dockerfile lines": {"Dockerfile": "FROM debian\nRUN " + "a && \\\n" * 30_000 + "b\n"},
    "Dockerfile triggers": {
        "Dockerfile": "FROM debian AS s0\n"
        + "".join(
            f"FROM s{n} AS s{n + 1}\n" + "ONBUILD RUN adduser x\n" * 100 for n in range(80)
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_little_and_hides_nothing(bomb: str, tmp_path: Path) -> None:
    began = time.process_time()
    files: Files = {**BOMBS[bomb], "main.tf": PLANTED, "other/main.tf": PLANTED}
    report = scan_files(tmp_path, files, select=("PS-NET-004", "PS-IMG-005"))
    assert time.process_time() - began < LONGER.get(bomb, SECONDS)
    found = [f for f in report.findings if f.policy_id == "PS-NET-004"]
    planted = {f.resource.unit: f for f in found if f.resource.address.endswith("p.planted")}
    assert planted["other"].verdict == "fail"
    assert planted["."].verdict in ("fail", "unknown")
    assert planted["."].verdict == "fail" or any(gap.blocking for gap in report.gaps)
    assert not any(gap.reason == "crashed" for gap in report.gaps)


def test_what_there_is_no_room_for_is_a_gap(tmp_path: Path) -> None:
    report = scan_files(tmp_path, BOMBS["modules times modules"])
    assert report.summary.exit_code == 3
    assert [gap.reason for gap in report.gaps if gap.blocking] == ["too_large"]


def test_time_is_linear_in_the_number_of_resources(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        text = "".join(group(f"g{n}", '["10.0.0.0/8"]') for n in range(count))
        began = time.process_time()
        report = scan_files(tmp_path / str(count), {"main.tf": text}, select=("PS-NET-004",))
        assert len(verdicts(report, "PS-NET-004")) == count
        return time.process_time() - began

    seconds(10)
    assert seconds(2_000) < 12 * seconds(400)

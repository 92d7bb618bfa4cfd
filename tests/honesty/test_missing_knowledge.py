"""Where a part of a root was not seen, nothing passes that this part could make fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.config import Configuration, Exclude, TerraformSettings
from tests.every_format import assert_told_everywhere
from tests.scanning import scan_files, verdicts
from tests.unit.text.repositories import repository

GROUP = "aws_security_group.g"


def group(cidrs: str, name: str = "g", extra: str = "") -> str:
    return f"""
        resource "aws_security_group" "{name}" {{
          {extra}
          ingress {{
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = [{cidrs}]
          }}
        }}
        """


CLOSED = group('"10.0.0.0/8"')
BARE = 'resource "aws_security_group" "g" {}\n'
BROKEN = 'resource "aws_security_group_rule" "r" {\n  security_group_id = \n}\n'

VARIABLE = 'variable "cidr" { default = "10.0.0.0/8" }\n' + group("var.cidr")
VALUES = {
    "broken": ({"terraform.tfvars": "other = \n"}, "unknown"),
    "broken JSON": ({"terraform.tfvars.json": "{"}, "unknown"),
    "broken after a weaker one": (
        {"terraform.tfvars": 'cidr = "10.1.0.0/16"\n', "z.auto.tfvars": "other = \n"},
        "unknown",
    ),
    "broken, and a stronger one": (
        {"terraform.tfvars": "other = \n", "z.auto.tfvars": 'cidr = "10.1.0.0/16"\n'},
        "pass",
    ),
    "broken elsewhere": ({"terraform.tfvars": 'cidr = "10.1.0.0/16"\nother = \n'}, "pass"),
    "broken, and open": (
        {"terraform.tfvars": "other = \n", "z.auto.tfvars": 'cidr = "0.0.0.0/0"\n'},
        "fail",
    ),
    "too large": ({"terraform.tfvars": "#" * 10_000_001}, "unknown"),
    "another root's": ({"other/terraform.tfvars": "other = \n", "other/main.tf": ""}, "pass"),
}


@pytest.mark.parametrize("case", VALUES)
def test_values_that_cannot_be_read_may_be_any(case: str, tmp_path: Path) -> None:
    files, verdict = VALUES[case]
    report = scan_files(tmp_path, {"main.tf": VARIABLE, **files})
    assert verdicts(report, "PS-NET-004") == {GROUP: verdict}
    assert report.summary.exit_code == (1 if verdict == "fail" else 3)
    assert_told_everywhere(report)


def test_values_of_the_configuration_are_the_strongest(tmp_path: Path) -> None:
    settings = TerraformSettings(variables={"cidr": "10.2.0.0/16"})
    files: dict[str, str | bytes] = {"main.tf": VARIABLE, "terraform.tfvars": "other = \n"}
    report = scan_files(tmp_path, files, configuration=Configuration(terraform=settings))
    assert verdicts(report, "PS-NET-004") == {GROUP: "pass"}


def test_a_value_file_that_the_configuration_names_and_that_is_not_there(tmp_path: Path) -> None:
    settings = TerraformSettings(var_files=("prod.tfvars",))
    report = scan_files(
        tmp_path, {"main.tf": VARIABLE}, configuration=Configuration(terraform=settings)
    )
    assert verdicts(report, "PS-NET-004") == {GROUP: "unknown"}
    assert [gap.subject for gap in report.gaps] == ["prod.tfvars"]


UNREAD = {
    "broken file": {"rules.tf": BROKEN},
    "broken JSON": {"rules.tf.json": "{"},
    "broken file of a module": {
        "m.tf": f'module "m" {{\n  source = "./m"\n  id = {GROUP}.id\n}}\n',
        "m/main.tf": BROKEN,
    },
    "declared twice": {"a.tf": group('"10.0.0.0/8"', "x"), "b.tf": group('"10.0.0.0/8"', "x")},
    "local declared twice": {"a.tf": "locals { x = 1 }\nlocals { x = 2 }\n"},
    "module that is no directory": {
        "m.tf": f'module "m" {{\n  source = "./m"\n  g = {GROUP}.id\n}}'
    },
    "id goes to a module": {
        "m.tf": f'module "m" {{\n  source = "a/b/aws"\n  g = [{GROUP}.id]\n}}\n'
    },
    "group goes to a module": {"m.tf": f'module "m" {{\n  source = "a/b/aws"\n  g = {GROUP}\n}}\n'},
    "id goes there in an object": {
        "m.tf": 'variable "x" {}\nmodule "m" {\n  source = "a/b/aws"\n'
        f"  g = {{ a = var.x ? {GROUP}.id : null }}\n}}\n"
    },
    "id goes there by a local": {
        "m.tf": f"locals {{ ids = [for x in [{GROUP}] : x.id] }}\n"
        'module "m" {\n  source = "a/b/aws"\n  g = local.ids\n}\n'
    },
}


@pytest.mark.parametrize("case", UNREAD)
def test_a_group_whose_rules_may_be_elsewhere_does_not_pass(case: str, tmp_path: Path) -> None:
    files = UNREAD[case]
    closed = scan_files(tmp_path / "closed", {"main.tf": CLOSED, **files})
    assert verdicts(closed, "PS-NET-004")[GROUP] == "unknown"
    opened = scan_files(tmp_path / "open", {"main.tf": group('"0.0.0.0/0"'), **files})
    assert verdicts(opened, "PS-NET-004")[GROUP] == "fail"


def test_a_group_inside_a_module_that_goes_to_a_missing_one(tmp_path: Path) -> None:
    main = """
        module "net" { source = "./net" }
        module "db" {
          source = "a/b/aws"
          net    = module.net
        }
        """
    report = scan_files(tmp_path, {"main.tf": main, "net/main.tf": CLOSED})
    assert verdicts(report, "PS-NET-004") == {"module.net." + GROUP: "unknown"}


SEEN = {
    "module that is not here": 'module "m" { source = "a/b/aws" }\n',
    "another group goes there": BARE.replace('"g"', '"h"')
    + 'module "m" {\n  source = "a/b/aws"\n  g = aws_security_group.h.id\n}\n',
    "its network goes there": 'module "m" {\n  source = "a/b/aws"\n  v = aws_vpc.main.id\n}\n'
    'resource "aws_vpc" "main" {}\n',
}


@pytest.mark.parametrize("case", SEEN)
def test_a_missing_module_that_knows_nothing_of_a_group_changes_nothing(
    case: str, tmp_path: Path
) -> None:
    report = scan_files(tmp_path, {"main.tf": CLOSED, "m.tf": SEEN[case]})
    assert verdicts(report, "PS-NET-004")[GROUP] == "pass"


@pytest.mark.parametrize(
    "cidr",
    [
        'try(local.range, "10.0.0.0/8")',
        'can(local.range) ? local.range : "10.0.0.0/8"',
        'var.open ? local.range : "10.0.0.0/8"',
        'try(var.range, "10.0.0.0/8")',
        'try(aws_vpc.elsewhere.cidr_block, "10.0.0.0/8")',
        'try(module.elsewhere.range, "10.0.0.0/8")',
        'try(module.here.range, "10.0.0.0/8")',
        'try(data.aws_vpc.elsewhere.cidr_block, "10.0.0.0/8")',
    ],
)
def test_what_an_unread_file_may_declare_is_not_absent(cidr: str, tmp_path: Path) -> None:
    main = 'variable "open" {}\nmodule "here" { source = "./here" }\n' + group(cidr)
    broken = "locals {\n  range = \n}\n"
    report = scan_files(tmp_path, {"main.tf": main, "b.tf": broken, "here/main.tf": broken})
    assert verdicts(report, "PS-NET-004") == {GROUP: "unknown"}


LISTENER = """
    resource "aws_lb" "web" {}
    resource "aws_lb_listener" "plain" {
      load_balancer_arn = aws_lb.web.arn
      port              = 80
      protocol          = "HTTP"
      default_action {
        type = "redirect"
        redirect {
          port        = "443"
          protocol    = "HTTPS"
          status_code = "HTTP_301"
        }
      }
    }
    """


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ("", "pass"),
        ('module "m" { source = "a/b/aws" }\n', "pass"),
        ('resource "aws_lb_listener_rule" "r" {\n  listener_arn = \n}\n', "unknown"),
        ('module "m" {\n  source = "a/b/aws"\n  l = aws_lb_listener.plain.arn\n}\n', "unknown"),
    ],
    ids=["all seen", "module elsewhere", "broken rule", "listener goes elsewhere"],
)
def test_a_listener_whose_rules_may_be_elsewhere(more: str, verdict: str, tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"main.tf": LISTENER, "more.tf": more})
    assert verdicts(report, "PS-TLS-011") == {"aws_lb_listener.plain": verdict}


PUBLIC = """
    resource "aws_security_group" "web" {
      ingress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_lb" "web" {
      internal        = false
      security_groups = [aws_security_group.web.id]
    }
    """


WEB = "aws_security_group.web.id"
ELSE = {
    "all seen": ("", "pass"),
    "broken instance": ('resource "aws_instance" "i" {\n  ami = \n}\n', "unknown"),
    "a list that is known in part": (
        'variable "x" {}\nresource "aws_instance" "i" {\n'
        '  vpc_security_group_ids = [for s in [var.x] : s if s != ""]\n}\n',
        "unknown",
    ),
    "a block in a block": (
        'resource "aws_x" "i" {\n  a {\n    b {\n'
        f"      security_groups = [{WEB}]\n    }}\n  }}\n}}\n",
        "fail",
    ),
    "an argument of another name": (
        f'resource "aws_emr_cluster" "i" {{\n  emr_managed_master_security_group = {WEB}\n}}\n',
        "fail",
    ),
    "blocks of unknown number": (
        'variable "x" {}\nresource "aws_x" "i" {\n  dynamic "a" {\n    for_each = var.x\n'
        f"    content {{\n      security_groups = [{WEB}]\n    }}\n  }}\n}}\n",
        "unknown",
    ),
    "an object": (
        f'resource "aws_x" "i" {{\n  a = [{{ b = {{ security_groups = [{WEB}] }} }}]\n}}\n',
        "fail",
    ),
    "a text": (f'resource "aws_ssm_parameter" "i" {{\n  value = {WEB}\n}}\n', "pass"),
}


@pytest.mark.parametrize("case", ELSE)
def test_what_else_a_public_group_is_attached_to(case: str, tmp_path: Path) -> None:
    more, verdict = ELSE[case]
    report = scan_files(tmp_path, {"main.tf": PUBLIC, "more.tf": more})
    assert verdicts(report, "PS-NET-012") == {"aws_security_group.web": verdict}


def test_a_file_of_a_root_that_is_left_out_is_told_and_counts_as_unread(tmp_path: Path) -> None:
    out = 'locals { range = "0.0.0.0/0" }\n'
    main = group('try(local.range, "10.0.0.0/8")')
    configuration = Configuration(exclude=(Exclude("rules.tf", "generated"),))
    report = scan_files(tmp_path, {"main.tf": main, "rules.tf": out}, configuration=configuration)
    assert verdicts(report, "PS-NET-004") == {GROUP: "unknown"}
    assert [(e.subject, e.reason) for e in report.coverage.excluded] == [("rules.tf", "generated")]
    outputs = assert_told_everywhere(report)
    assert b"rules.tf" in outputs["console"] and b"rules.tf" in outputs["html"]


def test_a_file_of_a_root_that_git_ignores_is_told_and_counts_as_unread(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {".gitignore": b"rules.tf\n", "main.tf": CLOSED.encode()})
    report = scan_files(root, {"rules.tf": BROKEN})
    assert verdicts(report, "PS-NET-004") == {GROUP: "unknown"}
    assert ("rules.tf", "ignored by git") in [
        (e.subject, e.reason) for e in report.coverage.excluded
    ]


@pytest.mark.parametrize("name", ["rules.tf", "rules_override.tf"])
def test_a_pipe_with_the_name_of_a_file_counts_as_unread(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to("nowhere")
    report = scan_files(tmp_path, {"main.tf": CLOSED})
    assert verdicts(report, "PS-NET-004") == {GROUP: "unknown"}
    assert report.summary.exit_code == 3


@pytest.mark.parametrize(
    ("override", "verdict"),
    [
        (CLOSED, "pass"),
        (group('"0.0.0.0/0"'), "fail"),
        ('resource "aws_security_group" "g" {\n  tags = {}\n}\n', "fail"),
        (CLOSED.replace("ingress {", "ingress {\n  cidr = = \n"), "unknown"),
        ("locals {\n  x = \n}\n", "unknown"),
        ('resource "aws_security_group" "g" {\n  dynamic "ingress" {\n    for_each = []\n'
         '    content {}\n  }\n}\n', "pass"),
        ('resource "aws_security_group" "g" {\n  dynamic "egress" {\n    for_each = []\n'
         '    content {}\n  }\n}\n', "fail"),
    ],
    ids=["closes", "opens", "other", "broken", "broken local", "dynamic", "dynamic of another"],
)  # fmt: skip
@pytest.mark.parametrize("dynamic", [False, True])
def test_override_files(override: str, verdict: str, dynamic: bool, tmp_path: Path) -> None:
    base = group('"0.0.0.0/0"')
    if dynamic:
        head, block = base.split("ingress {", 1)
        body = block.rsplit("}", 2)[0]
        base = f'{head}dynamic "ingress" {{\n for_each = [1]\n content {{{body}}}\n}}\n}}\n'
    report = scan_files(tmp_path, {"main.tf": base, "main_override.tf": override})
    assert verdicts(report, "PS-NET-004") == {GROUP: verdict}


@pytest.mark.parametrize("meta", ["count = var.unset", "for_each = var.unset"])
@pytest.mark.parametrize(("cidr", "verdict"), [("0.0.0.0/0", "fail"), ("10.0.0.0/8", "pass")])
def test_a_module_of_unknown_number_is_judged_as_if_it_existed(
    meta: str, cidr: str, verdict: str, tmp_path: Path
) -> None:
    main = f"""
        variable "unset" {{}}
        module "m" {{
          source = "./m"
          {meta}
          range  = "{cidr}"
        }}
        """
    files: dict[str, str | bytes] = {
        "main.tf": main, "m/main.tf": 'variable "range" {}\n' + group("var.range"),
    }  # fmt: skip
    report = scan_files(tmp_path, files)
    assert verdicts(report, "PS-NET-004") == {f"module.m[?].{GROUP}": verdict}
    [finding] = [f for f in report.findings if f.policy_id == "PS-NET-004"]
    assert finding.conditional.startswith("if created: ")


def test_a_rule_with_a_group_of_unknown_number(tmp_path: Path) -> None:
    main = """
        variable "n" {}
        resource "aws_security_group" "g" { count = var.n }
        resource "aws_security_group_rule" "r" {
          count             = var.n
          security_group_id = aws_security_group.g[count.index].id
          type              = "ingress"
          from_port         = 22
          to_port           = 22
          protocol          = "tcp"
          cidr_blocks       = ["0.0.0.0/0"]
        }
        """
    report = scan_files(tmp_path, {"main.tf": main})
    assert "fail" in verdicts(report, "PS-NET-004").values()
    assert "pass" not in verdicts(report, "PS-NET-004").values()


@pytest.mark.parametrize(
    "lost",
    ["USER = = =\n", "USER\n", "USR root\n", "RUN <<E\nUSER root\n", 'USER "unclosed\n', "FROM\n"],
)
def test_a_lost_instruction_may_change_the_user(lost: str, tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"Dockerfile": f"FROM scratch\nUSER 1000\n{lost}"})
    assert "pass" not in verdicts(report, "PS-IMG-001").values()


@pytest.mark.parametrize("lost", ["EVN TOKEN=x\n", "ENV TOKEN\n", "COPY <<E /\nENV TOKEN=x\n"])
def test_a_lost_instruction_may_hold_a_secret(lost: str, tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"Dockerfile": f"FROM scratch\nUSER 1000\n{lost}"})
    assert verdicts(report, "PS-IMG-005") == {"Dockerfile#stage-1": "unknown"}
    assert report.summary.exit_code == 3


def test_an_instruction_that_cannot_change_the_user_leaves_it(tmp_path: Path) -> None:
    report = scan_files(tmp_path, {"Dockerfile": "FROM scratch\nUSER 0\nEXPOSE\n"})
    assert verdicts(report, "PS-IMG-001") == {"Dockerfile#stage-1": "fail"}

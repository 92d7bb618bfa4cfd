"""No planted secret leaves the collector: not in any report, not on standard error."""

from __future__ import annotations

import base64
import itertools
import json
import os
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest

from policyscan.cli.output import FORMATS
from tests.scanning import write
from tests.unit.text.repositories import git

ALPHABET = string.ascii_letters + string.digits
FILES = tuple(name for name in FORMATS if name != "console")
WHO = ("--reason", "it is a test", "--owner", "ana", "--approver", "bo", "--until", "2027-01-31")


class Canaries:
    """Unique secrets, each with the text it stands in."""

    def __init__(self) -> None:
        self._random = random.Random(20260101)
        self.planted: dict[str, str] = {}
        self._numbers = itertools.count()

    def _plant(self, kind: str, secret: str) -> str:
        self.planted[f"{kind} {next(self._numbers)}"] = secret
        return secret

    def _letters(self, length: int, alphabet: str = ALPHABET) -> str:
        return "".join(self._random.choices(alphabet, k=length))

    def aws_id(self) -> str:
        return self._plant("AWS id", "AKIA" + self._letters(16, string.ascii_uppercase + "234567"))

    def aws_secret(self) -> str:
        return self._plant("AWS secret", "aZ3" + self._letters(37))

    def github(self) -> str:
        return self._plant("GitHub", "ghp_" + self._letters(36))

    def slack(self) -> str:
        return self._plant(
            "Slack", "xoxb-" + self._letters(12, string.digits) + "-" + self._letters(24)
        )

    def stripe(self) -> str:
        return self._plant("Stripe", "sk_live_" + self._letters(24))

    def google(self) -> str:
        return self._plant("Google", "AIza" + self._letters(35))

    def jwt(self) -> str:
        return self._plant(
            "JWT", f"eyJ{self._letters(20)}.eyJ{self._letters(30)}.{self._letters(43)}"
        )

    def binance(self) -> str:
        return self._plant("Binance", "aB3" + self._letters(61))

    def password(self) -> str:
        return self._plant("password", self._letters(9) + "!" + self._letters(9))

    def key_block(self, indent: str = "") -> str:
        lines = [self._plant("key line", "aZ0" + self._letters(61)) for _ in range(3)]
        text = ["-----BEGIN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----"]
        return "\n".join(indent + line for line in text)


def everywhere(c: Canaries) -> dict[str, str | bytes]:
    """A tree that fails, and holds a secret in every place that a report could quote."""
    encoded = base64.b64encode(f"password={c.password()}".encode()).decode()
    c.planted["base64"] = encoded
    main_tf = f"""
variable "db_password" {{
  default = "{c.password()}"
}}
variable "cidr" {{
  description = "token {c.github()}"
  default     = "0.0.0.0/0" # {c.stripe()}
}}
variable "unset" {{}}
locals {{
  api_key = "{c.binance()}"
  slack   = "{c.slack()}"
  both    = var.unset ? "{c.github()}" : "{c.google()}"
  cidrs   = [var.cidr, "10.0.0.0/8", "{c.jwt()}"]
}}
provider "aws" {{
  region     = "eu-west-1"
  access_key = "{c.aws_id()}"
  secret_key = "{c.aws_secret()}"
}}
resource "aws_security_group" "open" {{
  name        = "open-{c.github()}"
  description = "postgres://admin:{c.password()}@db.example.com/trade"
  tags = {{
    Password  = "{c.password()}"
    api_token = "{c.password()}"
    Owner     = "{c.slack()}"
    "{c.stripe()}" = "x"
  }}
  ingress {{
    description = "password = {c.password()}"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = local.cidrs # secret_token: {c.password()}
  }}
  ingress {{
    description = "{c.aws_id()}"
    from_port   = "{c.stripe()}"
    to_port     = "{c.github()}"
    protocol    = "{c.jwt()}"
    cidr_blocks = ["{c.google()}", var.unset ? "{c.aws_id()}" : "0.0.0.0/0", local.both]
  }}
  egress {{
    cidr_blocks = [lookup({{ password = "{c.password()}" }}, var.unset, "{c.github()}")]
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
  }}
}}
resource "aws_security_group" "{c.github()}" {{
  for_each = toset(["{c.stripe()}"])
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0", each.value]
  }}
}}
resource "aws_instance" "bot" {{
  user_data = <<-EOT
    #!/bin/sh
    export BINANCE_SECRET={c.binance()}
    curl -u admin:{c.password()} https://x:{c.password()}@example.com
{c.key_block("    ")}
    EOT
  password_data = "{c.password()}"
  encoded       = "{encoded}"
}}
resource "aws_security_group_rule" "near" {{
  # db_password = "{c.password()}"
  type              = "ingress"
  security_group_id = aws_security_group.open.id
  from_port         = 3389
  to_port           = 3389
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
  secret            = "{c.password()}"
}}
resource "aws_secretsmanager_secret" "exchange_api_key" {{
  name        = "exchange/{c.github()}"
  description = "{c.binance()}"
  kms_key_id  = "{c.aws_id()}"
  tags        = {{ Tier = "{c.slack()}" }}
}}
resource "aws_secretsmanager_secret_rotation" "exchange" {{
  secret_id = aws_secretsmanager_secret.exchange_api_key.id
  rotation_rules {{
    schedule_expression = "rate({c.stripe()})"
  }}
}}
resource "aws_lb_listener" "plain" {{
  protocol   = "HTTPS"
  ssl_policy = "{c.github()}"
}}
resource "aws_cloudwatch_log_group" "trading" {{
  name              = "/trading/exchange/{c.jwt()}"
  retention_in_days = "{c.stripe()}"
}}
resource "aws_cloudtrail" "t" {{
  name = "{c.slack()}"
  event_selector {{
    read_write_type = "{c.github()}"
  }}
}}
module "m" {{
  source   = "./m"
  password = "{c.password()}"
  api_key  = "{c.binance()}"
}}
module "far" {{
  source = "git::https://user:{c.password()}@example.com/m.git?token={c.github()}"
}}
module "near" {{
  source = "./{c.slack()}"
}}
moved {{
  from = aws_security_group.{c.github()}
  to   = aws_security_group.open
}}
"""
    return {
        "main.tf": main_tf,
        "m/main.tf": f"""
variable "password" {{}}
variable "api_key" {{ sensitive = true }}
resource "aws_security_group" "inner" {{
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.password, var.api_key, file("{c.github()}"), "{c.slack()}" + 1, "0.0.0.0/0"]
  }}
}}
""",
        "terraform.tfvars": f'cidr = "0.0.0.0/0"\nother_token = "{c.password()}"\n'
        f'unset = "{c.github()}"\n',
        "values/main.tf": 'variable "password" {}\nresource "aws_security_group" "v" {\n'
        '  ingress {\n    from_port = 22\n    to_port = 22\n    protocol = "tcp"\n'
        "    cidr_blocks = [var.password]\n  }\n}\n",
        "values/terraform.tfvars": f'password = "{c.password()}"\n',
        "broken/main.tf": f'resource "aws_db_instance" "d" {{\n  password = "{c.password()}\n}}\n'
        f'resource "aws_x" "{c.github()}" {{\n  = "{c.stripe()}"\n}}\n',
        "broken/b.tf": f"locals {{\n  a = <<EOT\n{c.key_block()}\n",
        "broken/x.tf.json": f'{{"password": "{c.password()}", "{c.github()}": }}',
        "broken/y.tf.json": f'{{"resource": {{"aws_x": {{"a": "{c.stripe()} ${{"}}}}}}',
        "broken/terraform.tfvars": f'password = "{c.password()}"\n'
        f"token = {c.github()} {c.slack()}\n",
        "Dockerfile": f"""FROM debian:12 AS base
ARG NPM_TOKEN={c.password()}
ARG BASE=registry.example.com/{c.github()}
ENV DB_PASSWORD={c.password()} API_KEY="{c.binance()}"
ENV AWS_SECRET_ACCESS_KEY {c.aws_secret()}
LABEL note="{c.stripe()}" password="{c.password()}"
RUN curl -H "Authorization: Bearer {c.password()}" https://u:{c.password()}@example.com
RUN echo {c.github()} > /token && export SECRET_KEY={c.password()}
COPY --chown=1 https://u:{c.password()}@example.com/id_rsa /
RUN <<EOT
{c.key_block()}
EOT
FROM registry.example.com/u:{c.password()}@x
FROM $BASE
USER {c.slack()}
FROM {c.github()}:{c.jwt()}
EVN PASSWORD={c.password()}
HEALTHCHECK --password={c.password()}
""",
    }


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Canaries, dict[str, bytes]]:
    """What a scan of the tree tells, by where it tells it."""
    folder = tmp_path_factory.mktemp("secrets")
    canaries = Canaries()
    write(folder / "tree", everywhere(canaries))
    outputs = [f"-o{name}={folder / name}" for name in FILES]
    done = run(folder, "scan", "tree", "-v", "--debug", "-oconsole", *outputs)
    assert done.returncode == 1, done.stderr
    files = {name: (folder / name).read_bytes() for name in FILES}
    return canaries, {**files, "stdout": done.stdout, "stderr": done.stderr}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Canaries, dict[str, bytes]]:
    """What is kept of a tree, beside reports: a baseline, waivers of every failure, a comparison
    with other secrets in the same places, and the cache."""
    folder = tmp_path_factory.mktemp("kept")
    canaries = Canaries()
    program = f'requests.get(url, headers={{"X-MBX-APIKEY": "{canaries.binance()}"}}, verify=False)'
    client = f"import requests\nurl = 'https://api.binance.com'\n{program}\n"
    tree = write(folder / "tree", {**everywhere(canaries), "bot/client.py": client})
    git(tree, "init", "-q", "-b", "main")
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "one")
    made = [run(folder, "baseline", "write", "baseline.json", "tree")]
    made.append(run(folder, "scan", "tree", "-q", "-ojson=report.json"))
    policies = {
        one["policy_id"]
        for one in json.loads((folder / "report.json").read_bytes())["findings"]
        if one["verdict"] == "fail"
    }
    for policy in sorted(policies):
        made.append(run(folder, "waive", policy, "*", "--report", "report.json", *WHO))
        assert made[-1].returncode == 0, made[-1].stderr
    write(tree, everywhere(canaries))
    made.append(
        run(folder, "scan", "tree", "-v", "--base", "HEAD", "-ojson=compared.json", "-ocsv")
    )
    found = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    kept = {path: data for path, data in found.items() if "/tree/" not in path}
    assert any("/cache/" in path for path in kept)
    said = {f"{n} {name}": getattr(each, name) for n, each in enumerate(made) for name in STREAMS}
    return canaries, kept | said


STREAMS = ("stdout", "stderr")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "policyscan", *command],
        cwd=folder,
        capture_output=True,
        check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "POLICYSCAN_CACHE": "on"},
    )


def test_no_secret_is_told(told: tuple[Canaries, dict[str, bytes]]) -> None:
    assert_none_told(*told)


def test_no_secret_is_kept(kept: tuple[Canaries, dict[str, bytes]]) -> None:
    assert_none_told(*kept)
    assert sum(name.endswith(("baseline.json", "waivers.yaml")) for name in kept[1]) == 2


def assert_none_told(canaries: Canaries, outputs: dict[str, bytes]) -> None:
    assert len(canaries.planted) > 80
    leaks = {
        (kind, where): data[max(0, at - 60) : at + 30]
        for kind, secret in canaries.planted.items()
        for where, data in outputs.items()
        for form in forms(secret)
        if (at := data.find(form)) >= 0
    }
    assert not leaks, "\n".join(f"{key}: {around!r}" for key, around in leaks.items())


def test_the_outputs_quote_the_places_where_secrets_were(
    told: tuple[Canaries, dict[str, bytes]],
) -> None:
    """They are masked, not left out by chance: on the console, where the fewest are quoted, those
    of a dozen places."""
    _, outputs = told
    for name in ("json", "html", "stdout"):
        assert outputs[name].count(b"********") > (12 if name == "stdout" else 20)


def forms(secret: str) -> set[bytes]:
    """How a secret would be recognised: behind its first four characters, by its end, encoded."""
    plain = secret.encode()
    return {
        plain[4:16], plain[-8:], base64.b64encode(plain)[:16], plain.hex().encode(), plain[::-1],
    }  # fmt: skip

"""A Terraform estate, Dockerfiles and a program, the same in every run: what a firm of some size
has."""

from __future__ import annotations

SERVICES = (
    "gateway",
    "orders",
    "pricing",
    "risk",
    "ledger",
    "reports",
    "custody",
    "research",
    "platform",
)
IMAGES = (
    ("python:3.12-slim", "pip install --no-cache-dir -r requirements.txt", "python -m service"),
    ("node:22-alpine", "npm ci --omit=dev", "node server.js"),
    ("golang:1.23", "go build -o /usr/local/bin/service ./...", "service"),
    (
        "eclipse-temurin:21",
        "./gradlew --no-daemon installDist",
        "build/install/service/bin/service",
    ),
    ("debian", "make install", "/usr/local/bin/service"),
    ("ubuntu:latest", "cmake --build build", "build/service"),
)
DOCKERFILES = 206
MODULES = 300


def terraform() -> dict[str, str]:
    """47 files by path: nine roots of five files, and a module that all of them call."""
    files = {"modules/log/main.tf": _MODULE, "modules/log/variables.tf": _MODULE_VARIABLES}
    for number, service in enumerate(SERVICES):
        for name, text in _ROOT.items():
            filled = text.replace("SERVICE", service).replace("NUMBER", str(number))
            files[f"{service}/{name}"] = filled
    return files


def dockerfiles() -> dict[str, str]:
    """206 files by path; a third have two stages, half have a user."""
    return {f"service-{number:03}/Dockerfile": _dockerfile(number) for number in range(DOCKERFILES)}


def programs(modules: int = MODULES) -> dict[str, str]:
    """A Python program by path; a tenth of its modules talk to an exchange, a thirtieth log, a
    thirtieth say how they verify certificates."""
    files = {f"bot/part_{number:03}.py": _python(number) for number in range(modules)}
    return files | {"requirements.txt": "ccxt==4.5.0\nrequests>=2.32\n"}


def _python(number: int) -> str:
    lines = [f'"""Part {number} of the bot."""', "import asyncio", "import math"]
    if number % 10 == 0:
        lines += ["import ccxt", "", 'CLIENT = ccxt.kraken({"enableRateLimit": True})']
    if number % 30 == 0:
        lines += ["import logging", "", "logging.basicConfig(level=logging.INFO)"]
    if number % 30 == 7:
        lines += ["import requests", "", 'ANSWER = requests.get("https://localhost", verify=False)']
    for index in range(12):
        lines += ["", "", _PYTHON.replace("NUMBER", f"{number}_{index}").rstrip()]
    return "\n".join([*lines, ""])


def _dockerfile(number: int) -> str:
    image, build, command = IMAGES[number % len(IMAGES)]
    lines = [f"# Service {number}", f"FROM {image} AS build", f"LABEL service=service-{number:03}"]
    lines += [
        f'ENV SETTING_{index}="value {index}" \\\n    LEVEL_{index}={index}' for index in (1, 2)
    ]
    lines += [
        "RUN apt-get update && apt-get install -y --no-install-recommends \\",
        "    ca-certificates \\",
        "    # what the build needs",
        "    curl git make \\",
        "    && rm -rf /var/lib/apt/lists/*",
        "WORKDIR /srv/service",
        "COPY . .",
        f"RUN {build}",
    ]
    if number % 3 == 0:
        lines += ["FROM debian:12-slim", "COPY --from=build /srv/service /srv/service"]
    if number % 5 == 0:
        lines += ["ARG API_TOKEN", 'ENV API_TOKEN="${API_TOKEN:-changeme}"']
    if number % 7 == 0:
        lines += ["RUN <<SCRIPT", "set -eu", "for each in one two; do echo $each; done", "SCRIPT"]
    if number % 2:
        lines += ["RUN useradd --system service", "USER service"]
    words = ", ".join(f'"{word}"' for word in command.split())
    lines += ["EXPOSE 8080", "HEALTHCHECK CMD curl -f http://localhost:8080", f"CMD [{words}]", ""]
    return "\n".join(lines)


_PYTHON = """\
class PositionNUMBER:
    def __init__(self, symbol: str, amount: float, price: float) -> None:
        self.symbol = symbol
        self.amount = amount
        self.price = price

    def value(self, rate: float) -> float:
        return math.fsum((self.amount * self.price * rate, -0.001 * self.amount))

    async def close(self, book: dict[str, float], limit: int = 10) -> list[float]:
        steps = [book.get(self.symbol, self.price) * (1 - step / 1000) for step in range(limit)]
        for step in steps:
            if step < self.price:
                await asyncio.sleep(0)
        return steps
"""

_MODULE = """\
resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.environment}/${var.name}"
  retention_in_days = var.days
  kms_key_id        = var.key
  tags              = merge({ Name = var.name }, var.tags)
}

output "arn" {
  value = aws_cloudwatch_log_group.this.arn
}
"""

_MODULE_VARIABLES = """\
variable "name" {
  type = string
}

variable "environment" {
  type    = string
  default = "production"
}

variable "days" {
  type    = number
  default = 30
}

variable "key" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}
"""

_ROOT = {
    "variables.tf": """\
variable "environment" {
  description = "Where SERVICE runs."
  type        = string
  default     = "production"
}

variable "office" {
  description = "Addresses of the office."
  type        = list(string)
  default     = ["198.51.100.0/24", "203.0.113.NUMBER/32"]
}

variable "ports" {
  type = map(object({ port = number, cidrs = optional(list(string), ["0.0.0.0/0"]) }))
  default = {
    web   = { port = 443 }
    admin = { port = 22, cidrs = ["10.NUMBER.0.0/16"] }
  }
}

locals {
  name = "SERVICE-${var.environment}"
  tags = {
    Service     = "SERVICE"
    Environment = var.environment
    Owner       = "team-NUMBER"
  }
}
""",
    "network.tf": """\
resource "aws_vpc" "main" {
  cidr_block           = cidrsubnet("10.0.0.0/8", 8, NUMBER)
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = "${local.name}-vpc" })
}

resource "aws_subnet" "private" {
  count             = 3
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 4, count.index)
  availability_zone = element(["a", "b", "c"], count.index)
}

resource "aws_security_group" "service" {
  name        = "${local.name}-service"
  description = "SERVICE"
  vpc_id      = aws_vpc.main.id

  dynamic "ingress" {
    for_each = var.ports
    content {
      description = ingress.key
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = ingress.value.cidrs
    }
  }

  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = local.tags
}

resource "aws_security_group" "office" {
  name   = "${local.name}-office"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group_rule" "office" {
  for_each          = toset(["22", "3389", "5432"])
  type              = "ingress"
  security_group_id = aws_security_group.office.id
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
  protocol          = "tcp"
  cidr_blocks       = each.key == "22" ? var.office : ["0.0.0.0/0"]
}

resource "aws_lb" "public" {
  name               = local.name
  load_balancer_type = "application"
  subnets            = aws_subnet.private[*].id
  security_groups    = [aws_security_group.service.id]
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-2016-08"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service.arn
  }
}

resource "aws_lb_target_group" "service" {
  name     = local.name
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}
""",
    "secrets.tf": """\
resource "aws_kms_key" "main" {
  description             = "SERVICE"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "kms:*"
      Resource  = "*"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
    }]
  })
}

resource "aws_secretsmanager_secret" "exchange" {
  name       = "${local.name}/exchange"
  kms_key_id = aws_kms_key.main.arn
  tags       = merge(local.tags, { Purpose = "exchange" })
}

resource "aws_secretsmanager_secret" "database" {
  name = "${local.name}/database"
  tags = local.tags
}

resource "aws_secretsmanager_secret_rotation" "database" {
  secret_id           = aws_secretsmanager_secret.database.id
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:123456789012:function:rotate"
  rotation_rules {
    automatically_after_days = 30
  }
}
""",
    "compute.tf": """\
data "aws_ami" "base" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-*-x86_64"]
  }
}

resource "aws_instance" "worker" {
  count                  = 2
  ami                    = data.aws_ami.base.id
  instance_type          = var.environment == "production" ? "m6i.large" : "t3.small"
  subnet_id              = aws_subnet.private[count.index].id
  vpc_security_group_ids = [aws_security_group.service.id, aws_security_group.office.id]
  iam_instance_profile   = aws_iam_instance_profile.worker.name
  user_data              = <<-SCRIPT
    #!/bin/sh
    set -eu
    systemctl enable SERVICE
    systemctl start SERVICE
  SCRIPT
  root_block_device {
    encrypted   = true
    volume_size = 40
  }
  tags = merge(local.tags, { Name = format("%s-%02d", local.name, count.index) })
}

resource "aws_iam_role" "worker" {
  name = local.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "worker" {
  name = local.name
  role = aws_iam_role.worker.name
}

resource "aws_s3_bucket" "data" {
  bucket = "${local.name}-data"
  tags   = local.tags
}

resource "aws_db_instance" "main" {
  identifier          = local.name
  engine              = "postgres"
  instance_class      = "db.m6g.large"
  allocated_storage   = 100
  storage_encrypted   = true
  publicly_accessible = false
  username            = "service"
  password            = random_password.database.result
}

resource "random_password" "database" {
  length = 32
}
""",
    "monitoring.tf": """\
module "log" {
  source      = "../modules/log"
  for_each    = toset(["service", "audit"])
  name        = "SERVICE-${each.key}"
  environment = var.environment
  days        = each.key == "audit" ? 400 : 30
  key         = aws_kms_key.main.arn
  tags        = local.tags
}

resource "aws_cloudtrail" "main" {
  name                       = local.name
  s3_bucket_name             = aws_s3_bucket.data.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.main.arn
}

resource "aws_guardduty_detector" "main" {
  enable = true
}

output "instances" {
  value = { for index, instance in aws_instance.worker : index => instance.private_ip }
}
""",
}

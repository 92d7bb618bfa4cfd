"""A repository that does its worst: names and values that attack reports, and files that cannot be
read."""

from __future__ import annotations

import os
from pathlib import Path

from tests.scanning import write

FORGED = "::error title=x::y ##[error] </script><img src=x onerror=alert(1)> \\u001b[2J \\u202e"

FILES: dict[str, str | bytes] = {
    "main.tf": f"""
        variable "unset" {{}}
        resource "aws_security_group" "open" {{
          name        = "{FORGED}"
          description = "=HYPERLINK(1) [link](javascript:alert(1))"
          ingress {{
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = ["0.0.0.0/0"]
          }}
        }}
        resource "aws_security_group" "unset" {{
          ingress {{
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = [var.unset]
          }}
        }}
        resource "aws_secretsmanager_secret" "key" {{
          for_each = toset(["{FORGED}"])
          name     = "binance-${{each.key}}"
        }}
        module "away" {{
          source = "git::https://example.com/</title><script>.git"
        }}
        """.encode(),
    "broken/main.tf": b'resource "aws_security_group" "b" {\n  name = [\n',
    "garbage/main.tf": bytes(range(256)),
    "images/a\u202eb/Dockerfile": b'FROM alpine:latest\nENV API_TOKEN="::error::x </script>"\n',
    "images/none/Dockerfile": b"RUN echo there is no FROM\n",
    "images/template/Dockerfile.j2": b"FROM {{ base }}\n",
}
UNDECODABLE = b"images/\xff\x1b[2J/Dockerfile"


def write_hostile_estate(root: Path) -> Path:
    write(root, FILES)
    path = root / os.fsdecode(UNDECODABLE)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"FROM scratch\n")
    (root / "outside.tf").symlink_to("/etc/hostname")
    return root

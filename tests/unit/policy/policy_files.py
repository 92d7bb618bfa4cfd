"""A policy file made for tests, and ways to change one line of it."""

from __future__ import annotations

from pathlib import Path

from policyscan.policy import Catalogue, Policy, load_policies
from policyscan.resources.keys import Secret
from policyscan.resources.monitoring import Trail
from policyscan.resources.network import SecurityGroup

KINDS = {kind.kind: kind for kind in (Secret, SecurityGroup, Trail)}

TEXT = """\
id: PS-SEC-006
version: 1
slug: secret-without-own-key
title: Secrets are encrypted with a key of the firm's own
severity: medium
plane: change
resource: Secret
when: resource.purpose == "exchange_api_key"
require: resource.tier in params.tiers
params:
  tiers:
    about: The tiers that need it.
    type: list(string)
    default: ["high", "medium"]
message: "{address}: {witness.path} is {witness.value} ({witness.note})"
why: Because.
fix: Do it.
control: CTL-SEC-STORE
criteria: ["SOC2:CC6.1", "ISO27001:A.8.24"]
guide: [Production Secrets Storage]
tests:
  - name: one of each
    files:
      main.tf: |
        resource "aws_secretsmanager_secret" "a" {}
    options: {context: {regions: [eu-west-1]}}
    expect: {aws_secretsmanager_secret.a: pass}
"""


def with_line(key: str, text: str) -> str:
    """The policy with the line of a top-level key replaced (removed if `text` is empty)."""
    lines = TEXT.splitlines()
    (number,) = (n for n, line in enumerate(lines) if line.startswith(f"{key}:"))
    lines[number : number + 1] = text.splitlines()
    return "\n".join(lines) + "\n"


def load(directory: Path, *texts: str) -> Catalogue:
    """The policies of a directory of these files."""
    folder = directory / "policies"
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"p{number}.yaml").write_text(text, "utf-8")
    return load_policies(folder, KINDS)


def load_one(directory: Path, text: str = TEXT) -> Policy:
    (policy,) = load(directory, text).policies
    return policy

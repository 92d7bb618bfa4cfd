"""Resources made by hand, for tests of what an inventory says about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from policyscan.config import ScopeAssignment
from policyscan.inventory import Inventory
from policyscan.resources.base import Origin, ProofLevel, Resource, Step, StepKind
from policyscan.resources.containers import DockerfileStage
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.keys import Secret
from policyscan.resources.monitoring import LogGroup
from policyscan.resources.network import SecurityGroup
from policyscan.resources.programs import ExchangeSign, Program
from policyscan.resources.workloads import Workload
from policyscan.text.source import Source
from policyscan.values import Ref

EU = "111122223333/eu-west-1"

NEEDED: dict[type[Resource], dict[str, Any]] = {
    Secret: {"purpose": "other", "kms": "customer", "rotation_enabled": True},
    LogGroup: {"kms_encrypted": True},
    Workload: {"form": "instance"},
    DockerfileStage: {
        "is_final": True,
        "base_image": "x",
        "base_family": "x",
        "user_is_root": False,
    },
    IamStatement: {"effect": "Allow", "policy_kind": "identity"},
}


def made(
    kind: type[Resource], address: str, *, unit: str = "root", region: str = "", **fields: Any
) -> Any:
    """A resource of a kind with what it needs and these fields."""
    span = Source(f"{unit}/main.tf", b"resource").whole()
    origin = Origin("terraform", ".", unit, span, ProofLevel.CONFIGURED, region=region)
    if kind is Secret and fields.get("purpose") == "exchange_api_key":
        fields.setdefault("scope", {"purpose": "derived"})
        fields.setdefault("chains", {"purpose": (Step(StepKind.ATTRIBUTE, "its name"),)})
    return kind(address=address, origin=origin, **NEEDED.get(kind, {}) | fields)


SEEN_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def seen(
    kind: type[Resource], address: str, *, unit: str = EU, target: str = "aws", **fields: Any
) -> Any:
    """A resource as it was seen in an account."""
    origin = Origin("aws", target, unit, None, ProofLevel.OBSERVED, SEEN_AT)
    return kind(address=address, origin=origin, **NEEDED.get(kind, {}) | fields)


def workload(address: str, **fields: Any) -> Any:
    return made(Workload, address, **fields)


def group(address: str, **fields: Any) -> Any:
    return made(SecurityGroup, address, **fields)


def logs(address: str, **fields: Any) -> Any:
    return made(LogGroup, address, **fields)


def statement(address: str, role: str | Ref, **fields: Any) -> Any:
    return made(IamStatement, address, attached_to=(role,), **fields)


def exchange_secret(address: str = "aws_secretsmanager_secret.k", **fields: Any) -> Any:
    return made(Secret, address, purpose="exchange_api_key", **fields)


def program(unit: str = ".") -> Any:
    sign = ExchangeSign(exchange="several exchanges", sign="sdk", text="ccxt")
    return made(Program, unit, unit=unit, signs=(sign,), handles_keys=True)


def settled(*resources: Resource, assign: tuple[ScopeAssignment, ...] = ()) -> dict[str, Any]:
    """By address, the resources as the inventory holds them."""
    return {one.address: one for one in Inventory(resources, assign).resources}


def answer(resource: Any, question: str) -> tuple[Any, str] | None:
    """Value and basis of an answer; None if nobody gave one."""
    basis = resource.scope.get(question)
    return (getattr(resource, question), basis) if basis else None

"""Secrets: of Secrets Manager with rotation and versions joined, and of the Parameter Store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.key_owner import key_owner
from policyscan.collectors.terraform.kinds.keys.parameters import parameters
from policyscan.collectors.terraform.kinds.keys.secret_values import seals_of, value_source, worst
from policyscan.collectors.terraform.kinds.links import Links
from policyscan.collectors.terraform.kinds.purpose_signs import signs
from policyscan.collectors.terraform.kinds.workloads.secret_links import SecretLinks
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.keys import Secret
from policyscan.resources.purpose import is_exchange_secret
from policyscan.resources.schedules.aws import rotation_interval_days
from policyscan.resources.secret_names import secret_of_arn
from policyscan.values import OneOf, Ref, Unknown, Why, first, reason_or

SECRETS = ("aws_secretsmanager_secret",)
ROTATIONS = ("aws_secretsmanager_secret_rotation",)
VERSIONS = ("aws_secretsmanager_secret_version",)

_VALUES = ("secret_string", "secret_binary")


def secrets(declared: Declared) -> Iterator[Secret]:
    """Every secret and secret parameter of the root."""
    links = SecretLinks(Links(declared))
    rotations = _joined(declared, ROTATIONS, links)
    versions = _joined(declared, VERSIONS, links)
    for node in declared.nodes(*SECRETS):
        declared.note(node.block, "")
        yield _secret(declared, node, rotations, versions)
    for version, name in versions.strays:
        yield _elsewhere(declared, version, name)
    yield from parameters(declared)


class _Joined(NamedTuple):
    """Companions of secrets."""

    here: dict[str, list[Node]]
    """By the address of their secret."""
    unplaced: Unknown | None
    """Why one may belong to any secret."""
    strays: list[tuple[Node, Any]]
    """Those whose secret is certainly not one of the root, with what names it."""


def _joined(declared: Declared, types: tuple[str, ...], links: SecretLinks) -> _Joined:
    found: dict[str, list[Node]] = {}
    unplaced: Unknown | None = None
    strays: list[tuple[Node, Any]] = []
    here = {node.address for node in declared.nodes(*SECRETS)}
    for node in declared.nodes(*types):
        declared.note(node.block, "joined to its secret")
        value = declared.evaluate(node, "secret_id")
        target = fields.target(value) if value is not None else None
        if value is not None and isinstance(target, str):
            target = links.named(value)
        if isinstance(target, Ref) and (target.certain or target.address in here):
            found.setdefault(target.address, []).append(node)
        elif isinstance(target, Ref):
            unplaced = Unknown(Why.DATA_SOURCE, f"which secret {target} is", target.where)
        elif isinstance(target, (Unknown, OneOf)):
            unplaced = target if isinstance(target, Unknown) else target.unknown
        elif target is not None:
            strays.append((node, target))
    return _Joined(found, unplaced, strays)


def _elsewhere(declared: Declared, version: Node, name: str) -> Secret:
    """The secret that a version gives a value, though its root does not declare it."""
    declared.note(version.block, "")
    built = fields.Fields(version.block.header)
    arn = secret_of_arn(name)
    text = name if arn is None else arn.names[0]
    value = declared.evaluate(version, "secret_id")
    built.set("name", text, fields.chain(value, "secret_id") if value is not None else ())
    built.set("value_from", *value_source(declared, version, _VALUES, read_back=False))
    built.seals["value_from"] = seals_of(declared, (version,), _VALUES)
    for name_ in ("description", "kms", "rotation_enabled", "rotation_interval_days"):
        where = version.block.header
        outside = Unknown(Why.OUTSIDE, f"the secret {text}, which is declared elsewhere", where)
        built.set(name_, outside, fields.implied(name_, where, "declared elsewhere"))
    built.set("rotation_function", built.values["rotation_enabled"], ())
    purpose = is_exchange_secret((text, version.block.labels[1]))
    built.set("purpose", purpose, built.chains["name"])
    common = declared.common(version, built)
    common["chains"] = {**common["chains"], **built.chains}
    scope = {"purpose": "derived"} if isinstance(purpose, str) else {}
    return Secret(**common, **built.values, scope=scope)


def _secret(declared: Declared, node: Node, rotations: _Joined, versions: _Joined) -> Secret:
    view = declared.view(node)
    built = fields.Fields(node.block.header)
    for name in ("name", "description"):
        built.put(name, name, view.get(name), fields.text, None, "")
    built.put(
        "kms",
        "kms_key_id",
        view.get("kms_key_id"),
        key_owner,
        "aws_managed",
        "the key aws/secretsmanager, which AWS manages",
    )
    _put_rotation(built, declared, node, rotations)
    built.set("value_from", *_value_from(declared, node, versions))
    given = versions.here.get(node.address, ())
    built.seals["value_from"] = seals_of(declared, given, _VALUES)
    common = declared.common(node, built)
    built.set("purpose", *_purpose(built, common["tags"], node, view.get("name_prefix")))
    common["chains"] = {**common["chains"], **built.chains}
    scope = {"purpose": "derived"} if isinstance(built.values["purpose"], str) else {}
    return Secret(**common, **built.values, scope=scope)


def _value_from(declared: Declared, node: Node, versions: _Joined) -> tuple[Any, Chain]:
    """What puts the value of a secret there: the worst of its versions, which are looked for in
    its root."""
    here, unplaced, _ = versions
    found = [
        value_source(declared, version, _VALUES, read_back=False)
        for version in here.get(node.address, ())
    ]
    if found:
        return worst(found)
    absent = first(unplaced, declared.missing("a version of this secret", node))
    why = fields.implied("version", node.block.header, "no version refers to this secret")
    return "outside" if absent is None else absent, why


def _put_rotation(
    built: fields.Fields,
    declared: Declared,
    node: Node,
    rotations: _Joined,
) -> None:
    here, unplaced, _ = rotations
    others = here.get(node.address, [])
    rotation = others[0] if others else None
    if rotation is None:
        absent = first(unplaced, declared.missing("a rotation of this secret", node))
        why = fields.implied("rotation", node.block.header, "no rotation refers to this secret")
        built.set("rotation_enabled", False if absent is None else absent, why)
        built.set("rotation_interval_days", absent, why)
        built.set("rotation_function", absent, why)
        return
    step = Step(StepKind.BLOCK, rotation.address, rotation.block.header)
    built.set(
        "rotation_enabled", True if rotation.conditional is None else rotation.conditional, (step,)
    )
    built.put(
        "rotation_function",
        "rotation_lambda_arn",
        declared.evaluate(rotation, "rotation_lambda_arn"),
        fields.text,
        None,
        "AWS rotates it",
    )
    if len(others) > 1:
        needs = f"which rotation of {node.address} is in force"
        several = Unknown(Why.UNSUPPORTED, needs, others[1].block.header)
        built.set("rotation_interval_days", several, (step,))
        return
    _put_interval(built, declared.view(rotation), step)


def _put_interval(built: fields.Fields, rotation: View, step: Step) -> None:
    rules, reason = rotation.blocks("rotation_rules")
    for rule in rules:
        days = rule.get("automatically_after_days")
        schedule = rule.get("schedule_expression")
        if days is not None:
            why = (*fields.chain(days, "automatically_after_days"), step)
            built.set("rotation_interval_days", fields.integer(days), why)
            return
        if schedule is not None:
            why = (*fields.chain(schedule, "schedule_expression"), step)
            built.set("rotation_interval_days", _interval(schedule), why)
            return
    needs = "the interval of the rotation"
    unknown = reason_or(reason, Why.MISSING, needs, rotation.span)
    built.set("rotation_interval_days", unknown, (step,))


def _interval(schedule: Value) -> Any:
    expression = fields.text(schedule)
    if not isinstance(expression, str):
        return expression if isinstance(expression, Unknown) else schedule.unknown
    days = rotation_interval_days(expression)
    needs = f"the interval of the schedule {expression}"
    return Unknown(Why.UNSUPPORTED, needs, schedule.trail.step.span) if days is None else days


def _purpose(
    built: fields.Fields, tags: Any, node: Node, prefix: Value | None
) -> tuple[Any, Chain]:
    """By the words in label, name or its prefix, description and tags."""
    begins = None if prefix is None else fields.text(prefix)
    texts = signs(node, built.values["name"], begins, built.values["description"], tags)
    chain = built.chains["name"] if prefix is None else fields.chain(prefix, "name_prefix")
    return is_exchange_secret(texts), chain

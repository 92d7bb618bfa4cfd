"""What rotates keys: rules of EventBridge, schedules of its scheduler, and the functions that
Secrets Manager calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec.structs import replace

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.rotation.function_programs import Functions, text_of
from policyscan.collectors.terraform.kinds.rotation.types import (
    FUNCTIONS,
    RULES,
    SCHEDULES,
    SECRETS,
    TARGETS,
)
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain, ProofLevel, Step, StepKind
from policyscan.resources.purpose import is_exchange_secret
from policyscan.resources.rotation.facts import unseen
from policyscan.resources.rotation.model import RotationProcess
from policyscan.resources.rotation.words import purpose_of, rotates_keys
from policyscan.resources.schedules.aws import event_interval_days
from policyscan.values import OneOf, Ref, Unknown, Why, first

_STATES = {
    "ENABLED": True,
    "DISABLED": False,
    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS": True,
}
OTHER = "rotates no keys"


def find_all(declared: Declared) -> Iterator[RotationProcess]:
    """Every schedule and function of the root that rotates keys."""
    mapper = _Mapper(declared)
    for node in declared.nodes(*RULES, *SCHEDULES):
        found = mapper.schedule(node)
        declared.note(node.block, OTHER if found is None else "")
        if found is not None:
            yield found
    for node in declared.nodes(*FUNCTIONS):
        found = mapper.function(node)
        if found is not None:
            yield found


class _Target(NamedTuple):
    """What a schedule starts."""

    arn: Value
    conditional: Unknown | None = None
    """Why it is not known whether it does."""


class _Mapper:
    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._functions = Functions(declared)
        self._rotated = _rotated(declared, self._functions)

    def schedule(self, node: Node) -> RotationProcess | None:
        """The resource that a rule or schedule is, if it rotates keys."""
        if self._declared.evaluate(node, "schedule_expression") is None:
            return None
        is_rule = node.block.labels[0] in RULES
        targets, reason = self._rule_targets(node) if is_rule else self._target(node)
        return self._schedule(node, targets, reason)

    def function(self, node: Node) -> RotationProcess | None:
        """The resource that a function is, if Secrets Manager calls it."""
        secrets = self._rotated.get(node.address)
        return None if secrets is None else self._function(node, secrets)

    # -- schedules -----------------------------------------------------------------------------

    def _schedule(
        self, node: Node, targets: list[_Target], reason: Unknown | None
    ) -> RotationProcess | None:
        functions = [self._functions.find(fields.target(target.arn)) for target in targets]
        texts = [*_texts(self._declared, node), *self._told(targets, functions)]
        if rotates_keys(*texts) is False:
            return None
        declared = self._declared
        built = fields.Fields(node.block.header)
        schedule = declared.evaluate(node, "schedule_expression")
        assert schedule is not None
        built.put("schedule", "schedule_expression", schedule, fields.text, None, "")
        built.set(
            "interval_days",
            _mapped(fields.text(schedule), lambda text: _interval(text, node)),
            fields.chain(schedule, "schedule_expression"),
        )
        self._put_enabled(built, node)
        function = self._rotating(functions)
        built.set("purpose", purpose_of(texts, node.address), _block(node))
        self._put_program(built, node, function, targets, reason)
        form = "eventbridge" if node.block.labels[0] in RULES else "scheduler"
        return self._built(node, form, built, function)

    def _put_enabled(self, built: fields.Fields, node: Node) -> None:
        state = self._declared.evaluate(node, "state")
        name = "state" if state is not None else "is_enabled"
        given = state if state is not None else self._declared.evaluate(node, "is_enabled")
        convert = _state if state is not None else fields.boolean
        built.put("enabled", name, given, convert, True, "enabled by default")

    def _put_program(
        self,
        built: fields.Fields,
        node: Node,
        function: Node | None,
        targets: list[_Target],
        reason: Unknown | None,
    ) -> None:
        header = node.block.header
        if function is not None:
            steps = _block(function)
            built.set("script", function.address, steps)
            doubt = first(function.conditional, *(target.conditional for target in targets))
            built.set("script_exists", True if doubt is None else doubt, steps)
            built.set("notifies_on_failure", self._functions.tells_of_failure(function), steps)
            return
        exists: bool | Unknown = Unknown(Why.OUTSIDE, f"what {node.address} starts", header)
        absent = first(reason, self._declared.missing(f"a target of {node.address}", node))
        if not targets:
            exists = False if absent is None else absent
        built.set("script_exists", exists, fields.implied("target", header, "no target is here"))
        told = Unknown(Why.OUTSIDE, f"who hears of it if what {node.address} starts fails", header)
        built.set("notifies_on_failure", told, _block(node))

    def _rule_targets(self, rule: Node) -> tuple[list[_Target], Unknown | None]:
        """What a rule starts, and why there may be more."""
        name = text_of(self._declared, rule, "name")
        found: list[_Target] = []
        reason: Unknown | None = None
        for node in self._declared.nodes(*TARGETS):
            value = self._declared.evaluate(node, "rule")
            target = fields.target(value) if value is not None else None
            arn = self._declared.evaluate(node, "arn")
            if isinstance(target, (Unknown, OneOf)):
                reason = target if isinstance(target, Unknown) else target.unknown
            elif arn is None:
                continue
            elif _is(target, rule) or (isinstance(name, str) and target == name):
                found.append(_Target(arn, node.conditional))
            elif isinstance(target, str) and isinstance(name, (Unknown, OneOf)):
                reason = name if isinstance(name, Unknown) else name.unknown
        return found, reason

    def _target(self, schedule: Node) -> tuple[list[_Target], Unknown | None]:
        blocks, reason = self._declared.view(schedule).blocks("target")
        arns = [block.get("arn") for block in blocks]
        return [_Target(arn) for arn in arns if arn is not None], reason

    def _rotating(self, functions: list[Node | None]) -> Node | None:
        """Of several functions that one schedule starts, the first that seems to rotate keys."""
        found = [node for node in functions if node is not None]
        named = [node for node in found if rotates_keys(*self._functions.texts(node)) is not False]
        return next(iter((*named, *found)), None)

    def _told(self, targets: list[_Target], functions: list[Node | None]) -> Iterator[str]:
        for each, function in zip(targets, functions, strict=True):
            target = fields.target(each.arn)
            if function is not None:
                yield from self._functions.texts(function)
            elif isinstance(target, (str, Ref)):
                yield target.address if isinstance(target, Ref) else target

    # -- functions -----------------------------------------------------------------------------

    def _function(self, node: Node, secrets: list[str | Unknown]) -> RotationProcess:
        built = fields.Fields(node.block.header)
        purpose = is_exchange_secret([*self._functions.texts(node), *secrets])
        chain = _block(node)
        built.set("purpose", purpose, chain)
        built.set("script", node.address, chain)
        built.set("script_exists", True, chain)
        built.set("notifies_on_failure", self._functions.tells_of_failure(node), chain)
        return self._built(node, "lambda", built, node)

    def _built(
        self, node: Node, form: str, built: fields.Fields, function: Node | None
    ) -> RotationProcess:
        program = f"the program that {node.address} starts"
        facts = (
            unseen(program, node.block.header)
            if function is None
            else self._functions.facts(function)
        )
        name = "function_name" if form == "lambda" else "name"
        common = self._declared.common(node, built)
        common["origin"] = replace(common["origin"], proof=ProofLevel.HEURISTIC)
        return RotationProcess(
            **common,
            **built.values,
            form=form,
            name=text_of(self._declared, node, name),
            steps=facts.steps,
            order_ok=facts.order_ok,
            validates_before_promote=facts.validates_before_promote,
            revokes_after_promote=facts.revokes_after_promote,
            has_rollback=facts.has_rollback,
        )


def _rotated(declared: Declared, functions: Functions) -> dict[str, list[str | Unknown]]:
    """By address of a function, what tells for what the secrets are that it rotates."""
    found: dict[str, list[str | Unknown]] = {}
    secrets = {node.address: node for node in declared.nodes("aws_secretsmanager_secret")}
    for node in declared.nodes(*SECRETS):
        value = declared.evaluate(node, "rotation_lambda_arn")
        function = functions.find(fields.target(value)) if value is not None else None
        if function is None:
            continue
        about = found.setdefault(function.address, [])
        secret = declared.evaluate(node, "secret_id")
        target = fields.target(secret) if secret is not None else Ref(node.address)
        known = secrets.get(target.address) if isinstance(target, Ref) else None
        if known is not None:
            about += _texts(declared, known)
        elif isinstance(target, (str, Unknown)):
            about.append(target)
        else:
            about.append(Unknown(Why.OUTSIDE, f"which secret {node.address} is for"))
    return found


def _texts(declared: Declared, node: Node) -> list[str]:
    """What tells what a block is for."""
    found = [text_of(declared, node, name) for name in ("name", "name_prefix", "description")]
    return [node.block.labels[1], *(text for text in found if isinstance(text, str))]


def _block(node: Node) -> Chain:
    return (Step(StepKind.BLOCK, node.address, node.block.header),)


def _is(target: Any, node: Node) -> bool:
    return isinstance(target, Ref) and target.address == node.address


def _state(value: Value) -> Any:
    needs = "ENABLED or DISABLED"
    return _mapped(
        fields.text(value),
        lambda text: _STATES.get(text, Unknown(Why.EVALUATION_ERROR, needs, value.trail.step.span)),
    )


def _interval(schedule: str, node: Node) -> float | Unknown:
    days = event_interval_days(schedule)
    if days is not None:
        return days
    return Unknown(Why.UNSUPPORTED, f"how often {schedule} comes", node.block.header)


def _mapped(value: Any, convert: Any) -> Any:
    if isinstance(value, OneOf):
        return value.each(lambda case: _mapped(case, convert))
    if isinstance(value, str):
        return convert(value)
    return value.derived if isinstance(value, Unknown) else Unknown(Why.COMPUTED, "this text")

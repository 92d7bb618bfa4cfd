"""What runs the tasks of ECS: services and schedules, with the network they give a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.workloads.joined_tags import Tag, tags_of
from policyscan.collectors.terraform.kinds.workloads.shared import Context
from policyscan.collectors.terraform.kinds.workloads.types import SERVICES, TASKS
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain
from policyscan.values import OneOf, Unknown, Why, first, reason_or


class _Run(NamedTuple):
    """One way in which a task is run."""

    node: Node
    view: View
    """The block that holds `network_configuration`."""


class Runs:
    """The services and schedules of a root by the address of the task."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_task: dict[str, list[_Run]] = {}
        self._stray: Unknown | None = None
        for node in context.declared.nodes(*SERVICES):
            self._enter(node, context.declared.view(node), "task_definition")
        for node, view in self._schedules():
            self._enter(node, view, "task_definition_arn")

    def note(self) -> None:
        """Record what became of each service."""
        joined = {run.node.address for runs in self._by_task.values() for run in runs}
        for node in self._context.declared.nodes(*SERVICES):
            known = node.address in joined
            outcome = "joined to its task" if known else "its task is not here"
            self._context.declared.note(node.block, outcome)

    def tags_of(self, task: Node) -> Iterator[Tag | Unknown]:
        """The tags of what runs a task."""
        for run in self._by_task.get(task.address, ()):
            yield from tags_of(self._context.declared, run.node)

    def put_network(self, built: fields.Fields, task: Node, view: View) -> None:
        """Put groups, subnets and whether a task gets a public address."""
        runs = self._by_task.get(task.address, [])
        groups, subnets = Gathering("groups", built), Gathering("subnets", built)
        public: list[tuple[Any, Chain]] = []
        reason = first(self._stray, self._context.declared.elsewhere("what runs this task", task))
        if not runs:
            reason = reason_or(reason, Why.OUTSIDE, f"what runs {task.address}", task.block.header)
        for run in runs:
            blocks, more = run.view.blocks("network_configuration")
            for block in blocks:
                public.append(_network(block, groups, subnets))
            if not blocks:
                reason = reason_or(
                    first(reason, more), Why.OUTSIDE, f"where {task.address} runs", run.view.span
                )
        for listed in (groups, subnets):
            listed.more(reason, fields.implied("network", view.span, "a service decides it"))
            listed.settle()
        built.set("public_ip", *_any(public, reason, task))

    def _schedules(self) -> Iterator[tuple[Node, View]]:
        declared = self._context.declared
        for node in declared.nodes("aws_cloudwatch_event_target"):
            for view in declared.view(node).blocks("ecs_target")[0]:
                yield node, view
        for node in declared.nodes("aws_scheduler_schedule"):
            for target in declared.view(node).blocks("target")[0]:
                for view in target.blocks("ecs_parameters")[0]:
                    yield node, view

    def _enter(self, node: Node, view: View, name: str) -> None:
        value = view.get(name)
        if value is None:
            return
        task = self._task(value)
        if isinstance(task, Unknown):
            self._stray = first(self._stray, task)
        elif task:
            self._by_task.setdefault(task, []).append(_Run(node, view))

    def _task(self, value: Value) -> str | Unknown:
        """The address of the task that an argument names; empty if it is elsewhere."""
        links = self._context.links
        if isinstance(value.plain, OneOf):
            return value.plain.unknown.derived
        ref = links.mentioned(value, *TASKS)
        node = links.node(ref.address) if ref is not None else None
        if node is not None and node.block.type == "data":
            inner = links.declared.evaluate(node, "task_definition")
            return "" if inner is None else self._task(inner)
        if node is not None:
            return node.address
        if isinstance(value.plain, str):
            named = links.named(TASKS[0], "family", _family(value.plain))
            return "" if named is None else named.address
        return value.plain.derived if isinstance(value.plain, Unknown) else ""


def _family(name: str) -> str:
    """`bot` of `bot`, `bot:3` and `arn:aws:ecs:…:task-definition/bot:3`."""
    return name.rpartition("/")[2].partition(":")[0]


def _network(block: View, groups: Gathering, subnets: Gathering) -> tuple[Any, Chain]:
    """Add what one `network_configuration` gives; returns whether it gives a public address."""
    attached = block.get("security_groups")
    groups.extend(attached, "security_groups")
    if attached is None:
        default = Unknown(Why.OUTSIDE, "the default security group of the VPC", block.span)
        why = fields.implied("security_groups", block.span, "the default one of the VPC")
        groups.add(default, why)
    subnets.extend(block.get("subnets"), "subnets")
    public = block.get("assign_public_ip")
    if public is None:
        return False, fields.implied("assign_public_ip", block.span, "false by default")
    converted = fields.or_absent(fields.boolean(public), False)
    return converted, fields.chain(public, "assign_public_ip")


def _any(
    answers: Sequence[tuple[Any, Chain]], reason: Unknown | None, task: Node
) -> tuple[Any, Chain]:
    """Whether any of the ways to run a task gives it a public address."""
    for answer, why in answers:
        if answer is True:
            return True, why
    for answer, why in answers:
        if answer is not False:
            return answer, why
    if reason is not None:
        return reason, fields.implied("network", task.block.header, "a service decides it")
    return answers[0]

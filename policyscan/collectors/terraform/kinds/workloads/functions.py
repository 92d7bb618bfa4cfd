"""Lambda functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import BodyView, View
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.workloads.environment_variables import Variables
from policyscan.collectors.terraform.kinds.workloads.shared import Context
from policyscan.collectors.terraform.kinds.workloads.types import FUNCTIONS, ROLE
from policyscan.resources.workloads import Workload
from policyscan.values import Alternative, OneOf, Ref, Unknown, glued

LOG_GROUP = "aws_cloudwatch_log_group"
DEFAULT_GROUP = "/aws/lambda/"
"""Before the name of a function, the group that it writes to unless it names another."""


def functions(context: Context) -> Iterator[Workload]:
    """Every function of the root."""
    groups = _groups_by_function(context)
    for node in context.declared.nodes(*FUNCTIONS):
        context.declared.note(node.block, "")
        yield _function(context, node, groups.get(node.address))


def _groups_by_function(context: Context) -> dict[str, Ref]:
    """The log groups that are named after a function, by the address of the function."""
    found: dict[str, Ref] = {}
    for node in context.declared.nodes(LOG_GROUP):
        name = context.declared.evaluate(node, "name")
        of = context.links.mentioned(name, *FUNCTIONS) if name is not None else None
        if of is None or name is None:
            continue
        text = name.plain.fragments[:1] if isinstance(name.plain, Unknown) else (name.plain,)
        if str(text[0] if text else "").startswith(DEFAULT_GROUP):
            found[of.address] = Ref(node.address, "name", node.block.header)
    return found


def _function(context: Context, node: Node, group: Ref | None) -> Workload:
    view = context.declared.view(node)
    built = fields.Fields(node.block.header)
    built.put("name", "function_name", view.get("function_name"), fields.text, None, "")
    built.put(
        "iam_role", "role", view.get("role"), lambda v: context.links.linked(v, ROLE), None, ""
    )
    built.set(
        "execution_role", None, fields.implied("role", view.span, "the function starts under it")
    )
    _put_network(built, view)
    _put_environment(context, built, view)
    _put_log_groups(context, built, view, group)
    return Workload(**context.declared.common(node, built), **built.values, form="lambda")


def _put_network(built: fields.Fields, view: View) -> None:
    places, reason = view.blocks("vpc_config")
    outside = fields.implied("vpc_config", view.span, "the function is in no VPC")
    for field, name in (("groups", "security_group_ids"), ("subnets", "subnet_ids")):
        listed = Gathering(field, built)
        for place in places:
            listed.extend(place.get(name), name)
        listed.more(reason)
        listed.settle(outside)
    why = fields.implied("public_ip", view.span, "a function has no address of its own")
    built.set("public_ip", False, why)


def _put_environment(context: Context, built: fields.Fields, view: View) -> None:
    found = Variables(context.secrets, built)
    blocks, reason = view.blocks("environment")
    for block in blocks:
        variables = block.get("variables")
        if variables is not None:
            found.table(variables)
    for listed in found.lists:
        listed.more(reason)
        listed.settle(fields.implied("environment", view.span, "no variables"))


def _put_log_groups(context: Context, built: fields.Fields, view: View, group: Ref | None) -> None:
    listed = Gathering("log_groups", built)
    configured, reason = view.blocks("logging_config")
    named = [(block, block.get("log_group")) for block in configured]
    for _, value in named:
        if value is not None:
            found = context.links.linked(value, LOG_GROUP)
            listed.add(found, fields.chain(value, "logging_config.log_group"))
    if not listed.size and not _may_name_group(view):
        reason = None
        why = fields.implied("logging_config", view.span, f"Lambda writes to {DEFAULT_GROUP}NAME")
        listed.add(group or _default_group(context, built.values["name"]), why)
    listed.more(reason)
    listed.settle()


def _may_name_group(view: View) -> bool:
    """Whether a block that may be there or not would name a group of its own."""
    if not isinstance(view, BodyView):
        return True
    for block in view.body.blocks:
        content = next(block.body.of_type("content"), None)
        if block.labels != ("logging_config",) or content is None:
            continue
        argument = content.body.arguments.get("log_group")
        if argument is not None and evaluate(argument.value, view.scope).plain is not None:
            return True
    return False


def _default_group(context: Context, name: Any) -> Any:
    if isinstance(name, OneOf):
        cases = (
            Alternative(_default_group(context, case.value), case.choices)
            for case in name.alternatives
            if case.value is not None
        )
        return OneOf(tuple(cases), name.unknown)
    text = glued([DEFAULT_GROUP, name]) if name is not None else DEFAULT_GROUP
    node = context.links.named(LOG_GROUP, "name", text)
    return text if node is None else Ref(node.address, "name", node.block.header)

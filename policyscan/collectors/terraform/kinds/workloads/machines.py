"""Instances, launch templates and launch configurations; the groups that scale them joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.workloads.joined_tags import Tag, with_joined
from policyscan.collectors.terraform.kinds.workloads.machine_fields import Machine
from policyscan.collectors.terraform.kinds.workloads.scaling_groups import Scaling
from policyscan.collectors.terraform.kinds.workloads.shared import Context
from policyscan.collectors.terraform.kinds.workloads.types import (
    CONFIGURATIONS,
    INSTANCES,
    TEMPLATES,
)
from policyscan.collectors.terraform.value import Value
from policyscan.resources.workloads import Workload
from policyscan.values import Ref, Unknown, Why, glued


def machines(context: Context) -> Iterator[Workload]:
    """Every instance and every description by which instances are launched."""
    for node in context.declared.nodes(*INSTANCES):
        context.declared.note(node.block, "")
        yield _instance(context, node)
    scaling = Scaling(context)
    for node in context.declared.nodes(*TEMPLATES, *CONFIGURATIONS):
        context.declared.note(node.block, "")
        yield _launched(context, node, scaling)
    scaling.note()


def _instance(context: Context, node: Node) -> Workload:
    view = context.declared.view(node)
    machine = Machine(context, node)
    machine.configuration(view)
    machine.interfaces(view)
    templates, reason = view.blocks("launch_template")
    for template in templates:
        found = _template(context, template)
        if isinstance(found, Unknown):
            machine.unknown(found)
        else:
            machine.template(context.declared.view(found))
    if reason is not None:
        machine.unknown(reason)
    machine.settle(None)
    return _made(context, node, machine, "instance", ())


def _template(context: Context, block: View) -> Node | Unknown:
    """The launch template that a block names, or why it is not here."""
    links = context.links
    for name, argument in (("id", "id"), ("name", "name")):
        value = block.get(name)
        found = links.linked(value, TEMPLATES[0], argument) if value is not None else None
        node = links.node(getattr(found, "address", ""))
        if node is not None and node.block.type == "resource":
            return node
    return Unknown(Why.OUTSIDE, "the launch template of this machine", block.span)


def _launched(context: Context, node: Node, scaling: Scaling) -> Workload:
    view = context.declared.view(node)
    machine = Machine(context, node)
    is_template = node.block.labels[0] in TEMPLATES
    if is_template:
        machine.template(view)
    else:
        machine.configuration(view)
    elsewhere = None if machine.subnets.found else scaling.add_subnets(node, machine.subnets)
    machine.settle(elsewhere)
    _put_name(machine.built, view)
    tags = [*(_instance_tags(view) if is_template else ()), *scaling.tags_of(node)]
    return _made(context, node, machine, "launch_template", tags)


def _put_name(built: fields.Fields, view: View) -> None:
    built.put("name", "name", view.get("name"), fields.text, None, "Terraform chooses one")
    prefix = view.get("name_prefix")
    if prefix is None or built.values["name"] is not None:
        return
    begins = fields.text(prefix)
    rest = Unknown(Why.COMPUTED, "the name that Terraform makes of the prefix", view.span)
    whole = glued([begins, rest]) if isinstance(begins, (str, Ref, Unknown)) else rest
    built.set("name", whole, fields.chain(prefix, "name_prefix"))


def _instance_tags(view: View) -> Iterator[Tag | Unknown]:
    """The tags that a template gives to the instances."""
    specifications, _ = view.blocks("tag_specifications")
    for block in specifications:
        kind = block.get("resource_type")
        tags = block.get("tags")
        if kind is None or tags is None or fields.text(kind) != "instance":
            continue
        yield from _tags(tags)


def _tags(tags: Value) -> Iterator[Tag | Unknown]:
    for name, value in tags.plain.items() if isinstance(tags.plain, dict) else ():
        yield name, fields.text(value), fields.chain(value, f"tag_specifications.tags.{name}")


def _made(
    context: Context,
    node: Node,
    machine: Machine,
    form: Literal["instance", "launch_template"],
    joined: Sequence[Tag | Unknown],
) -> Workload:
    common = with_joined(context.declared, node, machine.built, joined)
    if form == "instance":
        tags = common["tags"]
        common["name"] = tags.get("Name") if isinstance(tags, Mapping) else tags
        common["chains"]["name"] = common["chains"].get('tags["Name"]', ())
    return Workload(**{**common, **machine.built.values}, form=form)

"""One machine as its instance, launch template or launch configuration describes it."""

from __future__ import annotations

from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.workloads.shared import Context
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.values import Unknown, Why


class Machine:
    """The fields of a machine. Descriptions are added in the order in which they win: what one
    says is not asked of the next."""

    def __init__(self, context: Context, node: Node) -> None:
        self.built = fields.Fields(node.block.header)
        self.groups = Gathering("groups", self.built)
        self.subnets = Gathering("subnets", self.built)
        self._context = context
        self._node = node
        self._programs = context.scripts.programs(self.built)
        self._role: tuple[Any, Chain] | None = None
        self._public: tuple[Any, Chain] | None = None
        self._scripted = False

    # -- descriptions --------------------------------------------------------------------------

    def configuration(self, view: View) -> None:
        """What an instance and a launch configuration have in common."""
        self._profile(view.get("iam_instance_profile"), "iam_instance_profile")
        self._groups(view, "vpc_security_group_ids", "security_groups")
        self._address(view)
        self._script(view)

    def interfaces(self, view: View) -> None:
        """The subnet of an instance, or the interfaces that it is made with."""
        subnet = view.get("subnet_id")
        if subnet is not None:
            self.subnets.add(fields.text(subnet), fields.chain(subnet, "subnet_id"))
        for name in ("network_interface", "primary_network_interface"):
            blocks, reason = view.blocks(name)
            for block in blocks:
                self._interface(block)
            self._more(reason)

    def template(self, view: View) -> None:
        """What a launch template says, as far as nothing said it before."""
        profiles, reason = view.blocks("iam_instance_profile")
        for profile in profiles:
            for name in ("name", "arn"):
                self._profile(profile.get(name), f"iam_instance_profile.{name}")
        if reason is not None:
            self._decide_role(reason, self._at("iam_instance_profile"))
        asked_groups, asked_subnets = not self.groups.found, not self.subnets.found
        if asked_groups:
            self._groups(view, "vpc_security_group_ids", "security_group_names")
        blocks, reason = view.blocks("network_interfaces")
        for block in blocks:
            if asked_groups:
                self._groups(block, "security_groups")
            subnet = block.get("subnet_id")
            if asked_subnets and subnet is not None:
                self.subnets.add(fields.text(subnet), fields.chain(subnet, "subnet_id"))
            self._address(block)
        self._more(reason)
        self._script(view)

    def unknown(self, reason: Unknown) -> None:
        """A further description that is not here."""
        why = self._at("launch_template")
        if not self.groups.found:
            self.groups.more(reason, why)
        if not self.subnets.found:
            self.subnets.more(reason, why)
        self._decide_role(reason, why)
        self._decide_address(reason, why)
        if not self._scripted:
            self._programs.more(reason, why)

    # -- the fields ----------------------------------------------------------------------------

    def settle(self, subnets_elsewhere: Unknown | None) -> None:
        """Put everything into its field. `subnets_elsewhere` says why the subnets are not here."""
        built, span = self.built, self._node.block.header
        attached = self._context.interfaces.groups(self._node.address)
        if not self.groups.found:
            needs = "the default security group of the VPC"
            why = fields.implied("security groups", span, "the default one of the VPC")
            self.groups.add(Unknown(Why.OUTSIDE, needs, span), why)
        for group in attached:
            self.groups.add(fields.text(group), fields.chain(group, "security_group_id"))
        self.groups.more(self._context.interfaces.stray)
        if subnets_elsewhere is not None:
            self.subnets.more(subnets_elsewhere, fields.implied("subnets", span, "not here"))
        elif not self.subnets.found:
            why = fields.implied("subnet_id", span, "a default subnet")
            self.subnets.add(Unknown(Why.OUTSIDE, "the default subnet", span), why)
        self.groups.settle()
        self.subnets.settle()
        self._programs.settle(span)
        none = fields.implied("iam_instance_profile", span, "no role")
        built.set("iam_role", *(self._role or (None, none)))
        built.set("execution_role", None, none)
        outside = Unknown(Why.OUTSIDE, "where the programs on it write their logs", span)
        built.set("log_groups", outside, fields.implied("log groups", span, "not told here"))
        self._put_address()

    def _put_address(self) -> None:
        span = self._node.block.header
        giver = self._context.interfaces.public(self._node.address)
        if giver is not None:
            step = Step(StepKind.BLOCK, giver.address, giver.block.header)
            self.built.set("public_ip", True, (step,))
            return
        decides = fields.implied("associate_public_ip_address", span, "its subnet decides")
        self.built.set("public_ip", *(self._public or (None, decides)))

    # -- parts ---------------------------------------------------------------------------------

    def _at(self, name: str) -> Chain:
        return (Step(StepKind.BLOCK, name, self._node.block.header),)

    def _profile(self, value: Value | None, name: str) -> None:
        if value is not None and self._role is None:
            profiles = self._context.profiles
            self._decide_role(profiles.role(value), profiles.way(value, name))

    def _decide_role(self, role: Any, why: Chain) -> None:
        self._role = (role, why) if self._role is None else self._role

    def _groups(self, view: View, *names: str) -> None:
        for name in names:
            self.groups.extend(view.get(name), name)

    def _address(self, view: View) -> None:
        value = view.get("associate_public_ip_address")
        if value is not None:
            answer = fields.boolean(value)
            self._decide_address(answer, fields.chain(value, "associate_public_ip_address"))

    def _decide_address(self, answer: Any, why: Chain) -> None:
        self._public = (answer, why) if self._public is None else self._public

    def _script(self, view: View) -> None:
        if not self._scripted:
            self._scripted = self._programs.user_data(view)

    def _interface(self, block: View) -> None:
        """An interface that is made apart from its instance."""
        value = block.get("network_interface_id")
        if value is None:
            return
        node = self._context.interfaces.node(value)
        if node is None:
            needs = "the interface that this machine has"
            self._more(Unknown(Why.OUTSIDE, needs, block.span))
            return
        view = self._context.declared.view(node)
        self._groups(view, "security_groups")
        subnet = view.get("subnet_id")
        if subnet is not None:
            self.subnets.add(fields.text(subnet), fields.chain(subnet, "subnet_id"))
        for group in self._context.interfaces.groups(node.address):
            self.groups.add(fields.text(group), fields.chain(group, "security_group_id"))
        giver = self._context.interfaces.public(node.address)
        step = Step(StepKind.BLOCK, node.address, node.block.header)
        self._decide_address(giver is not None, (step,))

    def _more(self, reason: Unknown | None) -> None:
        self.groups.more(reason)
        self.subnets.more(reason)

"""The role that a machine acts under, through its instance profile."""

from __future__ import annotations

from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.links import Links, each_case
from policyscan.collectors.terraform.kinds.workloads.types import PROFILE, ROLE
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.values import Ref, Unknown, Why


class Profiles:
    """The instance profiles of a root."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._used: set[str] = set()

    def role(self, profile: Value) -> Any:
        """The role of the profile that an argument names; None if it has none."""
        if self._links.attribute(profile, PROFILE) is not None:
            return self._role(profile)
        return each_case(profile, self._role, optional=True)

    def way(self, profile: Value, name: str) -> Chain:
        """The provenance of that role: through the profile, if it is in the root."""
        node = self._node(profile)
        given = None if node is None else self._links.declared.evaluate(node, "role")
        way = fields.chain(profile, name)
        if node is None or given is None:
            return way
        step = Step(StepKind.BLOCK, node.address, node.block.header)
        return (*way, step, *fields.chain(given, "role"))

    def note(self) -> None:
        """Record what became of each profile."""
        for node in self._links.declared.nodes(PROFILE):
            joined = node.address in self._used
            outcome = "joined to its machine" if joined else "no machine here uses it"
            self._links.declared.note(node.block, outcome)

    def _role(self, profile: Value) -> Any:
        if profile.plain is None:
            return None
        node = self._node(profile)
        if node is None:
            return _elsewhere(profile)
        self._used.add(node.address)
        role = self._links.declared.evaluate(node, "role")
        return None if role is None else self._links.linked(role, ROLE)

    def _node(self, profile: Value) -> Node | None:
        found = self._links.linked(profile, PROFILE)
        if isinstance(found, str) and found.startswith("arn:"):
            return self._links.named(PROFILE, "name", found.rpartition("/")[2])
        node = self._links.node(found.address) if isinstance(found, Ref) else None
        is_profile = node is not None and node.block.labels[0] == PROFILE
        return node if is_profile and node is not None and node.block.type == "resource" else None


def _elsewhere(profile: Value) -> Unknown:
    if isinstance(profile.plain, Unknown):
        return profile.plain.derived
    if isinstance(profile.plain, Ref):
        needs = f"the role of {profile.plain.address}"
        return Unknown(Why.DATA_SOURCE, needs, profile.plain.where)
    needs = f"the role of the instance profile {fields.text(profile)}"
    return Unknown(Why.OUTSIDE, needs, profile.trail.step.span)

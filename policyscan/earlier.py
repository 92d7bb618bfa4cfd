"""Findings that need not be worked out again: of another tree, on resources that are the same.

Whatever a policy says of a resource by itself follows from the policy, from what it is judged with
and from the resource. Policies that look at other resources or at sets are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policyscan.findings.model import Finding
from policyscan.policy import Policy
from policyscan.resources.alike import alike
from policyscan.resources.base import Resource


class Earlier:
    """The findings of another tree that was judged with the same."""

    def __init__(
        self,
        made: Mapping[tuple[str, int], Finding],
        policies: Iterable[Policy],
        resources: Iterable[Resource],
    ) -> None:
        """`made` are the findings by policy and the identity of the resource."""
        self._made = made
        self._policies = {policy.id: policy for policy in policies}
        self._resources = {_key(each): each for each in resources}
        self._twins: dict[int, Resource | None] = {}

    def finding(self, policy: Policy, resource: Resource) -> Finding | None:
        """What the policy must say of a resource; None if it has to be asked."""
        programs = filter(None, (policy.require_program, policy.when_program))
        if self._policies.get(policy.id) is not policy or any(each.kinds for each in programs):
            return None
        twin = self._twin(resource)
        return None if twin is None else self._made.get((policy.id, id(twin)))

    def _twin(self, resource: Resource) -> Resource | None:
        """The same resource in the other tree."""
        if id(resource) not in self._twins:
            there = self._resources.get(_key(resource))
            self._twins[id(resource)] = there if alike(resource, there) else None
        return self._twins[id(resource)]


def _key(resource: Resource) -> tuple[str, str, str]:
    return resource.kind, resource.origin.unit, resource.address

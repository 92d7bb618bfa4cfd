"""What is doubtful about a policy that loads: conditions whose outcome hangs on nothing."""

from __future__ import annotations

from collections.abc import Mapping

from policyscan.errors import PolicyError
from policyscan.language.doubts.conditions import doubts
from policyscan.policy.model import Policy
from policyscan.policy.origin import ScalarOrigin
from policyscan.policy.reader import environments_of, top_of
from policyscan.resources.base import Resource
from policyscan.text.yaml import Entry


def doubts_of(policy: Policy, kinds: Mapping[str, type[Resource]]) -> tuple[PolicyError, ...]:
    """What is doubtful about the conditions of `policy`, in the order of its file; of one that
    judges several kinds, what is doubtful for each of them. Nothing here stops it from running."""
    keys = top_of(policy.document).entries()
    found: list[PolicyError] = []
    for name in ("when", "require"):
        if name in keys:
            found += _of(keys[name], policy, kinds)
    return tuple(found)


def _of(entry: Entry, policy: Policy, kinds: Mapping[str, type[Resource]]) -> list[PolicyError]:
    text, origin = entry.text(), ScalarOrigin.of(entry)
    defaults = {each.name: each.default for each in policy.params}
    each_kind = [
        doubts(text, each, origin, defaults)
        for each in environments_of(policy.kinds, policy.scope, policy.params, kinds)
    ]
    others = [{str(doubt) for doubt in found} for found in each_kind[1:]]
    return [doubt for doubt in each_kind[0] if all(str(doubt) in other for other in others)]

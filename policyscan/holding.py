"""What a change must not win by saying otherwise what a thing is for."""

from __future__ import annotations

from policyscan.evaluate import Evaluation
from policyscan.findings.difference import Scopes
from policyscan.findings.hiding import shown_address
from policyscan.findings.model import Finding, Verdict
from policyscan.resources.base import Resource
from policyscan.resources.scope import UNCONFIRMED
from policyscan.scoping import as_before, scope_key


def hold(evaluation: Evaluation, scopes: Scopes, name: str) -> None:
    """Judges again, by the answers that `name` has, what has others now, or none: a pair that is
    not judged for that, passes by it, is not known, or not certain, fails if it does by those."""
    held: dict[tuple[str, str, str], Resource] = {}
    for resource in evaluation.inventory.resources if scopes else ():
        earlier = as_before(resource, scopes.get(scope_key(resource), {}), name)
        if earlier is not None:
            held[resource.kind, resource.origin.unit, shown_address(resource.address)] = earlier
    policies = {policy.id: policy for policy in evaluation.policies}
    for place, finding in enumerate(evaluation.findings) if held else ():
        ref, policy = finding.resource, policies[finding.policy_id]
        then = held.get((ref.kind, ref.unit, ref.address))
        if then is not None and policy.scope != "set" and _hangs_on_scope(finding):
            evaluation.judge_again(place, policy, then)


def _hangs_on_scope(finding: Finding) -> bool:
    """Whether other answers may make a failure of it that is certain."""
    if finding.verdict is Verdict.PASS:
        return bool(finding.scope)
    is_open = finding.verdict in (Verdict.NOT_APPLICABLE, Verdict.UNKNOWN)
    return is_open or finding.scope_basis in UNCONFIRMED

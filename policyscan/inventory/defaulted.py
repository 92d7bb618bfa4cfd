"""Whether the repository as a whole shows that it trades on an exchange."""

from __future__ import annotations

from collections.abc import Sequence

from policyscan.inventory.answers import Answer, Answers
from policyscan.resources.base import Resource
from policyscan.resources.units import in_account

_NOT_BY_DEFAULT = frozenset({"Secret", "ApiKey", "Program"})
"""Kinds whose own contents say whether they are about trading."""


def give_default(resources: Sequence[Resource], answers: Answers) -> None:
    """In a repository that trades, what nothing else tells about is taken to serve trading. An
    account is none: much else runs in the account that a bot runs in."""
    here = [each for each in resources if not in_account(each.origin.unit)]
    answer = next(filter(None, (_signal(resource, answers) for resource in here)), None)
    if answer is None:
        return
    for resource in here:
        if resource.kind not in _NOT_BY_DEFAULT:
            answers.give(resource, "role", answer)


def _signal(resource: Resource, answers: Answers) -> Answer | None:
    if resource.kind == "Program" and getattr(resource, "signs", None):
        return Answer("trading", "default", resource.provenance("signs[0]"))
    purpose = answers.of(resource, "purpose") if resource.kind == "Secret" else None
    if purpose is not None and purpose.value == "exchange_api_key":
        return Answer("trading", "default", purpose.because or resource.provenance("purpose"))
    return None

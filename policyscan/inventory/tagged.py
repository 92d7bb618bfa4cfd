"""What the tags of a resource say about its scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyscan.inventory.answers import Answer
from policyscan.inventory.words import ENVIRONMENTS, ROLES, TIERS, said
from policyscan.resources.base import Resource, Step, StepKind
from policyscan.resources.scope import QUESTIONS
from policyscan.resources.scope import ROLES as ROLE_NAMES
from policyscan.text.words import words_of
from policyscan.values import OneOf, Unknown

_KEYS: Mapping[str, tuple[str, ...]] = {
    "role": ("policyscan:role", "role", "purpose"),
    "environment": ("policyscan:environment", "environment", "env", "stage"),
    "tier": ("policyscan:tier", "tier"),
}
"""By question, the names of tags that answer it, in lower case, the strongest first."""
_MEANINGS: Mapping[str, Mapping[str, str]] = {
    "role": {**ROLES, **{role: role for role in ROLE_NAMES}},
    "environment": ENVIRONMENTS,
    "tier": TIERS,
}


def tagged(resource: Resource) -> Iterator[tuple[str, Answer | Unknown]]:
    """By question, the answer of a tag, or why the value of the tag that would say it is not
    known. A value that means nothing here is no answer."""
    tags = resource.tags
    if not isinstance(tags, Mapping) or not tags:
        return
    names = {name.lower(): name for name in tags}
    for question in QUESTIONS:
        for key in _KEYS[question]:
            found = _answer(resource, question, names[key]) if key in names else None
            if found is not None:
                yield question, found
                break


def _answer(resource: Resource, question: str, name: str) -> Answer | Unknown | None:
    assert isinstance(resource.tags, Mapping)
    value = resource.tags[name]
    if isinstance(value, Unknown):
        return value.derived
    if isinstance(value, OneOf):
        return value.unknown.derived
    meaning = said(words_of(value), _MEANINGS[question]) if isinstance(value, str) else None
    if meaning is None:
        return None
    path = f'tags["{name}"]'
    chain = resource.chains.get(path) or (
        Step(StepKind.ATTRIBUTE, f"tag {name} = {value}", resource.origin.span),
    )
    return Answer(meaning[0], "tagged", chain)

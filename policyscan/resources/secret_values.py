"""The texts of a resource that are secrets by where they come from, whatever they look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal, get_args, get_origin

from policyscan.resources.base import Resource, Step, StepKind
from policyscan.resources.masking import mask_value, secret_name
from policyscan.values import OneOf, PartialList

SENSITIVE = "(sensitive value)"
"""Ends the label of a step whose value its source declares sensitive."""

_MIN_LENGTH = 4
"""A shorter text occurs everywhere, and hiding it would not keep it secret."""

_PLAIN = frozenset({"true", "false", "none", "null", "enabled", "disabled"})
"""What stands under such a name without being a secret, and everywhere else too."""
_OF_RESOURCES = frozenset({"chains", "seals", "scope"})
"""The maps of every resource that are about its fields."""

_QUOTING = frozenset({StepKind.ATTRIBUTE, StepKind.EXPRESSION, StepKind.IMPLIED, StepKind.TABLE})
"""Steps whose labels are not names."""
_BORDER = re.compile(r"[.\[]")
_PART = re.compile(r'\["(.*?)"\]|\[(\d+)\]|\.?(\w+)')


def secret_texts(resource: Resource) -> tuple[str, ...]:
    """What came through a variable, local or argument with the name of a secret, is sensitive, or
    stands under such a name; the longest first, so that none is hidden in part."""
    words = _words(type(resource))
    found = {
        text
        for path, chain in resource.chains.items()
        if _BORDER.split(path, 1)[0] not in words and any(_is_secret(step) for step in chain)
        for text in _texts(_value_at(resource, path))
        if len(text) >= _MIN_LENGTH
    }
    found.update(_in_maps(resource))
    return tuple(sorted(found, key=lambda text: (-len(text), text)))


def _in_maps(resource: Resource) -> Iterator[str]:
    """What stands in a map under the name of a secret: the tag `DbPassword`."""
    for name, value in vars(resource).items():
        if name in _OF_RESOURCES or not isinstance(value, Mapping):
            continue
        for key, held in value.items():
            if isinstance(key, str) and secret_name(key):
                yield from (
                    text
                    for text in _texts(held)
                    if len(text) >= _MIN_LENGTH and text.lower() not in _PLAIN
                )


@cache
def _words(kind: type[Resource]) -> frozenset[str]:
    """The fields that hold one of a few words, which are ours and no secrets."""
    return frozenset(
        name for name, field in kind.model_fields.items() if _is_of_words(field.annotation)
    )


def _is_of_words(annotation: Any) -> bool:
    return get_origin(annotation) is Literal or any(map(_is_of_words, get_args(annotation)))


def hide(text: str, secrets: Iterable[str]) -> str:
    """`text` with each of the secrets masked."""
    for secret in secrets:
        text = text.replace(secret, mask_value(secret))
    return text


def _is_secret(step: Step) -> bool:
    if step.label.endswith(SENSITIVE):
        return True
    name = re.split(r"[\s.:]", step.label)[-1]
    return step.kind not in _QUOTING and bool(secret_name(name))


def _value_at(resource: Resource, path: str) -> Any:
    """The value of a field path; None if there is nothing."""
    value: Any = resource
    for key, number, name in _PART.findall(path):
        if isinstance(value, PartialList):
            value = value.known
        if name:
            value = getattr(value, name, None)
        elif number:
            value = value[int(number)] if _has(value, int(number)) else None
        else:
            value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _has(value: Any, number: int) -> bool:
    return isinstance(value, tuple) and number < len(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, PartialList)):
        for item in value.known if isinstance(value, PartialList) else value:
            yield from _texts(item)
    elif isinstance(value, OneOf):
        for alternative in value.alternatives:
            yield from _texts(alternative.value)

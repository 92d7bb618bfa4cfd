"""What the names of a resource suggest: its label, its name, and the modules around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from policyscan.inventory.answers import Answer, Answers
from policyscan.inventory.words import ENVIRONMENTS, ROLES, said
from policyscan.resources.base import Resource, Step, StepKind
from policyscan.resources.purpose import names_exchange
from policyscan.text.words import words_of
from policyscan.values import Unknown

_LABEL = re.compile(r'(?:^|\.)(?:data\.)?[\w-]+\.([\w-]+)(?:\["([^"]*)"\]|\[[0-9?]+\])?')
_ARN = "arn:"
"""What runs has no label: its address is made of ids, and of the name that it has anyway."""
_SEPARATORS = "-_/."


class Names:
    """The names in a run; those of one root may share a beginning, which tells nothing."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        names: dict[str, set[str]] = {}
        for resource in resources:
            name = _name(resource)
            if name:
                names.setdefault(resource.origin.unit, set()).add(name)
        self._prefixes = {unit: _common_beginning(sorted(found)) for unit, found in names.items()}

    def give(self, resource: Resource, answers: Answers) -> None:
        """Answer what nothing stronger has answered by the most telling name. What a secret is
        for is its purpose: the word `public` in its name is that of half a pair of keys."""
        for question, table in (("role", ROLES), ("environment", ENVIRONMENTS)):
            unsaid = resource.kind == "Secret" and question == "role"
            if answers.of(resource, question) is None and not unsaid:
                found = next(self._said(resource, question, table), None)
                if found is not None:
                    answers.give(resource, question, found)

    def _said(
        self, resource: Resource, question: str, table: Mapping[str, str]
    ) -> Iterator[Answer]:
        for what, text in self._texts(resource):
            words = words_of(text)
            meaning = said(words, table)
            if meaning is None and question == "role" and names_exchange(text):
                meaning = "trading", text
            if meaning is not None:
                step = Step(StepKind.IMPLIED, f"{what} says {meaning[1]}", resource.origin.span)
                yield Answer(meaning[0], "named", (step,))
        for word in reversed(words_of(resource.origin.unit)) if question == "environment" else ():
            if word in table:
                step = Step(StepKind.IMPLIED, f"the path {resource.origin.unit} says {word}", None)
                yield Answer(table[word], "named", (step,))

    def _texts(self, resource: Resource) -> Iterator[tuple[str, str]]:
        """What it is called and the text, the most telling first."""
        declared = "" if resource.address.startswith(_ARN) else resource.address
        labels = [part for found in _LABEL.finditer(declared) for part in found.groups()]
        name = _name(resource)
        known = [label for label in labels if label]
        if known:
            yield f"the label {known[-1]}", known[-1]
        if name:
            yield f"the name {name}", name[self._prefixes[resource.origin.unit] :]
        description = getattr(resource, "description", None)
        if isinstance(description, str):
            yield "the description", description
        for label in reversed(known[:-1]):
            yield f"the module {label}", label


def _name(resource: Resource) -> str:
    """Its name, or the tag that stands for one, or what is known of them."""
    tags = resource.tags if isinstance(resource.tags, Mapping) else {}
    for name in (getattr(resource, "name", None), tags.get("Name")):
        if isinstance(name, Unknown) and name.fragments:
            return " ".join(name.fragments)
        if isinstance(name, str) and name:
            return name
    return ""


def _common_beginning(names: list[str]) -> int:
    """The length of the beginning that all names, which are sorted, share: up to the end of a
    word. What the first and the last share, all between them do."""
    if len(names) < 2:
        return 0
    first, last = names[0], names[-1]
    pairs = enumerate(zip(first, last, strict=False))
    size = next((at for at, (one, other) in pairs if one != other), len(first))
    return max(first.rfind(separator, 0, size) for separator in _SEPARATORS) + 1

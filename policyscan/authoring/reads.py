"""Which fields a policy reads, and which of them may be not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from policyscan.language.reading.ways import reading_of
from policyscan.policy import Policy
from policyscan.values import NotKnown


def fields_read(policy: Policy) -> tuple[str, ...]:
    """The fields of the resource, or of the members of the set, as paths: `permissions.margin`,
    `routes[].target`; those that are read of other resources as `NatGateway.vpc`."""
    when = policy.when_program.root if policy.when_program else None
    reading = reading_of(policy.require_program.root, when)
    found: list[str] = []
    for path in reading.ways:
        parts = reading.parts.get(path, frozenset())
        found += [f"{path}[].{part}" for part in sorted(parts)] or [path]
    others = (f"{kind}.{name}" for kind, names in reading.fields.items() for name in names)
    return (*sorted(found), *sorted(others))


def unknown_fields(policy: Policy, kinds: Mapping[str, type[BaseModel]]) -> tuple[str, ...]:
    """Those of `fields_read` that may be not known, of any kind that the policy judges."""
    return tuple(path for path in fields_read(policy) if any(_marks(policy, path, kinds)))


def _marks(policy: Policy, path: str, kinds: Mapping[str, type[BaseModel]]) -> Iterator[bool]:
    if path[:1].isupper():  # a set of others is open, unless its source says that it is whole
        yield True
        return
    names = path.replace("[]", "").split(".")
    for kind in policy.kinds:
        yield may_be_unknown(kinds[kind], names)


def may_be_unknown(model: type[BaseModel], names: list[str]) -> bool:
    """Whether a field, or one on the way to it, may hold what is not known."""
    field = model.model_fields.get(names[0])
    if field is None:
        return False
    found = list(_parts(field.annotation))
    if any(isinstance(each, NotKnown) for each in found):
        return True
    models = [each for each in found if isinstance(each, type) and issubclass(each, BaseModel)]
    return any(may_be_unknown(each, names[1:]) for each in models if names[1:])


def _parts(annotation: Any) -> Iterator[Any]:
    """All that an annotation is made of."""
    yield annotation
    if get_origin(annotation) is Annotated:
        yield from get_args(annotation)[1:]
    for each in get_args(annotation):
        if get_origin(annotation) is not Annotated or not isinstance(each, NotKnown):
            yield from _parts(each)

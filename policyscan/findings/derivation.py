"""How a verdict came about: the tree of sub-expressions with their values.

In JSON, members that are empty are left out: there are many of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from policyscan.findings.location import Location

_PRESENCE = {"true": " is there", "false": " is absent", "unknown": " may be absent"}


class Link(Struct, frozen=True, omit_defaults=True):
    """One step from the field of a resource back to the place where the value is written."""

    kind: str
    """A word of `resources.base.StepKind`."""
    label: str
    location: Location | None = None
    line: str = ""
    """The line on which it begins, masked."""


class Derivation(Struct, frozen=True, omit_defaults=True):
    """A sub-expression of a policy as it was evaluated."""

    expression: str
    """In its one canonical spelling, with the names that the policy uses."""
    value: str = ""
    """As the language writes it, masked; times and spans in words. Empty if it was not needed."""
    decides: bool = False
    """Whether the verdict rests on it."""
    label: str = ""
    """What it is about: `when`, `require`, the member that a variable stands for
    (`r = resource.ingress[3]`), or the case (`if account tier is high`)."""
    path: str = ""
    """The place inside a resource that the value was read from: `ingress[3].cidrs[0]`."""
    owner: str = ""
    """The address of that resource; empty for the one that is judged."""
    note: str = ""
    """What a function says of it: `port 22 is reachable from 0.0.0.0/0`."""
    needs: tuple[str, ...] = ()
    """What would make it known, each as a phrase with its place."""
    rest: str = ""
    """What is not among the parts: `17 more members, all true`."""
    provenance: tuple[Link, ...] = ()
    """Of a value that decides: how it came to be there, nearest first."""
    parts: tuple[Derivation, ...] = ()
    """The sub-expressions it is made of, in order; first the list that a macro goes over."""


def place_and_value(one: Derivation) -> tuple[str, str]:
    """Where a value stands in its resource, and the value; of a field that was only asked for,
    whether it is there: `rotation_interval_days`, ` is absent`."""
    asked = one.expression.startswith("has(") and one.value in _PRESENCE
    return one.path, _PRESENCE[one.value] if asked else f" = {one.value}"


def is_case(one: Derivation) -> bool:
    """Whether it is the expression above it once more, in one case: that need not be told twice."""
    return one.label.startswith("if ")


def every_part(roots: Iterable[Derivation]) -> Iterator[tuple[int, Derivation]]:
    """Each part with its depth, in the order in which they are read; needs no recursion."""
    pending = [(0, root) for root in reversed(tuple(roots))]
    while pending:
        depth, one = pending.pop()
        yield depth, one
        pending.extend((depth + 1, part) for part in reversed(one.parts))


def deciding_values(roots: Iterable[Derivation]) -> Iterator[Derivation]:
    """The values of resources on which the verdict rests, each place once; what is another in each
    case has all its values, `"high" or "low"`."""
    found = [one for _, one in every_part(roots) if one.decides and one.provenance]
    values: dict[tuple[str, str, str], dict[str, None]] = {}
    for one in found:
        values.setdefault((one.owner, one.path, one.expression), {})[one.value] = None
    seen: set[tuple[str, str]] = set()
    for one in found:
        if (one.owner, one.path) not in seen:
            seen.add((one.owner, one.path))
            yield replace(one, value=" or ".join(values[one.owner, one.path, one.expression]))

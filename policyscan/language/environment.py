"""The names that a condition may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policyscan.language.types import TIMESTAMP, ListOf, Object, Settings, Type, parse_type
from policyscan.resources.base import Resource


@dataclass(frozen=True)
class Environment:
    """The names that a condition may use. Exactly one of `resource` and `members` is given."""

    resource: type[Resource] | None = None
    """The kind that is judged one by one."""
    members: type[Resource] | None = None
    """The kind that is judged as a set."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Spelling of each parameter's type: `list(string)`."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Spelling of the type of each thing that a configuration may state."""
    kinds: Mapping[str, type[Resource]] = field(default_factory=dict)
    """What `resources("Kind")` may name."""
    variables: Mapping[str, Type] = field(default_factory=dict)
    """Further names, for expressions that judge no resource."""

    def names(self) -> dict[str, Type]:
        """The type of each name."""
        found: dict[str, Type] = {"now": TIMESTAMP, **self.variables}
        for name, table in (("params", self.params), ("context", self.context)):
            types = tuple((key, parse_type(spelling)) for key, spelling in table.items())
            found[name] = Settings(name, types)
        if self.resource:
            found["resource"] = Object(self.resource)
        if self.members:
            found["members"] = ListOf(Object(self.members))
        return found

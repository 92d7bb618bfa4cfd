"""What names mean at one place: the module instance and the iteration it is evaluated in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from policyscan.collectors.terraform.value import Value

if TYPE_CHECKING:
    from policyscan.collectors.terraform.instance import ModuleInstance


@dataclass(frozen=True, slots=True)
class Scope:
    """One place of evaluation. Scopes are small and made anew for every iteration."""

    instance: ModuleInstance
    each: tuple[Value, Value] | None = None
    """`each.key` and `each.value`."""
    count_index: Value | None = None
    names: Mapping[str, Value] = field(default_factory=dict)
    """`for` variables and the iterators of dynamic blocks."""

    def with_names(self, names: Mapping[str, Value]) -> Scope:
        """This scope with more names, which hide those of the same name."""
        return replace(self, names={**self.names, **names})

    def question(self, condition: str) -> str:
        """How the unknown `condition` is called here. The same text in the same module instance
        and iteration is the same question, so that values which hang on it agree."""
        place = f" in {self.instance.address}" if self.instance.address else ""
        if self.each is not None and isinstance(self.each[0].plain, str):
            place += f" for {self.each[0].plain!r}"
        if self.count_index is not None and isinstance(self.count_index.plain, int):
            place += f" for number {self.count_index.plain}"
        if self.names:
            place += f" for item {len(self.instance.questions)}"
        name = " ".join(condition.split())[:80] + place
        self.instance.questions.add(name)
        return name

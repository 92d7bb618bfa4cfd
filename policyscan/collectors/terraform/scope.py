"""What names mean at one place: the module instance and the iteration it is evaluated in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from policyscan.collectors.terraform.value import Value
from policyscan.text.display import shortened
from policyscan.text.hcl.syntax import Expression

if TYPE_CHECKING:
    from policyscan.collectors.terraform.instance import ModuleInstance

MAX_QUESTION = 80
_WORD = re.compile(r"[^\W\d][\w-]*")


class Scope(Struct, frozen=True):
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

    def question(self, condition: Expression) -> str:
        """How the unknown `condition` is called here. The same text in the same module instance
        and iteration is the same question, so that values which hang on it agree."""
        text = " ".join(condition.span.text.split())
        if len(text) > MAX_QUESTION or text.startswith('"'):
            # Cut short, or a JSON string that may hold several conditions: the text does not say.
            number = self.instance.number_of(condition)
            text = f"{shortened(text, MAX_QUESTION)} (condition {number})"
        return "".join([text, *self._place(set(_WORD.findall(condition.span.text)))])

    def _place(self, words: set[str]) -> Iterator[str]:
        """What tells this place from others, as far as a condition with these words knows it."""
        if self.instance.address:
            yield f" in {self.instance.address}"
        if self.each is not None and "each" in words:
            yield f" for {self._called(self.each[0])}"
        if self.count_index is not None and "count" in words:
            yield f" for number {self._called(self.count_index)}"
        for name in sorted(words & self.names.keys()):
            yield f" for {name} = {self._called(self.names[name])}"

    def _called(self, value: Value) -> str:
        if isinstance(value.plain, (str, int)) and len(text := repr(value.plain)) <= MAX_QUESTION:
            return text
        return f"item {self.instance.number_of(value)}"
